#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// Three channels that say the same in 99.9 % of the pixels, or one channel only.
bool is_grey(const PixelFacts& p) {
  constexpr float coloured = 0.001F;
  return p.channels < 3 || p.quality.coloured <= coloured;
}

void check_grey_image(const Evidence& evidence, const Report& report) {
  constexpr float nothing = 1;  // bits: what is of one brightness has no colour to miss (IMG504)
  std::vector<Standout> found;
  std::uint64_t grey = 0;
  const std::uint64_t all = for_each_decoded(evidence, [&](ImageIndex i, const PixelFacts& p) {
    if (!is_grey(p)) return;
    ++grey;
    if (p.channels >= 3 && p.quality.entropy > nothing) found.push_back({i, 0, "has three channels and no colour"});
  });
  if (grey * 2 > all) return;  // a grey dataset with some coloured images in it: FMT420 looks at channels
  report_standouts(evidence.dataset, std::move(found), all,
                   {.kind = "grey though stored in colour", .fix = "look whether its colours were lost on the way"},
                   report);
}

}  // namespace

extern const Rule grey_image{.code = "IMG506",
                             .name = "grey-image",
                             .title = "an image among coloured ones has three channels and no colour",
                             .severity = Severity::note,
                             .evidence = EvidenceClass::proof,
                             .needs = Needs::pixels,
                             .check = check_grey_image};

}  // namespace vetset
