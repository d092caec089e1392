#include "vetset/check/class_moves.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "vetset/dataset/image_names.h"

namespace vetset {
namespace {

constexpr double same_place_px = 0.5;
constexpr double nearly_all = 0.95;
constexpr std::uint64_t least_objects = 3;  // fewer may have been corrected one by one

/// The annotations of one image that have a box and a class, by x.
std::vector<AnnotationIndex> boxed(const Dataset& d, std::span<const AnnotationIndex> annotations) {
  std::vector<AnnotationIndex> found;
  for (const AnnotationIndex i : annotations)
    if (d[i].category != none<CategoryIndex> && d[i].box.width > 0 && d[i].box.height > 0) found.push_back(i);
  std::stable_sort(found.begin(), found.end(),
                   [&](AnnotationIndex a, AnnotationIndex b) { return d[a].box.x < d[b].box.x; });
  return found;
}

bool same_place(const Box& a, const Box& b) {
  return std::abs(a.x - b.x) <= same_place_px && std::abs(a.y - b.y) <= same_place_px &&
         std::abs(a.width - b.width) <= same_place_px && std::abs(a.height - b.height) <= same_place_px;
}

class Moves {
 public:
  Moves(const Dataset& before, const Dataset& after) : before_(before), after_(after) {}

  std::vector<ClassMove> find() {
    compare_images();
    std::vector<ClassMove> moves;
    for (auto at = tallies_.begin(); at != tallies_.end();) {
      const CategoryIndex from = at->first.first;
      std::uint64_t all = 0;
      auto most = at;
      for (; at != tallies_.end() && at->first.first == from; ++at) {
        all += at->second.objects;
        if (at->second.objects > most->second.objects) most = at;
      }
      const CategoryIndex same = class_called(after_, before_[from].name);
      const ClassMove& move = most->second;
      if (same == none<CategoryIndex> || move.after == same || move.objects < least_objects) continue;
      if (static_cast<double>(move.objects) >= nearly_all * static_cast<double>(all)) moves.push_back(move);
    }
    return moves;
  }

 private:
  void compare_images() {
    const ImageNames names(before_);
    const Dataset::ImageAnnotations earlier = before_.image_annotations(), now = after_.image_annotations();
    for (std::size_t i = 0; i < after_.images.size(); ++i) {
      const auto image = to_index<ImageIndex>(i);
      const ImageNames::Named named = names.find(after_.path(image));
      if (named.images.size() == 1) compare_boxes(earlier.of(named.images.front()), now.of(image));
    }
  }

  void compare_boxes(std::span<const AnnotationIndex> earlier, std::span<const AnnotationIndex> now) {
    const std::vector<AnnotationIndex> from = boxed(before_, earlier), to = boxed(after_, now);
    std::vector<std::pair<AnnotationIndex, AnnotationIndex>> pairs;
    std::vector<unsigned> takers(to.size());
    std::vector<std::size_t> taken;  // by pair, in `to`
    std::size_t begin = 0;
    for (const AnnotationIndex a : from) {
      const Box& box = before_[a].box;
      while (begin < to.size() && after_[to[begin]].box.x < box.x - same_place_px) ++begin;
      std::size_t found = to.size(), count = 0;
      for (std::size_t k = begin; k < to.size() && after_[to[k]].box.x <= box.x + same_place_px; ++k)
        if (same_place(box, after_[to[k]].box)) ++takers[k], ++count, found = k;
      if (count != 1) continue;
      pairs.emplace_back(a, to[found]);
      taken.push_back(found);
    }
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      if (takers[taken[k]] != 1) continue;
      const auto [a, b] = pairs[k];
      const auto key = std::pair(before_[a].category, after_[b].category);
      ClassMove& tally = tallies_.try_emplace(key, ClassMove{key.first, key.second, 0, b}).first->second;
      ++tally.objects;
    }
  }

  const Dataset& before_;
  const Dataset& after_;
  std::map<std::pair<CategoryIndex, CategoryIndex>, ClassMove> tallies_;
};

}  // namespace

CategoryIndex class_called(const Dataset& d, std::string_view name) {
  auto found = none<CategoryIndex>;
  for (std::size_t c = 0; c < d.categories.size(); ++c) {
    if (d.categories[c].name != name) continue;
    if (found != none<CategoryIndex>) return none<CategoryIndex>;
    found = to_index<CategoryIndex>(c);
  }
  return found;
}

std::vector<ClassMove> class_moves(const Dataset& before, const Dataset& after) { return Moves(before, after).find(); }

}  // namespace vetset
