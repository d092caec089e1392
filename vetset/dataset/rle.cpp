// Polygons, boxes and bitmaps as runs. The pixels of a polygon are those of maskApi: corners are moved to a grid five
// times as fine, edges walked on it step by step, and each crossing of the middle of a column of pixels switches
// between outside and inside. Only the steps at such crossings are computed here, so the work follows the columns and
// not the length of the edges, and huge coordinates cost nothing.
#include "vetset/dataset/rle.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

namespace vetset {
namespace {

constexpr std::int64_t fineness = 5;
constexpr std::int64_t middle = 2;  // column x of pixels is crossed between 5x+2 and 5x+3
constexpr double far_away = 1e12;   // corners beyond are moved here; a step there is still exact

struct Corner {
  std::int64_t x = 0, y = 0;
};

/// A coordinate on the fine grid, cut towards zero; nothing where it is not finite.
std::optional<std::int64_t> on_grid(double coordinate) {
  if (!std::isfinite(coordinate)) return {};
  const double fine = static_cast<double>(fineness) * coordinate + .5;
  return static_cast<std::int64_t>(std::clamp(fine, -far_away, far_away));
}

std::int64_t cut(double value) { return static_cast<std::int64_t>(value); }

/// Where columns of pixels are crossed, as numbers of pixels counted down the columns.
class Crossings {
 public:
  Crossings(std::uint32_t height, std::uint32_t width) : height_(height), last_column_(std::int64_t{width} - 1) {
    found_.reserve(512);
  }

  void add_edge(const Corner& a, const Corner& b) {
    const std::int64_t across = std::abs(a.x - b.x), down = std::abs(a.y - b.y);
    if (across == 0) return;
    if (across >= down) return a.x <= b.x ? add_flat(a, b, across) : add_flat(b, a, across);
    return a.y <= b.y ? add_steep(a, b, down) : add_steep(b, a, down);
  }

  /// All of them in order. Columns have few each, so they are counted apart and put in order one by one.
  void take(MaskCounts& places) const {
    places.resize(found_.size());
    if (found_.empty()) return;
    std::uint32_t first = found_.front().column, last = first;
    for (const Crossing& c : found_) first = std::min(first, c.column), last = std::max(last, c.column);
    std::vector<std::uint32_t> begin(std::size_t{last} - first + 2);
    for (const Crossing& c : found_) ++begin[c.column - first + 1];
    for (std::size_t k = 1; k < begin.size(); ++k) begin[k] += begin[k - 1];
    for (const Crossing& c : found_) places[begin[c.column - first]++] = c.place;
    std::uint32_t from = 0;
    for (std::size_t k = 0; k + 1 < begin.size(); from = begin[k++]) {
      std::uint32_t* const column = places.data() + from;
      if (begin[k] - from == 2) {
        if (column[0] > column[1]) std::swap(column[0], column[1]);
      } else if (begin[k] - from > 2) {
        std::sort(column, places.data() + begin[k]);
      }
    }
  }

 private:
  /// Columns that lie between two places of the fine grid, those of the image alone.
  std::int64_t first_column(std::int64_t x) const { return std::max<std::int64_t>(0, up(x - middle)); }
  std::int64_t end_column(std::int64_t x) const { return std::min(last_column_, down(x - middle - 1)) + 1; }
  static std::int64_t down(std::int64_t x) { return x >= 0 ? x / fineness : -((-x + fineness - 1) / fineness); }
  static std::int64_t up(std::int64_t x) { return -down(-x); }

  /// One step a unit of x, from left to right.
  void add_flat(const Corner& from, const Corner& to, std::int64_t across) {
    const double slope = static_cast<double>(to.y - from.y) / static_cast<double>(across);
    const auto y_at = [&](std::int64_t x) {
      return cut(static_cast<double>(from.y) + slope * static_cast<double>(x - from.x) + .5);
    };
    const std::int64_t end = end_column(to.x);
    for (std::int64_t column = first_column(from.x); column < end; ++column) {
      const std::int64_t x = fineness * column + middle;
      add(column, std::min(y_at(x), y_at(x + 1)));
    }
  }

  /// One step a unit of y, downwards; x goes by less than one at a time.
  void add_steep(const Corner& from, const Corner& to, std::int64_t steps) {
    const double slope = static_cast<double>(to.x - from.x) / static_cast<double>(steps);
    const auto x_at = [&](std::int64_t step) {
      return cut(static_cast<double>(from.x) + slope * static_cast<double>(step) + .5);
    };
    const bool right = to.x > from.x;
    const std::int64_t end = end_column(std::max(from.x, to.x));
    for (std::int64_t column = first_column(std::min(from.x, to.x)); column < end; ++column) {
      const std::int64_t x = fineness * column + middle;
      const auto is_across = [&](std::int64_t step) { return right ? x_at(step) > x : x_at(step) <= x; };
      // The step before which x is crossed: near where the line says, but what counts is what rounding makes of it.
      const std::int64_t guess = cut((static_cast<double>(x - from.x) + .5) / slope);
      std::int64_t before = std::max<std::int64_t>(guess - 2, 0), after = std::min(guess + 2, steps);
      if (before > after || is_across(before) || !is_across(after)) before = 0, after = steps;
      if (is_across(before) || !is_across(after)) continue;
      while (after - before > 1) {
        const std::int64_t half = before + (after - before) / 2;
        (is_across(half) ? after : before) = half;
      }
      add(column, from.y + before);
    }
  }

