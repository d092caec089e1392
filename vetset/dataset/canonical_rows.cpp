// The rows of the small tables; those of annotations are in canonical_annotation.cpp.
#include "vetset/dataset/canonical_rows.h"

#include <algorithm>
#include <string>

#include "vetset/base/json.h"
#include "vetset/base/result.h"

namespace vetset {
namespace {

constexpr std::string_view dataset_columns[] = {"attributes", "id", "layers", "residue"};
constexpr std::string_view split_columns[] = {"attributes", "categories", "folder", "info",    "keys",
                                              "name",       "residue",    "role",   "split_id"};
constexpr std::string_view licence_columns[] = {"attributes", "id",      "licence_id", "name",
                                                "order",      "residue", "split_id",   "url"};
constexpr std::string_view category_columns[] = {"attributes", "category_id", "flip",          "id",
                                                 "keypoints",  "name",        "order",         "points",
                                                 "residue",    "skeleton",    "supercategory", "two"};
constexpr std::string_view sample_columns[] = {"attributes", "height",    "id",    "licence_id", "path",
                                               "residue",    "sample_id", "state", "width"};
constexpr std::string_view track_columns[] = {"attributes", "category_id", "id",      "residue",
                                              "states",     "track_id",    "video_id"};
constexpr std::string_view relation_columns[] = {"directed", "from_id", "to_id", "type"};
constexpr std::string_view membership_columns[] = {"order", "sample_id", "split_id"};
constexpr std::string_view unread_columns[] = {"file", "order", "text"};

template <class Values, class Append>
void append_list(std::string& out, const Values& values, Append append) {
  out += '[';
  const std::size_t begin = out.size();
  for (const auto& value : values) {
    if (out.size() != begin) out += ',';
    append(value);
  }
  out += ']';
}

}  // namespace

const TableLayout dataset_table{.name = "dataset", .key = "id", .columns = dataset_columns};
const TableLayout splits_table{.name = "splits", .key = "split_id", .columns = split_columns};
const TableLayout licences_table{.name = "licences", .key = "licence_id", .columns = licence_columns};
const TableLayout categories_table{.name = "categories", .key = "category_id", .columns = category_columns};
const TableLayout samples_table{.name = "samples", .key = "sample_id", .columns = sample_columns};
const TableLayout tracks_table{.name = "tracks", .key = "track_id", .columns = track_columns};
const TableLayout relations_table{.name = "relations", .key = "", .columns = relation_columns};
const TableLayout memberships_table{.name = "memberships", .key = "", .columns = membership_columns};
const TableLayout unread_table{.name = "unread", .key = "", .columns = unread_columns};

void append_canonical_token(std::string& out, std::string_view json) {
  if (const Result<std::string> canonical = canonical_json(json)) {
    out += *canonical;
  } else {
    append_canonical_string(out, json);
  }
}

void append_residue(RowWriter& row, const Dataset& d, Owner owner, std::size_t index, std::string_view first) {
  const std::span<const Residue> residues = d.residues_of(owner, index);
  const std::size_t count = residues.size() + (first.empty() ? 0 : 1);
  if (count == 0) return;
  std::string& out = row.column("residue");
  if (count > 1) out += '[';
  if (!first.empty()) append_canonical_token(out, first);
  for (std::size_t i = 0; i < residues.size(); ++i) {
    if (i > 0 || !first.empty()) out += ',';
    append_canonical_token(out, d.text(residues[i].json));
  }
  if (count > 1) out += ']';
}

void append_attributes(RowWriter& row, const Dataset& d, Owner owner, std::size_t index) {
  const std::span<const Attribute> found = d.attributes_of(owner, index);
  if (found.empty()) return;
  std::vector<Attribute> sorted(found.begin(), found.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Attribute& a, const Attribute& b) { return d.text(a.key) < d.text(b.key); });
  std::string& out = row.column("attributes");
  char before = '[';
  for (const Attribute& attribute : sorted) {
    out += before;
    before = ',';
    out += '[';
    append_canonical_string(out, d.text(attribute.key));
    out += ',';
    append_canonical_token(out, d.text(attribute.value));
    out += ']';
  }
  out += ']';
}

void append_id(RowWriter& row, const Dataset& d, const Ids& ids, std::size_t i) {
  const std::int64_t number = ids[i];
  if (number == Ids::absent) return;
  if (number != Ids::odd) return row.integer("id", number);
  append_canonical_token(row.column("id"), d.id_json(ids, i));
}

std::string& RowWriter::column(std::string_view name) {
  while (next_ < layout_.columns.size() && layout_.columns[next_] != name) ++next_;
  VETSET_ASSERT(next_ < layout_.columns.size(), "columns are written in the order of the layout");
  if (used_ != 0) out_ += ',';
  used_ |= 1U << next_++;
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return out_;
}

