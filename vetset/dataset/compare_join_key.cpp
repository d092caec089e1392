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

/// The last `parts` parts of a path: "a/b/c.jpg", 2 → "b/c.jpg".
std::string_view last_parts(std::string_view path, unsigned parts) {
  std::size_t at = path.size();
  for (unsigned k = 0; k < parts; ++k) {
    const std::size_t slash = at == 0 ? std::string_view::npos : path.rfind('/', at - 1);
    if (slash == std::string_view::npos) return path;
    at = slash;
  }
  return path.substr(at + 1);
}

/// Splits of no namesake by their role, where one is left of it on both sides: "valid" and "val". An only one is the
/// other side's only one.
void join_roles(Join& join, const Dataset& before, const Dataset& after) {
  std::vector<bool> taken(after.splits.size(), false);
  for (const SplitIndex j : join.splits)
    if (j != none<SplitIndex>) taken[to_size(j)] = true;
  for (const SplitRole role : {SplitRole::train, SplitRole::val, SplitRole::test}) {
    std::vector<std::size_t> here, there;
    for (std::size_t i = 0; i < before.splits.size(); ++i)
      if (before.splits[i].role == role && join.splits[i] == none<SplitIndex>) here.push_back(i);
    for (std::size_t j = 0; j < after.splits.size(); ++j)
      if (after.splits[j].role == role && !taken[j]) there.push_back(j);
    if (here.size() == 1 && there.size() == 1) join.splits[here[0]] = to_index<SplitIndex>(there[0]);
  }
  // One document against one document, whatever they are called.
  if (before.splits.size() == 1 && after.splits.size() == 1) join.splits[0] = SplitIndex{};
}

/// Annotations of joined images stand for each other: those that say the same under one id first, then those that say
/// the same, those of one id, and those of one class or at least one place. What is left over, of whatever image, goes
/// by id.
class AnnotationJoin {
 public:
  AnnotationJoin(const Dataset& before, const Dataset& after, const Join& join)
      : before_(before),
        after_(after),
        join_(join),
        to_(before.annotations.size(), none<AnnotationIndex>),
        taken_(after.annotations.size(), 0),
        ids_(!before.annotation_ids.numbers.empty() && !after.annotation_ids.numbers.empty()) {}

  AnnotationPairs run() {
    by_image();
    by_id_anywhere();
    AnnotationPairs pairs;
    for (std::size_t i = 0; i < to_.size(); ++i)
      if (to_[i] != none<AnnotationIndex>) {
        pairs.before.push_back(to_index<AnnotationIndex>(i));
        pairs.after.push_back(to_[i]);
      }
    return pairs;
  }

 private:
  using Indices = std::span<const AnnotationIndex>;

  void pair(AnnotationIndex i, AnnotationIndex j) {
    to_[to_size(i)] = j;
    taken_[to_size(j)] = 1;
  }
  bool is_free(AnnotationIndex i) const { return to_[to_size(i)] == none<AnnotationIndex>; }
  bool is_left(AnnotationIndex j) const { return taken_[to_size(j)] == 0; }

  CategoryIndex category_there(AnnotationIndex i) const {
    const CategoryIndex c = before_[i].category;
    return c == none<CategoryIndex> ? c : join_.categories[to_size(c)];
  }
  bool same_row(AnnotationIndex i, AnnotationIndex j) const {
    const Annotation &a = before_[i], &b = after_[j];
    return a.box == b.box && category_there(i) == b.category && a.kind == b.kind && a.flags == b.flags &&
           before_.authored_text(i) == after_.authored_text(j);
  }
  bool same_id(AnnotationIndex i, AnnotationIndex j) const {
    const std::int64_t a = before_.annotation_ids[to_size(i)], b = after_.annotation_ids[to_size(j)];
    if (a != b || a == Ids::absent) return false;
    return a != Ids::odd ||
           before_.id_json(before_.annotation_ids, to_size(i)) == after_.id_json(after_.annotation_ids, to_size(j));
  }

  void by_image() {
    const Dataset::ImageAnnotations there = after_.image_annotations();
    const Dataset::ImageAnnotations here = before_.image_annotations();
    for (std::size_t image = 0; image < before_.images.size(); ++image) {
      const ImageIndex other = join_.images[image];
      if (other == none<ImageIndex>) continue;
      const Indices mine = here.of(to_index<ImageIndex>(image)), theirs = there.of(other);
      std::size_t open = mine.size();
      if (ids_) open -= pair_where(mine, theirs, [&](auto i, auto j) { return same_id(i, j) && same_row(i, j); });
      if (open > 0) open -= pair_where(mine, theirs, [&](auto i, auto j) { return same_row(i, j); });
      if (open > 0 && ids_) open -= pair_where(mine, theirs, [&](auto i, auto j) { return same_id(i, j); });
      if (open > 0) by_overlap(mine, theirs);
    }
  }

