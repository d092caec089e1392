#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/standouts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

struct Sized {
  ImageIndex image{};
  double side = 0, aspect = 0;  // logarithms: of the geometric mean of both sides; of the shorter over the longer
};

/// A mode: so many share the value to within a tenth that it is one of the dataset's own.
class Modes {
 public:
  explicit Modes(std::vector<double> values) : sorted_(std::move(values)) { std::sort(sorted_.begin(), sorted_.end()); }
  bool hold(double value) const {
    constexpr double tenth = 0.0953;  // ln 1.1
    constexpr std::size_t fewest = 5, share = 20;
    const auto begin = std::lower_bound(sorted_.begin(), sorted_.end(), value - tenth);
    const auto end = std::upper_bound(sorted_.begin(), sorted_.end(), value + tenth);
    return static_cast<std::size_t>(end - begin) >= std::max(fewest, sorted_.size() / share);
  }

 private:
  std::vector<double> sorted_;
};

std::vector<double> values_of(const std::vector<Sized>& all, double Sized::* field) {
  std::vector<double> values;
  values.reserve(all.size());
  for (const Sized& one : all) values.push_back(one.*field);
  return values;
}

std::string size_text(const Facts& f) {
  return std::to_string(f.shown_width()) + "x" + std::to_string(f.shown_height());
}

void judge_sizes(const Evidence& evidence, const std::vector<Sized>& all, std::vector<Standout>& found) {
  constexpr std::size_t fewest = 30;  // below that a median distance says little
  if (all.size() < fewest) return;
  const Modes modes(values_of(all, &Sized::side));
  std::vector<double> values = values_of(all, &Sized::side);
  const double middle = median_of(values);
  for (double& v : values) v = std::abs(v - middle);
  const double spread = std::max(1.4826 * median_of(values), 0.1);  // images all alike may still differ by a tenth
  for (const Sized& one : all) {
    const double off = std::abs(one.side - middle) / spread;
    if (!(off > evidence.settings.outlier_deviations) || modes.hold(one.side)) continue;
    found.push_back({one.image, off,
                     "is " + size_text(evidence.facts[to_size(one.image)]) + ", " +
                         measure(std::exp(std::abs(one.side - middle))) + " times as " +
                         (one.side > middle ? "large" : "small") + " a side as the median, " + measure(off) +
                         " deviations away"});
  }
}

void judge_aspects(const Evidence& evidence, const std::vector<Sized>& all, std::vector<Standout>& found) {
  const Modes modes(values_of(all, &Sized::aspect));
  const double limit = evidence.settings.least_aspect;
  for (const Sized& one : all) {
    const double aspect = std::exp(one.aspect);
    if (!(aspect < limit) || modes.hold(one.aspect)) continue;
    found.push_back({one.image, limit / aspect,
                     "is " + size_text(evidence.facts[to_size(one.image)]) + ": its shorter side is " +
                         measure(aspect) + " of the longer, expected " + measure(limit)});
  }
}

void check_odd_image_size(const Evidence& evidence, const Report& report) {
  std::vector<Sized> all;
  for (std::size_t n = 0; n < evidence.facts.size(); ++n) {
    const Facts& f = evidence.facts[n];
    if (f.width == 0 || f.height == 0) continue;
    const double width = f.width, height = f.height;
    all.push_back({to_index<ImageIndex>(n), std::log(width * height) / 2,
                   std::log(std::min(width, height) / std::max(width, height))});
  }
  std::vector<Standout> found;
  judge_sizes(evidence, all, found);
  judge_aspects(evidence, all, found);
  report_standouts(evidence.dataset, std::move(found), all.size(),
                   {.kind = "of an odd size or shape", .fix = "look what a trainer makes of it when it resizes"},
                   report);
}

}  // namespace

extern const Rule odd_image_size{.code = "IMG505",
                                 .name = "odd-image-size",
                                 .title = "an image is far from the sizes or shapes of the others",
                                 .severity = Severity::note,
                                 .evidence = EvidenceClass::hint,
                                 .needs = Needs::headers,
                                 .check = check_odd_image_size};

}  // namespace vetset
