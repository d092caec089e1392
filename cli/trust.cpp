// vetset trust: the policy that says whose word counts.
#include "cli/command.h"
#include "cli/passphrase.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct TrustFlags {
  std::string verb, path, name = "policy", key, output;
  std::vector<std::string> add;
  int passphrase_fd = -1;
  bool overwrite = false, json = false;
};

std::string policy_json(const TrustPolicy& policy, std::string_view signed_by, bool checked) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .key("signed_by")
      .value(signed_by)
      .key("checked")
      .value(checked)
      .key("policy")
      .raw(to_json(policy))
      .end_object();
  return pretty_json(out) + '\n';
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return printable(text);
}

std::string days_of(const TrustedKey& k) {
  if (!k.valid_from.empty() && !k.valid_until.empty()) return "  " + k.valid_from + " to " + k.valid_until;
  if (!k.valid_from.empty()) return "  from " + k.valid_from;
  return k.valid_until.empty() ? "" : "  to " + k.valid_until;
}

/// A policy as people read it: who, then what is asked for.
std::string policy_text(const Terminal& t, const TrustPolicy& p) {
  std::string text = "policy   " + printable(p.name) + ", version " + std::to_string(p.version) + "\n";
  std::size_t width = 0;
  for (const TrustedKey& k : p.keys) width = std::max(width, printable(k.name).size());
  for (const TrustedKey& k : p.keys)
    text += "key      " + k.key.hint.substr(0, 16) + "…  " + padded(printable(k.name), width) + "  " +
            (k.roles.empty() ? "no role" : listed(k.roles)) + days_of(k) +
            (k.revoked ? "  " + t.ink(Ink::red, "revoked") : "") + "\n";
  if (p.signatures.empty()) text += "asks     a signature by one of these keys\n";
  for (const RequiredSignatures& s : p.signatures)
    text += "asks     " + (s.count == 1 ? "a signature" : "signatures by " + std::to_string(s.count) + " keys") +
            (s.role.empty() ? "" : " of role " + printable(s.role)) + "\n";
  for (const RequiredEvidence& e : p.evidence)
    text += "asks     " + printable(e.kind) + (e.result.empty() ? "" : " " + printable(e.result)) +
            (e.role.empty() ? ", signed" : ", signed by role " + printable(e.role)) + "\n";
  if (!p.licences.empty()) text += "allows   licences " + listed(p.licences) + "\n";
  for (const Digest& id : p.revoked_packages) text += "revokes  package " + id.text() + "\n";
  return text;
}

int run_init(Terminal& t, const TrustFlags& f) {
  std::vector<PolicyKey> keys;
  for (const std::string& one : f.add) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos || equals == 0)
      return t.fail({Code::usage, "--add: expected ROLE=FILE, found '" + one + "'"});
    keys.push_back({one.substr(0, equals), one.substr(equals + 1)});
  }
  const auto made = new_policy(f.path, f.name, keys);
  if (!made) return t.fail(made.error());
  if (f.json) {
    t.out(policy_json(*made, "", false));
    return Exit::yes;
  }
  t.out(policy_text(t, *made));
  t.out("written  " + printable(f.path) + "  edit it, then 'vetset trust sign " + shell_word(f.path) +
        " --key FILE -o trust.json'\n");
  return Exit::yes;
}

int run_sign(Terminal& t, const TrustFlags& f) {
  if (f.key.empty() || f.output.empty())
    return t.fail({Code::usage, "expected --key FILE, the private key to sign with, and -o FILE"});
  const auto passphrase = passphrase_for(f.key, f.passphrase_fd);
  if (!passphrase) return t.fail(passphrase.error());
  const auto made = sign_policy(f.path, f.output, {.key = f.key, .passphrase = *passphrase, .overwrite = f.overwrite});
  if (!made) return t.fail(made.error());
  if (f.json) {
    t.out(policy_json(made->policy, made->key_hint, true));
    return Exit::yes;
  }
  t.out(policy_text(t, made->policy));
  t.out("signed   " + printable(f.output) + "  by key " + made->key_hint.substr(0, 16) + "…\n");
  return Exit::yes;
}

int run_show(Terminal& t, const TrustFlags& f) {
  const auto read = read_policy(f.path, f.key.empty() ? std::vector<std::string>() : std::vector{f.key});
  if (!read) return t.fail(read.error());
  if (f.json) {
    t.out(policy_json(read->policy, read->key_hint, read->checked));
    return Exit::yes;
  }
  t.out(policy_text(t, read->policy));
  if (read->key_hint.empty())
    t.out(t.ink(Ink::yellow, "not signed") + ": 'vetset verify' takes it once 'vetset trust sign' has signed it\n");
  else
    t.out((read->checked ? t.ink(Ink::green, "signed") + "   by key " : "signed   by key ") +
          printable(read->key_hint.substr(0, 16)) +
          (read->checked ? "…, which is the one that was given\n"
                         : "…, or so it says: give that key's public half with --key\n"));
  return Exit::yes;
}

int run_trust(Terminal& t, const TrustFlags& f) {
  if (f.verb == "init") return run_init(t, f);
  if (f.verb == "sign") return run_sign(t, f);
  if (f.verb == "show") return run_show(t, f);
  return t.fail({Code::usage, "expected 'vetset trust init', 'sign' or 'show', found '" + f.verb + "'"});
}

constexpr Example examples[] = {
    {"vetset trust init policy.json --add release=team.key.pub", "write a policy to edit"},
    {"vetset trust sign policy.json --key root.key -o trust.json", "sign it"},
    {"vetset trust show trust.json --key root.key.pub", "what it asks for"},
    {"vetset verify street --policy trust.json --policy-key root.key.pub", "hold a package to it"},
};

}  // namespace

extern const Command trust_command;
const Command trust_command{
    .name = "trust",
    .summary = "say whose signatures count: make, sign and show a trust policy",
    .about = "A policy is yours, not the sender's: keys with roles and days, what must be signed, what is revoked.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<TrustFlags>();
      a.positional("VERB", f->verb, "init, sign, show")
          .positional("FILE", f->path, "the policy")
          .option("--name", f->name, "NAME", "init: what the policy is called")
          .list("--add", f->add, "ROLE=FILE,...", "init: public keys, with a role each")
          .option("--key", f->key, "FILE", "sign: the private key to sign with; show: the public key that signed")
          .option("-o", f->output, "FILE", "sign: the signed policy to write")
          .option("--passphrase-fd", f->passphrase_fd, "N", "read the passphrase from this file descriptor")
          .flag("--overwrite", f->overwrite, "sign: replace what is at -o")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_trust(t, *f); };
    }};

}  // namespace vetset::cli
