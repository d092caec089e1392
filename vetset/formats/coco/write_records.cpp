// One record of a COCO document as JSON: the keys that the model knows, then those it carries along.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "vetset/base/unicode.h"
#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

constexpr std::size_t number_room = 32;

/// Most coordinates have two decimals at most; they need no search for their shortest form. Null where it takes one.
inline char* write_short(char* out, double value, NumberStyle style) {
  constexpr double largest = 1e7;
  const double size = std::fabs(value);
  if (style.fixed || style.decimals > 1 || !(size < largest)) return nullptr;
  const auto scaled = static_cast<std::uint32_t>(size * 100 + 0.5);
  if (static_cast<double>(scaled) / 100 != size) return nullptr;
  if (std::signbit(value)) *out++ = '-';
  std::uint32_t whole = scaled / 100;
  const std::uint32_t rest = scaled % 100;
  char digits[8];
  char* first = digits + sizeof digits;
  do {
    *--first = static_cast<char>('0' + whole % 10);
    whole /= 10;
  } while (whole != 0);
  const auto count = static_cast<std::size_t>(digits + sizeof digits - first);
  std::memcpy(out, first, count);
  out += count;
  if (rest == 0 && style.decimals == 0) return out;
  *out++ = '.';
  *out++ = static_cast<char>('0' + rest / 10);
  if (rest % 10 != 0) *out++ = static_cast<char>('0' + rest % 10);
  return out;
}

/// A number in the style of its document, unless that would change it.
void append_styled(std::string& out, double value, NumberStyle style) {
  char text[number_room];
  if (char* const end = write_short(text, value, style)) {
    out.append(text, end);
    return;
  }
  const std::size_t before = out.size();
  append_json_number(out, value, style);
  if (!style.fixed || !std::isfinite(value)) return;
  const NumberText again = read_number(std::string_view(out).substr(before));
  if (again.value == value) return;
  out.resize(before);
  append_json_number(out, value);
}

void append_styled(std::string& out, double value, NumberStyle style, std::span<const Lexeme> lexemes, const Dataset& d,
                   StyledField field, std::uint32_t slot) {
  for (const Lexeme& lexeme : lexemes)
    if (lexeme.field == field && lexeme.slot == slot) {
      out += d.text(lexeme.text);
      return;
    }
  append_styled(out, value, style);
}

/// Numbers with commas, in brackets. `slot` counts on.
void append_list(std::string& out, std::span<const double> numbers, NumberStyle style, std::span<const Lexeme> lexemes,
                 const Dataset& d, StyledField field, std::uint32_t& slot) {
  out += '[';
  char buffer[64 * number_room];
  char* at = buffer;
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    if (k > 0) *at++ = ',';
    if (at > buffer + sizeof buffer - 2 * number_room) {
      out.append(buffer, at);
      at = buffer;
    }
    char* const end = lexemes.empty() ? write_short(at, numbers[k], style) : nullptr;
    if (end != nullptr) [[likely]] {
      at = end;
    } else {
      out.append(buffer, at);
      at = buffer;
      append_styled(out, numbers[k], style, lexemes, d, field, slot + static_cast<std::uint32_t>(k));
    }
  }
  out.append(buffer, at);
  out += ']';
  slot += static_cast<std::uint32_t>(numbers.size());
}

/// `"key":`, with the comma before it where the record has members already.
void append_key(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += key;
  out += "\":";
}

/// The inside of an object, as further members of the record.
void append_members(std::string& out, std::string_view object) {
  const std::size_t first = object.find('{');
  const std::size_t last = object.rfind('}');
  if (first == std::string_view::npos || last == std::string_view::npos) return;
  const std::string_view inside = object.substr(first + 1, last - first - 1);
  if (inside.find('"') == std::string_view::npos) return;
  if (out.back() != '{') out += ',';
  out += inside;
}

/// Lists of counts for crowds, as COCO has them, where the source says nothing of its spelling.
void append_mask(std::string& out, const Dataset& d, const Annotation& a, bool compressed = false) {
  const Shape& shape = *d.find_shape(a, ShapeKind::mask);
  const Mask& mask = d.masks[shape.begin];
  const bool list = !compressed && (shape.spelling == Spelling::counts_list ||
                                    (shape.spelling != Spelling::counts_string && a.flags.is(Flag::crowd)));
  out += "{\"size\":[";
  append_number(out, std::uint64_t{mask.height});
  out += ',';
  append_number(out, std::uint64_t{mask.width});
  out += "],\"counts\":";
  const auto counts = d.counts_of(mask);
  if (!list) {
    append_json_string(out, coco_string_of(counts));
  } else {
    out += '[';
    for (std::size_t k = 0; k < counts.size(); ++k) {
      if (k > 0) out += ',';
      append_number(out, std::uint64_t{counts[k]});
    }
    out += ']';
  }
  out += '}';
}

