#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

void check_annotations(const Dataset& d, const Report& report) {
  for (const Dangling& missing : d.dangling) {
    const std::string written = quoted(d.text(missing.json));
    if (missing.target == Owner::image)
      report(missing.annotation,
             "names image " + written + ", which is none of the " + counted(d.images.size(), "image", "images"),
             "add the image's record, or drop the annotation");
    // A label row whose class is no whole number is FMT422's.
    const bool row = !d.authored_text(missing.annotation).empty();
    if (missing.target == Owner::category &&
        !(row && d.text(missing.json).find_first_of(".eE") != std::string_view::npos))
      report(missing.annotation,
             "names class " + written + ", which is none of the " + counted(d.categories.size(), "class", "classes"),
             "add the class, or correct the annotation");
  }
}

/// Edges count points from 1 in COCO and from 0 elsewhere: only what is wrong both ways is reported.
void check_skeletons(const Dataset& d, const Report& report) {
  for (std::size_t c = 0; c < d.categories.size(); ++c) {
    const Category& category = d.categories[c];
    if (category.keypoints.empty()) continue;
    const auto points = static_cast<std::int64_t>(category.keypoints.size());
    for (const auto& [from, to] : category.skeleton) {
      if (from >= 0 && to >= 0 && from <= points && to <= points) continue;
      report(to_index<CategoryIndex>(c),
             "skeleton of class " + quoted(category.name) + " joins points " + std::to_string(from) + " and " +
                 std::to_string(to) + "; there are " + std::to_string(points),
             "correct the skeleton");
    }
  }
}

void check_dangling_reference(const Evidence& evidence, const Report& report) {
  check_annotations(evidence.dataset, report);
  check_skeletons(evidence.dataset, report);
}

}  // namespace

extern const Rule dangling_reference{.code = "FMT402",
                                     .name = "dangling-reference",
                                     .title = "a record names another that does not exist",
                                     .severity = Severity::error,
                                     .evidence = EvidenceClass::proof,
                                     .check = check_dangling_reference};

}  // namespace vetset