  void add(std::int64_t column, std::int64_t fine_y) {
    const std::int64_t y = std::clamp<std::int64_t>(up(fine_y - middle), 0, height_);
    if (found_.size() == most_) drop_pairs();
    found_.push_back(
        {.column = static_cast<std::uint32_t>(column), .place = static_cast<std::uint32_t>(column * height_ + y)});
  }

  /// Two crossings at one place undo each other. So however many edges there are, few more places than pixels are held.
  void drop_pairs() {
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
    std::size_t kept = 0;
    for (const Crossing& c : found_) {
      if (kept > 0 && found_[kept - 1].place == c.place) {
        --kept;
      } else {
        found_[kept++] = c;
      }
    }
    found_.resize(kept);
    most_ = std::max(most_, 2 * kept);
  }

  struct Crossing {
    std::uint32_t column, place;
  };
  std::int64_t height_, last_column_;
  std::size_t most_ = std::size_t{1} << 22;
  std::vector<Crossing> found_;
};

/// Places where runs begin, in order, as lengths of runs. What begins twice at one place does not begin.
void settle(std::uint64_t pixels, MaskCounts& out) {
  out.push_back(static_cast<std::uint32_t>(pixels));
  std::size_t kept = 0;
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint32_t length = out[i] - before;
    before = out[i];
    if (kept == 0 || length > 0) {
      out[kept++] = length;
    } else if (++i < out.size()) {
      out[kept - 1] += out[i] - before;
      before = out[i];
    }
  }
  out.resize(kept);
}

bool fits(std::uint32_t height, std::uint32_t width) { return std::uint64_t{height} * width <= most_mask_pixels; }

/// How many bytes from `p` on are `value`, at most up to `end`.
std::size_t same_bytes(const std::uint8_t* p, const std::uint8_t* end, std::uint8_t value) {
  const std::uint8_t* const begin = p;
  const std::uint64_t eight = 0x0101010101010101ULL * value;
  for (std::uint64_t word = 0; end - p >= 8; p += 8) {
    std::memcpy(&word, p, sizeof word);
    if (word != eight) break;
  }
  while (p != end && *p == value) ++p;
  return static_cast<std::size_t>(p - begin);
}

}  // namespace

void counts_of_polygon(std::span<const double> ring, std::uint32_t height, std::uint32_t width, MaskCounts& out) {
  out.clear();
  if (!fits(height, width)) return;
  // Corner by corner, so that no copy of a large ring is made.
  Crossings crossings(height, width);
  Corner first, last;
  for (std::size_t i = 0; i + 1 < ring.size(); i += 2) {
    const auto x = on_grid(ring[i]), y = on_grid(ring[i + 1]);
    if (!x || !y) return settle(std::uint64_t{height} * width, out);
    const Corner corner{.x = *x, .y = *y};
    if (i == 0) first = corner;
    if (i > 0) crossings.add_edge(last, corner);
    last = corner;
  }
  crossings.add_edge(last, first);
  crossings.take(out);
  settle(std::uint64_t{height} * width, out);
}

void counts_of_box(const Box& box, std::uint32_t height, std::uint32_t width, MaskCounts& out) {
  const double right = box.x + box.width, bottom = box.y + box.height;
  const double corners[] = {box.x, box.y, box.x, bottom, right, bottom, right, box.y};
  counts_of_polygon(corners, height, width, out);
}

void counts_of_bitmap(std::span<const std::uint8_t> columns, std::uint32_t height, std::uint32_t width,
                      MaskCounts& out) {
  out.clear();
  if (!fits(height, width)) return;
  VETSET_ASSERT(columns.size() == std::size_t{height} * width, "the bitmap has a byte a pixel");
  const std::uint8_t* p = columns.data();
  const std::uint8_t* const end = p + columns.size();
  std::uint8_t value = 0;
  do {
    const std::size_t length = same_bytes(p, end, value);
    out.push_back(static_cast<std::uint32_t>(length));
    p += length;
    if (p != end) value = *p;
  } while (p != end);
}

Result<void> bitmap_of_counts(MaskCountsView counts, std::span<std::uint8_t> columns) {
  std::size_t at = 0;
  std::uint8_t value = 0;
  for (const std::uint32_t count : counts) {
    if (count > columns.size() - at)
      return Error{Code::malformed,
                   "the counts of a mask make more than its " + std::to_string(columns.size()) + " pixels"};
    if (count > 0) std::memset(columns.data() + at, value, count);
    at += count;
    value = value == 0 ? 1 : 0;
  }
  if (at != columns.size())
    return Error{Code::malformed, "the counts of a mask make " + std::to_string(at) + " pixels, expected " +
                                      std::to_string(columns.size())};
  return {};
}

}  // namespace vetset