  /// Each in turn with the first that fits, looked for from where the last one was found.
  template <class Fits>
  std::size_t pair_where(Indices mine, Indices theirs, const Fits& fits) {
    std::size_t paired = 0, at = 0;
    for (const AnnotationIndex i : mine) {
      if (!is_free(i)) continue;
      for (std::size_t k = 0; k < theirs.size(); ++k) {
        const std::size_t place = at + k < theirs.size() ? at + k : at + k - theirs.size();
        if (!is_left(theirs[place]) || !fits(i, theirs[place])) continue;
        pair(i, theirs[place]);
        at = place + 1 < theirs.size() ? place + 1 : 0;
        ++paired;
        break;
      }
    }
    return paired;
  }

  /// Of one class, the best overlap first; then of any class where half of both is shared, or neither has a place.
  void by_overlap(Indices mine, Indices theirs) {
    struct Candidate {
      double overlap;
      AnnotationIndex before, after;
    };
    constexpr double same_place = 0.5;
    std::vector<Candidate> candidates;
    for (const bool one_class : {true, false}) {
      candidates.clear();
      for (const AnnotationIndex i : mine) {
        if (!is_free(i)) continue;
        for (const AnnotationIndex j : theirs) {
          if (!is_left(j) || (one_class && category_there(i) != after_[j].category)) continue;
          const bool nowhere = before_[i].box_origin == Origin::none && after_[j].box_origin == Origin::none &&
                               before_[i].kind == after_[j].kind;
          const double overlap = nowhere                           ? same_place
                                 : before_[i].box == after_[j].box ? 1.0  // also of boxes without an area
                                                                   : iou(before_[i].box, after_[j].box);
          if (one_class ? overlap > 0 : overlap >= same_place) candidates.push_back({overlap, i, j});
        }
      }
      std::stable_sort(candidates.begin(), candidates.end(),
                       [](const Candidate& a, const Candidate& b) { return a.overlap > b.overlap; });
      for (const Candidate& c : candidates)
        if (is_free(c.before) && is_left(c.after)) pair(c.before, c.after);
    }
  }

  /// What went to another image, or has none: ids that only one record on each side has, saying the same.
  void by_id_anywhere() {
    if (!ids_) return;
    using Entry = std::pair<std::string, AnnotationIndex>;
    std::vector<Entry> mine, theirs;
    for (std::size_t i = 0; i < to_.size(); ++i)
      if (const auto index = to_index<AnnotationIndex>(i); is_free(index))
        mine.emplace_back(before_.id_json(before_.annotation_ids, i), index);
    if (mine.empty()) return;
    for (std::size_t j = 0; j < taken_.size(); ++j)
      if (const auto index = to_index<AnnotationIndex>(j); is_left(index))
        theirs.emplace_back(after_.id_json(after_.annotation_ids, j), index);
    std::sort(mine.begin(), mine.end());
    std::sort(theirs.begin(), theirs.end());
    const auto only_one = [](const std::vector<Entry>& all, std::size_t k) {
      return !all[k].first.empty() && (k == 0 || all[k - 1].first != all[k].first) &&
             (k + 1 == all.size() || all[k + 1].first != all[k].first);
    };
    for (std::size_t a = 0, b = 0; a < mine.size() && b < theirs.size();) {
      if (mine[a].first < theirs[b].first) {
        ++a;
      } else if (theirs[b].first < mine[a].first) {
        ++b;
      } else {
        if (only_one(mine, a) && only_one(theirs, b) && stays_itself(mine[a].second, theirs[b].second))
          pair(mine[a].second, theirs[b].second);
        ++a, ++b;
      }
    }
  }
  bool stays_itself(AnnotationIndex i, AnnotationIndex j) const {
    const ImageIndex image = before_[i].image;
    const ImageIndex there = image == none<ImageIndex> ? image : join_.images[to_size(image)];
    return there == after_[j].image || same_row(i, j);
  }

  const Dataset& before_;
  const Dataset& after_;
  const Join& join_;
  Column<AnnotationIndex> to_;
  std::vector<std::uint8_t> taken_;
  bool ids_;
};

}  // namespace

Column<ImageIndex> join_image_names(const Dataset& before, const Dataset& after) {
  Join join;
  join.images = Column<ImageIndex>(before.images.size(), none<ImageIndex>);
  const auto left = [&] {
    return std::find(join.images.begin(), join.images.end(), none<ImageIndex>) != join.images.end();
  };
  join_images_by(join, after.images.size(), before, after, [](std::string_view path) { return path; });
  for (unsigned parts = 5; parts > 0 && left(); --parts)
    join_images_by(join, after.images.size(), before, after,
                   [parts](std::string_view path) { return last_parts(path, parts); });
  return std::move(join.images);
}

Join join_with_images(const Dataset& before, const Dataset& after, Column<ImageIndex> images) {
  Join join;
  join.splits = join_names<SplitIndex>(before.splits, after.splits);
  join_roles(join, before, after);
  join.categories = join_names<CategoryIndex>(before.categories, after.categories);
  join_licences(join, before, after);
  join.images = std::move(images);
  set_image_sources(join, after.images.size());
  set_annotations(join, before.annotations.size(), AnnotationJoin(before, after, join).run());
  return join;
}

Join join_by_key(const Dataset& before, const Dataset& after) {
  return join_with_images(before, after, join_image_names(before, after));
}

}  // namespace vetset
