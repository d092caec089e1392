// The annotations of a package by sample: which rows are whose in eight bytes a row, and the row groups that were read
// last, decoded. For package.cpp.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>

#include "vetset/base/result.h"
#include "vetset/base/row_groups.h"
#include "vetset/package/lazy_slots.h"
#include "vetset/package/rows_by_text.h"

namespace vetset {

class AnnotationRows {
 public:
  /// `table` must outlive it; of its decoded groups about so many bytes are kept.
  AnnotationRows(const RowGroups& table, std::uint64_t budget)
      : table_(table), budget_(budget), rows_(table.ends().size()) {}

  /// The rows of a sample, in the order of the table, without the columns in which none has a value.
  Result<Table> of(std::string_view sample) const;

 private:
  struct Decoded {
    std::size_t group;
    std::shared_ptr<const Table> rows;  // stays while somebody picks rows of it
    std::size_t bytes;
  };
  Result<const RowsByText*> rows_by_sample(std::size_t group) const;
  Result<std::shared_ptr<const Table>> decoded(std::size_t group) const;

  const RowGroups& table_;
  std::uint64_t budget_;
  LazySlots<RowsByText> rows_;
  mutable std::mutex mutex_;         // of what follows; groups are decoded outside it
  mutable std::list<Decoded> kept_;  // the last used first
};

}  // namespace vetset
