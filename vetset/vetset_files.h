// The files that a dataset was read from, by digest. For the façade's own files.
#pragma once

#include <vector>

#include "vetset/vetset.h"

namespace vetset {

/// The label files and documents that the dataset was read from, by path. What the dataset holds whole is not read
/// again.
Result<std::vector<FileDigest>> source_digests(const Source& source, const Pool& pool);

}  // namespace vetset
