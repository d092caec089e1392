#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vetset/base/unicode.h"
#include "vetset/check/class_moves.h"
#include "vetset/check/class_shift.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

std::string range_of(const std::set<std::int64_t>& ids) {
  return ids.size() == 1 ? std::to_string(*ids.begin())
                         : std::to_string(*ids.begin()) + " to " + std::to_string(*ids.rbegin());
}

void check_range(const Dataset& d, const Report& report) {
  const std::optional<ClassShift> shift = class_shift(d);
  if (!shift) return;
  report({},
         "labels use classes " + range_of(shift->used) + ", the list has " + range_of(shift->defined) +
             ": all would fit " + (shift->by < 0 ? "one lower" : "one higher"),
         "count both from the same number; look at a few images before and after");
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

std::string class_shown(const Dataset& d, CategoryIndex category) {
  const auto id = class_number(d, to_size(category));
  return quoted(d[category].name) + (id ? " (" + std::to_string(*id) + ")" : std::string());
}

/// By how much the numbers moved, where all did by as much.
std::optional<std::int64_t> common_shift(const Dataset& before, const Dataset& after,
                                         std::span<const ClassMove> moves) {
  std::optional<std::int64_t> shift;
  for (const ClassMove& move : moves) {
    const auto from = class_number(before, to_size(move.before)), to = class_number(after, to_size(move.after));
    if (!from || !to || (shift && *shift != *to - *from)) return {};
    shift = *to - *from;
  }
  return shift;
}

/// Objects that stayed where they were and are called otherwise, though the list still has what they were called.
bool check_moves(const Evidence& evidence, const Report& report) {
  const Dataset& before = *evidence.earlier;
  const Dataset& after = evidence.dataset;
  const std::vector<ClassMove> moves = class_moves(before, after);
  if (moves.empty()) return false;
  const ClassMove& first = *std::max_element(
      moves.begin(), moves.end(), [](const ClassMove& a, const ClassMove& b) { return a.objects < b.objects; });
  const auto shift = common_shift(before, after, moves);
  const bool sure = shift && (*shift == 0 || moves.size() > 1);
  std::string how = "labels have the numbers of other classes";
  if (shift && *shift == 0) how = "labels kept their numbers while the list of classes moved";
  if (shift && *shift != 0)
    how = "numbers in labels moved by " + std::string(*shift > 0 ? "+" : "") + std::to_string(*shift) +
          " while the list of classes did not";
  std::string others;
  if (moves.size() > 1) others = "; likewise " + counted(moves.size() - 1, "other class", "other classes");
  report.with(sure ? Severity::error : Severity::warning, sure ? EvidenceClass::proof : EvidenceClass::calibrated,
              first.first,
              class_shown(before, first.before) + " of " + quoted(evidence.earlier_name) + " is " +
                  class_shown(after, first.after) + " now, in " +
                  counted(first.objects, "unchanged box", "unchanged boxes") + ": " + how + others,
              "bring list and labels into the same order again");
  return true;
}

/// Names that have another number: nothing is wrong with the labels, but what was trained on the earlier numbers.
void check_order(const Evidence& evidence, const Report& report) {
  const Dataset& before = *evidence.earlier;
  const Dataset& after = evidence.dataset;
  std::uint64_t moved = 0;
  auto first_before = none<CategoryIndex>, first_after = none<CategoryIndex>;
  for (std::size_t c = 0; c < before.categories.size(); ++c) {
    const CategoryIndex now = class_called(after, before.categories[c].name);
    if (now == none<CategoryIndex> || class_number(before, c) == class_number(after, to_size(now))) continue;
    if (moved++ > 0) continue;
    first_before = to_index<CategoryIndex>(c);
    first_after = now;
  }
  if (moved == 0) return;
  report.with(Severity::note, EvidenceClass::proof, first_after,
              counted(moved, "class has another number", "classes have other numbers") + " than in " +
                  quoted(evidence.earlier_name) + ", first " + class_shown(before, first_before) + ", now " +
                  std::to_string(class_number(after, to_size(first_after)).value_or(0)) +
                  ": a model trained on that one answers with the earlier numbers",
              "keep the order of classes, and add new ones at its end");
}

void check_shifted_class(const Evidence& evidence, const Report& report) {
  check_range(evidence.dataset, report);
  check_background(evidence.dataset, report);
  if (evidence.earlier != nullptr && !check_moves(evidence, report)) check_order(evidence, report);
}

}  // namespace

extern const Rule shifted_class{.code = "FMT410",
                                .name = "shifted-class",
                                .title = "class numbers and class names are counted from different starts",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::calibrated,
                                .check = check_shifted_class};

}  // namespace vetset
