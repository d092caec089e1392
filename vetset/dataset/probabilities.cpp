#include "vetset/dataset/probabilities.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>

#include "vetset/base/count_of.h"
#include "vetset/base/nearest.h"
#include "vetset/base/number.h"
#include "vetset/dataset/image_names.h"

namespace vetset {
namespace {

constexpr std::size_t grain = 4096;
constexpr double sum_tolerance = 1e-3;  // float16 has three digits

std::string text_of(double value) {
  std::string text;
  append_number(text, std::round(value * 1e6) / 1e6);
  return text;
}

/// "row 7 ('a.jpg')"
std::string row_name(const ProbabilityRows& given, std::size_t row) {
  std::string text = "row " + std::to_string(row);
  if (!given.paths.empty()) text += " ('" + given.paths[row] + "')";
  if (!given.ids.empty()) text += " (annotation " + std::to_string(given.ids[row]) + ")";
  return text;
}

/// Which column each class has.
Result<void> bind_columns(const Dataset& d, const ProbabilityRows& given, Probabilities& made) {
  const std::string& file = given.classes.empty() ? given.name : given.classes;
  made.column_of.assign(d.categories.size(), Probabilities::no_row);
  made.category_of.assign(given.width, none<CategoryIndex>);
  if (given.columns.empty()) {
    if (given.width != d.categories.size())
      return Error{Code::malformed,
                   "has " + count_of(given.width, "column") + ", and the dataset " +
                       std::to_string(d.categories.size()) + (d.categories.size() == 1 ? " class" : " classes") +
                       ": a list of classes has to say whose each column is (--probabilities-classes)",
                   given.name};
    for (std::size_t c = 0; c < given.width; ++c) {
      made.column_of[c] = static_cast<std::uint32_t>(c);
      made.category_of[c] = to_index<CategoryIndex>(c);
    }
    return {};
  }
  if (given.columns.size() != given.width)
    return Error{Code::malformed,
                 "names " + std::to_string(given.columns.size()) + " classes, expected " + std::to_string(given.width) +
                     ", one a column of " + given.name,
                 file};
  std::vector<std::string> known;
  for (const Category& category : d.categories) known.push_back(category.name);
  for (std::size_t c = 0; c < given.width; ++c) {
    const auto found = std::find(known.begin(), known.end(), given.columns[c]);
    if (found == known.end())
      return Error{Code::malformed,
                   "column " + std::to_string(c) + " is of '" + given.columns[c] +
                       "', which is no class of the dataset" + did_you_mean(given.columns[c], known),
                   file};
    const auto k = static_cast<std::size_t>(found - known.begin());
    if (made.column_of[k] != Probabilities::no_row)
      return Error{Code::malformed,
                   "columns " + std::to_string(made.column_of[k]) + " and " + std::to_string(c) + " are both of '" +
                       given.columns[c] + "'",
                   file};
    made.column_of[k] = static_cast<std::uint32_t>(c);
    made.category_of[c] = to_index<CategoryIndex>(k);
  }
  std::vector<std::uint64_t> labels(d.categories.size());
  for (const Annotation& a : d.annotations)
    if (a.category != none<CategoryIndex>) ++labels[to_size(a.category)];
  for (std::size_t k = 0; k < labels.size(); ++k)
    if (labels[k] > 0 && made.column_of[k] == Probabilities::no_row)
      return Error{Code::malformed,
                   "no column is of '" + known[k] + "', which " + count_of(labels[k], "label") +
                       (labels[k] == 1 ? " has" : " have"),
                   file};
  return {};
}

Result<void> take_row(const ProbabilityRows& given, const std::string& file, std::uint32_t& of, std::size_t row) {
  if (of != Probabilities::no_row)
    return Error{Code::malformed,
                 "rows " + std::to_string(of) + " and " + std::to_string(row) + " are of one: " + row_name(given, row),
                 file};
  of = static_cast<std::uint32_t>(row);
  return {};
}

Result<void> bind_by_path(const Dataset& d, const ProbabilityRows& given, Probabilities& made) {
  const NamedRows named{.name = given.name, .names = given.names, .rows = given.rows, .paths = given.paths};
  made.row_of.assign(d.images.size(), Probabilities::no_row);
  VETSET_TRY(const UnusedRows left, for_named_images(d, named, [&](std::size_t row, ImageIndex i) {
               return take_row(given, named.file(), made.row_of[to_size(i)], row);
             }));
  made.unused = left.count;
  if (left.count > 0)
    return Error{Code::malformed,
                 count_of(left.count, "row") + (left.count == 1 ? " is" : " are") +
                     " of no image of the dataset, the first is " + row_name(given, left.first) +
                     "; leave out what is not in it",
                 named.file()};
  return {};
}

Result<void> bind_by_id(const Dataset& d, const ProbabilityRows& given, Probabilities& made) {
  made.of = ProbabilitiesOf::annotations;
  made.row_of.assign(d.annotations.size(), Probabilities::no_row);
  std::vector<std::pair<std::int64_t, std::uint32_t>> known;
  for (std::size_t a = 0; a < d.annotations.size(); ++a)
    if (d.annotation_ids[a] != Ids::absent && d.annotation_ids[a] != Ids::odd)
      known.emplace_back(d.annotation_ids[a], static_cast<std::uint32_t>(a));
  std::sort(known.begin(), known.end());
  for (std::size_t row = 0; row < given.rows; ++row) {
    const auto found = std::lower_bound(known.begin(), known.end(), std::pair(given.ids[row], std::uint32_t{0}));
    if (found == known.end() || found->first != given.ids[row])
      return Error{Code::malformed,
                   "row " + std::to_string(row) + " is of annotation " + std::to_string(given.ids[row]) +
                       ", which the dataset does not have",
                   given.name};
    VETSET_DO(take_row(given, given.name, made.row_of[found->second], row));
  }
  return {};
}

Result<void> bind_rows(const Dataset& d, const ProbabilityRows& given, Probabilities& made) {
  if (!given.ids.empty()) return bind_by_id(d, given, made);
  if (!given.paths.empty() || !given.names.empty()) return bind_by_path(d, given, made);
  if (given.rows != d.images.size() && given.rows != d.annotations.size())
    return Error{Code::malformed,
                 "has " + count_of(given.rows, "row") + ", and the dataset " + count_of(d.images.size(), "image") +
                     " and " + count_of(d.annotations.size(), "annotation") +
                     ": a list of paths has to say whose each row is (--probabilities-paths)",
                 given.name};
  made.of = given.rows == d.images.size() ? ProbabilitiesOf::images : ProbabilitiesOf::annotations;
  made.row_of.resize(given.rows);
  for (std::size_t row = 0; row < given.rows; ++row) made.row_of[row] = static_cast<std::uint32_t>(row);
  return {};
}

Result<void> bind_folds(const ProbabilityRows& given, Probabilities& made) {
  made.out_of_fold = given.out_of_fold;
  if (given.folds.empty() && given.fold_name.empty()) return {};
  const std::string& file = given.fold_name.empty() ? given.name : given.fold_name;
  if (given.folds.size() != given.rows)
    return Error{Code::malformed,
                 "gives " + count_of(given.folds.size(), "fold") + ", expected " + std::to_string(given.rows) +
                     ", one a row of " + given.name,
                 file};
  std::map<std::string_view, std::uint32_t> numbers;
  made.fold_of.reserve(given.rows);
  for (std::size_t row = 0; row < given.rows; ++row) {
    if (given.folds[row].empty())
      return Error{Code::malformed, row_name(given, row) + " has no fold, expected one for every row", file};
    made.fold_of.push_back(
        numbers.try_emplace(given.folds[row], static_cast<std::uint32_t>(numbers.size())).first->second);
  }
  made.folds = numbers.size();
  if (made.folds == 1 && given.rows > 1)
    return Error{Code::malformed,
                 "all rows are of fold '" + given.folds.front() +
                     "', so no other was there to learn from; where another dataset was: --out-of-fold",
                 file};
  made.out_of_fold = true;
  return {};
}

/// Numbers of one row, in one pass over it.
struct RowSum {
  double sum = 0;
  bool inside = true;  // all from 0 to 1, and none is NaN
};
RowSum sum_of(std::span<const float> row) {
  constexpr std::size_t lanes = 8;
  float low[lanes], high[lanes], sums[lanes] = {};
  std::fill(low, low + lanes, 0.0F), std::fill(high, high + lanes, 1.0F);
  float odd[lanes] = {};
  std::size_t k = 0;
  for (; k + lanes <= row.size(); k += lanes)
    for (std::size_t l = 0; l < lanes; ++l) {
      const float v = row[k + l];
      sums[l] += v;
      low[l] = v < low[l] ? v : low[l];
      high[l] = v > high[l] ? v : high[l];
      odd[l] += v - v;  // NaN where it is none, or infinite
    }
  RowSum made;
  for (std::size_t l = 0; l < lanes; ++l) {
    made.sum += double{sums[l]};
    made.inside = made.inside && low[l] >= 0 && high[l] <= 1 && odd[l] == 0;
  }
  for (; k < row.size(); ++k) {
    made.sum += double{row[k]};
    made.inside = made.inside && row[k] >= 0 && row[k] <= 1;
  }
  return made;
}

Error outside(const ProbabilityRows& given, std::size_t row, std::span<const float> values) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (values[k] >= 0 && values[k] <= 1) continue;
    const std::string found = std::isnan(values[k])   ? "NaN"
                              : std::isinf(values[k]) ? "an infinity"
                                                      : text_of(values[k]);
    return {Code::malformed,
            row_name(given, row) + " has " + found + " in column " + std::to_string(k) +
                ", expected a probability from 0 to 1" +
                (std::isfinite(values[k]) ? ": scores (logits) have to go through softmax first" : ""),
            given.name};
  }
  return {Code::malformed, row_name(given, row) + " holds what is no probability", given.name};
}

