#include "vetset/dataset/uneven_slices.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "vetset/base/statistics.h"

namespace vetset {
namespace {

using Bits = std::vector<std::uint64_t>;

void set(Bits& bits, std::size_t at) { bits[at / 64] |= std::uint64_t{1} << (at % 64); }

std::uint64_t count(const Bits& a) {
  std::uint64_t all = 0;
  for (const std::uint64_t word : a) all += static_cast<unsigned>(__builtin_popcountll(word));
  return all;
}
std::uint64_t count(const Bits& a, const Bits& b) {
  std::uint64_t all = 0;
  for (std::size_t w = 0; w < a.size(); ++w) all += static_cast<unsigned>(__builtin_popcountll(a[w] & b[w]));
  return all;
}
void meet(const Bits& a, const Bits& b, Bits& out) {
  for (std::size_t w = 0; w < a.size(); ++w) out[w] = a[w] & b[w];
}

/// Who of all items, and who of those that tests count.
struct Members {
  Bits all, judged;
};

/// One level of one factor.
struct Level {
  FactorLevel of;
  Members who;
};

/// Items inside and outside, with the mark and without.
struct Table {
  std::uint64_t inside = 0, marked = 0, all = 0, all_marked = 0;

  /// The correlation of being inside and being marked; 0 where either is all or none.
  double phi() const {
    const auto a = static_cast<double>(marked), n = static_cast<double>(all), i = static_cast<double>(inside),
               m = static_cast<double>(all_marked);
    const double spread = i * (n - i) * m * (n - m);
    return spread > 0 ? (a * n - i * m) / std::sqrt(spread) : 0;
  }
};

/// Fisher's exact test. Sums from the count that was seen outwards, so that a tiny chance keeps its digits.
class ExactTest {
 public:
  explicit ExactTest(std::size_t most) : logs_(most + 1) {
    for (std::size_t k = 1; k <= most; ++k) logs_[k] = logs_[k - 1] + std::log(static_cast<double>(k));
  }
  double at_most(const Table& t) const { return tail(t, -1); }
  double at_least(const Table& t) const { return tail(t, 1); }
  double two_sided(const Table& t) const { return std::min(1.0, 2 * std::min(at_most(t), at_least(t))); }

 private:
  double choose(std::uint64_t n, std::uint64_t k) const { return logs_[n] - logs_[k] - logs_[n - k]; }
  double tail(const Table& t, int step) const {
    const std::uint64_t low = t.inside + t.all_marked > t.all ? t.inside + t.all_marked - t.all : 0;
    const std::uint64_t high = std::min(t.inside, t.all_marked);
    double sum = 0;
    for (std::uint64_t k = t.marked;; k = step > 0 ? k + 1 : k - 1) {
      const double term =
          std::exp(choose(t.all_marked, k) + choose(t.all - t.all_marked, t.inside - k) - choose(t.all, t.inside));
      sum += term;
      if (k == (step > 0 ? high : low)) break;
      // Beyond the mode terms fall faster and faster: what is left is less than can be seen.
      const double middle =
          static_cast<double>(t.inside) * static_cast<double>(t.all_marked) / static_cast<double>(t.all);
      const bool past = step > 0 ? static_cast<double>(k) > middle : static_cast<double>(k) < middle;
      if (past && term < sum * 1e-18) break;
    }
    return std::min(1.0, sum);
  }
  std::vector<double> logs_;
};

class Items {
 public:
  explicit Items(const UnevenQuestion& q) : size_(q.factors.empty() ? 0 : q.factors.front().size()) {
    everyone_ = Bits((size_ + 63) / 64);
    judged_ = everyone_;
    for (std::size_t k = 0; k < size_; ++k) set(everyone_, k);
    for (const std::uint32_t k : q.judged) set(judged_, k);
    least_ = q.least > 0 ? q.least : std::max<std::uint64_t>(32, (size_ + 99) / 100);
  }
  std::uint64_t least() const { return least_; }
  std::size_t size() const { return size_; }
  const Bits& everyone() const { return everyone_; }
  const Bits& judged() const { return judged_; }
  Bits none() const { return Bits(everyone_.size()); }

  Members members(Bits all) const {
    Members who{std::move(all), none()};
    meet(who.all, judged_, who.judged);
    return who;
  }

  /// Levels that enough items have, but not all of them.
  std::vector<Level> levels(std::span<const Factor> factors) const {
    std::vector<Level> found;
    for (std::uint32_t f = 0; f < factors.size(); ++f) {
      std::vector<Bits> of(factors[f].names.size(), none());
      for (std::size_t k = 0; k < size_; ++k)
        if (const std::uint32_t level = factors[f].levels[k]; level != Factor::unknown) set(of[level], k);
      for (std::uint32_t l = 0; l < of.size(); ++l)
        if (const std::uint64_t n = count(of[l]); n >= least_ && n < size_)
          found.push_back({{f, l}, members(std::move(of[l]))});
    }
    return found;
  }

