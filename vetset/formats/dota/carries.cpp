// What DOTA carries: corners, classes by name, what is difficult, and two lines about the image.
#include <algorithm>

#include "vetset/formats/dota/dota.h"

namespace vetset::dota_parts {
namespace {

using Record = std::uint32_t;

AnnotationIndex at(Record i) { return static_cast<AnnotationIndex>(i); }
const Annotation& row(const Dataset& d, Record i) { return d.annotations[i]; }

bool has_file(const Dataset& d, ImageIndex i) {
  const auto is_of = [i](const Annotation& a) { return a.image == i; };
  return has_label_file(d, d[i], false) || std::any_of(d.annotations.begin(), d.annotations.end(), is_of);
}
bool no_file(const Dataset& d, Record i) {
  const Image& image = d.images[i];
  return (image.state == ImageState::unlabelled || image.state == ImageState::skipped) &&
         !has_file(d, static_cast<ImageIndex>(i));
}
bool nothing_filed(const Dataset& d, Record i) {
  const auto members = d.members(static_cast<SplitIndex>(i));
  return std::all_of(members.begin(), members.end(),
                     [&](const Membership& m) { return no_file(d, static_cast<Record>(m.image)); });
}
bool is_copied(const Dataset& d, Record) { return d.splits.size() > 1; }
bool copied_without_file(const Dataset& d, Record i) { return is_copied(d, i) && no_file(d, i); }

bool is_word(const Dataset& d, Record i) {
  const std::string& name = d.categories[i].name;
  const bool plain = !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
  });
  return plain && std::none_of(d.categories.begin(), d.categories.begin() + i,
                               [&](const Category& c) { return c.name == name; });
}

std::size_t headers_of(const Dataset& d, Record i) {
  const auto rows = d.attributes_of(Owner::image, i);
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](const Attribute& a) { return header_line(d, a).has_value(); }));
}
bool only_headers(const Dataset& d, Record i) {
  return headers_of(d, i) == d.attributes_of(Owner::image, i).size() && !no_file(d, i);
}
bool some_headers(const Dataset& d, Record i) { return headers_of(d, i) > 0 && !no_file(d, i); }

bool no_row(const Dataset& d, Record i) { return !has_row(d, at(i)); }
bool is_crowd(const Dataset& d, Record i) { return row(d, i).flags.is(Flag::crowd); }
bool is_round(const Dataset& d, Record i) {
  const Annotation& a = row(d, i);
  return a.kind == Kind::ellipse || a.kind == Kind::circle || (a.kind == Kind::rotated_box && !four_corners(d, a));
}
bool is_quad(const Dataset& d, Record i) { return row(d, i).kind == Kind::quad; }
bool is_cornered(const Dataset& d, Record i) { return turned_corners(d, row(d, i)).has_value(); }
/// Four corners, and no other shape.
bool plain_corners(const Dataset& d, Record i) {
  const Annotation& a = row(d, i);
  return a.kind == Kind::quad && a.shape != none<ShapeIndex> && d[a.shape].next == none<ShapeIndex> &&
         turned_corners(d, a) && turned_corners(d, a) == corners_for(d, a);
}
bool no_shape(const Dataset& d, Record i) { return row(d, i).shape == none<ShapeIndex>; }
bool is_kept(const Dataset& d, Record i) { return keeps_row(d, at(i)); }

Flags but_crowd(Flags flags) {
  flags.set(Flag::crowd, Tristate::not_said);
  return flags;
}
bool only_difficult(const Dataset& d, Record i) {
  Flags flags = but_crowd(row(d, i).flags);
  if (flags[Flag::difficult] == Tristate::not_said) return is_kept(d, i) && flags == Flags{};
  flags.set(Flag::difficult, Tristate::not_said);
  return flags == Flags{};
}
bool no_flags(const Dataset& d, Record i) { return but_crowd(row(d, i).flags) == Flags{}; }

