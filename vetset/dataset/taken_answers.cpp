// Joins what a labelling tool gave back with what was handed to it, and says what people did: by keys where the tool
// kept them, else by class and place within an image.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "vetset/base/json.h"
#include "vetset/dataset/compare_join.h"
#include "vetset/dataset/handed.h"

namespace vetset {
namespace {

/// A text attribute; empty where there is none.
std::string attribute(const Dataset& d, Owner owner, std::size_t index, std::string_view key) {
  for (const Attribute& a : d.attributes_of(owner, index)) {
    if (d.text(a.key) != key) continue;
    const std::string_view json = d.text(a.value);
    JsonCursor in(json);
    return in.type() == JsonType::string ? std::string(in.read_string()) : std::string(json);
  }
  return {};
}

std::optional<Box> box_of(const Dataset& d, const Annotation& a) {
  if (a.box_origin == Origin::stated || a.box_origin == Origin::derived) return a.box;
  return shape_box(d, a);
}

bool near(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

bool same_box(const Box& a, const Box& b, double tolerance) {
  return near(a.x, b.x, tolerance) && near(a.y, b.y, tolerance) && near(a.x + a.width, b.x + b.width, tolerance) &&
         near(a.y + a.height, b.y + b.height, tolerance);
}

using Outlines = std::vector<std::span<const double>>;

/// The outlines of a polygon, with or without the holes in it.
void add_outlines(Outlines& to, const Dataset& d, const Shape& shape, bool holes) {
  for (const Ring& ring : d.rings_of(shape))
    if (holes || ring.role == RingRole::outer) to.push_back(d.coordinates_of(ring));
}

bool same_outline(std::span<const double> a, std::span<const double> b, double tolerance) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](double x, double y) { return near(x, y, tolerance); });
}

/// Whether both have the same outlines; tools give parts back in an order of their own.
bool same_outlines(const Outlines& a, const Outlines& b, double tolerance) {
  if (a.size() != b.size()) return false;
  std::vector<bool> taken(b.size(), false);
  return std::all_of(a.begin(), a.end(), [&](std::span<const double> one) {
    for (std::size_t k = 0; k < b.size(); ++k)
      if (!taken[k] && same_outline(one, b[k], tolerance)) return taken[k] = true, true;
    return false;
  });
}

/// What an annotation is to reviewers; kinds beyond these are compared by their boxes and never taken over.
enum class Outline : std::uint8_t { tag, box, polygon, other };
Outline outline_of(const Dataset& d, const Annotation& a) {
  bool other = false;
  for (ShapeIndex i = a.shape; i != none<ShapeIndex>; i = d[i].next) {
    if (d[i].count == 0 || d[i].kind == ShapeKind::nothing) continue;
    if (d[i].kind == ShapeKind::polygon) {
      const auto rings = d.rings_of(d[i]);  // none with points: "segmentation": []
      if (std::any_of(rings.begin(), rings.end(), [](const Ring& r) { return r.count > 0; })) return Outline::polygon;
      continue;
    }
    other = true;
  }
  if (other) return Outline::other;
  return box_of(d, a) ? Outline::box : Outline::tag;
}

class Taking {
 public:
  Taking(const Dataset& d, const Queue& queue, const Handed& handed, const Dataset& exported,
         const TakeBackOptions& options)
      : d_(d), queue_(queue), handed_(handed), h_(handed.dataset), e_(exported), options_(options) {
    back_.items.resize(queue.items.size());
    for (const Category& c : e_.categories) {
      const auto same = std::find_if(d_.categories.begin(), d_.categories.end(),
                                     [&](const Category& own) { return own.name == c.name; });
      classes_.push_back(same == d_.categories.end()
                             ? none<CategoryIndex>
                             : to_index<CategoryIndex>(static_cast<std::size_t>(same - d_.categories.begin())));
    }
    for (const Handed::Record& r : handed.records) known_.insert(r.key);
  }

  TakenBack run() {
    const Column<ImageIndex> images = join_image_names(h_, e_);
    const auto of_h = h_.image_annotations(), of_e = e_.image_annotations();
    std::vector<bool> used(e_.images.size(), false);
    for (std::size_t n = 0; n < h_.images.size(); ++n) {
      const auto i = to_index<ImageIndex>(n);
      const ImageIndex j = images[n];
      if (j != none<ImageIndex>) used[to_size(j)] = true;
      const bool skipped =
          j != none<ImageIndex> && (e_[j].state == ImageState::unlabelled || e_[j].state == ImageState::skipped);
      if (j == none<ImageIndex>) ++back_.images_missing;
      if (j == none<ImageIndex> || skipped) {
        pass_over(i, skipped ? "its image is marked as not labelled" : "its image is not in the export");
        continue;
      }
      std::vector<AnnotationIndex> drawn;
      std::set<std::uint16_t> people;
      for (const AnnotationIndex e : of_e.of(j)) {
        if (is_of_model(e)) continue;
        drawn.push_back(e);
        people.insert(e_[e].layer);
      }
      if (people.size() > 1) {
        several_people(i);
        continue;
      }
      take_image(i, j, of_h.of(i), drawn);
    }
    for (std::size_t n = 0; n < used.size(); ++n)
      if (!used[n])
        back_.not_taken.push_back({std::string(e_.path(to_index<ImageIndex>(n))),
                                   "was not handed over, or cannot be "
                                   "told from another of its name"});
    return std::move(back_);
  }

