#include "vetset/dataset/dataset.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/support/random.h"
#include "tests/support/random_dataset.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/finding.h"

using namespace vetset;

namespace {

constexpr RandomOptions::Style styles[] = {RandomOptions::Style::everything, RandomOptions::Style::plain,
                                           RandomOptions::Style::coco, RandomOptions::Style::yolo};

/// What a reader's thread would have made of annotations [begin, end): they and what hangs on them, with columns of
/// their own.
Dataset slice_of(const Dataset& d, std::size_t begin, std::size_t end) {
  Dataset part;
  part.layers = d.layers;
  const auto text = [&](Text t) { return t.empty() ? Text{} : part.add_text(d.text(t)); };
  for (std::size_t i = begin; i < end; ++i) {
    const auto index = to_index<AnnotationIndex>(i);
    Annotation a = d.annotations[i];
    ShapeIndex next = a.shape;
    ShapeIndex* link = &a.shape;
    while (next != none<ShapeIndex>) {
      Shape shape = d[next];
      next = shape.next;
      shape.next = none<ShapeIndex>;
      switch (shape.kind) {
        case ShapeKind::nothing: break;
        case ShapeKind::polygon:
        case ShapeKind::polyline: {
          const auto rings = d.rings_of(shape);
          shape.begin = part.rings.size();
          for (Ring ring : rings) {
            const auto coordinates = d.coordinates_of(ring);
            ring.begin = part.coordinates.size();
            part.coordinates.append(coordinates);
            part.rings.push_back(ring);
          }
          break;
        }
        case ShapeKind::mask: {
          Mask mask = d.masks[shape.begin];
          const auto counts = d.counts_of(mask);
          mask.begin = part.runs.size();
          part.runs.append(counts);
          shape.begin = part.masks.size();
          part.masks.push_back(mask);
          break;
        }
        default: {
          const auto numbers = d.numbers_of(shape);
          shape.begin = part.coordinates.size();
          part.coordinates.append(numbers);
        }
      }
      *link = to_index<ShapeIndex>(part.shapes.size());
      part.shapes.push_back(shape);
      link = &part.shapes.back().next;
    }
    part.annotations.push_back(a);
    const auto here = to_index<AnnotationIndex>(i - begin);
    const std::int64_t id = d.annotation_ids[i];
    if (!d.annotation_ids.numbers.empty()) part.annotation_ids.numbers.push_back(id);
    if (id == Ids::odd)
      part.annotation_ids.tokens.push_back(
          {static_cast<std::uint32_t>(i - begin), part.add_text(d.id_json(d.annotation_ids, i))});
    if (!d.areas.empty()) part.areas.push_back(d.areas[i]);
    if (!d.scores.empty()) part.scores.push_back(d.scores[i]);
    if (!d.annotation_positions.empty()) part.annotation_positions.push_back(d.annotation_positions[i]);
    for (const auto column : {&Dataset::authored, &Dataset::track_ids, &Dataset::group_ids})
      if (!(d.*column).empty()) (part.*column).push_back(text((d.*column)[i]));
    for (const Residue& row : d.residues_of(Owner::annotation, i))
      part.residues.push_back({Owner::annotation, static_cast<std::uint32_t>(here), text(row.json)});
    for (const Attribute& row : d.attributes_of(Owner::annotation, i))
      part.attributes.push_back({Owner::annotation, static_cast<std::uint32_t>(here), text(row.key), text(row.value)});
    for (const TextRow& row : d.texts_of(index)) part.text_rows.push_back({here, row.role, text(row.text)});
    for (const Dangling& row : d.dangling_of(index)) part.dangling.push_back({here, row.target, text(row.json)});
    for (const Lexeme& row : d.lexemes_of(index)) part.lexemes.push_back({here, row.field, row.slot, text(row.text)});
  }
  // A slice that says nothing of some column does not have it.
  const auto drop = [](auto& column, const auto& missing) {
    if (std::all_of(column.begin(), column.end(), missing)) column.clear();
  };
  drop(part.areas, is_unstated);
  drop(part.scores, is_unstated);
  drop(part.authored, [](Text t) { return t.empty(); });
  drop(part.track_ids, [](Text t) { return t.empty(); });
  drop(part.group_ids, [](Text t) { return t.empty(); });
  drop(part.annotation_positions, [](Position p) { return !p.known(); });
  drop(part.annotation_ids.numbers, [](std::int64_t id) { return id == Ids::absent; });
  return part;
}

/// The dataset without its annotations and all that hangs on them.
Dataset without_annotations(Dataset d) {
  d.annotations = {};
  d.shapes = {};
  d.rings = {};
  d.coordinates = {};
  d.masks = {};
  d.runs = {};
  d.annotation_ids = {};
  d.annotation_positions = {};
  d.areas = d.scores = {};
  d.authored = d.track_ids = d.group_ids = {};
  d.text_rows = {};
  d.dangling = {};
  d.lexemes = {};
  const auto keep = [](auto& rows) {
    std::remove_reference_t<decltype(rows)> kept;
    for (const auto& row : rows)
      if (row.owner != Owner::annotation) kept.push_back(row);
    rows = kept;
  };
  keep(d.residues);
  keep(d.attributes);
  return d;
}

}  // namespace

