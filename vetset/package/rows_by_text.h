// Which rows of a group may have a text in a column: eight bytes a row, no text. For the files of this room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace vetset {

/// Fill with `add`, then `sort`, then ask.
class RowsByText {
 public:
  struct Entry {
    std::uint32_t hash, row;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };

  void add(std::string_view text, std::uint32_t row) { entries_.push_back({hash_of(text), row}); }
  void sort() {
    entries_.shrink_to_fit();
    std::sort(entries_.begin(), entries_.end());
  }
  /// The rows that have the text, ascending, and perhaps some that have not.
  std::span<const Entry> find(std::string_view text) const {
    const std::uint32_t hash = hash_of(text);
    const auto first = std::lower_bound(entries_.begin(), entries_.end(), Entry{hash, 0});
    auto last = first;
    while (last != entries_.end() && last->hash == hash) ++last;
    return {first, last};
  }

 private:
  static std::uint32_t hash_of(std::string_view text) {
    const std::size_t hash = std::hash<std::string_view>()(text);
    return static_cast<std::uint32_t>(hash ^ hash >> 32);
  }
  std::vector<Entry> entries_;
};

}  // namespace vetset
