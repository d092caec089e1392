// Forecasts hold what they promise: over injected errors, the true count lies in the interval as often as it says.
#include "vetset/dataset/forecast.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <string>

#include "tests/support/random.h"
#include "vetset/base/json.h"
#include "vetset/base/npy.h"
#include "vetset/base/tree.h"

using namespace vetset;

namespace {

constexpr unsigned seeds = 200, enough = 171;  // of 200 at 90 %: a smaller share has a chance below 2.5 %

/// Labels with a model's probabilities, and which labels were made wrong.
struct Labelled {
  std::size_t classes = 0;
  std::vector<double> probabilities;  // by row
  std::vector<std::size_t> given;
  std::vector<bool> wrong;

  std::span<const double> row(std::size_t i) const { return std::span(probabilities).subspan(i * classes, classes); }
  double believed(std::size_t i) const { return probabilities[i * classes + given[i]]; }
};

std::size_t draw(std::span<const double> chances, Random& random) {
  double left = random.unit();
  for (std::size_t j = 0; j + 1 < chances.size(); ++j)
    if ((left -= chances[j]) < 0) return j;
  return chances.size() - 1;
}

/// A model that is as sure as it is right, and then says it `sharpness` times as sure.
Labelled believed_labels(std::size_t count, std::size_t classes, double sharpness, Random& random) {
  Labelled l{.classes = classes};
  std::vector<double> p(classes), said(classes);
  for (std::size_t i = 0; i < count; ++i) {
    for (double& x : p) x = std::exp(-7 * random.unit() * (random.once_in(6) ? 0.4 : 1.0));
    p[random.below(static_cast<std::uint32_t>(classes))] *= random.once_in(8) ? 3 : 400;
    const double sum = std::accumulate(p.begin(), p.end(), 0.0);
    for (double& x : p) x /= sum;
    double norm = 0;
    for (std::size_t j = 0; j < classes; ++j) norm += said[j] = std::pow(p[j], sharpness);
    for (const double x : said) l.probabilities.push_back(x / norm);
    l.given.push_back(draw(p, random));
    l.wrong.push_back(false);
  }
  return l;
}

enum class Noise { alike, pairs, likely };
void inject(Labelled& l, Noise noise, double share, Random& random) {
  for (std::size_t i = 0; i < l.given.size(); ++i) {
    if (random.unit() >= share) continue;
    const std::size_t truth = l.given[i];
    std::size_t wrong = (truth + 1) % l.classes;
    if (noise == Noise::alike)
      wrong = (truth + 1 + random.below(static_cast<std::uint32_t>(l.classes - 1))) % l.classes;
    if (noise == Noise::likely)
      for (std::size_t j = 0; j < l.classes; ++j)
        if (j != truth && (wrong == truth || l.row(i)[j] > l.row(i)[wrong])) wrong = j;
    l.given[i] = wrong;
    l.wrong[i] = true;
  }
}

std::vector<Forecast> forecast_of(const Labelled& l, std::span<const std::uint64_t> firsts, std::uint64_t seed,
                                  std::vector<std::size_t>& ranked) {
  ranked.resize(l.given.size());
  std::iota(ranked.begin(), ranked.end(), 0U);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](std::size_t a, std::size_t b) { return l.believed(a) < l.believed(b); });
  ranked.resize(std::min<std::size_t>(ranked.size(), firsts.back()));
  const ClassBeliefs beliefs{.labels = l.given.size(),
                             .classes = l.classes,
                             .probabilities =
                                 [&](std::size_t i, std::span<double> out) {
                                   const auto row = l.row(i);
                                   std::copy(row.begin(), row.end(), out.begin());
                                 },
                             .given = [&](std::size_t i) { return l.given[i]; }};
  return forecasts(class_error_chances(beliefs, ranked, seed), firsts);
}

double wrong_among(const Labelled& l, const std::vector<std::size_t>& ranked, std::uint64_t first) {
  return static_cast<double>(std::count_if(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(first),
                                           [&](std::size_t i) { return l.wrong[i]; }));
}

