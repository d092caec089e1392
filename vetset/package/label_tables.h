// The tables that a package would have of a dataset that lies in a sealed folder as the files it was made of. For
// package.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/row_groups.h"
#include "vetset/base/tree.h"
#include "vetset/package/manifest.h"

namespace vetset {

struct NamedTable {
  std::string name;
  std::unique_ptr<RowGroups> rows;
};
/// Reads the labels that a manifest lists, from a tree of its files; images are bound to its digests. The tables keep
/// what they are made of.
Result<std::vector<NamedTable>> tables_of_labels(const Tree& tree, const Manifest& manifest, const Limits& limits,
                                                 const Pool& pool);

}  // namespace vetset
