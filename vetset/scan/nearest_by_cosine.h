// Each vector's nearest one among many, exactly: every pair is looked at. One product is the same to the bit on every
// machine and with any number of threads, as its terms are added in one order.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"

namespace vetset {

/// Vectors of unit length, each of a group: a vector is never the nearest of one of its own group.
class UnitVectors {
 public:
  explicit UnitVectors(std::size_t dimension)
      : dimension_(dimension), stride_((dimension + lanes - 1) / lanes * lanes) {}
  void add(std::span<const float> vector, std::uint32_t group);
  std::size_t size() const { return groups_.size(); }
  std::size_t stride() const { return stride_; }
  const float* at(std::size_t k) const { return values_.data() + k * stride_; }
  std::uint32_t group(std::size_t k) const { return groups_[k]; }
  std::span<const float> operator[](std::size_t k) const { return {at(k), dimension_}; }

  static constexpr std::size_t lanes = 8;

 private:
  std::size_t dimension_, stride_;
  std::vector<float> values_;  // zeros behind each one up to the stride
  std::vector<std::uint32_t> groups_;
};

struct NearestVector {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t of = none;  // of the references; of equally near ones the first
  double distance = 2;      // 1 − cosine, to the precision of a double
};
/// One a query. What is nearer than `closest` is passed over as a copy; 0 passes over nothing.
Result<std::vector<NearestVector>> nearest_by_cosine(const UnitVectors& queries, const UnitVectors& references,
                                                     double closest, const Pool& pool, const Progress& progress);

}  // namespace vetset
