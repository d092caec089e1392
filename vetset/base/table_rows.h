// Single rows of tables: one table's put behind those of another.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "vetset/base/parquet.h"

namespace vetset {

/// Rows of a piece of a table, in the order given. Columns that no row of the piece has a value in are left out.
class RowPicker {
 public:
  /// Puts rows of `from` behind those there are. `from` may lack columns of earlier pieces, and have others.
  void add(const Table& from, std::span<const std::uint32_t> rows);
  Table finish() { return std::move(table_); }

 private:
  Table table_;
  std::size_t count_ = 0;
};

/// Rows `begin` to `end` of a table, with all its columns.
Table slice_of(const Table& table, std::size_t begin, std::size_t end);

/// The column of that name; null where there is none.
const TableColumn* column_named(const Table& table, std::string_view name);
bool is_missing(const TableColumn& column, std::size_t row);
/// The column's values as texts; null where they are something else.
const TextColumn* texts_of(const TableColumn* column);
std::string_view text_at(const TextColumn& texts, std::size_t row);

/// Drops the columns in which no row has a value.
void drop_empty(Table& table);
/// Bytes that the values take, about.
std::size_t memory_of(const Table& table);

}  // namespace vetset
