#include "vetset/dataset/slices.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vetset/base/random.h"

namespace vetset {
namespace {

using Bits = std::vector<std::uint64_t>;

/// One level of one factor, and who is of it.
struct Predicate {
  FactorLevel of;
  Bits items;
  double size = 0, error = 0, worst = 0;
};

/// A sum of errors over items that bits name.
struct Sum {
  double size = 0, error = 0, worst = 0;
};

/// The errors of all items, as they are or dealt out anew.
struct Errors {
  std::vector<double> values;
  Bits wrong;  // where all errors are 0 or 1
  bool binary = true;
  double total = 0, mean = 0;

  explicit Errors(std::vector<double> of) : values(std::move(of)) { settle(); }
  void settle() {
    binary = std::all_of(values.begin(), values.end(), [](double e) { return e == 0 || e == 1; });
    wrong.assign((values.size() + 63) / 64, 0);
    total = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      total += values[i];
      if (values[i] > 0) wrong[i / 64] |= 1ULL << (i % 64);
    }
    mean = values.empty() ? 0 : total / static_cast<double>(values.size());
  }

  /// Of the items that all of `parts` have.
  template <std::size_t N>
  Sum of(const Bits* const (&parts)[N]) const {
    std::uint64_t size = 0, errors = 0;
    Sum sum;
    for (std::size_t w = 0; w < wrong.size(); ++w) {
      std::uint64_t bits = (*parts[0])[w];
      for (std::size_t p = 1; p < N; ++p) bits &= (*parts[p])[w];
      size += static_cast<unsigned>(__builtin_popcountll(bits));
      bits &= wrong[w];
      errors += static_cast<unsigned>(__builtin_popcountll(bits));
      for (; !binary && bits != 0; bits &= bits - 1) {
        const double error = values[w * 64 + static_cast<unsigned>(__builtin_ctzll(bits))];
        sum.error += error;
        sum.worst = std::max(sum.worst, error);
      }
    }
    sum.size = static_cast<double>(size);
    if (binary) sum.error = static_cast<double>(errors), sum.worst = errors > 0;
    return sum;
  }
};

class Search {
 public:
  Search(const SliceQuestion& q, std::vector<Predicate> predicates, std::uint64_t least)
      : q_(q), predicates_(std::move(predicates)), least_(static_cast<double>(least)) {}

  /// Slices better than `floor`, the best ones first; at most `most`.
  std::vector<Slice> best(const Errors& errors, std::size_t most, double floor) {
    errors_ = &errors;
    most_ = most;
    floor_ = floor;
    best_.clear();
    looked_at_ = 0;
    all_ = static_cast<double>(errors.values.size());
    if (errors.total <= 0) return {};
    std::vector<std::uint32_t> alive;
    for (std::uint32_t p = 0; p < predicates_.size(); ++p) {
      Predicate& one = predicates_[p];
      const Bits* const parts[] = {&one.items};
      const Sum sum = errors.of(parts);
      one.size = sum.size, one.error = sum.error, one.worst = sum.worst;
      offer({p}, sum);
      if (q_.depth > 1 && sum.size >= least_) alive.push_back(p);
    }
    join_pairs(alive);
    return std::move(best_);
  }
  std::uint64_t looked_at() const { return looked_at_; }

 private:
  double score(double size, double error) const {
    return q_.alpha * (error / size / errors_->mean - 1) - (1 - q_.alpha) * (all_ / size - 1);
  }

  /// No slice inside one of that size, with that sum of errors and that worst one, scores higher: the score rises with
  /// the size while all errors may still be the worst, and has its best at one of the ends from there on.
  double bound(double size, double error, double worst) const {
    if (size < least_ || error <= 0) return -1e300;
    const double full = std::clamp(error / worst, least_, size);
    double most = -1e300;
    for (const double s : {least_, full, size}) most = std::max(most, score(s, std::min(s * worst, error)));
    return most;
  }

  double threshold() const { return best_.size() < most_ ? floor_ : std::max(floor_, best_.back().score); }

  void offer(std::vector<std::uint32_t> parts, const Sum& sum) {
    ++looked_at_;
    if (sum.size < least_ || sum.error <= 0) return;
    const double own = score(sum.size, sum.error);
    if (own < floor_ || own <= 0 || (best_.size() == most_ && own < best_.back().score)) return;
    Slice slice{.items = static_cast<std::uint64_t>(sum.size), .error = sum.error / sum.size, .score = own};
    for (const std::uint32_t p : parts) slice.levels.push_back(predicates_[p].of);
    const auto better = [](const Slice& a, const Slice& b) {
      if (a.score != b.score) return a.score > b.score;
      if (a.items != b.items) return a.items > b.items;
      return a.levels.size() < b.levels.size();
    };
    best_.insert(std::upper_bound(best_.begin(), best_.end(), slice, better), std::move(slice));
    if (best_.size() > most_) best_.pop_back();
  }

  bool may_hold_better(double size, double error, double worst) const {
    const double most = bound(size, error, worst), needed = threshold();
    return most > needed || (most == needed && best_.size() < most_);
  }

