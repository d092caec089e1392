// A dataset as the tables of a package, and back: the canonical rows, one column a field, and beside them what only the
// source's own format needs to spell it again. docs/package-format.md lists every column. Rows stand in the dataset's
// own order, so that what is read back is the dataset, record by record.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/parquet.h"
#include "vetset/dataset/canonical_rows.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

struct PackageTable {
  std::string_view name;  // "annotations"
  TableRows rows;
};
/// Where a package holds the image of a sample.
struct MediaPlace {
  std::string path = {};               // of the file in the package; empty: the package has none
  std::string source = {};             // where it lay in what was packed; empty: it was not at hand
  std::string shard = {};              // the tar that it is a member of; empty: a file of its own
  std::uint64_t offset = 0, size = 0;  // of its bytes in the shard
  std::string sha256 = {};             // lowercase hexadecimal; empty: the image was not at hand
};

/// All tables in the order in which they are read back; those that are always there even without rows, and of the
/// others those that have some. They look at what is given when their rows are asked for: it must stay. `media` by
/// image; empty: of no image.
std::vector<PackageTable> package_tables(const Dataset& d, const RowKeys& keys, std::span<const MediaPlace> media);

/// The columns of a table, for readers that take only those; empty for an unknown table.
std::vector<std::string> package_columns(std::string_view table);
/// The tables there can be, in order; `required`: those that no package lacks.
std::span<const std::string_view> package_table_names();
bool package_requires(std::string_view table);

/// Some rows of one table of a package, and the keys that they have and name, wherever the rows of those are.
struct PackageSlice {
  Dataset dataset;  // only the columns of that table
  RowKeys keys;
};

/// Takes the tables of a package piece by piece and makes the dataset of them. Every fault is an error that names the
/// table, the row and the column.
class PackageReader {
 public:
  PackageReader();
  PackageReader(PackageReader&&) noexcept;
  ~PackageReader();
  /// What the package was written from, where this is a proof: columns that come back unchanged are held once. They
  /// are read all the same, and compared byte by byte. It must outlive the dataset.
  void expect(const Dataset& written_from);
  /// Some rows of a table; tables in the order of `package_table_names`, rows in theirs. A column that is not there
  /// has no values, but for keys, which must be.
  Result<void> add(std::string_view table, const Table& rows);
  /// The dataset; no more rows may come.
  Result<Dataset> finish();
  /// Where the image of each sample lies, as the tables say; of the samples that were read since this was last asked.
  std::vector<MediaPlace> take_media();

  /// A reader of some rows of one table alone, of which `finish_slice` is asked. It knows what this one has read of
  /// the table `dataset`; keys that are there twice, or name no row, are for its caller to find.
  PackageReader slice() const;
  Result<PackageSlice> finish_slice();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A text as a cell holds it: itself, or `$bytes:` and its base64 where it is not UTF-8 or begins so itself.
std::string cell_text(std::string_view text);

}  // namespace vetset
