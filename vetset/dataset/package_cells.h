// Typed looks into the columns of some rows of a package, with errors that name table, row and column. For
// package_reader.cpp only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vetset/base/base64.h"
#include "vetset/base/parquet.h"
#include "vetset/base/table_rows.h"

namespace vetset {

/// Some rows of one table, and the first thing that is wrong with them.
class Rows {
 public:
  Rows(std::string_view table, const Table& rows, std::uint64_t begin);

  std::size_t size() const { return size_; }
  const TableColumn* find(std::string_view column) const;
  /// Remembers the first fault; `row` counts from 0 within these rows.
  void fail(std::string_view column, std::size_t row, std::string_view words);
  /// A fault of a whole column.
  void fail(std::string_view column, std::string_view words);
  bool failed() const { return error_.has_value(); }
  Result<void> outcome() const { return error_ ? Result<void>(*error_) : Result<void>(); }

 private:
  std::string table_;
  const Table& rows_;
  std::uint64_t begin_;  // number of the first of these rows in the table
  std::size_t size_ = 0;
  std::optional<Error> error_;
};

/// A column of plain values. One that is not there has none; one of another type is a fault.
template <class T>
class Cells {
 public:
  Cells(Rows& rows, std::string_view name, std::string_view expected) {
    const TableColumn* column = rows.find(name);
    if (column == nullptr) return;
    values_ = std::get_if<std::vector<T>>(&column->values);
    if (values_ == nullptr) {
      rows.fail(name, "expected " + std::string(expected));
      return;
    }
    missing_ = &column->missing;
  }
  std::optional<T> operator[](std::size_t i) const {
    if (values_ == nullptr || (!missing_->empty() && (*missing_)[i])) return std::nullopt;
    return (*values_)[i];
  }

 private:
  const std::vector<T>* values_ = nullptr;
  const std::vector<bool>* missing_ = nullptr;
};
/// Whole numbers from 0 to 2^32 − 1, in a column of 32 or 64 bits.
class CountCells {
 public:
  CountCells(Rows& rows, std::string_view name);
  std::optional<std::uint32_t> operator[](std::size_t i) const;

 private:
  Rows& rows_;
  std::string_view name_;
  const std::vector<std::uint32_t>* narrow_ = nullptr;
  const std::vector<std::int64_t>* wide_ = nullptr;
  const std::vector<bool>* missing_ = nullptr;
};
struct NumberCells : Cells<double> {
  NumberCells(Rows& rows, std::string_view name) : Cells(rows, name, "numbers") {}
};
struct TruthCells : Cells<bool> {
  TruthCells(Rows& rows, std::string_view name) : Cells(rows, name, "truth values") {}
};

/// Texts as they were before `cell_text`.
class TextCells {
 public:
  TextCells(Rows& rows, std::string_view name);
  /// Valid until the next call.
  std::optional<std::string_view> operator[](std::size_t i);
  bool there() const { return values_ != nullptr; }

 private:
  Rows& rows_;
  std::string_view name_;
  const TextColumn* values_ = nullptr;
  const std::vector<bool>* missing_ = nullptr;
  std::string scratch_;
};

/// Lists: the places of row i's values in `values()`.
template <class Values>
class ListCells {
 public:
  ListCells(Rows& rows, std::string_view name, std::string_view expected) {
    const TableColumn* column = rows.find(name);
    if (column == nullptr) return;
    lists_ = std::get_if<ListColumn<Values>>(&column->values);
    if (lists_ == nullptr) {
      rows.fail(name, "expected lists of " + std::string(expected));
      return;
    }
    missing_ = &column->missing;
  }
  struct Place {
    std::size_t begin, end;
  };
  std::optional<Place> operator[](std::size_t i) const {
    if (lists_ == nullptr || (!missing_->empty() && (*missing_)[i])) return std::nullopt;
    return Place{i == 0 ? 0 : lists_->ends[i - 1], lists_->ends[i]};
  }
  const Values& values() const { return lists_->values; }

 private:
  const ListColumn<Values>* lists_ = nullptr;
  const std::vector<bool>* missing_ = nullptr;
};

/// What `cell_text` made a cell of; nothing where that is no base64.
std::optional<std::string> text_of_cell(std::string_view cell);

}  // namespace vetset
