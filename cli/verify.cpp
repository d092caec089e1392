// vetset verify: is this folder or package what was sealed, and by whom.
#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct VerifyFlags {
  std::string src;
  std::vector<std::string> keys, policy_keys, only;
  std::string policy, allowed_signers, revoked_keys, today, sample, against;
  RecheckOptions again;
  unsigned threads = 0;
  bool strict = false, all = false, json = false;
};

/// "1%" or "0.01" → 0.01.
Result<double> share_of(const std::string& text) {
  const bool percent = text.ends_with('%');
  const std::string_view digits = std::string_view(text).substr(0, text.size() - (percent ? 1 : 0));
  const NumberText number = read_loose_number(digits);
  const double share = percent ? number.value / 100 : number.value;
  if (digits.empty() || number.length != digits.size() || !(share > 0 && share <= 1))
    return Error{Code::usage, "--sample takes a share of the files such as 1%, not '" + text + "'"};
  return share;
}

int exit_of(Verification::Verdict v) {
  switch (v) {
    case Verification::Verdict::intact:
    case Verification::Verdict::verified: return Exit::yes;
    case Verification::Verdict::broken: return Exit::no;
    case Verification::Verdict::untrusted: return Exit::no_trust;
    case Verification::Verdict::against_policy: return Exit::no_policy;
    case Verification::Verdict::partial: return Exit::in_part;
    case Verification::Verdict::unsupported: return Exit::could_not;
  }
  return Exit::no;
}

std::string verify_json(const Verification& v) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("verdict").value(name(v.verdict)).key("name").value(v.name).key("version").value(v.version);
  w.key("package_id").value(v.package_id).key("dataset_id").value(v.dataset_id).key("labels_id").value(v.labels_id);
  w.key("files").value(v.files).key("bytes").value(v.bytes).key("signers").begin_array();
  for (const std::string& signer : v.signers) w.value(signer);
  w.end_array().key("lines").begin_array();
  for (const VerifyLine& l : v.lines) {
    w.begin_object().key("level").value(l.level).key("code").value(l.code).key("where").value(l.where);
    w.key("expected").value(l.expected).key("actual").value(l.actual).key("words").value(l.words).end_object();
  }
  w.end_array().key("not_checked").begin_array();
  for (const std::string& what : v.not_checked) w.value(what);
  w.end_array().end_object();
  return pretty_json(out) + '\n';
}

/// A digest as people compare it at a glance; --json has all of it.
std::string short_digest(const std::string& value) {
  const std::size_t hex = value.starts_with("sha256:") ? 7 : 0;
  return value.size() == hex + 64 ? value.substr(0, hex + 16) + "…" : printable(value);
}

std::string told(const Terminal& t, const VerifyLine& l) {
  const Ink ink = l.code == "OK" ? Ink::green : l.code.starts_with("E_") ? Ink::red : Ink::yellow;
  std::string line = l.code == "OK" ? t.ink(ink, "OK") + "   " + l.level : l.level + " " + t.ink(ink, l.code);
  if (!l.where.empty()) line += " " + printable(l.where);
  if (!l.expected.empty()) line += " expected=" + short_digest(l.expected);
  if (!l.actual.empty()) line += " actual=" + short_digest(l.actual);
  if (!l.words.empty()) line += (l.code == "OK" ? " " : " — ") + printable(l.words);
  return line + "\n";
}

/// All lines; of one code not more than a screen, unless all are asked for.
std::string told(const Terminal& t, const Verification& v, bool all) {
  constexpr std::size_t most = 20;
  std::map<std::string_view, std::size_t> counts, shown;
  for (const VerifyLine& l : v.lines) ++counts[l.code];
  std::string out;
  for (const VerifyLine& l : v.lines) {
    if (++shown[l.code] <= most || all) out += told(t, l);
    if (shown[l.code] == counts[l.code] && counts[l.code] > most && !all)
      out += l.level + " " + l.code + " and " + with_commas(counts[l.code] - most) + " more; --all shows them\n";
  }
  return out;
}

/// What helps a sealed folder whose files are no longer the sealed ones.
std::string remedy(const Terminal& t, const VerifyFlags& f, const Verification& v) {
  const bool changed = std::any_of(v.lines.begin(), v.lines.end(), [](const VerifyLine& l) {
    return l.code == "E_MISSING" || l.code == "E_SIZE" || l.code == "E_DIGEST";
  });
  std::error_code failed;
  if (!changed || !std::filesystem::is_directory(f.src + "/.vetset", failed)) return {};
  return t.ink(Ink::dim, "'vetset restore " + shell_word(f.src) + "' puts back what was sealed") + "\n";
}

