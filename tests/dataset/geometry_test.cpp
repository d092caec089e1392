#include "vetset/dataset/geometry.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "tests/support/random.h"

using namespace vetset;

namespace {

using Numbers = std::vector<double>;

/// A mask as pixels, down the columns.
struct Pixels {
  std::uint32_t height = 0, width = 0;
  std::vector<bool> on;
  bool at(std::int64_t x, std::int64_t y) const {
    return x >= 0 && y >= 0 && x < width && y < height &&
           on[static_cast<std::size_t>(x) * height + static_cast<std::size_t>(y)];
  }
};

std::vector<std::uint32_t> counts_of(const Pixels& pixels) {
  std::vector<std::uint32_t> counts{0};
  bool value = false;
  for (const bool pixel : pixels.on) {
    if (pixel != value) counts.push_back(0);
    value = pixel;
    ++counts.back();
  }
  return counts;
}

Pixels random_pixels(Random& random) {
  Pixels pixels{.height = 1 + random.below(12), .width = 1 + random.below(12)};
  const std::uint32_t density = random.below(11);
  for (std::size_t i = 0; i < std::size_t{pixels.height} * pixels.width; ++i)
    pixels.on.push_back(random.below(10) < density);
  return pixels;
}

/// Number of each pixel's 4-connected part; 0 where it is off.
std::vector<int> parts_of(const Pixels& pixels, int& count) {
  std::vector<int> part(pixels.on.size());
  count = 0;
  for (std::size_t first = 0; first < part.size(); ++first) {
    if (!pixels.on[first] || part[first] != 0) continue;
    ++count;
    std::vector<std::size_t> open{first};
    while (!open.empty()) {
      const std::size_t i = open.back();
      open.pop_back();
      const auto x = static_cast<std::int64_t>(i / pixels.height), y = static_cast<std::int64_t>(i % pixels.height);
      if (!pixels.at(x, y) || part[i] != 0) continue;
      part[i] = count;
      for (const auto& [dx, dy] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}})
        if (pixels.at(x + dx, y + dy))
          open.push_back(static_cast<std::size_t>(x + dx) * pixels.height + static_cast<std::size_t>(y + dy));
    }
  }
  return part;
}

/// How often a ring winds around the middle of a pixel: upright edges to its right, down less up.
int winding(const Numbers& ring, std::int64_t x, std::int64_t y) {
  int turns = 0;
  const std::size_t n = ring.size();
  for (std::size_t i = 0; i < n; i += 2) {
    const double ex = ring[i], ay = ring[i + 1], by = ring[(i + 3) % n];
    if (ring[(i + 2) % n] != ex || ex <= static_cast<double>(x)) continue;
    const double middle = static_cast<double>(y) + 0.5;
    if (ay < middle && by > middle) ++turns;
    if (by < middle && ay > middle) --turns;
  }
  return turns;
}

bool crosses_slowly(const Numbers& ring) {
  // Whole coordinates up to 1000: products are exact in 64 bits.
  const std::size_t n = ring.size() / 2;
  const auto x = [&](std::size_t i) { return static_cast<std::int64_t>(ring[2 * (i % n)]); };
  const auto y = [&](std::size_t i) { return static_cast<std::int64_t>(ring[2 * (i % n) + 1]); };
  const auto turn = [&](std::size_t a, std::size_t b, std::size_t c) {
    const std::int64_t area = (x(b) - x(a)) * (y(c) - y(a)) - (y(b) - y(a)) * (x(c) - x(a));
    return area > 0 ? 1 : area < 0 ? -1 : 0;
  };
  const auto on = [&](std::size_t a, std::size_t b, std::size_t p) {
    return turn(a, b, p) == 0 && std::min(x(a), x(b)) <= x(p) && x(p) <= std::max(x(a), x(b)) &&
           std::min(y(a), y(b)) <= y(p) && y(p) <= std::max(y(a), y(b));
  };
  for (std::size_t i = 0; i < n; ++i) {
    if (on(i, i + 1, i + 2) || on(i + 1, i + 2, i)) return true;
    for (std::size_t j = i + 2; j < n; ++j) {
      if (i == 0 && j == n - 1) continue;
      if (on(i, i + 1, j) || on(i, i + 1, j + 1) || on(j, j + 1, i) || on(j, j + 1, i + 1)) return true;
      if (turn(i, i + 1, j) != turn(i, i + 1, j + 1) && turn(j, j + 1, i) != turn(j, j + 1, i + 1)) return true;
    }
  }
  return false;
}

