#include "vetset/dataset/assignment.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "vetset/base/union_find.h"

namespace vetset {
namespace {

constexpr std::size_t most_exact = 400;

/// A dense matrix of costs, one row a member of the first set; rows ≤ columns.
struct Costs {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  double at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
};

/// The column of each row: shortest augmenting paths with potentials, rows × rows × columns steps.
std::vector<std::size_t> cheapest_columns(const Costs& costs) {
  constexpr double far = std::numeric_limits<double>::infinity();
  const std::size_t n = costs.rows, m = costs.columns;
  // Row and column 0 stand for "nobody"; the others count from 1.
  std::vector<double> of_row(n + 1, 0), of_column(m + 1, 0), least(m + 1);
  std::vector<std::size_t> row_of(m + 1, 0), way(m + 1, 0);
  std::vector<bool> used(m + 1);
  for (std::size_t row = 1; row <= n; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::fill(least.begin(), least.end(), far);
    std::fill(used.begin(), used.end(), false);
    do {
      used[column] = true;
      const std::size_t from = row_of[column];
      double step = far;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= m; ++j) {
        if (used[j]) continue;
        const double reduced = costs.at(from - 1, j - 1) - of_row[from] - of_column[j];
        if (reduced < least[j]) least[j] = reduced, way[j] = column;
        if (least[j] < step) step = least[j], next = j;
      }
      for (std::size_t j = 0; j <= m; ++j) {
        if (used[j]) {
          of_row[row_of[j]] += step;
          of_column[j] -= step;
        } else {
          least[j] -= step;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    for (; column != 0; column = way[column]) row_of[column] = row_of[way[column]];
  }
  std::vector<std::size_t> column_of(n, m);
  for (std::size_t j = 1; j <= m; ++j)
    if (row_of[j] != 0) column_of[row_of[j] - 1] = j - 1;
  return column_of;
}

std::vector<std::uint32_t> members(std::span<const Partners> pairs, std::uint32_t Partners::* side) {
  std::vector<std::uint32_t> all;
  for (const Partners& p : pairs) all.push_back(p.*side);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::size_t place_of(const std::vector<std::uint32_t>& all, std::uint32_t one) {
  return static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), one) - all.begin());
}

void assign_exactly(std::span<const Partners> pairs, const std::vector<std::uint32_t>& rows,
                    const std::vector<std::uint32_t>& columns, std::vector<Partners>& out) {
  constexpr double alone = 2;  // a row, and the column that it leaves alone
  constexpr double never = 4;
  // Each row has a column of its own, in which it stays alone.
  Costs costs{rows.size(), columns.size() + rows.size(), {}};
  costs.values.assign(costs.rows * costs.columns, never);
  for (std::size_t r = 0; r < rows.size(); ++r) costs.values[r * costs.columns + columns.size() + r] = alone;
  for (const Partners& p : pairs)
    costs.values[place_of(rows, p.first) * costs.columns + place_of(columns, p.second)] = p.cost;
  const std::vector<std::size_t> column_of = cheapest_columns(costs);
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (column_of[r] < columns.size()) out.push_back({rows[r], columns[column_of[r]], costs.at(r, column_of[r])});
}

void assign_greedily(std::vector<Partners> pairs, const std::vector<std::uint32_t>& rows,
                     const std::vector<std::uint32_t>& columns, std::vector<Partners>& out) {
  std::sort(pairs.begin(), pairs.end(), [](const Partners& a, const Partners& b) {
    return std::tie(a.cost, a.first, a.second) < std::tie(b.cost, b.first, b.second);
  });
  std::vector<bool> row_taken(rows.size()), column_taken(columns.size());
  for (const Partners& p : pairs) {
    const std::size_t row = place_of(rows, p.first), column = place_of(columns, p.second);
    if (row_taken[row] || column_taken[column]) continue;
    row_taken[row] = column_taken[column] = true;
    out.push_back(p);
  }
}

}  // namespace

std::vector<Partners> assigned(std::span<const Partners> pairs) {
  std::vector<Partners> out;
  if (pairs.empty()) return out;
  const std::vector<std::uint32_t> firsts = members(pairs, &Partners::first),
                                   seconds = members(pairs, &Partners::second);
  // What hangs together is small where boxes are many.
  UnionFind together(firsts.size() + seconds.size());
  for (const Partners& p : pairs)
    together.join(static_cast<std::uint32_t>(place_of(firsts, p.first)),
                  static_cast<std::uint32_t>(firsts.size() + place_of(seconds, p.second)));
  std::vector<std::pair<std::uint32_t, std::size_t>> order;  // root, pair
  for (std::size_t k = 0; k < pairs.size(); ++k)
    order.emplace_back(together.root(static_cast<std::uint32_t>(place_of(firsts, pairs[k].first))), k);
  std::sort(order.begin(), order.end());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    std::vector<Partners> part;
    for (; end < order.size() && order[end].first == order[begin].first; ++end)
      part.push_back(pairs[order[end].second]);
    begin = end;
    const std::vector<std::uint32_t> rows = members(part, &Partners::first), columns = members(part, &Partners::second);
    if (rows.size() > most_exact || columns.size() > most_exact)
      assign_greedily(std::move(part), rows, columns, out);
    else
      assign_exactly(part, rows, columns, out);
  }
  std::sort(out.begin(), out.end(), [](const Partners& a, const Partners& b) { return a.first < b.first; });
  return out;
}

}  // namespace vetset
