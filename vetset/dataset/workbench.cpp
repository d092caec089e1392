#include "vetset/dataset/workbench.h"

#include <algorithm>
#include <cmath>

#include "vetset/dataset/edit.h"

namespace vetset {
namespace {

/// A stated area says the area of the outline, or that of the box; nothing where the record has neither.
double area_of(const Dataset& d, const Annotation& a) {
  const Shape* const polygon = d.find_shape(a, ShapeKind::polygon);
  bool empty = polygon != nullptr;  // "segmentation": []
  if (polygon != nullptr)
    for (const Ring& ring : d.rings_of(*polygon)) empty = empty && ring.count == 0;
  if (const std::optional<double> shape = shape_area(d, a); shape && !empty) return *shape;
  return a.box_origin == Origin::stated || a.box_origin == Origin::derived ? a.box.width * a.box.height : unstated();
}

Shape* find_polygon(Dataset& d, const Annotation& a) {
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next)
    if (d[s].kind == ShapeKind::polygon) return &d.shapes[to_size(s)];
  return nullptr;
}

/// Rings at the end of their columns; what stood there before is named by nobody any more.
void put_rings(Dataset& d, Shape& shape, const std::vector<std::pair<std::vector<double>, RingRole>>& rings) {
  shape.begin = d.rings.size();
  shape.count = 0;
  for (const auto& [numbers, role] : rings) {
    if (numbers.empty()) continue;
    d.rings.push_back(
        {.begin = d.coordinates.size(), .count = static_cast<std::uint32_t>(numbers.size()), .role = role});
    d.coordinates.append(numbers);
    ++shape.count;
  }
}

void set_number(Ids& ids, std::size_t count, std::uint32_t owner, std::int64_t number) {
  ids.numbers.resize(std::max(ids.numbers.size(), count), Ids::absent);
  ids.numbers[owner] = number;
  Column<Ids::Token> tokens;
  for (const Ids::Token& token : ids.tokens)
    if (token.owner != owner) tokens.push_back(token);
  ids.tokens = std::move(tokens);
}

}  // namespace

Dataset& Workbench::change() {
  if (!changed_) copy_ = original_;
  changed_ = true;
  return copy_;
}

void Workbench::note(Owner owner, std::uint32_t index, std::string what, bool dropped) {
  edits_.push_back(
      {.code = code_, .repair = repair_, .owner = owner, .index = index, .dropped = dropped, .what = std::move(what)});
}

void Workbench::reshaped(AnnotationIndex i) {
  Dataset& d = change();
  respelled_.insert(i);
  if (!d.areas.empty() && !is_unstated(d.areas[to_size(i)])) d.areas[to_size(i)] = area_of(d, d[i]);
}

