// Sets that grow together (union-find). A set is known by its least member. Asking changes it: for one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace vetset {

class UnionFind {
 public:
  explicit UnionFind(std::size_t count) : above_(count) { std::iota(above_.begin(), above_.end(), 0U); }
  /// The least member of its set.
  std::uint32_t root(std::uint32_t i) {
    while (above_[i] != i) i = above_[i] = above_[above_[i]];
    return i;
  }
  std::vector<std::uint32_t> roots() {
    std::vector<std::uint32_t> all(above_.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = root(i);
    return all;
  }
  bool together(std::uint32_t a, std::uint32_t b) { return root(a) == root(b); }
  /// Whether they were two sets.
  bool join(std::uint32_t a, std::uint32_t b) {
    a = root(a), b = root(b);
    above_[std::max(a, b)] = std::min(a, b);
    return a != b;
  }

 private:
  std::vector<std::uint32_t> above_;
};

}  // namespace vetset
