#include "vetset/split/assign.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "vetset/base/random.h"

namespace vetset {
namespace {

constexpr std::int64_t one = 1 << 16;        // a relative deviation of 1
constexpr std::int64_t most = 128 * one;     // beyond that all deviations are alike
constexpr std::int64_t absent = 1024 * one;  // squared: what a label costs that is missing where it could be

/// Counts of every label and of images in every split, and what they cost.
class Board {
 public:
  explicit Board(const SplitTask& task)
      : task_(task), splits_(task.ratios.size()), whole_(0), rows_(std::size_t{task.labels} + 1) {
    whole_ = std::accumulate(task.ratios.begin(), task.ratios.end(), std::int64_t{0});
    totals_.resize(rows_);
    required_.resize(rows_);
    counts_.resize(rows_ * splits_);
    costs_.resize(rows_ * splits_);
    std::vector<std::size_t> carriers(rows_);
    std::vector<std::uint8_t> seen(rows_);
    for (const SplitGroup& g : task.groups) {
      totals_[task.labels] += g.images;
      for (const LabelCount& l : g.labels) totals_[l.label] += l.count, ++carriers[l.label], seen[l.label] = 1;
    }
    const auto used = static_cast<std::size_t>(
        std::count_if(task.ratios.begin(), task.ratios.end(), [](std::uint32_t r) { return r > 0; }));
    for (std::size_t row = 0; row < task.labels; ++row) required_[row] = carriers[row] >= used;
    // As much as a quarter of the labels together: sizes are what people look at first.
    image_weight_ = std::max<std::int64_t>(1, std::count(seen.begin(), seen.end(), 1) / 4);
  }

  void place(const SplitGroup& g, std::uint32_t split) {
    counts_[task_.labels * splits_ + split] += g.images;
    for (const LabelCount& l : g.labels) counts_[l.label * splits_ + split] += l.count;
  }
  void settle() {
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t s = 0; s < splits_; ++s) costs_[row * splits_ + s] = cost(row, s, counts_[row * splits_ + s]);
  }

  /// What the sum changes by when `moved` goes from one split to another; counts may be negative, for exchanges.
  std::int64_t change(std::span<const LabelCount> moved, std::uint32_t from, std::uint32_t to) const {
    std::int64_t sum = 0;
    for (const LabelCount& m : moved) {
      const std::size_t a = m.label * splits_ + from, b = m.label * splits_ + to;
      sum += cost(m.label, from, counts_[a] - m.count) - costs_[a];
      sum += cost(m.label, to, counts_[b] + m.count) - costs_[b];
    }
    return sum;
  }
  void apply(std::span<const LabelCount> moved, std::uint32_t from, std::uint32_t to) {
    for (const LabelCount& m : moved) {
      const std::size_t a = m.label * splits_ + from, b = m.label * splits_ + to;
      counts_[a] -= m.count;
      counts_[b] += m.count;
      costs_[a] = cost(m.label, from, counts_[a]);
      costs_[b] = cost(m.label, to, counts_[b]);
    }
  }

 private:
  std::int64_t cost(std::size_t row, std::size_t split, std::int64_t count) const {
    const std::int64_t share = task_.ratios[split] * totals_[row];
    if (share == 0) return count == 0 ? 0 : absent * absent;  // a split without a ratio stays as it is pinned
    const std::int64_t off = (count * whole_ - share) * one / share;
    const std::int64_t bounded = std::clamp(off, -most, most);
    std::int64_t sum = bounded * bounded;
    if (row == task_.labels) sum *= image_weight_;
    if (count == 0 && required_[row]) sum += absent * absent;
    return sum;
  }

  const SplitTask& task_;
  std::size_t splits_;
  std::int64_t whole_;
  std::size_t rows_;  // labels, then images
  std::int64_t image_weight_ = 1;
  std::vector<std::int64_t> totals_;
  std::vector<std::uint8_t> required_;
  std::vector<std::int64_t> counts_, costs_;  // by row, split
};

class Search {
 public:
  explicit Search(const SplitTask& task) : task_(task), board_(task), random_(task.seed) {
    for (std::uint32_t s = 0; s < task.ratios.size(); ++s)
      if (task.ratios[s] > 0) open_.push_back(s);
    for (std::size_t g = 0; g < task.groups.size(); ++g) {
      of_.push_back(seed_of(task.groups[g]));
      board_.place(task.groups[g], of_.back());
      if (task.groups[g].pinned == SplitGroup::free) free_.push_back(static_cast<std::uint32_t>(g));
      // The row of images comes last; with it a group is one list.
      content_.push_back(task.groups[g].labels);
      content_.back().push_back({.label = task.labels, .count = task.groups[g].images});
    }
    board_.settle();
  }

  std::vector<std::uint32_t> run() {
    if (open_.size() < 2 || free_.empty()) return of_;
    wander();
    polish();
    return std::move(of_);
  }

 private:
  std::uint32_t seed_of(const SplitGroup& g) const {
    if (g.pinned != SplitGroup::free) return g.pinned;
    const std::uint64_t whole = std::accumulate(task_.ratios.begin(), task_.ratios.end(), std::uint64_t{0});
    const std::uint64_t at = (g.place >> 32) * whole >> 32;  // below `whole`
    std::uint64_t end = 0;
    std::uint32_t last = 0;
    for (std::uint32_t s = 0; s < task_.ratios.size(); ++s) {
      end += task_.ratios[s];
      if (task_.ratios[s] > 0) last = s;
      if (at < end) return s;
    }
    return last;
  }