int run_verify(Terminal& t, const VerifyFlags& f) {
  VerifyOptions options{.keys = f.keys,
                        .policy = f.policy,
                        .policy_keys = f.policy_keys,
                        .allowed_signers = f.allowed_signers,
                        .revoked_keys = f.revoked_keys,
                        .today = f.today,
                        .only = f.only,
                        .strict = f.strict,
                        .against = f.against};
  if (!f.sample.empty()) {
    const auto share = share_of(f.sample);
    if (!share) return t.fail(share.error());
    options.share = *share;
  }
  options.common.threads = f.threads;
  options.common.progress = t.progress();
  auto seen = verify(f.src, options);
  if (!seen) return t.fail(seen.error());
  if (!f.again.claims.empty()) {
    RecheckOptions again = f.again;
    again.common = options.common;
    if (const auto done = recheck(f.src, again, *seen); !done) return t.fail(done.error());
  }
  if (f.json) {
    t.out(verify_json(*seen));
    return exit_of(seen->verdict);
  }
  t.out(told(t, *seen, f.all) + remedy(t, f, *seen));
  for (const std::string& what : seen->not_checked) t.out(t.ink(Ink::dim, "NOT CHECKED: " + printable(what)) + "\n");
  const bool good = exit_of(seen->verdict) == Exit::yes;
  if (!seen->dataset_id.empty()) t.out("dataset_id  " + seen->dataset_id + "\n");
  if (!seen->package_id.empty()) t.out("package_id  " + seen->package_id + "\n");
  std::string last = t.ink(good ? Ink::green : Ink::red, name(seen->verdict));
  if (!seen->name.empty()) last += " " + printable(seen->name) + " " + printable(seen->version);
  for (const std::string& signer : seen->signers) last += ", signed by key " + signer.substr(0, 16) + "…";
  t.out(last + "\n");
  return exit_of(seen->verdict);
}

constexpr Example examples[] = {
    {"vetset verify street", "is it whole: INTACT, or what changed and what kind of tool does that"},
    {"vetset verify street --key team.key.pub", "and did the holder of this key seal it: VERIFIED"},
    {"vetset verify street --sample 1%", "look at one file of a hundred: PARTIAL"},
    {"vetset verify street --against street-v1.pkg", "and which records differ from an earlier version"},
};

}  // namespace

extern const Command verify_command;
const Command verify_command{
    .name = "verify",
    .summary = "check a sealed folder or a package, and who sealed it",
    .about =
        "Exit status: 0 intact or verified, 1 something changed, 2 it could not be verified, 4 the signature is "
        "missing\n"
        "or not by a trusted key, 5 the policy asks for more, 6 only a part was looked at and that is right.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<VerifyFlags>();
      a.positional("SRC", f->src, "a sealed folder or a package")
          .list("--key", f->keys, "FILE,...", "public keys (PEM) that are trusted")
          .option("--policy", f->policy, "FILE",
                  "a signed trust policy: whose keys are trusted, and what must be there")
          .list("--policy-key", f->policy_keys, "FILE,...", "public keys, one of which signed the policy")
          .option("--allowed-signers", f->allowed_signers, "FILE",
                  "SSH keys that are trusted, in ssh-keygen's file of that name")
          .option("--revoked-keys", f->revoked_keys, "FILE",
                  "SSH keys that are not, or no longer: a list of ssh-keygen's")
          .option("--today", f->today, "DAY", "the day that keys are held to, like 2027-03-31; today if not said")
          .list("--only", f->only, "PATH,...", "compare the digests of these files or folders (ending in /) only")
          .option("--sample", f->sample, "SHARE", "compare the digests of a share of the files only, such as 1%")
          .flag("--strict", f->strict, "hard links, images that are too large and bytes behind images are errors")
          .option("--against", f->against, "SRC", "an earlier copy or version: tell which records differ from it")
          .flag("--all", f->all, "print every line, however many there are")
          .list("--recheck", f->again.claims, "KIND,...",
                "find claims out again (L5): audit, split, conversion, lineage, evaluation")
          .option("--source", f->again.source, "DIR", "with --recheck conversion: what was converted")
          .option("--earlier", f->again.earlier, "DIR", "with --recheck lineage: what it came from")
          .option("--predictions", f->again.predictions, "FILE", "with --recheck evaluation: what was predicted")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_verify(t, *f); };
    }};

}  // namespace vetset::cli
