// Tables: columns of plain values, piece by piece, handed on as Arrow (the C data interface) or written as Parquet.
// parquet.cpp and parquet_read.cpp are the only files that know Apache Arrow. The program does not contain them: it
// loads the module that does when the first Parquet file is read or written, so that everything else starts in
// milliseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vetset/base/progress.h"
#include "vetset/base/result.h"

struct ArrowArrayStream;  // of the Arrow C stream interface

namespace vetset {

/// Text of each row. Bytes that are not UTF-8 leave as U+FFFD, as Arrow's strings must be UTF-8.
struct TextColumn {
  std::string bytes;
  std::vector<std::size_t> ends;  // of each row's text in `bytes`
  void add(std::string_view text) {
    bytes += text;
    ends.push_back(bytes.size());
  }
};
/// A list of values in each row.
template <class Values>
struct ListColumn {
  Values values;
  std::vector<std::size_t> ends;  // of each row's values
};
using TextLists = ListColumn<TextColumn>;
using CountLists = ListColumn<std::vector<std::int64_t>>;
using CountListLists = ListColumn<CountLists>;
using TruthLists = ListColumn<std::vector<bool>>;
using NumberLists = ListColumn<std::vector<double>>;
using NumberListLists = ListColumn<NumberLists>;

using ColumnValues =
    std::variant<std::vector<std::int64_t>, std::vector<std::uint32_t>, std::vector<double>, std::vector<bool>,
                 TextColumn, TextLists, CountLists, CountListLists, TruthLists, NumberLists, NumberListLists>;

/// One column of some rows.
struct TableColumn {
  std::string name;
  ColumnValues values;
  std::vector<bool> missing = {};  // which rows have no value; empty: all have one
};
using Table = std::vector<TableColumn>;

/// Rows of a piece, and of a row group in a file.
inline constexpr std::uint64_t rows_of_piece = 131'072;

/// A table that is made in pieces, so that it never lies in memory as a whole.
struct TableRows {
  std::uint64_t count = 0;
  /// The rows from `begin` up to `end`, always with the same columns; no rows give the columns alone.
  std::function<Table(std::uint64_t begin, std::uint64_t end)> rows;
  std::uint64_t piece = rows_of_piece;  // rows that are asked for at once, where they are large: at most so many
  /// Column `c` of those rows alone, where it is made without the others: then no piece lies in memory as a whole.
  std::function<TableColumn(std::size_t c, std::uint64_t begin, std::uint64_t end)> column = {};
};

/// A stream of the Arrow C stream interface. Its consumer moves it out and leaves it released; what nobody took is
/// released here.
struct StreamDeleter {
  void operator()(ArrowArrayStream* stream) const;
};
using Stream = std::unique_ptr<ArrowArrayStream, StreamDeleter>;

/// A stream of record batches. It calls `table.rows` from the thread that asks, whenever it asks, so what that function
/// looks at must stay.
Result<Stream> export_stream(TableRows table);
/// The same of one column alone: a stream of arrays.
Result<Stream> export_column(TableRows table);

class RowGroups;  // row_groups.h
struct Range;     // tree.h
class Bytes;

/// What the module offers. It calls nothing of the program.
struct ParquetModule {
  const char* library;  // that writes and reads, and its version: "Arrow 24.0.0"
  /// Hands the bytes of a Parquet file on as they come: zstd, page checksums, statistics, a row group a piece, nothing
  /// of the machine or the time.
  Result<void> (*write)(const TableRows& table, const std::function<Result<void>(std::string_view)>& take);
  /// Hands the rows of a Parquet file on, some thousand at a time. Of its columns those that `columns` names; one that
  /// is not there is not in the table. A column of a type that `ColumnValues` has no place for is an error.
  Result<void> (*read)(std::string_view file, const std::vector<std::string>& columns,
                       const std::function<Result<void>(const Table&)>& take);
  /// A Parquet file of `size` bytes for reading at random: only its footer is read now.
  Result<std::unique_ptr<RowGroups>> (*open)(std::uint64_t size, std::function<Result<Bytes>(Range)> read);
  /// As `export_stream`, into a stream of the caller's, who releases it.
  Result<void> (*stream)(TableRows table, ArrowArrayStream& out);
};
/// The module, loaded on first need; an error that says where it was looked for.
Result<const ParquetModule*> parquet_module();

/// Writes a Parquet file, whole or not at all: zstd, page checksums, statistics, nothing of the machine or the time.
Result<void> write_parquet(const TableRows& table, const std::string& path, const Progress& progress = {});

}  // namespace vetset