struct Tally {
  std::uint64_t first = 0;
  unsigned covered = 0;
  double width = 0;
};
template <class Make>
std::vector<Tally> tally(std::span<const std::uint64_t> firsts, const Make& make) {
  std::vector<Tally> all;
  for (const std::uint64_t first : firsts) all.push_back({first});
  for (unsigned seed = 0; seed < seeds; ++seed) {
    const Labelled l = make(seed);
    std::vector<std::size_t> ranked;
    const std::vector<Forecast> found = forecast_of(l, firsts, seed, ranked);
    for (std::size_t k = 0; k < firsts.size(); ++k) {
      const double truth = wrong_among(l, ranked, firsts[k]);
      all[k].covered += found[k].interval.low <= truth && truth <= found[k].interval.high ? 1U : 0U;
      all[k].width += (found[k].interval.high - found[k].interval.low) / seeds;
    }
  }
  return all;
}

}  // namespace

TEST_CASE("a forecast of wrong class labels holds in 171 of 200 seeds, whichever way labels are wrong") {
  constexpr std::uint64_t firsts[] = {10, 25, 50};
  struct Way {
    Noise noise;
    double sharpness;  // of the model; 1: as sure as it is right
  };
  for (const Way& way : {Way{Noise::alike, 2}, Way{Noise::pairs, 1}, Way{Noise::likely, 1}}) {
    const auto found = tally(firsts, [&, noise = way.noise, sharpness = way.sharpness](unsigned seed) {
      Random random(seed * 3 + static_cast<unsigned>(noise));
      Labelled l = believed_labels(600, 4, sharpness, random);
      inject(l, noise, 0.08, random);
      return l;
    });
    for (const Tally& t : found) {
      CAPTURE(static_cast<int>(way.noise));
      CAPTURE(t.first);
      CAPTURE(t.width);
      CHECK(t.covered >= enough);
      if (way.noise == Noise::alike) CHECK(t.width < 0.5 * static_cast<double>(t.first));  // and it says something
    }
  }
}

TEST_CASE("without wrong labels a forecast begins at few") {
  constexpr std::uint64_t firsts[] = {20, 100};
  Random random(5);
  const Labelled l = believed_labels(3000, 4, 1.5, random);
  std::vector<std::size_t> ranked;
  const std::vector<Forecast> found = forecast_of(l, firsts, 0, ranked);
  CHECK(found[0].interval.low <= 2);
  CHECK(found[1].least < 12);
}

TEST_CASE("rows that are no probabilities are known nothing of") {
  const ClassBeliefs beliefs{
      .labels = 2,
      .classes = 2,
      .probabilities = [](std::size_t, std::span<double> out) { std::fill(out.begin(), out.end(), std::nan("")); },
      .given = [](std::size_t) { return std::size_t{0}; }};
  const std::size_t wanted[] = {0, 1};
  const std::uint64_t firsts[] = {2};
  const Forecast f = forecasts(class_error_chances(beliefs, wanted, 0), firsts).front();
  CHECK(!f.known);
  CHECK(f.interval.low == 0);
  CHECK(f.interval.high == 2);
}

TEST_CASE("a forecast of missing objects holds in 171 of 200 seeds") {
  constexpr std::uint64_t firsts[] = {10, 30};
  unsigned covered[2] = {};
  double width = 0;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    Random random(seed + 900);
    std::vector<Agreement> all;
    std::vector<std::pair<double, bool>> unmatched;  // confidence, and whether an object is there
    for (unsigned i = 0; i < 1500; ++i) {
      const double confidence = 1 - random.unit() * random.unit();
      const bool real = random.unit() < std::min(1.0, confidence * 1.02);
      const bool labelled = real && random.unit() >= 0.06;
      all.push_back({confidence, labelled});
      if (!labelled) unmatched.emplace_back(confidence, real);
    }
    std::sort(unmatched.rbegin(), unmatched.rend());
    std::vector<double> wanted;
    for (std::size_t i = 0; i < 30; ++i) wanted.push_back(unmatched[i].first);
    const std::vector<Forecast> found = forecasts(object_error_chances(all, wanted, seed), firsts);
    for (std::size_t k = 0; k < 2; ++k) {
      const auto truth = static_cast<double>(std::count_if(unmatched.begin(),
                                                           unmatched.begin() + static_cast<std::ptrdiff_t>(firsts[k]),
                                                           [](const auto& u) { return u.second; }));
      covered[k] += found[k].interval.low <= truth && truth <= found[k].interval.high ? 1U : 0U;
      width += (found[k].interval.high - found[k].interval.low) / static_cast<double>(firsts[k]) / seeds / 2;
    }
  }
  CHECK(covered[0] >= enough);
  CHECK(covered[1] >= enough);
  CHECK(width < 0.6);
}

