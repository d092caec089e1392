#include "vetset/image/local_features.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <span>

#include "vetset/image/corner_score.h"

namespace vetset {
namespace {

constexpr int patch = 15;             // radius of what is described, in samples of a level
constexpr int margin = patch + 3;     // corners keep off the edge: the patch and its smoothing
constexpr int levels = 5;             // each of two thirds or three quarters of the one before
constexpr std::uint8_t contrast = 5;  // of a corner against its ring, in grey levels, at least
constexpr int turns = 256;            // steps of a full turn

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

constexpr std::size_t beyond = 64;  // that may be read after the last sample, by those who take many at a time

struct Level {
  int width = 0, height = 0;
  float pixel = 1;  // of this level, in pixels of the finest
  std::vector<std::uint8_t> samples = {};
  std::vector<std::uint16_t> smooth = {};  // sums of 5 × 5

  std::ptrdiff_t at(int x, int y) const { return std::ptrdiff_t{y} * width + x; }
};
Level level_of(int width, int height, float pixel) {
  Level level{.width = width, .height = height, .pixel = pixel};
  level.samples.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) + beyond);
  return level;
}

/// Averages of 2 × 2.
Level halved(const Level& from) {
  Level to = level_of(from.width / 2, from.height / 2, from.pixel * 2);
  for (int y = 0; y < to.height; ++y) {
    const std::uint8_t* upper = from.samples.data() + from.at(0, 2 * y);
    const std::uint8_t* lower = upper + from.width;
    std::uint8_t* out = to.samples.data() + to.at(0, y);
    for (int x = 0; x < to.width; ++x, upper += 2, lower += 2)
      out[x] = static_cast<std::uint8_t>((upper[0] + upper[1] + lower[0] + lower[1] + 2) >> 2);
  }
  return to;
}

/// Averages of areas: 2 × 2 for each 3 × 3.
Level two_thirds(const Level& from) {
  Level to = level_of(from.width / 3 * 2, from.height / 3 * 2, from.pixel * 1.5F);
  for (int y = 0; y < to.height; ++y) {
    const std::uint8_t* row = from.samples.data() + from.at(0, y / 2 * 3);
    // Of three rows the first and a half of the second, or a half of the second and the third.
    const std::uint8_t* whole = y % 2 == 0 ? row : row + 2 * from.width;
    const std::uint8_t* half = row + from.width;
    std::uint8_t* out = to.samples.data() + to.at(0, y);
    for (int x = 0; x < to.width; x += 2, whole += 3, half += 3) {
      const int left = 2 * whole[0] + half[0], middle = 2 * whole[1] + half[1], right = 2 * whole[2] + half[2];
      out[x] = static_cast<std::uint8_t>((2 * left + middle + 4) / 9);
      out[x + 1] = static_cast<std::uint8_t>((middle + 2 * right + 4) / 9);
    }
  }
  return to;
}

/// Sums of 5 × 5 samples around each but the outermost two.
void smoothen(Level& level) {
  using Bytes [[gnu::vector_size(8)]] = std::uint8_t;
  using Words [[gnu::vector_size(16)]] = std::uint16_t;
  const auto at_once = [](const std::uint8_t* at) {
    Bytes bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    return __builtin_convertvector(bytes, Words);
  };
  const auto width = static_cast<std::size_t>(level.width);
  level.smooth.resize(level.samples.size());
  std::vector<std::uint16_t> columns(width + beyond);
  for (int y = 2; y + 2 < level.height; ++y) {
    const std::uint8_t* r = level.samples.data() + level.at(0, y);
    for (std::size_t x = 0; x < width; x += 8) {
      const std::uint8_t* s = r + x;
      const Words sum =
          at_once(s - 2 * width) + at_once(s - width) + at_once(s) + at_once(s + width) + at_once(s + 2 * width);
      std::memcpy(columns.data() + x, &sum, sizeof sum);
    }
    std::uint16_t* to = level.smooth.data() + level.at(0, y);
    for (std::size_t x = 2; x + 2 < width; x += 8) {
      Words sum = {}, next;
      for (std::size_t k = x - 2; k <= x + 2; ++k) {
        std::memcpy(&next, columns.data() + k, sizeof next);
        sum += next;
      }
      std::memcpy(to + x, &sum, sizeof sum);
    }
  }
}

