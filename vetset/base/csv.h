// Rows of text with separators (RFC 4180): fields in quotes may hold separators, quotes (doubled) and line ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vetset {

/// Walks a table from top to bottom. A byte-order mark is stepped over, empty lines too; rows may differ in length.
class CsvReader {
 public:
  /// `text` must outlive the reader.
  explicit CsvReader(std::string_view text, char separator = ',');

  /// The next row, or false at the end.
  bool next(std::vector<std::string>& fields);
  std::uint32_t line() const { return line_; }    // from 1, where the last row begins
  std::size_t offset() const { return offset_; }  // in bytes, likewise
  bool broken() const { return broken_; }         // the last row opened a quote that nothing closes

 private:
  std::string field();

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0, offset_ = 0;
  std::uint32_t line_ = 0, next_line_ = 1;
  bool broken_ = false;
};

}  // namespace vetset
