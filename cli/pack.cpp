// vetset pack: labels as tables, images as files or shards, and a manifest of it all.
#include "cli/attest.h"
#include "cli/command.h"
#include "cli/epoch.h"
#include "cli/ledger.h"
#include "cli/passphrase.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct PackFlags {
  std::string src, dst, out, from, images_dir, key, name, version, epoch, answers, layout = "auto";
  std::vector<std::string> parents;
  std::vector<std::string> evidence;
  ClaimFlags claims;
  int passphrase_fd = -1;
  unsigned threads = 0;
  bool strip_metadata = false, single_file = false, overwrite = false, json = false;
};

std::string packed_json(const Packed& p) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("package").value(p.conversion.target).key("layout").value(p.layout);
  w.key("package_id").value(p.seal.package_id).key("dataset_id").value(p.seal.dataset_id);
  w.key("labels_id").value(p.seal.labels_id).key("files").value(p.seal.files).key("bytes").value(p.seal.bytes);
  w.key("signed").value(!p.seal.key_hint.empty()).key("key").value(p.seal.key_hint);
  w.key("proof").value(p.conversion.proof_path).key("warnings").begin_array();
  for (const std::string& warning : p.seal.warnings) w.value(warning);
  w.end_array();
  if (!p.seal.claims.empty()) write_claims(w, p.seal.claims);
  w.end_object();
  return pretty_json(out) + '\n';
}

int run_pack(Terminal& t, PackFlags f) {
  if (f.out.empty()) f.out = f.dst;
  if (f.out.empty()) return t.fail({Code::usage, "say where the package goes with -o PKG"});
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  PackOptions options{.layout = f.layout,
                      .single_file = f.single_file,
                      .key = f.key,
                      .name = f.name,
                      .version = f.version,
                      .overwrite = f.overwrite,
                      .common = opening.common};
  auto claims = claim_options(f.claims);
  if (!claims) return t.fail(claims.error());
  options.evidence = f.evidence;
  options.claims = *std::move(claims);
  options.parents = f.parents;
  auto epoch = epoch_of(f.epoch);
  if (!epoch) return t.fail(epoch.error());
  options.epoch = *epoch;
  options.answers = f.answers;
  if (!f.key.empty()) {
    auto passphrase = passphrase_for(f.key, f.passphrase_fd);
    if (!passphrase) return t.fail(passphrase.error());
    options.passphrase = std::move(*passphrase);
  }
  if (f.strip_metadata && f.layout == "external")
    return t.fail({Code::usage, "--strip-metadata rewrites images, and --layout external packs none: leave one out"});
  auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  std::vector<std::string> left;
  if (f.strip_metadata) {
    auto stripped = strip_in_place(*source, opening.common);
    if (!stripped) return t.fail(stripped.error());
    left = std::move(stripped->left);
  }
  const auto packed = pack(*source, f.out, options);
  if (!packed) return t.fail(packed.error());
  const Conversion& c = packed->conversion;
  if (c.verdict == Verdict::undeclared) {
    t.out(whole_ledger(t, c.proof) + t.ink(Ink::red, "nothing was published") + "; proof: " + printable(c.proof_path) +
          "\n");
    return Exit::our_defect;
  }
  if (f.json) {
    t.out(packed_json(*packed));
    return Exit::yes;
  }
  const SealReport& s = packed->seal;
  t.out(t.ink(Ink::green, "packed") + "  " + printable(c.target) + "  " + counted(s.files, "file") + ", " +
        byte_size(s.bytes) + "; " + counted(s.counts.images, "image") + " (" + packed->layout + "), " +
        counted(s.counts.annotations, "object") + "\n");
  t.out("  every field read back as it was: " + printable(c.proof_path) + "\n");
  if (f.strip_metadata) t.out("  " + wrapped(source->steps.back().summary, 2, t.width()));
  for (const std::string& line : left)
    t.out("  " + t.ink(Ink::yellow, "metadata left as it is: " + printable(line)) + "\n");
  t.out("  package_id  " + s.package_id + "\n  dataset_id  " + s.dataset_id + "\n  labels_id   " + s.labels_id + "\n");
  t.out(s.key_hint.empty() ? "  not signed: 'vetset key new FILE' makes a key, --key FILE signs with it\n"
                           : "  signed by   " + s.key_hint.substr(0, 16) + "…\n");
  t.out(told_claims(t, packed->seal.claims));
  if (!packed->seal.claims.empty() && s.key_hint.empty())
    t.out("  the evidence is listed, and nobody's word yet: --key FILE signs a statement of each\n");
  for (const std::string& warning : s.warnings) t.out("  " + t.ink(Ink::yellow, printable(warning)) + "\n");
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset pack street -o street.pkg", "tables and images, with a manifest of every file"},
    {"vetset pack street -o street.tar --single-file --key team.key", "one file to send, signed"},
    {"vetset pack street -o street.pkg --layout shards", "the images in tar files of about 256 MiB"},
};

}  // namespace

extern const Command pack_command;
const Command pack_command{
    .name = "pack",
    .summary = "make a package: Parquet tables, images, a manifest",
    .about =
        "Whatever reads Parquet reads the tables; 'vetset unpack' makes the dataset of them again, label files to\n"
        "the byte. What is written is read back and compared before it is published.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<PackFlags>();
      a.positional("SRC", f->src, "a dataset's folder, an archive, one annotation file, or a package")
          .positional("PKG", f->dst, "the package to make", false)
          .option("-o", f->out, "PKG", "the package to make")
          .option("--layout", f->layout, "LAYOUT",
                  "images as files, as shards, or external (labels only); shards from 10,000 images on if not said",
                  {"auto", "files", "shards", "external"})
          .flag("--single-file", f->single_file, "one uncompressed tar instead of a folder")
          .option("--key", f->key, "FILE", "sign with this P-256 private key (PEM)")
          .option("--passphrase-fd", f->passphrase_fd, "N", "read the key's passphrase from this file descriptor")
          .option("--name", f->name, "NAME", "name of the package; its file's name if not said")
          .option("--answers", f->answers, "FILE",
                  "what only people know (TOML); 'vetset card --questions' prints the questions")
          .option("--version", f->version, "VERSION", "its version (SemVer); 0.1.0 if not said")
          .list("--parent", f->parents, "PKG,...", "packages or sealed folders that this one was made from")
          .option("--epoch", f->epoch, "SECONDS",
                  "state this time, in seconds since 1970; SOURCE_DATE_EPOCH does so too")
          .flag("--strip-metadata", f->strip_metadata,
                "leave out what image files tell beside their pixels: places, names, thumbnails")
          .flag("--overwrite", f->overwrite, "replace what is at PKG")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .list("--evidence", f->evidence, "KIND,...",
                "find out about the package and list it: audit, split, conversion, lineage");
      define_claims(a, f->claims, "--earlier");
      a.option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_pack(t, *f); };
    }};

}  // namespace vetset::cli
