// Embeddings that a user names: a NumPy file, with or without a list of paths, or a Parquet table.
#include "vetset/base/npy.h"
#include "vetset/vetset.h"
#include "vetset/vetset_given.h"

namespace vetset {
namespace {

Result<EmbeddingRows> numpy_rows(const std::string& path, std::string names, const Dataset& d) {
  VETSET_TRY(const Bytes bytes, read_given(path));
  auto table = parse_npy(bytes);
  if (!table) return std::move(table).error().in(path);
  if (names.empty()) names = paths_beside(path);
  EmbeddingRows rows{.name = std::string(base_name(path)),
                     .names = names,
                     .digest = sha256(bytes),
                     .rows = table->rows,
                     .columns = table->columns,
                     .values = std::move(table->values)};
  if (!names.empty()) {
    VETSET_TRY(rows.paths, paths_in(names, d, rows.rows));
  }
  return rows;
}

const std::vector<std::string>& value_columns() {
  static const std::vector<std::string> names = {"embedding", "embeddings", "features", "vector"};
  return names;
}

Result<void> take_piece(const Table& table, const std::string& path, EmbeddingRows& out) {
  const TableColumn* named = column_called<TextColumn>(table, path_columns());
  const TableColumn* valued = column_called<NumberLists>(table, value_columns());
  if (named == nullptr)
    return Error{Code::malformed, "has no column of texts called one of " + words_of(path_columns()), path};
  if (valued == nullptr)
    return Error{Code::malformed, "has no column of lists of floats called one of " + words_of(value_columns()), path};
  const auto& texts = std::get<TextColumn>(named->values);
  const auto& lists = std::get<NumberLists>(valued->values);
  for (std::size_t k = 0; k < texts.ends.size(); ++k) {
    const std::size_t list = k == 0 ? 0 : lists.ends[k - 1];
    const std::size_t length = lists.ends[k] - list;
    if (out.rows == 0) out.columns = length;
    if (length != out.columns)
      return Error{Code::malformed,
                   "row " + std::to_string(out.rows) + " has " + std::to_string(length) + " numbers, expected " +
                       std::to_string(out.columns) + " as in row 0",
                   path};
    out.paths.emplace_back(text_at(texts, k));
    for (std::size_t n = list; n < lists.ends[k]; ++n) out.values.push_back(narrowed(lists.values[n]));
    ++out.rows;
  }
  return {};
}

Result<EmbeddingRows> parquet_rows(const std::string& path) {
  VETSET_TRY(const Bytes bytes, read_given(path));
  VETSET_TRY(const ParquetModule* module, parquet_module());
  EmbeddingRows rows{.name = std::string(base_name(path)), .names = path, .digest = sha256(bytes)};
  std::vector<std::string> columns = path_columns();
  columns.insert(columns.end(), value_columns().begin(), value_columns().end());
  auto read = module->read(bytes, columns, [&](const Table& table) { return take_piece(table, path, rows); });
  if (!read) return std::move(read).error().in(path);
  if (rows.rows == 0) return Error{Code::malformed, "has no rows", path};
  return rows;
}

}  // namespace

Result<Embeddings> read_embeddings(const Source& source, const std::string& path, const std::string& paths) {
  const std::string_view extension = extension_of(path);
  if (extension == "parquet") {
    if (!paths.empty())
      return Error{Code::usage, "a Parquet table names its images itself; leave the list of paths out", path};
    VETSET_TRY(const EmbeddingRows rows, parquet_rows(path));
    return embeddings_of(source.dataset, rows);
  }
  if (extension != "npy")
    return Error{Code::usage,
                 "expected embeddings as .npy (NumPy) or .parquet, found '" + std::string(base_name(path)) + "'"};
  VETSET_TRY(const EmbeddingRows rows, numpy_rows(path, paths, source.dataset));
  return embeddings_of(source.dataset, rows);
}

}  // namespace vetset
