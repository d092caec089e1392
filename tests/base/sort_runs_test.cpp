// What is mostly in order comes out as std::stable_sort would have it.
#include "vetset/base/sort_runs.h"

#include <doctest/doctest.h>

#include <random>
#include <utility>

using namespace vetset;

TEST_CASE("few runs and many are sorted alike, and equal ones stay in order") {
  std::mt19937 random(7);
  for (const std::size_t runs : {0U, 1U, 2U, 3U, 5U, 31U, 32U, 33U, 200U}) {
    std::vector<std::pair<unsigned, unsigned>> numbers;
    for (std::size_t run = 0; run < runs; ++run) {
      const std::size_t begin = numbers.size();
      for (unsigned k = 0; k < 1 + run % 9; ++k) numbers.emplace_back(static_cast<unsigned>(random() % 40), 0U);
      std::sort(numbers.begin() + static_cast<std::ptrdiff_t>(begin), numbers.end());
      if (run % 2 == 1) std::reverse(numbers.begin() + static_cast<std::ptrdiff_t>(begin), numbers.end());
    }
    for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k].second = static_cast<unsigned>(k);
    auto expected = numbers;
    const auto before = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::stable_sort(expected.begin(), expected.end(), before);
    sort_runs(numbers.begin(), numbers.end(), before);
    CAPTURE(runs);
    CHECK(numbers == expected);
  }
}
