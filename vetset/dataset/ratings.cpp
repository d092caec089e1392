#include "vetset/dataset/ratings.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "vetset/base/union_find.h"
#include "vetset/dataset/assignment.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

bool is_of_image(const Dataset& d, const Annotation& a) {
  return a.category != none<CategoryIndex> && (a.kind == Kind::tag || (a.kind == Kind::unspecified && !box_of(d, a)));
}

struct Drawn {
  std::uint32_t rater = 0;
  AnnotationIndex annotation{};
  CategoryIndex category{};
  Box box;
};

/// Boxes of one image: those of raters by rater, and those that are shipped.
struct Drawing {
  std::vector<Drawn> rated, shipped;
};

Drawing drawing_of(const Dataset& d, const Raters& raters, std::span<const AnnotationIndex> annotations) {
  Drawing drawing;
  for (const AnnotationIndex i : annotations) {
    const Annotation& a = d[i];
    if (a.category == none<CategoryIndex> || a.flags.is(Flag::crowd) || a.flags.is(Flag::group_of)) continue;
    const std::optional<Box> box = box_of(d, a);
    if (!box) continue;
    const std::uint32_t rater = raters.of[to_size(i)];
    (rater == Makers::nobody ? drawing.shipped : drawing.rated).push_back({rater, i, a.category, *box});
  }
  std::stable_sort(drawing.rated.begin(), drawing.rated.end(),
                   [](const Drawn& a, const Drawn& b) { return a.rater < b.rater; });
  return drawing;
}

constexpr double other_class = 0.5;

double cost_of(const Drawn& a, const Drawn& b, double overlap) {
  return 1 - overlap + (a.category == b.category ? 0 : other_class);
}

/// Pairs of two raters' boxes, as positions among all that were drawn in the image.
void pair_up(std::span<const Drawn> all, std::size_t first, std::size_t first_end, std::size_t second,
             std::size_t second_end, double least_iou, std::vector<Partners>& pairs) {
  std::vector<Partners> possible;
  for (std::size_t i = first; i < first_end; ++i)
    for (std::size_t k = second; k < second_end; ++k) {
      const double overlap = iou(all[i].box, all[k].box);
      if (overlap > 0 && overlap >= least_iou)
        possible.push_back(
            {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(k), cost_of(all[i], all[k], overlap)});
    }
  const std::vector<Partners> found = assigned(possible);
  pairs.insert(pairs.end(), found.begin(), found.end());
}

/// Which boxes are one object: the root of each.
std::vector<std::uint32_t> objects_of(std::span<const Drawn> all, double least_iou) {
  std::vector<std::size_t> begins;  // of each rater
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i == 0 || all[i].rater != all[i - 1].rater) begins.push_back(i);
  begins.push_back(all.size());
  std::vector<Partners> pairs;
  for (std::size_t r = 0; r + 1 < begins.size(); ++r)
    for (std::size_t s = r + 1; s + 1 < begins.size(); ++s)
      pair_up(all, begins[r], begins[r + 1], begins[s], begins[s + 1], least_iou, pairs);
  std::sort(pairs.begin(), pairs.end(), [](const Partners& a, const Partners& b) {
    return std::tie(a.cost, a.first, a.second) < std::tie(b.cost, b.first, b.second);
  });
  UnionFind objects(all.size());
  std::vector<std::vector<std::uint32_t>> raters(all.size());  // of each root
  for (std::size_t i = 0; i < all.size(); ++i) raters[i] = {all[i].rater};
  for (const Partners& p : pairs) {
    const std::uint32_t a = objects.root(p.first), b = objects.root(p.second);
    if (a == b) continue;
    const std::uint32_t kept = std::min(a, b), gone = std::max(a, b);
    const bool shared = std::any_of(raters[gone].begin(), raters[gone].end(), [&](std::uint32_t rater) {
      return std::find(raters[kept].begin(), raters[kept].end(), rater) != raters[kept].end();
    });
    if (shared) continue;
    raters[kept].insert(raters[kept].end(), raters[gone].begin(), raters[gone].end());
    objects.join(kept, gone);
  }
  return objects.roots();
}