bool says(std::uint32_t held, CocoKey key) { return (held & coco_bit(key)) != 0; }

}  // namespace

void append_coco_string(std::string& out, std::string_view text) {
  if (text.find('\xed') == std::string_view::npos || !invalid_utf8(text)) return append_json_string(out, text);
  std::string json;
  append_json_string(json, text);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(k < json.size() ? json[k] : 0); };
    const bool surrogate =
        byte(i) == 0xed && byte(i + 1) >= 0xa0 && byte(i + 1) < 0xc0 && (byte(i + 2) & 0xc0U) == 0x80;
    if (!surrogate) {
      out += json[i];
      continue;
    }
    constexpr char hex[] = "0123456789abcdef";
    const unsigned unit = 0xd000U | (byte(i + 1) & 0x3fU) << 6 | (byte(i + 2) & 0x3fU);
    out += "\\u";
    for (const unsigned down : {12U, 8U, 4U, 0U}) out += hex[unit >> down & 15U];
    i += 2;
  }
}

void CocoRecordWriter::id(std::string& out, const Ids& ids, std::size_t i, bool keep) const {
  if (keep && ids[i] == Ids::absent) return;
  append_key(out, "id");
  if (!keep) return append_number(out, static_cast<std::uint64_t>(i + 1));
  if (ids[i] != Ids::odd) return append_number(out, ids[i]);
  out += d.id_json(ids, i);
}

std::uint32_t CocoRecordWriter::residue_keys(Owner owner, std::size_t i) const {
  if (!plan.residues || d.residues.empty()) return 0;
  return coco_keys_of(d, d.residues_of(owner, i));
}

void CocoRecordWriter::residue(std::string& out, Owner owner, std::size_t i) const {
  if (!plan.residues || d.residues.empty()) return;
  for (const Residue& row : d.residues_of(owner, i)) append_members(out, d.text(row.json));
}

void CocoRecordWriter::attributes(std::string& out, Owner owner, std::size_t i) const {
  if (d.attributes.empty()) return;
  const auto rows = d.attributes_of(owner, i);
  if (rows.empty()) return;
  append_key(out, "attributes");
  out += '{';
  for (const Attribute& row : rows) {
    if (out.back() != '{') out += ',';
    append_coco_string(out, d.text(row.key));
    out += ':';
    out += d.text(row.value);
  }
  out += '}';
}

void CocoRecordWriter::licence(std::string& out, LicenceIndex i) const {
  const Licence& licence = d.licences[to_size(i)];
  out += '{';
  id(out, d.licence_ids, to_size(i), plan.keep_licence_ids);
  if (licence.has_name) append_key(out, "name"), append_coco_string(out, licence.name);
  if (licence.has_url) append_key(out, "url"), append_coco_string(out, licence.url);
  residue(out, Owner::licence, to_size(i));
  out += '}';
}

void CocoRecordWriter::category(std::string& out, CategoryIndex i) const {
  const Category& category = d[i];
  const std::uint32_t held = residue_keys(Owner::category, to_size(i));
  out += '{';
  id(out, d.category_ids, to_size(i), plan.keep_category_ids);
  if (!says(held, CocoKey::name) && !category.name.empty())
    append_key(out, "name"), append_coco_string(out, category.name);
  if (category.supercategory) append_key(out, "supercategory"), append_coco_string(out, *category.supercategory);
  const bool counted = category.keypoints.empty() && category.point_count > 0;
  if (category.has_keypoints || counted || !category.keypoints.empty()) {
    append_key(out, "keypoints");
    out += '[';
    const std::size_t count = counted ? category.point_count : category.keypoints.size();
    for (std::size_t k = 0; k < count; ++k) {
      if (k > 0) out += ',';
      append_coco_string(out, counted ? "point_" + std::to_string(k + 1) : category.keypoints[k]);
    }
    out += ']';
  }
  if (category.has_skeleton || !category.skeleton.empty()) {
    append_key(out, "skeleton");
    out += '[';
    for (const auto& [from, to] : category.skeleton) {
      if (out.back() != '[') out += ',';
      out += '[';
      append_number(out, from);
      out += ',';
      append_number(out, to);
      out += ']';
    }
    out += ']';
  }
  residue(out, Owner::category, to_size(i));
  out += '}';
}