std::vector<Level> levels_of(const Plane& luma) {
  std::vector<Level> all;
  const auto large_enough = [](const Level& l) { return std::min(l.width, l.height) > 2 * margin + 8; };
  Level finest = level_of(static_cast<int>(luma.width), static_cast<int>(luma.height), 1);
  std::copy(luma.samples.begin(), luma.samples.end(), finest.samples.begin());
  for (int k = 0; k < levels; ++k) {
    Level level = k == 0   ? std::move(finest)
                  : k == 1 ? two_thirds(all[0])
                           : halved(all[static_cast<std::size_t>(k - 2)]);
    if (!large_enough(level)) break;
    all.push_back(std::move(level));
  }
  return all;
}

/// Harris and Stephens' measure over 7 × 7, with k = 1/24, in whole numbers.
std::int64_t corner_strength(const std::uint8_t* at, std::ptrdiff_t stride) {
  std::int32_t xx = 0, yy = 0, xy = 0;  // 49 times 255 squared at most
  for (std::ptrdiff_t dy = -3; dy <= 3; ++dy)
    for (std::ptrdiff_t dx = -3; dx <= 3; ++dx) {
      const std::uint8_t* s = at + dy * stride + dx;
      const int gx = s[1] - s[-1], gy = s[stride] - s[-stride];
      xx += gx * gx, yy += gy * gy, xy += gx * gy;
    }
  const std::int64_t x = xx, y = yy, z = xy;
  return x * y - z * z - (x + y) * (x + y) / 24;
}

struct Corner {
  int level = 0, x = 0, y = 0;
  std::int64_t strength = 0;
};

constexpr int cells_a_side = 8;

std::size_t cell_of(const Level& level, int x, int y) {
  return static_cast<std::size_t>(y * cells_a_side / level.height * cells_a_side + x * cells_a_side / level.width);
}

/// Samples that stand out from their rings more than their neighbours do, in reading order.
std::vector<Corner> peaks_of(const Level& level, int index) {
  const auto stride = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(level.width) + beyond);
  const std::size_t begin = margin, end = static_cast<std::size_t>(level.width - margin);
  std::vector<std::uint8_t> scores(static_cast<std::size_t>(3 * stride)), peaks(static_cast<std::size_t>(stride));
  std::vector<Corner> found;
  // A row's peaks are known once the row after it is scored.
  for (int y = margin; y <= level.height - margin; ++y) {
    std::memmove(scores.data(), scores.data() + stride, static_cast<std::size_t>(2 * stride));
    std::uint8_t* newest = scores.data() + 2 * stride;
    if (y < level.height - margin) {
      corner_scores(level.samples.data() + level.at(0, y), level.width, begin, end, contrast, newest);
      std::memset(newest + end, 0, corner_block);
    } else {
      std::memset(newest, 0, static_cast<std::size_t>(stride));
    }
    corner_peaks(scores.data() + stride, stride, begin, end, peaks.data());
    for (std::size_t x = begin; x < end; x += 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, peaks.data() + x, sizeof eight);
      for (; eight != 0; eight &= ~(std::uint64_t{255} << (std::countr_zero(eight) / 8 * 8))) {
        const std::size_t at = x + static_cast<std::size_t>(std::countr_zero(eight) / 8);
        if (at < end) found.push_back({index, static_cast<int>(at), y - 1, peaks[at]});
      }
    }
  }
  return found;
}