 private:
  using Indices = std::span<const AnnotationIndex>;

  CategoryIndex class_of(AnnotationIndex e) const {
    const CategoryIndex c = e_[e].category;
    return c == none<CategoryIndex> ? c : classes_[to_size(c)];
  }
  std::string place(AnnotationIndex e) const { return place_name(e_, e); }

  /// Tools give predictions back beside what people drew.
  bool is_of_model(AnnotationIndex e) const {
    return e_[e].layer < e_.layers.size() && e_.layers[e_[e].layer].starts_with("prediction");
  }
  void several_people(ImageIndex i) {
    constexpr std::string_view why = "several people labelled its image: agree on one answer first";
    bool any = false;
    for (std::size_t item = 0; item < queue_.items.size(); ++item)
      if (queue_.items[item].image == h_.path(i)) any = true, conflict(item, {}, std::string(why));
    if (!any) conflict(Handed::no_item, std::string(h_.path(i)), std::string(why));
  }

  /// Items of an image that did not come back.
  void pass_over(ImageIndex i, std::string_view why) {
    for (std::size_t item = 0; item < queue_.items.size(); ++item)
      if (queue_.items[item].image == h_.path(i)) back_.items[item].why = why;
  }

  void take_image(ImageIndex i, ImageIndex j, Indices ours, Indices theirs) {
    pair_of_.assign(ours.size(), none<AnnotationIndex>);
    std::vector<bool> taken(theirs.size(), false);
    pair_by_key(ours, theirs, taken);
    pair_by_place(ours, theirs, taken);
    std::size_t objects = 0, left = 0;
    for (std::size_t k = 0; k < ours.size(); ++k) {
      if (handed_.records[to_size(ours[k])].source == none<AnnotationIndex>) continue;
      ++objects;
      left += pair_of_[k] != none<AnnotationIndex> ? 1U : 0U;
    }
    // A tool that left an image out of its export, or an image that nobody opened, looks so, too.
    const bool emptied = objects > 1 && left == 0 && std::count(taken.begin(), taken.end(), false) == 0 &&
                         e_[j].state != ImageState::labelled_empty;
    const std::size_t before = back_.changes.size();
    for (std::size_t k = 0; k < ours.size(); ++k) take_record(i, ours[k], pair_of_[k], emptied);
    for (std::size_t k = 0; k < theirs.size(); ++k)
      if (!taken[k]) take_new(i, theirs[k]);
    for (const std::size_t item : handed_.image_items)
      if (queue_.items[item].image == h_.path(i)) take_image_item(item, j, back_.changes.size() > before);
  }

  void pair_by_key(Indices ours, Indices theirs, std::vector<bool>& taken) {
    std::map<std::string, std::size_t> by_key;
    for (std::size_t k = 0; k < ours.size(); ++k) by_key.emplace(handed_.records[to_size(ours[k])].key, k);
    struct Claim {
      std::size_t ours, theirs;
      double overlap;
    };
    std::vector<Claim> claims;
    for (std::size_t k = 0; k < theirs.size(); ++k)
      if (const auto at = by_key.find(attribute(e_, Owner::annotation, to_size(theirs[k]), key_attribute));
          at != by_key.end())
        claims.push_back({at->second, k, overlap(ours[at->second], theirs[k])});
    // Of a copy that was pasted and its original, the one that is where the original was.
    std::stable_sort(claims.begin(), claims.end(),
                     [](const Claim& a, const Claim& b) { return a.overlap > b.overlap; });
    for (const Claim& c : claims) {
      const bool part = has_parts(ours[c.ours]);  // tools draw its rings one by one, each with the key
      if (part) pieces_[ours[c.ours]].push_back(theirs[c.theirs]);
      if (pair_of_[c.ours] != none<AnnotationIndex> && !part) continue;
      if (pair_of_[c.ours] == none<AnnotationIndex>) {
        pair_of_[c.ours] = theirs[c.theirs];
        ++back_.by_key;
      }
      taken[c.theirs] = true;
    }
  }

