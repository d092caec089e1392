#include "vetset/dataset/tables.h"

#include <algorithm>
#include <utility>

#include "vetset/base/json.h"
#include "vetset/dataset/columns.h"

namespace vetset {
namespace {

/// An id token as people call it: a string without its quotes, anything else as it stands.
std::optional<std::string> id_text(const Dataset& d, const Ids& ids, std::size_t i) {
  const std::string json = d.id_json(ids, i);
  if (json.empty()) return std::nullopt;
  if (json.front() != '"') return json;
  JsonCursor cursor(json);
  return std::string(cursor.read_string());
}

/// Ids are integers where all of them are, else text.
void add_ids(std::vector<Maker>& makers, const Dataset& d, const Ids& ids) {
  if (ids.numbers.empty()) return;
  if (ids.tokens.empty())
    makers.push_back(plain<std::int64_t>(
        "id", [&ids](std::size_t i) { return ids[i] == Ids::absent ? std::nullopt : std::optional(ids[i]); }));
  else
    makers.push_back(words("id", [&d, &ids](std::size_t i) { return id_text(d, ids, i); }));
}

bool any_of_owner(const auto& rows, Owner owner) {
  return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.owner == owner; });
}

/// Attributes and residue of a record, as JSON objects.
void add_extras(std::vector<Maker>& makers, const Dataset& d, Owner owner) {
  if (any_of_owner(d.attributes, owner))
    makers.push_back(words("attributes", [&d, owner](std::size_t i) { return attributes_json(d, owner, i); }));
  if (any_of_owner(d.residues, owner))
    makers.push_back(words("residue", [&d, owner](std::size_t i) {
      const auto rows = d.residues_of(owner, i);
      return rows.empty() ? std::nullopt : std::optional(d.text(rows.front().json));
    }));
}

/// Which kinds of shapes there are, and whether a ring is a hole.
struct ShapesPresent {
  bool kinds[8] = {}, holes = false;
  explicit ShapesPresent(const Dataset& d) {
    for (const Shape& s : d.shapes) kinds[static_cast<std::size_t>(s.kind)] = true;
    holes = std::any_of(d.rings.begin(), d.rings.end(), [](const Ring& r) { return r.role == RingRole::hole; });
  }
  bool operator[](ShapeKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
};
static_assert(static_cast<std::size_t>(ShapeKind::raster) < 8);

/// Calls `take` with each shape of that kind on an annotation; says whether there was one.
bool each_shape(const Dataset& d, const Annotation& a, ShapeKind kind, auto&& take) {
  bool found = false;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next)
    if (d[s].kind == kind) {
      found = true;
      take(d[s]);
    }
  return found;
}

Maker ring_lists(std::string_view name, const Dataset& d, ShapeKind kind) {
  return lists<NumberLists>(name, [&d, kind](std::size_t i, NumberLists& rings) {
    return each_shape(d, d.annotations[i], kind, [&](const Shape& s) {
      for (const Ring& r : d.rings_of(s)) {
        const auto numbers = d.coordinates_of(r);
        rings.values.insert(rings.values.end(), numbers.begin(), numbers.end());
        rings.ends.push_back(rings.values.size());
      }
    });
  });
}

Maker number_lists(std::string_view name, const Dataset& d, ShapeKind kind) {
  return lists<std::vector<double>>(name, [&d, kind](std::size_t i, std::vector<double>& numbers) {
    return each_shape(d, d.annotations[i], kind, [&](const Shape& s) {
      const auto own = d.numbers_of(s);
      numbers.insert(numbers.end(), own.begin(), own.end());
    });
  });
}

void add_shapes(std::vector<Maker>& makers, const Dataset& d) {
  const ShapesPresent present(d);
  if (present[ShapeKind::polygon]) makers.push_back(ring_lists("polygon", d, ShapeKind::polygon));
  if (present.holes)
    makers.push_back(lists<std::vector<bool>>("polygon_hole", [&d](std::size_t i, std::vector<bool>& holes) {
      return each_shape(d, d.annotations[i], ShapeKind::polygon, [&](const Shape& s) {
        for (const Ring& r : d.rings_of(s)) holes.push_back(r.role == RingRole::hole);
      });
    }));
  if (present[ShapeKind::polyline]) makers.push_back(ring_lists("polyline", d, ShapeKind::polyline));
  if (present[ShapeKind::keypoints]) makers.push_back(number_lists("keypoints", d, ShapeKind::keypoints));
  if (present[ShapeKind::numbers]) makers.push_back(number_lists("parameters", d, ShapeKind::numbers));
  if (present[ShapeKind::mask]) add_masks(makers, d);
}

/// One column for each mark that any annotation has.
void add_flags(std::vector<Maker>& makers, const Dataset& d) {
  for (unsigned n = 0; n < flag_count; ++n) {
    const Flag flag = static_cast<Flag>(n);
    const auto said = [flag](const Annotation& a) { return a.flags[flag] != Tristate::not_said; };
    if (std::none_of(d.annotations.begin(), d.annotations.end(), said)) continue;
    makers.push_back(plain<bool>(name(flag), [&d, flag, said](std::size_t i) {
      const Annotation& a = d.annotations[i];
      return said(a) ? std::optional(a.flags.is(flag)) : std::nullopt;
    }));
  }
}

}  // namespace

