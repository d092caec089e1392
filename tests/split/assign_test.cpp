#include <doctest/doctest.h>

#include "tests/split/made.h"

namespace vetset {
namespace {

TEST_CASE("groups of very unlike sizes end within three hundredths of their shares") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    const MadeGroups made = make_groups(seed);
    const auto assignment = assign_groups(made.task);
    CHECK(mean_deviation(made.task, assignment) <= 0.03);
    for (const LabelBalance& b : balance_of(made.task, assignment))
      for (const double deviation : b.deviations) CHECK(deviation <= b.bound + 0.2);
  }
}

TEST_CASE("the same groups are placed the same way every time, and another seed places them otherwise") {
  MadeGroups made = make_groups(5, 2000, 12);
  const auto first = assign_groups(made.task);
  CHECK(assign_groups(made.task) == first);
  made.task.seed = 6;
  CHECK(assign_groups(made.task) != first);
}

TEST_CASE("a pinned group stays where it is, however uneven that is") {
  MadeGroups made = make_groups(7, 2000, 12);
  for (std::size_t g = 0; g < made.task.groups.size(); g += 3) made.task.groups[g].pinned = 2;
  const auto assignment = assign_groups(made.task);
  for (std::size_t g = 0; g < made.task.groups.size(); g += 3) CHECK(assignment[g] == 2);
}

TEST_CASE("a label that three groups have is in all three splits") {
  SplitTask task{.ratios = {80, 10, 10}, .labels = 2, .groups = {}, .seed = 1};
  for (std::uint32_t g = 0; g < 60; ++g) {
    SplitGroup group{.images = 5, .place = std::uint64_t{g} << 58};
    group.labels.push_back({.label = 0, .count = 7});
    if (g < 3) group.labels.push_back({.label = 1, .count = 2});
    task.groups.push_back(group);
  }
  const auto balances = balance_of(task, assign_groups(task));
  for (const std::int64_t count : balances[1].counts) CHECK(count == 2);
}

TEST_CASE("what no assignment can do is bounded: too few groups, or one above every share") {
  SplitTask task{.ratios = {50, 50}, .labels = 2, .groups = {}};
  task.groups.push_back({.images = 1, .labels = {{0, 9}, {1, 4}}});
  task.groups.push_back({.images = 1, .labels = {{0, 1}}});
  const auto balances = balance_of(task, assign_groups(task));
  CHECK(balances[0].bound == doctest::Approx(0.8));  // 9 of 10 where 5 are due
  CHECK(balances[1].bound == 1);                     // one group for two splits
}

TEST_CASE("a split without a ratio gets nothing") {
  MadeGroups made = make_groups(9, 1000, 5);
  made.task.ratios = {90, 0, 10};
  for (const std::uint32_t split : assign_groups(made.task)) CHECK(split != 1);
}

}  // namespace
}  // namespace vetset