void CocoRecordWriter::image(std::string& out, ImageIndex i) const {
  const Image& image = d[i];
  const std::uint32_t held = residue_keys(Owner::image, to_size(i));
  out += '{';
  id(out, d.image_ids, to_size(i), plan.keep_image_ids);
  const std::string_view name = plan.native ? d.path(i) : std::string_view(plan.file_names[to_size(i)]);
  if (!says(held, CocoKey::file_name) && !name.empty()) append_key(out, "file_name"), append_coco_string(out, name);
  const bool sized = image.size_origin == SizeOrigin::stated || (!plan.native && image.size_origin != SizeOrigin::none);
  if (sized && !says(held, CocoKey::width)) append_key(out, "width"), append_number(out, std::uint64_t{image.width});
  if (sized && !says(held, CocoKey::height)) append_key(out, "height"), append_number(out, std::uint64_t{image.height});
  if (image.licence != none<LicenceIndex> && !says(held, CocoKey::license)) {
    const std::size_t licence = to_size(image.licence);
    const bool has_id = plan.keep_licence_ids && d.licence_ids[licence] != Ids::absent;
    if (has_id || !plan.keep_licence_ids) append_key(out, "license");
    if (has_id) out += d.id_json(d.licence_ids, licence);
    if (!plan.keep_licence_ids) append_number(out, static_cast<std::uint64_t>(licence + 1));
  }
  attributes(out, Owner::image, to_size(i));
  residue(out, Owner::image, to_size(i));
  out += '}';
}

void CocoRecordWriter::reference(std::string& out, AnnotationIndex i, Owner target) const {
  const Annotation& a = d[i];
  const bool image = target == Owner::image;
  const std::size_t at = image ? to_size(a.image) : to_size(a.category);
  const std::string_view key = image ? "image_id" : "category_id";
  if (image ? a.image != none<ImageIndex> : a.category != none<CategoryIndex>) {
    const Ids& ids = image ? d.image_ids : d.category_ids;
    const bool keep = image ? plan.keep_image_ids : plan.keep_category_ids;
    if (keep && ids[at] == Ids::absent) return;
    append_key(out, key);
    if (!keep) return append_number(out, static_cast<std::uint64_t>(at + 1));
    if (ids[at] != Ids::odd) return append_number(out, ids[at]);
    out += d.id_json(ids, at);
  } else if (plan.native && !d.dangling.empty()) {
    for (const Dangling& row : d.dangling_of(i))
      if (row.target == target) append_key(out, key), out += d.text(row.json);
  }
}

bool CocoRecordWriter::segmentation(std::string& out, AnnotationIndex i, std::span<const Lexeme> lexemes) const {
  const Annotation& a = d[i];
  const auto kind = coco_segmentation_of(d, a);
  if (const auto corners = coco_outline_of(d, a, policies); corners && !kind) {
    append_key(out, "segmentation");
    out += '[';
    std::uint32_t slot = 0;
    append_list(out, *corners, styles[static_cast<std::size_t>(StyledField::coordinates)], {}, d,
                StyledField::coordinates, slot);
    out += ']';
    return true;
  }
  if (!kind) return false;
  append_key(out, "segmentation");
  if (*kind == ShapeKind::mask) {
    append_mask(out, d, a);
  } else if (*kind == ShapeKind::polygon) {
    polygon(out, a, lexemes);
  } else {
    out += "null";
  }
  return true;
}

void CocoRecordWriter::polygon(std::string& out, const Annotation& a, std::span<const Lexeme> lexemes) const {
  const NumberStyle style = styles[static_cast<std::size_t>(StyledField::coordinates)];
  std::uint32_t slot = 0;
  const bool bridges = has_coco_holes(d, a) && policies[Decision::hole] != Policy::fill;
  std::vector<std::span<const double>> part;  // an outer ring and the holes behind it
  const auto close_part = [&] {
    if (part.empty()) return;
    if (out.back() != '[') out += ',';
    const std::vector<double> joined = part.size() > 1 ? bridged(part) : std::vector<double>();
    append_list(out, part.size() > 1 ? std::span<const double>(joined) : part.front(), style, lexemes, d,
                StyledField::coordinates, slot);
    part.clear();
  };
  const Shape& first = *d.find_shape(a, ShapeKind::polygon);
  if (first.spelling == Spelling::flat_list && first.count == 1) {
    append_list(out, d.coordinates_of(d.rings_of(first).front()), style, lexemes, d, StyledField::coordinates, slot);
    return;
  }
  out += '[';
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    if (d[s].kind != ShapeKind::polygon) continue;
    for (const Ring& ring : d.rings_of(d[s])) {
      const bool hole = ring.role == RingRole::hole;
      const bool around = !part.empty() && !part.front().empty();  // a hole with nothing around it is an outer ring
      if (hole && around && !bridges) continue;
      if (!hole || !around) close_part();
      part.push_back(d.coordinates_of(ring));
    }
  }
  close_part();
  out += ']';
}