TableRows image_table(const Dataset& d) {
  std::vector<Maker> makers;
  add_ids(makers, d, d.image_ids);
  makers.push_back(words("path", [&d](std::size_t i) { return std::optional(d.text(d.images[i].path)); }));
  makers.push_back(words("media", [&d](std::size_t i) { return stated(d.text(d.images[i].media)); }));
  const auto size = [&](std::string_view name, std::uint32_t Image::* member) {
    makers.push_back(plain<std::uint32_t>(name, [&d, member](std::size_t i) {
      const std::uint32_t pixels = d.images[i].*member;
      return pixels == 0 ? std::nullopt : std::optional(pixels);
    }));
  };
  size("width", &Image::width);
  size("height", &Image::height);
  makers.push_back(words("state", [&d](std::size_t i) { return std::optional(name(d.images[i].state)); }));
  if (!d.licences.empty())
    makers.push_back(plain<std::uint32_t>("licence", [&d](std::size_t i) { return stated(d.images[i].licence); }));
  makers.push_back(lists<TextColumn>("splits", [&d, splits = d.image_splits()](std::size_t i, TextColumn& names) {
    for (const SplitIndex s : splits.of(to_index<ImageIndex>(i))) names.add(d[s].name);
    return true;
  }));
  add_extras(makers, d, Owner::image);
  return table_of(d.images.size(), std::move(makers));
}

TableRows annotation_table(const Dataset& d) {
  std::vector<Maker> makers;
  add_ids(makers, d, d.annotation_ids);
  makers.push_back(plain<std::uint32_t>("image", [&d](std::size_t i) { return stated(d.annotations[i].image); }));
  makers.push_back(words("image_path", [&d](std::size_t i) {
    const ImageIndex image = d.annotations[i].image;
    return image == none<ImageIndex> ? std::nullopt : std::optional(d.path(image));
  }));
  makers.push_back(plain<std::uint32_t>("category", [&d](std::size_t i) { return stated(d.annotations[i].category); }));
  makers.push_back(words("category_name", [&d](std::size_t i) {
    const CategoryIndex category = d.annotations[i].category;
    return category == none<CategoryIndex> ? std::nullopt : std::optional<std::string_view>(d[category].name);
  }));
  makers.push_back(words("kind", [&d](std::size_t i) { return std::optional(name(d.annotations[i].kind)); }));
  add_boxes(makers, d);
  if (!d.areas.empty()) makers.push_back(plain<double>("area", [&d](std::size_t i) { return stated(d.areas[i]); }));
  if (!d.scores.empty()) makers.push_back(plain<double>("score", [&d](std::size_t i) { return stated(d.scores[i]); }));
  add_flags(makers, d);
  add_shapes(makers, d);
  if (!d.text_rows.empty())
    makers.push_back(lists<TextColumn>("texts", [&d](std::size_t i, TextColumn& texts) {
      const auto rows = d.texts_of(to_index<AnnotationIndex>(i));
      for (const TextRow& row : rows) texts.add(d.text(row.text));
      return !rows.empty();
    }));
  add_extras(makers, d, Owner::annotation);
  return table_of(d.annotations.size(), std::move(makers));
}

TableRows category_table(const Dataset& d) {
  std::vector<Maker> makers;
  add_ids(makers, d, d.category_ids);
  makers.push_back(
      words("name", [&d](std::size_t i) { return std::optional<std::string_view>(d.categories[i].name); }));
  makers.push_back(words("supercategory", [&d](std::size_t i) { return d.categories[i].supercategory; }));
  makers.push_back(lists<TextColumn>("keypoints", [&d](std::size_t i, TextColumn& points) {
    for (const std::string& point : d.categories[i].keypoints) points.add(point);
    return d.categories[i].has_keypoints;
  }));
  add_extras(makers, d, Owner::category);
  return table_of(d.categories.size(), std::move(makers));
}

TableRows split_table(const Dataset& d) {
  std::vector<Maker> makers;
  makers.push_back(words("name", [&d](std::size_t i) { return std::optional<std::string_view>(d.splits[i].name); }));
  makers.push_back(words("role", [&d](std::size_t i) { return std::optional(name(d.splits[i].role)); }));
  makers.push_back(plain<std::uint32_t>("images", [&d](std::size_t i) {
    return std::optional(static_cast<std::uint32_t>(d.members(to_index<SplitIndex>(i)).size()));
  }));
  return table_of(d.splits.size(), std::move(makers));
}

TableRows membership_table(const Dataset& d) {
  std::vector<Maker> makers;
  makers.push_back(plain<std::uint32_t>("split", [&d](std::size_t i) { return stated(d.memberships[i].split); }));
  makers.push_back(plain<std::uint32_t>("image", [&d](std::size_t i) { return stated(d.memberships[i].image); }));
  makers.push_back(
      plain<std::uint32_t>("order", [&d](std::size_t i) { return std::optional(d.memberships[i].order); }));
  return table_of(d.memberships.size(), std::move(makers));
}

TableRows text_table(std::string name, std::uint64_t count, std::function<std::string_view(std::uint64_t)> text) {
  return {count, [name = std::move(name), text = std::move(text)](std::uint64_t begin, std::uint64_t end) {
            TextColumn values;
            for (std::uint64_t i = begin; i < end; ++i) values.add(text(i));
            return Table{{name, std::move(values)}};
          }};
}

}  // namespace vetset
