#include "vetset/check/contract_tuples.h"

#include <algorithm>
#include <cmath>

#include "vetset/base/result.h"

namespace vetset {

bool Constraints::concerns(std::size_t factor) const {
  for (const auto& parts : forbidden_)
    for (const Part& part : parts)
      if (part.factor == factor) return true;
  return false;
}

bool Constraints::possible(std::vector<std::int32_t> levels) const {
  std::uint32_t steps = 0;
  return extend(levels, steps);
}

bool Constraints::extend(std::vector<std::int32_t>& levels, std::uint32_t& steps) const {
  constexpr std::uint32_t most_steps = 100'000;  // beyond it a combination is taken to be possible
  if (++steps > most_steps) return true;
  std::size_t branch = levels.size();
  for (const auto& parts : forbidden_) {
    bool alive = true;  // all that is said of it holds
    std::size_t open_factor = levels.size();
    for (const Part& part : parts) {
      const std::int32_t level = levels[part.factor];
      if (level == open && sizes_[part.factor] > 0)
        open_factor = part.factor;
      else if (level == open || !part.levels[static_cast<std::size_t>(level)])
        alive = false;
    }
    if (!alive) continue;
    if (open_factor == levels.size()) return false;
    branch = open_factor;
  }
  if (branch == levels.size()) return true;
  for (std::size_t level = 0; level < sizes_[branch]; ++level) {
    levels[branch] = static_cast<std::int32_t>(level);
    if (extend(levels, steps)) return true;
  }
  levels[branch] = open;
  return false;
}

std::size_t tuple_slots(std::span<const TupleColumn> columns) {
  std::size_t slots = 1;
  for (const TupleColumn& c : columns) {
    if (slots > most_slots) return slots;
    slots *= c.size + 1;
  }
  return slots;
}

namespace {

/// Calls with the slot of each row. Columns are few and known by their count, so that the inner loop has no other.
template <std::size_t t, class Take>
void for_each_slot(std::span<const TupleColumn> columns, std::size_t rows, const Take& take) {
  const std::uint16_t* level[t];
  std::size_t step[t];
  for (std::size_t k = t, size = 1; k-- > 0; size *= columns[k].size + 1) {
    level[k] = columns[k].levels.data();
    step[k] = size;
  }
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t slot = level[t - 1][row];
    for (std::size_t k = 0; k + 1 < t; ++k) slot += level[k][row] * step[k];
    take(row, slot);
  }
}

template <std::size_t t>
void count(std::span<const TupleColumn> columns, std::span<const std::uint32_t> units,
           std::vector<std::uint32_t>& counts) {
  const std::size_t rows = columns.front().levels.size();
  if (units.empty()) {
    for_each_slot<t>(columns, rows, [&](std::size_t, std::size_t slot) { ++counts.data()[slot]; });
    return;
  }
  std::vector<std::uint32_t> last(counts.size(), 0xffffffffU);
  for_each_slot<t>(columns, rows, [&](std::size_t row, std::size_t slot) {
    const std::uint32_t unit = units.data()[row];
    counts.data()[slot] += last.data()[slot] != unit ? 1U : 0U;
    last.data()[slot] = unit;
  });
}

}  // namespace

std::vector<std::uint32_t> count_tuples(std::span<const TupleColumn> columns, std::span<const std::uint32_t> units) {
  const std::size_t slots = tuple_slots(columns);
  VETSET_ASSERT(slots <= most_slots, "the caller has looked at tuple_slots");
  std::vector<std::uint32_t> counts(slots);
  switch (columns.size()) {
    case 1: count<1>(columns, units, counts); break;
    case 2: count<2>(columns, units, counts); break;
    case 3: count<3>(columns, units, counts); break;
    case 4: count<4>(columns, units, counts); break;
    default: VETSET_ASSERT(false, "combinations are of one to four factors");
  }
  return counts;
}

void for_each_tuple(std::span<const TupleColumn> columns,
                    const std::function<void(std::span<const std::uint16_t>, std::size_t)>& call) {
  for (const TupleColumn& c : columns)
    if (c.size == 0) return;
  std::vector<std::uint16_t> levels(columns.size());
  for (;;) {
    std::size_t slot = 0;
    for (std::size_t k = 0; k < columns.size(); ++k) slot = slot * (columns[k].size + 1) + levels[k];
    call(levels, slot);
    std::size_t k = columns.size();
    while (k > 0 && levels[k - 1] + std::size_t{1} == columns[k - 1].size) levels[--k] = 0;
    if (k == 0) return;
    ++levels[k - 1];
  }
}

void for_each_choice(std::size_t n, unsigned t, const std::function<void(std::span<const std::size_t>)>& call) {
  if (t > n) return;
  std::vector<std::size_t> chosen(t);
  for (unsigned k = 0; k < t; ++k) chosen[k] = k;
  for (;;) {
    call(chosen);
    unsigned k = t;
    while (k > 0 && chosen[k - 1] == n - t + (k - 1)) --k;
    if (k == 0) return;
    ++chosen[k - 1];
    for (; k < t; ++k) chosen[k] = chosen[k - 1] + 1;
  }
}

double chance_covered(double valid, double n, double least) {
  if (valid <= 0) return 0;
  if (valid <= 1) return n >= least ? 1 : 0;
  const double p = 1 / valid;
  double term = n * std::log1p(-p), missed = 0;  // of exactly j draws, as a logarithm
  for (double j = 0; j < least && j <= n; ++j) {
    missed += std::exp(term);
    term += std::log(n - j) - std::log(j + 1) + std::log(p) - std::log1p(-p);
  }
  return std::max(0.0, 1 - missed);
}

}  // namespace vetset
