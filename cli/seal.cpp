// vetset seal: make a training folder a package that others can verify.
#include <unistd.h>

#include <cstdlib>

#include "cli/attest.h"
#include "cli/command.h"
#include "cli/epoch.h"
#include "cli/passphrase.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct SealFlags {
  std::string dir, key, name, version, from, epoch, answers;
  std::vector<std::string> parents, evidence;
  ClaimFlags claims;
  int passphrase_fd = -1;
  unsigned threads = 0;
  bool no_tables = false, json = false;
};

int run_seal(Terminal& t, const SealFlags& f) {
  SealOptions options{
      .key = f.key, .passphrase = {}, .name = f.name, .version = f.version, .from = f.from, .common = {}};
  options.common.threads = f.threads;
  options.tables = !f.no_tables;
  options.parents = f.parents;
  options.evidence = f.evidence;
  auto claims = claim_options(f.claims);
  if (!claims) return t.fail(claims.error());
  options.claims = *std::move(claims);
  auto epoch = epoch_of(f.epoch);
  if (!epoch) return t.fail(epoch.error());
  options.epoch = *epoch;
  options.answers = f.answers;
  if (!f.key.empty()) {
    auto passphrase = passphrase_for(f.key, f.passphrase_fd);
    if (!passphrase) return t.fail(passphrase.error());
    options.passphrase = std::move(*passphrase);
  }
  options.common.progress = t.progress();
  const auto sealed = seal(f.dir, options);
  if (!sealed) return t.fail(sealed.error());
  if (f.json) {
    std::string out;
    JsonWriter w(out);
    w.begin_object().key("package_id").value(sealed->package_id).key("dataset_id").value(sealed->dataset_id);
    w.key("labels_id").value(sealed->labels_id).key("files").value(sealed->files).key("bytes").value(sealed->bytes);
    w.key("added").value(sealed->added).key("added_bytes").value(sealed->added_bytes);
    w.key("format")
        .value(sealed->format)
        .key("signed")
        .value(!sealed->key_hint.empty())
        .key("key")
        .value(sealed->key_hint);
    w.key("warnings").begin_array();
    for (const std::string& warning : sealed->warnings) w.value(warning);
    w.end_array();
    if (!sealed->claims.empty()) write_claims(w, sealed->claims);
    w.end_object();
    t.out(pretty_json(out) + '\n');
    return Exit::yes;
  }
  t.out(t.ink(Ink::green, "sealed") + "  " + printable(f.dir) + "  " + counted(sealed->files, "file") + ", " +
        byte_size(sealed->bytes) + "; " + counted(sealed->counts.images, "image") + ", " +
        counted(sealed->counts.annotations, "object") + "\n");
  if (sealed->added != 0)
    t.out("  in .vetset   " + counted(sealed->added, "file") + ", " + byte_size(sealed->added_bytes) +
          (f.no_tables ? ": metadata" : ": the labels as tables and as they were, metadata") +
          (sealed->claims.empty() ? "" : ", evidence") + "\n");
  t.out("  package_id  " + sealed->package_id + "\n  dataset_id  " + sealed->dataset_id + "\n  labels_id   " +
        sealed->labels_id + "\n");
  t.out(sealed->key_hint.empty() ? "  not signed: 'vetset key new FILE' makes a key, --key FILE signs with it\n"
                                 : "  signed by   " + sealed->key_hint.substr(0, 16) + "…\n");
  t.out(told_claims(t, sealed->claims));
  if (!sealed->claims.empty() && sealed->key_hint.empty())
    t.out("  the evidence is listed, and nobody's word yet: --key FILE signs a statement of each\n");
  for (const std::string& warning : sealed->warnings) t.out("  " + t.ink(Ink::yellow, printable(warning)) + "\n");
  t.out("  'vetset verify " + shell_word(f.dir) + "' checks it, here or after any copy\n");
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset seal street", "list every file's digest and the dataset's identity in street/.vetset"},
    {"vetset seal street --key team.key", "and sign it"},
    {"vetset seal street --evidence audit,split --key team.key", "with what was found out about it"},
};

}  // namespace

extern const Command seal_command;
const Command seal_command{
    .name = "seal",
    .summary = "make a training folder a package that others can verify",
    .about = "The folder stays as it is; `.vetset/` beside the data gets the manifest and the signature.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<SealFlags>();
      a.positional("DIR", f->dir, "the dataset's folder")
          .option("--key", f->key, "FILE", "sign with this P-256 private key (PEM)")
          .option("--passphrase-fd", f->passphrase_fd, "N", "read the key's passphrase from this file descriptor")
          .option("--name", f->name, "NAME", "name of the package; the folder's name if not said")
          .option("--answers", f->answers, "FILE",
                  "what only people know (TOML); 'vetset card --questions' prints the questions")
          .option("--version", f->version, "VERSION", "its version (SemVer); 0.1.0 if not said")
          .option("--from", f->from, "FORMAT", "the format of DIR; found by itself if not said")
          .flag("--no-tables", f->no_tables,
                "no Parquet tables of the labels: a smaller seal, without what restore needs")
          .list("--parent", f->parents, "PKG,...", "packages or sealed folders that this one was made from")
          .option("--epoch", f->epoch, "SECONDS",
                  "state this time, in seconds since 1970; SOURCE_DATE_EPOCH does so too")
          .list("--evidence", f->evidence, "KIND,...", "find out about the dataset and list it: audit, split, lineage");
      define_claims(a, f->claims, "--earlier");
      a.option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_seal(t, *f); };
    }};

}  // namespace vetset::cli