  bool try_move(std::uint32_t g, std::uint32_t to) {
    const std::uint32_t from = of_[g];
    if (from == to || board_.change(content_[g], from, to) >= 0) return false;
    board_.apply(content_[g], from, to);
    of_[g] = to;
    return true;
  }
  bool try_exchange(std::uint32_t g, std::uint32_t h) {
    if (of_[g] == of_[h]) return false;
    difference_.clear();
    auto a = content_[g].begin(), b = content_[h].begin();
    const auto a_end = content_[g].end(), b_end = content_[h].end();
    while (a != a_end || b != b_end) {
      if (b == b_end || (a != a_end && a->label < b->label))
        difference_.push_back(*a++);
      else if (a == a_end || b->label < a->label)
        difference_.push_back({.label = b->label, .count = -b->count}), ++b;
      else {
        if (a->count != b->count) difference_.push_back({.label = a->label, .count = a->count - b->count});
        ++a, ++b;
      }
    }
    if (board_.change(difference_, of_[g], of_[h]) >= 0) return false;
    board_.apply(difference_, of_[g], of_[h]);
    std::swap(of_[g], of_[h]);
    return true;
  }

  /// Random moves and exchanges, each taken where it is better, until none was for a while.
  void wander() {
    const std::uint64_t patience = 20 * std::uint64_t{free_.size()} + 100;
    const std::uint64_t budget = 80 * std::uint64_t{free_.size()} + 400'000;
    const auto groups = static_cast<std::uint32_t>(free_.size());
    const auto splits = static_cast<std::uint32_t>(open_.size());
    std::uint64_t idle = 0;
    for (std::uint64_t tried = 0; tried < budget && idle < patience; ++tried) {
      const std::uint32_t g = free_[random_.below(groups)];
      const bool better = random_.once_in(2) ? try_move(g, open_[random_.below(splits)])
                                             : try_exchange(g, free_[random_.below(groups)]);
      idle = better ? 0 : idle + 1;
    }
  }

  /// Every move and, where the pairs can be counted out, every exchange, until no single one is better.
  void polish() {
    const std::uint64_t pairs = std::uint64_t{free_.size()} * free_.size() / 2;
    std::uint64_t budget = 40'000'000;
    for (bool better = true; better && budget > 0;) {
      better = false;
      for (const std::uint32_t g : free_)
        for (const std::uint32_t s : open_) better = try_move(g, s) || better;
      budget -= std::min(budget, std::uint64_t{free_.size()} * open_.size());
      if (pairs > budget) continue;
      for (std::size_t i = 0; i < free_.size(); ++i)
        for (std::size_t j = i + 1; j < free_.size(); ++j) better = try_exchange(free_[i], free_[j]) || better;
      budget -= pairs;
    }
  }

  const SplitTask& task_;
  Board board_;
  Random random_;
  std::vector<std::uint32_t> of_, free_, open_;
  std::vector<std::vector<LabelCount>> content_;
  std::vector<LabelCount> difference_;
};

}  // namespace

std::vector<std::uint32_t> assign_groups(const SplitTask& task) { return Search(task).run(); }

std::vector<LabelBalance> balance_of(const SplitTask& task, const std::vector<std::uint32_t>& assignment) {
  std::vector<LabelBalance> all(task.labels);
  std::vector<std::int64_t> largest(task.labels);
  const std::size_t splits = task.ratios.size();
  for (LabelBalance& b : all) b.counts.resize(splits), b.deviations.resize(splits);
  for (std::size_t g = 0; g < task.groups.size(); ++g)
    for (const LabelCount& l : task.groups[g].labels) {
      LabelBalance& b = all[l.label];
      b.total += l.count;
      b.counts[assignment[g]] += l.count;
      ++b.groups;
      largest[l.label] = std::max(largest[l.label], l.count);
    }
  const double whole = std::accumulate(task.ratios.begin(), task.ratios.end(), 0.0);
  const auto used = static_cast<std::size_t>(
      std::count_if(task.ratios.begin(), task.ratios.end(), [](std::uint32_t r) { return r > 0; }));
  for (std::size_t l = 0; l < all.size(); ++l) {
    LabelBalance& b = all[l];
    if (b.total == 0) continue;
    if (b.groups < used) b.bound = 1;
    double best = -1;  // of the splits that the largest group could be in
    for (std::size_t s = 0; s < splits; ++s) {
      if (task.ratios[s] == 0) continue;
      const double share = static_cast<double>(task.ratios[s]) * static_cast<double>(b.total) / whole;
      const auto off = [&](std::int64_t count) { return std::abs(static_cast<double>(count) - share) / share; };
      b.deviations[s] = off(b.counts[s]);
      const auto below = static_cast<std::int64_t>(share);
      b.bound = std::max(b.bound, std::min(off(below), off(below + 1)));
      const double over = static_cast<double>(largest[l]) > share ? off(largest[l]) : 0;
      if (best < 0 || over < best) best = over;
    }
    b.bound = std::max(b.bound, best);
  }
  return all;
}

}  // namespace vetset
