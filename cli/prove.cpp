// vetset prove: that one sample is in a package, for who has its manifest alone.
#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset_prove.h"

namespace vetset::cli {
namespace {

struct ProveFlags {
  std::string src, sample, output, check;
  unsigned threads = 0;
};

std::string said_of(const InclusionProof& proof) {
  std::size_t annotations = 0;
  bool media = false;
  for (const RowProof& row : proof.rows) {
    if (row.table == "annotations") ++annotations;
    media = media || row.table == "media";
  }
  return printable(proof.sample) + ", " + counted(annotations, "annotation") + (media ? ", its image" : ", no image") +
         "; package " + proof.package_id.text() + "\n";
}

int run_prove(Terminal& t, const ProveFlags& f) {
  if (!f.check.empty()) {
    const auto proof = check_proof(f.check, f.src);
    if (!proof) return t.fail(proof.error());
    t.out(t.ink(Ink::green, "holds") + "   " + said_of(*proof));
    t.out("        whether this manifest is signed, 'vetset verify' or cosign tells\n");
    return Exit::yes;
  }
  if (f.sample.empty()) return t.fail({Code::usage, "expected --sample PATH, or --check FILE"});
  Common common{.threads = f.threads};
  common.progress = t.progress();
  const auto proof = prove(f.src, f.sample, common);
  if (!proof) return t.fail(proof.error());
  if (f.output.empty()) {
    t.out(to_json(*proof) + "\n");
    return Exit::yes;
  }
  if (const auto written = write_proof(*proof, f.output); !written) return t.fail(written.error());
  t.out(t.ink(Ink::green, "proved") + "  " + said_of(*proof));
  t.out("        " + printable(f.output) + ", " + byte_size(to_json(*proof).size()) + "\n");
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset prove street --sample images/val/1.jpg -o proof.json", "this image with these labels is in street"},
    {"vetset prove vetset.json --check proof.json", "for who has the manifest alone"},
};

}  // namespace

extern const Command prove_command;
const Command prove_command{
    .name = "prove",
    .summary = "show that one sample is in a package, without the package",
    .about = "A proof holds the sample's rows and, for each, the digests that lead to the root in the manifest.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ProveFlags>();
      a.positional("SRC", f->src, "a package or a sealed folder; with --check a manifest, vetset.json")
          .option("--sample", f->sample, "PATH", "the sample, as the labels name it")
          .option("-o", f->output, "FILE", "where the proof goes; printed if not said")
          .option("--check", f->check, "FILE", "hold this proof to the manifest SRC")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said");
      return [f](Terminal& t) { return run_prove(t, *f); };
    }};

}  // namespace vetset::cli
