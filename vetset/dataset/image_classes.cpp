#include "vetset/dataset/image_classes.h"

namespace vetset {

std::vector<CategoryIndex> classes_of_images(const Dataset& d) {
  constexpr CategoryIndex unlabelled = none<CategoryIndex>;
  std::vector<CategoryIndex> of(d.images.size(), unlabelled);
  std::vector<bool> spoilt(d.images.size());
  for (const Annotation& a : d.annotations) {
    if (a.image == none<ImageIndex>) continue;
    const std::size_t i = to_size(a.image);
    if (a.kind != Kind::tag || a.category == unlabelled || (of[i] != unlabelled && of[i] != a.category))
      spoilt[i] = true;
    of[i] = a.category;
  }
  for (std::size_t i = 0; i < of.size(); ++i)
    if (spoilt[i]) of[i] = unlabelled;
  return of;
}

}  // namespace vetset
