#include <algorithm>

#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

std::string percent(double share) {
  constexpr double least = 0.0001;
  return share < least ? "less than 0.01" : measure(share * 100);
}

void check_enlarged_image(const Evidence& evidence, const Report& report) {
  constexpr std::uint32_t fewest = 128;  // pixels of the shorter side: smaller images are enlarged by nobody
  constexpr float little = 3;            // bits: what shows nothing has no fine detail to miss (IMG504)
  const double limit = evidence.settings.least_upper_band;
  std::vector<Standout> found;
  const std::uint64_t all = for_each_decoded(evidence, [&](ImageIndex i, const PixelFacts& p) {
    const auto share = static_cast<double>(p.quality.upper_band);
    if (std::min(p.width, p.height) < fewest || p.quality.entropy <= little || !(share < limit)) return;
    found.push_back({i, limit - share,
                     percent(share) + " % of its detail is finer than two pixels, expected " + measure(limit * 100) +
                         " % at least: enlarged, or out of focus"});
  });
  report_standouts(evidence.dataset, std::move(found), all,
                   {.kind = "without fine detail", .fix = "fetch the original, or store it at its true size"}, report);
}

}  // namespace

extern const Rule enlarged_image{.code = "IMG508",
                                 .name = "enlarged-image",
                                 .title = "an image has no fine detail: it seems enlarged",
                                 .severity = Severity::note,
                                 .evidence = EvidenceClass::hint,
                                 .needs = Needs::pixels,
                                 .check = check_enlarged_image};

}  // namespace vetset