constexpr Carry lines[] = {
    {.field = Field::split, .verb = Verb::dropped, .when = nothing_filed, .note = "an empty folder is no file"},
    {.field = Field::split, .verb = Verb::exact},
    {.field = Field::split_name, .verb = Verb::rekeyed, .note = "a name that a folder can have"},
    {.field = Field::split_role, .verb = Verb::rekeyed, .note = "what the folder's name says"},
    {.field = Field::split_members, .verb = Verb::exact},
    {.field = Field::split_categories, .verb = Verb::aggregated, .note = "one list of classes for all splits"},
    {.field = Field::category, .verb = Verb::exact},
    {.field = Field::category_name, .verb = Verb::exact, .when = is_word},
    {.field = Field::category_name, .verb = Verb::rekeyed, .note = "a class is one word, and no other's"},
    {.field = Field::category_order, .verb = Verb::exact},
    {.field = Field::image,
     .verb = Verb::rekeyed,
     .when = copied_without_file,
     .note = "without labels: once in the folder of each split where it is here"},
    {.field = Field::image, .verb = Verb::dropped, .when = no_file, .note = "without labels and not here"},
    {.field = Field::image, .verb = Verb::split, .when = is_copied, .note = "once in the folder of each split"},
    {.field = Field::image, .verb = Verb::exact},
    {.field = Field::image_path, .verb = Verb::rekeyed, .note = "images/, names made unlike without their extension"},
    {.field = Field::image_order, .verb = Verb::rekeyed, .note = "images have no order of their own"},
    {.field = Field::image_state, .verb = Verb::derived, .note = "a label file with rows, an empty one, or none"},
    {.field = Field::image_attributes, .verb = Verb::exact, .when = only_headers},
    {.field = Field::image_attributes, .verb = Verb::aggregated, .when = some_headers, .note = "imagesource and gsd"},
    {.field = Field::annotation,
     .verb = Verb::dropped,
     .when = no_row,
     .note = "no row without a named class, an image and finite corners"},
    {.field = Field::annotation, .verb = Verb::split, .when = is_copied, .note = "once in the folder of each split"},
    {.field = Field::annotation, .verb = Verb::exact},
    {.field = Field::annotation_image, .verb = Verb::exact},
    {.field = Field::annotation_category, .verb = Verb::exact},
    {.field = Field::annotation_order, .verb = Verb::exact},
    {.field = Field::annotation_kind, .verb = Verb::exact, .when = is_quad},
    {.field = Field::annotation_kind, .verb = Verb::derived, .note = "every object is four corners"},
    {.field = Field::annotation_box, .verb = Verb::derived, .note = "the box around the corners"},
    {.field = Field::annotation_polygon, .verb = Verb::aggregated, .note = "the smallest turned box around it"},
    {.field = Field::annotation_mask, .verb = Verb::aggregated, .note = "the smallest turned box around it"},
    {.field = Field::annotation_shape, .verb = Verb::exact, .when = plain_corners},
    {.field = Field::annotation_shape,
     .verb = Verb::encoded,
     .when = is_cornered,
     .note = "a turned box becomes its four corners"},
    {.field = Field::annotation_shape,
     .verb = Verb::derived,
     .when = no_shape,
     .note = "a box becomes its four corners"},
    {.field = Field::annotation_shape, .verb = Verb::rekeyed, .note = "four corners in place of any other shape"},
    {.field = Field::annotation_flags, .verb = Verb::exact, .when = only_difficult},
    {.field = Field::annotation_flags, .verb = Verb::defaulted, .when = no_flags, .note = "not difficult"},
    {.field = Field::annotation_flags, .verb = Verb::aggregated, .note = "difficult or not, and no other mark"},
    {.field = Field::annotation_authored, .verb = Verb::exact, .when = is_kept},
    {.field = Field::annotation_authored, .verb = Verb::encoded, .note = "a row that was edited is written anew"},
    {.field = Field::unread, .verb = Verb::exact, .note = "lines that are no rows"},
};

constexpr Carry no_crowds{.field = Field::annotation,
                          .verb = Verb::refused,
                          .when = is_crowd,
                          .note = "a crowd would be learned as an object"};
constexpr Carry no_ellipses{
    .field = Field::annotation, .verb = Verb::refused, .when = is_round, .note = "an ellipse would be learned larger"};

/// The declaration, and within it what is left out by decision.
std::vector<Carry> lines_with(bool crowd, bool rotated) {
  std::vector<Carry> all(std::begin(lines), std::end(lines));
  const auto first = std::find_if(all.begin(), all.end(), [](const Carry& c) { return c.field == Field::annotation; });
  auto at = first + 1;  // behind what has no row at all
  if (rotated) at = all.insert(at, no_ellipses);
  if (crowd) all.insert(at, no_crowds);
  return all;
}

}  // namespace

std::span<const Carry> dota_carries() { return lines; }

std::span<const Carry> dota_carries_for(const WriteOptions& options) {
  static const std::vector<Carry> tables[] = {lines_with(false, false), lines_with(true, false),
                                              lines_with(false, true), lines_with(true, true)};
  const bool crowd = options.policies[Decision::crowd] != Policy::object;
  const bool rotated = options.policies[Decision::rotated] == Policy::drop;
  return tables[(crowd ? 1U : 0U) + (rotated ? 2U : 0U)];
}

}  // namespace vetset::dota_parts
