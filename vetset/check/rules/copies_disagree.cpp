#include <vector>

#include "vetset/check/agreement.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/repeated.h"
#include "vetset/dataset/shown_path.h"

namespace vetset {
namespace {

bool same_bytes(std::span<const Facts> facts, ImageIndex a, ImageIndex b) {
  const Facts &first = facts[to_size(a)], &second = facts[to_size(b)];
  return first.has_digest && second.has_digest && first.digest == second.digest;
}

/// Whether boxes of both speak of one frame: pixels are compared as shown, boxes may be of the stored image.
bool same_frame(const Dataset& d, std::span<const Facts> facts, ImageIndex a, ImageIndex b) {
  const auto turned = [&](ImageIndex i) { return facts[to_size(i)].orientation > 1; };
  return same_bytes(facts, a, b) ||
         (!turned(a) && !turned(b) && d[a].width == d[b].width && d[a].height == d[b].height);
}

void check_copies_disagree(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.annotations.empty()) return;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  for (const std::vector<ImageIndex>& images : equal_images(evidence.facts, evidence.pixels)) {
    const ImageIndex first = images.front();
    const ClassCounts classes = classes_of(d, annotations.of(first));
    for (std::size_t k = 1; k < images.size(); ++k) {
      const ClassCounts others = classes_of(d, annotations.of(images[k]));
      std::string how;
      if (others != classes) {
        how = list_of(d, classes) + " here, " + list_of(d, others) + " there";
      } else {
        if (!same_frame(d, evidence.facts, first, images[k])) continue;
        const BoxAgreement boxes = compare_boxes(d, annotations.of(first), annotations.of(images[k]));
        const std::uint64_t alone = boxes.whole ? boxes.first - boxes.matched : 0;
        if (alone == 0) continue;
        how = counted(alone, "box lies", "boxes lie") + " elsewhere there";
      }
      report(ImagePair{first, images[k]},
             (same_bytes(evidence.facts, first, images[k]) ? "is byte for byte " : "shows the very pixels of ") +
                 quoted(shown_path(d, images[k])) + " and labelled otherwise: " + how,
             "decide which labels are right; keep one copy");
    }
  }
}

}  // namespace

extern const Rule copies_disagree{.code = "LBL101",
                                  .name = "copies-disagree",
                                  .title = "the same picture is labelled in two ways",
                                  .severity = Severity::warning,
                                  .evidence = EvidenceClass::proof,
                                  .needs = Needs::headers | Needs::digests,
                                  .check = check_copies_disagree};

}  // namespace vetset
