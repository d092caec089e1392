// The tables of a sealed folder: those that a package of it would have, and the label files as they were authored, so
// that each can be put back to the byte.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/package_tables.h"
#include "vetset/package/manifest.h"

namespace vetset {

/// A sealed folder as a package: the tables below `.vetset/` are called `tables/…`; nothing else of the seal is shown.
class SealedTables final : public Tree {
 public:
  /// Shows `whole`, which must outlive it.
  explicit SealedTables(const Tree& whole);
  /// Whether a sealed folder has tables at all.
  static bool has_tables(const Tree& tree);

  std::span<const TreeProblem> problems() const override { return whole_.problems(); }
  bool contains(std::string_view path) const override;
  Result<std::uint64_t> size(std::string_view path) const override { return whole_.size(real(path)); }
  Result<Bytes> read(std::string_view path, Range range) const override { return whole_.read(real(path), range); }
  std::string_view name() const override { return whole_.name(); }
  std::string disk_path(std::string_view path) const override { return whole_.disk_path(real(path)); }

 private:
  std::span<const std::string_view> paths() const override { return paths_; }
  std::string real(std::string_view path) const;

  const Tree& whole_;
  std::vector<std::string_view> paths_;
};

/// The paths of a sealed folder that are not the seal's own, sorted: what its labels are read from.
std::vector<std::string_view> authored_paths(std::span<const std::string_view> paths);

/// Where each image of a folder lies, of those that a manifest lists: at its own path.
std::vector<MediaPlace> places_of(const Dataset& dataset, std::span<const ManifestFile> files);

/// Writes the tables of a dataset that was read from `tree`, into the folder of a seal: "tables/samples.parquet" …
/// `files` are those that the seal lists, with their digests; those of role label are kept whole.
/// Gives the name of the library that wrote them.
Result<std::string> write_sealed_tables(const Dataset& dataset, std::span<const ManifestFile> files, const Tree& tree,
                                        TreeWriter& out, const Pool& pool, const Progress& progress);

/// Hands on the kept label files of a sealed folder (`tree` shows all of it), one at a time, those that `wanted` asks
/// for. A folder that was sealed without tables has none.
Result<void> read_authored(const Tree& tree, const std::function<bool(std::string_view path)>& wanted,
                           const std::function<Result<void>(std::string_view path, std::string bytes)>& take);

}  // namespace vetset
