#include "vetset/dataset/rle.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/support/random.h"

namespace vetset {
namespace {

using Numbers = std::vector<double>;
using Bitmap = std::vector<std::uint8_t>;  // columns

MaskCounts polygon(const Numbers& ring, std::uint32_t height, std::uint32_t width) {
  MaskCounts counts;
  counts_of_polygon(ring, height, width, counts);
  return counts;
}

Bitmap bitmap(MaskCountsView counts, std::uint32_t height, std::uint32_t width) {
  Bitmap columns(std::size_t{height} * width);
  REQUIRE(bitmap_of_counts(counts, columns));
  return columns;
}

MaskCounts encoded(const Bitmap& columns, std::uint32_t height, std::uint32_t width) {
  MaskCounts counts;
  counts_of_bitmap(columns, height, width, counts);
  return counts;
}

std::uint64_t sum(MaskCountsView counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

/// A picture, row by row: '#' is in the mask.
MaskCounts picture(const std::vector<std::string>& rows) {
  const std::size_t height = rows.size(), width = rows.front().size();
  Bitmap columns(height * width);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) columns[x * height + y] = rows[y][x] == '#' ? 1 : 0;
  return encoded(columns, static_cast<std::uint32_t>(height), static_cast<std::uint32_t>(width));
}

/// The polygon drawn the long way: every step of every edge on the fine grid, one after the other.
MaskCounts walked(const Numbers& ring, std::uint32_t height, std::uint32_t width) {
  struct Step {
    std::int64_t x, y;
  };
  std::vector<Step> corners, steps;
  for (std::size_t i = 0; i + 1 < ring.size(); i += 2)
    corners.push_back({static_cast<std::int64_t>(5 * ring[i] + .5), static_cast<std::int64_t>(5 * ring[i + 1] + .5)});
  for (std::size_t i = 0; i < corners.size(); ++i) {
    Step a = corners[i], b = corners[(i + 1) % corners.size()];
    const std::int64_t across = std::abs(a.x - b.x), down = std::abs(a.y - b.y), length = std::max(across, down);
    const bool flat = across >= down, back = flat ? a.x > b.x : a.y > b.y;
    if (back) std::swap(a, b);
    const double slope = length == 0 ? 0
                         : flat      ? static_cast<double>(b.y - a.y) / static_cast<double>(across)
                                     : static_cast<double>(b.x - a.x) / static_cast<double>(down);
    for (std::int64_t k = 0; k <= length; ++k) {
      const std::int64_t t = back ? length - k : k;
      const double off = slope * static_cast<double>(t);
      steps.push_back(flat ? Step{a.x + t, static_cast<std::int64_t>(static_cast<double>(a.y) + off + .5)}
                           : Step{static_cast<std::int64_t>(static_cast<double>(a.x) + off + .5), a.y + t});
    }
  }
  std::vector<std::uint32_t> places;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (steps[i].x == steps[i - 1].x) continue;
    const double x = (static_cast<double>(std::min(steps[i].x, steps[i - 1].x)) + .5) / 5 - .5;
    if (std::floor(x) != x || x < 0 || x > width - 1.0) continue;
    const double y = (static_cast<double>(std::min(steps[i].y, steps[i - 1].y)) + .5) / 5 - .5;
    places.push_back(static_cast<std::uint32_t>(x * height + std::ceil(std::clamp<double>(y, 0, height))));
  }
  std::sort(places.begin(), places.end());
  Bitmap columns(std::size_t{height} * width);
  for (std::size_t pixel = 0; pixel < columns.size(); ++pixel)
    columns[pixel] = (std::upper_bound(places.begin(), places.end(), pixel) - places.begin()) % 2 == 1 ? 1 : 0;
  return encoded(columns, height, width);
}

Numbers random_ring(Random& random, std::uint32_t height, std::uint32_t width) {
  Numbers ring;
  const std::uint32_t corners = 3 + random.below(9);
  const auto coordinate = [&](std::uint32_t side) {
    const double at = static_cast<double>(random.below(4000 * side)) / 1000 - 1.5 * side;
    return random.below(3) == 0 ? std::round(at) : random.below(3) == 0 ? std::round(at * 10) / 10 : at;
  };
  for (std::uint32_t i = 0; i < corners; ++i) {
    ring.push_back(coordinate(width));
    ring.push_back(coordinate(height));
  }
  return ring;
}

Bitmap random_bitmap(Random& random, std::uint32_t height, std::uint32_t width) {
  Bitmap columns(std::size_t{height} * width);
  if (random.below(3) == 0) return bitmap(polygon(random_ring(random, height, width), height, width), height, width);
  const std::uint32_t density = random.below(11);
  for (std::uint8_t& pixel : columns) pixel = random.below(10) < density ? 1 : 0;
  return columns;
}

TEST_CASE("a polygon has the pixels that lie in it, columns first") {
  CHECK(polygon({1, 1, 4, 1, 4, 4, 1, 4}, 6, 6) == MaskCounts{7, 3, 3, 3, 3, 3, 14});
  CHECK(polygon({0, 0, 6, 0, 6, 6, 0, 6}, 6, 6) == MaskCounts{0, 36});
  CHECK(polygon({-9, -9, 9, -9, 9, 9, -9, 9}, 6, 6) == MaskCounts{0, 36});
  CHECK(polygon({7, 7, 9, 7, 9, 9}, 6, 6) == MaskCounts{36});
  CHECK(polygon({1, 1, 4, 4}, 6, 6) == MaskCounts{36});
  CHECK(polygon({}, 6, 6) == MaskCounts{36});
  CHECK(polygon({1, 1, 4, 1, 4, 4}, 0, 0) == MaskCounts{0});
  CHECK(polygon({1, 1, 4, 1, 4, 4, 1, 4, 3}, 6, 6) == polygon({1, 1, 4, 1, 4, 4, 1, 4}, 6, 6));
  MaskCounts box;
  counts_of_box({1, 1, 3, 3}, 6, 6, box);
  CHECK(box == polygon({1, 1, 4, 1, 4, 4, 1, 4}, 6, 6));
}

TEST_CASE("a polygon has the pixels that a walk along all its edges gives") {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::uint32_t height = 1 + random.below(40), width = 1 + random.below(40);
    const Numbers ring = random_ring(random, height, width);
    REQUIRE(polygon(ring, height, width) == walked(ring, height, width));
  }
}

