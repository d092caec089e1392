// vetset attest: signed statements about a package, each with the evidence that it follows from.
#include "cli/attest.h"

#include "cli/command.h"
#include "cli/passphrase.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct AttestFlags {
  std::string src, key, evaluation, conversion, ssh_signature;
  bool audit = false, split = false, json = false;
  ClaimFlags claims;
  int passphrase_fd = -1;
  unsigned threads = 0;
};

std::string attested_json(const std::string& path, const Attested& done) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("package").value(path).key("package_id").value(done.package_id);
  w.key("dataset_id").value(done.dataset_id).key("key").value(done.key_hint);
  if (!done.ssh_signature.empty())
    w.key("ssh_signature").value(done.ssh_signature).key("ssh_key").value(done.ssh_fingerprint);
  write_claims(w, done.claims);
  w.end_object();
  return pretty_json(out) + '\n';
}

int run_attest(Terminal& t, const AttestFlags& f) {
  auto about = claim_options(f.claims);
  if (!about) return t.fail(about.error());
  AttestOptions options{.about = *std::move(about), .key = f.key, .ssh_signature = f.ssh_signature, .common = {}};
  options.about.record = f.evaluation;
  options.about.proof = f.conversion;
  if (f.audit) options.claims.emplace_back("audit");
  if (f.split) options.claims.emplace_back("split");
  if (!f.evaluation.empty()) options.claims.emplace_back("evaluation");
  if (!f.conversion.empty()) options.claims.emplace_back("conversion");
  if (!f.claims.earlier.empty()) options.claims.emplace_back("lineage");
  if (options.claims.empty() && f.ssh_signature.empty())
    return t.fail({Code::usage,
                   "say what to attest: --audit, --split, --conversion PROOF, --lineage EARLIER, "
                   "--evaluation RECORD, or --ssh-signature FILE"});
  options.common.threads = f.threads;
  options.common.progress = t.progress();
  if (!f.key.empty()) {
    auto passphrase = passphrase_for(f.key, f.passphrase_fd);
    if (!passphrase) return t.fail(passphrase.error());
    options.passphrase = *std::move(passphrase);
  }
  const auto done = attest(f.src, options);
  if (!done) return t.fail(done.error());
  if (f.json) {
    t.out(attested_json(f.src, *done));
    return Exit::yes;
  }
  if (!done->ssh_signature.empty())
    t.out(t.ink(Ink::green, "signed") + "  " + done->ssh_signature + "  by SSH key " + done->ssh_fingerprint + "\n");
  if (done->claims.empty()) return Exit::yes;
  t.out(t.ink(Ink::green, "attested") + "  " + printable(f.src) + "  by key " + done->key_hint.substr(0, 16) + "…\n" +
        told_claims(t, done->claims));
  t.out("  whoever has the public key checks them: 'vetset verify " + shell_word(f.src) + " --key FILE'\n");
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset attest street.pkg --audit --split --key team.key", "check it and its splits, and sign what came of it"},
    {"vetset attest street.pkg --lineage street-1.pkg --key team.key", "what changed since an earlier version"},
    {"vetset attest street.pkg --evaluation run7.json --model run7.pt --key lab.key", "the figures of a model on it"},
};

}  // namespace

void define_claims(Arguments& a, ClaimFlags& f, std::string_view lineage) {
  a.list("--select", f.select, "RULE,...", "of the audit: only these rules (codes, prefixes, names)")
      .list("--ignore", f.ignore, "RULE,...", "of the audit: not these")
      .flag("--pixels", f.pixels, "of the audit: decode the images, too")
      .option("--fail-on", f.fail_on, "SEVERITY", "from which severity on the audit has FAILED; error if not said",
              {"error", "warning", "note", "never"})
      .option("--lock", f.lock, "FILE", "of the split: the split.lock that it was made with")
      .list("--group-by", f.group_by, "KEY,...", "of the split: keys whose images belong together")
      .option("--near", f.near, "TIER", "of the split: how near-duplicates are searched",
              {"none", "basic", "views", "full"})
      .option("--radius", f.radius, "D", "of the split: bits of 256 that may differ")
      .option(lineage, f.earlier, "EARLIER", "the dataset or package that this one came from: what changed")
      .list("--steps", f.steps, "FILE,...", "of the lineage: documents of what was done (fix, split, transform …)")
      .flag("--no-cache", f.no_cache, "measure all images again");
}