Box mean_box(std::span<const Drawn> all, std::span<const std::size_t> members) {
  Box mean{};
  for (const std::size_t i : members) {
    mean.x += all[i].box.x, mean.y += all[i].box.y;
    mean.width += all[i].box.width, mean.height += all[i].box.height;
  }
  const auto n = static_cast<double>(members.size());
  return {mean.x / n, mean.y / n, mean.width / n, mean.height / n};
}

CategoryIndex usual_class(std::span<const Drawn> all, std::span<const std::size_t> members) {
  std::map<CategoryIndex, std::size_t> counts;
  for (const std::size_t i : members) ++counts[all[i].category];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

class ObjectRatings {
 public:
  ObjectRatings(const Dataset& d, const Raters& raters, double least_iou) : raters_(raters), least_iou_(least_iou) {
    out_.by = RatedBy::object;
    out_.missed = static_cast<std::uint32_t>(d.categories.size());
    out_.values = out_.missed + 1;
  }

  void add(ImageIndex image, const Drawing& drawing) {
    const std::span<const Drawn> all = drawing.rated;
    std::map<std::uint32_t, std::vector<std::size_t>> objects;  // by root, the first box
    const std::vector<std::uint32_t> roots = objects_of(all, least_iou_);
    for (std::size_t i = 0; i < all.size(); ++i) objects[roots[i]].push_back(i);
    const std::size_t begin = out_.units.size();
    std::vector<Drawn> means;
    for (const auto& [root, members] : objects) {
      add_unit(image, all, members, !drawing.shipped.empty());
      means.push_back({0, none<AnnotationIndex>, usual_class(all, members), mean_box(all, members)});
    }
    add_given(image, drawing.shipped, means, begin);
  }

  Ratings take() { return std::move(out_); }

 private:
  /// Who looked at the image and drew nothing here says so.
  void add_unit(ImageIndex image, std::span<const Drawn> all, std::span<const std::size_t> members, bool has_given) {
    Unit unit{.image = image, .begin = static_cast<std::uint32_t>(out_.rows.size()), .has_given = has_given};
    for (const std::uint32_t rater : raters_.of_image(image)) {
      Rating rating{.rater = rater, .value = out_.missed};
      for (const std::size_t i : members)
        if (all[i].rater == rater)
          rating.value = static_cast<std::uint32_t>(all[i].category), rating.annotation = all[i].annotation;
      out_.rows.push_back(rating);
    }
    unit.count = static_cast<std::uint32_t>(out_.rows.size()) - unit.begin;
    unit.given.value = out_.missed;
    unit.rated = !members.empty();
    out_.units.push_back(unit);
  }

  void add_given(ImageIndex image, std::span<const Drawn> shipped, std::span<const Drawn> means, std::size_t begin) {
    if (shipped.empty()) return;
    std::vector<Drawn> both(means.begin(), means.end());
    both.insert(both.end(), shipped.begin(), shipped.end());
    std::vector<Partners> pairs;
    pair_up(both, 0, means.size(), means.size(), both.size(), least_iou_, pairs);
    std::vector<bool> paired(shipped.size(), false);
    for (const Partners& p : pairs) {
      const Drawn& one = both[p.second];
      paired[p.second - means.size()] = true;
      out_.units[begin + p.first].given = {.value = static_cast<std::uint32_t>(one.category),
                                           .annotation = one.annotation};
    }
    for (std::size_t k = 0; k < shipped.size(); ++k) {
      if (paired[k]) continue;
      add_unit(image, {}, {}, true);
      out_.units.back().given = {.value = static_cast<std::uint32_t>(shipped[k].category),
                                 .annotation = shipped[k].annotation};
    }
  }

  const Raters& raters_;
  double least_iou_;
  Ratings out_;
};

/// What one rater (or nobody: the dataset) says of one image.
struct Tag {
  std::uint32_t rater = 0;
  CategoryIndex category{};
  AnnotationIndex annotation{};
};

std::vector<Tag> tags_of(const Dataset& d, const Raters& raters, std::span<const AnnotationIndex> annotations) {
  std::vector<Tag> tags;
  for (const AnnotationIndex i : annotations)
    if (is_of_image(d, d[i])) tags.push_back({raters.of[to_size(i)], d[i].category, i});
  std::stable_sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) {
    return std::tie(a.rater, a.category) < std::tie(b.rater, b.category);
  });
  tags.erase(std::unique(tags.begin(), tags.end(),
                         [](const Tag& a, const Tag& b) { return a.rater == b.rater && a.category == b.category; }),
             tags.end());
  return tags;
}

