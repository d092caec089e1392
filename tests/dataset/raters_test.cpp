// Several raters: who they are, which of their boxes are one object, how far they agree, what their consensus is.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/check/made.h"
#include "vetset/base/random.h"
#include "vetset/dataset/assignment.h"
#include "vetset/dataset/rater_agreement.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// Ratings as a table: a line a rater, a digit a unit, "." where there is none. Each unit is in an image of its own.
Ratings table(const std::vector<std::string>& lines, std::uint32_t values = 10) {
  Ratings ratings{.by = RatedBy::image, .values = values, .units = {}, .rows = {}};
  for (std::size_t u = 0; u < lines[0].size(); ++u) {
    Unit unit{.image = to_index<ImageIndex>(u), .begin = static_cast<std::uint32_t>(ratings.rows.size())};
    for (std::size_t r = 0; r < lines.size(); ++r)
      if (lines[r][u] != '.')
        ratings.rows.push_back(
            {.rater = static_cast<std::uint32_t>(r), .value = static_cast<std::uint32_t>(lines[r][u] - '0')});
    unit.count = static_cast<std::uint32_t>(ratings.rows.size()) - unit.begin;
    ratings.units.push_back(unit);
  }
  return ratings;
}

/// A dataset whose raters are layers.
struct Rated : Made {
  CategoryIndex cat = category("cat"), dog = category("dog");
  Rated() { d.layers = {"", "cem", "ana", "ben"}; }
  static constexpr std::uint16_t nobody = 0, cem = 1, ana = 2, ben = 3;

  AnnotationIndex drawn(std::uint16_t layer, ImageIndex image, CategoryIndex category, Box b) {
    const AnnotationIndex i = box(image, category, b);
    d.annotations[to_size(i)].layer = layer;
    return i;
  }
  AnnotationIndex tagged(std::uint16_t layer, ImageIndex image, CategoryIndex category) {
    d.annotations.push_back({.image = image, .category = category, .kind = Kind::tag, .layer = layer});
    return to_index<AnnotationIndex>(d.annotations.size() - 1);
  }
  Raters raters() const {
    auto found = raters_by(d);
    REQUIRE(found);
    return *std::move(found);
  }
};

double cost_of(std::span<const Partners> pairs, std::size_t members) {
  double cost = static_cast<double>(members) - 2 * static_cast<double>(pairs.size());
  for (const Partners& p : pairs) cost += p.cost;
  return cost;
}

/// The least cost of all pairings, by trying each.
double least_cost(std::span<const Partners> possible, std::vector<bool> first, std::vector<bool> second,
                  std::size_t members) {
  double best = static_cast<double>(members);
  for (std::size_t k = 0; k < possible.size(); ++k) {
    const Partners& p = possible[k];
    if (first[p.first] || second[p.second]) continue;
    first[p.first] = second[p.second] = true;
    best = std::min(best, p.cost - 2 + least_cost(possible.subspan(k + 1), first, second, members));
    first[p.first] = second[p.second] = false;
  }
  return best;
}

}  // namespace

TEST_CASE("partners are assigned at the least cost there is") {
  Random random(1);
  for (unsigned round = 0; round < 200; ++round) {
    CAPTURE(round);
    std::vector<Partners> possible;
    for (std::uint32_t i = 0; i < 4; ++i)
      for (std::uint32_t k = 0; k < 5; ++k)
        if (!random.once_in(3)) possible.push_back({i, k, 1.5 * random.unit()});
    const std::vector<Partners> found = assigned(possible);
    std::vector<bool> first(4), second(5);
    for (const Partners& p : found) {
      CHECK_FALSE(first[p.first]);
      CHECK_FALSE(second[p.second]);
      first[p.first] = second[p.second] = true;
    }
    CHECK(cost_of(found, 9) ==
          doctest::Approx(least_cost(possible, std::vector<bool>(4), std::vector<bool>(5), 9)).epsilon(1e-12));
  }
}

TEST_CASE("raters are layers, or who the records name; what has no rater is shipped") {
  Rated m;
  const auto a = m.image("a.jpg"), b = m.image("b.jpg");
  m.drawn(Rated::ben, a, m.cat, {1, 1, 20, 20});
  m.drawn(Rated::ana, a, m.cat, {1, 1, 20, 20});
  m.drawn(Rated::nobody, b, m.cat, {1, 1, 20, 20});
  SUBCASE("layers") {
    const Raters raters = m.raters();
    CHECK(raters.by == "layer");
    CHECK(raters.names == std::vector<std::string>{"ana", "ben"});
    CHECK(raters.of == std::vector<std::uint32_t>{1, 0, Makers::nobody});
    CHECK(raters.of_image(a).size() == 2);
    CHECK(raters.of_image(b).empty());
    CHECK(raters.shared_images() == 1);
  }
  SUBCASE("an attribute, or a key of the record") {
    m.d.layers.clear();
    for (Annotation& annotation : m.d.annotations) annotation.layer = 0;
    m.d.attributes.push_back({Owner::annotation, 0, m.d.add_text("labelled_by"), m.d.add_text("\"ben\"")});
    m.d.residues.push_back({Owner::annotation, 1, m.d.add_text("{\"worker\":7}")});
    CHECK(m.raters().by == "attribute:worker");
    CHECK(m.raters().names == std::vector<std::string>{"7"});
    const auto named = raters_by(m.d, "attribute:labelled_by");
    REQUIRE(named);
    CHECK(named->of == std::vector<std::uint32_t>{0, Makers::nobody, Makers::nobody});
    CHECK_FALSE(raters_by(m.d, "attribute:nobody"));
    CHECK_FALSE(raters_by(m.d, "layer"));
    CHECK_FALSE(raters_by(m.d, "annotator"));
  }
}

