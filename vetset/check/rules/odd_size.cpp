#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

struct Measured {
  AnnotationIndex annotation{};
  double value = 0;  // a logarithm
};

/// Middle and spread that outliers do not move: median and 1.4826 times the median distance from it, which is one
/// standard deviation where values are normal.
struct Usual {
  double middle = 0, spread = 0;
};

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Usual usual_of(const std::vector<Measured>& all, std::vector<double>& scratch) {
  scratch.clear();
  for (const Measured& m : all) scratch.push_back(m.value);
  const double middle = median(scratch);
  for (double& v : scratch) v = std::abs(v - middle);
  // Boxes drawn all alike may still differ by a tenth.
  constexpr double least_spread = 0.1;
  return {middle, std::max(1.4826 * median(scratch), least_spread)};
}

struct Way {
  const char* larger;
  const char* smaller;
};

void judge(const Dataset& d, CategoryIndex category, const std::vector<Measured>& all, Way way, double deviations,
           std::vector<double>& scratch, const Report& report) {
  constexpr std::size_t fewest = 30;  // below that a median distance says little
  if (all.size() < fewest) return;
  const Usual usual = usual_of(all, scratch);
  for (const Measured& m : all) {
    const double off = (m.value - usual.middle) / usual.spread;
    if (!(std::abs(off) > deviations)) continue;
    const double times = std::exp(std::abs(m.value - usual.middle));
    report.scored(std::abs(off), m.annotation,
                  "box is " + measure(times) + " times as " + (off > 0 ? way.larger : way.smaller) +
                      " as the median of " + quoted(d[category].name) + ", " + measure(std::abs(off)) +
                      " deviations away",
                  "look whether it is what its class says");
  }
}

/// An object that the edge of its image cuts has no proportions of its own.
bool is_cut_off(const Image& image, const Box& b) {
  constexpr double rounding = 1;
  return b.x < rounding || b.y < rounding || b.x + b.width > image.width - rounding ||
         b.y + b.height > image.height - rounding;
}

void check_odd_size(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::vector<std::vector<Measured>> sizes(d.categories.size()), aspects(d.categories.size());
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (a.category == none<CategoryIndex> || a.image == none<ImageIndex> || a.flags.is(Flag::crowd)) continue;
    const std::optional<Box> box = box_of(d, a);
    if (!box || !(box->width > 0) || !(box->height > 0)) continue;
    const double area = box->width * box->height, aspect = box->width / box->height;
    if (!std::isfinite(area) || !std::isfinite(aspect) || area <= 0) continue;
    sizes[to_size(a.category)].push_back({to_index<AnnotationIndex>(n), std::log(area)});
    const Image& image = d[a.image];
    if (image.width == 0 || !is_cut_off(image, *box))
      aspects[to_size(a.category)].push_back({to_index<AnnotationIndex>(n), std::log(aspect)});
  }
  std::vector<double> scratch;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    const auto category = to_index<CategoryIndex>(c);
    const double deviations = evidence.settings.outlier_deviations;
    judge(d, category, sizes[c], {"large in area", "small in area"}, deviations, scratch, report);
    judge(d, category, aspects[c], {"wide for its height", "tall for its width"}, deviations, scratch, report);
  }
}

}  // namespace

extern const Rule odd_size{.code = "LBL113",
                           .name = "odd-size",
                           .title = "a box is far from the sizes or proportions of its class",
                           .severity = Severity::note,
                           .evidence = EvidenceClass::hint,
                           .check = check_odd_size};

}  // namespace vetset
