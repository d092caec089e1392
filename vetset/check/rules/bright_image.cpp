#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_bright_image(const Evidence& evidence, const Report& report) {
  const double limit = evidence.settings.bright_luma * 255;
  std::vector<Standout> found;
  const std::uint64_t all = for_each_decoded(evidence, [&](ImageIndex i, const PixelFacts& p) {
    const double darkest = p.quality.luma[1];
    if (darkest > limit)
      found.push_back(
          {i, darkest - limit,
           "is bright: 95 % of its pixels are no darker than " + of_white(darkest) + ", expected " + of_white(limit)});
  });
  report_standouts(evidence.dataset, std::move(found), all, {.kind = "bright", .fix = "look whether it shows anything"},
                   report);
}

}  // namespace

extern const Rule bright_image{.code = "IMG503",
                               .name = "bright-image",
                               .title = "an image is bright all over",
                               .severity = Severity::note,
                               .evidence = EvidenceClass::hint,
                               .needs = Needs::pixels,
                               .check = check_bright_image};

}  // namespace vetset
