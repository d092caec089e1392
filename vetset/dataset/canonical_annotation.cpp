// The row of an annotation: the one that exists by the million.
#include <algorithm>
#include <array>
#include <string>

#include "vetset/base/json.h"
#include "vetset/dataset/canonical_rows.h"

namespace vetset {
namespace {

constexpr std::string_view annotation_columns[] = {
    "ann_id", "area",  "attributes", "authored", "box",       "category_id", "dangling", "flags", "group", "id",
    "kind",   "layer", "order",      "residue",  "sample_id", "score",       "shapes",   "texts", "track"};

void append_numbers(std::string& out, std::span<const double> numbers) {
  out += '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) out += ',';
    append_canonical_number(out, numbers[i]);
  }
  out += ']';
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// A row as it was written, token by token: numbers by value, all else as strings.
void append_authored(std::string& out, std::string_view text) {
  char before = '[';
  for (std::size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && !is_space(text[end])) ++end;
    const std::string_view token = text.substr(i, end - i);
    out += before;
    before = ',';
    if (const NumberText number = read_loose_number(token); number.length == token.size()) {
      append_canonical_number(out, number.value);
    } else {
      append_canonical_string(out, token);
    }
    i = end;
  }
  if (before == '[') out += '[';
  out += ']';
}

void append_flags(RowWriter& row, Flags flags) {
  if (flags == Flags{}) return;
  static const std::array<Flag, flag_count> by_name = [] {
    std::array<Flag, flag_count> all{};
    for (unsigned i = 0; i < flag_count; ++i) all[i] = static_cast<Flag>(i);
    std::sort(all.begin(), all.end(), [](Flag a, Flag b) { return name(a) < name(b); });
    return all;
  }();
  std::string& out = row.column("flags");
  char before = '{';
  for (const Flag flag : by_name) {
    if (flags[flag] == Tristate::not_said) continue;
    out += before;
    before = ',';
    out += '"';
    out += name(flag);
    out += flags[flag] == Tristate::yes ? "\":true" : "\":false";
  }
  out += '}';
}

/// The numbers of those rings that differ from the usual, as `"holes":[1,2],`; nothing where there are none.
template <class Differs>
void append_ring_numbers(std::string& out, std::string_view key, std::span<const Ring> rings, Differs differs) {
  char before = '[';
  for (std::size_t i = 0; i < rings.size(); ++i) {
    if (!differs(rings[i])) continue;
    if (before == '[') {
      out += '"';
      out += key;
      out += "\":";
    }
    out += before;
    before = ',';
    append_number(out, std::uint64_t{i});
  }
  if (before == ',') out += "],";
}

void append_rings(std::string& out, const Dataset& d, const Shape& shape) {
  const std::span<const Ring> rings = d.rings_of(shape);
  const bool line = shape.kind == ShapeKind::polyline;
  out += '{';
  if (line) append_ring_numbers(out, "closed", rings, [](const Ring& ring) { return ring.closed; });
  append_ring_numbers(out, "holes", rings, [](const Ring& ring) { return ring.role == RingRole::hole; });
  out += line ? "\"kind\":\"polyline\"," : "\"kind\":\"polygon\",";
  if (!line) append_ring_numbers(out, "open", rings, [](const Ring& ring) { return !ring.closed; });
  out += "\"rings\":[";
  for (std::size_t i = 0; i < rings.size(); ++i) {
    if (i > 0) out += ',';
    append_numbers(out, d.coordinates_of(rings[i]));
  }
  out += "]}";
}

void append_mask(std::string& out, const Dataset& d, const Shape& shape) {
  const Mask& mask = d.masks[shape.begin];
  out += "{\"counts\":";
  append_json_string(out, coco_string_of(d.counts_of(mask)));
  out += ",\"kind\":\"mask\",\"size\":[";
  append_number(out, std::uint64_t{mask.height});
  out += ',';
  append_number(out, std::uint64_t{mask.width});
  out += "]}";
}

}  // namespace

