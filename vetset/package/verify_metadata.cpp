// Level 2, the rest of it: does the metadata for other tools speak of the files that the manifest lists.
#include <algorithm>

#include "vetset/package/croissant.h"
#include "vetset/package/levels.h"

namespace vetset {

void compare_metadata(const Subject& subject, const FileSets& sets, Ledger& out) {
  const std::string path = std::string(paths_of(subject.manifest.form).added) + std::string(croissant_name);
  if (!std::binary_search(sets.listed.begin(), sets.listed.end(), path)) return;
  const auto bytes = subject.tree.read(path);
  if (!bytes) return;  // level 1 has said so
  for (Drift& d : croissant_drift(bytes->text(), subject.manifest))
    out.warn({"L2", "W_CROISSANT_DRIFT", path, std::move(d.expected), std::move(d.found),
              d.where.empty() ? std::move(d.words) : d.where + " " + d.words});
}

}  // namespace vetset