 private:
  std::size_t size_;
  Bits everyone_, judged_;
  std::uint64_t least_ = 0;
};

/// A mark over items, and how many are asked at all.
struct Marked {
  Members yes, asked;
  std::uint64_t all = 0, all_yes = 0, judged = 0, judged_yes = 0;
};

Marked marked(const Items& items, const ItemMark& mark) {
  Bits yes = items.none(), asked = items.none();
  for (std::size_t k = 0; k < mark.of.size(); ++k) {
    if (mark.of[k] == ItemMark::yes) set(yes, k);
    if (mark.of[k] != ItemMark::not_asked) set(asked, k);
  }
  Marked made{items.members(std::move(yes)), items.members(std::move(asked))};
  made.all = count(made.asked.all);
  made.all_yes = count(made.yes.all);
  made.judged = count(made.asked.judged);
  made.judged_yes = count(made.yes.judged);
  return made;
}

bool is_inside(const std::vector<FactorLevel>& slice, const std::vector<FactorLevel>& wider) {
  return std::all_of(wider.begin(), wider.end(), [&](const FactorLevel& level) {
    return std::find(slice.begin(), slice.end(), level) != slice.end();
  });
}

/// Whether all factors of one are among those of the other.
bool is_of(const std::vector<FactorLevel>& slice, const std::vector<FactorLevel>& wider) {
  return std::all_of(slice.begin(), slice.end(), [&](const FactorLevel& level) {
    return std::any_of(wider.begin(), wider.end(), [&](const FactorLevel& l) { return l.factor == level.factor; });
  });
}

/// Whether a slice says of a mark what another has said: it lies in that one or around it, or it is the other side of
/// it (rarer by day, where it is commoner at night).
bool repeats(const UnevenSlice& slice, const UnevenSlice& other) {
  if (slice.mark != other.mark) return false;
  if (is_inside(slice.levels, other.levels) || is_inside(other.levels, slice.levels)) return true;
  return (slice.effect < 0) != (other.effect < 0) &&
         (is_of(slice.levels, other.levels) || is_of(other.levels, slice.levels));
}

class UnevenSearch {
 public:
  explicit UnevenSearch(const UnevenQuestion& q) : q_(q), items_(q), test_(items_.size()) {
    for (const ItemMark& mark : q.marks) marks_.push_back(marked(items_, mark));
  }

  UnevenSlices run() {
    const std::vector<Level> levels = items_.levels(q_.factors);
    for (const Level& one : levels)
      if (one.of.factor >= q_.own) look({one.of}, one.who);
    Members both{items_.none(), items_.none()};
    for (std::size_t a = 0; q_.depth > 1 && a < levels.size(); ++a)
      for (std::size_t b = a + 1; b < levels.size(); ++b) {
        if (levels[a].of.factor == levels[b].of.factor || levels[b].of.factor < q_.own) continue;
        meet(levels[a].who.all, levels[b].who.all, both.all);
        if (count(both.all) < items_.least()) continue;
        meet(both.all, items_.judged(), both.judged);
        look({levels[a].of, levels[b].of}, both);
      }
    return told();
  }

 private:
  void look(std::vector<FactorLevel> levels, const Members& who) {
    for (std::size_t m = 0; m < marks_.size(); ++m) {
      const Marked& mark = marks_[m];
      const Table all{count(who.all, mark.asked.all), count(who.all, mark.yes.all), mark.all, mark.all_yes};
      if (all.inside < items_.least() || all.inside == all.all) continue;
      chances_.push_back(1);
      const double effect = all.phi();
      if (levels.size() == 1) alone_[{levels[0].factor, levels[0].level, m}] = effect;
      if (std::abs(effect) < q_.least_effect) continue;
      const Table judged{count(who.judged, mark.asked.judged), count(who.judged, mark.yes.judged), mark.judged,
                         mark.judged_yes};
      chances_.back() = test_.two_sided(judged);
      strong_.push_back({.levels = levels,
                         .mark = m,
                         .items = all.inside,
                         .marked = all.marked,
                         .others = all.all - all.inside,
                         .elsewhere = all.all_marked - all.marked,
                         .effect = effect,
                         .chance = chances_.back()});
      place_.push_back(chances_.size() - 1);
    }
  }

  UnevenSlices told() {
    UnevenSlices found{.best = {}, .looked_at = chances_.size(), .held = 0, .least = items_.least()};
    const std::vector<double> q = false_discovery_rates(chances_, true);
    for (std::size_t k = 0; k < strong_.size(); ++k) strong_[k].q = q[place_[k]];
    std::erase_if(strong_, [&](const UnevenSlice& s) { return s.q > q_.false_share; });
    found.held = strong_.size();
    std::stable_sort(strong_.begin(), strong_.end(), [](const UnevenSlice& a, const UnevenSlice& b) {
      return std::abs(a.effect) > std::abs(b.effect);
    });
    for (UnevenSlice& slice : strong_) {
      if (found.best.size() == q_.best) break;
      if (adds_little(slice)) continue;
      const bool is_new = std::none_of(found.best.begin(), found.best.end(),
                                       [&](const UnevenSlice& other) { return repeats(slice, other); });
      if (is_new) found.best.push_back(std::move(slice));
    }
    return found;
  }

