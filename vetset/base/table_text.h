// Tables as text: a JSON object a line, or CSV (RFC 4180) with a line of names. For what a data frame is too much for.
#pragma once

#include <string>

#include "vetset/base/parquet.h"
#include "vetset/base/result.h"

namespace vetset {

/// Columns of single values only: numbers, truth values, texts. What is missing is left out of an object, and an empty
/// field of CSV.
std::string jsonl_of(const TableRows& table);
std::string csv_of(const TableRows& table);

/// Writes a table to a file, whole or not at all: as its extension says, .parquet, .jsonl, .csv.
Result<void> write_table(const TableRows& table, const std::string& path);
/// Whether there is such a format for a file of this name; an error that names those there are.
Result<void> check_table_path(const std::string& path);

}  // namespace vetset
