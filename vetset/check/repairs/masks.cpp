// A repair of run-length masks that were counted along the rows, or state another size than they have.
#include <optional>

#include "vetset/check/mask_readings.h"
#include "vetset/check/repair.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// The box that is stated beside a mask tells how its runs were meant, or nothing does.
void read_as_boxed(const Evidence&, const Finding& finding, Workbench& bench) {
  const auto* i = std::get_if<AnnotationIndex>(&finding.where);
  if (i == nullptr || bench.is_dropped(*i)) return;
  const Dataset& d = bench.dataset();
  const Mask* const mask = only_mask(d, d[*i]);
  if (mask == nullptr) return;
  const std::optional<MaskReading> reading = reading_that_fits(d, d[*i], *mask);
  if (!reading || (reading->along_rows == false && reading->height == mask->height)) return;
  const MaskCounts counts = reading->along_rows ? counts_of_rows(d.counts_of(*mask), reading->height, reading->width)
                                                : MaskCounts(d.counts_of(*mask).begin(), d.counts_of(*mask).end());
  bench.set_mask(*i, reading->height, reading->width, counts,
                 std::string("mask read ") + (reading->along_rows ? "along the rows" : "down the columns") + ", as " +
                     std::to_string(reading->height) + " by " + std::to_string(reading->width) +
                     ": its box overlaps the stated one by " + measure(100 * reading->fits) + " % then");
}

}  // namespace

extern const Repair mask_as_boxed{"FMT412", "mask-as-boxed",
                                  "read a mask in the order of pixels, and the size, in which it fills its box", false,
                                  each<read_as_boxed>};

}  // namespace vetset
