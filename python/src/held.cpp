// Datasets that Python holds: one may be edited in a copy while the other stays as it is, and both read the same files.
#include "python/src/dataset.h"

namespace vetset::python {
namespace {

/// Shows a tree that others show, too.
class SharedTree final : public Tree {
 public:
  explicit SharedTree(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}

  bool contains(std::string_view path) const override { return tree_->contains(path); }
  std::span<const TreeProblem> problems() const override { return tree_->problems(); }
  Result<std::uint64_t> size(std::string_view path) const override { return tree_->size(path); }
  Result<Bytes> read(std::string_view path, Range range) const override { return tree_->read(path, range); }
  std::string_view name() const override { return tree_->name(); }
  std::string disk_path(std::string_view path) const override { return tree_->disk_path(path); }

 private:
  std::span<const std::string_view> paths() const override { return tree_->list(); }

  std::shared_ptr<const Tree> tree_;
};

std::unique_ptr<Tree> show(const std::shared_ptr<const Tree>& tree) {
  return tree ? std::make_unique<SharedTree>(tree) : nullptr;
}

}  // namespace

Held hold(Source source) {
  Held held{std::move(source), {}, {}, {}};
  held.files = std::move(held.tree);
  held.image_files = std::move(held.images);
  held.tree = show(held.files);
  held.images = show(held.image_files);
  return held;
}

Held copy_of(const Held& source) {
  return {{.tree = show(source.files),
           .images = show(source.image_files),
           .only = source.only,
           .format = source.format,
           .detection = source.detection,
           .dataset = source.dataset,
           .findings = source.findings,
           .finding_counts = source.finding_counts,
           .notes = source.notes,
           .steps = source.steps},
          source.files,
          source.image_files,
          source.placed};
}

}  // namespace vetset::python
