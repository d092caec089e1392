// How tables are made column by column: each column is a function of the row's number. For the tables of this room.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "vetset/base/parquet.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// Makes one column of the rows from `begin` up to `end`.
using Maker = std::function<TableColumn(std::uint64_t begin, std::uint64_t end)>;

inline TableRows table_of(std::uint64_t count, std::vector<Maker> makers) {
  const auto made = std::make_shared<const std::vector<Maker>>(std::move(makers));
  return {.count = count,
          .rows =
              [made](std::uint64_t begin, std::uint64_t end) {
                Table table;
                for (const Maker& maker : *made) table.push_back(maker(begin, end));
                return table;
              },
          .column = [made](std::size_t c, std::uint64_t begin, std::uint64_t end) { return (*made)[c](begin, end); }};
}

/// A column of numbers or truth values, of which row i has `value(i)`: an optional.
template <class T, class Value>
Maker plain(std::string_view name, Value value) {
  return [name, value = std::move(value)](std::uint64_t begin, std::uint64_t end) {
    std::vector<T> values;
    std::vector<bool> missing;
    values.reserve(end - begin);
    missing.reserve(end - begin);
    for (std::uint64_t i = begin; i < end; ++i) {
      const std::optional<T> v = value(i);
      values.push_back(v.value_or(T{}));
      missing.push_back(!v);
    }
    return TableColumn{std::string(name), std::move(values), std::move(missing)};
  };
}

/// A column of texts, of which row i has `value(i)`: an optional of what makes a string_view.
template <class Value>
Maker words(std::string_view name, Value value) {
  return [name, value = std::move(value)](std::uint64_t begin, std::uint64_t end) {
    TextColumn values;
    std::vector<bool> missing;
    for (std::uint64_t i = begin; i < end; ++i) {
      const auto v = value(i);
      values.add(v ? std::string_view(*v) : std::string_view());
      missing.push_back(!v);
    }
    return TableColumn{std::string(name), std::move(values), std::move(missing)};
  };
}

/// A column of lists, of which `fill(i, values)` appends those of row i and says whether it has a list at all.
template <class Values, class Fill>
Maker lists(std::string_view name, Fill fill) {
  return [name, fill = std::move(fill)](std::uint64_t begin, std::uint64_t end) {
    ListColumn<Values> column;
    std::vector<bool> missing;
    for (std::uint64_t i = begin; i < end; ++i) {
      missing.push_back(!fill(i, column.values));
      if constexpr (requires { column.values.ends; })
        column.ends.push_back(column.values.ends.size());
      else
        column.ends.push_back(column.values.size());
    }
    return TableColumn{std::string(name), std::move(column), std::move(missing)};
  };
}

// Cells: what the model marks as not said is missing.

template <class Index>
  requires std::is_enum_v<Index>
std::optional<std::uint32_t> stated(Index i) {
  return i == none<Index> ? std::nullopt : std::optional(static_cast<std::uint32_t>(i));
}
inline std::optional<double> stated(double value) { return is_unstated(value) ? std::nullopt : std::optional(value); }
inline std::optional<std::string_view> stated(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}
inline std::optional<bool> stated(Tristate value) {
  return value == Tristate::not_said ? std::nullopt : std::optional(value == Tristate::yes);
}
/// The attributes of a record as one JSON object, keys in the source's order; nothing where it has none.
std::optional<std::string> attributes_json(const Dataset& d, Owner owner, std::size_t index);

// Columns of annotations that all tables of them have.

/// x, y, width, height, where there is a box.
void add_boxes(std::vector<Maker>& makers, const Dataset& d);
/// mask_height, mask_width, mask_counts of the first mask.
void add_masks(std::vector<Maker>& makers, const Dataset& d);

}  // namespace vetset
