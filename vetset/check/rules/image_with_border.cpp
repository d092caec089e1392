#include <algorithm>
#include <array>
#include <utility>

#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"
#include "vetset/dataset/compared.h"

namespace vetset {
namespace {

/// What stands in one place in all images of a source.
void check_overlays(const Evidence& evidence, const Report& report) {
  if (evidence.compared == nullptr) return;
  for (const Overlay& o : evidence.compared->overlays.found)
    report(o.example,
           "the same lines stand in one place in the images of its folder: " + std::to_string(o.width) + "x" +
               std::to_string(o.height) + " pixels at " + std::to_string(o.x) + "," + std::to_string(o.y) + ", in " +
               counted(o.compared, "unrelated image", "unrelated images") + " compared of " + grouped(o.images),
           "a timestamp, a logo or a watermark: mask it where only some classes or sources have it");
}

void check_image_with_border(const Evidence& evidence, const Report& report) {
  static constexpr std::array<const char*, 4> sides = {"left", "top", "right", "bottom"};
  const double limit = evidence.settings.border_share;
  std::vector<Standout> found;
  const std::uint64_t all = for_each_decoded(evidence, [&](ImageIndex i, const PixelFacts& p) {
    const auto& borders = p.quality.borders;
    if (p.width == 0 || p.height == 0) return;
    if (borders[0] + borders[2] >= static_cast<int>(p.width) || borders[1] + borders[3] >= static_cast<int>(p.height))
      return;  // it is nothing but border: IMG504's
    const auto share = [&](std::size_t side) {
      return borders[side] / static_cast<double>(side % 2 == 0 ? p.width : p.height);
    };
    double widest = 0;
    std::string text;
    for (const auto& [one, other] : {std::pair<std::size_t, std::size_t>{0, 2}, {1, 3}}) {
      if (!(share(one) > limit && share(other) > limit)) continue;  // on one side only it is a wall, or the sky
      widest = std::max(widest, share(one) + share(other));
      text += (text.empty() ? "" : ", ") + std::to_string(borders[one]) + " at the " + sides[one] + ", " +
              std::to_string(borders[other]) + " at the " + sides[other];
    }
    if (text.empty()) return;
    found.push_back({i, widest,
                     "has a border of one colour: " + text + ", in pixels of " + std::to_string(p.width) + "x" +
                         std::to_string(p.height)});
  });
  report_standouts(evidence.dataset, std::move(found), all,
                   {.kind = "in a border of one colour", .fix = "crop it, if nothing relies on its frame"}, report);
  check_overlays(evidence, report);
}

}  // namespace

extern const Rule image_with_border{
    .code = "IMG509",
    .name = "image-with-border",
    .title = "an image has a border of one colour, or lines that its source has everywhere",
    .severity = Severity::note,
    .evidence = EvidenceClass::hint,
    .needs = Needs::pixels,
    .check = check_image_with_border,
    .revision = 2};

}  // namespace vetset
