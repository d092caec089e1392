// The inverse of the canonical form: rows become a dataset again, whose canonical form is those rows, byte by byte.
// What no row says (the format, where files lie, how things were spelled) is not there.
#pragma once

#include <span>
#include <string_view>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// One canonical row: {"annotations", "{\"ann_id\":…}"}.
struct CanonicalRow {
  std::string_view table, row;
};

/// Rows in any order; a table that no row is of is empty. Annotations come in the order that their numbers and images
/// say. An error names the table and the column: a key that is there twice, a reference to no row, a value of another
/// type, a column that is none.
Result<Dataset> dataset_of_rows(std::span<const CanonicalRow> rows);
/// The same of printed rows: "table\trow\n".
Result<Dataset> dataset_of_canonical(std::string_view text);

}  // namespace vetset
