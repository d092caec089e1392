#include "vetset/dataset/overlap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace vetset {

void for_each_overlap(std::span<const Box> boxes, double least,
                      const std::function<void(std::size_t, std::size_t, double)>& found) {
  std::vector<std::size_t> order;
  order.reserve(boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Box& b = boxes[i];
    const bool finite = std::isfinite(b.x) && std::isfinite(b.y) && std::isfinite(b.width) && std::isfinite(b.height);
    if (finite && b.width > 0 && b.height > 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return boxes[a].x < boxes[b].x || (boxes[a].x == boxes[b].x && a < b);
  });
  std::size_t tests_left = 10'000'000;
  for (std::size_t n = 0; n < order.size(); ++n) {
    const Box& a = boxes[order[n]];
    // What they share is at least `least` of either's width, so a later box cannot begin further right than this.
    const double furthest = a.x + (1 - least) * a.width;
    for (std::size_t m = n + 1; m < order.size() && boxes[order[m]].x <= furthest; ++m) {
      if (tests_left-- == 0) return;
      const double shared = iou(a, boxes[order[m]]);
      if (shared >= least) found(order[n], order[m], shared);
    }
  }
}

std::optional<Box> box_of(const Dataset& d, const Annotation& a) {
  if (a.box_origin == Origin::stated || a.box_origin == Origin::derived) return a.box;
  if (a.box_origin == Origin::unplaced) return {};
  return shape_box(d, a);
}

}  // namespace vetset
