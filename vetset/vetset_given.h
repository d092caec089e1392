// Tables that a user names beside a dataset: rows of numbers (NumPy, Parquet), and lists that say whose they are. For
// embeddings and probabilities.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/parquet.h"
#include "vetset/base/result.h"
#include "vetset/base/table_rows.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// The bytes of a file, whose name is in errors.
Result<Bytes> read_given(const std::string& path);
/// "features.txt" or "features.csv" beside "features.npy"; empty where neither is.
std::string paths_beside(const std::string& path);
std::vector<std::string> lines_of(std::string_view text);
/// All rows of a CSV file; a quote that nothing closes is an error.
Result<std::vector<std::vector<std::string>>> csv_rows(const std::string& file, std::string_view text);
bool is_csv(const std::string& file);
/// One path a line; of a CSV file the first column, whose first row may be a heading.
Result<std::vector<std::string>> paths_in(const std::string& file, const Dataset& d, std::size_t rows);

/// What columns that name an image are called.
const std::vector<std::string>& path_columns();
std::string words_of(const std::vector<std::string>& words);
/// The first column of these names that holds such values; null where none does.
template <class Values>
const TableColumn* column_called(const Table& table, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    for (const TableColumn& column : table)
      if (column.name == name && std::holds_alternative<Values>(column.values)) return &column;
  return nullptr;
}

/// A fold for each row: a line each, in their order, or a .csv of path and fold. `paths` may be empty.
Result<std::vector<std::string>> read_folds(const std::string& file, std::span<const std::string> paths,
                                            std::size_t rows);

}  // namespace vetset
