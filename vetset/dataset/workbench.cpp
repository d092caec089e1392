#include "vetset/dataset/workbench.h"

#include <algorithm>
#include <cmath>

#include "vetset/dataset/arrange.h"
#include "vetset/dataset/edit.h"

namespace vetset {

std::string_view name(MediaChange change) {
  switch (change) {
    case MediaChange::none: return "none";
    case MediaChange::turn: return "turn";
    case MediaChange::turn_anew: return "turn-anew";
    case MediaChange::untag: return "untag";
  }
  return "";
}

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

/// The shapes of an annotation at the end of their columns, once more.
ShapeIndex copy_shapes(Dataset& d, ShapeIndex first) {
  std::vector<Shape> copies;
  for (ShapeIndex s = first; s != none<ShapeIndex>; s = d[s].next) copies.push_back(d[s]);
  const auto copied = [](auto& column, std::uint64_t begin, std::uint32_t count) {
    using Value = std::decay_t<decltype(column[0])>;
    const auto old = column.slice(begin, count);
    const std::vector<Value> values(old.begin(), old.end());
    const std::uint64_t at = column.size();
    column.append(values);
    return at;
  };
  for (Shape& shape : copies) {
    shape.spelling = Spelling::usual;
    if (shape.kind == ShapeKind::polygon || shape.kind == ShapeKind::polyline) {
      shape.begin = copied(d.rings, shape.begin, shape.count);
      for (std::size_t r = 0; r < shape.count; ++r) {
        Ring& ring = d.rings[shape.begin + r];
        ring.begin = copied(d.coordinates, ring.begin, ring.count);
      }
    } else if (shape.kind == ShapeKind::mask) {
      shape.begin = copied(d.masks, shape.begin, shape.count);
      for (std::size_t m = 0; m < shape.count; ++m) {
        Mask& mask = d.masks[shape.begin + m];
        mask.begin = copied(d.runs, mask.begin, mask.count);
      }
    } else if (shape.kind != ShapeKind::nothing) {
      shape.begin = copied(d.coordinates, shape.begin, shape.count);
    }
  }
  ShapeIndex next = none<ShapeIndex>;
  for (std::size_t k = copies.size(); k-- > 0;) {
    copies[k].next = next;
    next = to_index<ShapeIndex>(d.shapes.size());
    d.shapes.push_back(copies[k]);
  }
  return next;
}

/// The number of a record that comes behind all others of a file; of no file: behind all there are.
std::uint32_t next_order(const Dataset& d, FileIndex file) {
  std::uint32_t next = 0;
  for (std::size_t n = 0; n < d.annotations.size(); ++n)
    if (file == none<FileIndex> || file_of(d, to_index<AnnotationIndex>(n)) == file)
      next = std::max(next, d.annotations[n].order + 1);
  for (const Unread& line : d.unread)
    if (file == none<FileIndex> || line.file == file) next = std::max(next, line.order + 1);
  return next;
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
  Dataset& d = change();
  d.annotations[to_size(i)].category = category;
  Column<Dangling> kept;
  for (const Dangling& row : d.dangling)
    if (row.annotation != i || row.target != Owner::category) kept.push_back(row);
  if (kept.size() != d.dangling.size()) d.dangling = std::move(kept);
  respelled_.insert(i);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::set_mask(AnnotationIndex i, std::uint32_t height, std::uint32_t width,
                         std::span<const std::uint32_t> counts, std::string what) {
  Dataset& d = change();
  const Shape* const shape = d.find_shape(d[i], ShapeKind::mask);
  VETSET_ASSERT(shape != nullptr && shape->count > 0, "only a mask that is there is replaced");
  const Mask mask{
      .begin = d.runs.size(), .count = static_cast<std::uint32_t>(counts.size()), .height = height, .width = width};
  d.runs.append(counts);
  d.masks[shape->begin] = mask;
  reshaped(i);
  note(Owner::annotation, static_cast<std::uint32_t>(i), std::move(what));
}

void Workbench::add(AnnotationIndex like, ImageIndex image, const std::optional<Box>& box, std::string what) {
  change();
  additions_.push_back({like, image, box});
  note(Owner::annotation, static_cast<std::uint32_t>(additions_.size() - 1), std::move(what));
  edits_.back().added = true;
}

/// Behind all others, so that what is there keeps its index.
void Workbench::append_added() {
  Dataset& d = change();
  std::int64_t id = 0;
  for (const std::int64_t known : d.annotation_ids.numbers)
    if (known != Ids::absent && known != Ids::odd && known < INT64_MAX) id = std::max(id, known);
  std::vector<AnnotationIndex> fresh;
  for (const Addition& addition : additions_) {
    Annotation a = d[addition.like];
    a.image = addition.image;
    a.order = next_order(d, d[addition.image].file);
    a.shape = addition.box ? none<ShapeIndex> : copy_shapes(d, a.shape);
    if (addition.box) a.box = *addition.box;
    Dataset part;
    part.annotations.push_back(a);
    part.annotations[0].shape = none<ShapeIndex>;
    if (!d.annotation_ids.numbers.empty()) part.annotation_ids.numbers.push_back(++id);
    if (!d.areas.empty()) part.areas.push_back(is_unstated(d.area(addition.like)) ? unstated() : area_of(d, a));
    if (!d.track_ids.empty())
      part.track_ids.push_back(part.add_text(std::string(d.text(d.track_ids[to_size(addition.like)]))));
    fresh.push_back(to_index<AnnotationIndex>(d.annotations.size()));
    d.append_annotations(std::move(part));
    d.annotations[d.annotations.size() - 1].shape = a.shape;
    Image& image = d.images[to_size(addition.image)];
    if (image.state == ImageState::labelled_empty || image.state == ImageState::unlabelled)
      image.state = ImageState::labelled;
  }
  forget_spelling(d, fresh);
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

void Workbench::rewrite(ImageIndex i, MediaChange media, std::uint32_t width, std::uint32_t height, std::string what) {
  VETSET_ASSERT(rewritable != nullptr && rewritable(i, media),
                "a file is rewritten only where that was found possible");
  Image& image = change().images[to_size(i)];
  if (image.width != 0) image.width = width, image.height = height;
  rewritten_.insert(i);
  note(Owner::image, static_cast<std::uint32_t>(i), std::move(what));
  edits_.back().media = media;
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
  const std::size_t count = d.annotations.size();
  append_added();
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
  std::vector<AnnotationIndex> added;
  for (std::size_t n = 0; n < additions_.size(); ++n) {
    const auto at = result.join.of(to_index<AnnotationIndex>(count + n));
    added.push_back(at.empty() ? none<AnnotationIndex> : at.front());
  }
  return {.dataset = std::move(result.dataset),
          .join = std::move(result.join),
          .added = std::move(added),
          .renumbered = renumbered};
}

}  // namespace vetset