TEST_CASE("coordinates that no grid holds cost nothing") {
  const double huge = 1e300;
  CHECK(polygon({-huge, -huge, huge, -huge, huge, huge, -huge, huge}, 5, 7) == MaskCounts{0, 35});
  CHECK(polygon({-1e7, 0, 1e7, 0, 1e7, 2, -1e7, 2}, 4, 2) == MaskCounts{0, 2, 2, 2, 2});
  for (const double odd : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK(polygon({1, 1, 4, 1, 4, odd}, 5, 7) == MaskCounts{35});
  CHECK(polygon({1, 1, 4, 1, 4, 4}, 70000, 70000).empty());
}

TEST_CASE("a ring that goes to and fro holds no more places than there are pixels") {
  Numbers ring;
  for (int turn = 0; turn < 4000; ++turn) ring.insert(ring.end(), {turn % 2 == 0 ? 0.0 : 3000.0, 3.0});
  ring.insert(ring.end(), {0, 3, 0, 1, 3000, 1, 3000, 3});
  MaskCounts counts;
  counts_of_polygon(ring, 5, 3000, counts);
  CHECK(counts.capacity() < 10'000'000);
  CHECK(area(counts) == 6000);
  CHECK(box_of_mask(counts, 5) == Box{0, 1, 3000, 2});
}

TEST_CASE("a bitmap comes back from its counts") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::uint32_t height = 1 + random.below(40), width = 1 + random.below(40);
    const Bitmap columns = random_bitmap(random, height, width);
    const MaskCounts counts = encoded(columns, height, width);
    CHECK(std::find(counts.begin() + 1, counts.end(), 0U) == counts.end());
    REQUIRE(bitmap(counts, height, width) == columns);
    MaskCounts again;
    REQUIRE(counts_of_coco_string(coco_string_of(counts), height, width, again));
    CHECK(again == counts);
  }
  CHECK(encoded({}, 0, 4) == MaskCounts{0});
  CHECK(encoded({0, 2, 2, 7, 0}, 5, 1) == MaskCounts{1, 2, 1, 1});
}