TEST_CASE("boxes of several raters are one object where they overlap, each rater's once") {
  Rated m;
  const auto a = m.image("a.jpg");
  m.drawn(Rated::ana, a, m.cat, {10, 10, 20, 20});
  m.drawn(Rated::ana, a, m.dog, {12, 10, 20, 20});
  m.drawn(Rated::ben, a, m.dog, {11, 10, 20, 20});
  m.drawn(Rated::cem, a, m.cat, {60, 40, 20, 20});
  const Ratings ratings = object_ratings(m.d, m.raters());
  REQUIRE(ratings.units.size() == 3);
  CHECK(ratings.missed == 2);
  const auto values = [&](std::size_t u) {
    std::vector<std::uint32_t> all;
    for (const Rating& r : ratings.of(ratings.units[u])) all.push_back(r.value);
    return all;
  };
  CHECK(values(0) == std::vector<std::uint32_t>{0, 2, 2});  // ana's cat
  CHECK(values(1) == std::vector<std::uint32_t>{1, 1, 2});  // the dog of ana and ben, though the cat lies as near
  CHECK(values(2) == std::vector<std::uint32_t>{2, 2, 0});
}

TEST_CASE("what is shipped is held against objects, and changes nothing of them") {
  Rated m;
  const auto a = m.image("a.jpg");
  for (const std::uint16_t rater : {Rated::ana, Rated::ben, Rated::cem}) m.drawn(rater, a, m.dog, {10, 10, 20, 20});
  const Ratings before = object_ratings(m.d, m.raters());
  const auto given = m.drawn(Rated::nobody, a, m.cat, {11, 10, 20, 20});
  const auto invented = m.drawn(Rated::nobody, a, m.cat, {60, 40, 20, 20});
  const Ratings after = object_ratings(m.d, m.raters());
  REQUIRE(after.units.size() == 2);
  CHECK(after.units[0].given.annotation == given);
  CHECK(after.units[1].given.annotation == invented);
  CHECK_FALSE(after.units[1].rated);
  CHECK(coincidences(after).sum().total == coincidences(before).sum().total);
  const auto found = contradicted(after, consensus(after, 3));
  REQUIRE(found.size() == 2);
  CHECK(found[0].proposed == m.dog);
  CHECK(found[1].proposed == none<CategoryIndex>);
}

TEST_CASE("coefficients have the values of the textbooks") {
  SUBCASE("Krippendorff's alpha, with ratings that are missing") {
    const Ratings r = table({".....34121133.3", "1.213343.......", "..21344.21133.4"});
    CHECK(coincidences(r).sum().alpha() == doctest::Approx(0.691358).epsilon(1e-5));
  }
  SUBCASE("Fleiss' kappa") {
    const unsigned counts[10][5] = {{0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0},
                                    {2, 2, 8, 1, 1},  {7, 7, 0, 0, 0}, {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2},
                                    {6, 5, 2, 1, 0},  {0, 2, 2, 3, 7}};
    std::vector<std::string> lines(14, std::string(10, '.'));
    for (std::size_t u = 0; u < 10; ++u)
      for (std::size_t v = 0, rater = 0; v < 5; ++v)
        for (unsigned k = 0; k < counts[u][v]; ++k) lines[rater++][u] = static_cast<char>('0' + v);
    const FleissKappa fleiss = fleiss_kappa(table(lines));
    CHECK(fleiss.kappa == doctest::Approx(0.20993).epsilon(1e-4));
    CHECK(fleiss.units == 10);
    CHECK(fleiss.ratings == 14);
  }
  SUBCASE("Cohen's kappa") {
    const auto pairs = pair_agreements(
        table({std::string(25, '1') + std::string(25, '0'),
               std::string(20, '1') + std::string(5, '0') + std::string(10, '1') + std::string(15, '0')}));
    REQUIRE(pairs.size() == 1);
    CHECK(pairs[0].units == 50);
    CHECK(pairs[0].kappa == doctest::Approx(0.4));
    CHECK(pairs[0].raw == doctest::Approx(0.7));
  }
  SUBCASE("one value alone says nothing") {
    CHECK(std::isnan(coincidences(table({"111", "111"})).sum().alpha()));
    CHECK(std::isnan(pair_agreements(table({"111", "111"}))[0].kappa));
  }
}

