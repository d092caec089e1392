// Datasets that Python holds: one may be edited in a copy while the other stays as it is, and both read the same files.
#include "python/src/dataset.h"
#include "vetset/base/tree_lent.h"

namespace vetset::python {
namespace {

/// Shows a tree that others show, too.
class SharedTree final : public LentTree {
 public:
  explicit SharedTree(const std::shared_ptr<const Tree>& tree) : LentTree(*tree), tree_(tree) {}

 private:
  std::shared_ptr<const Tree> tree_;
};

std::unique_ptr<Tree> show(const std::shared_ptr<const Tree>& tree) {
  return tree ? std::make_unique<SharedTree>(tree) : nullptr;
}

}  // namespace

Held hold(Source source) {
  Held held{std::move(source), {}, {}, {}, {}};
  held.files = std::move(held.tree);
  held.image_files = std::move(held.images);
  held.tree = show(held.files);
  held.images = show(held.image_files);
  return held;
}

Held hold_again(Held edited) {
  Held held = hold(std::move(static_cast<Source&>(edited)));
  held.placed = std::move(edited.placed);
  held.inference = std::move(edited.inference);
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
           .steps = source.steps,
           .originals = source.originals},
          source.files,
          source.image_files,
          source.placed,
          source.inference};
}

}  // namespace vetset::python