TEST_CASE("among handwritten digits a forecast holds, over injected errors and over what five people said") {
  const char* data = std::getenv("VETSET_DATA");
  const std::string folder = std::string(data != nullptr ? data : "../shared/data") + "/label-errors";
  const auto tree = open_tree(folder);
  if (!tree) {
    MESSAGE("skipped 1: VETSET_DATA");
    return;
  }
  const Bytes pyx = *(*tree)->read("mnist_test_set_pyx.npy");
  const Bytes labels = *(*tree)->read("mnist_test_set_original_labels.npy");
  const auto table = parse_npy(std::string_view(pyx));
  REQUIRE(table);
  Labelled digits{.classes = 10};
  digits.probabilities.assign(table->values.begin(), table->values.end());
  const std::string_view raw(labels);
  const std::size_t width = (raw.size() - 128) / table->rows;  // integers behind a header of 128 bytes
  for (std::size_t i = 0; i < table->rows; ++i) {
    digits.given.push_back(static_cast<unsigned char>(raw[128 + i * width]));
    digits.wrong.push_back(false);
  }
  SUBCASE("injected") {
    constexpr std::uint64_t firsts[] = {20, 40};
    for (const Noise noise : {Noise::alike, Noise::likely}) {
      const auto found = tally(firsts, [&](unsigned seed) {  // of 800 of them
        Random random(seed + 31);
        Labelled l{.classes = 10};
        for (unsigned n = 0; n < 800; ++n) {
          const std::size_t i = random.below(static_cast<std::uint32_t>(digits.given.size()));
          l.probabilities.insert(l.probabilities.end(), digits.row(i).begin(), digits.row(i).end());
          l.given.push_back(digits.given[i]);
          l.wrong.push_back(false);
        }
        inject(l, noise, 0.05, random);
        return l;
      });
      for (const Tally& t : found) {
        CAPTURE(static_cast<int>(noise));
        CAPTURE(t.first);
        CAPTURE(t.width);
        CHECK(t.covered >= enough);
      }
    }
  }
  SUBCASE("reviewed") {
    const Bytes text = *(*tree)->read("mnist_mturk.json");
    const auto reviewed = Json::parse(std::string_view(text));
    REQUIRE(reviewed);
    std::vector<std::size_t> wanted;
    double wrong = 0;
    for (const Json& one : reviewed->elements()) {
      wanted.push_back(static_cast<std::size_t>(one.at("id").number()));
      if (one.at("mturk").at("given").number() < 3) ++wrong;
    }
    const ClassBeliefs beliefs{.labels = digits.given.size(),
                               .classes = 10,
                               .probabilities =
                                   [&](std::size_t i, std::span<double> out) {
                                     const auto row = digits.row(i);
                                     std::copy(row.begin(), row.end(), out.begin());
                                   },
                               .given = [&](std::size_t i) { return digits.given[i]; }};
    const std::uint64_t firsts[] = {wanted.size()};
    const Forecast f = forecasts(class_error_chances(beliefs, wanted, 0), firsts).front();
    MESSAGE("of 100 reviewed digits " << wrong << " are wrong; forecast " << f.interval.low << " to "
                                      << f.interval.high);
    CHECK(f.interval.low <= wrong);
    CHECK(wrong <= f.interval.high);
  }
}
