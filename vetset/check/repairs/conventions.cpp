// Repairs of boxes that were written by another convention than their format's, and of class numbers that are counted
// from another start than the list of classes.
#include <algorithm>
#include <map>
#include <optional>

#include "vetset/check/class_shift.h"
#include "vetset/check/conventions.h"
#include "vetset/check/repair.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// All boxes of a document, or of all label files: also those that fit both ways, as one program wrote them all.
void read_as_they_fit(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  if (findings.empty()) return;
  const Dataset& d = evidence.dataset;
  for (const Misread& misread : misread_boxes(d))
    for (std::size_t k = 0; k < d.annotations.size(); ++k) {
      const Annotation& a = d.annotations[k];
      if (a.box_origin != Origin::stated || a.image == none<ImageIndex>) continue;
      const Image& image = d[a.image];
      if (image.width < 2 || image.height < 2 || document_of(d, image) != misread.file) continue;
      const Box box = reread(a.box, *misread.declared, *misread.fitting, image);
      if (!(box == a.box))
        bench.set_box(to_index<AnnotationIndex>(k), box, std::string("read as ") + misread.fitting->name);
    }
}

/// All labels, also those whose number stands for another class in the list: one program wrote them all.
void count_from_the_list(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  if (findings.empty()) return;
  const Dataset& d = evidence.dataset;
  const std::optional<ClassShift> shift = class_shift(d);
  if (!shift) return;
  std::map<std::int64_t, CategoryIndex> classes;
  for (std::size_t c = 0; c < d.categories.size(); ++c)
    if (const auto number = class_number(d, c)) classes.emplace(*number, to_index<CategoryIndex>(c));
  if (classes.size() != d.categories.size()) return;  // a number of two classes
  // A row of fractions whose image is not here is written back as it stands, with the number in it.
  if (std::any_of(d.annotations.begin(), d.annotations.end(),
                  [](const Annotation& a) { return a.box_origin == Origin::unplaced; }))
    return;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const auto i = to_index<AnnotationIndex>(n);
    std::optional<std::int64_t> number;
    if (d[i].category != none<CategoryIndex>) number = class_number(d, to_size(d[i].category));
    for (const Dangling& missing : d.dangling_of(i))
      if (missing.target == Owner::category) number = missing_class(d, missing);
    if (!number || bench.is_dropped(i)) continue;
    const auto to = classes.find(*number + shift->by);
    if (to == classes.end()) continue;
    bench.set_category(i, to->second,
                       "class " + std::to_string(*number) + " became " + std::to_string(to->first) + ", " +
                           quoted(d[to->second].name));
  }
}

}  // namespace

extern const Repair classes_as_listed{"FMT410", "classes-as-listed",
                                      "count the classes of all labels from where their list does", false,
                                      count_from_the_list};
extern const Repair fitting_convention{"FMT409", "fitting-convention",
                                       "read boxes by the convention that they fit, not by the format's", false,
                                       read_as_they_fit};

}  // namespace vetset
