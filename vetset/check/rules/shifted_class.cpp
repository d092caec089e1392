#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// The number that annotations name a class by: its id, or its place in the list.
std::optional<std::int64_t> id_of(const Dataset& d, std::size_t category) {
  if (d.category_ids.numbers.empty()) return static_cast<std::int64_t>(category);
  const std::int64_t id = d.category_ids[category];
  if (id == Ids::absent || id == Ids::odd) return {};
  return id;
}

std::string range_of(const std::set<std::int64_t>& ids) {
  return ids.size() == 1 ? std::to_string(*ids.begin())
                         : std::to_string(*ids.begin()) + " to " + std::to_string(*ids.rbegin());
}

/// Numbers that are used and defined nowhere, while moved by one all of them are: the list was counted from another
/// number than the labels.
void check_range(const Dataset& d, const Report& report) {
  if (d.dangling.empty() || d.categories.size() < 2) return;
  std::set<std::int64_t> defined, used, broken;
  for (std::size_t c = 0; c < d.categories.size(); ++c)
    if (const auto id = id_of(d, c)) defined.insert(*id);
  for (const Annotation& a : d.annotations)
    if (a.category != none<CategoryIndex>)
      if (const auto id = id_of(d, to_size(a.category))) used.insert(*id);
  for (const Dangling& missing : d.dangling) {
    if (missing.target != Owner::category) continue;
    const std::string_view json = d.text(missing.json);
    const NumberText number = read_number(json);
    if (!number.fits_int64 || number.length != json.size()) return;
    broken.insert(number.whole);
  }
  if (broken.size() != 1) return;  // one number too many at one end is what a shift by one gives
  used.insert(broken.begin(), broken.end());
  for (const int shift : {-1, 1}) {
    const bool fits =
        std::all_of(used.begin(), used.end(), [&](std::int64_t id) { return defined.contains(id + shift); });
    if (!fits || used.size() * 2 <= defined.size()) continue;
    report({},
           "labels use classes " + range_of(used) + ", the list has " + range_of(defined) + ": all would fit " +
               (shift < 0 ? "one lower" : "one higher"),
           "count both from the same number; look at a few images before and after");
    return;
  }
}

/// A slot for the background, which formats that number classes from 0 do not have.
void check_background(const Dataset& d, const Report& report) {
  if (d.format != "yolo" && d.format != "darknet" && d.format != "coco") return;
  if (d.categories.size() < 2 || d.annotations.empty()) return;
  const std::string name = fold(d.categories.front().name);
  if (name != "background" && name != "__background__" && name != "_background_" && name != "bg") return;
  const bool used = std::any_of(d.annotations.begin(), d.annotations.end(),
                                [](const Annotation& a) { return a.category == CategoryIndex{0}; });
  if (used) return;
  report.with(Severity::note, EvidenceClass::hint, CategoryIndex{0},
              "the first class is " + quoted(d.categories.front().name) +
                  " and nothing uses it: a detector needs no class for the background",
              "drop it and number the others anew, if no model depends on it");
}

void check_shifted_class(const Evidence& evidence, const Report& report) {
  check_range(evidence.dataset, report);
  check_background(evidence.dataset, report);
}

}  // namespace

extern const Rule shifted_class{.code = "FMT410",
                                .name = "shifted-class",
                                .title = "class numbers and class names are counted from different starts",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::calibrated,
                                .check = check_shifted_class};

}  // namespace vetset
