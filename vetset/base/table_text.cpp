#include "vetset/base/table_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/publish.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

bool is_missing(const TableColumn& column, std::size_t row) { return !column.missing.empty() && column.missing[row]; }

std::string_view text_of(const TextColumn& texts, std::size_t row) {
  const std::size_t begin = row == 0 ? 0 : texts.ends[row - 1];
  return std::string_view(texts.bytes).substr(begin, texts.ends[row] - begin);
}

/// Calls `take` with the value of one row: a number, a truth value or a text.
template <class Take>
void with_value(const TableColumn& column, std::size_t row, Take take) {
  std::visit(
      [&](const auto& values) {
        using Values = std::decay_t<decltype(values)>;
        if constexpr (std::is_same_v<Values, TextColumn>) {
          take(text_of(values, row));
        } else if constexpr (std::is_same_v<Values, std::vector<bool>>) {
          take(bool{values[row]});
        } else if constexpr (requires { values.ends; }) {
          VETSET_ASSERT(false, "tables of text have no lists");
        } else {
          take(values[row]);
        }
      },
      column.values);
}

/// Calls `line` for each row, with the piece that holds it and its number there.
template <class Line>
void each_row(const TableRows& table, Line line) {
  for (std::uint64_t begin = 0; begin < table.count; begin += rows_of_piece) {
    const std::uint64_t end = std::min(table.count, begin + rows_of_piece);
    const Table piece = table.rows(begin, end);
    for (std::size_t row = 0; row < end - begin; ++row) line(piece, row);
  }
}

void append_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) (out += c) += c == '"' ? "\"" : "";
  out += '"';
}

void append_field(std::string& out, bool value) { out += value ? "true" : "false"; }
void append_field(std::string& out, std::int64_t value) { append_number(out, value); }
void append_field(std::string& out, std::uint32_t value) { append_number(out, std::uint64_t{value}); }
void append_field(std::string& out, double value) {
  if (std::isfinite(value)) append_number(out, value);
}

}  // namespace

std::string jsonl_of(const TableRows& table) {
  std::string text;
  each_row(table, [&](const Table& piece, std::size_t row) {
    JsonWriter out(text);
    out.begin_object();
    for (const TableColumn& column : piece)
      if (!is_missing(column, row))
        with_value(column, row, [&](const auto& value) {
          using Value = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<Value, std::string_view>)
            out.key(column.name).value(invalid_utf8(value) ? printable(value) : std::string(value));
          else if constexpr (std::is_same_v<Value, double>)
            std::isfinite(value) ? out.key(column.name).value(value) : out.key(column.name).null();
          else
            out.key(column.name).value(value);
        });
    out.end_object();
    text += '\n';
  });
  return text;
}

std::string csv_of(const TableRows& table) {
  std::string text;
  bool first = true;
  for (const TableColumn& column : table.rows(0, 0)) {
    if (!std::exchange(first, false)) text += ',';
    append_field(text, std::string_view(column.name));
  }
  text += "\r\n";
  each_row(table, [&](const Table& piece, std::size_t row) {
    for (std::size_t c = 0; c < piece.size(); ++c) {
      if (c > 0) text += ',';
      if (!is_missing(piece[c], row)) with_value(piece[c], row, [&](const auto& value) { append_field(text, value); });
    }
    text += "\r\n";
  });
  return text;
}

Result<void> check_table_path(const std::string& path) {
  const std::string_view extension = extension_of(path);
  if (extension == "parquet" || extension == "jsonl" || extension == "csv") return {};
  return Error{Code::usage, "'" + path + "' ends in no format of tables; there are .parquet, .jsonl and .csv"};
}

Result<void> write_table(const TableRows& table, const std::string& path) {
  VETSET_DO(check_table_path(path));
  const std::string_view extension = extension_of(path);
  if (extension != "parquet") return write_file_atomically(path, extension == "csv" ? csv_of(table) : jsonl_of(table));
  VETSET_TRY(const ParquetModule* const module, parquet_module());
  std::string bytes;
  VETSET_DO(module->write(table, [&](std::string_view piece) -> Result<void> {
    bytes += piece;
    return {};
  }));
  return write_file_atomically(path, bytes);
}

}  // namespace vetset
