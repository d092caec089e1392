#include "vetset/scan/neighbours.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <thread>

#include "vetset/base/random.h"
#include "vetset/scan/neighbours_engine.h"

using namespace vetset;

namespace {

Bits256 random_code(Random& random) { return {{random.bits(), random.bits(), random.bits(), random.bits()}}; }

Bits256 changed(Bits256 code, unsigned bits, Random& random) {
  for (unsigned k = 0; k < bits; ++k) {
    const std::uint32_t bit = random.below(256);
    code.words[bit / 64] ^= std::uint64_t{1} << (bit % 64);
  }
  return code;
}

Bits256 flipped(Bits256 code, const Bits256& flips) {
  for (std::size_t w = 0; w < 4; ++w) code.words[w] ^= flips.words[w];
  return code;
}

/// Some codes of their own, some changed a little from another, some equal to another.
std::vector<Bits256> made_codes(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Bits256> codes;
  while (codes.size() < count) {
    const bool first = codes.empty() || random.once_in(2);
    const Bits256 base = first ? random_code(random) : codes[random.below(static_cast<std::uint32_t>(codes.size()))];
    codes.push_back(random.once_in(5) ? base : changed(base, random.below(70), random));
  }
  return codes;
}

std::vector<NearPair> every_pair(const std::vector<Bits256>& codes, unsigned radius) {
  std::vector<NearPair> pairs;
  for (std::uint32_t i = 0; i < codes.size(); ++i)
    for (std::uint32_t j = i + 1; j < codes.size(); ++j)
      if (const unsigned d = distance(codes[i], codes[j]); d <= radius)
        pairs.push_back({i, j, static_cast<std::uint16_t>(d)});
  return pairs;
}

std::vector<NearPair> every_pair(const std::vector<Bits256>& left, const std::vector<Bits256>& right, unsigned radius) {
  std::vector<NearPair> pairs;
  for (std::uint32_t i = 0; i < left.size(); ++i)
    for (std::uint32_t j = 0; j < right.size(); ++j)
      if (const unsigned d = distance(left[i], right[j]); d <= radius)
        pairs.push_back({i, j, static_cast<std::uint16_t>(d)});
  return pairs;
}

constexpr NeighbourLimits no_hubs{.degree = 1u << 30};

Neighbours searched(const std::vector<Bits256>& codes, unsigned radius, const SearchChoice& choice,
                    const Pool& pool = Pool(1), const NeighbourLimits& limits = no_hubs,
                    const NeighbourFilter& filter = {}) {
  auto found = near_pairs_by(codes, nullptr, radius, pool, {}, limits, filter, choice);
  REQUIRE(found);
  return *std::move(found);
}

}  // namespace

TEST_CASE("near pairs are what comparing every pair gives, for any plan") {
  for (const std::size_t count : {0u, 1u, 2u, 3u, 50u, 400u}) {
    const std::vector<Bits256> codes = made_codes(count, count);
    for (const unsigned radius : {0u, 1u, 7u, 15u, 30u, 31u, 32u, 47u, 64u, 100u, 256u}) {
      const auto expected = every_pair(codes, radius);
      for (const unsigned slots : {1u, 11u, 13u, 16u, 32u}) {
        const SearchPlan plan = plan_of(slots, radius);
        if (slots > 1 && plan.slots.front().radius > 4) continue;
        CAPTURE(count);
        CAPTURE(radius);
        CAPTURE(slots);
        CHECK(searched(codes, radius, {.plan = &plan}).pairs == expected);
        CHECK(searched(codes, radius, {.plan = &plan, .at_once = 20}).pairs == expected);  // an eighth at a time
      }
      CHECK(searched(codes, radius, {}).pairs == expected);
    }
  }
}

