#include "vetset/base/tree_shards.h"

#include <algorithm>

namespace vetset {
namespace {

constexpr std::string_view media_folder = "media/";

bool is_shard(std::string_view path) { return path.ends_with(".tar"); }

}  // namespace

bool ShardedTree::has_shards(const Tree& tree) {
  const auto media = tree.list(media_folder);
  return std::any_of(media.begin(), media.end(), is_shard);
}

ShardedTree::ShardedTree(std::unique_ptr<Tree> whole, const TreeOptions& options) : ShardedTree(*whole, options) {
  owned_ = std::move(whole);
}

ShardedTree::ShardedTree(const Tree& whole, const TreeOptions& options) : whole_(whole) {
  problems_.assign(whole.problems().begin(), whole.problems().end());
  TreeOptions within = options;
  within.step_in = false;
  for (const std::string_view path : whole.list(media_folder)) {
    if (!is_shard(path)) continue;
    auto bytes = whole.read(path);
    auto members =
        bytes ? open_tar_bytes(*std::move(bytes), path, within) : Result<std::unique_ptr<Tree>>(bytes.error());
    if (!members) {
      problems_.push_back({std::string(path), "is no shard that can be read: " + members.error().message});
      continue;
    }
    shards_.push_back({std::string(path) + "/", *std::move(members)});
  }
  std::sort(shards_.begin(), shards_.end(), [](const Shard& a, const Shard& b) { return a.folder < b.folder; });
  for (const Shard& shard : shards_) {
    for (const std::string_view member : shard.members->list()) names_.push_back(shard.folder + std::string(member));
    for (const TreeProblem& problem : shard.members->problems())
      problems_.push_back({shard.folder + problem.path, problem.what});
  }
  paths_.assign(whole.list().begin(), whole.list().end());
  paths_.insert(paths_.end(), names_.begin(), names_.end());
  std::sort(paths_.begin(), paths_.end());
}

const ShardedTree::Shard* ShardedTree::shard_of(std::string_view path) const {
  const auto after = std::upper_bound(shards_.begin(), shards_.end(), path,
                                      [](std::string_view p, const Shard& s) { return p < s.folder; });
  if (after == shards_.begin()) return nullptr;
  const Shard& shard = *std::prev(after);
  return path.starts_with(shard.folder) ? &shard : nullptr;
}

bool ShardedTree::contains(std::string_view path) const {
  const Shard* const shard = shard_of(path);
  return shard == nullptr ? whole_.contains(path) : shard->members->contains(path.substr(shard->folder.size()));
}

Result<std::uint64_t> ShardedTree::size(std::string_view path) const {
  const Shard* const shard = shard_of(path);
  return shard == nullptr ? whole_.size(path) : shard->members->size(path.substr(shard->folder.size()));
}

Result<Bytes> ShardedTree::read(std::string_view path, Range range) const {
  const Shard* const shard = shard_of(path);
  return shard == nullptr ? whole_.read(path, range) : shard->members->read(path.substr(shard->folder.size()), range);
}

std::string ShardedTree::disk_path(std::string_view path) const {
  return shard_of(path) == nullptr ? whole_.disk_path(path) : std::string();
}

RenamedTree::RenamedTree(std::unique_ptr<Tree> whole, std::vector<Name> names)
    : whole_(std::move(whole)), names_(std::move(names)) {
  std::sort(names_.begin(), names_.end(), [](const Name& a, const Name& b) { return a.path < b.path; });
  names_.erase(std::unique(names_.begin(), names_.end(), [](const Name& a, const Name& b) { return a.path == b.path; }),
               names_.end());
  paths_.assign(whole_->list().begin(), whole_->list().end());
  for (const Name& name : names_) paths_.push_back(name.path);
  std::sort(paths_.begin(), paths_.end());
  paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
}

std::string_view RenamedTree::real(std::string_view path) const {
  const auto found = std::lower_bound(names_.begin(), names_.end(), path,
                                      [](const Name& name, std::string_view wanted) { return name.path < wanted; });
  return found != names_.end() && found->path == path ? std::string_view(found->real) : path;
}

bool RenamedTree::contains(std::string_view path) const { return whole_->contains(real(path)); }

}  // namespace vetset