/// A ring around (500, 500) that sees each vertex under a greater angle: it never crosses itself.
Numbers star(Random& random, std::size_t points) {
  Numbers ring;
  for (std::size_t i = 0; i < points; ++i) {
    const double angle = 2 * 3.14159265358979 * static_cast<double>(i) / static_cast<double>(points);
    const double radius = 100 + 300 * random.unit();
    ring.push_back(500 + radius * std::cos(angle));
    ring.push_back(500 + radius * std::sin(angle));
  }
  return ring;
}

struct GoldenMask {
  std::uint32_t height, width;
  std::vector<std::uint32_t> counts;  // empty: pinned by its text alone
  const char* text;
  std::uint64_t area;
  Box box;
};

// Made by tests/golden/masks.py with pycocotools 2.0.11.
const GoldenMask golden_masks[] = {
    {1, 1, {1}, "1", 0, {0, 0, 0, 0}},
    {1, 1, {0, 1}, "01", 1, {0, 0, 1, 1}},
    {1, 1, {0, 1}, "01", 1, {0, 0, 1, 1}},
    {1, 1, {1}, "1", 0, {0, 0, 0, 0}},
    {3, 4, {12}, "<", 0, {0, 0, 0, 0}},
    {3, 4, {0, 12}, "0<", 12, {0, 0, 4, 3}},
    {3, 4, {4, 2, 1, 2, 1, 2}, "421000", 6, {1, 1, 3, 2}},
    {3, 4, {2, 1, 1, 3, 1, 2, 1, 1}, "21120O0O", 7, {0, 0, 4, 3}},
    {7, 5, {35}, "S1", 0, {0, 0, 0, 0}},
    {7, 5, {0, 35}, "0S1", 35, {0, 0, 5, 7}},
    {7, 5, {9, 4, 3, 4, 3, 4, 8}, "9430005", 12, {1, 2, 3, 4}},
    {7, 5, {0, 1, 1, 1, 1, 1, 4, 1, 2, 1, 2, 1, 1, 3, 2, 4, 1, 1, 3, 2, 2}, "01100030N000O211OM21O", 16, {0, 0, 5, 7}},
    {2, 9, {18}, "b0", 0, {0, 0, 0, 0}},
    {2, 9, {0, 18}, "0b0", 18, {0, 0, 9, 2}},
    {2, 9, {4, 10, 4}, "4:4", 10, {2, 0, 5, 2}},
    {2, 9, {1, 1, 2, 1, 3, 1, 1, 1, 1, 4, 1, 1}, "112010N0030M", 9, {0, 0, 9, 2}},
    {40, 30, {1200}, "`U1", 0, {0, 0, 0, 0}},
    {40, 30, {0, 1200}, "0`U1", 1200, {0, 0, 30, 40}},
    {40, 30, {}, "U9e0c000000000000000000000000000000[8", 336, {7, 13, 16, 21}},
    {1000, 700, {700000}, "Pc[e0", 0, {0, 0, 0, 0}},
    {1000, 700, {0, 700000}, "0Pc[e0", 700000, {0, 0, 700, 1000}},
};

}  // namespace

TEST_CASE("masks have the counts, strings, areas and boxes of pycocotools") {
  for (const GoldenMask& golden : golden_masks) {
    CAPTURE(golden.text);
    const auto runs = runs_of_coco_string(golden.text, golden.height, golden.width);
    REQUIRE(runs);
    if (!golden.counts.empty()) CHECK(runs->counts == golden.counts);
    CHECK(coco_string_of(runs->counts) == golden.text);
    CHECK(area(runs->counts) == golden.area);
    CHECK(box_of_mask(runs->counts, golden.height) == golden.box);
  }
}

TEST_CASE("a compressed mask that makes no sense is an error that says why") {
  const auto error = [](std::string_view text, std::uint32_t height, std::uint32_t width) {
    const auto runs = runs_of_coco_string(text, height, width);
    REQUIRE(!runs);
    CHECK(runs.error().code == Code::malformed);
    return runs.error().message;
  };
  CHECK(error("4 2", 3, 4) == "character 2 of a compressed mask is not one of '0' to 'o'");
  CHECK(error("4p", 3, 4) == "character 2 of a compressed mask is not one of '0' to 'o'");
  CHECK(error("42`", 3, 4) == "a compressed mask ends within a count");
  CHECK(error("ooooooo1", 3, 4) == "character 8 of a compressed mask makes a count of more than 32 bits");
  CHECK(error("O", 3, 4) == "count 1 of a compressed mask is -1, expected 0 to 4294967295");
  CHECK(error("42", 3, 4) == "the counts of a compressed mask make 6 pixels, expected 3x4 = 12");
  CHECK(error("4223", 3, 4) == "the counts of a compressed mask make more than 12 pixels, expected 3x4 = 12");
  CHECK(error("", 3, 4) == "the counts of a compressed mask make 0 pixels, expected 3x4 = 12");
  CHECK(runs_of_coco_string("", 0, 4));
}

