// vetset's own package (docs/package-format.md): tables in Parquet, and the images as files or in tar shards. For the
// files of this format, and for package/, which puts the same tables into a sealed folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/package_tables.h"
#include "vetset/formats/format.h"

namespace vetset {

/// Where the tables of a package lie: "tables/samples.parquet".
std::string package_table_path(std::string_view table);

/// Writes tables, each at its path.
Result<void> write_package_tables(std::span<const PackageTable> tables, const ParquetModule& module, TreeWriter& out,
                                  const Progress& progress);

/// Puts the images of a dataset into a package, as files or shards (`options.task`), and says where each is. Where no
/// images are to be written, only their digests are taken.
Result<std::vector<MediaPlace>> write_package_media(const Dataset& d, const RowKeys& keys, const Tree& media,
                                                    TreeWriter& out, const WriteOptions& options);

/// What names the image of a sample within a package: the first 16 hexadecimal digits of the SHA-256 of its id.
std::string key_of_sample(std::string_view sample_id);

/// Where the images of a package lie, by image, and their digests; from the samples alone.
Result<std::vector<MediaPlace>> read_package_media(const Tree& tree);

}  // namespace vetset
