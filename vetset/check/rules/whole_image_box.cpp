#include <algorithm>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

bool fills_its_image(const Dataset& d, const Annotation& a, double least) {
  if (a.image == none<ImageIndex> || a.category == none<CategoryIndex> || a.flags.is(Flag::crowd)) return false;
  const Image& image = d[a.image];
  if (image.width == 0 || image.height == 0) return false;
  const std::optional<Box> box = box_of(d, a);
  return box && iou(*box, {0, 0, static_cast<double>(image.width), static_cast<double>(image.height)}) >= least;
}

void check_whole_image_box(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::vector<std::vector<AnnotationIndex>> whole(d.categories.size());
  std::vector<std::uint64_t> all(d.categories.size());
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (a.category == none<CategoryIndex>) continue;
    ++all[to_size(a.category)];
    if (fills_its_image(d, a, evidence.settings.whole_image_iou))
      whole[to_size(a.category)].push_back(to_index<AnnotationIndex>(n));
  }
  const std::vector<std::string>& allowed = evidence.settings.whole_image_classes;
  for (std::size_t c = 0; c < whole.size(); ++c) {
    const std::string& name = d.categories[c].name;
    if (whole[c].empty() || std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    // A class whose boxes all do so was meant for images, not for objects: said once.
    if (whole[c].size() >= 10 && whole[c].size() * 10 >= all[c] * 9) {
      report(to_index<CategoryIndex>(c),
             grouped(whole[c].size()) + " of " + grouped(all[c]) + " boxes of " + quoted(name) +
                 " cover their whole image: the class is of images, not of objects",
             "train a classifier, or draw the objects");
      continue;
    }
    for (const AnnotationIndex i : whole[c])
      report(i, "box covers the whole image", "draw it around the object, if that does not fill the image");
  }
}

}  // namespace

// Close-ups fill their image by right, so this is no more than a place to look at.
extern const Rule whole_image_box{.code = "LBL114",
                                  .name = "whole-image-box",
                                  .title = "a box covers its whole image",
                                  .severity = Severity::note,
                                  .evidence = EvidenceClass::hint,
                                  .check = check_whole_image_box};

}  // namespace vetset
