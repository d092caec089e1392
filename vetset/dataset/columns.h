// How tables are made column by column: each column is a function of the row's number. For the tables of this room.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/parquet.h"

namespace vetset {

/// Makes one column of the rows from `begin` up to `end`.
using Maker = std::function<TableColumn(std::uint64_t begin, std::uint64_t end)>;

inline TableRows table_of(std::uint64_t count, std::vector<Maker> makers) {
  return {count, [makers = std::move(makers)](std::uint64_t begin, std::uint64_t end) {
            Table table;
            for (const Maker& maker : makers) table.push_back(maker(begin, end));
            return table;
          }};
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

}  // namespace vetset
