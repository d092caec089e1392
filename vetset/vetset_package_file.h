// A package as one file: an uncompressed tar, in the order that docs/package-format.md says. For the façade's own
// files.
#pragma once

#include <cstdint>
#include <string>

#include "vetset/base/progress.h"
#include "vetset/base/tree.h"

namespace vetset {

/// One uncompressed tar of a package's folder, in the place of what is at `target`, whole or not at all. Gives its
/// bytes.
Result<std::uint64_t> write_package_file(const Tree& tree, const std::string& target, const Progress& progress);

}  // namespace vetset
