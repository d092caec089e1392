#include "vetset/dataset/expr_fields.h"

#include <array>
#include <optional>

#include "vetset/base/json.h"
#include "vetset/base/tree.h"

namespace vetset {

/// One object, or one image, being asked.
class AskedRow final : public ExprRow {
 public:
  AskedRow(const AskedDataset& asked, AnnotationIndex of)
      : asked_(asked), d(asked.d_), object(of), image(asked.d_[of].image) {}
  AskedRow(const AskedDataset& asked, ImageIndex of)
      : asked_(asked), d(asked.d_), object(none<AnnotationIndex>), image(of) {}

  ExprValue value(std::size_t field, std::string_view rest) const override;
  std::uint64_t count(const std::function<bool(const ExprRow&)>& holds) const override {
    std::uint64_t n = 0;
    for (const AnnotationIndex i : asked_.of_image_.of(image)) n += counts(i) && holds(AskedRow(asked_, i)) ? 1U : 0U;
    return n;
  }
  double objects() const {
    std::uint64_t n = 0;
    for (const AnnotationIndex i : asked_.of_image_.of(image)) n += counts(i) ? 1U : 0U;
    return static_cast<double>(n);
  }

  const Annotation& row() const { return d[object]; }
  const Image& file() const { return d[image]; }
  std::string_view class_name() const {
    const CategoryIndex c = row().category;
    if (c == none<CategoryIndex>) return {};
    return asked_.names_.empty() ? std::string_view(d[c].name) : std::string_view(asked_.names_[to_size(c)]);
  }
  std::span<const std::string_view> splits() const {
    const auto& begin = asked_.splits_.begin;
    const std::size_t first = begin[to_size(image)];
    return std::span(asked_.split_names_).subspan(first, begin[to_size(image) + 1] - first);
  }

 private:
  bool counts(AnnotationIndex i) const { return asked_.objects_.empty() || asked_.objects_[to_size(i)]; }

  const AskedDataset& asked_;

