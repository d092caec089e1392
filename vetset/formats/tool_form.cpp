#include "vetset/formats/tool_form.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "vetset/base/xml.h"
#include "vetset/formats/corner_box.h"

namespace vetset {
namespace {

/// So far from the end of the doubles that no few of them overflow together.
bool fits(double n) { return std::abs(n) <= 1e300; }
bool all_fit(std::span<const double> numbers) { return std::all_of(numbers.begin(), numbers.end(), fits); }

const Shape* shape_of(const Dataset& d, const Annotation& a, ShapeKind kind) {
  return a.shape == none<ShapeIndex> ? nullptr : d.find_shape(a, kind);
}

std::span<const double> numbers_of(const Dataset& d, const Annotation& a) {
  const Shape* const shape = shape_of(d, a, ShapeKind::numbers);
  if (shape == nullptr) return {};
  const auto numbers = d.numbers_of(*shape);
  return all_fit(numbers) ? numbers : std::span<const double>();
}

bool is_drawn(const Dataset& d, const Ring& ring) {
  return ring.count >= 2 && ring.count % 2 == 0 && all_fit(d.coordinates_of(ring));
}

/// Each outer ring of all polygons with the holes behind it.
struct Part {
  std::span<const double> outer;
  std::vector<std::span<const double>> holes = {};
};
std::vector<Part> parts_of(const Dataset& d, const Annotation& a) {
  std::vector<Part> parts;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    if (d[s].kind != ShapeKind::polygon) continue;
    for (const Ring& ring : d.rings_of(d[s])) {
      if (!is_drawn(d, ring)) continue;
      if (ring.role == RingRole::outer)
        parts.push_back({d.coordinates_of(ring)});
      else if (!parts.empty())
        parts.back().holes.push_back(d.coordinates_of(ring));
    }
  }
  return parts;
}

/// A hole joined to its ring by a seam: it turns the other way, so that it is cut out.
std::vector<double> with_seams(const Part& part) {
  std::vector<std::vector<double>> turned;
  for (const auto hole : part.holes) {
    std::vector<double>& ring = turned.emplace_back(hole.begin(), hole.end());
    if (signed_area(hole) * signed_area(part.outer) <= 0) continue;
    for (std::size_t i = 0, j = ring.size(); i + 2 < j; i += 2) {
      j -= 2;
      std::swap(ring[i], ring[j]);
      std::swap(ring[i + 1], ring[j + 1]);
    }
  }
  std::vector<std::span<const double>> rings{part.outer};
  rings.insert(rings.end(), turned.begin(), turned.end());
  return bridged(rings);
}

bool has_mask(const Dataset& d, const Annotation& a) {
  const Shape* const shape = shape_of(d, a, ShapeKind::mask);
  if (shape == nullptr || shape->count == 0) return false;
  const Mask& mask = d.masks[shape->begin];
  const Image& image = d[a.image];
  return mask.width > 0 && mask.height > 0 && mask.width == image.width && mask.height == image.height;
}

bool has_points(const Dataset& d, const Annotation& a) {
  const Shape* const shape = shape_of(d, a, ShapeKind::keypoints);
  return shape != nullptr && shape->count > 0 && shape->count % (shape->two ? 2 : 3) == 0 &&
         all_fit(d.numbers_of(*shape));
}

/// Points that are a skeleton have names, or say which of them can be seen.
ToolForm points_form(const Dataset& d, const Annotation& a) {
  const Shape& shape = *shape_of(d, a, ShapeKind::keypoints);
  const bool named = a.category != none<CategoryIndex> && !d[a.category].keypoints.empty();
  return shape.two && !named && shape.count > 2 ? ToolForm::points : ToolForm::skeleton;
}

bool has_line(const Dataset& d, const Annotation& a) {
  const Shape* const shape = shape_of(d, a, ShapeKind::polyline);
  return shape != nullptr && shape->count > 0 && is_drawn(d, d.rings_of(*shape).front());
}

/// What its kind says, where it has such a shape.
ToolForm own_form(const Dataset& d, const Annotation& a) {
  switch (a.kind) {
    case Kind::rotated_box: return drawn_rotated(d, a) ? ToolForm::rotated : ToolForm::none;
    case Kind::quad: return numbers_of(d, a).size() == 8 ? ToolForm::polygon : ToolForm::none;
    case Kind::ellipse:
    case Kind::circle: return drawn_ellipse(d, a) ? ToolForm::ellipse : ToolForm::none;
    case Kind::point: return numbers_of(d, a).size() == 2 ? ToolForm::point : ToolForm::none;
    case Kind::cuboid_2d: return numbers_of(d, a).size() == 16 ? ToolForm::cuboid : ToolForm::none;
    case Kind::polygon: return parts_of(d, a).empty() ? ToolForm::none : ToolForm::polygon;
    case Kind::polyline: return has_line(d, a) ? ToolForm::polyline : ToolForm::none;
    case Kind::keypoints: return has_points(d, a) ? points_form(d, a) : ToolForm::none;
    default: return ToolForm::none;
  }
}

}  // namespace