TEST_CASE("any counts come back from their compressed string") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::vector<std::uint32_t> counts;
    std::uint64_t total = 0;
    for (std::uint32_t n = random.below(30); n > 0; --n) {
      counts.push_back(random.below(random.below(4) == 0 ? 40'000'000 : 40));
      total += counts.back();
    }
    const auto runs = runs_of_coco_string(coco_string_of(counts), 1, static_cast<std::uint32_t>(total));
    REQUIRE(runs);
    CHECK(runs->counts == counts);
  }
  const std::vector<std::uint32_t> extremes{0, 4294967295U, 0, 0};
  const auto back = runs_of_coco_string(coco_string_of(extremes), 4294967295U, 1);
  REQUIRE(back);
  CHECK(back->counts == extremes);
}

TEST_CASE("the box of a mask is that of its pixels") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Pixels pixels = random_pixels(random);
    Numbers corners;
    for (std::int64_t x = 0; x < pixels.width; ++x)
      for (std::int64_t y = 0; y < pixels.height; ++y)
        if (pixels.at(x, y))
          for (const int d : {0, 1})
            corners.insert(corners.end(), {static_cast<double>(x + d), static_cast<double>(y + d)});
    CHECK(box_of_mask(counts_of(pixels), pixels.height) == envelope(corners).value_or(Box{}));
  }
  const std::vector<std::uint32_t> split_ones{1, 2, 0, 1, 4};
  CHECK(box_of_mask(split_ones, 4) == Box{0, 1, 1, 3});
}

TEST_CASE("the outlines of a mask cover its pixels and no others") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Pixels pixels = random_pixels(random);
    std::vector<std::uint32_t> counts = counts_of(pixels);
    if (random.below(4) == 0) {  // runs cut by runs of nothing say the same
      const std::size_t at = random.below(static_cast<std::uint32_t>(counts.size()));
      const std::uint32_t part = random.below(counts[at] + 1);
      counts[at] -= part;
      counts.insert(counts.begin() + static_cast<std::ptrdiff_t>(at) + 1, {0, part});
    }
    const auto rings = outlines(counts, pixels.height, pixels.width);
    REQUIRE(rings);
    int part_count = 0;
    const std::vector<int> part = parts_of(pixels, part_count);

    double total = 0;
    int outer = 0;
    std::vector<std::vector<int>> turns(static_cast<std::size_t>(part_count), std::vector<int>(part.size()));
    for (const Outline& outline : *rings) {
      total += signed_area(outline.ring);
      CHECK((signed_area(outline.ring) < 0) == outline.hole);
      if (!outline.hole) CHECK(outline.part == static_cast<std::uint32_t>(outer++));
      REQUIRE(outline.part < static_cast<std::uint32_t>(part_count));
      const std::size_t n = outline.ring.size();
      for (std::size_t i = 0; i < n; i += 2) {  // every vertex is a corner
        const bool upright = outline.ring[i] == outline.ring[(i + 2) % n];
        CHECK(upright != (outline.ring[i + 1] == outline.ring[(i + 3) % n]));
        CHECK(upright != (outline.ring[(i + 2) % n] == outline.ring[(i + 4) % n]));
      }
      for (std::size_t i = 0; i < part.size(); ++i)
        turns[outline.part][i] += winding(outline.ring, static_cast<std::int64_t>(i / pixels.height),
                                          static_cast<std::int64_t>(i % pixels.height));
    }
    CHECK(outer == part_count);
    CHECK(total == static_cast<double>(area(counts)));
    bool exact = true;
    for (std::size_t i = 0; i < part.size(); ++i)
      for (int p = 0; p < part_count; ++p) exact = exact && turns[static_cast<std::size_t>(p)][i] == (part[i] == p + 1);
    CHECK(exact);
  }
}