 public:
  const Dataset& d;
  const AnnotationIndex object;
  const ImageIndex image;
};

namespace {

using Row = AskedRow;
using Value = ExprValue;

/// A field and how it is told; `object` fields are not asked of images.
struct Binding {
  ExprField field;
  Value (*tell)(const Row&, std::string_view rest);
};

Value text_or_nothing(std::string_view text) { return text.empty() ? Value() : Value::view(text); }

/// A JSON value: lists and objects as their text.
Value of_json(std::string_view json) {
  JsonCursor in(json);
  switch (in.type()) {
    case JsonType::null: return {};
    case JsonType::boolean: return Value::of(in.read_bool());
    case JsonType::number: return Value::of(in.read_number().value);
    case JsonType::string: return Value::own(std::string(in.read_string()));
    case JsonType::array:
    case JsonType::object: break;
  }
  return Value::view(json);
}

Value attribute(const Dataset& d, Owner owner, std::size_t index, std::string_view key) {
  if (d.attributes.empty()) return {};
  for (const Attribute& row : d.attributes_of(owner, index))
    if (d.text(row.key) == key) return of_json(d.text(row.value));
  return {};
}

Value extra(const Dataset& d, Owner owner, std::size_t index, std::string_view key) {
  if (d.residues.empty()) return {};
  for (const Residue& row : d.residues_of(owner, index)) {
    JsonCursor in(d.text(row.json));
    for (in.enter_object(); in.next_member();) {
      const bool wanted = in.key() == key;
      const std::string_view value = in.skip();
      if (wanted) return of_json(value);
    }
  }
  return {};
}

Value box(const Row& r, double (*number)(const Box&)) {
  const Origin origin = r.row().box_origin;
  return origin == Origin::none || origin == Origin::unplaced ? Value() : Value::of(number(r.row().box));
}

Value area(const Row& r, std::string_view) {
  if (const double stated = r.d.area(r.object); !is_unstated(stated)) return Value::of(stated);
  if (const auto of_shape = shape_area(r.d, r.row())) return Value::of(*of_shape);
  return box(r, [](const Box& b) { return b.width * b.height; });
}

Value id(const Row& r, std::string_view) {
  const std::int64_t number = r.d.annotation_ids[to_size(r.object)];
  if (number == Ids::absent) return {};
  if (number != Ids::odd) return Value::of(static_cast<double>(number));
  return of_json(r.d.id_json(r.d.annotation_ids, to_size(r.object)));
}
Value image_id(const Row& r, std::string_view) {
  const std::int64_t number = r.d.image_ids[to_size(r.image)];
  if (number == Ids::absent) return {};
  if (number != Ids::odd) return Value::of(static_cast<double>(number));
  return of_json(r.d.id_json(r.d.image_ids, to_size(r.image)));
}

Value token(const Row& r, const Column<Text>& column) {
  return column.empty() || column[to_size(r.object)].empty() ? Value() : of_json(r.d.text(column[to_size(r.object)]));
}

double points(const Row& r) {
  std::uint64_t n = 0;
  for (ShapeIndex s = r.row().shape; s != none<ShapeIndex>; s = r.d[s].next)
    if (r.d[s].kind == ShapeKind::polygon || r.d[s].kind == ShapeKind::polyline)
      for (const Ring& ring : r.d.rings_of(r.d[s])) n += ring.count / 2;
  return static_cast<double>(n);
}
double rings(const Row& r) {
  std::uint64_t n = 0;
  for (ShapeIndex s = r.row().shape; s != none<ShapeIndex>; s = r.d[s].next)
    if (r.d[s].kind == ShapeKind::polygon || r.d[s].kind == ShapeKind::polyline) n += r.d[s].count;
  return static_cast<double>(n);
}
Value keypoints(const Row& r, std::string_view) {
  const Shape* const shape = r.d.find_shape(r.row(), ShapeKind::keypoints);
  if (shape == nullptr) return {};
  const auto numbers = r.d.numbers_of(*shape);
  if (shape->two) return Value::of(static_cast<double>(numbers.size() / 2));
  std::uint64_t labelled = 0;
  for (std::size_t k = 2; k < numbers.size(); k += 3) labelled += numbers[k] > 0 ? 1U : 0U;
  return Value::of(static_cast<double>(labelled));
}

template <Flag flag>
Value told(const Row& r, std::string_view) {
  const Tristate state = r.row().flags[flag];
  return state == Tristate::not_said ? Value() : Value::of(state == Tristate::yes);
}

Value written(const Row& r, std::string_view) {
  if (r.d.text_rows.empty()) return {};
  const auto rows = r.d.texts_of(r.object);
  return rows.empty() ? Value() : Value::view(r.d.text(rows.front().text));
}

Value state(const Row& r, std::string_view) {
  switch (r.file().state) {
    case ImageState::not_said: return {};
    case ImageState::labelled: return Value::view("labelled");
    case ImageState::labelled_empty: return Value::view("empty");
    case ImageState::unlabelled: return Value::view("unlabelled");
    case ImageState::skipped: return Value::view("skipped");
  }
  return {};
}

bool sized(const Row& r) { return r.file().width > 0 && r.file().height > 0; }

using E = ExprType;
constexpr Binding object_bindings[] = {
    {{"class", E::text, "name of its class"},
     [](const Row& r, std::string_view) {
       return r.row().category == none<CategoryIndex> ? Value() : Value::view(r.class_name());
     }},
    {{"class.super", E::text, "the class above it (COCO's supercategory)"},
     [](const Row& r, std::string_view) {
       const CategoryIndex c = r.row().category;
       return c == none<CategoryIndex> || !r.d[c].supercategory ? Value() : Value::view(*r.d[c].supercategory);
     }},
    {{"kind", E::text, "box, polygon, mask, keypoints, rotated_box, tag …"},
     [](const Row& r, std::string_view) { return Value::view(name(r.row().kind)); }},
    {{"id", E::anything, "its id, as the source has it"}, id},
    {{"box.x", E::number, "left side of its box, in pixels"},
     [](const Row& r, std::string_view) { return box(r, [](const Box& b) { return b.x; }); }},
    {{"box.y", E::number, "upper side"},
     [](const Row& r, std::string_view) { return box(r, [](const Box& b) { return b.y; }); }},
    {{"box.width", E::number, "width of its box, in pixels"},
     [](const Row& r, std::string_view) { return box(r, [](const Box& b) { return b.width; }); }},
    {{"box.height", E::number, "height"},
     [](const Row& r, std::string_view) { return box(r, [](const Box& b) { return b.height; }); }},
    {{"box.right", E::number, "right side: box.x + box.width"},
     [](const Row& r, std::string_view) { return box(r, [](const Box& b) { return b.x + b.width; }); }},
    {{"box.bottom", E::number, "lower side: box.y + box.height"},
     [](const Row& r, std::string_view) { return box(r, [](const Box& b) { return b.y + b.height; }); }},
    {{"box.area", E::number, "area of its box, in square pixels"},
     [](const Row& r, std::string_view) { return box(r, [](const Box& b) { return b.width * b.height; }); }},
    {{"area", E::number, "its area: as stated, else of its shape, else of its box"}, area},
    {{"points", E::number, "points of its outlines"},
     [](const Row& r, std::string_view) { return Value::of(points(r)); }},
    {{"rings", E::number, "outlines it has, holes too"},
     [](const Row& r, std::string_view) { return Value::of(rings(r)); }},
    {{"keypoints", E::number, "keypoints that are labelled"}, keypoints},
    {{"score", E::number, "how sure the model was"},
     [](const Row& r, std::string_view) { return Value::of(r.d.score(r.object)); }},
    {{"track", E::anything, "id of its track"}, [](const Row& r, std::string_view) { return token(r, r.d.track_ids); }},
    {{"group", E::anything, "id of its group"}, [](const Row& r, std::string_view) { return token(r, r.d.group_ids); }},
    {{"annotator", E::text, "who or what drew it"},
     [](const Row& r, std::string_view) {
       return r.row().layer < r.d.layers.size() ? text_or_nothing(r.d.layers[r.row().layer]) : Value();
     }},
    {{"text", E::text, "its caption or transcription"}, written},
    {{"crowd", E::truth, "a region of many (COCO's iscrowd)"}, told<Flag::crowd>},
    {{"difficult", E::truth, "marked as hard to recognise"}, told<Flag::difficult>},
    {{"occluded", E::truth, "partly hidden"}, told<Flag::occluded>},
    {{"truncated", E::truth, "cut off by the image's border"}, told<Flag::truncated>},
    {{"outside", E::truth, "outside of the image"}, told<Flag::outside>},
    {{"ignore", E::truth, "not to be trained on or counted"}, told<Flag::ignore>},
    {{"group_of", E::truth, "one box around a group"}, told<Flag::group_of>},
    {{"depiction", E::truth, "a drawing of the thing"}, told<Flag::depiction>},
    {{"inside", E::truth, "seen from the inside"}, told<Flag::inside>},
    {{"verified", E::truth, "somebody looked at it"}, told<Flag::verified>},
    {{"negative", E::truth, "says that the thing is not there"}, told<Flag::negative>},
    {{"generated", E::truth, "made by a machine"}, told<Flag::generated>},
    {{"keyframe", E::truth, "drawn, not interpolated"}, told<Flag::keyframe>},
    {{"locked", E::truth, "not to be changed"}, told<Flag::locked>},
    {{"attribute.*", E::anything, "an attribute: attribute.weather, attribute.\"road type\""},
     [](const Row& r, std::string_view key) { return attribute(r.d, Owner::annotation, to_size(r.object), key); }},
    {{"extra.*", E::anything, "any other key of its record in the source: extra.num_keypoints"},
     [](const Row& r, std::string_view key) { return extra(r.d, Owner::annotation, to_size(r.object), key); }},
};
constexpr Binding image_bindings[] = {
    {{"split", E::texts, "the splits it is in, by name"},
     [](const Row& r, std::string_view) { return Value::view(r.splits()); }},
    {{"image.path", E::text, "its path, as the source names it"},
     [](const Row& r, std::string_view) { return text_or_nothing(r.d.path(r.image)); }},
    {{"image.name", E::text, "the last part of its path"},
     [](const Row& r, std::string_view) { return text_or_nothing(base_name(r.d.path(r.image))); }},
    {{"image.id", E::anything, "its id, as the source has it"}, image_id},
    {{"image.width", E::number, "pixels"},
     [](const Row& r, std::string_view) {
       return sized(r) ? Value::of(static_cast<double>(r.file().width)) : Value();
     }},
    {{"image.height", E::number, "pixels"},
     [](const Row& r, std::string_view) {
       return sized(r) ? Value::of(static_cast<double>(r.file().height)) : Value();
     }},
    {{"image.area", E::number, "width times height"},
     [](const Row& r, std::string_view) {
       return sized(r) ? Value::of(static_cast<double>(r.file().width) * r.file().height) : Value();
     }},
    {{"image.objects", E::number, "how many objects it has"},
     [](const Row& r, std::string_view) { return Value::of(r.objects()); }},
    {{"image.found", E::truth, "whether its file is there"},
     [](const Row& r, std::string_view) { return Value::of(!r.file().media.empty()); }},
    {{"image.state", E::text, "labelled, empty, unlabelled, skipped"}, state},
    {{"image.licence", E::text, "name of its licence"},
     [](const Row& r, std::string_view) {
       const LicenceIndex l = r.file().licence;
       return l == none<LicenceIndex> ? Value() : text_or_nothing(r.d.licences[to_size(l)].name);
     }},
    {{"image.attribute.*", E::anything, "an attribute of the image"},
     [](const Row& r, std::string_view key) { return attribute(r.d, Owner::image, to_size(r.image), key); }},
    {{"image.extra.*", E::anything, "any other key of its record: image.extra.date_captured"},
     [](const Row& r, std::string_view key) { return extra(r.d, Owner::image, to_size(r.image), key); }},
};

constexpr std::size_t own_fields = std::size(object_bindings), image_only = std::size(image_bindings);

template <std::size_t count>
struct Fields {
  std::array<ExprField, count> all;
};
constexpr auto all_fields = [] {
  Fields<own_fields + image_only> f{};
  for (std::size_t i = 0; i < own_fields; ++i) f.all[i] = object_bindings[i].field;
  for (std::size_t i = 0; i < image_only; ++i) f.all[own_fields + i] = image_bindings[i].field;
  return f;
}();

constexpr std::string_view listed = "'vetset transform --fields' lists them";
constexpr ExprTable object_table{.fields = all_fields.all, .counted = nullptr, .where_listed = listed};
constexpr ExprTable image_table{
    .fields = std::span(all_fields.all).subspan(own_fields), .counted = &object_table, .where_listed = listed};

}  // namespace

ExprValue AskedRow::value(std::size_t field, std::string_view rest) const {
  if (object == none<AnnotationIndex>) return image_bindings[field].tell(*this, rest);
  if (field < own_fields) return object_bindings[field].tell(*this, rest);
  return image == none<ImageIndex> ? ExprValue() : image_bindings[field - own_fields].tell(*this, rest);
}

const ExprTable& object_conditions() { return object_table; }
const ExprTable& image_conditions() { return image_table; }

AskedDataset::AskedDataset(const Dataset& d, std::vector<std::string> names)
    : d_(d), names_(std::move(names)), splits_(d.image_splits()), of_image_(d.image_annotations()) {
  for (const SplitIndex s : splits_.splits) split_names_.push_back(d[s].name);
}

bool AskedDataset::holds(const Expr& expr, AnnotationIndex i) const { return expr.holds(AskedRow(*this, i)); }
bool AskedDataset::holds(const Expr& expr, ImageIndex i) const { return expr.holds(AskedRow(*this, i)); }

}  // namespace vetset
