#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_empty_picture(const Evidence& evidence, const Report& report) {
  const double limit = evidence.settings.least_entropy;
  std::vector<Standout> found;
  const std::uint64_t all = for_each_decoded(evidence, [&](ImageIndex i, const PixelFacts& p) {
    const auto entropy = static_cast<double>(p.quality.entropy);
    if (entropy <= limit)
      found.push_back(
          {i, limit - entropy,
           "shows little: " + measure(entropy) + " bits of brightness a pixel, expected more than " + measure(limit)});
  });
  report_standouts(evidence.dataset, std::move(found), all,
                   {.kind = "nearly of one brightness", .fix = "look whether it shows anything"}, report);
}

}  // namespace

extern const Rule empty_picture{.code = "IMG504",
                                .name = "empty-picture",
                                .title = "an image is nearly of one brightness",
                                .severity = Severity::note,
                                .evidence = EvidenceClass::hint,
                                .needs = Needs::pixels,
                                .check = check_empty_picture};

}  // namespace vetset