TEST_CASE("random datasets are consistent") {
  for (const auto style : styles)
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
      const auto problem = random_dataset(seed, {.style = style}).inconsistency();
      INFO("style ", static_cast<int>(style), " seed ", seed, ": ", problem.value_or(""));
      CHECK(!problem);
    }
}

TEST_CASE("random datasets hold every shape, kind, state and table there is") {
  std::set<int> shapes, kinds, flag_states, origins, states, spellings, roles;
  std::size_t tracks = 0, relations = 0, lexemes = 0, unread = 0, dangling = 0, listings = 0, tokens = 0, holes = 0,
              two = 0, shared = 0, layered = 0, listless = 0, attributes = 0, authored = 0, groups = 0, scores = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Dataset d = random_dataset(seed);
    for (const Shape& shape : d.shapes) {
      shapes.insert(static_cast<int>(shape.kind));
      spellings.insert(static_cast<int>(shape.spelling));
      two += shape.two ? 1 : 0;
    }
    for (const Annotation& a : d.annotations) {
      kinds.insert(static_cast<int>(a.kind));
      origins.insert(static_cast<int>(a.box_origin));
      layered += a.layer;
      for (unsigned f = 0; f < flag_count; ++f)
        flag_states.insert(static_cast<int>(3 * f) + static_cast<int>(a.flags[static_cast<Flag>(f)]));
    }
    for (const Image& image : d.images) states.insert(static_cast<int>(image.state));
    for (const TextRow& row : d.text_rows) roles.insert(static_cast<int>(row.role));
    for (const Ring& ring : d.rings) holes += ring.role == RingRole::hole ? 1 : 0;
    const Dataset::ImageSplits splits = d.image_splits();
    for (std::uint32_t i = 0; i < d.images.size(); ++i) {
      shared += splits.of(ImageIndex{i}).size() > 1 ? 1U : 0U;
      listless += splits.of(ImageIndex{i}).empty() ? 1U : 0U;
    }
    tracks += d.track_states.size();
    relations += d.relations.size();
    lexemes += d.lexemes.size();
    unread += d.unread.size();
    dangling += d.dangling.size();
    listings += d.category_listings.size();
    tokens += d.annotation_ids.tokens.size();
    attributes += d.attributes.size();
    authored += d.authored.size();
    groups += d.group_ids.size();
    scores += d.scores.size();
  }
  CHECK(shapes.size() == 7);
  CHECK(kinds.size() == 18);
  CHECK(flag_states.size() == 3 * flag_count);
  CHECK(origins.size() == 4);
  CHECK(states.size() == 5);
  CHECK(roles.size() == 7);
  CHECK(spellings.size() >= 5);
  for (const std::size_t count : {tracks, relations, lexemes, unread, dangling, listings, tokens, holes, two, shared,
                                  layered, listless, attributes, authored, groups, scores})
    CHECK(count > 50);
}

TEST_CASE("slices appended one after another make the whole") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Dataset d = random_dataset(seed, {.style = styles[seed % 4]});
    d.tracks = {};
    d.track_states = {};
    d.relations = {};
    d.residues = [&] {
      Column<Residue> kept;
      for (const Residue& row : d.residues)
        if (row.owner != Owner::track) kept.push_back(row);
      return kept;
    }();
    d.attributes = [&] {
      Column<Attribute> kept;
      for (const Attribute& row : d.attributes)
        if (row.owner != Owner::track) kept.push_back(row);
      return kept;
    }();
    Dataset joined = without_annotations(d);
    Random random(seed);
    for (std::size_t begin = 0; begin < d.annotations.size();) {
      const std::size_t end = std::min<std::size_t>(begin + random.below(6), d.annotations.size());
      joined.append_annotations(slice_of(d, begin, end));
      begin = end;
    }
    const auto problem = joined.inconsistency();
    INFO(problem.value_or(""));
    REQUIRE(!problem);
    CHECK(canonical(joined) == canonical(d));
    CHECK(joined.lexemes.size() == d.lexemes.size());
    if (!joined.annotation_positions.empty()) CHECK(joined.annotation_positions.size() == d.annotations.size());
  }
}

