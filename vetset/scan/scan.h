// One pass over the images: what their headers say and, where it matters, the digests of their bytes. The only step
// that reads image files. Slot i holds image i's facts.
#pragma once

#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {

enum class Digests {
  none,
  where_equal_size,  // only of files whose size and last bytes occur twice: enough to find equal files
  all,
};
struct ScanOptions {
  Digests digests = Digests::where_equal_size;
  bool headers = true;
  bool tail = true;  // look at the end of each file too
};
Result<std::vector<Facts>> scan(const Dataset& dataset, const Tree& tree, const Pool& pool, const Progress& progress,
                                const ScanOptions& options);

}  // namespace vetset