  bool has_parts(AnnotationIndex h) const {
    const Shape* const polygon = h_.find_shape(h_[h], ShapeKind::polygon);
    return polygon != nullptr && polygon->count > 1;
  }
  /// Whether the pieces of an object reach as far as it did.
  bool reach_as_far(AnnotationIndex h) const {
    const auto pieces = pieces_.find(h);
    if (pieces == pieces_.end()) return false;
    std::vector<double> corners;
    for (const AnnotationIndex e : pieces->second)
      if (const std::optional<Box> b = box_of(e_, e_[e]))
        corners.insert(corners.end(), {b->x, b->y, b->x + b->width, b->y + b->height});
    const std::optional<Box> around = envelope(corners), was = shape_box(h_, h_[h]);
    return around && was && same_box(*around, *was, options_.tolerance_px);
  }

  /// What became of an outline of several parts, or of one; why it cannot be told, where it cannot.
  std::optional<std::string> follow_outline(AnnotationIndex h, TakenChange& change) const {
    const Shape& was = *h_.find_shape(h_[h], ShapeKind::polygon);
    if (const auto pieces = pieces_.find(h); pieces != pieces_.end()) change.parts = pieces->second;
    if (change.parts.empty()) change.parts.push_back(change.returned);
    Outlines ours, bare, theirs;
    add_outlines(ours, h_, was, true);
    add_outlines(bare, h_, was, false);
    for (const AnnotationIndex e : change.parts) {
      const Shape* const part = e_.find_shape(e_[e], ShapeKind::polygon);
      if (part == nullptr || outline_of(e_, e_[e]) != Outline::polygon)
        return "has several parts, one of which is no outline any more";
      if (e_[e].category != e_[change.returned].category) return "has several parts, which have different classes now";
      add_outlines(theirs, e_, *part, true);
    }
    if (same_outlines(ours, theirs, options_.tolerance_px)) return std::nullopt;
    const bool had_holes = bare.size() != ours.size();
    if (had_holes && theirs.size() < ours.size()) {  // the tool holds none
      if (same_outlines(bare, theirs, options_.tolerance_px) || reach_as_far(h)) return std::nullopt;
      return "has holes, which the tool did not hold, and was drawn anew";
    }
    change.reshaped = true;
    return std::nullopt;
  }

  /// What people marked: on any part, where there are several.
  std::string mark_of(const TakenChange& change) const {
    std::string mark = attribute(e_, Owner::annotation, to_size(change.returned), mark_attribute);
    for (const AnnotationIndex e : change.parts)
      if (const std::string own = attribute(e_, Owner::annotation, to_size(e), mark_attribute);
          own == "wrong" || (own == "right" && mark != "wrong"))
        mark = own;
    return mark;
  }

  double overlap(AnnotationIndex h, AnnotationIndex e) const {
    const std::optional<Box> a = box_of(h_, h_[h]), b = box_of(e_, e_[e]);
    if (!a || !b) return !a && !b ? 1 : 0;
    if (same_box(*a, *b, options_.tolerance_px)) return 1;
    return iou(*a, *b);
  }

  bool same_class(AnnotationIndex h, AnnotationIndex e) const {
    const CategoryIndex ours = h_[h].category, theirs = e_[e].category;
    if (ours == none<CategoryIndex> || theirs == none<CategoryIndex>) return ours == theirs;
    return h_[ours].name == e_[theirs].name;
  }

