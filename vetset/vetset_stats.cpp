// stats: what a dataset holds, in numbers.
#include "vetset/vetset.h"

namespace vetset {

Result<Stats> stats(const Source& source, const Common& common) {
  if (common.progress.stopped()) return Error{Code::cancelled, "stopped before counting"};
  return stats_of(source.dataset);
}

}  // namespace vetset
