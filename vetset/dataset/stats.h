// What a dataset holds, in numbers: for people who meet it for the first time, and for records. Pure and the same on
// every machine; what is not known (sizes of images, boxes without a place) is counted as such, never guessed.
// Schema: docs/schema/stats-v1.json.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/statement.h"

namespace vetset {

/// Least, quartiles and most of some numbers; `count` is 0 where there are none, and then they say nothing.
struct Spread {
  std::uint64_t count = 0;
  double least = 0, lower = 0, median = 0, upper = 0, most = 0, mean = 0;
};
Spread spread_of(std::vector<double> values);

/// Images by split; those in no split come last, without a name.
struct SplitStats {
  std::string name;
  SplitRole role = SplitRole::unspecified;
  std::uint64_t images = 0, empty_images = 0, objects = 0, classes = 0;
};

struct ClassStats {
  std::string name;
  std::uint64_t objects = 0, images = 0;
  std::vector<std::uint64_t> by_split;  // objects, beside Stats::splits
};

struct Stats {
  /// Sides of the area that parts small, medium and large, as COCO's evaluation does: 32 and 96 pixels.
  static constexpr double small_side = 32, medium_side = 96;
  /// Cells a side of the map of where boxes lie.
  static constexpr std::size_t cells = 8;
  /// Upper bounds of width over height, but for the last bin.
  static constexpr std::array<double, 7> aspects = {0.25, 0.5, 0.8, 1.25, 2, 4, 1e300};

  Counts counts;
  std::uint64_t unclassed = 0;    // objects of no known class
  std::uint64_t without_box = 0;  // objects that have no box in pixels
  std::vector<SplitStats> splits;
  std::vector<ClassStats> classes;                           // in the dataset's order
  std::vector<std::pair<std::string, std::uint64_t>> kinds;  // what objects are: box, polygon …; in order of Kind
  std::vector<std::uint64_t> objects_per_image;              // [n]: images with n objects; the last: so many or more
  Spread objects_spread;                                     // objects an image
  std::uint64_t small = 0, medium = 0, large = 0;            // boxes, by area
  Spread box_sides;                                          // square root of the area of boxes, in pixels
  std::array<std::uint64_t, aspects.size()> by_aspect{};     // boxes
  std::vector<std::pair<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t>>
      image_sizes;  // the most frequent first
  std::uint64_t unsized_images = 0;
  Spread image_megapixels;
  /// Centres of boxes over their images: rows from the top, columns from the left. Those outside count at the edge.
  std::array<std::array<std::uint64_t, cells>, cells> heat{};
};

Stats stats_of(const Dataset& d);
/// Canonical JSON (RFC 8785).
std::string to_json(const Stats& stats, std::string_view program, std::string_view source, std::string_view format);

}  // namespace vetset