TEST_CASE("near pairs of two lists are what comparing every pair gives") {
  std::vector<Bits256> left = made_codes(300, 7), right = made_codes(200, 8);
  right.insert(right.end(), left.begin(), left.begin() + 40);
  Random random(3);
  for (std::size_t k = 0; k < 60; ++k) right.push_back(changed(left[k], random.below(60), random));
  const CodeList right_list = right;
  for (const unsigned radius : {0u, 15u, 31u, 47u, 60u}) {
    for (const unsigned slots : {1u, 12u, 16u, 32u}) {
      const SearchPlan plan = plan_of(slots, radius);
      if (slots > 1 && plan.slots.front().radius > 4) continue;
      CAPTURE(radius);
      CAPTURE(slots);
      const auto found = near_pairs_by(left, &right_list, radius, Pool(1), {}, no_hubs, {}, {.plan = &plan});
      REQUIRE(found);
      CHECK(found->pairs == every_pair(left, right, radius));
      const auto in_parts =
          near_pairs_by(left, &right_list, radius, Pool(1), {}, no_hubs, {}, {.plan = &plan, .at_once = 20});
      REQUIRE(in_parts);
      CHECK(in_parts->pairs == found->pairs);
    }
  }
  CHECK(near_pairs(left, {}, 31, Pool(1))->pairs.empty());
}

TEST_CASE("every processor family finds the same hits") {
  const std::vector<Bits256> codes = made_codes(600, 11);
  std::vector<std::uint64_t> words[4];
  for (std::size_t w = 0; w < 4; ++w) {
    for (const Bits256& code : codes) words[w].push_back(code.words[w]);
    words[w].resize(codes.size() + CodeColumns::padding);  // zeros, near to each other: beyond the end none may count
  }
  const CodeColumns columns{{words[0].data(), words[1].data(), words[2].data(), words[3].data()}};
  std::vector<std::uint8_t> done(codes.size());
  done[5] = 1;
  Random random(1);
  for (const Bits256& flips : {Bits256{}, random_code(random)})
    for (const unsigned radius : {0u, 20u, 47u, 90u, 130u, 256u}) {
      for (const std::uint32_t end : {600u, 599u, 593u, 9u, 1u}) {
        for (const bool triangle : {false, true}) {
          const JoinTask task{.left = columns,
                              .right = columns,
                              .left_begin = 0,
                              .left_end = 600,
                              .right_begin = 0,
                              .right_end = end,
                              .radius = radius,
                              .flips = flips,
                              .triangle = triangle,
                              .done = done.data()};
          std::vector<Hit> expected;
          for (std::uint32_t i = 0; i < 600; ++i)
            for (std::uint32_t j = triangle ? i + 1 : 0; j < end && i != 5; ++j)
              if (const unsigned d = distance(flipped(codes[i], flips), codes[j]); d <= radius)
                expected.push_back({i, j, static_cast<std::uint16_t>(d)});
          for (const JoinKernel& kernel : join_kernels()) {
            CAPTURE(kernel.name);
            CAPTURE(radius);
            CAPTURE(end);
            std::vector<Hit> hits;
            kernel.join(task, hits);
            std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
              return std::pair(a.left, a.right) < std::pair(b.left, b.right);
            });
            CHECK(hits == expected);
          }
        }
      }
    }
}

TEST_CASE("every processor family finds the same nearest code") {
  Random random(4);
  for (const std::size_t count : {8u, 24u, 40u}) {
    std::vector<Bits256> others, codes;
    std::vector<std::uint64_t> words[4];
    for (std::size_t k = 0; k < count; ++k) {
      others.push_back(random_code(random));
      for (std::size_t w = 0; w < 4; ++w) words[w].push_back(others.back().words[w]);
    }
    const CodeColumns columns{{words[0].data(), words[1].data(), words[2].data(), words[3].data()}};
    for (std::size_t k = 0; k < 21; ++k) {
      unsigned expected = 256;
      for (const Bits256& code : codes)
        for (const Bits256& other : others) expected = std::min(expected, distance(code, other));
      for (const JoinKernel& kernel : join_kernels()) {
        CAPTURE(kernel.name);
        CHECK(kernel.nearest(codes.data(), codes.size(), columns, count) == expected);
      }
      codes.push_back(
          changed(others[random.below(static_cast<std::uint32_t>(count))], 100 - 4 * static_cast<unsigned>(k), random));
    }
  }
}