void RowWriter::text(std::string_view name, std::string_view value) { append_canonical_string(column(name), value); }
void RowWriter::number(std::string_view name, double value) { append_canonical_number(column(name), value); }
void RowWriter::integer(std::string_view name, std::int64_t value) { append_canonical_integer(column(name), value); }

std::uint32_t append_dataset_row(std::string& out, const Dataset& d) {
  RowWriter row(out, dataset_table);
  append_attributes(row, d, Owner::dataset, 0);
  row.text("id", "dataset");
  if (d.layers.size() > 1)
    append_list(row.column("layers"), std::span(d.layers).subspan(1),
                [&](const std::string& layer) { append_canonical_string(out, layer); });
  append_residue(row, d, Owner::dataset, 0, d.residue);
  return row.end();
}

std::uint32_t append_split_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i) {
  const Split& split = d.splits[i];
  RowWriter row(out, splits_table);
  append_attributes(row, d, Owner::split, i);
  std::vector<CategoryIndex> listed;
  for (const CategoryListing& listing : d.category_listings)
    if (to_size(listing.split) == i) listed.push_back(listing.category);
  if (!d.category_listings.empty())
    append_list(row.column("categories"), listed,
                [&](CategoryIndex c) { append_canonical_string(out, keys.categories[to_size(c)]); });
  if (!split.folder.empty()) row.text("folder", split.folder);
  if (!split.info.empty()) append_canonical_token(row.column("info"), split.info);
  std::vector<std::string_view> present;
  if (split.has_annotations) present.push_back("annotations");
  if (split.has_categories) present.push_back("categories");
  if (split.has_images) present.push_back("images");
  if (split.has_licences) present.push_back("licences");
  append_list(row.column("keys"), present, [&](std::string_view key) { append_canonical_string(out, key); });
  row.text("name", split.name);
  append_residue(row, d, Owner::split, i, split.residue);
  if (split.role != SplitRole::unspecified) row.text("role", name(split.role));
  row.text("split_id", keys.splits[i]);
  return row.end();
}

std::uint32_t append_licence_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i, RowPart part) {
  const Licence& licence = d.licences[i];
  RowWriter row(out, licences_table);
  append_attributes(row, d, Owner::licence, i);
  append_id(row, d, d.licence_ids, i);
  if (part == RowPart::whole) row.text("licence_id", keys.licences[i]);
  if (licence.has_name) row.text("name", licence.name);
  if (part == RowPart::whole) row.integer("order", static_cast<std::int64_t>(i));
  append_residue(row, d, Owner::licence, i);
  if (licence.split != none<SplitIndex>) row.text("split_id", keys.splits[to_size(licence.split)]);
  if (licence.has_url) row.text("url", licence.url);
  return row.end();
}

std::uint32_t append_category_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i,
                                  RowPart part) {
  const Category& category = d.categories[i];
  RowWriter row(out, categories_table);
  append_attributes(row, d, Owner::category, i);
  if (part == RowPart::whole) row.text("category_id", keys.categories[i]);
  if (!category.flip.empty())
    append_list(row.column("flip"), category.flip, [&](std::uint32_t to) { append_number(out, std::uint64_t{to}); });
  append_id(row, d, d.category_ids, i);
  if (category.has_keypoints)
    append_list(row.column("keypoints"), category.keypoints,
                [&](const std::string& point) { append_canonical_string(out, point); });
  row.text("name", category.name);
  if (part == RowPart::whole) row.integer("order", static_cast<std::int64_t>(i));
  if (category.point_count != 0) row.integer("points", category.point_count);
  append_residue(row, d, Owner::category, i);
  if (category.has_skeleton)
    append_list(row.column("skeleton"), category.skeleton, [&](const auto& edge) {
      out += '[';
      append_canonical_integer(out, edge.first);
      out += ',';
      append_canonical_integer(out, edge.second);
      out += ']';
    });
  if (category.supercategory) row.text("supercategory", *category.supercategory);
  if (!category.points_have_visibility) row.column("two") += "true";
  return row.end();
}

std::uint32_t append_sample_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i, RowPart part) {
  const Image& image = d.images[i];
  const bool stated = image.size_origin == SizeOrigin::stated;
  RowWriter row(out, samples_table);
  append_attributes(row, d, Owner::image, i);
  if (stated) row.integer("height", image.height);
  append_id(row, d, d.image_ids, i);
  if (image.licence != none<LicenceIndex>) row.text("licence_id", keys.licences[to_size(image.licence)]);
  row.text("path", d.text(image.path));
  append_residue(row, d, Owner::image, i);
  if (part == RowPart::whole) row.text("sample_id", keys.images[i]);
  if (image.state != ImageState::not_said) row.text("state", name(image.state));
  if (stated) row.integer("width", image.width);
  return row.end();
}

