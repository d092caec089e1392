#include "vetset/dataset/set_difference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vetset/base/random.h"

namespace vetset {
namespace {

constexpr std::uint32_t no_unit = 0xffffffffU;
constexpr std::uint32_t listed_units = 256;        // a combination of more units is drawn by its size alone
constexpr std::size_t shuffled_units = 20'000;     // of more, each unit is drawn by itself
constexpr std::uint64_t dense_codes = 1ULL << 22;  // more codes than that are ranked first

/// What is moved as a whole when parts are divided anew: the records of one group in one part.
struct Units {
  std::vector<std::uint32_t> order;  // records that have a side, unit after unit
  std::vector<std::uint32_t> of;     // by record; no_unit: in both parts, or in none
  std::vector<bool> is_from;         // by unit
  std::size_t from = 0;
  double share() const {
    return static_cast<double>(from) / static_cast<double>(std::max<std::size_t>(is_from.size(), 1));
  }
};

Units units_of(const SetDifferenceQuestion& q) {
  Units units;
  units.of.assign(q.side.size(), no_unit);
  for (std::size_t i = 0; i < q.side.size(); ++i)
    if (q.side[i] != Side::neither) units.order.push_back(static_cast<std::uint32_t>(i));
  const auto key = [&](std::uint32_t i) { return std::pair(q.groups.empty() ? i : q.groups[i], q.side[i]); };
  if (!q.groups.empty())
    std::stable_sort(units.order.begin(), units.order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  for (std::size_t k = 0; k < units.order.size(); ++k) {
    const std::uint32_t i = units.order[k];
    if (q.side[i] == Side::both) continue;
    if (k == 0 || key(units.order[k - 1]) != key(i)) {
      units.is_from.push_back(q.side[i] == Side::from);
      units.from += q.side[i] == Side::from;
    }
    units.of[i] = static_cast<std::uint32_t>(units.is_from.size() - 1);
  }
  return units;
}

/// One combination that a part shows.
struct Shown {
  std::uint64_t from = 0, minus = 0;  // records
  std::uint32_t units = 0, from_units = 0, last = no_unit;
  bool fixed = false;   // shown by a record of both parts: divisions do not move it
  bool counts = false;  // shown at all, and allowed
};

/// Combinations that divisions can take out of `minus`.
struct Movable {
  std::vector<std::uint32_t> begin{0}, units;  // flat, of those with few units
  std::vector<double> large;                   // chance that all units of one with many are drawn for `from`
  std::uint64_t always = 0;                    // combinations in both parts whatever is drawn
};

/// Codes of the combination of each record of `order`, or ~0 where a value is not known.
std::vector<std::uint64_t> codes_of(const SetDifferenceQuestion& q, const Units& units,
                                    std::span<const std::uint32_t> subset) {
  std::vector<std::uint64_t> codes(units.order.size());
  for (const std::uint32_t f : subset) {
    const Factor& factor = q.factors[f];
    for (std::size_t k = 0; k < codes.size(); ++k) {
      const std::uint32_t level = factor.levels[units.order[k]];
      codes[k] = level == Factor::unknown || codes[k] == ~0ULL ? ~0ULL : codes[k] * factor.names.size() + level;
    }
  }
  return codes;
}

std::vector<FactorLevel> levels_of(const SetDifferenceQuestion& q, std::span<const std::uint32_t> subset,
                                   std::uint64_t code) {
  std::vector<FactorLevel> levels(subset.size());
  for (std::size_t k = subset.size(); k-- > 0;) {
    const std::uint64_t count = q.factors[subset[k]].names.size();
    levels[k] = {subset[k], static_cast<std::uint32_t>(code % count)};
    code /= count;
  }
  return levels;
}

class Counting {
 public:
  explicit Counting(const SetDifferenceQuestion& q) : q_(q), units_(units_of(q)) {}

  SetDifference counted() {
    std::vector<std::uint32_t> subset(q_.strength);
    std::iota(subset.begin(), subset.end(), 0U);
    const auto factors = static_cast<std::uint32_t>(q_.factors.size());
    while (factors >= subset.size() && !subset.empty()) {
      count(subset);
      std::size_t k = subset.size();
      while (k > 0 && subset[k - 1] == factors - (subset.size() - (k - 1))) --k;
      if (k == 0) break;
      ++subset[k - 1];
      for (; k < subset.size(); ++k) subset[k] = subset[k - 1] + 1;
    }
    if (q_.draws > 0) draw();
    return std::move(result_);
  }

 private:
  void count(std::span<const std::uint32_t> subset) {
    std::vector<std::uint64_t> codes = codes_of(q_, units_, subset);
    std::uint64_t most = 1;
    for (const std::uint32_t f : subset) most *= std::max<std::size_t>(q_.factors[f].names.size(), 1);
    std::vector<std::uint64_t> named;  // code of each rank, where codes were ranked
    if (most > dense_codes) {
      named = codes;
      std::sort(named.begin(), named.end());
      named.erase(std::unique(named.begin(), named.end()), named.end());
      if (!named.empty() && named.back() == ~0ULL) named.pop_back();
      for (std::uint64_t& code : codes)
        if (code != ~0ULL)
          code = static_cast<std::uint64_t>(std::lower_bound(named.begin(), named.end(), code) - named.begin());
      most = named.size();
    }
    shown_.assign(most, {});
    for (std::size_t k = 0; k < codes.size(); ++k) {
      if (codes[k] == ~0ULL) continue;
      Shown& shown = shown_[codes[k]];
      const std::uint32_t record = units_.order[k], unit = units_.of[record];
      const auto side = static_cast<unsigned>(q_.side[record]);
      shown.from += side & 1U;
      shown.minus += side >> 1U;
      if (unit == no_unit) shown.fixed = true;
      if (unit == no_unit || unit == shown.last) continue;
      shown.last = unit;
      ++shown.units;
      shown.from_units += units_.is_from[unit];
    }
    for (std::uint64_t c = 0; c < most; ++c) {
      Shown& shown = shown_[c];
      if (shown.from + shown.minus == 0) continue;
      std::vector<FactorLevel> levels;
      const bool missing = shown.from > 0 && shown.minus == 0;
      if (missing || q_.allowed) levels = levels_of(q_, subset, named.empty() ? c : named[c]);
      if (q_.allowed && !q_.allowed(levels)) continue;
      shown.counts = true;
      result_.combinations += shown.from > 0;
      result_.missing += missing;
      if (missing) keep({std::move(levels), shown.from, shown.from_units});
    }
    if (q_.draws > 0) note_movable(codes, most);
  }

  void keep(MissingCombination missing) {
    const auto more = [](const MissingCombination& a, const MissingCombination& b) {
      return std::pair(a.groups, a.records) > std::pair(b.groups, b.records);
    };
    auto& kept = result_.examples;
    kept.insert(std::upper_bound(kept.begin(), kept.end(), missing, more), std::move(missing));
    if (kept.size() > q_.most_examples) kept.pop_back();
  }

  void note_movable(const std::vector<std::uint64_t>& codes, std::uint64_t most) {
    std::vector<std::uint32_t> place(most, no_unit);
    for (std::uint64_t c = 0; c < most; ++c) {
      const Shown& shown = shown_[c];
      if (!shown.counts) continue;
      if (shown.fixed) {
        ++movable_.always;
      } else if (shown.units > listed_units) {
        movable_.large.push_back(std::pow(units_.share(), shown.units));
      } else {
        place[c] = movable_.begin.back();
        movable_.begin.push_back(movable_.begin.back() + shown.units);
      }
    }
    movable_.units.resize(movable_.begin.back());
    for (Shown& shown : shown_) shown.last = no_unit;
    for (std::size_t k = 0; k < codes.size(); ++k) {
      if (codes[k] == ~0ULL || place[codes[k]] == no_unit) continue;
      const std::uint32_t unit = units_.of[units_.order[k]];
      if (shown_[codes[k]].last == unit) continue;
      shown_[codes[k]].last = unit;
      movable_.units[place[codes[k]]++] = unit;
    }
  }

  double share_of_division(Random& random, std::vector<bool>& is_from) const {
    const auto n = static_cast<std::uint32_t>(is_from.size());
    const bool shuffled = n <= shuffled_units;
    for (std::uint32_t k = n; shuffled && k > 1; --k) {
      const std::uint32_t other = random.below(k);
      const bool moved = is_from[k - 1];
      is_from[k - 1] = is_from[other];
      is_from[other] = moved;
    }
    const std::uint64_t salt = random.bits();
    const double share = units_.share();
    const auto drawn = [&](std::uint32_t unit) {
      return shuffled ? is_from[unit] : Random(salt + unit * 0x9e3779b97f4a7c15ULL).unit() < share;
    };
    std::uint64_t combinations = movable_.always, missing = 0;
    for (std::size_t m = 0; m + 1 < movable_.begin.size(); ++m) {
      bool any_from = false, any_minus = false;
      for (std::uint32_t k = movable_.begin[m]; k < movable_.begin[m + 1] && !(any_from && any_minus); ++k)
        (drawn(movable_.units[k]) ? any_from : any_minus) = true;
      combinations += any_from;
      missing += any_from && !any_minus;
    }
    for (const double all_from : movable_.large) {
      ++combinations;
      missing += all_from > 1e-9 && random.unit() < all_from;
    }
    return combinations == 0 ? 0 : static_cast<double>(missing) / static_cast<double>(combinations);
  }

  void draw() {
    Random random(q_.seed);
    std::vector<bool> is_from = units_.is_from;
    std::vector<double> shares(q_.draws);
    for (double& share : shares) share = share_of_division(random, is_from);
    std::uint64_t as_large = 1;  // it is itself one of the divisions that there are
    for (const double share : shares) as_large += share >= result_.share() - 1e-12;
    result_.chance = static_cast<double>(as_large) / (q_.draws + 1.0);
    result_.expected = std::accumulate(shares.begin(), shares.end(), 0.0) / q_.draws;
    std::sort(shares.begin(), shares.end());
    result_.usual = shares[std::min<std::size_t>(shares.size() - 1, shares.size() * 95 / 100)];
  }

  const SetDifferenceQuestion& q_;
  Units units_;
  std::vector<Shown> shown_;
  Movable movable_;
  SetDifference result_;
};

}  // namespace

SetDifference set_difference(const SetDifferenceQuestion& question) { return Counting(question).counted(); }

}  // namespace vetset
