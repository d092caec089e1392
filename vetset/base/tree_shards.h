// A tree in which the members of the tar files below media/ are files too: "media/m-3f.tar/0a1b.jpg". So whoever reads
// images through a tree reads a sharded package as it reads a folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/tree.h"

namespace vetset {

class ShardedTree final : public Tree {
 public:
  /// Shows `whole`, which must outlive it, and what its shards hold. A shard that is no tar archive is a problem.
  explicit ShardedTree(const Tree& whole, const TreeOptions& options = {});
  /// The same, and owns it.
  explicit ShardedTree(std::unique_ptr<Tree> whole, const TreeOptions& options = {});

  std::span<const TreeProblem> problems() const override { return problems_; }
  bool contains(std::string_view path) const override;
  Result<std::uint64_t> size(std::string_view path) const override;
  Result<Bytes> read(std::string_view path, Range range) const override;
  std::string_view name() const override { return whole_.name(); }
  std::string disk_path(std::string_view path) const override;

  /// Whether a tree has shards at all.
  static bool has_shards(const Tree& tree);

 private:
  struct Shard {
    std::string folder;  // "media/m-3f.tar/"
    std::unique_ptr<Tree> members;
  };
  std::span<const std::string_view> paths() const override { return paths_; }
  const Shard* shard_of(std::string_view path) const;

  std::unique_ptr<Tree> owned_;
  const Tree& whole_;
  std::vector<Shard> shards_;  // sorted by folder
  std::vector<std::string> names_;
  std::vector<std::string_view> paths_;
  std::vector<TreeProblem> problems_;
};

/// A tree in which some files have another name besides their own: that by which a dataset calls them.
class RenamedTree final : public Tree {
 public:
  struct Name {
    std::string path, real;  // what it is called, and the file of `whole` that it is
  };
  RenamedTree(std::unique_ptr<Tree> whole, std::vector<Name> names);

  std::span<const TreeProblem> problems() const override { return whole_->problems(); }
  bool contains(std::string_view path) const override;
  Result<std::uint64_t> size(std::string_view path) const override { return whole_->size(real(path)); }
  Result<Bytes> read(std::string_view path, Range range) const override { return whole_->read(real(path), range); }
  std::string_view name() const override { return whole_->name(); }
  std::string disk_path(std::string_view path) const override { return whole_->disk_path(real(path)); }

 private:
  std::span<const std::string_view> paths() const override { return paths_; }
  std::string_view real(std::string_view path) const;

  std::unique_ptr<Tree> whole_;
  std::vector<Name> names_;  // sorted by path
  std::vector<std::string_view> paths_;
};

}  // namespace vetset