  /// For those without a key: the same class and place first, then another class there, then a place nearby.
  void pair_by_place(Indices ours, Indices theirs, std::vector<bool>& taken) {
    struct Claim {
      std::size_t ours, theirs;
      bool same;
      double overlap;
    };
    std::vector<Claim> claims;
    for (std::size_t k = 0; k < ours.size(); ++k) {
      if (pair_of_[k] != none<AnnotationIndex>) continue;
      for (std::size_t m = 0; m < theirs.size(); ++m) {
        if (taken[m] || !attribute(e_, Owner::annotation, to_size(theirs[m]), key_attribute).empty()) continue;
        const double o = overlap(ours[k], theirs[m]);
        constexpr double same_object = 0.5;
        if (o >= same_object) claims.push_back({k, m, same_class(ours[k], theirs[m]), o});
      }
    }
    constexpr double certain = 0.9;
    std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
      const auto rank = [](const Claim& c) {
        return std::tuple(!(c.same && c.overlap >= certain), -c.overlap, !c.same);
      };
      return rank(a) < rank(b);
    });
    for (const Claim& c : claims) {
      if (taken[c.theirs] || pair_of_[c.ours] != none<AnnotationIndex>) continue;
      pair_of_[c.ours] = theirs[c.theirs];
      taken[c.theirs] = true;
      ++back_.by_place;
    }
  }

  void conflict(std::size_t item, const std::string& where, std::string why) {
    if (item == Handed::no_item)
      back_.not_taken.push_back({where, std::move(why)});
    else
      back_.items[item] = {Told::conflict, std::move(why)};
  }
  void tell(std::size_t item, Told told) {
    if (item != Handed::no_item) back_.items[item] = {told, {}};
  }

  void take_record(ImageIndex i, AnnotationIndex h, AnnotationIndex e, bool emptied) {
    const Handed::Record& record = handed_.records[to_size(h)];
    const bool proposal = record.source == none<AnnotationIndex>;
    if (e == none<AnnotationIndex>) {
      if (proposal) return tell(record.item, Told::confirmed);
      if (emptied) return conflict(record.item, place_name(h_, h), "all objects of its image are gone");
      back_.changes.push_back(
          {.what = Told::removed, .item = record.item, .source = record.source, .image = handed_.images[to_size(i)]});
      return tell(record.item, Told::removed);
    }
    TakenChange change{.what = proposal ? Told::added : Told::changed,
                       .item = record.item,
                       .source = record.source,
                       .returned = e,
                       .image = handed_.images[to_size(i)],
                       .category = class_of(e)};
    change.reclassed = !same_class(h, e);
    const Outline was = outline_of(h_, h_[h]), is = outline_of(e_, e_[e]);
    if (was == Outline::polygon && is == Outline::polygon) {
      if (auto why = follow_outline(h, change)) return conflict(record.item, place(e), *std::move(why));
    } else if (was != Outline::tag) {
      const std::optional<Box> a = box_of(h_, h_[h]), b = box_of(e_, e_[e]);
      change.moved = a.has_value() != b.has_value() || (a && !same_box(*a, *b, options_.tolerance_px));
    }
    const std::string mark = mark_of(change);
    const bool edited = change.reclassed || change.moved || change.reshaped;
    if (!edited && !proposal) {
      if (mark == "wrong") return tell(record.item, Told::wrong);
      return tell(record.item, mark == "right" || options_.all_looked_at ? Told::confirmed : Told::untouched);
    }
    if (proposal && mark == "wrong") return tell(record.item, Told::confirmed);
    if (proposal && !edited && mark != "right" && !options_.all_looked_at) return tell(record.item, Told::untouched);
    if (change.category == none<CategoryIndex>)
      return conflict(record.item, place(e),
                      e_[e].category == none<CategoryIndex>
                          ? "has no class any more"
                          : "has the class '" + e_[e_[e].category].name + "', which the dataset does not have");
    if (change.moved && was != Outline::box)
      return conflict(record.item, place(e), "was moved or drawn anew, and is neither a box nor an outline");
    back_.changes.push_back(change);
    tell(record.item, change.what);
  }

  /// Drawn by people, or of nobody knows whom.
  void take_new(ImageIndex i, AnnotationIndex e) {
    const std::string key = attribute(e_, Owner::annotation, to_size(e), key_attribute);
    if (!key.empty() && !known_.contains(key))
      return conflict(Handed::no_item, place(e), "has the key '" + key + "', which this queue did not hand over");
    const CategoryIndex category = class_of(e);
    if (category == none<CategoryIndex>)
      return conflict(Handed::no_item, place(e),
                      e_[e].category == none<CategoryIndex> ? "is new and has no class"
                                                            : "is new and has the class '" + e_[e_[e].category].name +
                                                                  "', which the dataset does not have");
    if (outline_of(e_, e_[e]) == Outline::other)
      return conflict(Handed::no_item, place(e), "is new, and neither a box, an outline nor a class of the image");
    back_.changes.push_back(
        {.what = Told::added, .returned = e, .image = handed_.images[to_size(i)], .category = category});
  }

  void take_image_item(std::size_t item, ImageIndex j, bool changed) {
    const std::string mark = attribute(e_, Owner::image, to_size(j), mark_attribute);
    if (changed)
      tell(item, Told::changed);
    else if (mark == "wrong")
      tell(item, Told::wrong);
    else
      tell(item, mark == "right" || options_.all_looked_at ? Told::confirmed : Told::untouched);
  }

  const Dataset& d_;
  const Queue& queue_;
  const Handed& handed_;
  const Dataset &h_, &e_;
  const TakeBackOptions& options_;
  std::vector<CategoryIndex> classes_;  // by class of the export: which of the dataset
  std::set<std::string> known_;         // keys
  std::vector<AnnotationIndex> pair_of_;
  std::map<AnnotationIndex, std::vector<AnnotationIndex>> pieces_;  // of objects with several parts
  TakenBack back_;
};

}  // namespace

TakenBack take_answers(const Dataset& d, const Queue& queue, const Handed& handed, const Dataset& exported,
                       const TakeBackOptions& options) {
  return Taking(d, queue, handed, exported, options).run();
}

}  // namespace vetset
