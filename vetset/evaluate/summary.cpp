// The lines that people know, out of the arrays (COCOeval.summarize), and figures of single classes.
#include <algorithm>
#include <cstdio>

#include "vetset/base/number.h"
#include "vetset/dataset/matching.h"
#include "vetset/evaluate/coco.h"

namespace vetset {
namespace {

constexpr std::uint32_t named_limit = 100, named_limit_of_keypoints = 20;

/// One of the two arrays with its axes: [T, samples, K, A, M].
struct CocoArray {
  const std::vector<double>& values;
  std::size_t thresholds, samples, categories, areas, limits;
};
CocoArray array_of(const CocoResult& result, bool precision) {
  const CocoSettings& s = result.settings;
  return {.values = precision ? result.precision : result.recall,
          .thresholds = s.iou_thresholds.size(),
          .samples = precision ? s.recall_thresholds.size() : 1,
          .categories = result.categories,
          .areas = s.areas.size(),
          .limits = s.max_detections.size()};
}

/// Which values a mean is of. Areas and limits go in pairs; one of a kind goes with all of the other, as NumPy
/// broadcasts.
struct Chosen {
  std::vector<std::size_t> thresholds, categories, areas, limits;

  bool pairs_up() const { return areas.size() == limits.size() || areas.size() == 1 || limits.size() == 1; }
};
/// Mean over what was measured, in C order.
double mean_of(const CocoArray& array, const Chosen& chosen) {
  const std::size_t pairs =
      chosen.areas.empty() || chosen.limits.empty() ? 0 : std::max(chosen.areas.size(), chosen.limits.size());
  std::vector<double> measured;
  for (const std::size_t t : chosen.thresholds)
    for (std::size_t r = 0; r < array.samples; ++r)
      for (const std::size_t k : chosen.categories)
        for (std::size_t i = 0; i < pairs; ++i) {
          const std::size_t a = chosen.areas[std::min(i, chosen.areas.size() - 1)];
          const std::size_t m = chosen.limits[std::min(i, chosen.limits.size() - 1)];
          const double value =
              array.values[(((t * array.samples + r) * array.categories + k) * array.areas + a) * array.limits + m];
          if (value > -1) measured.push_back(value);
        }
  if (measured.empty()) return -1;
  return pairwise_sum(measured) / static_cast<double>(measured.size());
}

std::vector<std::size_t> all_of(std::size_t count) {
  std::vector<std::size_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = i;
  return numbers;
}

/// Where `is` holds.
template <class Values, class Is>
std::vector<std::size_t> where(const Values& values, const Is& is) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (is(values[i])) found.push_back(i);
  return found;
}

class Summary {
 public:
  explicit Summary(const CocoResult& result)
      : result_(result),
        settings_(result.settings),
        all_(settings_.mode == CocoMode::strict ? "all" : settings_.areas[0].name) {}

  void add(bool precision, std::optional<double> iou, const std::string& area, std::uint32_t detections) {
    const auto equals = [](const auto& value) { return [&](const auto& other) { return other == value; }; };
    Chosen chosen{
        .thresholds = iou ? where(settings_.iou_thresholds, equals(*iou)) : all_of(settings_.iou_thresholds.size()),
        .categories = all_of(result_.categories),
        .areas = where(settings_.areas, [&](const CocoAreaRange& range) { return range.name == area; }),
        .limits = where(settings_.max_detections, equals(detections))};
    if (settings_.mode == CocoMode::corrected && !chosen.limits.empty()) chosen.limits.resize(1);  // equal ones
    fails_ = fails_ || !chosen.pairs_up();
    lines_.push_back({.precision = precision,
                      .iou = iou,
                      .area = area,
                      .detections = detections,
                      .value = mean_of(array_of(result_, precision), chosen)});
  }

