#include "vetset/evaluate/resample.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "vetset/evaluate/ranking.h"

namespace vetset {

namespace {

constexpr std::size_t most_thresholds = 64;

}  // namespace

Result<CocoResampling> CocoResampling::open(const CocoInput& input, const CocoSettings& settings, const Pool& pool) {
  if (settings.iou_thresholds.size() > most_thresholds)
    return Error{Code::refused, "an interval is of at most " + std::to_string(most_thresholds) + " thresholds"};
  // Only what `mean_precision` is of is matched.
  CocoSettings asked = settings;
  asked.areas.resize(1);
  asked.max_detections = {settings.max_detections.back()};
  VETSET_TRY(const CocoImages images, CocoImages::open(input, asked));
  CocoResampling out;
  out.recalls_ = settings.recall_thresholds;
  out.thresholds_ = settings.iou_thresholds.size();
  out.classes_.resize(settings.use_categories ? input.categories : 1);
  std::vector<std::optional<Error>> errors(out.classes_.size());
  pool.for_each(out.classes_.size(), [&](std::size_t k) {
    Class& one = out.classes_[k];
    for (std::uint32_t i = 0; i < input.images; ++i) {
      auto at = images.at(i, k, 0);
      if (!at) {
        errors[k] = std::move(at).error();
        return;
      }
      if (!*at) continue;
      const CocoImage& image = **at;
      const auto count = static_cast<std::uint32_t>(
          std::count(image.truth_ignored.begin(), image.truth_ignored.end(), std::uint8_t{0}));
      if (count > 0) one.objects.emplace_back(i, count);
      const std::size_t n = image.predictions.size();
      for (std::size_t p = 0; p < n; ++p) {
        Counted counted{.key = falling_key(input.predictions.score[image.predictions[p]]),
                        .image = i,
                        .place = static_cast<std::uint32_t>(one.predictions.size()),
                        .matched = 0,
                        .ignored = 0};
        for (std::size_t t = 0; t < out.thresholds_; ++t) {
          if (image.prediction_matches[t * n + p] != 0) counted.matched |= std::uint64_t{1} << t;
          if (image.prediction_ignored[t * n + p] != 0) counted.ignored |= std::uint64_t{1} << t;
        }
        one.predictions.push_back(counted);
      }
    }
    std::sort(one.predictions.begin(), one.predictions.end(),
              [](const Counted& a, const Counted& b) { return a.key != b.key ? a.key < b.key : a.place < b.place; });
  });
  for (std::optional<Error>& error : errors)
    if (error) return std::move(*error);
  return out;
}

double CocoResampling::sum_of(const Class& one, std::span<const std::uint32_t> weights) const {
  std::uint64_t objects = 0;
  for (const auto& [image, count] : one.objects) objects += std::uint64_t{weights[image]} * count;
  if (objects == 0) return -1;
  // As in curves.cpp: precision falls between hits, so it is read at hits alone.
  struct Hit {
    std::uint64_t right;
    double precision;
  };
  std::vector<std::vector<Hit>> hits(thresholds_);
  std::vector<std::uint64_t> covered(thresholds_), right(thresholds_);
  std::uint64_t seen = 0;
  for (const Counted& p : one.predictions) {
    const std::uint64_t weight = weights[p.image];
    if (weight == 0) continue;
    for (std::size_t t = 0; (p.matched | p.ignored) >> t != 0; ++t) {
      if (((p.matched | p.ignored) >> t & 1) == 0) continue;
      if ((p.ignored >> t & 1) == 0) {
        right[t] += weight;
        const std::uint64_t wrong = seen - covered[t];
        hits[t].push_back(
            {right[t], static_cast<double>(right[t]) / (static_cast<double>(wrong) + static_cast<double>(right[t]) +
                                                        std::numeric_limits<double>::epsilon())});
      }
      covered[t] += weight;
    }
    seen += weight;
  }
  double sum = 0;
  for (std::vector<Hit>& of : hits) {
    for (std::size_t i = of.size(); i-- > 1;) of[i - 1].precision = std::max(of[i - 1].precision, of[i].precision);
    std::size_t at = 0;
    for (const double recall : recalls_) {
      while (at < of.size() && static_cast<double>(of[at].right) / static_cast<double>(objects) < recall) ++at;
      if (at == of.size()) break;
      sum += of[at].precision;
    }
  }
  return sum;
}

double CocoResampling::mean_precision(std::span<const std::uint32_t> weights) const {
  double sum = 0;
  std::size_t measured = 0;
  for (const Class& one : classes_)
    if (const double of = sum_of(one, weights); of >= 0) sum += of, ++measured;
  if (measured == 0) return -1;
  return sum / static_cast<double>(measured * thresholds_ * recalls_.size());
}

Interval95 interval_of(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return {values[static_cast<std::size_t>(std::floor(0.025 * last))],
          values[static_cast<std::size_t>(std::ceil(0.975 * last))]};
}

}  // namespace vetset
