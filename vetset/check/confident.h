// Confident learning (Northcutt, Jiang and Chuang 2021, arXiv 1911.00068): which labels a model's probabilities speak
// against, and how often one class is given where another is meant. Plain numbers in, plain numbers out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vetset/base/pool.h"

namespace vetset {

/// One class a row. `label` has a column for each row, or `unlabelled`.
struct ConfidentInput {
  static constexpr std::uint32_t unlabelled = 0xffffffffU;
  std::span<const float> values;  // rows × width, by row
  std::size_t width = 0;
  std::span<const std::uint32_t> label;
  std::span<const std::uint32_t> row = {};  // the row of `values` that each label has; empty: its own number
};

/// What is known of each label.
struct LabelDoubt {
  float given = 0;             // the probability of the class that it is labelled with
  float other = 0;             // of the most probable other one
  std::uint32_t proposed = 0;  // that one
  bool flagged = false;        // among the n(i→j) that confident learning takes for wrong
  double score = 0;            // 0 to 1: how much it is worth a look
};

struct ConfidentLearning {
  std::size_t width = 0;
  std::vector<std::uint64_t> labels;  // of each class
  std::vector<double> thresholds;     // mean probability of a class where it is given; 2: no label is of it
  std::vector<std::uint64_t> counts;  // given × meant: the confident joint as counted
  std::vector<double> joint;          // given × meant: calibrated to the labels, sums to their number
  std::vector<LabelDoubt> doubts;     // by label
  std::vector<std::uint32_t> meant;   // by label: the class that it confidently is of; unlabelled: none
};
ConfidentLearning learn_confidently(const ConfidentInput& input, const Pool& pool);

/// One tag: whether it is given, and its probability. Doubts are of the pair (tag, not the tag).
struct TagDoubts {
  double present = 0, absent = 0;  // thresholds: mean probability where the tag is given, and of its absence where not
  std::vector<LabelDoubt> doubts;  // `proposed` 1: the tag should be there
};
TagDoubts doubt_tag(std::span<const float> probability, const std::vector<bool>& given);

}  // namespace vetset
