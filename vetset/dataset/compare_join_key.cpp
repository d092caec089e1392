// Joining two datasets that know nothing of each other: by names, paths and ids, then by what the records say.
#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vetset/base/tree.h"
#include "vetset/dataset/compare_join.h"
#include "vetset/dataset/geometry.h"

namespace vetset {

namespace {

/// The k-th record of a name stands for the k-th of that name.
template <class Index, class Names>
Column<Index> join_names(const Names& before, const Names& after) {
  std::map<std::string_view, std::vector<Index>> named;
  for (std::size_t j = 0; j < after.size(); ++j) named[after[j].name].push_back(to_index<Index>(j));
  std::map<std::string_view, std::size_t> used;
  Column<Index> join(before.size(), none<Index>);
  for (std::size_t i = 0; i < before.size(); ++i)
    if (const auto found = named.find(before[i].name); found != named.end())
      if (const std::size_t k = used[before[i].name]++; k < found->second.size()) join[i] = found->second[k];
  return join;
}

/// Images by one name of theirs, where it is unique among those still free on both sides.
template <class Name>
void join_images_by(Join& join, std::size_t count_after, const Dataset& before, const Dataset& after,
                    const Name& name_of) {
  std::vector<bool> taken(count_after, false);
  for (const ImageIndex j : join.images)
    if (j != none<ImageIndex>) taken[to_size(j)] = true;
  struct Sides {
    ImageIndex before = none<ImageIndex>, after = none<ImageIndex>;
    std::uint32_t count_before = 0, count_after = 0;
  };
  std::unordered_map<std::string_view, Sides> named;
  for (std::size_t i = 0; i < join.images.size(); ++i)
    if (join.images[i] == none<ImageIndex>) {
      Sides& sides = named[name_of(before.path(to_index<ImageIndex>(i)))];
      sides.before = to_index<ImageIndex>(i);
      ++sides.count_before;
    }
  for (std::size_t j = 0; j < count_after; ++j)
    if (!taken[j]) {
      Sides& sides = named[name_of(after.path(to_index<ImageIndex>(j)))];
      sides.after = to_index<ImageIndex>(j);
      ++sides.count_after;
    }
  for (const auto& [name, sides] : named)
    if (sides.count_before == 1 && sides.count_after == 1) join.images[to_size(sides.before)] = sides.after;
}

/// Annotations whose image is joined, or who have none on either side, may stand for each other.
class AnnotationJoin {
 public:
  AnnotationJoin(const Dataset& before, const Dataset& after, const Join& join)
      : before_(before),
        after_(after),
        join_(join),
        to_(before.annotations.size(), none<AnnotationIndex>),
        taken_(after.annotations.size(), false) {}

  AnnotationPairs run() {
    by_id();
    by_image();
    AnnotationPairs pairs;
    for (std::size_t i = 0; i < to_.size(); ++i)
      if (to_[i] != none<AnnotationIndex>) {
        pairs.before.push_back(to_index<AnnotationIndex>(i));
        pairs.after.push_back(to_[i]);
      }
    return pairs;
  }

 private:
  void pair(AnnotationIndex i, AnnotationIndex j) {
    to_[to_size(i)] = j;
    taken_[to_size(j)] = true;
  }

  using Known = std::unordered_map<std::string, AnnotationIndex>;
  static bool unique_ids(const Dataset& d, Known& known) {
    for (std::size_t i = 0; i < d.annotations.size(); ++i) {
      std::string id = d.id_json(d.annotation_ids, i);
      if (!id.empty() && !known.emplace(std::move(id), to_index<AnnotationIndex>(i)).second) return false;
    }
    return true;
  }
  void by_id() {
    if (before_.annotation_ids.numbers.empty() || after_.annotation_ids.numbers.empty()) return;
    Known known_before, known_after;
    if (!unique_ids(before_, known_before) || !unique_ids(after_, known_after)) return;
    for (std::size_t i = 0; i < before_.annotations.size(); ++i)
      if (const auto found = known_after.find(before_.id_json(before_.annotation_ids, i)); found != known_after.end())
        pair(to_index<AnnotationIndex>(i), found->second);
  }

  CategoryIndex category_there(AnnotationIndex i) const {
    const CategoryIndex c = before_[i].category;
    return c == none<CategoryIndex> ? c : join_.categories[to_size(c)];
  }
  bool same_row(AnnotationIndex i, AnnotationIndex j) const {
    const Annotation &a = before_[i], &b = after_[j];
    return category_there(i) == b.category && a.kind == b.kind && a.flags == b.flags && a.box == b.box &&
           before_.authored_text(i) == after_.authored_text(j);
  }

  void by_image() {
    const Dataset::ImageAnnotations there = after_.image_annotations();
    const Dataset::ImageAnnotations here = before_.image_annotations();
    for (std::size_t image = 0; image < before_.images.size(); ++image) {
      const ImageIndex other = join_.images[image];
      if (other == none<ImageIndex>) continue;
      const auto mine = here.of(to_index<ImageIndex>(image)), theirs = there.of(other);
      for (const AnnotationIndex i : mine) {
        if (to_[to_size(i)] != none<AnnotationIndex>) continue;
        const auto equal = std::find_if(theirs.begin(), theirs.end(),
                                        [&](AnnotationIndex j) { return !taken_[to_size(j)] && same_row(i, j); });
        if (equal != theirs.end()) pair(i, *equal);
      }
      by_overlap(mine, theirs);
    }
  }

  /// The best overlap first; of equal ones the earlier.
  void by_overlap(std::span<const AnnotationIndex> mine, std::span<const AnnotationIndex> theirs) {
    struct Candidate {
      double overlap;
      AnnotationIndex before, after;
    };
    std::vector<Candidate> candidates;
    for (const AnnotationIndex i : mine) {
      if (to_[to_size(i)] != none<AnnotationIndex>) continue;
      for (const AnnotationIndex j : theirs) {
        if (taken_[to_size(j)] || category_there(i) != after_[j].category) continue;
        if (const double overlap = iou(before_[i].box, after_[j].box); overlap > 0)
          candidates.push_back({overlap, i, j});
      }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.overlap > b.overlap; });
    for (const Candidate& c : candidates)
      if (to_[to_size(c.before)] == none<AnnotationIndex> && !taken_[to_size(c.after)]) pair(c.before, c.after);
  }

  const Dataset& before_;
  const Dataset& after_;
  const Join& join_;
  Column<AnnotationIndex> to_;
  std::vector<bool> taken_;
};

}  // namespace

Join join_by_key(const Dataset& before, const Dataset& after) {
  Join join;
  join.splits = join_names<SplitIndex>(before.splits, after.splits);
  join.categories = join_names<CategoryIndex>(before.categories, after.categories);
  join_licences(join, before, after);
  join.images = Column<ImageIndex>(before.images.size(), none<ImageIndex>);
  join_images_by(join, after.images.size(), before, after, [](std::string_view path) { return path; });
  join_images_by(join, after.images.size(), before, after, [](std::string_view path) { return base_name(path); });
  set_image_sources(join, after.images.size());
  set_annotations(join, before.annotations.size(), AnnotationJoin(before, after, join).run());
  return join;
}

}  // namespace vetset