TEST_CASE("outlines begin at their first pixel, outer rings clockwise, holes the other way") {
  const std::vector<std::uint32_t> frame{0, 4, 1, 4};
  const auto rings = outlines(frame, 3, 3);
  REQUIRE(rings);
  REQUIRE(rings->size() == 2);
  CHECK((*rings)[0].ring == Numbers{0, 0, 3, 0, 3, 3, 0, 3});
  CHECK((*rings)[1].ring == Numbers{2, 1, 1, 1, 1, 2, 2, 2});
  CHECK((*rings)[1].hole);
}

TEST_CASE("a mask that is huge and plain costs no more than its runs") {
  const std::vector<std::uint32_t> counts{5, (1U << 29) - 10, 5};
  const auto rings = outlines(counts, 1 << 10, 1 << 19);
  REQUIRE(rings);
  REQUIRE(rings->size() == 1);
  CHECK((*rings)[0].ring.size() == 16);
  const auto line = outlines(std::vector<std::uint32_t>{0, 1U << 29}, 1, 1 << 29);
  REQUIRE(line);
  CHECK((*line)[0].ring.size() == 8);
  CHECK(outlines(std::vector<std::uint32_t>{1U << 29, 1U << 29}, 2, 1 << 29).error().code == Code::limit);
  CHECK(outlines(std::vector<std::uint32_t>{3, 3}, 2, 4).error().code == Code::malformed);
}

TEST_CASE("a ring crosses itself where edges cross, touch, or lie on each other") {
  CHECK(!crosses_itself(Numbers{0, 0, 4, 0, 4, 4, 0, 4}));
  CHECK(!crosses_itself(Numbers{0, 0, 4, 0, 4, 4, 0, 4, 0, 0}));       // the first vertex said again
  CHECK(!crosses_itself(Numbers{0, 0, 4, 0, 4, 0, 4, 4, 0, 4}));       // a vertex said twice
  CHECK(!crosses_itself(Numbers{0, 0, 2, 0, 4, 0, 4, 4, 0, 4}));       // a vertex on the way
  CHECK(crosses_itself(Numbers{0, 0, 4, 4, 4, 0, 0, 4}));              // a bow tie
  CHECK(crosses_itself(Numbers{0, 0, 4, 0, 4, 4, 2, 0, 0, 4}));        // a vertex on another edge
  CHECK(crosses_itself(Numbers{0, 0, 4, 0, 2, 2, 4, 4, 0, 4, 2, 2}));  // a vertex on another vertex
  CHECK(crosses_itself(Numbers{0, 0, 4, 0, 8, 0, 4, 0, 4, 4}));        // there and back
  CHECK(crosses_itself(Numbers{0, 0, 2, 2, 4, 4}));                    // three points of one line
  CHECK(!crosses_itself(Numbers{0, 0, 4, 4}));
  CHECK(!crosses_itself(Numbers{}));
  CHECK(!crosses_itself(Numbers{0, 0, 4, std::nan(""), 4, 4, 0, 4}));
}

TEST_CASE("crossings are told exactly, however near a vertex lies to an edge") {
  // 0.1 + 0.2 lies one part in 2^52 above 0.3.
  const double beside = 0.1 + 0.2;
  CHECK(crosses_itself(Numbers{0, 0, 3, 3, 3, 0, 0.3, 0.3}) == true);      // on the edge, exactly
  CHECK(crosses_itself(Numbers{0, 0, 3, 3, 3, 0, beside, 0.3}) == false);  // beside it, by one bit
  CHECK(crosses_itself(Numbers{0, 0, 3, 3, 3, 0, 0.3, beside}) == true);   // beyond it, by one bit
}

TEST_CASE("the sweep and a comparison of all pairs agree") {
  int crossing = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Numbers ring;
    if (random.below(2) == 0) {
      const std::uint32_t span = 2 + random.below(60);
      for (std::uint32_t n = 3 + random.below(seed % 3 == 0 ? 80 : 6); n > 0; --n)
        ring.insert(ring.end(), {static_cast<double>(random.below(span)), static_cast<double>(random.below(span))});
    } else {
      ring = star(random, 50 + random.below(60));
      for (double& v : ring) v = std::round(v);
      if (random.below(2) == 0) ring[2 * random.below(50)] = random.below(1000);
    }
    Numbers clean;  // without vertices said twice, as the slow one needs it
    for (std::size_t i = 0; i < ring.size(); i += 2)
      if (clean.empty() || clean[clean.size() - 2] != ring[i] || clean.back() != ring[i + 1])
        clean.insert(clean.end(), {ring[i], ring[i + 1]});
    while (clean.size() > 2 && clean[0] == clean[clean.size() - 2] && clean[1] == clean.back())
      clean.resize(clean.size() - 2);
    if (clean.size() < 6) continue;
    const bool expected = crosses_slowly(clean);
    crossing += expected ? 1 : 0;
    CHECK(crosses_itself(ring) == expected);
  }
  CHECK(crossing > 500);
  CHECK(crossing < 2800);
}