ToolForm form_of(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  if (a.image == none<ImageIndex>) return ToolForm::none;
  if (a.kind == Kind::tag) return ToolForm::tag;
  if (a.kind == Kind::caption) return d.texts_of(i).empty() ? ToolForm::none : ToolForm::caption;
  if (const ToolForm own = own_form(d, a); own != ToolForm::none) return own;
  if (has_mask(d, a)) return ToolForm::mask;
  if (!parts_of(d, a).empty()) return ToolForm::polygon;
  if (has_points(d, a)) return points_form(d, a);
  if (has_line(d, a)) return ToolForm::polyline;
  return drawn_box(d, a) ? ToolForm::box : ToolForm::none;
}

std::optional<Box> drawn_box(const Dataset& d, const Annotation& a) { return corner_box_of(d, a); }

std::optional<RotatedBox> drawn_rotated(const Dataset& d, const Annotation& a) {
  const auto n = numbers_of(d, a);
  if (a.kind != Kind::rotated_box || n.size() != 5) return std::nullopt;
  return RotatedBox{n[0], n[1], n[2], n[3], n[4]};
}

std::optional<DrawnEllipse> drawn_ellipse(const Dataset& d, const Annotation& a) {
  const auto n = numbers_of(d, a);
  if (a.kind == Kind::circle && n.size() == 3) return DrawnEllipse{n[0], n[1], n[2], n[2]};
  if (a.kind != Kind::ellipse || (n.size() != 4 && n.size() != 5)) return std::nullopt;
  return DrawnEllipse{n[0], n[1], n[2], n[3], n.size() == 5 ? std::optional(n[4]) : std::nullopt};
}

std::vector<std::vector<double>> drawn_rings(const Dataset& d, const Annotation& a, const Policies& policies) {
  if (a.kind == Kind::quad)
    if (const auto n = numbers_of(d, a); n.size() == 8) return {{n.begin(), n.end()}};
  std::vector<std::vector<double>> rings;
  double largest = -1;
  const bool one = policies[Decision::parts] == Policy::largest, fill = policies[Decision::hole] == Policy::fill;
  for (const Part& part : parts_of(d, a)) {
    const double size = std::abs(signed_area(part.outer));
    if (one && !(size > largest)) continue;
    if (one) rings.clear(), largest = size;
    rings.push_back(part.holes.empty() || fill ? std::vector<double>(part.outer.begin(), part.outer.end())
                                               : with_seams(part));
  }
  return rings;
}

std::vector<double> drawn_line(const Dataset& d, const Annotation& a) {
  const Ring& ring = d.rings_of(*shape_of(d, a, ShapeKind::polyline)).front();
  const auto numbers = d.coordinates_of(ring);
  std::vector<double> line(numbers.begin(), numbers.end());
  if (ring.closed) line.insert(line.end(), {numbers[0], numbers[1]});
  return line;
}

Box box_of(const DrawnEllipse& e) {
  const double turn = e.degrees.value_or(0) * 3.14159265358979323846 / 180;
  const double sine = std::sin(turn), cosine = std::cos(turn);
  const double right = std::hypot(e.rx * cosine, e.ry * sine), down = std::hypot(e.rx * sine, e.ry * cosine);
  return {e.x - right, e.y - down, 2 * right, 2 * down};
}

std::size_t shapes_of(const Dataset& d, const Annotation& a, ShapeKind kind) {
  std::size_t count = 0;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) count += d[s].kind == kind ? 1U : 0U;
  return count;
}

bool is_one_drawn_ring(const Dataset& d, const Annotation& a) {
  if (shapes_of(d, a, ShapeKind::polygon) != 1) return false;
  const Shape& shape = *shape_of(d, a, ShapeKind::polygon);
  if (shape.count != 1) return false;
  const Ring& ring = d.rings_of(shape).front();
  return ring.role == RingRole::outer && ring.closed && is_drawn(d, ring);
}

bool has_drawn_parts(const Dataset& d, const Annotation& a) {
  return a.kind != Kind::quad && parts_of(d, a).size() > 1;
}

bool has_drawn_holes(const Dataset& d, const Annotation& a) {
  const std::vector<Part> parts = parts_of(d, a);
  return a.kind != Kind::quad &&
         std::any_of(parts.begin(), parts.end(), [](const Part& p) { return !p.holes.empty(); });
}