/// Of each cell of the frame those of most contrast, about `share`: the measure proper is dear.
void keep_clearest(const Level& level, std::size_t share, std::vector<Corner>& corners) {
  constexpr std::size_t cells = cells_a_side * cells_a_side;
  std::vector<std::uint32_t> counts(cells * 256);
  for (const Corner& c : corners) ++counts[cell_of(level, c.x, c.y) * 256 + static_cast<std::size_t>(c.strength)];
  std::array<std::int64_t, cells> least = {};
  for (std::size_t cell = 0; cell < cells; ++cell) {
    std::size_t value = 255, sum = counts[cell * 256 + 255];
    while (value > 0 && sum < share) sum += counts[cell * 256 + --value];
    least[cell] = static_cast<std::int64_t>(value);
  }
  std::erase_if(corners, [&](const Corner& c) { return c.strength < least[cell_of(level, c.x, c.y)]; });
}

/// Leaves out whom a stronger one is nearer than three samples to; of two equal ones the first in reading order stays.
void keep_strongest(std::vector<Corner>& corners) {
  std::vector<bool> beaten(corners.size(), false);
  for (std::size_t i = 0; i < corners.size(); ++i)
    for (std::size_t j = i + 1; j < corners.size() && corners[j].y - corners[i].y <= 2; ++j) {
      if (std::abs(corners[j].x - corners[i].x) > 2) continue;
      beaten[corners[j].strength > corners[i].strength ? i : j] = true;
    }
  std::size_t k = 0;
  std::erase_if(corners, [&](const Corner& c) { return beaten[k++] || c.strength <= 0; });
}

void add_corners(const Level& level, int index, std::size_t share, std::vector<Corner>& corners) {
  std::vector<Corner> found = peaks_of(level, index);
  keep_clearest(level, share, found);
  for (Corner& c : found) c.strength = corner_strength(level.samples.data() + level.at(c.x, c.y), level.width);
  keep_strongest(found);
  corners.insert(corners.end(), found.begin(), found.end());
}

/// Of `count` corners, those that one cell may have before it comes to whatever is strongest.
std::size_t share_of(std::size_t count) { return std::max<std::size_t>(1, (count + 31) / 32); }

/// The strongest corners, at first no cell of an 8 × 8 grid over its share, then whatever is strongest.
std::vector<Corner> spread(std::vector<Corner> corners, std::span<const Level> all, std::size_t count) {
  std::sort(corners.begin(), corners.end(), [](const Corner& a, const Corner& b) {
    if (a.strength != b.strength) return a.strength > b.strength;
    return std::array{a.level, a.y, a.x} < std::array{b.level, b.y, b.x};
  });
  if (corners.size() <= count) return corners;
  const std::size_t share = share_of(count);
  std::array<std::size_t, cells_a_side * cells_a_side> cells = {};
  std::vector<bool> taken(corners.size(), false);
  std::size_t left = count;
  for (std::size_t i = 0; i < corners.size() && left > 0; ++i) {
    const Corner& c = corners[i];
    std::size_t& cell = cells[cell_of(all[static_cast<std::size_t>(c.level)], c.x, c.y)];
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
  std::vector<Level> all = levels_of(luma);
  std::vector<Corner> corners;
  for (std::size_t k = 0; k < all.size(); ++k)
    add_corners(all[k], static_cast<int>(k), 3 * share_of(count) + 6, corners);
  corners = spread(std::move(corners), all, count);
  for (std::size_t k = 0; k < all.size(); ++k)
    if (std::any_of(corners.begin(), corners.end(),
                    [&](const Corner& c) { return static_cast<std::size_t>(c.level) == k; }))
      smoothen(all[k]);
  std::vector<LocalFeature> features;
  features.reserve(corners.size());
  for (const Corner& c : corners) {
    const Level& level = all[static_cast<std::size_t>(c.level)];
    const std::size_t turn = direction_at(level, c.x, c.y);
    features.push_back({.x = (static_cast<float>(c.x) + 0.5F) * level.pixel,
                        .y = (static_cast<float>(c.y) + 0.5F) * level.pixel,
                        .scale = level.pixel,
                        .angle = static_cast<float>(turn) * 0.024543693F,
                        .response = static_cast<float>(c.strength),
                        .descriptor = described(level, c.x, c.y, turn, 1),
                        .mirrored = described(level, c.x, c.y, turn, -1)});
  }
  return features;
}

}  // namespace vetset
