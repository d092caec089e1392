#include "vetset/dataset/compare.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/dataset/statement.h"

using namespace vetset;

namespace {

/// Two images in one split, one class, three boxes: two on the first image, one on the second.
Dataset small() {
  Dataset d;
  d.format = "coco";
  d.files.push_back({.path = d.add_text("labels.json"), .split = SplitIndex{0}});
  d.splits.push_back({.name = "train", .role = SplitRole::train, .file = FileIndex{0}});
  d.categories.push_back({.name = "cat"});
  for (const char* path : {"a.jpg", "b.jpg"}) {
    const auto i = to_index<ImageIndex>(d.images.size());
    d.images.push_back({.path = d.add_text(path),
                        .width = 100,
                        .height = 80,
                        .file = FileIndex{0},
                        .size_origin = SizeOrigin::stated});
    d.memberships.push_back({.split = SplitIndex{0}, .image = i, .order = static_cast<std::uint32_t>(to_size(i))});
  }
  for (std::uint32_t k = 0; k < 3; ++k) {
    d.annotations.push_back({.box = {.x = 10.0 * k, .y = 5, .width = 20, .height = 10},
                             .image = k < 2 ? ImageIndex{0} : ImageIndex{1},
                             .category = CategoryIndex{0},
                             .kind = Kind::box,
                             .box_origin = Origin::stated,
                             .order = k});
    d.annotation_ids.numbers.push_back(k + 1);
    d.annotation_positions.push_back(Position::at(FileIndex{0}, 100 + k));
  }
  return d;
}

void add_ring(Dataset& d, AnnotationIndex owner, std::vector<double> numbers, RingRole role = RingRole::outer) {
  Annotation& a = d.annotations[to_size(owner)];
  d.rings.push_back({.begin = d.coordinates.size(), .count = static_cast<std::uint32_t>(numbers.size()), .role = role});
  d.coordinates.append(numbers);
  if (a.shape != none<ShapeIndex>) {
    ++d.shapes[to_size(a.shape)].count;
    return;
  }
  a.shape = to_index<ShapeIndex>(d.shapes.size());
  a.kind = Kind::polygon;
  d.shapes.push_back({.begin = d.rings.size() - 1, .count = 1, .kind = ShapeKind::polygon});
}

void add_mask(Dataset& d, AnnotationIndex owner, std::uint32_t height, std::uint32_t width,
              std::vector<std::uint32_t> counts) {
  Annotation& a = d.annotations[to_size(owner)];
  d.masks.push_back(
      {.begin = d.runs.size(), .count = static_cast<std::uint32_t>(counts.size()), .height = height, .width = width});
  d.runs.append(counts);
  a.shape = to_index<ShapeIndex>(d.shapes.size());
  d.shapes.push_back({.begin = d.masks.size() - 1, .count = 1, .kind = ShapeKind::mask});
}

/// Says that each annotation of `before` was written as the records of the result given for it.
Emission emission_of(const Dataset& before, const std::vector<std::vector<std::uint32_t>>& orders) {
  Emission e;
  const Text file = e.add_text("labels.json");
  for (std::uint32_t i = 0; i < orders.size(); ++i)
    for (const std::uint32_t order : orders[i]) e.annotations.push_back({.from = i, .file = file, .order = order});
  for (std::uint32_t i = 0; i < before.images.size(); ++i) e.images.push_back({.from = i, .file = file, .order = i});
  for (std::size_t c = 0; c < before.categories.size(); ++c) e.categories.push_back(to_index<CategoryIndex>(c));
  for (std::size_t s = 0; s < before.splits.size(); ++s)
    e.splits.emplace_back(to_index<SplitIndex>(s), before.splits[s].name);
  return e;
}

std::vector<Difference> compared_as(const std::vector<std::vector<std::uint32_t>>& orders, const Dataset& before,
                                    const Dataset& after, const CompareOptions& options = {}) {
  return compare(before, after, join_emitted(before, after, emission_of(before, orders)), options);
}
std::vector<Difference> compared(const Dataset& before, const Dataset& after, const CompareOptions& options = {}) {
  return compared_as({{0}, {1}, {2}}, before, after, options);
}

const Difference* find(const std::vector<Difference>& lines, Field field, Outcome outcome) {
  for (const Difference& d : lines)
    if (d.field == field && d.outcome == outcome) return &d;
  return nullptr;
}

bool all_kept(const std::vector<Difference>& lines) {
  return std::all_of(lines.begin(), lines.end(), [](const Difference& d) { return d.outcome == Outcome::kept; });
}

/// Fields that are not kept, in order.
std::string told(const std::vector<Difference>& lines) {
  std::string out;
  for (const Difference& d : lines)
    if (d.outcome != Outcome::kept)
      out += (out.empty() ? "" : ", ") + std::string(name(d.field)) + " " + std::string(name(d.outcome)) +
             (d.declared ? "" : "!");
  return out;
}

std::vector<double> triangle() { return {0, 0, 10, 0, 10, 10}; }

}  // namespace

