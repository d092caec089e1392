// The identity of a package from its tables, read row by row: of a table of any size only a digest and a key a row are
// held. The rows are those of the canonical form (dataset/canonical_rows.h), made of small datasets.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/canonical_digest.h"
#include "vetset/dataset/package_tables.h"

namespace vetset {

/// What is found while tables are read.
struct TableListener {
  /// Something that is wrong with a table, though its rows can be read: "E_DUP_KEY", "annotations", words.
  std::function<void(std::string code, std::string_view table, std::string words)> fault;
  /// The file that a sample is bound to; nothing where it has none.
  struct File {
    Digest digest;
    std::uint64_t bytes = 0;
  };
  std::function<std::optional<File>(std::uint64_t row, std::string_view sample_id, const MediaPlace& place)> media;
};

struct TableRoots {
  Identity identity;
  std::uint64_t samples = 0, annotations = 0;
};
/// Tables lie at `package_table_path`. An error names the table's file; Code::limit where reading it would take more
/// than any honest table does.
Result<TableRoots> roots_of_tables(const Tree& tree, const TableListener& listener, const Pool& pool,
                                   const Progress& progress);

/// Takes where the image of a sample lies; `rows` is how many samples the footer states.
using TakeMediaPlace =
    std::function<void(std::uint64_t rows, std::uint64_t row, std::string_view sample_id, MediaPlace&& place)>;
/// Hands that on row by row, as `PackageReader` reads it.
Result<void> each_media_place(const Tree& tree, const Progress& progress, const TakeMediaPlace& take);

}  // namespace vetset