bool append_track_states(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i) {
  const auto begin = std::partition_point(d.track_states.begin(), d.track_states.end(),
                                          [&](const TrackState& state) { return to_size(state.track) < i; });
  const auto end = std::partition_point(begin, d.track_states.end(),
                                        [&](const TrackState& state) { return to_size(state.track) == i; });
  if (begin == end) return false;
  append_list(out, std::span(begin, end), [&](const TrackState& state) {
    out += '{';
    if (state.annotation != none<AnnotationIndex>) {
      out += "\"ann_id\":";
      append_canonical_string(out, keys.annotations[to_size(state.annotation)]);
      out += ',';
    }
    out += "\"frame\":";
    append_number(out, std::uint64_t{state.frame});
    const auto flag = [&](std::string_view said, Tristate value) {
      if (value == Tristate::not_said) return;
      out += said;
      out += value == Tristate::yes ? "true" : "false";
    };
    flag(",\"keyframe\":", state.keyframe);
    flag(",\"outside\":", state.outside);
    out += '}';
  });
  return true;
}

std::uint32_t append_track_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i, RowPart part) {
  const Track& track = d.tracks[i];
  RowWriter row(out, tracks_table);
  append_attributes(row, d, Owner::track, i);
  if (track.category != none<CategoryIndex>) row.text("category_id", keys.categories[to_size(track.category)]);
  if (!track.id.empty()) append_canonical_token(row.column("id"), d.text(track.id));
  append_residue(row, d, Owner::track, i);
  std::string states;
  if (append_track_states(states, d, keys, i)) row.column("states") += states;
  if (part == RowPart::whole) row.text("track_id", keys.tracks[i]);
  if (track.video != none<ImageIndex>) row.text("video_id", keys.images[to_size(track.video)]);
  return row.end();
}

std::uint32_t append_relation_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i) {
  const Relation& relation = d.relations[i];
  RowWriter row(out, relations_table);
  row.column("directed") += relation.directed ? "true" : "false";
  row.text("from_id", keys.annotations[to_size(relation.from)]);
  row.text("to_id", keys.annotations[to_size(relation.to)]);
  if (!relation.type.empty()) row.text("type", d.text(relation.type));
  return row.end();
}

std::uint32_t append_membership_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i) {
  const Membership& membership = d.memberships[i];
  RowWriter row(out, memberships_table);
  row.integer("order", membership.order);
  row.text("sample_id", keys.images[to_size(membership.image)]);
  row.text("split_id", keys.splits[to_size(membership.split)]);
  return row.end();
}

std::uint32_t append_unread_row(std::string& out, const Dataset& d, std::size_t i) {
  const Unread& unread = d.unread[i];
  RowWriter row(out, unread_table);
  row.text("file", d.path(unread.file));
  row.integer("order", unread.order);
  row.text("text", d.text(unread.text));
  return row.end();
}

namespace {

template <auto append>
std::uint32_t whole_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i) {
  return append(out, d, keys, i, RowPart::whole);
}
std::uint32_t the_dataset_row(std::string& out, const Dataset& d, const RowKeys&, std::size_t) {
  return append_dataset_row(out, d);
}
std::uint32_t unread_row(std::string& out, const Dataset& d, const RowKeys&, std::size_t i) {
  return append_unread_row(out, d, i);
}
template <auto column>
std::size_t rows_of(const Dataset& d) {
  return (d.*column).size();
}

}  // namespace

std::span<const TableKind> canonical_tables() {
  static constexpr TableKind tables[] = {
      {&dataset_table, nullptr, [](const Dataset&) -> std::size_t { return 1; }, the_dataset_row},
      {&splits_table, &RowKeys::splits, rows_of<&Dataset::splits>, append_split_row},
      {&licences_table, &RowKeys::licences, rows_of<&Dataset::licences>, whole_row<append_licence_row>},
      {&categories_table, &RowKeys::categories, rows_of<&Dataset::categories>, whole_row<append_category_row>},
      {&samples_table, &RowKeys::images, rows_of<&Dataset::images>, whole_row<append_sample_row>},
      {&annotations_table, &RowKeys::annotations, rows_of<&Dataset::annotations>, whole_row<append_annotation_row>},
      {&tracks_table, &RowKeys::tracks, rows_of<&Dataset::tracks>, whole_row<append_track_row>},
      {&relations_table, nullptr, rows_of<&Dataset::relations>, append_relation_row},
      {&memberships_table, nullptr, rows_of<&Dataset::memberships>, append_membership_row},
      {&unread_table, nullptr, rows_of<&Dataset::unread>, unread_row},
  };
  return tables;
}

}  // namespace vetset
