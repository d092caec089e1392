// What counts for the canonical form: every authored field, and nothing else.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/random_dataset.h"
#include "vetset/dataset/canonical.h"

using namespace vetset;

namespace {

/// One change to a dataset; false where it has nothing of that kind.
struct Change {
  const char* name;
  std::function<bool(Dataset&)> apply;
};

template <class Rows, class Edit>
bool first_of(Rows& rows, Edit edit) {
  for (auto& row : rows)
    if (edit(row)) return true;
  return false;
}
template <class Rows, class Edit>
bool any(Rows& rows, Edit edit) {
  if (rows.size() == 0) return false;
  edit(*rows.begin());
  return true;
}
bool place_is_told(const Dataset& d, const Annotation& a) {
  return d.authored_text(to_index<AnnotationIndex>(static_cast<std::size_t>(&a - d.annotations.data()))).empty();
}
/// The coordinate at `at` belongs to a shape that rows show.
bool edit_shape(Dataset& d, ShapeKind kind, const std::function<bool(Shape&)>& edit) {
  return first_of(d.annotations, [&](Annotation& a) {
    if (!place_is_told(d, a)) return false;
    for (ShapeIndex i = a.shape; i != none<ShapeIndex>; i = d[i].next)
      if (d[i].kind == kind && edit(d.shapes[to_size(i)])) return true;
    return false;
  });
}
bool edit_ring(Dataset& d, const std::function<bool(Ring&)>& edit) {
  return edit_shape(d, ShapeKind::polygon, [&](Shape& shape) { return shape.count > 0 && edit(d.rings[shape.begin]); });
}
bool edit_number(Dataset& d, ShapeKind kind) {
  return edit_shape(d, kind, [&](Shape& shape) {
    d.coordinates[shape.begin] = d.coordinates[shape.begin] == 1 ? 2 : 1;
    return true;
  });
}

std::vector<Change> authored_changes() {
  std::vector<Change> changes{
      {"image path", [](Dataset& d) { return any(d.images, [&](Image& v) { v.path = d.add_text("other.jpg"); }); }},
      {"image width",
       [](Dataset& d) {
         return first_of(d.images, [](Image& v) { return v.size_origin == SizeOrigin::stated && ++v.width; });
       }},
      {"image height",
       [](Dataset& d) {
         return first_of(d.images, [](Image& v) { return v.size_origin == SizeOrigin::stated && ++v.height; });
       }},
      {"image state",
       [](Dataset& d) {
         return any(d.images, [](Image& v) {
           v.state = v.state == ImageState::skipped ? ImageState::labelled : ImageState::skipped;
         });
       }},
      {"image licence",
       [](Dataset& d) {
         return first_of(d.images,
                         [](Image& v) { return std::exchange(v.licence, none<LicenceIndex>) != none<LicenceIndex>; });
       }},
      {"image id", [](Dataset& d) { return any(d.image_ids.numbers, [](std::int64_t& v) { v = v > 0 ? 0 : 77; }); }},
      {"membership", [](Dataset& d) { return any(d.memberships, [](Membership& v) { v.order += 1000; }); }},
      {"membership gone",
       [](Dataset& d) {
         if (d.memberships.empty()) return false;
         d.memberships.resize(d.memberships.size() - 1);
         return true;
       }},
      {"split name", [](Dataset& d) { return any(d.splits, [](Split& v) { v.name += "x"; }); }},
      {"split role",
       [](Dataset& d) {
         return any(d.splits, [](Split& v) { v.role = v.role == SplitRole::val ? SplitRole::test : SplitRole::val; });
       }},
      {"split info", [](Dataset& d) { return any(d.splits, [](Split& v) { v.info = "{\"new\":1}"; }); }},
      {"split residue", [](Dataset& d) { return any(d.splits, [](Split& v) { v.residue = "{\"new\":1}"; }); }},
      {"split folder", [](Dataset& d) { return any(d.splits, [](Split& v) { v.folder += "x"; }); }},
      {"split key", [](Dataset& d) { return any(d.splits, [](Split& v) { v.has_licences = !v.has_licences; }); }},
      {"category listing",
       [](Dataset& d) {
         return any(d.categories, [&](Category&) {
           if (d.splits.empty()) {
             d.categories[0].name += "x";
           } else {
             d.category_listings.push_back({SplitIndex{0}, CategoryIndex{0}});
           }
         });
       }},
      {"licence name",
       [](Dataset& d) {
         return any(d.licences, [](Licence& v) {
           v.name += "x";
           v.has_name = true;
         });
       }},
      {"licence url", [](Dataset& d) { return any(d.licences, [](Licence& v) { v.has_url = !v.has_url; }); }},
      {"category name", [](Dataset& d) { return any(d.categories, [](Category& v) { v.name += "x"; }); }},
      {"category order",
       [](Dataset& d) {
         if (d.categories.size() < 2 || d.categories[0].name == d.categories[1].name) return false;
         std::swap(d.categories[0].name, d.categories[1].name);
         return true;
       }},
      {"supercategory",
       [](Dataset& d) {
         return any(d.categories, [](Category& v) {
           v.supercategory = v.supercategory ? std::nullopt : std::optional<std::string>("");
         });
       }},
      {"category keypoints",
       [](Dataset& d) {
         return any(d.categories, [](Category& v) {
           v.has_keypoints = true;
           v.keypoints.push_back("tail");
         });
       }},
      {"category skeleton",
       [](Dataset& d) {
         return any(d.categories, [](Category& v) {
           v.has_skeleton = true;
           v.skeleton.push_back({3, 1});
         });
       }},
      {"category flip", [](Dataset& d) { return any(d.categories, [](Category& v) { v.flip.push_back(0); }); }},
      {"category points", [](Dataset& d) { return any(d.categories, [](Category& v) { ++v.point_count; }); }},
      {"category visibility",
       [](Dataset& d) {
         return any(d.categories, [](Category& v) { v.points_have_visibility = !v.points_have_visibility; });
       }},
      {"category id",
       [](Dataset& d) {
         return any(d.category_ids.numbers, [&](std::int64_t& v) {
           if (v == Ids::odd) d.category_ids.tokens = {};
           v = 4321;
           for (std::size_t i = 0; i < d.category_ids.numbers.size(); ++i)
             if (d.category_ids.numbers[i] == Ids::odd) d.category_ids.numbers[i] = Ids::absent;
           d.category_ids.tokens = {};
         });
       }},
      {"annotation order", [](Dataset& d) { return any(d.annotations, [](Annotation& v) { v.order += 1000; }); }},
      {"annotation image",
       [](Dataset& d) {
         return first_of(d.annotations,
                         [](Annotation& v) { return std::exchange(v.image, none<ImageIndex>) != none<ImageIndex>; });
       }},
      {"annotation category",
       [](Dataset& d) {
         return first_of(d.annotations, [](Annotation& v) {
           return std::exchange(v.category, none<CategoryIndex>) != none<CategoryIndex>;
         });
       }},
      {"annotation kind",
       [](Dataset& d) {
         return any(d.annotations,
                    [](Annotation& v) { v.kind = v.kind == Kind::cuboid_3d ? Kind::tag : Kind::cuboid_3d; });
       }},
      {"box not stated",
       [](Dataset& d) {
         return first_of(d.annotations, [&](Annotation& v) {
           if (v.box_origin != Origin::stated || !place_is_told(d, v)) return false;
           v.box_origin = Origin::derived;
           return true;
         });
       }},
      {"area", [](Dataset& d) { return any(d.areas, [](double& v) { v = is_unstated(v) ? 0 : unstated(); }); }},
      {"score", [](Dataset& d) { return any(d.scores, [](double& v) { v = is_unstated(v) ? 0 : unstated(); }); }},
      {"authored",
       [](Dataset& d) {
         return first_of(d.authored, [&](Text& v) {
           if (v.empty()) return false;
           v = d.add_text("0 0.5 0.5 0.25 0.126");
           return true;
         });
       }},
      {"track id",
       [](Dataset& d) { return any(d.track_ids, [&](Text& v) { v = v.empty() ? d.add_text("7") : Text{}; }); }},
      {"group id",
       [](Dataset& d) { return any(d.group_ids, [&](Text& v) { v = v.empty() ? d.add_text("7") : Text{}; }); }},
      {"layer",
       [](Dataset& d) {
         return !d.layers.empty() && any(d.annotations, [](Annotation& v) { v.layer = v.layer == 1 ? 2 : 1; });
       }},
      {"layer name",
       [](Dataset& d) {
         if (d.layers.size() < 2) return false;
         d.layers[1] += "x";
         return true;
       }},
      {"ring coordinate",
       [](Dataset& d) {
         return edit_ring(d, [&](Ring& v) { return v.count > 0 && (d.coordinates[v.begin] += 12.5) > -1e300; });
       }},
      {"ring role",
       [](Dataset& d) {
         return edit_ring(d, [](Ring& v) {
           v.role = v.role == RingRole::hole ? RingRole::outer : RingRole::hole;
           return true;
         });
       }},
      {"ring closed",
       [](Dataset& d) {
         return edit_ring(d, [](Ring& v) {
           v.closed = !v.closed;
           return true;
         });
       }},
      {"ring cut in two",
       [](Dataset& d) {
         return edit_shape(d, ShapeKind::polygon, [&](Shape& v) {
           if (v.count != 1 || d.rings[v.begin].count < 4) return false;
           const Ring whole = d.rings[v.begin];
           const std::uint64_t begin = d.rings.size();
           d.rings.push_back({.begin = whole.begin, .count = 2, .role = whole.role});
           d.rings.push_back({.begin = whole.begin + 2, .count = whole.count - 2, .role = whole.role});
           v.begin = begin;
           v.count = 2;
           return true;
         });
       }},
      {"mask runs",
       [](Dataset& d) {
         return edit_shape(d, ShapeKind::mask, [&](Shape& v) { return ++d.runs[d.masks[v.begin].begin] > 0; });
       }},
      {"mask size",
       [](Dataset& d) {
         return edit_shape(d, ShapeKind::mask, [&](Shape& v) { return ++d.masks[v.begin].height > 0; });
       }},
      {"keypoint", [](Dataset& d) { return edit_number(d, ShapeKind::keypoints); }},
      {"keypoints of two",
       [](Dataset& d) {
         return edit_shape(d, ShapeKind::keypoints, [](Shape& v) {
           v.two = !v.two;
           return true;
         });
       }},
      {"shape's numbers", [](Dataset& d) { return edit_number(d, ShapeKind::numbers); }},
      {"shape's raster", [](Dataset& d) { return edit_number(d, ShapeKind::raster); }},
      {"polyline made a polygon",
       [](Dataset& d) {
         return edit_shape(d, ShapeKind::polyline, [](Shape& v) {
           v.kind = ShapeKind::polygon;
           return true;
         });
       }},
      {"residue", [](Dataset& d) { return any(d.residues, [&](Residue& v) { v.json = d.add_text("{\"new\":1}"); }); }},
      {"attribute key", [](Dataset& d) { return any(d.attributes, [&](Attribute& v) { v.key = d.add_text("new"); }); }},
      {"attribute value",
       [](Dataset& d) { return any(d.attributes, [&](Attribute& v) { v.value = d.add_text("\"new\""); }); }},
      {"text", [](Dataset& d) { return any(d.text_rows, [&](TextRow& v) { v.text = d.add_text("new"); }); }},
      {"text role",
       [](Dataset& d) {
         return any(d.text_rows,
                    [](TextRow& v) { v.role = v.role == TextRole::turn ? TextRole::caption : TextRole::turn; });
       }},
      {"dangling token",
       [](Dataset& d) { return any(d.dangling, [&](Dangling& v) { v.json = d.add_text("\"new\""); }); }},
      {"dangling target",
       [](Dataset& d) {
         return any(d.dangling,
                    [](Dangling& v) { v.target = v.target == Owner::image ? Owner::category : Owner::image; });
       }},
      {"unread line", [](Dataset& d) { return any(d.unread, [&](Unread& v) { v.text = d.add_text("new"); }); }},
      {"unread order", [](Dataset& d) { return any(d.unread, [](Unread& v) { v.order += 1000; }); }},
      {"dataset residue",
       [](Dataset& d) {
         d.residue = "{\"new\":1}";
         return true;
       }},
      {"track id of a track",
       [](Dataset& d) { return any(d.tracks, [&](Track& v) { v.id = d.add_text("\"new\""); }); }},
      {"track category",
       [](Dataset& d) {
         return first_of(
             d.tracks, [](Track& v) { return std::exchange(v.category, none<CategoryIndex>) != none<CategoryIndex>; });
       }},
      {"track video",
       [](Dataset& d) {
         return first_of(d.tracks,
                         [](Track& v) { return std::exchange(v.video, none<ImageIndex>) != none<ImageIndex>; });
       }},
      {"track frame", [](Dataset& d) { return any(d.track_states, [](TrackState& v) { v.frame += 100; }); }},
      {"track keyframe",
       [](Dataset& d) {
         return any(d.track_states,
                    [](TrackState& v) { v.keyframe = v.keyframe == Tristate::no ? Tristate::not_said : Tristate::no; });
       }},
      {"track outside",
       [](Dataset& d) {
         return any(d.track_states,
                    [](TrackState& v) { v.outside = v.outside == Tristate::no ? Tristate::not_said : Tristate::no; });
       }},
      {"relation type", [](Dataset& d) { return any(d.relations, [&](Relation& v) { v.type = d.add_text("new"); }); }},
      {"relation direction",
       [](Dataset& d) { return any(d.relations, [](Relation& v) { v.directed = !v.directed; }); }},
  };
  for (const auto side : {&Box::x, &Box::y, &Box::width, &Box::height})
    changes.push_back({"box", [side](Dataset& d) {
                         return first_of(d.annotations, [&](Annotation& v) {
                           if (v.box_origin != Origin::stated || !place_is_told(d, v)) return false;
                           v.box.*side = v.box.*side == 1 ? 2 : 1;
                           return true;
                         });
                       }});
  for (unsigned f = 0; f < flag_count; ++f)
    changes.push_back({"flag", [f](Dataset& d) {
                         return any(d.annotations, [f](Annotation& v) {
                           const auto flag = static_cast<Flag>(f);
                           v.flags.set(flag, static_cast<Tristate>((static_cast<unsigned>(v.flags[flag]) + 1) % 3));
                         });
                       }});
  return changes;
}

const Change style_changes[] = {
    {"format", [](Dataset& d) { return d.format = "other", true; }},
    {"media", [](Dataset& d) { return any(d.images, [&](Image& v) { v.media = d.add_text("elsewhere.jpg"); }); }},
    {"size from a header",
     [](Dataset& d) {
       return first_of(d.images, [](Image& v) { return v.size_origin == SizeOrigin::header && ++v.width; });
     }},
    {"file",
     [](Dataset& d) {
       return any(d.files, [](File& v) {
         v.crlf = !v.crlf;
         v.bom = true;
       });
     }},
    {"number style",
     [](Dataset& d) { return any(d.splits, [](Split& v) { v.styles[0] = {.decimals = 6, .fixed = true}; }); }},
    {"lexemes", [](Dataset& d) { return std::exchange(d.lexemes, {}).size() > 0; }},
    {"positions", [](Dataset& d) { return std::exchange(d.annotation_positions, {}).size() > 0; }},
    {"spelling", [](Dataset& d) { return any(d.shapes, [](Shape& v) { v.spelling = Spelling::integers; }); }},
    {"derived box",
     [](Dataset& d) {
       return first_of(d.annotations,
                       [](Annotation& v) { return v.box_origin == Origin::derived && (v.box.x = 3.25) > 0; });
     }},
    {"texts nobody points to", [](Dataset& d) { return d.add_text("garbage"), true; }},
};

}  // namespace

TEST_CASE("a change of any authored field changes the canonical form and the identity") {
  for (const Change& change : authored_changes()) {
    CAPTURE(change.name);
    int applied = 0;
    for (std::uint64_t seed = 0; seed < 400 && applied < 12; ++seed) {
      CAPTURE(seed);
      const Dataset before = random_dataset(seed);
      Dataset after = before;
      if (!change.apply(after)) continue;
      ++applied;
      CHECK(canonical(after) != canonical(before));
      CHECK(labels_identity(after, Pool(1))->id != labels_identity(before, Pool(1))->id);
    }
    CHECK(applied == 12);
  }
}

TEST_CASE("what was measured, and how things are spelled, is no part of the canonical form") {
  for (const Change& change : style_changes) {
    CAPTURE(change.name);
    int applied = 0;
    for (std::uint64_t seed = 0; seed < 400 && applied < 12; ++seed) {
      CAPTURE(seed);
      const Dataset before = random_dataset(seed);
      Dataset after = before;
      if (!change.apply(after)) continue;
      ++applied;
      CHECK(canonical(after) == canonical(before));
    }
    CHECK(applied == 12);
  }
}