bool one_class_each(std::span<const Tag> tags) {
  return std::adjacent_find(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.rater == b.rater; }) ==
         tags.end();
}

void add_image(ImageIndex image, std::span<const Tag> tags, Ratings& out) {
  Unit unit{.image = image, .begin = static_cast<std::uint32_t>(out.rows.size())};
  for (const Tag& tag : tags) {
    const Rating rating{tag.rater, static_cast<std::uint32_t>(tag.category), tag.annotation};
    if (tag.rater == Makers::nobody)
      unit.has_given = true, unit.given = rating;
    else
      out.rows.push_back(rating);
  }
  unit.count = static_cast<std::uint32_t>(out.rows.size()) - unit.begin;
  if (unit.count > 0) out.units.push_back(unit);
}

/// Whether the image has each of the classes, as every rater says that gives it any.
void add_tags(ImageIndex image, std::span<const Tag> tags, std::span<const CategoryIndex> classes, Ratings& out) {
  std::vector<std::uint32_t> raters;
  bool shipped = false;
  for (const Tag& tag : tags) {
    if (tag.rater == Makers::nobody)
      shipped = true;
    else if (raters.empty() || raters.back() != tag.rater)
      raters.push_back(tag.rater);
  }
  if (raters.empty()) return;
  const auto said = [&](std::uint32_t rater, CategoryIndex category) {
    const auto found = std::find_if(tags.begin(), tags.end(),
                                    [&](const Tag& t) { return t.rater == rater && t.category == category; });
    return found == tags.end() ? Rating{rater, 0} : Rating{rater, 1, found->annotation};
  };
  for (const CategoryIndex category : classes) {
    out.units.push_back({.image = image,
                         .begin = static_cast<std::uint32_t>(out.rows.size()),
                         .count = static_cast<std::uint32_t>(raters.size()),
                         .of = category,
                         .has_given = shipped,
                         .given = said(Makers::nobody, category)});
    for (const std::uint32_t rater : raters) out.rows.push_back(said(rater, category));
  }
}

std::vector<CategoryIndex> classes_given(std::span<const std::vector<Tag>> tags) {
  std::vector<CategoryIndex> classes;
  for (const std::vector<Tag>& of_image : tags)
    for (const Tag& tag : of_image) classes.push_back(tag.category);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  return classes;
}

}  // namespace

Ratings image_ratings(const Dataset& d, const Raters& raters) {
  Ratings out{.by = RatedBy::image, .values = static_cast<std::uint32_t>(d.categories.size())};
  if (raters.names.empty()) return out;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::vector<std::vector<Tag>> tags(d.images.size());
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    tags[n] = tags_of(d, raters, annotations.of(to_index<ImageIndex>(n)));
    if (!one_class_each(tags[n])) out.by = RatedBy::tag, out.values = 2;
  }
  const std::vector<CategoryIndex> classes = classes_given(tags);
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    if (tags[n].empty()) continue;
    if (out.by == RatedBy::tag)
      add_tags(to_index<ImageIndex>(n), tags[n], classes, out);
    else
      add_image(to_index<ImageIndex>(n), tags[n], out);
  }
  return out;
}

Ratings object_ratings(const Dataset& d, const Raters& raters, double least_iou) {
  ObjectRatings ratings(d, raters, least_iou);
  if (raters.names.empty()) return ratings.take();
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto image = to_index<ImageIndex>(n);
    if (raters.of_image(image).empty()) continue;
    ratings.add(image, drawing_of(d, raters, annotations.of(image)));
  }
  return ratings.take();
}

}  // namespace vetset