TEST_CASE("a slice brings its tracks, relations, layers and unread lines with it") {
  Dataset d;
  d.files.push_back({});
  d.layers = {"", "anna"};
  d.residues.push_back({Owner::dataset, 0, d.add_text("{}")});
  const auto slice = [](std::string_view layer) {
    Dataset part;
    part.layers = {"", std::string(layer)};
    for (std::uint32_t i = 0; i < 2; ++i) part.annotations.push_back({.layer = 1, .order = i});
    part.tracks.push_back({.id = part.add_text("7")});
    part.track_states.push_back({.track = TrackIndex{0}, .annotation = AnnotationIndex{1}});
    part.relations.push_back({.from = AnnotationIndex{0}, .to = AnnotationIndex{1}, .type = part.add_text("on")});
    part.unread.push_back({.file = FileIndex{0}, .text = part.add_text("# note")});
    part.residues.push_back({Owner::annotation, 1, part.add_text("{\"a\":1}")});
    part.residues.push_back({Owner::track, 0, part.add_text("{\"t\":1}")});
    return part;
  };
  d.append_annotations(slice("bert"));
  d.append_annotations(slice("anna"));
  REQUIRE(!d.inconsistency());
  CHECK(d.layers == std::vector<std::string>{"", "anna", "bert"});
  CHECK(d.annotations[1].layer == 2);
  CHECK(d.annotations[3].layer == 1);
  CHECK(d.track_states[1].track == TrackIndex{1});
  CHECK(d.track_states[1].annotation == AnnotationIndex{3});
  CHECK(d.relations[1].from == AnnotationIndex{2});
  CHECK(d.text(d.relations[1].type) == "on");
  CHECK(d.text(d.unread[1].text) == "# note");
  CHECK(d.text(d.residues_of(Owner::annotation, 3)[0].json) == "{\"a\":1}");
  CHECK(d.text(d.residues_of(Owner::track, 1)[0].json) == "{\"t\":1}");
}

TEST_CASE("rows of one owner are found, and those of another are not") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    const Dataset d = random_dataset(seed);
    std::size_t residues = 0, texts = 0, members = 0, annotations = 0, memberships = 0;
    for (std::uint32_t i = 0; i < d.annotations.size(); ++i) {
      for (const Residue& row : d.residues_of(Owner::annotation, i)) CHECK(row.index == i);
      residues += d.residues_of(Owner::annotation, i).size();
      for (const TextRow& row : d.texts_of(AnnotationIndex{i})) CHECK(row.annotation == AnnotationIndex{i});
      texts += d.texts_of(AnnotationIndex{i}).size();
    }
    CHECK(texts == d.text_rows.size());
    CHECK(residues ==
          static_cast<std::size_t>(std::count_if(d.residues.begin(), d.residues.end(),
                                                 [](const Residue& row) { return row.owner == Owner::annotation; })));
    for (std::uint32_t s = 0; s < d.splits.size(); ++s) members += d.members(SplitIndex{s}).size();
    CHECK(members == d.memberships.size());
    const auto by_image = d.image_annotations();
    const auto splits = d.image_splits();
    for (std::uint32_t i = 0; i < d.images.size(); ++i) {
      const auto found = by_image.of(ImageIndex{i});
      CHECK(std::is_sorted(found.begin(), found.end()));
      for (const AnnotationIndex a : found) CHECK(d[a].image == ImageIndex{i});
      annotations += found.size();
      memberships += splits.of(ImageIndex{i}).size();
    }
    CHECK(annotations ==
          static_cast<std::size_t>(std::count_if(d.annotations.begin(), d.annotations.end(),
                                                 [](const Annotation& a) { return a.image != none<ImageIndex>; })));
    CHECK(memberships == d.memberships.size());
  }
}