Result<void> look_at_values(const ProbabilityRows& given, const Probabilities& made, const Pool& pool) {
  std::atomic<std::size_t> first{given.rows};
  pool.for_ranges(given.rows, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end && row < first.load(std::memory_order_relaxed); ++row) {
      const RowSum sum = sum_of(made.row(row));
      if (sum.inside && (made.several || std::abs(sum.sum - 1) <= sum_tolerance)) continue;
      std::size_t seen = first.load();
      while (row < seen && !first.compare_exchange_weak(seen, row)) {
      }
      return;
    }
  });
  const std::size_t row = first.load();
  if (row == given.rows) return {};
  const RowSum sum = sum_of(made.row(row));
  if (!sum.inside) return outside(given, row, made.row(row));
  return Error{Code::malformed,
               row_name(given, row) + " sums to " + text_of(sum.sum) + ", expected 1: each " +
                   (made.of == ProbabilitiesOf::images ? "image" : "annotation") + " has one class",
               given.name};
}

/// How often each class is the most probable one of what is labelled with each.
std::vector<std::uint64_t> confusion(const Dataset& d, const Probabilities& made, const ImageClasses& classes) {
  const std::size_t count = made.width;
  std::vector<std::uint64_t> counts(count * count);
  for (std::size_t n = 0; n < made.row_of.size(); ++n) {
    if (made.row_of[n] == Probabilities::no_row) continue;
    CategoryIndex label = none<CategoryIndex>;
    if (made.of == ProbabilitiesOf::annotations) label = d.annotations[n].category;
    if (made.of == ProbabilitiesOf::images && classes.of(n).size() == 1) label = classes.of(n).front();
    if (label == none<CategoryIndex>) continue;
    const auto row = made.row(made.row_of[n]);
    const auto best = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    ++counts[made.column_of[to_size(label)] * count + best];
  }
  return counts;
}