void CocoRecordWriter::keypoints(std::string& out, AnnotationIndex i, std::uint32_t held,
                                 std::span<const Lexeme> lexemes) const {
  const Shape* const points = coco_keypoints_of(d, d[i]);
  if (points == nullptr || says(held, CocoKey::keypoints)) return;
  append_key(out, "keypoints");
  const auto numbers = d.numbers_of(*points);
  std::vector<double> with_visibility;
  for (std::size_t k = 0; points->two && k + 1 < numbers.size(); k += 2) {
    const bool placed = numbers[k] != 0 || numbers[k + 1] != 0;
    with_visibility.insert(with_visibility.end(), {numbers[k], numbers[k + 1], placed ? 2.0 : 0.0});
  }
  const std::span<const double> written = points->two ? std::span<const double>(with_visibility) : numbers;
  std::uint32_t slot = 0;
  append_list(out, written, styles[static_cast<std::size_t>(StyledField::keypoints)], lexemes, d,
              StyledField::keypoints, slot);
  if (plan.native) return;
  if (plan.residues)
    for (const Residue& row : d.residues_of(Owner::annotation, to_size(i)))
      if (d.text(row.json).find("\"num_keypoints\"") != std::string_view::npos) return;
  std::uint64_t labelled = 0;
  for (std::size_t k = 2; k < written.size(); k += 3) labelled += written[k] > 0 ? 1U : 0U;
  append_key(out, "num_keypoints");
  append_number(out, labelled);
}

void CocoRecordWriter::result(std::string& out, AnnotationIndex i, std::string_view task) const {
  const auto style = [this](StyledField field) { return styles[static_cast<std::size_t>(field)]; };
  std::uint32_t slot = 0;
  out += '{';
  reference(out, i, Owner::image);
  reference(out, i, Owner::category);
  if (task == "segment") {
    append_key(out, "segmentation");
    append_mask(out, d, d[i], true);
  } else if (task == "pose") {
    keypoints(out, i, 0, {});
  } else {
    const Box box = *coco_box_of(d, d[i]);
    append_key(out, "bbox");
    append_list(out, {&box.x, 4}, style(StyledField::box), {}, d, StyledField::box, slot);
  }
  append_key(out, "score");
  append_styled(out, is_unstated(d.score(i)) ? 1.0 : d.score(i), style(StyledField::score));
  out += '}';
}

void CocoRecordWriter::annotation(std::string& out, AnnotationIndex i) const {
  const Annotation& a = d[i];
  const std::uint32_t held = residue_keys(Owner::annotation, to_size(i));
  const auto style = [this](StyledField field) { return styles[static_cast<std::size_t>(field)]; };
  const std::span<const Lexeme> lexemes =
      plan.native && !d.lexemes.empty() ? d.lexemes_of(i) : std::span<const Lexeme>();
  out += '{';
  id(out, d.annotation_ids, to_size(i), plan.keep_annotation_ids);
  if (!says(held, CocoKey::image_id)) reference(out, i, Owner::image);
  if (!says(held, CocoKey::category_id)) reference(out, i, Owner::category);
  const auto box = plan.native && a.box_origin != Origin::stated ? std::nullopt : coco_box_of(d, a);
  if (box && !says(held, CocoKey::bbox)) {
    append_key(out, "bbox");
    std::uint32_t slot = 0;
    append_list(out, {&box->x, 4}, style(StyledField::box), lexemes, d, StyledField::box, slot);
  }
  const bool shaped = !says(held, CocoKey::segmentation) && segmentation(out, i, lexemes);
  const bool no_area = plan.native && is_unstated(d.area(i));
  if (const auto area = coco_area_of(d, i, policies); area && !no_area && !says(held, CocoKey::area)) {
    append_key(out, "area");
    append_styled(out, *area, style(StyledField::area), lexemes, d, StyledField::area, 0);
  }
  if (!says(held, CocoKey::iscrowd)) {
    const Tristate crowd = a.flags[Flag::crowd];
    if (crowd != Tristate::not_said || (!plan.native && (box || shaped)))
      append_key(out, "iscrowd"), out += crowd == Tristate::yes ? '1' : '0';
  }
  keypoints(out, i, held, lexemes);
  if (!d.text_rows.empty() && !says(held, CocoKey::caption)) {
    for (const TextRow& row : d.texts_of(i))
      if (row.role == TextRole::caption) {
        append_key(out, "caption");
        append_coco_string(out, d.text(row.text));
        break;
      }
  }
  if (const double score = d.score(i); !is_unstated(score) && !says(held, CocoKey::score)) {
    append_key(out, "score");
    append_styled(out, score, style(StyledField::score), lexemes, d, StyledField::score, 0);
  }
  if (!d.track_ids.empty() && !d.track_ids[to_size(i)].empty() && !says(held, CocoKey::track_id)) {
    append_key(out, "track_id");
    out += d.text(d.track_ids[to_size(i)]);
  }
  if (!says(held, CocoKey::attributes)) attributes(out, Owner::annotation, to_size(i));
  residue(out, Owner::annotation, to_size(i));
  out += '}';
}

}  // namespace vetset
