// What undo.cpp is made of: rows as a list of edits has them, their values, and numbers that closed up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/json.h"

namespace vetset {

/// A canonical row, column by column.
struct ListedRow {
  std::vector<std::pair<std::string, std::string_view>> columns;

  explicit ListedRow(std::string_view json) {
    if (json.empty()) return;
    JsonCursor in(json);
    for (in.enter_object(); in.next_member();) {
      std::string key(in.key());
      columns.emplace_back(std::move(key), in.skip());
    }
  }
  std::string_view operator[](std::string_view key) const {
    for (const auto& [own, json] : columns)
      if (own == key) return json;
    return {};
  }
  /// The row without some columns, and with others.
  std::string with(std::initializer_list<std::string_view> without,
                   std::span<const std::pair<std::string, std::string>> added) const {
    std::string row;
    JsonWriter out(row);
    out.begin_object();
    for (const auto& [key, json] : columns)
      if (std::find(without.begin(), without.end(), key) == without.end()) out.key(key).raw(json);
    for (const auto& [key, json] : added) out.key(key).raw(json);
    out.end_object();
    return row;
  }
};

/// A text of a row: a string, or the bytes that stand for one; empty where there is none.
std::string text_of(std::string_view json);
/// A number of records; the largest there is where it is none.
std::uint32_t count_of(std::string_view json);
/// Whether two JSON values are the same but for numbers that a format's digits have moved.
bool nearly_equal(std::string_view a, std::string_view b);

/// Numbers that were taken out of a row of numbers, which then closed up.
class Gaps {
 public:
  void add(std::uint32_t number) { numbers_.push_back(number); }
  void sort() {
    std::sort(numbers_.begin(), numbers_.end());
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
  }
  /// What a number was before they were taken out.
  std::uint32_t opened(std::uint32_t number) const {
    std::size_t low = 0, high = numbers_.size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (numbers_[middle] <= number + middle)
        low = middle + 1;
      else
        high = middle;
    }
    return number + static_cast<std::uint32_t>(low);
  }

 private:
  std::vector<std::uint32_t> numbers_;
};

}  // namespace vetset
