#include "vetset/base/tree_union.h"

#include <algorithm>
#include <utility>

namespace vetset {
namespace {

class TreeUnion final : public Tree {
 public:
  TreeUnion(std::vector<TreePart> parts, std::string name) : parts_(std::move(parts)), name_(std::move(name)) {
    std::size_t count = 0;
    for (const TreePart& part : parts_) count += part.tree->list().size();
    kept_.reserve(count);
    for (const TreePart& part : parts_) {
      for (const std::string_view path : part.tree->list()) kept_.push_back(part.folder + "/" + std::string(path));
      for (const TreeProblem& problem : part.tree->problems())
        problems_.push_back({part.folder + "/" + problem.path, problem.what});
    }
    std::sort(kept_.begin(), kept_.end());
    paths_.assign(kept_.begin(), kept_.end());
    std::sort(problems_.begin(), problems_.end(),
              [](const TreeProblem& a, const TreeProblem& b) { return a.path < b.path; });
  }

  bool contains(std::string_view path) const override {
    const auto [tree, rest] = find(path);
    return tree != nullptr && tree->contains(rest);
  }
  std::span<const TreeProblem> problems() const override { return problems_; }
  Result<std::uint64_t> size(std::string_view path) const override {
    const auto [tree, rest] = find(path);
    if (tree == nullptr) return missing(path);
    return tree->size(rest);
  }
  Result<Bytes> read(std::string_view path, Range range) const override {
    const auto [tree, rest] = find(path);
    if (tree == nullptr) return missing(path);
    return tree->read(rest, range);
  }
  std::string_view name() const override { return name_; }
  std::string disk_path(std::string_view path) const override {
    const auto [tree, rest] = find(path);
    return tree == nullptr ? std::string() : tree->disk_path(rest);
  }

 private:
  std::span<const std::string_view> paths() const override { return paths_; }

  /// The tree that a path goes into, and the rest of the path; no tree where there is none of that folder.
  std::pair<const Tree*, std::string_view> find(std::string_view path) const {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) return {};
    for (const TreePart& part : parts_)
      if (part.folder == path.substr(0, slash)) return {part.tree.get(), path.substr(slash + 1)};
    return {};
  }
  static Error missing(std::string_view path) { return {Code::not_found, "there is no such file", std::string(path)}; }

  std::vector<TreePart> parts_;
  std::string name_;
  std::vector<std::string> kept_;
  std::vector<std::string_view> paths_;
  std::vector<TreeProblem> problems_;
};

}  // namespace

std::unique_ptr<Tree> unite_trees(std::vector<TreePart> parts, std::string name) {
  return std::make_unique<TreeUnion>(std::move(parts), std::move(name));
}

}  // namespace vetset