Result<void> look_at_order(const Dataset& d, const ProbabilityRows& given, const Probabilities& made,
                           const ImageClasses& classes) {
  constexpr std::size_t most = 2048;  // a table of more pairs would be larger than what it looks at
  if (!given.columns.empty() || made.several || made.width > most) return {};
  const std::vector<std::uint64_t> counts = confusion(d, made, classes);
  const std::vector<std::uint32_t> order = other_order(counts, made.width);
  if (order.empty()) return {};
  std::uint64_t all = 0, as_given = 0, as_found = 0;
  std::string moved;
  std::size_t told = 0;
  for (std::size_t k = 0; k < made.width; ++k) {
    for (std::size_t j = 0; j < made.width; ++j) all += counts[k * made.width + j];
    as_given += counts[k * made.width + k];
    as_found += counts[k * made.width + order[k]];
    if (order[k] == k || told++ >= 3) continue;
    moved += (moved.empty() ? "" : ", ") + std::string("'") + d.categories[k].name + "' seems to be column " +
             std::to_string(order[k]);
  }
  const auto share = [&](std::uint64_t of) {
    return std::to_string(of * 100 / std::max<std::uint64_t>(all, 1)) + " %";
  };
  return Error{Code::malformed,
               "its columns seem to be in another order than the dataset's classes: labels agree with " +
                   share(as_given) + " as they stand, and with " + share(as_found) + " where " + moved +
                   (told > 3 ? ", …" : "") + "; name the columns in their order (--probabilities-classes)",
               given.name};
}

}  // namespace