std::vector<std::vector<std::string>> point_names(const Dataset& d,
                                                  const std::function<bool(AnnotationIndex)>& is_skeleton) {
  std::vector<std::size_t> counts;
  for (const Category& c : d.categories) counts.push_back(std::max<std::size_t>(c.keypoints.size(), c.point_count));
  for (std::size_t i = 0; i < d.annotations.size(); ++i) {
    const Annotation& a = d.annotations[i];
    if (a.shape == none<ShapeIndex> || a.category == none<CategoryIndex>) continue;
    const Shape* const shape = d.find_shape(a, ShapeKind::keypoints);
    if (shape == nullptr || !is_skeleton(to_index<AnnotationIndex>(i))) continue;
    std::size_t& count = counts[to_size(a.category)];
    count = std::max<std::size_t>(count, shape->count / (shape->two ? 2 : 3));
  }
  std::vector<std::vector<std::string>> all(counts.size());
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const std::vector<std::string>& own = d.categories[c].keypoints;
    std::set<std::string> taken;
    for (std::size_t k = 0; k < counts[c]; ++k) {
      const bool named = k < own.size() && fits_xml(own[k]) && !own[k].empty();
      const std::string wanted = named ? own[k] : "point_" + std::to_string(k + 1);
      std::string name = wanted;
      for (unsigned n = 2; !taken.insert(name).second; ++n) name = wanted + "-" + std::to_string(n);
      all[c].push_back(std::move(name));
    }
  }
  return all;
}

void append_mask(Dataset& d, Annotation& a, std::span<const std::uint8_t> ones, const PixelBox& where,
                 std::uint32_t width, std::uint32_t height) {
  Mask mask{.begin = d.runs.size(), .height = height, .width = width};
  std::uint64_t run = 0;
  bool one = false;
  const auto add = [&](bool value, std::uint64_t count) {
    if (count == 0) return;
    if (value != one) {
      d.runs.push_back(static_cast<std::uint32_t>(run));
      run = 0;
      one = value;
    }
    run += count;
  };
  add(false, where.left * height);
  for (std::uint64_t x = 0; x < where.width; ++x) {
    add(false, where.top);
    for (std::uint64_t y = 0; y < where.height; ++y) add(ones[y * where.width + x] != 0, 1);
    add(false, height - where.top - where.height);
  }
  add(false, (width - where.left - where.width) * height);
  d.runs.push_back(static_cast<std::uint32_t>(run));
  mask.count = static_cast<std::uint32_t>(d.runs.size() - mask.begin);
  a.shape = to_index<ShapeIndex>(d.shapes.size());
  d.shapes.push_back({.begin = d.masks.size(), .count = 1, .kind = ShapeKind::mask});
  d.masks.push_back(mask);
}

std::vector<std::uint8_t> ones_within(std::span<const std::uint32_t> counts, std::uint32_t height,
                                      const PixelBox& where) {
  std::vector<std::uint8_t> ones(where.width * where.height, 0);
  std::uint64_t at = 0;
  for (std::size_t k = 0; k < counts.size(); at += counts[k++])
    if (k % 2 == 1)
      for (std::uint64_t p = at; p < at + counts[k]; ++p)
        ones[(p % height - where.top) * where.width + (p / height - where.left)] = 1;
  return ones;
}

double drawn_bound(const Dataset& d, std::uint32_t annotation) {
  const Annotation& a = d.annotations[annotation];
  double sum = std::abs(a.box.x) + std::abs(a.box.y) + std::abs(a.box.width) + std::abs(a.box.height);
  if (a.image != none<ImageIndex>) sum += d[a.image].width + d[a.image].height;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    double largest = 0;
    const auto take = [&](std::span<const double> numbers) {
      for (const double n : numbers) largest = std::max(largest, std::abs(n));
    };
    if (d[s].kind == ShapeKind::polygon || d[s].kind == ShapeKind::polyline)
      for (const Ring& ring : d.rings_of(d[s])) take(d.coordinates_of(ring));
    if (d[s].kind == ShapeKind::keypoints || d[s].kind == ShapeKind::numbers) take(d.numbers_of(d[s]));
    sum += 4 * largest;
  }
  return 16 * 0x1p-52 * (1 + sum);
}

std::vector<Carry> without_refusals(std::span<const Carry> lines) {
  std::vector<Carry> all(lines.begin(), lines.end());
  std::erase_if(all, [](const Carry& line) { return line.verb == Verb::refused; });
  return all;
}

void finish_columns(Dataset& d, std::vector<Residue> of_images) {
  std::stable_sort(of_images.begin(), of_images.end(),
                   [](const Residue& a, const Residue& b) { return a.index < b.index; });
  Column<Residue> residues;
  for (const Residue& row : of_images) residues.push_back(row);
  residues.append(std::span<const Residue>(d.residues.data(), d.residues.size()));
  d.residues = std::move(residues);
  const auto no_id = [](std::int64_t id) { return id == Ids::absent; };
  for (Ids* ids : {&d.image_ids, &d.annotation_ids, &d.category_ids})
    if (std::all_of(ids->numbers.begin(), ids->numbers.end(), no_id)) *ids = {};
  if (std::all_of(d.scores.begin(), d.scores.end(), is_unstated)) d.scores = {};
  for (Column<Text>* column : {&d.authored, &d.track_ids, &d.group_ids})
    if (std::all_of(column->begin(), column->end(), [](Text t) { return t.empty(); })) *column = {};
}

}  // namespace vetset