TEST_CASE("counts that do not fill a bitmap are an error that says how many they make") {
  Bitmap columns(10);
  CHECK(bitmap_of_counts(MaskCounts{4, 5}, columns).error().message ==
        "the counts of a mask make 9 pixels, expected 10");
  CHECK(bitmap_of_counts(MaskCounts{4, 4294967295U}, columns).error().message ==
        "the counts of a mask make more than its 10 pixels");
  CHECK(bitmap_of_counts(MaskCounts{4, 6}, columns));
}

TEST_CASE("a compressed string is read whatever its pixels are, or must fill a size") {
  MaskCounts counts{1, 2, 3};
  const auto pixels = counts_of_coco_string("54", counts);
  REQUIRE(pixels);
  CHECK(*pixels == 9);
  CHECK(counts == MaskCounts{5, 4});
  CHECK(counts_of_coco_string("54", 2, 5, counts).error().message ==
        "the counts of a compressed mask make 9 pixels, expected 2x5 = 10");
  CHECK(counts_of_coco_string("56", 2, 5, counts).error().message ==
        "the counts of a compressed mask make more than 10 pixels, expected 2x5 = 10");
  CHECK(counts_of_coco_string("~", counts).error().message ==
        "character 1 of a compressed mask is not one of '0' to 'o'");
}

TEST_CASE("masks are united, shared and cut as their pixels are") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::uint32_t height = 1 + random.below(12), width = 1 + random.below(12), count = 1 + random.below(4);
    std::vector<Bitmap> bitmaps;
    std::vector<MaskCounts> masks;
    for (std::uint32_t i = 0; i < count; ++i) {
      bitmaps.push_back(random_bitmap(random, height, width));
      masks.push_back(encoded(bitmaps.back(), height, width));
    }
    Bitmap any = bitmaps[0], all = bitmaps[0], cut = bitmaps[0];
    for (const Bitmap& b : bitmaps)
      for (std::size_t i = 0; i < b.size(); ++i) any[i] |= b[i], all[i] &= b[i];
    for (std::size_t i = 0; i < cut.size(); ++i) cut[i] = cut[i] > bitmaps.back()[i] ? 1 : 0;
    const std::vector<MaskCountsView> views(masks.begin(), masks.end());
    MaskCounts out;
    merged_counts(views, false, out);
    CHECK(bitmap(out, height, width) == any);
    merged_counts(views, true, out);
    CHECK(bitmap(out, height, width) == all);
    cut_counts(views.front(), views.back(), out);
    CHECK(bitmap(out, height, width) == cut);
  }
  MaskCounts out{7};
  merged_counts({}, false, out);
  CHECK(out.empty());
}

TEST_CASE("counts of 0 come through a union as the reference lets them") {
  const MaskCounts a{2, 0, 3, 5}, b{10}, c{2, 0, 8};
  MaskCounts out;
  merged_counts(std::vector<MaskCountsView>{a, b}, false, out);
  CHECK(out == MaskCounts{2, 0, 3, 5});
  // Both come to a count of 0 at the same pixel: there the reference stops.
  merged_counts(std::vector<MaskCountsView>{a, c}, false, out);
  CHECK(out == MaskCounts{2});
}

MaskSpans spans(MaskCountsView counts, std::uint32_t height, std::uint32_t width) {
  MaskSpans made;
  made.assign(counts, height, width);
  return made;
}

TEST_CASE("the overlap of masks is that of their pixels") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::uint32_t height = 1 + random.below(30), width = 1 + random.below(30);
    const Bitmap a = random_bitmap(random, height, width), b = random_bitmap(random, height, width);
    const MaskSpans one = spans(encoded(a, height, width), height, width);
    const MaskSpans other = spans(encoded(b, height, width), height, width);
    double shared = 0, united = 0, own = 0;
    for (std::size_t i = 0; i < a.size(); ++i) shared += a[i] & b[i], united += a[i] | b[i], own += a[i];
    CHECK(one.area() == own);
    CHECK(mask_iou(one, other, false) == (shared == 0 ? 0 : shared / united));
    CHECK(mask_iou(one, other, true) == (shared == 0 ? 0 : shared / own));
  }
}

