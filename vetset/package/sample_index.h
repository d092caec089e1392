// The samples of a package, found by row, key and path. A row group of the table is read when a sample in it is first
// asked for, and kept in about 130 bytes a sample. For package.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/base/row_groups.h"
#include "vetset/package/lazy_slots.h"
#include "vetset/package/package.h"

namespace vetset {

class SampleIndex {
 public:
  /// `table` must outlive it.
  explicit SampleIndex(const RowGroups& table);
  ~SampleIndex();

  std::uint64_t size() const { return table_.rows(); }
  Result<PackedSample> at(std::uint64_t row) const;
  Result<std::optional<std::uint64_t>> find_key(std::string_view key) const;
  Result<std::optional<std::uint64_t>> find_path(std::string_view path) const;
  Result<std::vector<std::uint64_t>> of_split(std::string_view split) const;

 private:
  struct Group;
  Result<const Group*> group(std::size_t number) const;
  Result<Group> read(std::size_t number) const;

  const RowGroups& table_;
  LazySlots<Group> groups_;
};

}  // namespace vetset
