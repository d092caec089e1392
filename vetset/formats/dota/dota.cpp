// DOTA: oriented boxes of aerial images, as versions 1.0, 1.5 and 2.0 and their development kit have them. Four corners
// in pixels, in any order that goes round; a class by name; a mark for what is difficult. There is no place for ids,
// areas, outlines, points, crowds, licences or captions.
#include "vetset/formats/dota/dota.h"

#include <algorithm>
#include <cmath>

#include "vetset/formats/per_image.h"
#include "vetset/image/probe.h"

namespace vetset {
namespace dota_parts {
namespace {

/// The first part of a path that `is_it` holds of, which must be a folder.
template <class Test>
std::optional<FolderPlace> place_at(std::string_view path, const Test& is_it) {
  for (std::size_t at = 0;;) {
    const std::size_t end = path.find('/', at);
    if (end == std::string_view::npos) return std::nullopt;
    if (is_it(path.substr(at, end - at)))
      return FolderPlace{path.substr(0, at == 0 ? 0 : at - 1), path.substr(end + 1)};
    at = end + 1;
  }
}

bool is_round(Kind kind) { return kind == Kind::ellipse || kind == Kind::circle; }

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double n) { return std::isfinite(n); });
}

// What the choices ask.

bool is_new(const Dataset& d, AnnotationIndex i) { return has_row(d, i) && !keeps_row(d, i); }
bool asks_crowd(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  return d[i].flags.is(Flag::crowd) && is_new(d, i);
}
bool asks_round(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  return (is_round(d[i].kind) || (d[i].kind == Kind::rotated_box && !four_corners(d, d[i]))) && is_new(d, i);
}
bool asks_keypoints(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  const Annotation& a = d[i];
  return a.shape != none<ShapeIndex> && d.find_shape(a, ShapeKind::keypoints) != nullptr && is_new(d, i);
}
bool asks_score(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  return !is_unstated(d.score(i)) && is_new(d, i);
}

constexpr Policy crowd_policies[] = {Policy::drop, Policy::object};
constexpr Policy rotated_policies[] = {Policy::envelope, Policy::drop};
constexpr Policy keypoint_policies[] = {Policy::box};
constexpr Policy drop_only[] = {Policy::drop};
constexpr Choice dota_choices[] = {
    {Decision::crowd, asks_crowd, crowd_policies, "DOTA has no crowd regions: a trainer would learn them as objects"},
    {Decision::rotated, asks_round, rotated_policies, "a DOTA row is four corners: of an ellipse its upright box"},
    {Decision::keypoints, asks_keypoints, keypoint_policies, "DOTA has no keypoints: the object's box stays"},
    {Decision::score, asks_score, drop_only, "DOTA labels have no scores: a prediction would be learned as the truth"},
};

}  // namespace

std::optional<FolderPlace> label_place(std::string_view path) {
  return place_at(path, [](std::string_view part) { return part.starts_with("labelTxt") || part == "annfiles"; });
}

std::optional<FolderPlace> image_place(std::string_view path) {
  return place_at(path, [](std::string_view part) { return part == "images"; });
}

std::string_view stem_path(std::string_view path) {
  const std::string_view extension = extension_of(path);
  if (!extension.empty()) path.remove_suffix(extension.size() + 1);
  return path;
}

std::string image_stem(std::string_view label) {
  const auto place = label_place(label);
  if (!place) return std::string(stem_path(label));  // beside its image
  return std::string(place->root) + (place->root.empty() ? "" : "/") + "images/" + std::string(stem_path(place->rest));
}

bool is_hidden(std::string_view path) {
  return path.starts_with('.') || path.find("/.") != std::string_view::npos || path.starts_with("__MACOSX/");
}

Detection detect_dota(const Tree& tree) {
  constexpr std::size_t most = 50;  // files looked into
  Detection seen;
  std::size_t named = 0, looked = 0, alike = 0;
  std::string_view first, first_alike;
  bool others = false;
  for (const std::string_view path : tree.list()) {
    if (!path.ends_with(".txt") || is_hidden(path) || base_name(path) == classes_file) continue;
    const bool in_place = label_place(path).has_value();
    if (in_place && named++ == 0) first = path;
    if (looked == most) continue;
    const Result<Bytes> head = tree.read(path, {0, 4096});
    if (!head || head->size() == 0) continue;
    ++looked;
    if (looks_like_labels(*head)) {
      if (alike++ == 0) first_alike = path;
    } else if (!in_place) {
      others = true;
    }
  }
  if (named == 0 && (alike == 0 || others)) return seen;
  if (named > 0)
    seen.evidence.push_back(std::to_string(named) + (named == 1 ? " text file" : " text files") +
                            " below a folder of labels, first " + std::string(first));
  if (alike > 0) seen.evidence.push_back(std::string(first_alike) + " has rows of four corners, a class and a mark");
  seen.score = alike == 0 ? 50 : named > 0 ? 95 : 80;
  return seen;
}

std::optional<Corners> corners_for(const Dataset& d, const Annotation& a) {
  if (a.box_origin == Origin::unplaced) return std::nullopt;
  if (const auto corners = four_corners(d, a); corners && all_finite(*corners)) return corners;
  std::optional<Box> box = a.box_origin == Origin::none ? shape_box(d, a) : std::optional(a.box);
  if (!box) return std::nullopt;
  const Corners corners = corners_of(*box);
  return all_finite(corners) ? std::optional(corners) : std::nullopt;
}

bool keeps_row(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  const std::string_view text = d.authored_text(i);
  if (d.format != "dota" || text.empty() || a.category == none<CategoryIndex>) return false;
  RowFault fault;
  const std::optional<Row> row = read_row(text, fault);
  const auto corners = turned_corners(d, a);
  return row && corners && row->category == d[a.category].name && row->corners == *corners &&
         difficult_of(*row) == a.flags[Flag::difficult];
}

bool has_row(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  return a.image != none<ImageIndex> && a.category != none<CategoryIndex> && is_object(a.kind) &&
         corners_for(d, a).has_value();
}

bool is_written(const Dataset& d, AnnotationIndex i, const Policies& policies) {
  if (!has_row(d, i)) return false;
  if (keeps_row(d, i)) return true;
  if (d[i].flags.is(Flag::crowd) && policies[Decision::crowd] != Policy::object) return false;
  return policies[Decision::rotated] != Policy::drop || !asks_round(d, i, {});
}

bool has_label_file(const Dataset& d, const Image& image, bool has_annotations) {
  if (has_annotations || (d.format == "dota" && image.file != none<FileIndex>)) return true;
  return image.state != ImageState::unlabelled && image.state != ImageState::skipped;
}

}  // namespace dota_parts

extern const Format dota;
const Format dota{
    .id = "dota",
    .title = "DOTA",
    .judge = "an independent reader",
    .tasks = {},
    .carries = dota_parts::dota_carries(),
    .choices = dota_parts::dota_choices,
    .detect = dota_parts::detect_dota,
    .read = dota_parts::read_dota,
    .write = dota_parts::write_dota,
    .carries_for = dota_parts::dota_carries_for,
};

}  // namespace vetset