TEST_CASE("masks of several sizes overlap by -1 where their boxes meet, and by 0 elsewhere") {
  const MaskCounts left{0, 4, 12}, right{12, 4};
  CHECK(mask_iou(spans(left, 4, 4), spans(left, 2, 8), false) == -1);
  CHECK(mask_iou(spans(left, 4, 4), spans(right, 2, 8), false) == 0);
  CHECK(mask_iou(spans(left, 4, 4), spans(MaskCounts{16}, 2, 8), false) == 0);
}

TEST_CASE("an overlap stops where two counts of 0 meet, as the reference does") {
  const MaskCounts odd{2, 3, 0, 5}, plain{2, 8};
  CHECK(spans(odd, 10, 1).area() == 8);
  CHECK(spans(odd, 10, 1).spans().size() == 1);
  CHECK(mask_iou(spans(odd, 10, 1), spans(plain, 10, 1), false) == 1);
  const MaskCounts stops{1, 4, 0, 5};
  CHECK(mask_iou(spans(odd, 10, 1), spans(stops, 10, 1), false) == 3. / 4);
}

/// By definition: a pixel is boundary where one within `distance` columns and rows is not in the mask, or in no image.
Bitmap boundary_by_pixels(const Bitmap& mask, std::int64_t height, std::int64_t width, std::int64_t distance) {
  Bitmap boundary(mask.size());
  for (std::int64_t x = 0; x < width; ++x)
    for (std::int64_t y = 0; y < height; ++y) {
      bool inner = mask[static_cast<std::size_t>(x * height + y)] != 0;
      if (!inner) continue;
      for (std::int64_t i = x - distance; inner && i <= x + distance; ++i)
        for (std::int64_t j = y - distance; inner && j <= y + distance; ++j)
          inner = i >= 0 && j >= 0 && i < width && j < height && mask[static_cast<std::size_t>(i * height + j)] != 0;
      boundary[static_cast<std::size_t>(x * height + y)] = inner ? 0 : 1;
    }
  return boundary;
}

TEST_CASE("the boundary of a mask is what lies near its outside or the image's edge") {
  MaskCounts out;
  boundary_of_counts(picture({"#####", "#####", "#####", "#####", "#####"}), 5, 5, 1, out);
  CHECK(out == picture({"#####", "#...#", "#...#", "#...#", "#####"}));
  boundary_of_counts(picture({".......", ".#####.", ".#####.", ".##.##.", ".#####.", ".#####.", "......."}), 7, 7, 1,
                     out);
  CHECK(out == picture({".......", ".#####.", ".#####.", ".##.##.", ".#####.", ".#####.", "......."}));
  boundary_of_counts(picture({"..", ".."}), 2, 2, 1, out);
  CHECK(out == MaskCounts{4});
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::uint32_t height = 1 + random.below(seed % 4 == 0 ? 300 : 30), width = 1 + random.below(30);
    Bitmap mask = random_bitmap(random, height, width);
    if (seed % 2 == 0) std::fill(mask.begin(), mask.end(), std::uint8_t{1});
    for (std::uint32_t hole = random.below(3); hole > 0; --hole) mask[random.below(height * width)] = 0;
    const std::uint32_t distance = 1 + random.below(seed % 8 == 0 ? 14 : 4);
    boundary_of_counts(encoded(mask, height, width), height, width, distance, out);
    REQUIRE(sum(out) == mask.size());
    REQUIRE(bitmap(out, height, width) == boundary_by_pixels(mask, height, width, distance));
  }
}

TEST_CASE("a boundary is as wide as the image's diagonal says, at least one pixel") {
  CHECK(boundary_distance(480, 640, 0.02) == 16);
  CHECK(boundary_distance(30, 40, 0.05) == 2);  // 2.5: to even
  CHECK(boundary_distance(30, 40, 0.07) == 4);  // 3.5: to even
  CHECK(boundary_distance(3, 4, 0.02) == 1);
  CHECK(boundary_distance(3, 4, std::numeric_limits<double>::quiet_NaN()) == 1);
  CHECK(boundary_distance(3, 4, 1e300) == 0x7fffffff);
}

}  // namespace
}  // namespace vetset
