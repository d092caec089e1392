#include "vetset/formats/corner_box.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "vetset/formats/per_image.h"

namespace vetset {
namespace {

/// So far from the end of the doubles that no sum of two overflows.
bool fits(double n) { return std::abs(n) <= 1e300; }
bool fits(const Box& b) { return fits(b.x) && fits(b.y) && fits(b.width) && fits(b.height); }

}  // namespace

std::optional<Box> corner_box_of(const Dataset& d, const Annotation& a) {
  if (a.box_origin == Origin::unplaced) return std::nullopt;
  if (a.box_origin != Origin::none) return fits(a.box) ? std::optional(a.box) : std::nullopt;
  const std::optional<Box> around = shape_box(d, a);
  return around && fits(*around) ? around : std::nullopt;
}

bool has_corner_box(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  return a.image != none<ImageIndex> && a.category != none<CategoryIndex> && is_object(a.kind) &&
         corner_box_of(d, a).has_value();
}

bool is_turned_object(const Dataset& d, AnnotationIndex i) { return is_turned(d[i].kind); }

bool drops_corner_box(const Dataset& d, AnnotationIndex i, const Policies& policies) {
  if (d[i].flags.is(Flag::crowd) && policies[Decision::crowd] != Policy::object) return true;
  return is_turned(d[i].kind) && policies[Decision::rotated] == Policy::drop;
}

double corner_bound(const Dataset& d, std::uint32_t annotation) {
  const Box& b = d.annotations[annotation].box;
  return 4 * 0x1p-52 * (1 + std::abs(b.x) + std::abs(b.y) + std::abs(b.width) + std::abs(b.height));
}

std::vector<std::string> distinct_class_names(const Dataset& d) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const Category& c : d.categories) {
    std::string name = c.name;
    for (unsigned n = 2; !taken.insert(name).second; ++n) name = c.name + "-" + std::to_string(n);
    names.push_back(std::move(name));
  }
  return names;
}

bool has_own_name(const Dataset& d, std::uint32_t category) {
  const auto same = [&](const Category& c) { return c.name == d.categories[category].name; };
  return std::count_if(d.categories.begin(), d.categories.end(), same) == 1;
}

bool asks_corner_crowd(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  return d[i].flags.is(Flag::crowd) && has_corner_box(d, i);
}
bool asks_corner_rotated(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  return is_turned(d[i].kind) && has_corner_box(d, i);
}
bool asks_corner_keypoints(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  const Annotation& a = d[i];
  return a.shape != none<ShapeIndex> && d.find_shape(a, ShapeKind::keypoints) != nullptr && has_corner_box(d, i) &&
         !drops_corner_box(d, i, options.policies);
}
bool asks_corner_score(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  return !is_unstated(d.score(i)) && has_corner_box(d, i);
}
bool asks_corner_track(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  return !d.track_ids.empty() && !d.track_ids[to_size(i)].empty() && has_corner_box(d, i);
}

std::vector<bool> unions_of_others(const std::vector<std::vector<ImageIndex>>& lists, std::size_t images) {
  std::vector<bool> is_union(lists.size());
  std::vector<std::uint32_t> marked(images);
  for (std::size_t u = 0; u < lists.size(); ++u) {
    const auto mark = static_cast<std::uint32_t>(u + 1);
    for (const ImageIndex i : lists[u]) marked[to_size(i)] = mark;
    // The lists that lie wholly inside it.
    std::vector<std::size_t> inside;
    for (std::size_t k = 0; k < lists.size(); ++k)
      if (k != u && !lists[k].empty() && !is_union[k] && lists[k].size() < lists[u].size() &&
          std::all_of(lists[k].begin(), lists[k].end(), [&](ImageIndex i) { return marked[to_size(i)] == mark; }))
        inside.push_back(k);
    std::vector<ImageIndex> together;
    for (const std::size_t k : inside) together.insert(together.end(), lists[k].begin(), lists[k].end());
    std::sort(together.begin(), together.end());
    const bool disjoint = std::adjacent_find(together.begin(), together.end()) == together.end();
    is_union[u] = inside.size() > 1 && disjoint && together.size() == lists[u].size();
  }
  return is_union;
}

}  // namespace vetset