void Workbench::set_box(AnnotationIndex i, const Box& box, std::string what) {
  Annotation& a = change().annotations[to_size(i)];
  a.box = box;
  reshaped(i);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_rings(AnnotationIndex i, const std::vector<std::pair<std::vector<double>, RingRole>>& rings,
                          const Box* box, std::string what) {
  Dataset& d = change();
  Annotation& a = d.annotations[to_size(i)];
  Shape* const shape = find_polygon(d, a);
  VETSET_ASSERT(shape != nullptr, "only the rings of a polygon are replaced");
  put_rings(d, *shape, rings);
  if (a.box_origin == Origin::derived) {
    if (const std::optional<Box> around = shape_box(d, a)) a.box = *around;
  } else if (box != nullptr) {
    a.box = *box;
  }
  reshaped(i);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::respell_rings(AnnotationIndex i, const std::vector<std::pair<std::vector<double>, RingRole>>& rings,
                              std::string what) {
  Dataset& d = change();
  const double area = d.area(i);
  set_rings(i, rings, nullptr, std::move(what));
  if (!d.areas.empty()) d.areas[to_size(i)] = area;
}

void Workbench::box_to_polygon(AnnotationIndex i, std::string what) {
  Dataset& d = change();
  Annotation& a = d.annotations[to_size(i)];
  const double right = a.box.x + a.box.width, bottom = a.box.y + a.box.height;
  Shape shape{.next = a.shape, .kind = ShapeKind::polygon};
  put_rings(d, shape, {{{a.box.x, a.box.y, right, a.box.y, right, bottom, a.box.x, bottom}, RingRole::outer}});
  a.shape = to_index<ShapeIndex>(d.shapes.size());
  a.kind = Kind::polygon;
  a.box_origin = Origin::derived;
  d.shapes.push_back(shape);
  if (const std::optional<Box> around = shape_box(d, a)) a.box = *around;
  reshaped(i);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_category(AnnotationIndex i, CategoryIndex category, std::string what) {
  change().annotations[to_size(i)].category = category;
  respelled_.insert(i);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_area(AnnotationIndex i, double area, std::string what) {
  change().areas[to_size(i)] = area;
  respelled_.insert(i);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_residue(AnnotationIndex i, std::string_view json, std::string what) {
  Dataset& d = change();
  const Text text = d.add_text(json);
  for (Residue& row : d.residues)
    if (row.owner == Owner::annotation && row.index == static_cast<std::uint32_t>(i)) row.json = text;
  respelled_.insert(i);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_id(AnnotationIndex i, std::int64_t id, std::string what) {
  Dataset& d = change();
  set_number(d.annotation_ids, d.annotations.size(), static_cast<std::uint32_t>(i), id);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_id(ImageIndex i, std::int64_t id, std::string what) {
  Dataset& d = change();
  set_number(d.image_ids, d.images.size(), static_cast<std::uint32_t>(i), id);
  note(Owner::image, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_size(ImageIndex i, std::uint32_t width, std::uint32_t height, std::string what) {
  Image& image = change().images[to_size(i)];
  image.width = width;
  image.height = height;
  note(Owner::image, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_path(ImageIndex i, std::string_view path, std::string what) {
  Dataset& d = change();
  const Text text = d.add_text(path);
  d.images[to_size(i)].path = text;
  note(Owner::image, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_state(ImageIndex i, ImageState state, std::string what) {
  change().images[to_size(i)].state = state;
  note(Owner::image, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::leave_split(std::size_t membership, std::string what) {
  change();
  if (left_memberships_.insert(membership).second)
    note(Owner::split, static_cast<std::uint32_t>(membership), std::move(what), true);
}

void Workbench::merge(CategoryIndex from, CategoryIndex into, std::string what) {
  change();
  merged_.emplace_back(from, into);
  note(Owner::category, static_cast<std::uint32_t>(from), std::move(what), true);
}

void Workbench::drop_mark(FileIndex file, std::string what) {
  File& f = change().files[to_size(file)];
  f.bom = false;
  f.bytes = {};
  note(Owner::dataset, static_cast<std::uint32_t>(file), std::move(what));
}

void Workbench::drop(AnnotationIndex i, std::string what) {
  change();
  if (dropped_annotations_.insert(i).second)
    note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what), true);
}

void Workbench::drop(ImageIndex i, std::string what, ImageIndex same_file) {
  change();
  if (!dropped_images_.insert(i).second) return;
  note(Owner::image, static_cast<std::uint32_t>(i), std::move(what), true);
  edits_.back().same_file = same_file;
}

Workbench::Finished Workbench::finish() && {
  Dataset& d = change();
  const std::vector<AnnotationIndex> edited(respelled_.begin(), respelled_.end());
  forget_spelling(d, edited);
  if (!left_memberships_.empty()) {
    Column<Membership> kept;
    std::vector<std::uint32_t> next(d.splits.size(), 0);
    for (std::size_t m = 0; m < d.memberships.size(); ++m) {
      Membership row = d.memberships[m];
      if (left_memberships_.contains(m)) continue;
      row.order = next[to_size(row.split)]++;
      kept.push_back(row);
    }
    d.memberships = std::move(kept);
  }
  Selection selection;
  if (!dropped_images_.empty()) {
    selection.images.assign(d.images.size(), true);
    for (const ImageIndex i : dropped_images_) selection.images[to_size(i)] = false;
  }
  if (!dropped_annotations_.empty()) {
    selection.annotations.assign(d.annotations.size(), true);
    for (const AnnotationIndex i : dropped_annotations_) selection.annotations[to_size(i)] = false;
  }
  if (!merged_.empty()) {
    std::vector<CategoryIndex> target(d.categories.size());
    for (std::size_t c = 0; c < target.size(); ++c) target[c] = to_index<CategoryIndex>(c);
    for (const auto& [from, into] : merged_) target[to_size(from)] = target[to_size(into)];
    ClassPlan plan{.classes = {},
                   .become = std::vector<CategoryIndex>(target.size(), none<CategoryIndex>),
                   .renumber = numbers_are_places(d)};
    for (std::size_t c = 0; c < target.size(); ++c) {
      if (target[c] != to_index<CategoryIndex>(c)) continue;
      plan.become[c] = to_index<CategoryIndex>(plan.classes.size());
      plan.classes.push_back({.name = d.categories[c].name, .from = target[c]});
    }
    for (std::size_t c = 0; c < target.size(); ++c) plan.become[c] = plan.become[to_size(target[c])];
    selection.classes = std::move(plan);
  }
  const bool renumbered = selection.classes && selection.classes->renumber;
  Selected result = selected(std::move(d), selection);
  return {.dataset = std::move(result.dataset), .join = std::move(result.join), .renumbered = renumbered};
}

}  // namespace vetset