TEST_CASE("rings of 100,000 points take no time that grows with their square") {
  Random random(1);
  const Numbers ring = star(random, 100'000);
  Numbers comb;  // long teeth side by side, where a list of open edges is never short
  for (int i = 0; i < 50'000; ++i) comb.insert(comb.end(), {i % 2 == 0 ? 0.0 : 1e6, static_cast<double>(i)});
  comb.insert(comb.end(), {2e6, 5e4, 2e6, -1});
  const auto start = std::chrono::steady_clock::now();
  CHECK(!crosses_itself(ring));
  CHECK(!crosses_itself(comb));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("bridged rings have the area of all of them, and begin with the first") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::vector<Numbers> rings;
    double expected = 0;
    std::size_t points = 0;
    for (std::uint32_t n = 1 + random.below(5); n > 0; --n) {
      rings.push_back(star(random, 3 + random.below(20)));
      const double offset = 700.0 * n;
      for (std::size_t i = 0; i < rings.back().size(); i += 2) rings.back()[i] += offset;
      if (random.below(3) == 0) rings.back().insert(rings.back().end(), {rings.back()[0], rings.back()[1]});
      expected += signed_area(rings.back());
      points += rings.back().size() / 2;
    }
    const std::vector<std::span<const double>> views(rings.begin(), rings.end());
    const Numbers joined = bridged(views);
    CHECK(std::fabs(signed_area(joined) - expected) <= 1e-9 * std::fabs(expected));
    CHECK(joined[0] == rings[0][0]);
    CHECK(joined.size() / 2 <= points + 2 * (rings.size() - 1));
  }
}

TEST_CASE("seams join the nearest vertices") {
  const Numbers outer{0, 0, 10, 0, 10, 10, 0, 10}, hole{7, 7, 7, 8, 8, 8, 8, 7}, far{20, 11, 30, 11, 30, 20};
  const std::array<std::span<const double>, 3> rings{outer, hole, far};
  CHECK(bridged(rings) == Numbers{0, 0,  10, 0,  10, 10, 8,  8,  8,  7,  7,  7,  7,  8, 8,
                                  8, 10, 10, 20, 11, 30, 11, 30, 20, 20, 11, 10, 10, 0, 10});
  CHECK(bridged({}).empty());
  const Numbers faulty{1, std::nan(""), 2, 2};
  CHECK(bridged(std::array<std::span<const double>, 2>{outer, faulty}).size() == 16);
}

TEST_CASE("boxes: envelope, overlap and overreach") {
  CHECK(envelope(Numbers{3, 4, 1, 9, 2, 2}) == Box{1, 2, 2, 7});
  CHECK(!envelope(Numbers{}));
  CHECK(!envelope(Numbers{1, std::numeric_limits<double>::infinity()}));
  CHECK(iou({0, 0, 2, 2}, {1, 0, 2, 2}) == doctest::Approx(1.0 / 3));
  CHECK(iou({0, 0, 2, 2}, {2, 0, 2, 2}) == 0);
  CHECK(iou({0, 0, 0, 0}, {0, 0, 0, 0}) == 0);
  CHECK(iou({4, 0, -2, 2}, {2, 0, 2, 2}) == 0);
  CHECK(overreach({0, 0, 10, 20}, 10, 20) == 0);
  CHECK(overreach({-1, -3, 5, 5}, 10, 20) == 3);
  CHECK(overreach({8, 0, 3.5, 5}, 10, 20) == 1.5);
  CHECK(overreach({3, 0, -5, 5}, 10, 20) == 2);
  CHECK(signed_area(Numbers{0, 0, 2, 0, 2, 3, 0, 3}) == 6);
  CHECK(signed_area(Numbers{0, 0, 0, 3, 2, 3, 2, 0}) == -6);
  CHECK(signed_area(Numbers{0, 0, 2, 0}) == 0);
}