  /// Twelve lines; `first` is the limit of the first, `last` of those that name none.
  std::vector<CocoLine> of_detections(std::uint32_t first, std::uint32_t last, std::size_t recall_limits) && {
    add(true, {}, all_, first);
    add(true, .5, all_, last);
    add(true, .75, all_, last);
    const std::vector<std::string> parts = parts_of({"small", "medium", "large"});
    for (const std::string& area : parts) add(true, {}, area, last);
    for (std::size_t m = 0; m < recall_limits; ++m) add(false, {}, all_, settings_.max_detections[m]);
    for (const std::string& area : parts) add(false, {}, area, last);
    return std::move(*this).lines();
  }

  std::vector<CocoLine> of_keypoints(std::uint32_t limit) && {
    for (const bool precision : {true, false}) {
      add(precision, {}, all_, limit);
      add(precision, .5, all_, limit);
      add(precision, .75, all_, limit);
      for (const std::string& area : parts_of({"medium", "large"})) add(precision, {}, area, limit);
    }
    return std::move(*this).lines();
  }

 private:
  /// The ranges that have lines of their own: those the reference asks for by name, or all that there are.
  std::vector<std::string> parts_of(std::vector<std::string> named) const {
    if (settings_.mode == CocoMode::strict) return named;
    named.clear();
    for (std::size_t a = 1; a < settings_.areas.size(); ++a) named.push_back(settings_.areas[a].name);
    return named;
  }
  std::vector<CocoLine> lines() && {
    if (fails_) lines_.clear();
    return std::move(lines_);
  }

  const CocoResult& result_;
  const CocoSettings& settings_;
  std::string all_;  // the reference asks for the range by this name
  std::vector<CocoLine> lines_;
  bool fails_ = false;  // in the reference, which then prints part of the lines and gives no figures
};

std::string with_two_digits(double value) {
  std::string text;
  append_fixed(text, value, 2);
  return text;
}

double mean_of_category(const CocoResult& result, bool precision, std::size_t category, std::optional<double> iou) {
  const CocoSettings& s = result.settings;
  return mean_of(array_of(result, precision),
                 {.thresholds = iou ? where(s.iou_thresholds, [&](double t) { return t == *iou; })
                                    : all_of(s.iou_thresholds.size()),
                  .categories = {category},
                  .areas = {0},
                  .limits = {s.max_detections.size() - 1}});
}

}  // namespace

std::vector<CocoLine> coco_lines(const CocoResult& result) {
  const std::vector<std::uint32_t>& limits = result.settings.max_detections;
  const bool strict = result.settings.mode == CocoMode::strict;
  if (result.settings.iou_type == IouType::keypoints)
    return Summary(result).of_keypoints(strict ? named_limit_of_keypoints : limits.back());
  if (!strict) return Summary(result).of_detections(limits.back(), limits.back(), limits.size());
  constexpr std::size_t named = 3;  // maxDets[2]
  if (limits.size() < named) return {};
  return Summary(result).of_detections(named_limit, limits[named - 1], named);
}

std::string text_of(const CocoLine& line, const CocoSettings& settings) {
  const auto padded = [](std::string text, std::size_t width, bool left) {
    if (text.size() >= width) return text;
    const std::string blanks(width - text.size(), ' ');
    return left ? text + blanks : blanks + text;
  };
  const std::string iou = line.iou ? with_two_digits(*line.iou)
                                   : with_two_digits(settings.iou_thresholds.front()) + ":" +
                                         with_two_digits(settings.iou_thresholds.back());
  std::string value;
  append_fixed(value, line.value, 3);
  return padded(line.precision ? "Average Precision" : "Average Recall", 18, true) +
         (line.precision ? " (AP) @[ IoU=" : " (AR) @[ IoU=") + padded(iou, 9, true) +
         " | area=" + padded(line.area, 6, false) + " | maxDets=" + padded(std::to_string(line.detections), 3, false) +
         " ] = " + value;
}

double category_precision(const CocoResult& result, std::size_t category, std::optional<double> iou) {
  return mean_of_category(result, true, category, iou);
}
double category_recall(const CocoResult& result, std::size_t category) {
  return mean_of_category(result, false, category, {});
}

}  // namespace vetset
