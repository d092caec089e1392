#include "vetset/check/split_classifier.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "vetset/base/random.h"
#include "vetset/check/auc.h"

namespace vetset {
namespace {

constexpr unsigned divisions = 199;

/// Scores rows, each fold by what the others teach, where `is_other` says which split each is of.
using Classifier = std::function<void(const std::vector<std::uint8_t>& is_other, std::vector<double>& scores)>;

/// Over pairs within one fold: scores of two folds were made by different teachers.
double area_within_folds(const SplitRows& rows, const std::vector<std::uint8_t>& is_other,
                         const std::vector<double>& scores) {
  double won = 0, pairs = 0;
  std::vector<Scored> items;
  for (std::uint32_t fold = 0; fold < split_folds; ++fold) {
    items.clear();
    double others = 0;
    for (std::size_t k = 0; k < scores.size(); ++k) {
      if (rows.fold[k] != fold) continue;
      items.push_back({scores[k], is_other[k], is_other[k] == 0 ? 1U : 0U});
      others += is_other[k];
    }
    const double of_fold = others * (static_cast<double>(items.size()) - others);
    won += area_under_curve(items) * of_fold;
    pairs += of_fold;
  }
  return pairs > 0 ? won / pairs : 0.5;
}

Interval interval_of(double area, double others, double bases) {
  const double both = area / (2 - area) - area * area, twice = 2 * area * area / (1 + area) - area * area;
  const double variance = (area * (1 - area) + (others - 1) * both + (bases - 1) * twice) / (others * bases);
  const double reach = normal_quantile(0.975) * std::sqrt(std::max(variance, 0.0));
  return {std::max(0.0, area - reach), std::min(1.0, area + reach)};
}

/// How often random divisions are told apart as well; where none of them is, by the normal limit of their areas.
double chance_of_area(const SplitRows& rows, double area, const Classifier& classify) {
  std::vector<std::uint8_t> is_other = rows.is_other;
  std::vector<double> scores(is_other.size());
  Random random(1);
  double sum = 0, squares = 0;
  unsigned as_well = 1;
  for (unsigned draw = 0; draw < divisions; ++draw) {
    for (auto k = static_cast<std::uint32_t>(is_other.size()); k > 1; --k)
      std::swap(is_other[k - 1], is_other[random.below(k)]);
    classify(is_other, scores);
    const double one = area_within_folds(rows, is_other, scores);
    as_well += one >= area - 1e-12;
    sum += one;
    squares += one * one;
  }
  if (as_well > 1) return as_well / (divisions + 1.0);
  const double mean = sum / divisions;
  const double deviation = std::sqrt(std::max(squares / divisions - mean * mean, 1e-12) * divisions / (divisions - 1));
  return std::min(1 / (divisions + 1.0), normal_above((area - mean) / deviation));
}

SplitTold tell(const SplitRows& rows, const Classifier& classify, double least_area) {
  SplitTold told;
  const auto others = static_cast<double>(std::accumulate(rows.is_other.begin(), rows.is_other.end(), std::size_t{0}));
  const double bases = static_cast<double>(rows.is_other.size()) - others;
  if (others < 1 || bases < 1) return told;
  std::vector<double> scores(rows.is_other.size());
  classify(rows.is_other, scores);
  told.area = area_within_folds(rows, rows.is_other, scores);
  told.interval = interval_of(told.area, others, bases);
  if (told.area > least_area) told.chance = chance_of_area(rows, told.area, classify);
  return told;
}

/// Levels of rows, factor by factor, and how much each level of each speaks for a split.
class NaiveBayes {
 public:
  NaiveBayes(const SplitRows& rows, std::span<const Factor* const> factors) : rows_(rows) {
    for (const Factor* f : factors) {
      columns_.emplace_back();
      for (const ImageIndex i : rows.image) columns_.back().push_back(f->levels[to_size(i)]);
      sizes_.push_back(f->names.size());
    }
  }

  void classify(const std::vector<std::uint8_t>& is_other, std::vector<double>& scores) {
    std::fill(scores.begin(), scores.end(), 0.0);
    for (std::size_t f = 0; f < columns_.size(); ++f) add(f, is_other, scores);
  }

