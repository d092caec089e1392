// Combinations of levels, by hand and against every combination tried one by one.
#include "vetset/check/contract_tuples.h"

#include <doctest/doctest.h>

#include <set>

#include "vetset/base/random.h"

using namespace vetset;

TEST_CASE("combination coverage is NIST's: the example of four binary factors and four tests") {
  // Kuhn, Mendoza, Kacker, Lei: Combinatorial Coverage Measurement (NISTIR 7878), section 2: the tests 0000, 0110,
  // 1001, 0111 of factors a, b, c, d. Of the 24 pairs of levels 19 are covered: 79 %.
  const std::vector<std::vector<std::uint16_t>> factors = {{0, 0, 1, 0}, {0, 1, 0, 1}, {0, 1, 0, 1}, {0, 0, 1, 1}};
  std::size_t covered = 0, all = 0, whole = 0;
  std::vector<std::size_t> of_pair;
  for_each_choice(4, 2, [&](std::span<const std::size_t> which) {
    const TupleColumn columns[] = {{factors[which[0]], 2}, {factors[which[1]], 2}};
    const auto counts = count_tuples(columns, {});
    std::size_t here = 0;
    for_each_tuple(columns, [&](std::span<const std::uint16_t>, std::size_t slot) {
      ++all;
      here += counts[slot] > 0 ? 1U : 0U;
    });
    covered += here;
    whole += here == 4 ? 1U : 0U;
    of_pair.push_back(here);
  });
  CHECK(all == 24);
  CHECK(covered == 19);
  CHECK(of_pair == std::vector<std::size_t>{3, 3, 3, 2, 4, 4});  // ab, ac, ad, bc, bd, cd
  CHECK(whole == 2);
}

TEST_CASE("a unit counts once for each combination, however many rows it has; the unknown covers nothing") {
  const std::vector<std::uint16_t> a = {0, 0, 0, 1, 2}, b = {0, 0, 1, 1, 0};
  const std::vector<std::uint32_t> units = {7, 7, 7, 9, 9};
  const TupleColumn columns[] = {{a, 2}, {b, 2}};
  const auto counts = count_tuples(columns, units);
  CHECK(counts[0] == 1);  // 0, 0: two rows of unit 7
  CHECK(counts[1] == 1);  // 0, 1
  CHECK(counts[4] == 1);  // 1, 1
  CHECK(counts[6] == 1);  // unknown, 0: counted apart
  CHECK(count_tuples(columns, {})[0] == 2);
}

TEST_CASE("what follows from several constraints together is found") {
  // Night has no sun; noon is sunny or cloudy; the sun is sunny. So: not night and noon.
  Constraints c({2, 2, 2});                            // light: night, day; hour: noon, other; sky: sunny, cloudy
  c.forbid({{0, {true, false}}, {2, {true, false}}});  // not night and sunny
  c.forbid({{0, {true, false}}, {2, {false, true}}, {1, {true, false}}});  // not night, cloudy and noon
  CHECK_FALSE(c.possible({0, 0, Constraints::open}));                      // implied: neither sky is left
  CHECK(c.possible({0, 1, Constraints::open}));
  CHECK(c.possible({1, 0, Constraints::open}));
  CHECK_FALSE(c.possible({0, Constraints::open, 0}));
}

TEST_CASE("possible combinations are those that some full combination has, on random small sets") {
  Random random(11);
  for (unsigned round = 0; round < 300; ++round) {
    CAPTURE(round);
    const std::size_t k = 3 + random.below(3);
    std::vector<std::size_t> sizes;
    for (std::size_t f = 0; f < k; ++f) sizes.push_back(1 + random.below(3));
    Constraints constraints(sizes);
    std::vector<std::vector<Constraints::Part>> kept;
    for (unsigned n = random.below(5); n > 0; --n) {
      std::vector<Constraints::Part> parts;
      std::set<std::size_t> used;
      for (unsigned p = 1 + random.below(3); p > 0; --p) {
        const std::size_t f = random.below(static_cast<std::uint32_t>(k));
        if (!used.insert(f).second) continue;
        std::vector<bool> levels(sizes[f]);
        for (std::size_t l = 0; l < sizes[f]; ++l) levels[l] = random.once_in(2);
        parts.push_back({f, levels});
      }
      kept.push_back(parts);
      constraints.forbid(parts);
    }
    // Every full combination, one by one.
    std::set<std::vector<std::uint16_t>> full;
    std::vector<std::uint16_t> at(k);
    for (;;) {
      bool allowed = true;
      for (const auto& parts : kept) {
        bool all = true;
        for (const auto& part : parts) all = all && part.levels[at[part.factor]];
        allowed = allowed && !all;
      }
      if (allowed) full.insert(at);
      std::size_t f = 0;
      while (f < k && at[f] + std::size_t{1} == sizes[f]) at[f++] = 0;
      if (f == k) break;
      ++at[f];
    }
    for (unsigned t = 1; t <= 3; ++t)
      for_each_choice(k, t, [&](std::span<const std::size_t> which) {
        std::vector<TupleColumn> columns;
        for (const std::size_t f : which) columns.push_back({{}, sizes[f]});
        for_each_tuple(columns, [&](std::span<const std::uint16_t> levels, std::size_t) {
          std::vector<std::int32_t> asked(k, Constraints::open);
          for (std::size_t n = 0; n < which.size(); ++n) asked[which[n]] = levels[n];
          bool some = false;
          for (const auto& row : full) {
            bool same = true;
            for (std::size_t n = 0; n < which.size(); ++n) same = same && row[which[n]] == levels[n];
            some = some || same;
          }
          CHECK(constraints.possible(asked) == some);
        });
      });
  }
}

TEST_CASE("what chance would cover is the share of equally likely combinations that are drawn") {
  CHECK(chance_covered(4, 4, 1) == doctest::Approx(1 - 0.75 * 0.75 * 0.75 * 0.75));
  CHECK(chance_covered(4, 4, 2) == doctest::Approx(1 - 0.31640625 - 4 * 0.25 * 0.421875));
  CHECK(chance_covered(1, 3, 1) == 1);
  CHECK(chance_covered(1, 3, 4) == 0);
  CHECK(chance_covered(10, 0, 1) == 0);
}