TEST_CASE("pairs with flipped bits are what comparing every pair gives") {
  std::vector<Bits256> codes = made_codes(250, 17);
  Random random(5);
  for (const Bits256& flips :
       {Bits256{{0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA}},
        Bits256{{1, 2, 0, 0}}, random_code(random)}) {
    for (std::size_t k = 0; k < 80; ++k) codes.push_back(changed(flipped(codes[k], flips), random.below(50), random));
    for (const unsigned radius : {0u, 2u, 31u, 47u, 140u}) {
      std::vector<NearPair> expected;
      for (std::uint32_t i = 0; i < codes.size(); ++i)
        for (std::uint32_t j = i + 1; j < codes.size(); ++j)
          if (const unsigned d = distance(flipped(codes[i], flips), codes[j]); d <= radius)
            expected.push_back({i, j, static_cast<std::uint16_t>(d)});
      for (const unsigned slots : {1u, 16u, 32u}) {
        const SearchPlan plan = plan_of(slots, radius);
        if (slots > 1 && plan.slots.front().radius > 4) continue;
        CAPTURE(radius);
        CAPTURE(slots);
        CHECK(searched(codes, radius, {.plan = &plan, .flips = flips}).pairs == expected);
        CHECK(searched(codes, radius, {.plan = &plan, .flips = flips, .at_once = 20}).pairs == expected);
      }
      CHECK(flipped_pairs(codes, flips, radius, Pool(1), {}, no_hubs)->pairs == expected);
    }
  }
}

TEST_CASE("a crowd of look-alikes becomes hubs, and all else stays exact") {
  for (const auto& [slots, at_once] :
       {std::pair<unsigned, std::size_t>{1, 1 << 20}, {13, 1 << 20}, {16, 1 << 20}, {16, 100}}) {
    Random random(slots);
    std::vector<Bits256> codes = made_codes(500, 21);
    const Bits256 middle = random_code(random);
    for (std::size_t k = 0; k < 3000; ++k) codes.push_back(changed(middle, random.below(25), random));
    for (std::size_t k = 0; k < 300; ++k) codes.push_back(codes[3]);  // one code that is there 301 times
    const NeighbourLimits limits{.degree = 200};
    const SearchPlan plan = plan_of(slots, 31);
    const Neighbours found = searched(codes, 31, {.plan = &plan, .at_once = at_once}, Pool(1), limits);

    std::vector<std::uint32_t> degree(codes.size()), unhubbed(codes.size());
    std::set<std::uint32_t> hubs;
    for (const auto& [code, met] : found.hubs) hubs.insert(code);
    const auto all = every_pair(codes, 31);
    std::vector<NearPair> expected;
    for (const NearPair& p : all) {
      ++degree[p.first], ++degree[p.second];
      unhubbed[p.first] += hubs.contains(p.second) ? 0u : 1u;
      unhubbed[p.second] += hubs.contains(p.first) ? 0u : 1u;
      if (!hubs.contains(p.first) && !hubs.contains(p.second)) expected.push_back(p);
    }
    CAPTURE(slots);
    CHECK(found.pairs == expected);
    CHECK(hubs.size() > 2500);
    for (const auto& [code, met] : found.hubs) {
      CHECK(met > 200);
      CHECK(met <= degree[code]);
    }
    for (std::uint32_t i = 0; i < codes.size(); ++i)
      if (!hubs.contains(i)) CHECK(unhubbed[i] <= 200);
    CHECK(hubs.contains(3));
  }
}

TEST_CASE("codes of one owner are no pair, nor is what the caller knows") {
  const std::vector<Bits256> codes = made_codes(300, 5);
  std::vector<std::uint32_t> owners;
  for (std::uint32_t i = 0; i < codes.size(); ++i) owners.push_back(i / 4);
  const auto skip = [](std::uint32_t a, std::uint32_t b) { return (a + b) % 3 == 0; };
  for (const unsigned slots : {1u, 16u}) {
    const SearchPlan plan = plan_of(slots, 40);
    auto expected = every_pair(codes, 40);
    const std::size_t all = expected.size();
    std::erase_if(expected,
                  [&](const NearPair& p) { return owners[p.first] == owners[p.second] || skip(p.first, p.second); });
    REQUIRE(expected.size() < all);
    CHECK(searched(codes, 40, {.plan = &plan}, Pool(1), no_hubs, {.left_owners = owners, .skip = skip}).pairs ==
          expected);
  }
}