  void add(std::size_t f, const std::vector<std::uint8_t>& is_other, std::vector<double>& scores) {
    const std::vector<std::uint32_t>& levels = columns_[f];
    const std::size_t size = sizes_[f];
    counts_.assign(split_folds * 2 * size, 0);
    for (std::size_t k = 0; k < levels.size(); ++k)
      if (levels[k] != Factor::unknown) ++counts_[(rows_.fold[k] * 2U + is_other[k]) * size + levels[k]];
    all_.assign(2 * size, 0);
    for (std::size_t c = 0; c < counts_.size(); ++c) all_[c % (2 * size)] += counts_[c];
    speaks_.assign(split_folds * size, 0);
    for (std::size_t fold = 0; fold < split_folds; ++fold) {
      double totals[2] = {};
      const auto taught = [&](std::size_t side, std::size_t l) {
        return all_[side * size + l] - counts_[(fold * 2 + side) * size + l];
      };
      for (std::size_t l = 0; l < size; ++l)
        for (const std::size_t side : {0U, 1U}) totals[side] += taught(side, l);
      const auto share = [&](std::size_t side, std::size_t l) {
        return (taught(side, l) + 1) / (totals[side] + static_cast<double>(size));
      };
      for (std::size_t l = 0; l < size; ++l) speaks_[fold * size + l] = std::log(share(1, l) / share(0, l));
    }
    for (std::size_t k = 0; k < levels.size(); ++k)
      if (levels[k] != Factor::unknown) scores[k] += speaks_[rows_.fold[k] * size + levels[k]];
  }

 private:
  const SplitRows& rows_;
  std::vector<std::vector<std::uint32_t>> columns_;
  std::vector<std::size_t> sizes_;
  std::vector<double> counts_, all_, speaks_;
};

}  // namespace

SplitRows split_rows(std::span<const std::uint32_t> others, std::span<const std::uint32_t> bases,
                     std::span<const std::uint32_t> group_of_image) {
  SplitRows rows;
  for (const bool is_other : {true, false})
    for (const std::uint32_t i : is_other ? others : bases) {
      rows.image.push_back(to_index<ImageIndex>(i));
      rows.is_other.push_back(is_other);
      rows.fold.push_back(static_cast<std::uint8_t>(Random(group_of_image[i]).below(split_folds)));
    }
  return rows;
}

SplitTold told_by_factors(const SplitRows& rows, std::span<const Factor* const> factors, double least_area) {
  NaiveBayes bayes(rows, factors);
  SplitTold told = tell(
      rows,
      [&](const std::vector<std::uint8_t>& is_other, std::vector<double>& scores) { bayes.classify(is_other, scores); },
      least_area);
  if (told.area <= least_area) return told;
  double most = -1;
  std::vector<double> scores(rows.image.size());
  for (std::size_t f = 0; f < factors.size(); ++f) {
    std::fill(scores.begin(), scores.end(), 0.0);
    bayes.add(f, rows.is_other, scores);
    if (const double own = area_within_folds(rows, rows.is_other, scores); own > most) most = own, told.strongest = f;
  }
  return told;
}

SplitTold told_by_embeddings(const SplitRows& rows, const Embeddings& embeddings, double least_area) {
  const std::size_t n = embeddings.dimension;
  std::vector<double> sums(split_folds * 2 * n), counts(split_folds * 2), direction(n);
  return tell(
      rows,
      [&](const std::vector<std::uint8_t>& is_other, std::vector<double>& scores) {
        std::fill(sums.begin(), sums.end(), 0.0);
        std::fill(counts.begin(), counts.end(), 0.0);
        for (std::size_t k = 0; k < rows.image.size(); ++k) {
          const std::size_t place = rows.fold[k] * 2U + is_other[k];
          const std::span<const float> row = embeddings.of(rows.image[k]);
          for (std::size_t c = 0; c < n; ++c) sums[place * n + c] += double{row[c]};
          counts[place] += 1;
        }
        for (std::uint32_t fold = 0; fold < split_folds; ++fold) {
          double taught[2] = {};
          for (std::uint32_t p = 0; p < split_folds * 2; ++p)
            if (p / 2 != fold) taught[p % 2] += counts[p];
          std::fill(direction.begin(), direction.end(), 0.0);
          for (std::uint32_t p = 0; p < split_folds * 2; ++p)
            for (std::size_t c = 0; p / 2 != fold && c < n; ++c)
              direction[c] += (p % 2 == 1 ? 1 : -1) * sums[p * n + c] / std::max(taught[p % 2], 1.0);
          for (std::size_t k = 0; k < rows.image.size(); ++k) {
            if (rows.fold[k] != fold) continue;
            const std::span<const float> row = embeddings.of(rows.image[k]);
            scores[k] = 0;
            for (std::size_t c = 0; c < n; ++c) scores[k] += direction[c] * double{row[c]};
          }
        }
      },
      least_area);
}

}  // namespace vetset
