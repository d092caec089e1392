#include "vetset/check/conditions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "vetset/base/unicode.h"

namespace vetset {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 22> of_images = {
    "pixel.luma_p50", "pixel.contrast",    "pixel.saturation",    "pixel.entropy", "pixel.sharpness", "pixel.noise",
    "pixel.coloured", "header.megapixels", "header.jpeg_quality", "header.aspect", "exif.make",       "exif.model",
    "exif.software",  "exif.solar_hour",   "exif.hour",           "exif.weekday",  "exif.month",      "exif.year",
    "exif.geohash.*", "image.objects",     "image.attribute.*",   "host"};
constexpr std::array<std::string_view, 9> of_objects = {"class",     "kind",       "annotator",
                                                        "box.share", "box.aspect", "occluded",
                                                        "truncated", "difficult",  "object.attribute.*"};
constexpr std::array<std::string_view, 8> of_sources = {"exif.model",    "exif.make",        "exif.serial",
                                                        "exif.software", "exif.geohash.*",   "host",
                                                        "annotator",     "image.attribute.*"};
constexpr std::array<std::string_view, 24> source_words = {
    "source",   "site",   "camera",   "device", "hospital", "batch",      "dataset",   "origin",
    "uploader", "user",   "location", "place",  "scanner",  "sensor",     "annotator", "city",
    "country",  "clinic", "vendor",   "owner",  "author",   "collection", "provider",  "station"};

/// Levels by how many records have them; the rarest beyond `most` become one.
void merge_rare(Factor& f, std::size_t most) {
  if (f.names.size() <= most) return;
  std::vector<std::uint64_t> counts(f.names.size());
  for (const std::uint32_t level : f.levels)
    if (level != Factor::unknown) ++counts[level];
  std::vector<std::uint32_t> order(f.names.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return counts[a] > counts[b]; });
  order.resize(most - 1);
  std::sort(order.begin(), order.end());
  std::vector<std::uint32_t> now(f.names.size(), static_cast<std::uint32_t>(most - 1));
  std::vector<std::string> names;
  for (const std::uint32_t level : order) {
    now[level] = static_cast<std::uint32_t>(names.size());
    names.push_back(std::move(f.names[level]));
  }
  names.emplace_back("others");
  for (std::uint32_t& level : f.levels)
    if (level != Factor::unknown) level = now[level];
  f.names = std::move(names);
}

bool names_records_apart(const Factor& f) {
  const auto known =
      f.levels.size() - static_cast<std::size_t>(std::count(f.levels.begin(), f.levels.end(), Factor::unknown));
  return f.names.size() > 20 && f.names.size() * 5 > known;
}

void name_unknown(Factor& f) {
  const auto unknown = static_cast<std::uint32_t>(f.names.size());
  bool any = false;
  for (std::uint32_t& level : f.levels) {
    if (level != Factor::unknown) continue;
    level = unknown;
    any = true;
  }
  if (any) f.names.emplace_back("not known");
}

/// Cuts of equally full bins, to three digits: people read them.
std::vector<double> short_cuts(const Factor& numeric, unsigned bins) {
  std::vector<double> cuts = even_cuts(numeric, bins);
  for (double& cut : cuts) {
    if (cut == 0 || cut == std::round(cut)) continue;
    const double unit = std::pow(10, std::floor(std::log10(std::abs(cut))) - 2);
    cut = unit >= 1 ? std::round(cut / unit) * unit : std::round(cut / unit) / std::round(1 / unit);
    if (!std::isfinite(cut)) return even_cuts(numeric, bins);
  }
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

}  // namespace

bool is_image_condition(const FactorKind& kind) {
  return kind.of == FactorOf::image && is_one_of(kind.name, of_images);
}
bool is_object_condition(const FactorKind& kind) {
  return kind.of == FactorOf::annotation && is_one_of(kind.name, of_objects);
}
bool is_source(const FactorKind& kind) { return is_one_of(kind.name, of_sources); }

bool names_source(std::string_view factor) {
  constexpr std::string_view attribute = "image.attribute.";
  if (!factor.starts_with(attribute)) return !factor.starts_with("pixel.");
  const std::string key = fold(factor.substr(attribute.size()));
  return std::any_of(source_words.begin(), source_words.end(), [&](std::string_view word) {
    return key == word || key.starts_with(std::string(word) + "_") || key.ends_with("_" + std::string(word));
  });
}

std::vector<Condition> conditions(const Evidence& evidence, const ConditionSettings& settings,
                                  const std::function<bool(const FactorKind&)>& wanted) {
  std::vector<Condition> all;
  for (Factor& one : factors({evidence.dataset, evidence.facts, evidence.pixels}, wanted)) {
    Condition condition;
    if (one.numeric) {
      condition.factor = binned(one, short_cuts(one, settings.bins));
      condition.numbers = std::move(one.numbers);
    } else {
      if (names_records_apart(one)) continue;
      condition.factor = std::move(one);
      merge_rare(condition.factor, settings.most_levels);
    }
    if (settings.unknown_counts) name_unknown(condition.factor);
    if (condition.factor.names.size() > 1) all.push_back(std::move(condition));
  }
  return all;
}

}  // namespace vetset