TEST_CASE("any number of threads gives the same pairs and hubs") {
  std::vector<Bits256> codes = made_codes(20000, 9);
  Random random(2);
  for (std::size_t k = 0; k < 3000; ++k) codes.push_back(changed(codes[0], random.below(40), random));
  const SearchPlan plan = plan_of(16, 40);
  for (const std::size_t at_once : {std::size_t{1} << 20, std::size_t{1000}}) {
    const SearchChoice choice{.plan = &plan, .at_once = at_once};
    const Neighbours one = searched(codes, 40, choice, Pool(1), {});
    REQUIRE(one.hubs.size() > 100);
    REQUIRE(one.pairs.size() > 1000);
    for (const unsigned threads : {2u, 3u}) {
      const Neighbours many = searched(codes, 40, choice, Pool(threads), {});
      CHECK(many.pairs == one.pairs);
      CHECK(many.hubs == one.hubs);
    }
  }
}

TEST_CASE("a search can be stopped, and tells how far it is") {
  const std::vector<Bits256> codes = made_codes(1000, 1);
  std::atomic<bool> stop = false;
  std::uint64_t told = 0, of = 0;
  const auto tell = [&](std::string_view, std::uint64_t done, std::uint64_t total) { told = done, of = total; };
  REQUIRE(near_pairs(codes, 31, Pool(1), {.report = tell, .stop = &stop}));
  CHECK(told == of);
  CHECK(of > 0);
  stop = true;
  const auto stopped = near_pairs(codes, 31, Pool(1), {.report = tell, .stop = &stop});
  REQUIRE(!stopped);
  CHECK(stopped.error().code == Code::cancelled);
}

TEST_CASE("hashing is planned where it gains, comparing where it does not") {
  CHECK(cheapest_plan(200, 200, true, 31).slots.size() == 1);
  CHECK(cheapest_plan(1000000, 1000000, true, 31).slots.size() > 10);
  CHECK(cheapest_plan(1000000, 1000000, true, 100).slots.size() == 1);
  for (const unsigned radius : {0u, 5u, 31u, 47u})  // what no pair within the radius can slip through
    for (const unsigned slots : {11u, 16u, 20u}) {
      unsigned allowed = 0;
      for (const Slot& slot : plan_of(slots, radius).slots) allowed += slot.radius + 1;
      CHECK(allowed == radius + 1);
    }
}

TEST_CASE("scattered codes are searched as those in a list") {
  const std::vector<Bits256> codes = made_codes(400, 11), others = made_codes(300, 12);
  struct Held {
    std::uint64_t before = 0;
    std::array<Bits256, 3> views;
    std::uint32_t after = 0;
  };
  const auto rows_of = [](const std::vector<Held>& held) {
    return CodeRows{held.front().views.data(), sizeof(Held), 3};
  };
  // Of each row the first and the last: the middle one is nobody's.
  std::vector<Held> held(200), held_others(150);
  std::vector<std::uint32_t> numbers, numbers_of_others;
  for (std::uint32_t i = 0; i < codes.size(); ++i) {
    held[i / 2].views[i % 2 * 2] = codes[i];
    numbers.push_back(i / 2 * 3 + i % 2 * 2);
  }
  for (std::uint32_t i = 0; i < others.size(); ++i) {
    held_others[i / 2].views[i % 2 * 2] = others[i];
    numbers_of_others.push_back(i / 2 * 3 + i % 2 * 2);
  }
  const CodeList scattered(rows_of(held), numbers), scattered_others(rows_of(held_others), numbers_of_others);
  REQUIRE(scattered.size() == codes.size());
  const auto alone = near_pairs(scattered, 31, Pool(1), {}, no_hubs);
  REQUIRE(alone);
  CHECK(alone->pairs == every_pair(codes, 31));
  const auto both = near_pairs(scattered, scattered_others, 60, Pool(1), {}, no_hubs);
  REQUIRE(both);
  CHECK(both->pairs == every_pair(codes, others, 60));
}
