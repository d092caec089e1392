#include <vector>

#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

void check_unlabelled_image(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.annotations.empty()) return;  // images to be labelled: nothing is forgotten yet
  std::vector<bool> labelled(d.images.size());
  for (const Annotation& a : d.annotations)
    if (a.image != none<ImageIndex>) labelled[to_size(a.image)] = true;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const ImageState state = d.images[i].state;
    if (labelled[i] || state == ImageState::labelled_empty || state == ImageState::skipped) continue;
    // Some formats have no way to say "nothing here": there it is a note.
    const bool can_say = state == ImageState::unlabelled || state == ImageState::labelled;
    report.with(can_say ? Severity::warning : Severity::note, EvidenceClass::proof, to_index<ImageIndex>(i),
                can_say ? "has no labels and does not say that nothing is in it"
                        : "has no annotation; this format cannot say whether nothing is in it",
                "label it, or declare it empty");
  }
}

}  // namespace

extern const Rule unlabelled_image{.code = "LBL111",
                                   .name = "unlabelled-image",
                                   .title = "an image has no labels and is not declared empty",
                                   .severity = Severity::warning,
                                   .evidence = EvidenceClass::proof,
                                   .check = check_unlabelled_image};

}  // namespace vetset
