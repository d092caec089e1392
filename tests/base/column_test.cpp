#include "vetset/base/column.h"

#include <doctest/doctest.h>

#include <vector>

using vetset::Column;

namespace {

const std::vector<int> twin = {1, 2, 3, 4, 5};

std::vector<int> values(const Column<int>& column) { return {column.begin(), column.end()}; }

/// Appended in pieces, as readers do.
Column<int> appended(const std::vector<std::vector<int>>& pieces) {
  Column<int> column;
  column.expect(twin);
  for (const std::vector<int>& piece : pieces) column.append(piece);
  return column;
}

}  // namespace

TEST_CASE("what comes as expected is not held twice") {
  const Column<int> column = appended({{1, 2}, {}, {3, 4, 5}});
  CHECK(values(column) == twin);
  CHECK(column.data() == twin.data());
}

TEST_CASE("what comes otherwise is held as it came, and the twin stays as it is") {
  for (const std::vector<std::vector<int>>& pieces : std::vector<std::vector<std::vector<int>>>{
           {{1, 2}, {3, 9}, {5}}, {{9}}, {{1, 2, 3, 4, 5}, {6}}, {{1, 2}, {3, 4, 5, 6}}}) {
    std::vector<int> expected;
    for (const auto& piece : pieces) expected.insert(expected.end(), piece.begin(), piece.end());
    const Column<int> column = appended(pieces);
    CHECK(values(column) == expected);
    CHECK(column.data() != twin.data());
    CHECK(twin == std::vector<int>{1, 2, 3, 4, 5});
  }
}

TEST_CASE("a column that shares memory lets go of it before it is changed") {
  const auto change = [](auto&& how) {
    Column<int> column = appended({{1, 2, 3}});
    how(column);
    CHECK(twin == std::vector<int>{1, 2, 3, 4, 5});
    return values(column);
  };
  CHECK(change([](Column<int>& c) { c.push_back(7); }) == std::vector<int>{1, 2, 3, 7});
  CHECK(change([](Column<int>& c) { c.resize(5, 8); }) == std::vector<int>{1, 2, 3, 8, 8});
  CHECK(change([](Column<int>& c) { c.resize(1), c.push_back(7); }) == std::vector<int>{1, 7});
  CHECK(change([](Column<int>& c) { c.clear(), c.push_back(7); }) == std::vector<int>{7});
  CHECK(change([](Column<int>& c) { c.reserve(100), c.push_back(7); }) == std::vector<int>{1, 2, 3, 7});
  CHECK(change([](Column<int>& c) {
          Column<int> moved = std::move(c);
          moved.push_back(7), c = moved;
        }) == std::vector<int>{1, 2, 3, 7});
  CHECK(change([](Column<int>& c) {
          Column<int> copy = c;
          copy[0] = 7, c = copy;
        }) == std::vector<int>{7, 2, 3});
}