Result<ClaimOptions> claim_options(const ClaimFlags& f) {
  ClaimOptions options{.earlier = f.earlier, .steps = f.steps, .model = f.model};
  options.audit.select = f.select;
  options.audit.ignore = f.ignore;
  options.audit.pixels = f.pixels;
  options.audit.scan.cache = options.split.scan.cache = !f.no_cache;
  if (!f.fail_on.empty()) {
    VETSET_TRY(options.audit.fail_on, parse_fail_on(f.fail_on));
  }
  options.split.lock = f.lock;
  options.split.group_by = f.group_by;
  if (const auto tier = near_tier(f.near)) options.split.near = tier;
  if (f.radius >= 0) options.split.radius = static_cast<unsigned>(f.radius);
  return options;
}

void write_claims(JsonWriter& w, const std::vector<ClaimMade>& claims) {
  const auto text_or_null = [&](std::string_view key, const std::string& text) {
    w.key(key);
    if (text.empty())
      w.null();
    else
      w.value(text);
  };
  w.key("claims").begin_array();
  for (const ClaimMade& claim : claims) {
    w.begin_object().key("kind").value(claim.kind);
    text_or_null("result", claim.result);
    text_or_null("evidence", claim.document);
    text_or_null("statement", claim.statement);
    w.key("bytes").value(claim.bytes).key("says").begin_array();
    for (const std::string& sentence : claim.says) w.value(sentence);
    w.end_array().end_object();
  }
  w.end_array();
}

std::string told_claims(const Terminal& t, const std::vector<ClaimMade>& claims) {
  std::string out;
  for (const ClaimMade& claim : claims) {
    const std::string kind = claim.kind + ":v1";
    out += "  " + kind + std::string(kind.size() < 14 ? 14 - kind.size() : 1, ' ');
    if (!claim.result.empty()) out += t.ink(claim.result == "PASSED" ? Ink::green : Ink::red, claim.result) + "  ";
    for (const std::string& sentence : claim.says) out += printable(sentence);
    out += "\n";
  }
  return out;
}

extern const Command attest_command;
const Command attest_command{
    .name = "attest",
    .summary = "add signed statements to a package: audit, split, conversion, lineage, evaluation",
    .about =
        "What is said is found out here and now, on the package itself, and can be found out again by anybody:\n"
        "'vetset verify PKG --recheck audit,split'. No file that the manifest lists is touched.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<AttestFlags>();
      a.positional("PKG", f->src, "a package or a sealed folder")
          .flag("--audit", f->audit, "which checks ran on it, and what they found")
          .flag("--split", f->split, "whether its splits leak, by which search")
          .option("--conversion", f->conversion, "PROOF",
                  "what was lost when it was made: the proof of 'vetset convert'")
          .option("--evaluation", f->evaluation, "RECORD", "what a model scored on it: the record of 'vetset evaluate'")
          .option("--key", f->key, "FILE", "sign with this P-256 private key (PEM)")
          .option("--passphrase-fd", f->passphrase_fd, "N", "read the key's passphrase from this file descriptor");
      a.option("--ssh-signature", f->ssh_signature, "FILE",
               "add a signature of the manifest: what 'ssh-keygen -Y sign -n vetset.package@v1' made");
      define_claims(a, f->claims, "--lineage");
      a.option("--model", f->claims.model, "FILE", "of the evaluation: the model, for its digest")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_attest(t, *f); };
    }};

}  // namespace vetset::cli