TEST_CASE("alpha of boxes is one where they are equal, and falls with their distance") {
  Rated m;
  for (int k = 0; k < 20; ++k) {
    const auto image = m.image("i" + std::to_string(k) + ".jpg");
    const Box b{2.0 + 3 * (k % 20), 4.0 + 2 * (k % 7), 12, 14};
    m.drawn(Rated::ana, image, m.cat, b);
    m.drawn(Rated::ben, image, m.cat, b);
  }
  const BoxAlpha same = box_alpha(m.d, object_ratings(m.d, m.raters()), 100);
  CHECK(same.alpha == 1);
  CHECK(same.interval.low == doctest::Approx(1));
  CHECK(same.raw == 1);
  for (std::size_t n = 1; n < m.d.annotations.size(); n += 2) m.d.annotations[n].box.x += 2;
  const BoxAlpha aside = box_alpha(m.d, object_ratings(m.d, m.raters()), 100);
  CHECK(aside.raw == doctest::Approx(10.0 / 14));
  CHECK(aside.alpha < 0.75);
  CHECK(aside.interval.low <= aside.alpha);
  CHECK(aside.interval.high >= aside.alpha);
  m.d.annotations[1].box = {70, 50, 12, 14};  // two objects, each of one rater
  const BoxAlpha missed = box_alpha(m.d, object_ratings(m.d, m.raters()), 100);
  CHECK(missed.units == 21);
  CHECK(missed.alpha < aside.alpha);
}

TEST_CASE("a consensus weighs raters by what they got right") {
  // The third rater always says 0; the others agree on forty units, and differ on the last.
  std::string truth;
  for (int k = 0; k < 40; ++k) truth += k % 2 == 0 ? '0' : '1';
  const Ratings r = table({truth + "1", truth + "1", std::string(40, '0') + "0"}, 2);
  const Consensus c = consensus(r, 3);
  CHECK_FALSE(c.votes_alone);
  CHECK(c.best(40).value == 1);
  CHECK(c.right[0] > 0.99);
  CHECK(c.right[2] < 0.6);
  double sum = 0;
  for (std::uint32_t v = 0; v < 2; ++v) sum += c.probability(0, v);
  CHECK(sum == doctest::Approx(1).epsilon(1e-3));
}

TEST_CASE("a rater stands behind the others, or is no worse than they are about the same units") {
  Random random(5);
  std::string a, b, c, hard;
  for (int k = 0; k < 200; ++k) {
    const char truth = static_cast<char>('0' + random.below(3));
    const auto noisy = [&](unsigned times) {
      return random.once_in(times) ? static_cast<char>('0' + random.below(3)) : truth;
    };
    a += noisy(20), b += noisy(20), c += noisy(20);
    hard += k % 2 == 0 ? noisy(2) : '.';
  }
  const auto standings = rater_standings(table({a, b, c, hard}), 4);
  for (const std::size_t r : {0U, 1U, 2U}) CHECK_FALSE(standings[r].deviates());
  CHECK(standings[3].deviates());
  CHECK(standings[3].units == 100);
  CHECK(standings[3].rate < 1e-6);
}

TEST_CASE("a whole report: what is said of images, objects, boxes, pairs and raters") {
  Rated m;
  for (int k = 0; k < 10; ++k) {
    const auto image = m.image("i" + std::to_string(k) + ".jpg");
    for (const std::uint16_t rater : {Rated::ana, Rated::ben}) {
      m.drawn(rater, image, k % 2 == 0 ? m.cat : m.dog, {10, 10, 20, 20});
      m.tagged(rater, image, k < 5 ? m.cat : m.dog);
    }
  }
  const RaterAgreement all = rater_agreement(m.d, m.raters());
  REQUIRE(all.about.size() == 4);
  CHECK(all.about[0].what == "image class");
  CHECK(all.about[0].reliance == Reliance::firm);
  CHECK(all.about[1].what == "object class");
  CHECK(all.about[1].units == 10);
  CHECK(all.about[1].classes.size() == 2);
  CHECK(all.about[3].what == "box");
  CHECK(all.pairs.size() == 1);
  CHECK_FALSE(all.shipped);
  const auto first = m.image("more.jpg");
  m.tagged(Rated::ana, first, m.cat), m.tagged(Rated::ana, first, m.dog), m.tagged(Rated::ben, first, m.dog);
  const RaterAgreement tags = rater_agreement(m.d, m.raters());
  CHECK(tags.about[0].what == "image tag");
  CHECK(tags.about[0].units == 22);
  CHECK(to_json(tags, m.d, "vetset", "x").find("\"by\":\"layer\"") != std::string::npos);
}

TEST_CASE("the interval decides what an agreement is worth") {
  CHECK(reliance(0.9, {0.81, 0.95}, 50) == Reliance::firm);
  CHECK(reliance(0.9, {0.7, 0.95}, 50) == Reliance::tentative);
  CHECK(reliance(0.9, {0.5, 0.95}, 50) == Reliance::undecided);
  CHECK(reliance(0.5, {0.4, 0.66}, 50) == Reliance::too_low);
  CHECK(reliance(0.9, {0.81, 0.95}, 9) == Reliance::undecided);
  CHECK(reliance(no_agreement, {}, 50) == Reliance::unknown);
}
