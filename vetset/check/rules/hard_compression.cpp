#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// Steps over the borders of 8×8 blocks that photographs do not have on their own.
constexpr float blocks = 1.5F;
/// A JPEG of this quality leaves no such steps: they were there before.
constexpr unsigned mild = 85;

void check_hard_compression(const Evidence& evidence, const Report& report) {
  const double limit = evidence.settings.least_quality;
  std::vector<Standout> found;
  const std::uint64_t all = for_each_decoded(evidence, [&](ImageIndex i, const PixelFacts& p) {
    const Quality& q = p.quality;
    if (q.jpeg_quality != 0 && q.jpeg_quality < limit)
      found.push_back(
          {i, limit - q.jpeg_quality,
           "is a JPEG of quality " + std::to_string(q.jpeg_quality) + ", expected " + measure(limit) + " at least"});
    else if ((q.jpeg_quality == 0 || q.jpeg_quality >= mild) && q.blockiness > blocks)
      found.push_back({i, static_cast<double>(q.blockiness),
                       "has the blocks of an earlier, harder compression: steps over their borders are " +
                           measure(static_cast<double>(q.blockiness)) + " times those inside"});
  });
  report_standouts(evidence.dataset, std::move(found), all,
                   {.kind = "compressed hard", .fix = "fetch the original, if there is one"}, report);
}

}  // namespace

extern const Rule hard_compression{.code = "IMG507",
                                   .name = "hard-compression",
                                   .title = "an image was compressed hard, now or before",
                                   .severity = Severity::note,
                                   .evidence = EvidenceClass::hint,
                                   .needs = Needs::pixels,
                                   .check = check_hard_compression};

}  // namespace vetset
