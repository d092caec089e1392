#include "vetset/check/class_shift.h"

#include <algorithm>

#include "vetset/base/number.h"

namespace vetset {

std::optional<std::int64_t> class_number(const Dataset& d, std::size_t category) {
  if (d.category_ids.numbers.empty()) return static_cast<std::int64_t>(category);
  const std::int64_t id = d.category_ids[category];
  if (id == Ids::absent || id == Ids::odd) return {};
  return id;
}

std::optional<ClassShift> class_shift(const Dataset& d) {
  if (d.dangling.empty() || d.categories.size() < 2) return {};
  ClassShift shift;
  std::set<std::int64_t> broken;
  for (std::size_t c = 0; c < d.categories.size(); ++c)
    if (const auto id = class_number(d, c)) shift.defined.insert(*id);
  for (const Annotation& a : d.annotations)
    if (a.category != none<CategoryIndex>)
      if (const auto id = class_number(d, to_size(a.category))) shift.used.insert(*id);
  for (const Dangling& missing : d.dangling) {
    if (missing.target != Owner::category) continue;
    const auto number = missing_class(d, missing);
    if (!number) return {};
    broken.insert(*number);
  }
  if (broken.size() != 1) return {};  // one number too many at one end is what a shift by one gives
  shift.used.insert(broken.begin(), broken.end());
  if (shift.used.size() * 2 <= shift.defined.size()) return {};
  for (const int by : {-1, 1}) {
    shift.by = by;
    if (std::all_of(shift.used.begin(), shift.used.end(),
                    [&](std::int64_t id) { return shift.defined.contains(id + by); }))
      return shift;
  }
  return {};
}

std::optional<std::int64_t> missing_class(const Dataset& d, const Dangling& missing) {
  const std::string_view json = d.text(missing.json);
  const NumberText number = read_number(json);
  if (!number.fits_int64 || number.length != json.size()) return {};
  return number.whole;
}

}  // namespace vetset
