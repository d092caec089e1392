// Several masks as one, and how much two of them share. The walk over two lists of counts is that of maskApi, down to
// what it makes of counts of 0: where both lists come to one at the same pixel it ends there.
#include <algorithm>
#include <utility>

#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

/// One list of counts while it is walked.
class Cursor {
 public:
  explicit Cursor(MaskCountsView counts) : counts_(counts), left_(counts.empty() ? 0 : counts.front()) {}
  std::uint32_t left() const { return left_; }
  bool is_one() const { return one_; }
  void skip(std::uint32_t pixels) {
    left_ -= pixels;
    if (left_ > 0 || next_ >= counts_.size()) return;
    left_ = counts_[next_++];
    one_ = !one_;
  }

 private:
  MaskCountsView counts_;
  std::size_t next_ = 1;
  std::uint32_t left_;
  bool one_ = false;
};

/// Appends the runs of `is_one(a, b)` over all pixels.
template <class IsOne>
void walk(MaskCountsView a, MaskCountsView b, const IsOne& is_one, MaskCounts& out) {
  Cursor one(a), other(b);
  std::uint32_t length = 0;
  for (bool value = false, more = true; more;) {
    const std::uint32_t step = std::min(one.left(), other.left());
    length += step;
    one.skip(step);
    other.skip(step);
    more = one.left() > 0 || other.left() > 0;
    const bool before = std::exchange(value, is_one(one.is_one(), other.is_one()));
    if (value == before && more) continue;
    out.push_back(length);
    length = 0;
  }
}

struct Overlap {
  std::uint64_t shared = 0, united = 0;
};
/// The walk for counts of 0.
Overlap walked_overlap(MaskCountsView a, MaskCountsView b) {
  Cursor one(a), other(b);
  Overlap overlap;
  for (bool more = true; more;) {
    const std::uint32_t step = std::min(one.left(), other.left());
    if (one.is_one() || other.is_one()) overlap.united += step;
    if (one.is_one() && other.is_one()) overlap.shared += step;
    one.skip(step);
    other.skip(step);
    more = one.left() > 0 || other.left() > 0;
  }
  return overlap;
}

/// Pixels that both have, of those at [begin, end).
std::uint64_t shared_pixels(std::span<const MaskSpans::Span> a, std::span<const MaskSpans::Span> b, std::uint64_t begin,
                            std::uint64_t end) {
  const auto first = [&](std::span<const MaskSpans::Span> spans) {
    return std::partition_point(spans.begin(), spans.end(), [&](const auto& s) { return s.end <= begin; });
  };
  auto i = first(a), j = first(b);
  std::uint64_t shared = 0;
  while (i != a.end() && j != b.end()) {
    const std::uint32_t from = std::max(i->begin, j->begin), to = std::min(i->end, j->end);
    if (from >= end) break;
    shared += to > from ? to - from : 0;
    const bool first_ends = i->end <= j->end;
    i += first_ends ? 1 : 0;
    j += first_ends ? 0 : 1;
  }
  return shared;
}

}  // namespace

void merged_counts(std::span<const MaskCountsView> masks, bool intersect, MaskCounts& out) {
  out.clear();
  if (masks.empty()) return;
  out.assign(masks.front().begin(), masks.front().end());
  MaskCounts before;
  for (const MaskCountsView mask : masks.subspan(1)) {
    before.swap(out);
    out.clear();
    if (intersect) {
      walk(before, mask, [](bool a, bool b) { return a && b; }, out);
    } else {
      walk(before, mask, [](bool a, bool b) { return a || b; }, out);
    }
  }
}

void cut_counts(MaskCountsView mask, MaskCountsView hole, MaskCounts& out) {
  out.clear();
  walk(mask, hole, [](bool a, bool b) { return a && !b; }, out);
}

void MaskSpans::assign(MaskCountsView counts, std::uint32_t height, std::uint32_t width) {
  height_ = height;
  width_ = width;
  odd_.clear();
  spans_.resize(counts.size() / 2);
  std::size_t kept = 0;
  std::uint64_t area = 0;
  std::uint32_t at = 0;
  bool odd = false;
  for (std::size_t i = 1; i < counts.size(); i += 2) {
    const std::uint32_t zeros = counts[i - 1], ones = counts[i];
    at += zeros;
    area += ones;
    if (ones == 0 || (zeros == 0 && i > 1)) [[unlikely]] {
      odd = true;
      if (kept > 0 && spans_[kept - 1].end == at) {
        spans_[kept - 1].end += ones;
        at += ones;
        continue;
      }
      if (ones == 0) continue;
    }
    spans_[kept++] = {.begin = at, .end = at + ones};
    at += ones;
  }
  spans_.resize(kept);
  area_ = area;
  if (odd || (counts.size() > 1 && counts.back() == 0)) odd_.assign(counts.begin(), counts.end());
  box_ = box_of_mask(counts, height);
}

double mask_iou(const MaskSpans& detection, const MaskSpans& object, bool crowd) {
  const Box &a = detection.box(), &b = object.box();
  const double left = std::max(a.x, b.x), right = std::min(a.x + a.width, b.x + b.width);
  if (right <= left || std::min(a.y + a.height, b.y + b.height) <= std::max(a.y, b.y)) return 0;
  if (detection.height() != object.height() || detection.width() != object.width()) return -1;
  Overlap overlap;
  if (!detection.odd_counts().empty() && !object.odd_counts().empty()) {
    overlap = walked_overlap(detection.odd_counts(), object.odd_counts());
  } else {
    overlap.shared =
        shared_pixels(detection.spans(), object.spans(), static_cast<std::uint64_t>(left) * object.height(),
                      static_cast<std::uint64_t>(right) * object.height());
    overlap.united = detection.area() + object.area() - overlap.shared;
  }
  if (overlap.shared == 0) return 0;
  return static_cast<double>(overlap.shared) / static_cast<double>(crowd ? detection.area() : overlap.united);
}

}  // namespace vetset
