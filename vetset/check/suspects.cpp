#include "vetset/check/suspects.h"

#include <algorithm>
#include <tuple>

namespace vetset {

Result<Suspects> suspects_of(const SuspectSources& sources, const Pool& pool) {
  Suspects made;
  made.out_of_fold = (sources.probabilities != nullptr || sources.predicted != nullptr) &&
                     (sources.probabilities == nullptr || sources.probabilities->out_of_fold) &&
                     (sources.predicted == nullptr || sources.predicted->out_of_fold);
  if (sources.probabilities != nullptr) doubt_classes(sources, made, pool);
  if (sources.neighbours != nullptr) ask_neighbours(sources, made);
  if (sources.predicted != nullptr) {
    doubt_boxes(sources, made, pool);
    VETSET_DO(doubt_masks(sources, made, pool));
  }
  std::sort(made.rows.begin(), made.rows.end(), [](const Suspect& a, const Suspect& b) {
    return std::tuple(-a.score, a.code, a.image, a.annotation, a.row, a.given, a.proposed) <
           std::tuple(-b.score, b.code, b.image, b.annotation, b.row, b.given, b.proposed);
  });
  return made;
}

}  // namespace vetset
