// Embeddings that a user names: a NumPy file, with or without a list of paths, or a Parquet table.
#include <algorithm>
#include <filesystem>

#include "vetset/base/csv.h"
#include "vetset/base/npy.h"
#include "vetset/base/parquet.h"
#include "vetset/dataset/image_names.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

Result<Bytes> read_given(const std::string& path) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  auto bytes = tree->read(tree->list().front());
  if (!bytes) return std::move(bytes).error().in(path);
  return bytes;
}

bool is_file(const std::string& path) {
  std::error_code failed;
  return std::filesystem::is_regular_file(path, failed) && !failed;
}

/// "features.txt" or "features.csv" beside "features.npy"; empty where neither is.
std::string paths_beside(const std::string& path) {
  const std::string stem = path.substr(0, path.size() - extension_of(path).size());
  for (const char* extension : {"txt", "csv"})
    if (is_file(stem + extension)) return stem + extension;
  return {};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// One path a line; of a CSV file the first column, whose first row may be a heading.
Result<std::vector<std::string>> paths_in(const std::string& file, const Dataset& d, std::size_t rows) {
  VETSET_TRY(const Bytes text, read_given(file));
  if (extension_of(file) != "csv" && extension_of(file) != "CSV") return lines_of(text);
  std::vector<std::string> paths, row;
  for (CsvReader reader(text); reader.next(row);) {
    if (reader.broken()) return Error{Code::malformed, "a quote is opened and not closed", file, reader.line()};
    paths.push_back(row.empty() ? std::string() : std::move(row.front()));
  }
  if (paths.size() == rows + 1 && ImageNames(d).find(paths.front()).images.empty()) paths.erase(paths.begin());
  return paths;
}

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

const std::vector<std::string>& path_columns() {
  static const std::vector<std::string> names = {"path", "image", "image_path", "file_name", "filename", "file"};
  return names;
}
const std::vector<std::string>& value_columns() {
  static const std::vector<std::string> names = {"embedding", "embeddings", "features", "vector"};
  return names;
}

std::string words_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// The first column of these names that holds such values; null where none does.
template <class Values>
const TableColumn* column_called(const Table& table, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    for (const TableColumn& column : table)
      if (column.name == name && std::holds_alternative<Values>(column.values)) return &column;
  return nullptr;
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
    const std::size_t text = k == 0 ? 0 : texts.ends[k - 1], list = k == 0 ? 0 : lists.ends[k - 1];
    const std::size_t length = lists.ends[k] - list;
    if (out.rows == 0) out.columns = length;
    if (length != out.columns)
      return Error{Code::malformed,
                   "row " + std::to_string(out.rows) + " has " + std::to_string(length) + " numbers, expected " +
                       std::to_string(out.columns) + " as in row 0",
                   path};
    out.paths.push_back(texts.bytes.substr(text, texts.ends[k] - text));
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
