#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "vetset/base/statistics.h"
#include "vetset/check/raters_found.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

/// What shows a hand, whatever it draws.
struct Trait {
  std::string_view what;
  double (*of)(const Dataset&, const Annotation&, const Box&);  // not a number: the annotation has none
};

double share_of_multiples(const Annotation& a, const Box& b, double step) {
  if (a.box_origin != Origin::stated) return NAN;
  double hits = 0;
  for (const double v : {b.x, b.y, b.x + b.width, b.y + b.height}) hits += std::fmod(v, step) == 0 ? 1 : 0;
  return hits / 4;
}
double whole_numbers(const Dataset&, const Annotation& a, const Box& b) { return share_of_multiples(a, b, 1); }
double fives(const Dataset&, const Annotation& a, const Box& b) { return share_of_multiples(a, b, 5); }

/// How far the nearest side keeps from the image's edge, for objects that come near it.
double gap_to_edge(const Dataset& d, const Annotation& a, const Box& b) {
  constexpr double near = 10;
  const Image& image = d[a.image];
  if (image.width == 0 || image.height == 0) return NAN;
  const double gap = std::min({b.x, b.y, image.width - b.x - b.width, image.height - b.y - b.height});
  return gap < near ? std::max(gap, 0.0) : NAN;
}

double points_along_edge(const Dataset& d, const Annotation& a, const Box&) {
  const Shape* shape = d.find_shape(a, ShapeKind::polygon);
  if (shape == nullptr) return NAN;
  double points = 0, length = 0;
  for (const Ring& ring : d.rings_of(*shape)) {
    const auto numbers = d.coordinates_of(ring);
    const std::size_t n = numbers.size() / 2;
    points += static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t k = (i + 1) % n;
      length += std::hypot(numbers[2 * k] - numbers[2 * i], numbers[2 * k + 1] - numbers[2 * i + 1]);
    }
  }
  return length > 0 ? 100 * points / length : NAN;
}

constexpr std::array<Trait, 4> traits{
    {{"share of coordinates that are whole numbers", whole_numbers},
     {"share of coordinates that are multiples of 5", fives},
     {"pixels between boxes and the image's edge, of those nearer than 10", gap_to_edge},
     {"points of outlines per 100 px", points_along_edge}}};

struct Sample {
  std::uint32_t maker = 0;
  ImageIndex image{};
  std::uint32_t stratum = 0;  // class and size
  double value = 0, rank = 0;
};

std::uint32_t stratum_of(const Annotation& a, const Box& b) {
  const double area = b.width * b.height;
  const std::uint32_t size = area < 32.0 * 32 ? 0 : area < 96.0 * 96 ? 1 : 2;
  return static_cast<std::uint32_t>(a.category) * 3 + size;
}

std::vector<Sample> samples_of(const Dataset& d, const Makers& makers, const Trait& trait) {
  std::vector<Sample> samples;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (makers.of[n] == Makers::nobody || a.image == none<ImageIndex> || a.category == none<CategoryIndex>) continue;
    const std::optional<Box> box = box_of(d, a);
    if (!box) continue;
    const double value = trait.of(d, a, *box);
    if (std::isfinite(value)) samples.push_back({makers.of[n], a.image, stratum_of(a, *box), value, 0});
  }
  std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
    return a.stratum != b.stratum ? a.stratum < b.stratum : a.value < b.value;
  });
  // Within its stratum each value becomes its rank, 0 to 1; equal ones share the mean of theirs.
  for (std::size_t begin = 0; begin < samples.size();) {
    std::size_t end = begin;
    while (end < samples.size() && samples[end].stratum == samples[begin].stratum) ++end;
    for (std::size_t i = begin; i < end;) {
      std::size_t k = i;
      while (k < end && samples[k].value == samples[i].value) ++k;
      const double rank =
          (static_cast<double>(i + k) / 2 - static_cast<double>(begin)) / static_cast<double>(end - begin);
      for (; i < k; ++i) samples[i].rank = rank;
    }
    begin = end;
  }
  return samples;
}

