#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_dark_image(const Evidence& evidence, const Report& report) {
  const double limit = evidence.settings.dark_luma * 255;
  std::vector<Standout> found;
  const std::uint64_t all = for_each_decoded(evidence, [&](ImageIndex i, const PixelFacts& p) {
    const double brightest = p.quality.luma[6];
    if (brightest < limit)
      found.push_back({i, limit - brightest,
                       "is dark: 99 % of its pixels are no brighter than " + of_white(brightest) + ", expected " +
                           of_white(limit)});
  });
  report_standouts(evidence.dataset, std::move(found), all, {.kind = "dark", .fix = "look whether it shows anything"},
                   report);
}

}  // namespace

extern const Rule dark_image{.code = "IMG502",
                             .name = "dark-image",
                             .title = "an image is dark all over",
                             .severity = Severity::note,
                             .evidence = EvidenceClass::hint,
                             .needs = Needs::pixels,
                             .check = check_dark_image};

}  // namespace vetset
