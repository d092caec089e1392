// Images that stand out by one measure of their pixels. Where many do, that is what the dataset is like: it is said
// once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

struct Standout {
  ImageIndex image{};
  double score = 0;  // how far it is off; the worst first
  std::string message;
};

struct StandoutWords {
  std::string_view kind;        // "dark": "312 of 400 images are dark"
  std::string_view fix;         // for one image
  std::string_view which = {};  // of what looked-at images are: "JPEGs"; empty: "images"
};

/// Reports every one; but where they are more than ten and more than a tenth of the images looked at, one finding that
/// names the worst.
void report_standouts(const Dataset& d, std::vector<Standout> found, std::uint64_t looked_at,
                      const StandoutWords& words, const Report& report);

/// Calls `judge(image, facts)` for every image that was decoded; returns how many there are.
std::uint64_t for_each_decoded(const Evidence& evidence,
                               const std::function<void(ImageIndex, const PixelFacts&)>& judge);

/// The value that half of them are below; they are reordered. There has to be one.
double median_of(std::vector<double>& values);

/// "81.6 of 255"
std::string of_white(double luma);

}  // namespace vetset