  void join_pairs(const std::vector<std::uint32_t>& alive) {
    const std::size_t n = predicates_.size();
    std::vector<bool> joined(n * n);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (std::size_t k = 0; k < alive.size(); ++k)
      for (std::size_t l = k + 1; l < alive.size(); ++l) {
        const Predicate &a = predicates_[alive[k]], &b = predicates_[alive[l]];
        if (a.of.factor == b.of.factor) continue;
        if (!may_hold_better(std::min(a.size, b.size), std::min(a.error, b.error), std::min(a.worst, b.worst)))
          continue;
        const Bits* const parts[] = {&a.items, &b.items};
        const Sum sum = errors_->of(parts);
        offer({alive[k], alive[l]}, sum);
        if (q_.depth < 3 || !may_hold_better(sum.size, sum.error, sum.worst)) continue;
        joined[alive[k] * n + alive[l]] = true;
        pairs.emplace_back(alive[k], alive[l]);
      }
    for (const auto& [a, b] : pairs)
      for (std::uint32_t c = b + 1; c < n; ++c) {
        // What holds no better slice as a pair holds none as a part of three.
        if (!joined[a * n + c] || !joined[b * n + c]) continue;
        const Bits* const parts[] = {&predicates_[a].items, &predicates_[b].items, &predicates_[c].items};
        offer({a, b, c}, errors_->of(parts));
      }
  }

  const SliceQuestion& q_;
  std::vector<Predicate> predicates_;
  double least_;
  const Errors* errors_ = nullptr;
  std::size_t most_ = 0;
  double floor_ = 0, all_ = 0;
  std::vector<Slice> best_;
  std::uint64_t looked_at_ = 0;
};

std::vector<Predicate> predicates_of(const SliceQuestion& q, std::span<const std::uint32_t> order, double least) {
  std::vector<Predicate> all;
  for (std::uint32_t f = 0; f < q.factors.size(); ++f) {
    const Factor& factor = q.factors[f];
    std::vector<std::uint64_t> counts(factor.names.size());
    for (const std::uint32_t level : factor.levels)
      if (level != Factor::unknown) ++counts[level];
    for (std::uint32_t l = 0; l < counts.size(); ++l) {
      if (static_cast<double>(counts[l]) < least || counts[l] == order.size()) continue;
      Predicate one{.of = {f, l}, .items = Bits((order.size() + 63) / 64)};
      for (std::size_t k = 0; k < order.size(); ++k)
        if (factor.levels[order[k]] == l) one.items[k / 64] |= 1ULL << (k % 64);
      all.push_back(std::move(one));
    }
  }
  return all;
}

/// Errors dealt out anew: whole groups of items change places, so that what is alike within one stays together.
std::vector<double> dealt(const std::vector<double>& errors, std::span<const std::uint32_t> begins, Random& random) {
  std::vector<std::uint32_t> order(begins.size() - 1);
  std::iota(order.begin(), order.end(), 0U);
  for (auto k = static_cast<std::uint32_t>(order.size()); k > 1; --k) std::swap(order[k - 1], order[random.below(k)]);
  std::vector<double> moved;
  moved.reserve(errors.size());
  for (const std::uint32_t g : order)
    moved.insert(moved.end(), errors.begin() + begins[g], errors.begin() + begins[g + 1]);
  return moved;
}

}  // namespace

Slices find_slices(const SliceQuestion& q) {
  const std::size_t n = q.errors.size();
  Slices found{.items = n, .least = q.least, .draws = q.draws};
  if (found.least == 0) found.least = std::max<std::uint64_t>(32, (n + 99) / 100);
  // Items stand group by group.
  std::vector<std::uint32_t> order(n), begins;
  std::iota(order.begin(), order.end(), 0U);
  const auto group = [&](std::uint32_t i) { return q.groups.empty() ? i : q.groups[i]; };
  if (!q.groups.empty())
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return group(a) < group(b); });
  for (std::uint32_t k = 0; k < n; ++k)
    if (k == 0 || group(order[k - 1]) != group(order[k])) begins.push_back(k);
  begins.push_back(static_cast<std::uint32_t>(n));
  std::vector<double> values;
  for (const std::uint32_t i : order) values.push_back(q.errors[i]);

  const Errors errors(values);
  found.error = errors.mean;
  Search search(q, predicates_of(q, order, static_cast<double>(found.least)), found.least);
  found.best = search.best(errors, q.best, 0);
  found.looked_at = search.looked_at();
  for (Slice& slice : found.best) {
    std::uint32_t last = 0xffffffffU;
    for (const std::uint32_t i : order) {
      const bool inside = std::all_of(slice.levels.begin(), slice.levels.end(),
                                      [&](const FactorLevel& l) { return q.factors[l.factor].levels[i] == l.level; });
      if (!inside || group(i) == last) continue;
      last = group(i);
      ++slice.groups;
    }
  }
  if (found.best.empty() || q.draws == 0) return found;
  Random random(q.seed);
  std::vector<double> tops;
  for (unsigned draw = 0; draw < q.draws; ++draw) {
    const Errors anew(dealt(values, begins, random));
    const std::vector<Slice> top = search.best(anew, 1, found.best.back().score);
    tops.push_back(top.empty() ? -1e300 : top.front().score);
  }
  for (Slice& slice : found.best) {
    const auto as_high = std::count_if(tops.begin(), tops.end(), [&](double s) { return s >= slice.score - 1e-12; });
    slice.chance = static_cast<double>(as_high + 1) / (q.draws + 1.0);
  }
  return found;
}

}  // namespace vetset
