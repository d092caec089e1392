// A tree of which only some files count: those that a manifest lists, or those that a seal will list.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"

namespace vetset {

class ShardMembers;  // shard_members.h

/// Shows the given paths of `whole`, which must outlive it.
class ListedTree final : public Tree {
 public:
  ListedTree(const Tree& whole, std::vector<std::string_view> sorted_paths)
      : whole_(whole), paths_(std::move(sorted_paths)) {}

  std::span<const TreeProblem> problems() const override { return {}; }
  Result<std::uint64_t> size(std::string_view path) const override { return whole_.size(path); }
  Result<Bytes> read(std::string_view path, Range range) const override { return whole_.read(path, range); }
  Result<ReadThrough> read_through(std::string_view path,
                                   const std::function<void(std::string_view)>& piece) const override {
    return whole_.read_through(path, piece);
  }
  std::string_view name() const override { return whole_.name(); }
  std::string disk_path(std::string_view path) const override { return whole_.disk_path(path); }

 private:
  std::span<const std::string_view> paths() const override { return paths_; }

  const Tree& whole_;
  std::vector<std::string_view> paths_;
};

/// Size and SHA-256 of files, slot i for path i; an error where one cannot be read.
struct MeasuredFile {
  std::uint64_t size = 0;
  Digest digest;
  std::string trouble = {};  // why it could not be read; empty: it was
  std::uint64_t links = 1;   // names that it has on the disk
  bool changed = false;      // while it was read
};
/// `members`: of the shards among them, whose members are held to their digests in the same read.
std::vector<MeasuredFile> measure_files(const Tree& tree, std::span<const std::string_view> paths, const Pool& pool,
                                        const Progress& progress, std::string_view what,
                                        ShardMembers* members = nullptr);

}  // namespace vetset