void append_canonical_shapes(std::string& out, const Dataset& d, const Annotation& a) {
  char before = '[';
  for (ShapeIndex i = a.shape; i != none<ShapeIndex>; i = d[i].next) {
    const Shape& shape = d[i];
    out += before;
    before = ',';
    switch (shape.kind) {
      case ShapeKind::polygon:
      case ShapeKind::polyline: append_rings(out, d, shape); break;
      case ShapeKind::mask: append_mask(out, d, shape); break;
      case ShapeKind::nothing: out += "{\"kind\":\"nothing\"}"; break;
      case ShapeKind::keypoints:
      case ShapeKind::numbers:
      case ShapeKind::raster:
        out += "{\"kind\":\"";
        out += name(shape.kind);
        out += "\",\"numbers\":";
        append_numbers(out, d.numbers_of(shape));
        out += shape.two ? ",\"two\":true}" : "}";
        break;
    }
  }
  out += ']';
}

namespace {

void append_texts(RowWriter& row, const Dataset& d, AnnotationIndex i) {
  const std::span<const TextRow> texts = d.texts_of(i);
  if (texts.empty()) return;
  std::string& out = row.column("texts");
  char before = '[';
  for (const TextRow& text : texts) {
    out += before;
    before = ',';
    out += "[\"";
    out += name(text.role);
    out += "\",";
    append_canonical_string(out, d.text(text.text));
    out += ']';
  }
  out += ']';
}

void append_dangling(RowWriter& row, const Dataset& d, AnnotationIndex i) {
  const std::span<const Dangling> dangling = d.dangling_of(i);
  if (dangling.empty()) return;
  std::string& out = row.column("dangling");
  char before = '[';
  for (const Dangling& reference : dangling) {
    out += before;
    before = ',';
    out += "[\"";
    out += name(reference.target);
    out += "\",";
    append_canonical_token(out, d.text(reference.json));
    out += ']';
  }
  out += ']';
}

}  // namespace

const TableLayout annotations_table{.name = "annotations", .key = "ann_id", .columns = annotation_columns};

std::uint32_t append_annotation_row(std::string& out, const Dataset& d, const RowKeys& keys, std::size_t i,
                                    RowPart part) {
  const auto index = to_index<AnnotationIndex>(i);
  const Annotation& a = d.annotations[i];
  const std::string_view authored = d.authored_text(index);
  RowWriter row(out, annotations_table);
  if (part == RowPart::whole) row.text("ann_id", keys.annotations[i]);
  if (const double area = d.area(index); !is_unstated(area)) row.number("area", area);
  append_attributes(row, d, Owner::annotation, i);
  if (!authored.empty()) append_authored(row.column("authored"), authored);
  if (authored.empty() && a.box_origin == Origin::stated)
    append_numbers(row.column("box"), std::array{a.box.x, a.box.y, a.box.width, a.box.height});
  if (a.category != none<CategoryIndex>) row.text("category_id", keys.categories[to_size(a.category)]);
  append_dangling(row, d, index);
  append_flags(row, a.flags);
  if (!d.group_ids.empty() && !d.group_ids[i].empty())
    append_canonical_token(row.column("group"), d.text(d.group_ids[i]));
  append_id(row, d, d.annotation_ids, i);
  if (a.kind != Kind::unspecified) row.text("kind", name(a.kind));
  if (a.layer != 0) row.text("layer", d.layers[a.layer]);
  if (part == RowPart::whole) row.integer("order", a.order);
  append_residue(row, d, Owner::annotation, i);
  if (a.image != none<ImageIndex>) row.text("sample_id", keys.images[to_size(a.image)]);
  if (const double score = d.score(index); !is_unstated(score)) row.number("score", score);
  if (authored.empty() && a.shape != none<ShapeIndex>) append_canonical_shapes(row.column("shapes"), d, a);
  append_texts(row, d, index);
  if (!d.track_ids.empty() && !d.track_ids[i].empty())
    append_canonical_token(row.column("track"), d.text(d.track_ids[i]));
  return row.end();
}

}  // namespace vetset
