// The writing side: every column of every table as a function of the row's number.
#include "vetset/dataset/package_tables.h"

#include <algorithm>
#include <utility>

#include "vetset/base/base64.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/dataset/columns.h"
#include "vetset/dataset/package_shapes.h"

namespace vetset {
namespace {

using MaybeText = std::optional<std::string>;

/// A column of texts, as cells hold them.
template <class Value>
Maker cells(std::string_view name, Value value) {
  return words(name, [value = std::move(value)](std::size_t i) -> MaybeText {
    const auto v = value(i);
    return v ? MaybeText(cell_text(std::string_view(*v))) : std::nullopt;
  });
}

template <class Value>
Maker counts(std::string_view name, Value value) {
  return plain<std::uint32_t>(name, std::move(value));
}
template <class Value>
Maker truths(std::string_view name, Value value) {
  return plain<bool>(name, std::move(value));
}

/// The key of the record that an index names.
template <class Index>
std::optional<std::string_view> key_of(const KeyColumn& keys, Index i) {
  return i == none<Index> ? std::nullopt : std::optional(keys[to_size(i)]);
}

void add_id(std::vector<Maker>& makers, const Dataset& d, const Ids& ids) {
  makers.push_back(cells("id", [&d, &ids](std::size_t i) -> MaybeText {
    if (ids[i] == Ids::absent) return std::nullopt;
    return d.id_json(ids, i);
  }));
}

/// `attributes` as one JSON object, keys in the source's order; `residue` as a list of objects.
void add_extras(std::vector<Maker>& makers, const Dataset& d, Owner owner) {
  makers.push_back(cells("attributes", [&d, owner](std::size_t i) { return attributes_json(d, owner, i); }));
  makers.push_back(lists<TextColumn>("residue", [&d, owner](std::size_t i, TextColumn& texts) {
    const auto rows = d.residues_of(owner, i);
    for (const Residue& row : rows) texts.add(cell_text(d.text(row.json)));
    return !rows.empty();
  }));
}

void add_place(std::vector<Maker>& makers, const Column<Position>& positions) {
  const auto at = [&positions](std::size_t i) { return positions.empty() ? Position{} : positions[i]; };
  makers.push_back(counts("document", [at](std::size_t i) {
    return at(i).known() ? std::optional(static_cast<std::uint32_t>(at(i).file())) : std::nullopt;
  }));
  makers.push_back(plain<std::int64_t>("offset", [at](std::size_t i) {
    return at(i).known() ? std::optional(static_cast<std::int64_t>(at(i).offset())) : std::nullopt;
  }));
}

TableRows files_rows(const Dataset& d) {
  std::vector<Maker> makers;
  makers.push_back(cells("path", [&d](std::size_t i) { return std::optional(d.text(d.files[i].path)); }));
  makers.push_back(cells("content", [&d](std::size_t i) { return stated(d.text(d.files[i].bytes)); }));
  makers.push_back(counts("split", [&d](std::size_t i) { return stated(d.files[i].split); }));
  const auto mark = [&](std::string_view name, bool File::* member) {
    makers.push_back(truths(name, [&d, member](std::size_t i) { return std::optional(d.files[i].*member); }));
  };
  mark("bom", &File::bom);
  mark("crlf", &File::crlf);
  mark("final_newline", &File::final_newline);
  return table_of(d.files.size(), std::move(makers));
}

TableRows dataset_rows(const Dataset& d) {
  std::vector<Maker> makers;
  makers.push_back(cells("id", [](std::size_t) { return std::optional<std::string_view>("dataset"); }));
  makers.push_back(cells("format", [&d](std::size_t) { return stated(std::string_view(d.format)); }));
  makers.push_back(lists<TextColumn>("layers", [&d](std::size_t, TextColumn& texts) {
    for (std::size_t l = 1; l < d.layers.size(); ++l) texts.add(cell_text(d.layers[l]));
    return d.layers.size() > 1;
  }));
  makers.push_back(cells("own", [&d](std::size_t) { return stated(std::string_view(d.residue)); }));
  add_extras(makers, d, Owner::dataset);
  return table_of(1, std::move(makers));
}

TableRows categories_rows(const Dataset& d, const RowKeys& keys) {
  std::vector<Maker> makers;
  const auto at = [&d](std::size_t i) -> const Category& { return d.categories[i]; };
  makers.push_back(cells("category_id", [&keys](std::size_t i) { return std::optional(keys.categories[i]); }));
  makers.push_back(cells("name", [at](std::size_t i) { return std::optional<std::string_view>(at(i).name); }));
  makers.push_back(cells("supercategory", [at](std::size_t i) { return at(i).supercategory; }));
  makers.push_back(lists<TextColumn>("keypoints", [at](std::size_t i, TextColumn& points) {
    for (const std::string& point : at(i).keypoints) points.add(cell_text(point));
    return at(i).has_keypoints;
  }));
  makers.push_back(lists<CountLists>("skeleton", [at](std::size_t i, CountLists& edges) {
    for (const auto& [from, to] : at(i).skeleton) {
      edges.values.push_back(from);
      edges.values.push_back(to);
      edges.ends.push_back(edges.values.size());
    }
    return at(i).has_skeleton;
  }));
  makers.push_back(lists<std::vector<std::int64_t>>("flip", [at](std::size_t i, std::vector<std::int64_t>& flip) {
    flip.insert(flip.end(), at(i).flip.begin(), at(i).flip.end());
    return !at(i).flip.empty();
  }));
  makers.push_back(counts("points", [at](std::size_t i) {
    return at(i).point_count == 0 ? std::nullopt : std::optional(at(i).point_count);
  }));
  makers.push_back(
      truths("two", [at](std::size_t i) { return at(i).points_have_visibility ? std::nullopt : std::optional(true); }));
  add_id(makers, d, d.category_ids);
  makers.push_back(counts("order", [](std::size_t i) { return std::optional(static_cast<std::uint32_t>(i)); }));
  add_extras(makers, d, Owner::category);
  return table_of(d.categories.size(), std::move(makers));
}

TableRows splits_rows(const Dataset& d, const RowKeys& keys) {
  std::vector<Maker> makers;
  const auto at = [&d](std::size_t i) -> const Split& { return d.splits[i]; };
  makers.push_back(cells("split_id", [&keys](std::size_t i) { return std::optional(keys.splits[i]); }));
  makers.push_back(cells("name", [at](std::size_t i) { return std::optional<std::string_view>(at(i).name); }));
  makers.push_back(cells("role", [at](std::size_t i) {
    return at(i).role == SplitRole::unspecified ? std::nullopt : std::optional(name(at(i).role));
  }));
  makers.push_back(counts("origin", [at](std::size_t i) {
    return at(i).origin == SplitOrigin::none ? std::nullopt : std::optional(static_cast<std::uint32_t>(at(i).origin));
  }));
  makers.push_back(cells("folder", [at](std::size_t i) { return stated(std::string_view(at(i).folder)); }));
  makers.push_back(cells("info", [at](std::size_t i) { return stated(std::string_view(at(i).info)); }));
  makers.push_back(lists<TextColumn>("keys", [at](std::size_t i, TextColumn& present) {
    if (at(i).has_annotations) present.add("annotations");
    if (at(i).has_categories) present.add("categories");
    if (at(i).has_images) present.add("images");
    if (at(i).has_licences) present.add("licences");
    return true;
  }));
  makers.push_back(lists<TextColumn>("categories", [&d, &keys](std::size_t i, TextColumn& listed) {
    for (const CategoryListing& row : d.category_listings)
      if (to_size(row.split) == i) listed.add(cell_text(keys.categories[to_size(row.category)]));
    return !d.category_listings.empty();
  }));
  makers.push_back(counts("file", [at](std::size_t i) { return stated(at(i).file); }));
  makers.push_back(lists<std::vector<std::int64_t>>("styles", [at](std::size_t i, std::vector<std::int64_t>& numbers) {
    const std::span<const NumberStyle> styles(at(i).styles);
    if (std::all_of(styles.begin(), styles.end(), [](const NumberStyle& s) { return s == NumberStyle{}; }))
      return false;
    for (const NumberStyle& style : styles) {
      numbers.push_back(style.decimals);
      numbers.push_back(style.fixed ? 1 : 0);
    }
    return true;
  }));
  makers.push_back(cells("own", [at](std::size_t i) { return stated(std::string_view(at(i).residue)); }));
  add_extras(makers, d, Owner::split);
  return table_of(d.splits.size(), std::move(makers));
}

TableRows licences_rows(const Dataset& d, const RowKeys& keys) {
  std::vector<Maker> makers;
  const auto at = [&d](std::size_t i) -> const Licence& { return d.licences[i]; };
  makers.push_back(cells("licence_id", [&keys](std::size_t i) { return std::optional(keys.licences[i]); }));
  makers.push_back(cells("name", [at](std::size_t i) {
    return at(i).has_name ? std::optional<std::string_view>(at(i).name) : std::nullopt;
  }));
  makers.push_back(cells("url", [at](std::size_t i) {
    return at(i).has_url ? std::optional<std::string_view>(at(i).url) : std::nullopt;
  }));
  makers.push_back(cells("split_id", [at, &keys](std::size_t i) { return key_of(keys.splits, at(i).split); }));
  add_id(makers, d, d.licence_ids);
  makers.push_back(counts("order", [](std::size_t i) { return std::optional(static_cast<std::uint32_t>(i)); }));
  add_extras(makers, d, Owner::licence);
  return table_of(d.licences.size(), std::move(makers));
}

TableRows samples_rows(const Dataset& d, const RowKeys& keys, std::span<const MediaPlace> media) {
  std::vector<Maker> makers;
  const auto at = [&d](std::size_t i) -> const Image& { return d.images[i]; };
  const auto place = [media](std::size_t i) -> const MediaPlace* {
    return media.empty() || media[i].path.empty() ? nullptr : &media[i];
  };
  makers.push_back(cells("sample_id", [&keys](std::size_t i) { return std::optional(keys.images[i]); }));
  makers.push_back(cells("path", [&d, at](std::size_t i) { return std::optional(d.text(at(i).path)); }));
  const auto size = [&](std::string_view name, std::uint32_t Image::* member) {
    makers.push_back(counts(name, [at, member](std::size_t i) {
      return at(i).size_origin == SizeOrigin::none ? std::nullopt : std::optional(at(i).*member);
    }));
  };
  size("width", &Image::width);
  size("height", &Image::height);
  makers.push_back(cells("size_origin", [at](std::size_t i) {
    const SizeOrigin origin = at(i).size_origin;
    return origin == SizeOrigin::none ? std::nullopt
                                      : std::optional(origin == SizeOrigin::stated ? "stated" : "header");
  }));
  makers.push_back(lists<TextColumn>("splits", [&keys, splits = d.image_splits()](std::size_t i, TextColumn& names) {
    for (const SplitIndex s : splits.of(to_index<ImageIndex>(i))) names.add(cell_text(keys.splits[to_size(s)]));
    return true;
  }));
  makers.push_back(cells("state", [at](std::size_t i) {
    return at(i).state == ImageState::not_said ? std::nullopt : std::optional(name(at(i).state));
  }));
  makers.push_back(cells("licence_id", [at, &keys](std::size_t i) { return key_of(keys.licences, at(i).licence); }));
  add_id(makers, d, d.image_ids);
  add_extras(makers, d, Owner::image);
  makers.push_back(counts("file", [at](std::size_t i) { return stated(at(i).file); }));
  add_place(makers, d.image_positions);
  makers.push_back(cells("media", [place](std::size_t i) {
    return place(i) == nullptr ? std::nullopt : std::optional<std::string_view>(place(i)->path);
  }));
  makers.push_back(cells("source", [media](std::size_t i) {
    return media.empty() ? std::nullopt : stated(std::string_view(media[i].source));
  }));
  makers.push_back(cells("media_sha256", [media](std::size_t i) {
    return media.empty() ? std::nullopt : stated(std::string_view(media[i].sha256));
  }));
  makers.push_back(plain<std::int64_t>("media_size", [media](std::size_t i) {
    return media.empty() || media[i].sha256.empty() ? std::nullopt
                                                    : std::optional(static_cast<std::int64_t>(media[i].size));
  }));
  makers.push_back(cells("shard", [place](std::size_t i) {
    return place(i) == nullptr ? std::nullopt : stated(std::string_view(place(i)->shard));
  }));
  makers.push_back(plain<std::int64_t>("shard_offset", [place](std::size_t i) {
    return place(i) == nullptr || place(i)->shard.empty() ? std::nullopt
                                                          : std::optional(static_cast<std::int64_t>(place(i)->offset));
  }));
  return table_of(d.images.size(), std::move(makers));
}

std::string_view origin_name(Origin origin) {
  constexpr std::string_view names[] = {"none", "stated", "derived", "unplaced"};
  return names[static_cast<std::size_t>(origin)];
}

Maker ring_lists(std::string_view name, const Dataset& d, ShapeKind kind) {
  return lists<NumberLists>(name, [&d, kind](std::size_t i, NumberLists& rings) {
    const Shape* s = d.find_shape(d.annotations[i], kind);
    if (s == nullptr) return false;
    for (const Ring& r : d.rings_of(*s)) {
      const auto numbers = d.coordinates_of(r);
      rings.values.insert(rings.values.end(), numbers.begin(), numbers.end());
      rings.ends.push_back(rings.values.size());
    }
    return true;
  });
}
Maker number_lists(std::string_view name, const Dataset& d, ShapeKind kind) {
  return lists<std::vector<double>>(name, [&d, kind](std::size_t i, std::vector<double>& numbers) {
    const Shape* s = d.find_shape(d.annotations[i], kind);
    if (s == nullptr) return false;
    const auto own = d.numbers_of(*s);
    numbers.insert(numbers.end(), own.begin(), own.end());
    return true;
  });
}

/// The first shape of each kind in a column of its own; all of them in `shapes` where those columns do not say it.
void add_shapes(std::vector<Maker>& makers, const Dataset& d) {
  makers.push_back(ring_lists("polygon", d, ShapeKind::polygon));
  makers.push_back(lists<std::vector<std::int64_t>>("holes", [&d](std::size_t i, std::vector<std::int64_t>& holes) {
    const Shape* s = d.find_shape(d.annotations[i], ShapeKind::polygon);
    if (s == nullptr) return false;
    const auto rings = d.rings_of(*s);
    bool any = false;
    for (std::size_t r = 0; r < rings.size(); ++r)
      if (rings[r].role == RingRole::hole) {
        holes.push_back(static_cast<std::int64_t>(r));
        any = true;
      }
    return any;
  }));
  makers.push_back(ring_lists("polyline", d, ShapeKind::polyline));
  add_masks(makers, d);
  makers.push_back(number_lists("keypoints", d, ShapeKind::keypoints));
  makers.push_back(truths("two", [&d](std::size_t i) {
    const Shape* s = d.find_shape(d.annotations[i], ShapeKind::keypoints);
    return s != nullptr && s->two ? std::optional(true) : std::nullopt;
  }));
  makers.push_back(number_lists("numbers", d, ShapeKind::numbers));
  makers.push_back(cells("shapes", [&d](std::size_t i) -> MaybeText {
    if (columns_say_shapes(d, d.annotations[i])) return std::nullopt;
    std::string json;
    append_canonical_shapes(json, d, d.annotations[i]);
    return json;
  }));
}

void add_boxes_and_origins(std::vector<Maker>& makers, const Dataset& d) {
  add_boxes(makers, d);
  makers.push_back(words("box_origin", [&d](std::size_t i) {
    const Origin origin = d.annotations[i].box_origin;
    return origin == Origin::none ? std::nullopt : std::optional(origin_name(origin));
  }));
}

/// Pairs of a name and a JSON value: [["image",99]].
template <class Rows, class Append>
MaybeText pairs(const Rows& rows, Append append) {
  if (rows.empty()) return std::nullopt;
  std::string json;
  JsonWriter w(json);
  w.begin_array();
  for (const auto& row : rows) {
    w.begin_array();
    append(w, row);
    w.end_array();
  }
  w.end_array();
  return json;
}

TableRows annotations_rows(const Dataset& d, const RowKeys& keys) {
  std::vector<Maker> makers;
  const auto at = [&d](std::size_t i) -> const Annotation& { return d.annotations[i]; };
  const auto token = [&](std::string_view name, const Column<Text>& column) {
    makers.push_back(cells(
        name, [&d, &column](std::size_t i) { return column.empty() ? std::nullopt : stated(d.text(column[i])); }));
  };
  makers.push_back(cells("ann_id", [&keys](std::size_t i) { return std::optional(keys.annotations[i]); }));
  makers.push_back(cells("sample_id", [at, &keys](std::size_t i) { return key_of(keys.images, at(i).image); }));
  makers.push_back(
      cells("category_id", [at, &keys](std::size_t i) { return key_of(keys.categories, at(i).category); }));
  makers.push_back(words("kind", [at](std::size_t i) {
    return at(i).kind == Kind::unspecified ? std::nullopt : std::optional(name(at(i).kind));
  }));
  add_boxes_and_origins(makers, d);
  makers.push_back(plain<double>("area", [&d](std::size_t i) { return stated(d.area(to_index<AnnotationIndex>(i))); }));
  makers.push_back(
      plain<double>("score", [&d](std::size_t i) { return stated(d.score(to_index<AnnotationIndex>(i))); }));
  for (unsigned f = 0; f < flag_count; ++f)
    makers.push_back(truths(name(static_cast<Flag>(f)),
                            [at, f](std::size_t i) { return stated(at(i).flags[static_cast<Flag>(f)]); }));
  add_shapes(makers, d);
  token("authored", d.authored);
  token("group", d.group_ids);
  token("track", d.track_ids);
  makers.push_back(cells("layer", [&d, at](std::size_t i) {
    return at(i).layer == 0 ? std::nullopt : std::optional<std::string_view>(d.layers[at(i).layer]);
  }));
  makers.push_back(cells("texts", [&d](std::size_t i) {
    return pairs(d.texts_of(to_index<AnnotationIndex>(i)),
                 [&](JsonWriter& w, const TextRow& row) { w.value(name(row.role)).value(d.text(row.text)); });
  }));
  makers.push_back(cells("dangling", [&d](std::size_t i) {
    return pairs(d.dangling_of(to_index<AnnotationIndex>(i)),
                 [&](JsonWriter& w, const Dangling& row) { w.value(name(row.target)).raw(d.text(row.json)); });
  }));
  add_id(makers, d, d.annotation_ids);
  makers.push_back(counts("order", [at](std::size_t i) { return std::optional(at(i).order); }));
  add_extras(makers, d, Owner::annotation);
  makers.push_back(cells("spelling", [&d](std::size_t i) { return spelling_of(d, to_index<AnnotationIndex>(i)); }));
  add_place(makers, d.annotation_positions);
  return table_of(d.annotations.size(), std::move(makers));
}

TableRows tracks_rows(const Dataset& d, const RowKeys& keys) {
  std::vector<Maker> makers;
  const auto at = [&d](std::size_t i) -> const Track& { return d.tracks[i]; };
  makers.push_back(cells("track_id", [&keys](std::size_t i) { return std::optional(keys.tracks[i]); }));
  makers.push_back(cells("id", [&d, at](std::size_t i) { return stated(d.text(at(i).id)); }));
  makers.push_back(
      cells("category_id", [at, &keys](std::size_t i) { return key_of(keys.categories, at(i).category); }));
  makers.push_back(cells("video_id", [at, &keys](std::size_t i) { return key_of(keys.images, at(i).video); }));
  makers.push_back(cells("states", [&d, &keys](std::size_t i) -> MaybeText {
    std::string json;
    if (!append_track_states(json, d, keys, i)) return std::nullopt;
    return json;
  }));
  add_extras(makers, d, Owner::track);
  return table_of(d.tracks.size(), std::move(makers));
}

TableRows relations_rows(const Dataset& d, const RowKeys& keys) {
  std::vector<Maker> makers;
  const auto at = [&d](std::size_t i) -> const Relation& { return d.relations[i]; };
  makers.push_back(cells("from_id", [at, &keys](std::size_t i) { return key_of(keys.annotations, at(i).from); }));
  makers.push_back(cells("to_id", [at, &keys](std::size_t i) { return key_of(keys.annotations, at(i).to); }));
  makers.push_back(cells("type", [&d, at](std::size_t i) { return stated(d.text(at(i).type)); }));
  makers.push_back(truths("directed", [at](std::size_t i) { return std::optional(at(i).directed); }));
  return table_of(d.relations.size(), std::move(makers));
}

TableRows memberships_rows(const Dataset& d, const RowKeys& keys) {
  std::vector<Maker> makers;
  const auto at = [&d](std::size_t i) -> const Membership& { return d.memberships[i]; };
  makers.push_back(cells("split_id", [at, &keys](std::size_t i) { return key_of(keys.splits, at(i).split); }));
  makers.push_back(cells("sample_id", [at, &keys](std::size_t i) { return key_of(keys.images, at(i).image); }));
  makers.push_back(counts("order", [at](std::size_t i) { return std::optional(at(i).order); }));
  return table_of(d.memberships.size(), std::move(makers));
}

TableRows unread_rows(const Dataset& d) {
  std::vector<Maker> makers;
  makers.push_back(cells("file", [&d](std::size_t i) { return std::optional(d.path(d.unread[i].file)); }));
  makers.push_back(counts("order", [&d](std::size_t i) { return std::optional(d.unread[i].order); }));
  makers.push_back(cells("text", [&d](std::size_t i) { return std::optional(d.text(d.unread[i].text)); }));
  return table_of(d.unread.size(), std::move(makers));
}

constexpr std::string_view names[] = {"files",       "dataset",     "categories", "splits",    "licences", "samples",
                                      "memberships", "annotations", "tracks",     "relations", "unread"};

}  // namespace

std::span<const std::string_view> package_table_names() { return names; }

bool package_requires(std::string_view table) {
  return table == "dataset" || table == "categories" || table == "samples" || table == "annotations";
}

namespace {

std::vector<PackageTable> all_tables(const Dataset& d, const RowKeys& keys, std::span<const MediaPlace> media) {
  return {{"files", files_rows(d)},
          {"dataset", dataset_rows(d)},
          {"categories", categories_rows(d, keys)},
          {"splits", splits_rows(d, keys)},
          {"licences", licences_rows(d, keys)},
          {"samples", samples_rows(d, keys, media)},
          {"memberships", memberships_rows(d, keys)},
          {"annotations", annotations_rows(d, keys)},
          {"tracks", tracks_rows(d, keys)},
          {"relations", relations_rows(d, keys)},
          {"unread", unread_rows(d)}};
}

}  // namespace

std::vector<PackageTable> package_tables(const Dataset& d, const RowKeys& keys, std::span<const MediaPlace> media) {
  std::vector<PackageTable> tables = all_tables(d, keys, media);
  std::erase_if(tables, [](const PackageTable& t) { return t.rows.count == 0 && !package_requires(t.name); });
  return tables;
}

std::vector<std::string> package_columns(std::string_view table) {
  const Dataset nothing;
  const RowKeys keys;
  std::vector<std::string> columns;
  for (const PackageTable& t : all_tables(nothing, keys, {}))
    if (t.name == table)
      for (const TableColumn& column : t.rows.rows(0, 0)) columns.push_back(column.name);
  return columns;
}

std::string cell_text(std::string_view text) {
  if (!text.starts_with("$bytes:") && !invalid_utf8(text)) return std::string(text);
  return "$bytes:" + base64(text);
}

}  // namespace vetset
