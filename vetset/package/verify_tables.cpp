// Level 2: do the labels, and the images they are bound to, say what the manifest says.
#include "vetset/base/tree_shards.h"
#include "vetset/dataset/canonical.h"
#include "vetset/formats/format.h"
#include "vetset/package/levels.h"
#include "vetset/package/listed_tree.h"

namespace vetset {

void compare_identity(const Subject& subject, const FileSets& sets, Ledger& out) {
  const auto& [tree, m, package, request, pool, progress] = subject;
  const auto stated = ids_of(m.dataset);
  if (!stated || stated->dataset_id != m.dataset_id || stated->labels_id != m.labels_id) {
    out.error({"L2",
               "E_DATASET_ID",
               {},
               m.dataset_id.text(),
               stated ? stated->dataset_id.text() : std::string(),
               "the manifest's ids are not those of its tables"});
    return;
  }
  const Format* format = find_format(m.format);
  if (format == nullptr) {
    out.v.not_checked.push_back("labels: this vetset does not read the format '" + m.format + "'");
    return;
  }
  const ListedTree listed(tree, sets.listed);
  auto reading = format->read(
      listed, {.only = {}, .images = nullptr, .limits = {}, .pool = pool, .progress = progress, .probe_images = false});
  if (!reading) {
    out.error({"L2", "E_LABELS", {}, {}, {}, "the labels cannot be read: " + to_string(reading.error())});
    return;
  }
  const auto labels = labels_identity(reading->dataset, pool);
  const ShardedTree shards(listed);
  const auto whole =
      dataset_identity(reading->dataset, media_of(reading->dataset, m.files, shards, pool, progress), pool);
  if (!labels || !whole) {
    out.error({"L2", "E_LABELS", {}, {}, {}, to_string(labels ? whole.error() : labels.error())});
    return;
  }
  out.v.labels_id = labels->id.text();
  out.v.dataset_id = whole->id.text();
  if (whole->id != m.dataset_id) {
    out.error({"L2",
               "E_TABLE_ROOT",
               {},
               m.dataset_id.text(),
               whole->id.text(),
               labels->id == m.labels_id ? "the labels are as sealed, but the images they belong to are not"
                                         : "the labels say something else than what was sealed"});
    return;
  }
  out.ok("L2", "images=" + std::to_string(reading->dataset.images.size()) +
                   " objects=" + std::to_string(reading->dataset.annotations.size()));
}

}  // namespace vetset