TEST_CASE("an inconsistency is named with its place") {
  const auto check = [](const char* expected, auto&& spoil) {
    Dataset d;
    d.images.push_back({.path = d.add_text("a.jpg")});
    d.categories.push_back({.name = "car"});
    d.annotations.push_back({.image = ImageIndex{0}, .category = CategoryIndex{0}});
    d.annotations.push_back({.image = ImageIndex{0}});
    REQUIRE(!d.inconsistency());
    spoil(d);
    CHECK(d.inconsistency().value_or("nothing") == expected);
  };
  check("annotations[1]: there is no such image", [](Dataset& d) { d.annotations[1].image = ImageIndex{1}; });
  check("annotations[0]: there is no such category", [](Dataset& d) { d.annotations[0].category = CategoryIndex{7}; });
  check("annotations[0]: it has a box of no origin", [](Dataset& d) { d.annotations[0].box.width = 2; });
  check("annotations[0]: it is unplaced, and what was authored is not there",
        [](Dataset& d) { d.annotations[0].box_origin = Origin::unplaced; });
  check("images[0]: its path lies outside of texts", [](Dataset& d) { d.images[0].path.size = 6; });
  check("images[0]: it has a size and says that it has none", [](Dataset& d) { d.images[0].width = 6; });
  check("areas: has 1 values for 2 records", [](Dataset& d) { d.areas.push_back(1); });
  check("annotation_ids[1]: its token is not there", [](Dataset& d) {
    d.annotation_ids.numbers.push_back(1);
    d.annotation_ids.numbers.push_back(Ids::odd);
  });
  check("annotations[1]: its shape is another's too", [](Dataset& d) {
    d.shapes.push_back({});
    d.annotations[0].shape = d.annotations[1].shape = ShapeIndex{0};
  });
  check("shapes[0]: its next shape is another's too", [](Dataset& d) {
    d.shapes.push_back({.next = ShapeIndex{0}});
    d.annotations[0].shape = ShapeIndex{0};
  });
  check("shapes[0]: its polygon lies outside of its column",
        [](Dataset& d) { d.shapes.push_back({.count = 1, .kind = ShapeKind::polygon}); });
  check("residues[0]: it is no JSON object",
        [](Dataset& d) { d.residues.push_back({Owner::image, 0, d.add_text("[1]")}); });
  check("residues[1]: it stands before the row above it, by owner", [](Dataset& d) {
    d.residues.push_back({Owner::annotation, 0, d.add_text("{}")});
    d.residues.push_back({Owner::image, 0, d.add_text("{}")});
  });
  check("relations[0]: there is no such annotation",
        [](Dataset& d) { d.relations.push_back({AnnotationIndex{0}, AnnotationIndex{2}, {}}); });
}

TEST_CASE("a split's name says its role") {
  CHECK(split_role("") == SplitRole::unspecified);
  CHECK(split_role("train") == SplitRole::train);
  CHECK(split_role("Training") == SplitRole::train);
  CHECK(split_role("valid") == SplitRole::val);
  CHECK(split_role("VAL") == SplitRole::val);
  CHECK(split_role("dev") == SplitRole::val);
  CHECK(split_role("testing") == SplitRole::test);
  CHECK(split_role("instances_val2017") == SplitRole::val);
  CHECK(split_role("test-dev2017") == SplitRole::test);
  CHECK(split_role("trainval") == SplitRole::other);
  CHECK(split_role("pool") == SplitRole::other);
}

TEST_CASE("the area and box of an annotation come from its shapes") {
  Dataset d;
  d.coordinates.append(
      std::vector<double>{0, 0, 10, 0, 10, 10, 0, 10, /**/ 2, 2, 2, 4, 4, 4, 4, 2, /**/ 20, 0, 22, 0, 22, 2});
  d.rings.push_back({.begin = 0, .count = 8});
  d.rings.push_back({.begin = 8, .count = 8, .role = RingRole::hole});
  d.rings.push_back({.begin = 16, .count = 6});
  d.shapes.push_back({.begin = 0, .count = 3, .kind = ShapeKind::polygon});
  d.runs.append(std::vector<std::uint32_t>{2, 3, 7});
  d.masks.push_back({.begin = 0, .count = 3, .height = 3, .width = 4});
  d.shapes.push_back({.begin = 0, .count = 1, .kind = ShapeKind::mask});
  d.coordinates.append(std::vector<double>{1, 2, 2, 5, 6, 1, 99, 99, 0});
  d.shapes.push_back({.begin = 22, .count = 9, .kind = ShapeKind::keypoints});
  REQUIRE(!d.inconsistency());
  CHECK(shape_area(d, {.shape = ShapeIndex{0}}) == 100 - 4 + 2);
  CHECK(shape_box(d, {.shape = ShapeIndex{0}}) == Box{0, 0, 22, 10});
  CHECK(shape_area(d, {.shape = ShapeIndex{1}}) == 3);
  CHECK(shape_box(d, {.shape = ShapeIndex{1}}) == Box{0, 0, 2, 3});
  CHECK(!shape_area(d, {.shape = ShapeIndex{2}}));
  CHECK(shape_box(d, {.shape = ShapeIndex{2}}) == Box{1, 2, 4, 4});
  CHECK(!shape_box(d, Annotation{}));
}

TEST_CASE("findings beyond the limit of a code are counted, not kept") {
  Findings findings(2);
  for (int i = 0; i < 3; ++i) findings.add({.code = "FMT407", .message = "a box"});
  findings.add({.code = "FMT401", .message = "an image"});
  Findings more(2);
  for (int i = 0; i < 4; ++i) more.add({.code = "FMT401", .message = "another"});
  findings.append(std::move(more));
  using Counts = std::vector<std::pair<std::string_view, std::uint64_t>>;
  CHECK(findings.counts() == Counts{{"FMT401", 5}, {"FMT407", 3}});
  REQUIRE(findings.all().size() == 4);
  CHECK(findings.all()[3].message == "another");
}
