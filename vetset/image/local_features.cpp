#include "vetset/image/local_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <span>

namespace vetset {
namespace {

constexpr int patch = 15;          // radius of what is described, in samples of a level
constexpr int margin = patch + 3;  // corners keep off the edge: the patch and its smoothing
constexpr int contrast = 8;        // a corner's ring differs by more than this from its middle, in grey levels
constexpr int levels = 7;
constexpr std::uint32_t shrink_numerator = 4, shrink_denominator = 5;  // from one level to the next
constexpr int turns = 256;                                             // steps of a full turn

/// Unit vectors of `turns` directions times 2^14, by repeated rotation: no library's sine decides a bit.
struct Direction {
  std::int32_t cos = 0, sin = 0;
};
std::array<Direction, turns> make_directions() {
  constexpr double c = 0.99969881869620425, s = 0.024541228522912288;  // of 2π / 256
  std::array<Direction, turns> all;
  double x = 1, y = 0;
  for (Direction& d : all) {
    d = {static_cast<std::int32_t>(std::floor(x * 16384 + 0.5)),
         static_cast<std::int32_t>(std::floor(y * 16384 + 0.5))};
    const double next = x * c - y * s;
    y = x * s + y * c;
    x = next;
  }
  return all;
}
const std::array<Direction, turns>& directions() {
  static const std::array<Direction, turns> all = make_directions();
  return all;
}

/// Where the two samples of each bit lie, around the corner: crowded towards the middle, 256 pairs from a fixed seed.
struct Probe {
  std::int8_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};
std::array<Probe, 256> make_pattern() {
  std::uint64_t state = 0x76657473'65742031;
  const auto draw = [&state] {  // xorshift64*, the upper bits
    state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
    return static_cast<int>((state * 0x2545F4914F6CDD1D) >> 40 & 0xFFFF);
  };
  const auto coordinate = [&draw] {  // the sum of three: nearly a bell, −14 to 14, standard deviation 6
    return (draw() + draw() + draw() - 3 * 32768) * 18 / 98304;
  };
  std::array<Probe, 256> pattern;
  for (Probe& probe : pattern) {
    int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    do {
      x0 = coordinate(), y0 = coordinate(), x1 = coordinate(), y1 = coordinate();
    } while (x0 * x0 + y0 * y0 > 196 || x1 * x1 + y1 * y1 > 196 || (x0 - x1) * (x0 - x1) + (y0 - y1) * (y0 - y1) < 16);
    probe = {static_cast<std::int8_t>(x0), static_cast<std::int8_t>(y0), static_cast<std::int8_t>(x1),
             static_cast<std::int8_t>(y1)};
  }
  return pattern;
}
const std::array<Probe, 256>& pattern() {
  static const std::array<Probe, 256> all = make_pattern();
  return all;
}

struct Level {
  int width = 0, height = 0;
  std::vector<std::uint8_t> samples = {};
  std::vector<std::uint16_t> smooth = {};  // sums of 5 × 5
};

/// Sums of 5 × 5 samples around each but the outermost two.
void smoothen(Level& level) {
  const auto width = static_cast<std::size_t>(level.width), height = static_cast<std::size_t>(level.height);
  level.smooth.assign(width * height, 0);
  std::vector<std::uint16_t> rows(width * height, 0);
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* s = level.samples.data() + y * width;
    std::uint16_t* to = rows.data() + y * width;
    for (std::size_t x = 2; x + 2 < width; ++x)
      to[x] = static_cast<std::uint16_t>(s[x - 2] + s[x - 1] + s[x] + s[x + 1] + s[x + 2]);
  }
  for (std::size_t y = 2; y + 2 < height; ++y) {
    const std::uint16_t* r = rows.data() + y * width;
    std::uint16_t* to = level.smooth.data() + y * width;
    for (std::size_t x = 0; x < width; ++x)
      to[x] =
          static_cast<std::uint16_t>(*(r + x - 2 * width) + *(r + x - width) + r[x] + r[x + width] + r[x + 2 * width]);
  }
}

std::vector<Level> levels_of(const Plane& luma) {
  std::vector<Level> all;
  std::uint64_t width = luma.width, height = luma.height;
  for (int k = 0; k < levels && std::min(width, height) > 2 * margin + 8; ++k) {
    Level level{.width = static_cast<int>(width), .height = static_cast<int>(height)};
    level.samples = k == 0 ? luma.samples
                           : resampled(luma, {0, 0, luma.width, luma.height}, static_cast<std::uint32_t>(width),
                                       static_cast<std::uint32_t>(height))
                                 .samples;
    smoothen(level);
    all.push_back(std::move(level));
    width = width * shrink_numerator / shrink_denominator;
    height = height * shrink_numerator / shrink_denominator;
  }
  return all;
}

/// How far the ring of 16 stands out from its middle where nine neighbours in a row are all brighter or all darker,
/// else 0 (FAST: Rosten and Drummond, "Machine learning for high-speed corner detection", 2006).
int contrast_of_ring(const std::uint8_t* at, const std::array<std::ptrdiff_t, 16>& ring) {
  std::uint32_t bright = 0, dark = 0;
  int sum = 0;
  for (std::size_t k = 0; k < 16; ++k) {
    const int difference = at[ring[k]] - *at;
    bright |= static_cast<std::uint32_t>(difference > contrast) << k;
    dark |= static_cast<std::uint32_t>(difference < -contrast) << k;
    sum += std::abs(difference);
  }
  for (std::uint32_t bits : {bright, dark}) {
    bits |= bits << 16;
    std::uint32_t runs = bits & bits >> 1;
    runs &= runs >> 2;
    runs &= runs >> 4;
    if ((runs & bits >> 8) != 0) return sum;
  }
  return 0;
}

/// Marks samples of a row that may be corners: nine in a row hold one of each opposite pair. Most end here.
void mark_candidates(const std::uint8_t* row, std::ptrdiff_t stride, int width, std::vector<std::uint8_t>& marks) {
  const std::uint8_t* above = row - 3 * stride;
  const std::uint8_t* below = row + 3 * stride;
  std::uint8_t* out = marks.data();
  for (int x = margin; x < width - margin; ++x) {
    const int high = row[x] + contrast, low = row[x] - contrast;
    const bool bright = ((above[x] > high) | (below[x] > high)) & ((row[x - 3] > high) | (row[x + 3] > high));
    const bool dark = ((above[x] < low) | (below[x] < low)) & ((row[x - 3] < low) | (row[x + 3] < low));
    out[x] = bright | dark;
  }
}

/// Harris and Stephens' measure over 7 × 7, with k = 1/24, in whole numbers.
std::int64_t corner_strength(const std::uint8_t* at, std::ptrdiff_t stride) {
  std::int64_t xx = 0, yy = 0, xy = 0;
  for (std::ptrdiff_t dy = -3; dy <= 3; ++dy)
    for (std::ptrdiff_t dx = -3; dx <= 3; ++dx) {
      const std::uint8_t* s = at + dy * stride + dx;
      const int gx = s[1] - s[-1], gy = s[stride] - s[-stride];
      xx += gx * gx, yy += gy * gy, xy += gx * gy;
    }
  return xx * yy - xy * xy - (xx + yy) * (xx + yy) / 24;
}

struct Corner {
  int level = 0, x = 0, y = 0;
  std::int64_t strength = 0;
};

/// Of two equal ones the first in reading order stays.
template <class Value>
bool strongest_within(int reach, const Corner& c, const std::vector<Value>& strength, std::ptrdiff_t stride) {
  const Value* at = strength.data() + c.y * stride + c.x;
  for (int dy = -reach; dy <= reach; ++dy)
    for (int dx = -reach; dx <= reach; ++dx) {
      const Value other = at[dy * stride + dx];
      if (other > *at || (other == *at && (dy < 0 || (dy == 0 && dx < 0)))) return false;
    }
  return true;
}

void add_corners(const Level& level, int index, std::vector<Corner>& corners) {
  const std::ptrdiff_t w = level.width;
  const std::array<std::ptrdiff_t, 16> ring = {-3 * w,    -3 * w + 1, -2 * w + 2, -w + 3,    3,         w + 3,
                                               2 * w + 2, 3 * w + 1,  3 * w,      3 * w - 1, 2 * w - 2, w - 3,
                                               -3,        -w - 3,     -2 * w - 2, -3 * w - 1};
  // Thinned out by the ring's contrast first, as the measure proper is dear.
  std::vector<int> rings(level.samples.size(), 0);
  std::vector<std::uint8_t> marks(static_cast<std::size_t>(level.width));
  std::vector<Corner> found;
  for (int y = margin; y < level.height - margin; ++y) {
    const std::uint8_t* row = level.samples.data() + y * w;
    mark_candidates(row, w, level.width, marks);
    for (int x = margin; x < level.width - margin; ++x) {
      if (marks[static_cast<std::size_t>(x)] == 0) continue;
      const int value = contrast_of_ring(row + x, ring);
      if (value == 0) continue;
      rings[static_cast<std::size_t>(y * w + x)] = value;
      found.push_back({index, x, y, value});
    }
  }
  std::vector<std::int64_t> strength(level.samples.size(), 0);
  std::erase_if(found, [&](const Corner& c) { return !strongest_within(1, c, rings, w); });
  for (Corner& c : found) {
    c.strength = corner_strength(level.samples.data() + c.y * w + c.x, w);
    strength[static_cast<std::size_t>(c.y * w + c.x)] = c.strength;
  }
  for (const Corner& c : found)
    if (c.strength > 0 && strongest_within(2, c, strength, w)) corners.push_back(c);
}

/// The strongest corners, at first no cell of an 8 × 8 grid over its share, then whatever is strongest.
std::vector<Corner> spread(std::vector<Corner> corners, std::span<const Level> all, std::size_t count) {
  std::sort(corners.begin(), corners.end(), [](const Corner& a, const Corner& b) {
    if (a.strength != b.strength) return a.strength > b.strength;
    return std::array{a.level, a.y, a.x} < std::array{b.level, b.y, b.x};
  });
  if (corners.size() <= count) return corners;
  const std::size_t share = std::max<std::size_t>(1, (count + 31) / 32);
  std::array<std::size_t, 64> cells = {};
  std::vector<bool> taken(corners.size(), false);
  std::size_t left = count;
  for (std::size_t i = 0; i < corners.size() && left > 0; ++i) {
    const Corner& c = corners[i];
    const Level& level = all[static_cast<std::size_t>(c.level)];
    std::size_t& cell = cells[static_cast<std::size_t>(c.y * 8 / level.height * 8 + c.x * 8 / level.width)];
    if (cell == share) continue;
    ++cell, --left, taken[i] = true;
  }
  for (std::size_t i = 0; i < corners.size() && left > 0; ++i)
    if (!taken[i]) taken[i] = true, --left;
  std::vector<Corner> chosen;
  for (std::size_t i = 0; i < corners.size(); ++i)
    if (taken[i]) chosen.push_back(corners[i]);
  return chosen;
}

/// The direction from the middle of a disc to its centre of brightness (Rosin, 1999), as one of `turns`.
std::size_t direction_at(const Level& level, int x, int y) {
  std::int64_t mx = 0, my = 0;
  for (int dy = -patch; dy <= patch; ++dy) {
    const std::uint8_t* row = level.samples.data() + std::ptrdiff_t{y + dy} * level.width + x;
    std::int64_t sum = 0;
    for (int dx = -patch; dx <= patch; ++dx) {
      if (dx * dx + dy * dy > patch * patch) continue;
      mx += dx * row[dx];
      sum += row[dx];
    }
    my += dy * sum;
  }
  const std::array<Direction, turns>& all = directions();
  std::size_t best = 0;
  std::int64_t most = INT64_MIN;
  for (std::size_t k = 0; k < turns; ++k) {
    const std::int64_t along = mx * all[k].cos + my * all[k].sin;
    if (along > most) most = along, best = k;
  }
  return best;
}

/// `side` 1: as it is; −1: as the mirrored plane would be described, whose corner points the other way.
Bits256 described(const Level& level, int x, int y, std::size_t turn, int side) {
  const Direction d = directions()[side > 0 ? turn : (turns / 2 + turns - turn) % turns];
  const std::uint16_t* middle = level.smooth.data() + std::ptrdiff_t{y} * level.width + x;
  const auto value = [&](int px, int py) {
    const int rx = (px * d.cos - py * d.sin + 8192) >> 14, ry = (px * d.sin + py * d.cos + 8192) >> 14;
    return middle[std::ptrdiff_t{ry} * level.width + side * rx];
  };
  const std::array<Probe, 256>& probes = pattern();
  Bits256 bits;
  for (std::size_t k = 0; k < 256; ++k) {
    const Probe& p = probes[k];
    if (value(p.x0, p.y0) < value(p.x1, p.y1)) bits.set(k);
  }
  return bits;
}

}  // namespace

std::vector<LocalFeature> local_features(const Plane& luma, std::size_t count) {
  const std::vector<Level> all = levels_of(luma);
  std::vector<Corner> corners;
  for (std::size_t k = 0; k < all.size(); ++k) add_corners(all[k], static_cast<int>(k), corners);
  std::vector<LocalFeature> features;
  for (const Corner& c : spread(std::move(corners), all, count)) {
    const Level& level = all[static_cast<std::size_t>(c.level)];
    const std::size_t turn = direction_at(level, c.x, c.y);
    const float wide = static_cast<float>(luma.width) / static_cast<float>(level.width);
    const float high = static_cast<float>(luma.height) / static_cast<float>(level.height);
    features.push_back({.x = (static_cast<float>(c.x) + 0.5F) * wide,
                        .y = (static_cast<float>(c.y) + 0.5F) * high,
                        .scale = wide,
                        .angle = static_cast<float>(turn) * 0.024543693F,
                        .response = static_cast<float>(c.strength),
                        .descriptor = described(level, c.x, c.y, turn, 1),
                        .mirrored = described(level, c.x, c.y, turn, -1)});
  }
  return features;
}

}  // namespace vetset