struct Side {
  std::vector<double> ranks;
  std::set<ImageIndex> images;
  double sum = 0;
  void add(const Sample& s) {
    ranks.push_back(s.rank);
    images.insert(s.image);
    sum += s.value;
  }
  double mean() const { return ranks.empty() ? 0 : sum / static_cast<double>(ranks.size()); }
};

struct Compared {
  const Makers* makers = nullptr;
  std::uint32_t maker = 0;
  std::string_view what;
  double distance = 0, chance = 1, here = 0, there = 0;
};

/// One maker against all others, in the strata where both have something.
void compare(const Makers& makers, std::uint32_t maker, std::string_view what, std::span<const Sample> samples,
             std::vector<Compared>& out) {
  constexpr std::size_t fewest = 30;  // images of either side
  std::map<std::uint32_t, std::array<bool, 2>> strata;
  for (const Sample& s : samples) strata[s.stratum][s.maker == maker ? 0 : 1] = true;
  Side own, others;
  for (const Sample& s : samples) {
    const std::array<bool, 2>& has = strata[s.stratum];
    if (has[0] && has[1]) (s.maker == maker ? own : others).add(s);
  }
  if (own.images.size() < fewest || others.images.size() < fewest) return;
  std::sort(own.ranks.begin(), own.ranks.end());
  std::sort(others.ranks.begin(), others.ranks.end());
  const double distance = distribution_distance(own.ranks, others.ranks);
  const double chance =
      chance_of_distance(distance, static_cast<double>(own.images.size()), static_cast<double>(others.images.size()));
  out.push_back({&makers, maker, what, distance, chance, own.mean(), others.mean()});
}

std::vector<Makers> all_makers(const Evidence& evidence) {
  std::vector<Makers> all = makers_of(evidence.dataset);
  const Raters raters = raters_of(evidence);
  if (raters.names.size() > 1 &&
      std::none_of(all.begin(), all.end(), [&](const Makers& m) { return m.by == raters.by; }))
    all.push_back(raters);
  return all;
}

void check_annotation_style_shift(const Evidence& evidence, const Report& report) {
  constexpr double least_distance = 0.2;
  constexpr std::size_t most_makers = 200;  // beyond that a key is a number, not a hand
  const Dataset& d = evidence.dataset;
  const std::vector<Makers> all = all_makers(evidence);
  std::vector<Compared> compared;
  for (const Makers& makers : all) {
    if (makers.names.size() > most_makers) continue;
    for (const Trait& trait : traits) {
      const std::vector<Sample> samples = samples_of(d, makers, trait);
      // Of two makers one comparison says all.
      const std::size_t count = makers.names.size() == 2 ? 1 : makers.names.size();
      for (std::uint32_t m = 0; m < count; ++m) compare(makers, m, trait.what, samples, compared);
    }
  }
  std::vector<double> chances;
  for (const Compared& c : compared) chances.push_back(c.chance);
  const std::vector<double> rates = false_discovery_rates(chances);
  for (std::size_t k = 0; k < compared.size(); ++k) {
    const Compared& c = compared[k];
    if (!(rates[k] <= 0.05) || c.distance < least_distance) continue;
    const std::string other = c.makers->names.size() == 2 ? quoted(c.makers->names[1]) : std::string("the others");
    report.scored(c.distance, {},
                  quoted(c.makers->names[c.maker]) + " draws unlike " + other + " (" + c.makers->by +
                      "): " + std::string(c.what) + " " + measure(c.here) + " here, " + measure(c.there) +
                      " there (distance " + measure(c.distance) + " within class and size, false discovery rate " +
                      (rates[k] < 0.001 ? std::string("below 0.001") : measure(rates[k])) + ")",
                  "agree on how it is drawn");
  }
}

std::string missing_makers(const Evidence& evidence) {
  return all_makers(evidence).empty() ? "needs annotators or batches" : std::string();
}

}  // namespace

extern const Rule annotation_style_shift{.code = "LBL115",
                                         .name = "annotation-style-shift",
                                         .title = "one annotator or batch draws unlike the others",
                                         .severity = Severity::warning,
                                         .evidence = EvidenceClass::calibrated,
                                         .check = check_annotation_style_shift,
                                         .not_run = missing_makers};

}  // namespace vetset
