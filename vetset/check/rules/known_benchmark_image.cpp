#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/compared.h"

namespace vetset {
namespace {

std::string no_list(const Evidence& evidence) {
  return evidence.compared == nullptr || !evidence.compared->known ? "needs --known" : "";
}

std::string how(const KnownMatch& m) {
  switch (m.how) {
    case KnownMatch::How::bytes: return "is byte for byte ";
    case KnownMatch::How::pixels: return "shows the very pixels of ";
    case KnownMatch::How::fingerprint: break;
  }
  return m.symmetry == 1 ? "looks like " : "looks like a mirrored or turned copy of ";
}

void check_known_benchmark_image(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const KnownSearch& search = *evidence.compared->known;
  const SplitSets splits(d);
  for (const KnownMatch& m : search.matches) {
    const bool looks = m.how == KnownMatch::How::fingerprint;
    std::string text;
    if (const auto& names = splits.of(m.image); !names.empty()) text = "in " + quoted(names.front()) + ", ";
    text += how(m) + (m.path.empty() ? "a picture" : quoted(m.path)) + " of " + quoted(search.lists[m.list].name);
    if (looks)
      text += " (" + std::to_string(m.distance) + " of 256 bits differ; its pixels are not at hand to confirm it)";
    report.with(looks ? Severity::warning : Severity::error, looks ? EvidenceClass::calibrated : EvidenceClass::proof,
                m.image, std::move(text), "drop it from training, or do not measure on that benchmark");
  }
  for (const KnownSearch::List& list : search.lists)
    report.with(Severity::note, EvidenceClass::proof, {},
                grouped(list.found) + " of " + counted(list.images, "picture", "pictures") + " of " +
                    quoted(list.name) + " are here; the list is " + quoted(list.file) + ", SHA-256 " + list.digest);
  if (search.not_searched > 0)
    report.with(Severity::note, EvidenceClass::proof, {},
                counted(search.not_searched, "image was", "images were") +
                    " compared by bytes and pixels alone: not decoded, or too flat to recognise");
}

}  // namespace

extern const Rule known_benchmark_image{.code = "LEA317",
                                        .name = "known-benchmark-image",
                                        .title = "an image is of a known benchmark",
                                        .severity = Severity::error,
                                        .evidence = EvidenceClass::calibrated,
                                        .needs = Needs::pixels,
                                        .check = check_known_benchmark_image,
                                        .not_run = no_list};

}  // namespace vetset
