// Krippendorff's α of boxes.
#include <algorithm>
#include <cmath>

#include "vetset/dataset/coefficients.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

/// A box, or that there is none, as a rater said it of an image.
struct Place {
  Box box;  // of an image's sides, where they are known
  bool missed = false;
  std::uint32_t image = 0;  // position among those that have units
};

double distance(const Place& a, const Place& b) {
  if (a.missed || b.missed) return a.missed == b.missed ? 0 : 1;
  return 1 - iou(a.box, b.box);
}

Box in_image(const Dataset& d, ImageIndex i, const Box& b) {
  const Image& image = d[i];
  if (image.width == 0 || image.height == 0) return b;
  return {b.x / image.width, b.y / image.height, b.width / image.width, b.height / image.height};
}

struct Sums {
  double distance = 0;  // Krippendorff's, by unit: mean of its pairs times its ratings
  double ratings = 0;
  double overlap = 0, pairs = 0;  // of boxes that both drew
};

struct Pair {
  std::uint32_t first = 0, second = 0;  // images
  double distance = 0;
};

class BoxRatings {
 public:
  BoxRatings(const Dataset& d, const Ratings& ratings) : d_(d) {
    for (std::size_t u = 0; u < ratings.units.size();) {
      const ImageIndex image = ratings.units[u].image;
      const std::size_t before = places_.size();
      Sums sums;
      for (; u < ratings.units.size() && ratings.units[u].image == image; ++u) add(ratings, ratings.units[u], sums);
      if (places_.size() > before) images_.push_back(sums);
    }
  }

  BoxAlpha alpha(unsigned draws, std::uint64_t seed) const {
    BoxAlpha out{.units = units_, .images = images_.size()};
    if (places_.size() < 2) return out;
    Random random(seed);
    const double expected = expected_distance(random);
    const Sums all = sum({});
    if (all.pairs > 0) out.raw = all.overlap / all.pairs;
    if (!(expected > 0)) return out;
    out.alpha = 1 - all.distance / all.ratings / expected;
    out.interval = {out.alpha, out.alpha};
    if (draws > 0) out.interval = drawn_interval(expected, draws, random);
    return out;
  }

 private:
  void add(const Ratings& ratings, const Unit& unit, Sums& sums) {
    const std::size_t begin = places_.size();
    if (unit.count < 2 || !unit.rated) return;
    for (const Rating& r : ratings.of(unit)) {
      Place place{.box = {},
                  .missed = r.annotation == none<AnnotationIndex>,
                  .image = static_cast<std::uint32_t>(images_.size())};
      if (!place.missed) place.box = in_image(d_, unit.image, box_of(d_, d_[r.annotation]).value_or(Box{}));
      places_.push_back(place);
    }
    ++units_;
    double distances = 0;
    for (std::size_t i = begin; i < places_.size(); ++i)
      for (std::size_t k = i + 1; k < places_.size(); ++k) {
        const double apart = distance(places_[i], places_[k]);
        distances += apart;
        if (!places_[i].missed && !places_[k].missed) sums.overlap += 1 - apart, sums.pairs += 1;
      }
    sums.distance += 2 * distances / (unit.count - 1);
    sums.ratings += unit.count;
  }

  Sums sum(std::span<const std::uint32_t> weights) const {
    Sums all;
    for (std::size_t i = 0; i < images_.size(); ++i) {
      const double weight = weights.empty() ? 1 : weights[i];
      all.distance += weight * images_[i].distance;
      all.ratings += weight * images_[i].ratings;
      all.overlap += weight * images_[i].overlap;
      all.pairs += weight * images_[i].pairs;
    }
    return all;
  }

  Pair random_pair(Random& random) const {
    const auto n = static_cast<std::uint32_t>(places_.size());
    const std::uint32_t i = random.below(n);
    std::uint32_t k = random.below(n - 1);
    if (k >= i) ++k;
    return {places_[i].image, places_[k].image, distance(places_[i], places_[k])};
  }

  double expected_distance(Random& random) const {
    constexpr std::uint64_t most = 2'000'000;
    const std::uint64_t n = places_.size();
    double sum = 0;
    if (n * (n - 1) / 2 > most) {
      for (std::uint64_t k = 0; k < most; ++k) sum += random_pair(random).distance;
      return sum / static_cast<double>(most);
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = i + 1; k < n; ++k) sum += distance(places_[i], places_[k]);
    return sum / (static_cast<double>(n) * static_cast<double>(n - 1) / 2);
  }

  /// What chance expects of a draw is that of all, moved as the mean of some pairs moves when its images are weighted.
  Interval drawn_interval(double expected, unsigned draws, Random& random) const {
    constexpr std::size_t most = 5'000;
    std::vector<Pair> pairs(most);
    double mean = 0;
    for (Pair& pair : pairs) mean += (pair = random_pair(random)).distance / static_cast<double>(most);
    std::vector<double> alphas;
    for (unsigned draw = 0; draw < draws; ++draw) {
      const std::vector<std::uint32_t> weights = draw_groups(images_.size(), random);
      const Sums all = sum(weights);
      double distances = 0, weight = 0;
      for (const Pair& pair : pairs) {
        const double w = static_cast<double>(weights[pair.first]) * weights[pair.second];
        distances += w * pair.distance;
        weight += w;
      }
      const double moved = weight > 0 && mean > 0 ? expected * (distances / weight) / mean : expected;
      if (all.ratings > 0 && moved > 0) alphas.push_back(1 - all.distance / all.ratings / moved);
    }
    return percentile_interval(alphas);
  }

  const Dataset& d_;
  std::vector<Place> places_;
  std::vector<Sums> images_;
  std::uint64_t units_ = 0;
};

}  // namespace

BoxAlpha box_alpha(const Dataset& d, const Ratings& ratings, unsigned draws, std::uint64_t seed) {
  return BoxRatings(d, ratings).alpha(draws, seed);
}

}  // namespace vetset
