#include "vetset/check/file_traits.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

namespace vetset {
namespace {

constexpr std::size_t most_bins = 16;

/// The bin of each value; equal values share one.
FileTrait binned(std::string_view name, const std::vector<double>& values, bool moved_by_content = false) {
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> starts(sorted);
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  if (starts.size() > most_bins) {
    starts.clear();
    for (std::size_t k = 0; k < most_bins; ++k) starts.push_back(sorted[sorted.size() * k / most_bins]);
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  }
  FileTrait trait{.name = name, .moved_by_content = moved_by_content, .bins = {}};
  trait.bin_count = static_cast<std::uint8_t>(starts.size());
  for (const double value : values)
    trait.bins.push_back(
        static_cast<std::uint8_t>(std::upper_bound(starts.begin(), starts.end(), value) - starts.begin() - 1));
  return trait;
}

/// Words as numbers, the most frequent ones first; all others are one.
std::vector<double> numbered(const std::vector<std::string>& words) {
  std::map<std::string_view, std::uint64_t> counts;
  for (const std::string& word : words) ++counts[word];
  std::vector<std::pair<std::string_view, std::uint64_t>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::map<std::string_view, double> number;
  for (std::size_t k = 0; k < order.size(); ++k)
    number[order[k].first] = static_cast<double>(std::min(k, most_bins - 1));
  std::vector<double> values;
  for (const std::string& word : words) values.push_back(number[word]);
  return values;
}

}  // namespace

std::vector<FileTrait> file_traits(const Evidence& evidence) {
  std::vector<FileTrait> traits;
  const std::span<const Facts> facts = evidence.facts;
  const std::span<const PixelFacts> pixels = evidence.pixels;
  const auto add = [&](FileTrait trait) {
    if (trait.bin_count > 1) traits.push_back(std::move(trait));
  };
  const auto of_facts = [&](std::string_view name, const auto& value, bool moved_by_content = false) {
    std::vector<double> values;
    for (const Facts& f : facts) values.push_back(static_cast<double>(value(f)));
    add(binned(name, values, moved_by_content));
  };
  const auto of_pixels = [&](std::string_view name, const auto& value) {
    std::vector<double> values;
    for (const PixelFacts& p : pixels) values.push_back(static_cast<double>(value(p)));
    add(binned(name, values));
  };
  const auto of_words = [&](std::string_view name, const auto& value) {
    std::vector<std::string> words;
    for (const PixelFacts& p : pixels) words.push_back(value(p));
    add(binned(name, numbered(words)));
  };
  of_facts("shorter side", [](const Facts& f) { return std::min(f.width, f.height); });
  of_facts("file type", [](const Facts& f) { return static_cast<unsigned>(f.type); });
  of_facts("channels", [](const Facts& f) { return f.channels; });
  of_facts("bits a channel", [](const Facts& f) { return f.bits; });
  of_facts("EXIF orientation", [](const Facts& f) { return f.orientation; });
  of_facts(
      "proportions",
      [](const Facts& f) { return f.width == 0 ? 0.0 : static_cast<double>(f.shown_width()) / f.shown_height(); },
      true);
  of_facts("number of bytes", [](const Facts& f) { return f.bytes; }, true);
  if (pixels.empty()) return traits;
  of_pixels("JPEG quality", [](const PixelFacts& p) { return p.quality.jpeg_quality; });
  of_pixels("progressive coding", [](const PixelFacts& p) { return p.progressive; });
  of_pixels("palette", [](const PixelFacts& p) { return p.palette; });
  of_words("software", [](const PixelFacts& p) { return p.capture.software; });
  of_words("camera", [](const PixelFacts& p) { return p.capture.make + " " + p.capture.model; });
  return traits;
}

}  // namespace vetset
