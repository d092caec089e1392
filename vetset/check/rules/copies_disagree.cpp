#include <algorithm>
#include <map>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"
#include "vetset/dataset/repeated.h"

namespace vetset {
namespace {

using ClassCounts = std::map<CategoryIndex, std::uint64_t>;

ClassCounts classes_of(const Dataset& d, std::span<const AnnotationIndex> annotations) {
  ClassCounts counts;
  for (const AnnotationIndex i : annotations) ++counts[d[i].category];
  return counts;
}

std::string list_of(const Dataset& d, const ClassCounts& counts) {
  std::string text;
  for (const auto& [category, count] : counts)
    text += (text.empty() ? "" : ", ") + grouped(count) + " " +
            (category == none<CategoryIndex> ? "without a class" : quoted(d[category].name));
  return text.empty() ? "nothing" : text;
}

/// How many boxes of the first image have no partner of their class in the second: IoU of a half at least, each taken
/// once, the best for the one that comes first. Classes are equal in number.
std::uint64_t unmatched(const Dataset& d, std::span<const AnnotationIndex> first,
                        std::span<const AnnotationIndex> second) {
  constexpr double least = 0.5;
  constexpr std::size_t most = 4'000'000;  // pairs that are looked at
  if (first.size() * second.size() > most) return 0;
  std::vector<bool> taken(second.size());
  std::uint64_t alone = 0;
  for (const AnnotationIndex i : first) {
    const std::optional<Box> box = box_of(d, d[i]);
    if (!box) continue;
    std::size_t best = second.size();
    double best_iou = least;
    for (std::size_t k = 0; k < second.size(); ++k) {
      if (taken[k] || d[second[k]].category != d[i].category) continue;
      const std::optional<Box> other = box_of(d, d[second[k]]);
      const double shared = !other ? 0 : *other == *box ? 1 : iou(*box, *other);
      if (shared >= best_iou && (best == second.size() || shared > best_iou)) best = k, best_iou = shared;
    }
    if (best == second.size())
      ++alone;
    else
      taken[best] = true;
  }
  return alone;
}

void check_copies_disagree(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.annotations.empty()) return;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  for (const std::vector<ImageIndex>& images : equal_files(evidence.facts)) {
    const ImageIndex first = images.front();
    const ClassCounts classes = classes_of(d, annotations.of(first));
    for (std::size_t k = 1; k < images.size(); ++k) {
      const ClassCounts others = classes_of(d, annotations.of(images[k]));
      std::string how;
      if (others != classes) {
        how = list_of(d, classes) + " here, " + list_of(d, others) + " there";
      } else {
        const std::uint64_t alone = unmatched(d, annotations.of(first), annotations.of(images[k]));
        if (alone == 0) continue;
        how = counted(alone, "box lies", "boxes lie") + " elsewhere there";
      }
      report(ImagePair{first, images[k]},
             "is byte for byte " + quoted(d.path(images[k])) + " and labelled otherwise: " + how,
             "decide which labels are right; keep one copy");
    }
  }
}

}  // namespace

extern const Rule copies_disagree{.code = "LBL101",
                                  .name = "copies-disagree",
                                  .title = "the same file is labelled in two ways",
                                  .severity = Severity::warning,
                                  .evidence = EvidenceClass::proof,
                                  .needs = Needs::headers | Needs::digests,
                                  .check = check_copies_disagree};

}  // namespace vetset