  /// Whether one of its conditions says nearly as much by itself.
  bool adds_little(const UnevenSlice& slice) const {
    constexpr double more = 1.1;
    return slice.levels.size() > 1 &&
           std::any_of(slice.levels.begin(), slice.levels.end(), [&](const FactorLevel& level) {
             const auto one = alone_.find({level.factor, level.level, slice.mark});
             return one != alone_.end() && (one->second < 0) == (slice.effect < 0) &&
                    std::abs(slice.effect) < more * std::abs(one->second);
           });
  }

  const UnevenQuestion& q_;
  Items items_;
  ExactTest test_;
  std::vector<Marked> marks_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::size_t>, double> alone_;  // effects of single conditions
  std::vector<UnevenSlice> strong_;
  std::vector<std::size_t> place_;  // of these, among the chances
  std::vector<double> chances_;
};

/// Whether each level of one factor meets one level of the other alone.
bool settles(const Factor& one, const Factor& other) {
  std::vector<std::uint32_t> met(one.names.size(), Factor::unknown);
  for (std::size_t k = 0; k < one.levels.size(); ++k) {
    if (one.levels[k] == Factor::unknown || other.levels[k] == Factor::unknown) continue;
    std::uint32_t& level = met[one.levels[k]];
    if (level != Factor::unknown && level != other.levels[k]) return false;
    level = other.levels[k];
  }
  return true;
}

}  // namespace

UnevenSlices uneven_slices(const UnevenQuestion& question) {
  if (question.factors.empty()) return {};
  return UnevenSearch(question).run();
}

ThinSlices thin_slices(const UnevenQuestion& q) {
  if (q.factors.empty()) return {};
  const Items items(q);
  const ExactTest test(items.size());
  ThinSlices found{.best = {}, .looked_at = 0, .held = 0, .least = items.least()};
  std::vector<Members> known;
  for (const Factor& f : q.factors) {
    Bits of = items.none();
    for (std::size_t k = 0; k < f.levels.size(); ++k)
      if (f.levels[k] != Factor::unknown) set(of, k);
    known.push_back(items.members(std::move(of)));
  }
  const std::size_t factors = q.factors.size();
  std::vector<bool> tied(factors * factors);
  for (std::size_t a = 0; a < factors; ++a)
    for (std::size_t b = a + 1; b < factors; ++b)
      tied[a * factors + b] = settles(q.factors[a], q.factors[b]) || settles(q.factors[b], q.factors[a]);
  const std::vector<Level> levels = items.levels(q.factors);
  std::vector<double> chances;
  std::vector<ThinSlice> thin;
  std::vector<std::size_t> place;
  for (std::size_t a = 0; a < levels.size(); ++a)
    for (std::size_t b = a + 1; b < levels.size(); ++b) {
      const std::uint32_t one = levels[a].of.factor, other = levels[b].of.factor;
      if (one == other || tied[one * factors + other]) continue;
      const auto table = [&](const Bits& x, const Bits& y, const Bits& of_one, const Bits& of_other) {
        return Table{count(x, of_other), count(x, y), count(of_one, of_other), count(y, of_one)};
      };
      const Table all = table(levels[a].who.all, levels[b].who.all, known[one].all, known[other].all);
      if (all.all == 0) continue;
      const double expected =
          static_cast<double>(all.inside) * static_cast<double>(all.all_marked) / static_cast<double>(all.all);
      if (expected < static_cast<double>(items.least())) continue;
      chances.push_back(1);
      if (static_cast<double>(all.marked) * 2 > expected) continue;
      chances.back() =
          test.at_most(table(levels[a].who.judged, levels[b].who.judged, known[one].judged, known[other].judged));
      thin.push_back({{levels[a].of, levels[b].of}, all.marked, expected, chances.back(), 1});
      place.push_back(chances.size() - 1);
    }
  found.looked_at = chances.size();
  const std::vector<double> rates = false_discovery_rates(chances, true);
  for (std::size_t k = 0; k < thin.size(); ++k) thin[k].q = rates[place[k]];
  std::erase_if(thin, [&](const ThinSlice& s) { return s.q > q.false_share; });
  found.held = thin.size();
  std::stable_sort(thin.begin(), thin.end(), [](const ThinSlice& a, const ThinSlice& b) {
    return a.expected - static_cast<double>(a.items) > b.expected - static_cast<double>(b.items);
  });
  if (thin.size() > q.best) thin.resize(q.best);
  found.best = std::move(thin);
  return found;
}

}  // namespace vetset
