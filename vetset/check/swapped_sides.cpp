#include "vetset/check/swapped_sides.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace vetset {
namespace {

bool is_gap(char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; }

class Pose {
 public:
  explicit Pose(std::span<const double> points) : points_(points) {}
  bool has(std::uint32_t p) const { return std::size_t{p} * 3 + 2 < points_.size() && points_[p * 3 + 2] > 0; }
  bool has(SidedPair pair) const { return has(pair.left) && has(pair.right); }
  double between(std::uint32_t a, std::uint32_t b) const {
    return std::hypot(points_[a * 3] - points_[b * 3], points_[a * 3 + 1] - points_[b * 3 + 1]);
  }
  double width(SidedPair pair) const { return between(pair.left, pair.right); }

 private:
  std::span<const double> points_;
};

}  // namespace

std::optional<Sided> sided(std::string_view point) {
  struct Word {
    std::string_view text, other;
    bool left;
  };
  static constexpr std::array<Word, 4> words = {
      {{"left", "right", true}, {"right", "left", false}, {"l", "r", true}, {"r", "l", false}}};
  for (const Word& word : words) {
    const std::size_t size = word.text.size();
    if (point.size() <= size + 1) continue;
    if (point.starts_with(word.text) && is_gap(point[size]))
      return Sided{std::string(word.other).append(point.substr(size)), word.left};
    if (point.ends_with(word.text) && is_gap(point[point.size() - size - 1]))
      return Sided{std::string(point.substr(0, point.size() - size)).append(word.other), word.left};
  }
  return {};
}

std::vector<SidedPair> sided_pairs(const std::vector<std::string>& names) {
  std::vector<SidedPair> pairs;
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    const auto side = sided(names[i]);
    if (!side || !side->left) continue;
    const auto other = std::find(names.begin(), names.end(), side->other);
    if (other != names.end()) pairs.push_back({i, static_cast<std::uint32_t>(other - names.begin())});
  }
  return pairs;
}

std::vector<Limbs> limbs_of(const Category& category) {
  const std::vector<SidedPair> pairs = sided_pairs(category.keypoints);
  const auto tied = [&](std::uint32_t a, std::uint32_t b) {
    return std::any_of(category.skeleton.begin(), category.skeleton.end(), [&](const auto& edge) {
      const auto first = edge.first - 1, second = edge.second - 1;  // written from 1
      return (first == a && second == b) || (first == b && second == a);
    });
  };
  std::vector<Limbs> limbs;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    for (std::size_t j = i + 1; j < pairs.size(); ++j)
      if (tied(pairs[i].left, pairs[j].left) && tied(pairs[i].right, pairs[j].right))
        limbs.push_back({pairs[i], pairs[j]});
  return limbs;
}

std::optional<double> symmetry_cost(const Limbs& limbs, std::span<const double> points) {
  constexpr double least_width = 0.25;  // of a limb
  const Pose pose(points);
  if (!pose.has(limbs.near) || !pose.has(limbs.far)) return {};
  const double straight =
      pose.between(limbs.near.left, limbs.far.left) + pose.between(limbs.near.right, limbs.far.right);
  const double crossed =
      pose.between(limbs.near.left, limbs.far.right) + pose.between(limbs.near.right, limbs.far.left);
  const double shorter = std::min(straight, crossed) / 2;
  if (shorter <= 0 || std::min(pose.width(limbs.near), pose.width(limbs.far)) < least_width * shorter) return {};
  return straight / crossed;
}

}  // namespace vetset
