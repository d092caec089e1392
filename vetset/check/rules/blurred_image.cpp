#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

struct Looked {
  ImageIndex image{};
  const PixelFacts* facts = nullptr;
};

void check_blurred_image(const Evidence& evidence, const Report& report) {
  std::vector<Looked> all;
  std::vector<double> widths;
  for_each_decoded(evidence, [&](ImageIndex i, const PixelFacts& p) {
    if (!(p.quality.edge_width > 0)) return;  // sky, a wall: nothing that could be sharp
    all.push_back({i, &p});
    widths.push_back(static_cast<double>(p.quality.edge_width));
  });
  if (all.empty()) return;
  const double usual = median_of(widths);
  std::stable_sort(all.begin(), all.end(), [](const Looked& a, const Looked& b) {
    return a.facts->quality.sharpness < b.facts->quality.sharpness;
  });
  // The least sharp by rank, and of those only what is blurred by the width of its edges, which content does not move:
  // a set of sharp photographs has a least sharp one, and that is no fault.
  constexpr std::size_t fewest = 10;
  const auto share =
      static_cast<std::size_t>(std::ceil(evidence.settings.blur_quantile * static_cast<double>(all.size())));
  all.resize(std::min(all.size(), std::max(share, fewest)));
  constexpr double wider = 1.5;  // than the dataset's own edges
  const double limit = std::max(evidence.settings.blur_edge_width, wider * usual);
  std::vector<Standout> found;
  for (const Looked& one : all) {
    const auto width = static_cast<double>(one.facts->quality.edge_width);
    if (width < limit) continue;
    found.push_back({one.image, width,
                     "is blurred: its edges are " + measure(width) +
                         " pixels wide at a longer side of 512, in most others " + measure(usual) + " (sharpness " +
                         measure(static_cast<double>(one.facts->quality.sharpness)) + ")"});
  }
  report_standouts(evidence.dataset, std::move(found), widths.size(),
                   {.kind = "blurred", .fix = "look whether its labels can be seen"}, report);
}

}  // namespace

extern const Rule blurred_image{.code = "IMG501",
                                .name = "blurred-image",
                                .title = "an image is blurred beside the others",
                                .severity = Severity::note,
                                .evidence = EvidenceClass::hint,
                                .needs = Needs::pixels,
                                .check = check_blurred_image};

}  // namespace vetset