std::string_view name(ProbabilitiesOf of) { return of == ProbabilitiesOf::images ? "images" : "annotations"; }

ImageClasses image_classes(const Dataset& d) {
  ImageClasses made;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  made.begin.reserve(d.images.size() + 1);
  made.begin.push_back(0);
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const std::size_t first = made.categories.size();
    for (const AnnotationIndex a : annotations.of(to_index<ImageIndex>(i)))
      if (d[a].category != none<CategoryIndex> && !d[a].flags.is(Flag::negative))
        made.categories.push_back(d[a].category);
    const auto begin = made.categories.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, made.categories.end());
    made.categories.erase(std::unique(begin, made.categories.end()), made.categories.end());
    made.begin.push_back(static_cast<std::uint32_t>(made.categories.size()));
  }
  return made;
}

std::vector<std::uint32_t> other_order(std::span<const std::uint64_t> counts, std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::vector<bool> taken(count, false);
  bool moved = false;
  for (std::size_t k = 0; k < count; ++k) {
    const auto row = counts.subspan(k * count, count);
    std::uint64_t all = 0;
    for (const std::uint64_t n : row) all += n;
    const auto best = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    // Most of a class has to be called another, and hardly any of it what it is.
    const bool is_moved = best != k && all >= 3 && row[best] * 2 > all && row[k] * 4 < row[best];
    order[k] = static_cast<std::uint32_t>(is_moved ? best : k);
    moved = moved || is_moved;
  }
  if (!moved) return {};
  for (const std::uint32_t to : order) {
    if (taken[to]) return {};  // two classes called one: a model that cannot tell them, no other order
    taken[to] = true;
  }
  return order;
}

Result<Probabilities> probabilities_of(const Dataset& d, const ProbabilityRows& given, const Pool& pool) {
  if (given.rows == 0) return Error{Code::malformed, "has no rows", given.name};
  if (given.rows >= Probabilities::no_row) return Error{Code::limit, "has more than 4,294,967,294 rows", given.name};
  Probabilities made{.name = given.name, .digest = given.digest, .rows = given.rows, .width = given.width};
  made.values = given.values;
  made.owner = given.owner;
  VETSET_DO(bind_columns(d, given, made));
  VETSET_DO(bind_rows(d, given, made));
  VETSET_DO(bind_folds(given, made));
  made.without = static_cast<std::uint64_t>(std::count(made.row_of.begin(), made.row_of.end(), Probabilities::no_row));
  const ImageClasses classes = made.of == ProbabilitiesOf::images ? image_classes(d) : ImageClasses{};
  if (made.of == ProbabilitiesOf::images)
    for (std::size_t i = 0; i < d.images.size() && !made.several; ++i) made.several = classes.of(i).size() > 1;
  VETSET_DO(look_at_values(given, made, pool));
  VETSET_DO(look_at_order(d, given, made, classes));
  return made;
}

}  // namespace vetset
