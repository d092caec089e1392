// Takes edits back that are listed with the canonical rows of both sides: what was changed says again what it said,
// what was dropped stands again where it stood.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// One edit, as a list of edits says it (docs/schema/fix-v1.json).
struct ListedEdit {
  std::string record;  // "annotation", "image", "category", "licence", "split", "membership", "file"
  std::string where;
  std::string_view before, after;  // canonical rows; `after` empty: dropped; `before`, of an annotation: added
  /// What no row says, as JSON: "authored", "pixels", "file" …
  std::vector<std::pair<std::string, std::string_view>> more;
};

/// An image that is called again as it was, and the file of the tree in which its bytes are.
struct RestoredMedia {
  std::string path, real;
  /// Of a file whose bytes were changed: `path` is where it is in the tree, `was` its name among the originals.
  std::string was = {}, was_sha256 = {}, is_sha256 = {};
};

/// Takes back the edits of one round. An error names the edit whose row is not there, and leaves `d` of no use.
Result<void> take_back(Dataset& d, std::span<const ListedEdit> edits, const Pool& pool,
                       std::vector<RestoredMedia>& media);

}  // namespace vetset