TEST_CASE("every field has a name of its own") {
  std::vector<std::string_view> names;
  for (const FieldInfo& info : fields()) {
    CHECK(name(info.field) == info.name);
    names.push_back(info.name);
  }
  CHECK(names.size() == static_cast<std::size_t>(Field::count));
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("a dataset compared with itself keeps everything, and says of how much") {
  Dataset d = small();
  add_ring(d, AnnotationIndex{0}, triangle());
  const auto lines = compared(d, d);
  CHECK(all_kept(lines));
  const Difference* boxes = find(lines, Field::annotation_box, Outcome::kept);
  REQUIRE(boxes != nullptr);
  CHECK(boxes->count == 3);
  CHECK(boxes->of == 3);
  CHECK(find(lines, Field::annotation_polygon, Outcome::kept)->count == 1);
  CHECK(find(lines, Field::annotation_score, Outcome::kept) == nullptr);
}

TEST_CASE("lines come in the order of the fields") {
  const auto lines = compared(small(), small());
  CHECK(std::is_sorted(lines.begin(), lines.end(),
                       [](const Difference& a, const Difference& b) { return a.field < b.field; }));
}

TEST_CASE("a box that moved is told with how far, where, and both values") {
  Dataset after = small();
  after.annotations[1].box.x += 0.25;
  after.annotations[2].box.height -= 0.5;
  const auto lines = compared(small(), after);
  CHECK(told(lines) == "annotation.box changed!");
  const Difference* box = find(lines, Field::annotation_box, Outcome::changed);
  CHECK(box->count == 2);
  CHECK(box->of == 3);
  CHECK(box->largest == 0.5);
  CHECK(box->unit == "px");
  CHECK(box->index == 1);
  CHECK(box->where == "a.jpg, annotation 2");
  CHECK(box->before == "[10, 5, 20, 10]");
  CHECK(box->after == "[10.25, 5, 20, 10]");
}

TEST_CASE("NaN is kept as NaN, and -0 as 0") {
  Dataset before = small(), after = small();
  before.annotations[0].box.x = after.annotations[0].box.x = std::numeric_limits<double>::quiet_NaN();
  after.annotations[1].box.y = before.annotations[1].box.y = 0.0;
  after.annotations[1].box.y = -0.0;
  CHECK(all_kept(compared(before, after)));
  after.annotations[0].box.x = 3;
  CHECK(told(compared(before, after)) == "annotation.box changed!");
}

TEST_CASE("a bound covers what stays within it and nothing more") {
  Dataset after = small();
  after.annotations[1].box.x += 0.25;
  const auto half = [](const Dataset&, std::uint32_t) { return 0.5; };
  const auto tenth = [](const Dataset&, std::uint32_t) { return 0.1; };
  const Carry wide[] = {{.field = Field::annotation_box, .verb = Verb::quantised, .bound = half, .note = "decimals"}};
  const auto covered = compared(small(), after, {.carries = wide});
  CHECK(told(covered) == "annotation.box changed");
  const Difference* box = find(covered, Field::annotation_box, Outcome::changed);
  CHECK(box->bound == 0.5);
  CHECK(box->note == "decimals");
  CHECK(box->line == 0);
  const Carry narrow[] = {{.field = Field::annotation_box, .verb = Verb::quantised, .bound = tenth}};
  CHECK(told(compared(small(), after, {.carries = narrow})) == "annotation.box changed!");
  const Carry boundless[] = {{.field = Field::annotation_box, .verb = Verb::quantised}};
  CHECK(told(compared(small(), after, {.carries = boundless})) == "annotation.box changed!");
}

TEST_CASE("the first line of a declaration whose condition holds is the one that counts") {
  Dataset after = small();
  after.annotations[0].box.x += 1;
  after.annotations[1].box.x += 1;
  const Carry carries[] = {{.field = Field::annotation_box,
                            .verb = Verb::encoded,
                            .when = [](const Dataset&, std::uint32_t i) { return i == 1; }},
                           {.field = Field::annotation_box, .verb = Verb::exact}};
  const auto lines = compared(small(), after, {.carries = carries});
  CHECK(told(lines) == "annotation.box changed!, annotation.box changed");
}

TEST_CASE("a field without a line is dropped for a target, and exact for a diff") {
  Dataset before = small(), after = small();
  before.scores = Column<double>(3, 0.5);
  CHECK(told(compared(before, after, {.declared_only = true})) == "annotation.score lost");
  CHECK(told(compared(before, after)) == "annotation.score lost!");
  CHECK(told(compared(after, before, {.declared_only = true})) == "annotation.score added!");
  before.scores[0] = before.scores[1] = before.scores[2] = unstated();
  CHECK(all_kept(compared(before, after)));
}

TEST_CASE("what verbs cover") {
  Dataset changed = small(), lost = small(), stated = small();
  stated.areas = Column<double>(3, 200);
  changed.areas = Column<double>(3, 201);
  const auto verdict = [&](Verb verb, const Dataset& before, const Dataset& after) {
    const Carry carries[] = {{.field = Field::annotation_area, .verb = verb}};
    const auto lines = compared(before, after, {.carries = carries});
    return std::all_of(lines.begin(), lines.end(), [](const Difference& d) { return d.declared; });
  };
  struct Case {
    Verb verb;
    bool change, loss, addition;
  };
  for (const Case c : {Case{Verb::exact, false, false, false}, Case{Verb::quantised, false, false, false},
                       Case{Verb::rekeyed, true, true, true}, Case{Verb::encoded, true, false, false},
                       Case{Verb::split, true, false, false}, Case{Verb::derived, true, false, true},
                       Case{Verb::defaulted, false, false, true}, Case{Verb::aggregated, true, false, false},
                       Case{Verb::dropped, false, true, false}}) {
    CAPTURE(name(c.verb));
    CHECK(verdict(c.verb, stated, stated));
    CHECK(verdict(c.verb, stated, changed) == c.change);
    CHECK(verdict(c.verb, stated, lost) == c.loss);
    CHECK(verdict(c.verb, lost, stated) == c.addition);
  }
}

TEST_CASE("an annotation that is gone counts once, not field by field") {
  const auto lines = compared_as({{0}, {}, {2}}, small(), small());
  CHECK(told(lines) == "annotation lost!, annotation added!");
  const Difference* lost = find(lines, Field::annotation, Outcome::lost);
  CHECK(lost->where == "a.jpg, annotation 2");
  CHECK(lost->of == 4);
  CHECK(find(lines, Field::annotation_box, Outcome::kept)->of == 2);
}

TEST_CASE("a refusal covers a loss only where somebody decided to drop") {
  Dataset after = small();
  after.annotations.resize(2);
  after.annotation_ids.numbers.resize(2);
  after.annotation_positions.resize(2);
  const Carry carries[] = {{.field = Field::annotation, .verb = Verb::refused}};
  using Decided = CompareOptions::Decided;
  const auto with = [&](Decided decided) {
    return told(compared_as({{0}, {1}, {}}, small(), after,
                            {.carries = carries, .decided = [=](AnnotationIndex) { return decided; }}));
  };
  CHECK(with(Decided::drop) == "annotation lost");
  CHECK(with(Decided::something) == "annotation lost!");
  CHECK(with(Decided::nothing) == "annotation lost!");
}

TEST_CASE("one annotation as several records is a split, its box the box around them") {
  Dataset before = small(), after = small();
  add_ring(before, AnnotationIndex{0}, triangle());
  add_ring(before, AnnotationIndex{0}, {20, 0, 30, 0, 30, 10});
  before.annotations[0].box = {.x = 0, .y = 0, .width = 30, .height = 10};
  before.annotations.resize(1);
  before.annotation_ids = {};
  add_ring(after, AnnotationIndex{0}, triangle());
  add_ring(after, AnnotationIndex{1}, {20, 0, 30, 0, 30, 10});
  after.annotations.resize(2);
  after.annotation_ids = {};
  after.annotations[0].box = {.x = 0, .y = 0, .width = 10, .height = 10};
  after.annotations[1].box = {.x = 20, .y = 0, .width = 10, .height = 10};
  const auto lines = compared_as({{0, 1}}, before, after);
  CHECK(told(lines) == "annotation changed!");
}

TEST_CASE("a bridged polygon is measured by its area") {
  Dataset before = small(), after = small();
  add_ring(before, AnnotationIndex{0}, {0, 0, 10, 0, 10, 10, 0, 10});
  add_ring(before, AnnotationIndex{0}, {2, 2, 4, 2, 4, 4, 2, 4}, RingRole::hole);
  add_ring(after, AnnotationIndex{0}, {0, 0, 10, 0, 10, 10, 0, 10});
  const Carry carries[] = {{.field = Field::annotation_polygon, .verb = Verb::encoded},
                           {.field = Field::annotation_kind, .verb = Verb::encoded}};
  const auto lines = compared(before, after, {.carries = carries});
  const Difference* polygon = find(lines, Field::annotation_polygon, Outcome::changed);
  REQUIRE(polygon != nullptr);
  CHECK(polygon->largest == 4);
  CHECK(polygon->unit == "px^2");
  CHECK(polygon->before.starts_with("2 rings (1 of them holes), 8 points"));
  const Carry quantised[] = {{.field = Field::annotation_polygon,
                              .verb = Verb::quantised,
                              .bound = [](const Dataset&, std::uint32_t) { return 100.0; }}};
  CHECK(told(compared(before, after, {.carries = quantised})) == "annotation.polygon changed!");
}

TEST_CASE("a hole is not an outer ring") {
  Dataset before = small(), after = small();
  add_ring(before, AnnotationIndex{0}, triangle());
  add_ring(before, AnnotationIndex{0}, triangle(), RingRole::hole);
  add_ring(after, AnnotationIndex{0}, triangle());
  add_ring(after, AnnotationIndex{0}, triangle(), RingRole::outer);
  CHECK(told(compared(before, after)) == "annotation.polygon changed!");
}

TEST_CASE("masks differ by pixels, however their runs are cut") {
  Dataset before = small(), same = small(), other = small();
  add_mask(before, AnnotationIndex{0}, 4, 4, {3, 5, 8});
  add_mask(same, AnnotationIndex{0}, 4, 4, {3, 2, 0, 3, 8});
  add_mask(other, AnnotationIndex{0}, 4, 4, {4, 6, 6});
  CHECK(all_kept(compared(before, same)));
  const auto lines = compared(before, other);
  CHECK(told(lines) == "annotation.mask changed!");
  CHECK(find(lines, Field::annotation_mask, Outcome::changed)->largest == 3);
}

TEST_CASE("a mask that came back as a polygon counts once, as a mask in another form") {
  Dataset before = small(), after = small();
  add_mask(before, AnnotationIndex{0}, 4, 4, {0, 16});
  add_ring(after, AnnotationIndex{0}, {0, 0, 4, 0, 4, 4, 0, 4});
  before.annotations[0].kind = after.annotations[0].kind;
  const auto lines = compared(before, after);
  CHECK(told(lines) == "annotation.mask changed!");
  CHECK(find(lines, Field::annotation_mask, Outcome::changed)->largest == 0);
  CHECK(told(compared(after, before)) == "annotation.polygon changed!");
}

TEST_CASE("a derived box is no loss, and a stated one that comes back derived has changed") {
  Dataset stated = small(), derived = small();
  for (Annotation& a : derived.annotations) a.box_origin = Origin::derived;
  Dataset none = derived;
  for (Annotation& a : none.annotations)
    a = {.image = a.image, .category = a.category, .kind = a.kind, .order = a.order};
  CHECK(told(compared(stated, derived)) == "annotation.box changed!");
  CHECK(told(compared(derived, stated)) == "annotation.box added!");
  CHECK(all_kept(compared(derived, derived)));
  CHECK(all_kept(compared(derived, none)));
  CHECK(told(compared(stated, none)) == "annotation.box lost!");
}

TEST_CASE("a measured size is neither lost nor invented") {
  Dataset stated = small(), measured = small();
  for (Image& i : measured.images) i.size_origin = SizeOrigin::header;
  CHECK(told(compared(stated, measured)) == "image.size lost!");
  CHECK(told(compared(measured, stated)) == "image.size added!");
  CHECK(all_kept(compared(measured, measured)));
}

TEST_CASE("order is rank among what survived") {
  const Dataset before = small();
  Dataset after = small();
  // The first annotation is gone: the others keep their order.
  after.annotations = {};
  after.annotation_ids = {};
  after.annotation_positions = {};
  for (std::uint32_t k = 1; k < 3; ++k) {
    after.annotations.push_back(before.annotations[k]);
    after.annotations.back().order = k - 1;
    after.annotation_ids.numbers.push_back(k + 1);
    after.annotation_positions.push_back(Position::at(FileIndex{0}, k));
  }
  CHECK(told(compared_as({{}, {0}, {1}}, before, after)) == "annotation lost!");
  // Two on one image change places.
  Dataset swapped = before;
  std::swap(swapped.annotations[0], swapped.annotations[1]);
  std::swap(swapped.annotations[0].order, swapped.annotations[1].order);
  std::swap(swapped.annotation_ids.numbers[0], swapped.annotation_ids.numbers[1]);
  const auto lines = compared_as({{1}, {0}, {2}}, before, swapped);
  CHECK(told(lines) == "annotation.order changed!");
  CHECK(find(lines, Field::annotation_order, Outcome::changed)->count == 2);
}

TEST_CASE("a category under another name, a lost split and a foreign image are told") {
  Dataset after = small();
  after.categories[0].name = "Cat";
  after.splits[0].role = SplitRole::val;
  after.images.push_back({.path = after.add_text("c.jpg"), .file = FileIndex{0}});
  after.memberships.push_back({.split = SplitIndex{0}, .image = ImageIndex{2}, .order = 2});
  CHECK(told(compared(small(), after)) ==
        "split.role changed!, split.members changed!, category.name changed!, image added!");
}

TEST_CASE("spelling counts within one format, and is dropped between two") {
  Dataset before = small(), after = small();
  before.lexemes.push_back(
      {.annotation = AnnotationIndex{1}, .field = StyledField::box, .slot = 0, .text = before.add_text("1e1")});
  before.authored = Column<Text>(3, before.add_text("0 0.1 0.1 0.2 0.2"));
  const Carry carries[] = {{.field = Field::annotation_authored, .verb = Verb::exact},
                           {.field = Field::annotation_lexemes, .verb = Verb::exact}};
  CHECK(told(compared(before, before, {.carries = carries})).empty());
  CHECK(told(compared(before, after, {.carries = carries})) ==
        "annotation.authored lost!, annotation.lexemes changed!");
  after.format = "yolo";
  CHECK(told(compared(before, after, {.carries = carries})) == "annotation.authored lost, annotation.lexemes lost");
  CHECK(told(compared(after, before, {.carries = carries})).empty());
}

TEST_CASE("keys that nobody models are compared as JSON") {
  Dataset before = small(), same = small(), other = small();
  before.residues.push_back({Owner::annotation, 1, before.add_text(R"({"a":1.0,"b":[2]})")});
  same.residues.push_back({Owner::annotation, 1, same.add_text(R"({"b": [2], "a": 1})")});
  other.residues.push_back({Owner::annotation, 1, other.add_text(R"({"a":1.5,"b":[2]})")});
  CHECK(all_kept(compared(before, same)));
  CHECK(told(compared(before, other)) == "annotation.residue changed!");
  CHECK(told(compared(before, small())) == "annotation.residue lost!");
}

TEST_CASE("relations follow the annotations they join") {
  Dataset before = small(), after = small();
  before.relations.push_back({.from = AnnotationIndex{0}, .to = AnnotationIndex{2}, .type = before.add_text("holds")});
  after.relations.push_back({.from = AnnotationIndex{0}, .to = AnnotationIndex{2}, .type = after.add_text("holds")});
  CHECK(all_kept(compared(before, after)));
  after.relations[0].to = AnnotationIndex{1};
  CHECK(told(compared(before, after)) == "relation lost!, relation added!");
}

TEST_CASE("licences are known by what they say, whatever their order") {
  Dataset before = small(), after = small();
  before.licences = {{.name = "CC BY", .has_name = true}, {.name = "CC BY-NC-ND", .has_name = true}};
  after.licences = {{.name = "CC BY-NC-ND", .has_name = true}, {.name = "CC BY", .has_name = true}};
  before.images[0].licence = LicenceIndex{1};
  after.images[0].licence = LicenceIndex{0};
  CHECK(all_kept(compared(before, after)));
  after.licences[0].name = "CC BY 4.0";
  CHECK(told(compared(before, after)) == "licence.name changed!");
  after.images[0].licence = LicenceIndex{1};
  CHECK(told(compared(before, after)) == "licence.name changed!, image.licence changed!");
}

TEST_CASE("the outcome does not depend on the number of threads") {
  Dataset before = small();
  for (int k = 0; k < 50'000; ++k) {
    before.annotations.push_back(before.annotations[static_cast<std::size_t>(k % 3)]);
    before.annotations.back().order = static_cast<std::uint32_t>(before.annotations.size() - 1);
    before.annotation_ids.numbers.push_back(k + 10);
    before.annotation_positions.push_back(Position::at(FileIndex{0}, static_cast<std::uint64_t>(k) + 200));
  }
  Dataset after = before;
  for (std::size_t k = 20'000; k < after.annotations.size(); k += 7)
    after.annotations[k].box.width += static_cast<double>(k) * 0x1p-20;
  std::vector<std::vector<std::uint32_t>> orders;
  for (std::uint32_t k = 0; k < before.annotations.size(); ++k) orders.push_back({k});
  std::string first;
  for (const unsigned threads : {1U, 2U, 5U}) {
    const Pool pool(threads);
    Proof proof;
    proof.lines = compared_as(orders, before, after, {.pool = &pool});
    const std::string text = to_json(proof);
    if (first.empty()) first = text;
    CHECK(text == first);
  }
  CHECK(first.find("\"where\":\"b.jpg, annotation 20007\"") != std::string::npos);
}

TEST_CASE("datasets that know nothing of each other are joined by names, paths and ids") {
  Dataset before = small(), after = small();
  after.annotation_ids.numbers[0] = 3;
  after.annotation_ids.numbers[2] = 1;
  std::swap(after.annotations[0], after.annotations[2]);
  const Join join = join_by_key(before, after);
  CHECK(join.of(AnnotationIndex{0}).front() == AnnotationIndex{2});
  CHECK(join.of(AnnotationIndex{1}).front() == AnnotationIndex{1});
  CHECK(join.images[1] == ImageIndex{1});
  CHECK(join.splits[0] == SplitIndex{0});
}

TEST_CASE("without ids, equal rows pair first, then the best overlap of a class") {
  Dataset before = small(), after = small();
  before.annotation_ids = after.annotation_ids = {};
  after.annotations[0].box.x = 12;  // nearer to the second of `before`, which is still there as it was
  const Join join = join_by_key(before, after);
  CHECK(join.of(AnnotationIndex{1}).front() == AnnotationIndex{1});
  CHECK(join.of(AnnotationIndex{0}).front() == AnnotationIndex{0});
  after.annotations[0].box.x = 90;
  CHECK(join_by_key(before, after).of(AnnotationIndex{0}).empty());
}

TEST_CASE("images whose folder changed are joined by a base name that is unique") {
  Dataset before = small(), after = small();
  after.images[0].path = after.add_text("moved/a.jpg");
  CHECK(join_by_key(before, after).images[0] == ImageIndex{0});
  after.images[1].path = after.add_text("other/a.jpg");
  CHECK(join_by_key(before, after).images[0] == none<ImageIndex>);
}

TEST_CASE("policies are read strictly") {
  const auto policies = parse_policies("crowd=drop,parts=bridge");
  REQUIRE(policies);
  CHECK((*policies)[Decision::crowd] == Policy::drop);
  CHECK((*policies)[Decision::parts] == Policy::bridge);
  CHECK((*policies)[Decision::hole] == Policy::unset);
  REQUIRE(parse_policies(""));
  for (const char* wrong : {"crowd", "crowds=drop", "crowd=maybe", "crowd=unset", "crowd=drop,crowd=object"}) {
    CAPTURE(wrong);
    const auto refused = parse_policies(wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::usage);
  }
  CHECK(parse_policies("crowds=drop").error().message ==
        "there is no decision 'crowds', expected one of crowd, hole, parts, rotated, track, keypoints, score, mask, "
        "objects, classes");
}
