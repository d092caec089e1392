// LBL106, 108, 115, 141, 150-152, 160-162: several raters, tracks, boxes in boxes, specks.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/check/made.h"
#include "vetset/base/random.h"
#include "vetset/check/repair.h"

using namespace vetset;
using namespace vetset::test;

namespace {

struct Rated : Made {
  CategoryIndex cat = category("cat"), dog = category("dog");
  Rated() { d.layers = {"", "ana", "ben", "cem"}; }
  AnnotationIndex drawn(std::uint16_t layer, ImageIndex image, CategoryIndex category, Box b) {
    const AnnotationIndex i = box(image, category, b);
    d.annotations[to_size(i)].layer = layer;
    return i;
  }
  ImageIndex next() { return image(std::to_string(d.images.size()) + ".jpg"); }
};

struct Video : Made {
  CategoryIndex cat = category("cat"), dog = category("dog");
  AnnotationIndex seen(std::string_view track, ImageIndex image, CategoryIndex category, Box b) {
    const AnnotationIndex i = box(image, category, b);
    d.track_ids.push_back(d.add_text(track));
    return i;
  }
  std::vector<ImageIndex> frames(int count) {
    std::vector<ImageIndex> all;
    for (int k = 0; k < count; ++k) all.push_back(image("v/" + std::to_string(k) + ".jpg"));
    return all;
  }
};

std::string not_run(const Made& m, std::string_view code) {
  const Evidence evidence{.dataset = m.d, .files = {}, .reading = {}, .facts = {}, .settings = m.settings};
  return find_rule(code)->not_run(evidence);
}

/// What a repair makes of what its rule finds.
Dataset repaired(const Made& m, std::string_view name) {
  const auto all = repairs();
  const auto repair = std::find_if(all.begin(), all.end(), [&](const Repair* r) { return r->name == name; });
  REQUIRE(repair != all.end());
  const Evidence evidence{.dataset = m.d, .files = {}, .reading = {}, .facts = m.facts, .settings = m.settings};
  Workbench bench(m.d);
  (*repair)->apply(evidence, m.found_by((*repair)->code), bench);
  return std::move(bench).finish().dataset;
}

}  // namespace

TEST_CASE("raters who agree as by chance are told, those who agree are not") {
  Rated m;
  CHECK(not_run(m, "LBL150") == "needs two raters of one image");
  Random random(3);
  for (int k = 0; k < 60; ++k) {
    const auto image = m.next();
    m.drawn(1, image, random.once_in(2) ? m.cat : m.dog, {10, 10, 30, 30});
    m.drawn(2, image, random.once_in(2) ? m.cat : m.dog, {10, 10, 30, 30});
  }
  const auto found = m.found_by("LBL150");
  REQUIRE(found.size() == 2);  // the class of objects, and which objects there are with their class
  CHECK(found[0].severity == Severity::warning);
  CHECK(mentions(found[0], "raters agree on the class of an object by α"));
  CHECK(mentions(found[0], "too little to build on"));
  for (Annotation& a : m.d.annotations) a.category = to_size(a.image) % 2 == 0 ? m.cat : m.dog;
  CHECK(m.found_by("LBL150").empty());
  m.settings.raters_by = {"attribute:nobody"};
  CHECK(not_run(m, "LBL150") == "raters-by: no annotation says 'nobody'");
}

TEST_CASE("boxes of two raters are no duplicates, and two classes of theirs are no box of two classes") {
  Rated m;
  const auto image = m.next();
  m.box(image, m.cat, {10, 10, 30, 30});
  m.box(image, m.cat, {10, 10, 30, 30.5});
  m.box(image, m.dog, {10, 10, 30, 30});
  for (std::uint32_t k = 0; k < 3; ++k)
    m.d.attributes.push_back(
        {Owner::annotation, k, m.d.add_text("annotator"), m.d.add_text("\"" + std::to_string(k) + "\"")});
  CHECK(m.found_by("LBL103").empty());
  CHECK(m.found_by("LBL104").empty());
  m.d.attributes.clear();
  CHECK(m.found_by("LBL103").size() == 2);
  CHECK(m.found_by("LBL104").size() == 1);
}

TEST_CASE("the rater who differs from the others is named") {
  Rated m;
  for (int k = 0; k < 60; ++k) {
    const auto image = m.next();
    const CategoryIndex truth = k % 2 == 0 ? m.cat : m.dog;
    m.drawn(1, image, truth, {10, 10, 30, 30});
    m.drawn(2, image, truth, {10, 10, 30, 30});
    m.drawn(3, image, k % 3 == 0 ? m.cat : truth, {10, 10, 30, 30});
  }
  const auto found = m.found_by("LBL151");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "`cem` agrees with the other raters in 83.3 % of 60 objects"));
  for (Annotation& a : m.d.annotations)
    if (a.layer == 3) a.layer = 2;
  CHECK(not_run(m, "LBL151") == "needs three raters of one image");
}

TEST_CASE("a shipped label against the consensus is told, and takes its class on request") {
  Rated m;
  for (int k = 0; k < 20; ++k) {
    const auto image = m.next();
    const CategoryIndex truth = k % 2 == 0 ? m.cat : m.dog;
    for (std::uint16_t rater = 1; rater < 4; ++rater) m.drawn(rater, image, truth, {10, 10, 30, 30});
  }
  CHECK(not_run(m, "LBL152") == "needs labels beside those of raters");
  const auto right = m.box(to_index<ImageIndex>(0), m.cat, {10, 10, 30, 30});
  CHECK(m.found_by("LBL152").empty());
  const auto wrong = m.box(to_index<ImageIndex>(1), m.cat, {10, 10, 30, 30});
  const auto found = m.found_by("LBL152");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == wrong);
  CHECK(mentions(found[0], "of 3 raters the consensus says `dog`"));
  const Dataset fixed = repaired(m, "class-of-consensus");
  CHECK(fixed[wrong].category == m.dog);
  CHECK(fixed[right].category == m.cat);
}

TEST_CASE("a track that changes its class is told, and takes that of most frames on request") {
  Video m;
  CHECK(not_run(m, "LBL160") == "needs tracks");
  const auto f = m.frames(4);
  for (const ImageIndex i : f) m.seen("7", i, m.cat, {10, 10, 30, 30});
  for (const ImageIndex i : f) m.seen("8", i, m.dog, {60, 10, 30, 30});
  CHECK(m.found_by("LBL160").empty());
  m.d.annotations[2].category = m.dog;
  const auto found = m.found_by("LBL160");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == to_index<AnnotationIndex>(2));
  CHECK(mentions(found[0], "track `7` changes its class: `cat` in 3 frames, `dog` in 1 frame"));
  CHECK(found[0].evidence == EvidenceClass::proof);
  CHECK(repaired(m, "class-of-track").annotations[2].category == m.cat);
  m.d.annotations[3].category = m.dog;  // two and two: nobody knows
  CHECK(m.found_by("LBL160").size() == 1);
  CHECK(repaired(m, "class-of-track").annotations[2].category == m.dog);
}

TEST_CASE("an object that goes on under another track is told, a crowd that stays is not") {
  Video m;
  const auto f = m.frames(4);
  for (int k = 0; k < 4; ++k) m.seen(k < 2 ? "7" : "8", f[static_cast<std::size_t>(k)], m.cat, {10.0 + k, 10, 30, 30});
  const auto found = m.found_by("LBL161");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "track `7` is `8` in the next frame"));
  for (int k = 2; k < 4; ++k) m.seen("7", f[static_cast<std::size_t>(k)], m.cat, {11.0 + k, 10, 30, 30});
  CHECK(m.found_by("LBL161").empty());  // 7 carries on
  CHECK(m.found_by("LBL160").empty());
  CHECK(m.found_by("LBL162").empty());
}

TEST_CASE("a track that is missing in one frame has a hole, unless it moved or was declared away") {
  Video m;
  const auto f = m.frames(3);
  m.seen("7", f[0], m.cat, {10, 10, 30, 30});
  m.seen("7", f[2], m.cat, {12, 10, 30, 30});
  const auto found = m.found_by("LBL162");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "track `7` is missing in one frame"));
  m.d.annotations[1].box.x = 60;
  CHECK(m.found_by("LBL162").empty());
  m.d.annotations[1].box.x = 12;
  m.seen("7", f[1], m.cat, {11, 10, 30, 30});
  m.d.annotations[2].flags.set(Flag::outside, true);
  CHECK(m.found_by("LBL162").empty());
}

TEST_CASE("states of tracks say the same: every second frame is no hole") {
  Video m;
  const auto video = m.image("clip.mp4");
  m.d.tracks.push_back({.id = m.d.add_text("\"car\""), .category = m.cat, .video = video});
  for (const std::uint32_t frame : {4U, 6U, 8U, 12U}) {
    m.box(video, m.cat, {10, 10, 30, 30});
    m.d.track_states.push_back(
        {.track = TrackIndex{0}, .annotation = to_index<AnnotationIndex>(m.d.annotations.size() - 1), .frame = frame});
  }
  const auto found = m.found_by("LBL162");
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0], "track `car`"));
  CHECK(std::get<AnnotationPair>(found[0].where).first == to_index<AnnotationIndex>(2));
}

TEST_CASE("a box that holds smaller ones of its class is told once, one of another class or rater never") {
  Rated m;
  const auto a = m.next();
  const auto outer = m.box(a, m.cat, {5, 5, 80, 60});
  m.box(a, m.cat, {10, 10, 20, 20});
  m.box(a, m.cat, {50, 10, 20, 20});
  m.box(a, m.dog, {50, 40, 20, 20});
  const auto found = m.found_by("LBL106");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == outer);
  CHECK(mentions(found[0], "box holds 2 smaller boxes of its class `cat`"));
  m.d.annotations[0].layer = 1;
  CHECK(m.found_by("LBL106").empty());
  m.d.annotations[0].layer = 0;
  m.d.annotations[0].flags.set(Flag::crowd, true);
  CHECK(m.found_by("LBL106").empty());
}

TEST_CASE("single objects inside a crowd of their class are told from three on") {
  Made m;
  const auto cat = m.category("cat");
  const auto a = m.image("a.jpg");
  const auto crowd = m.box(a, cat, {5, 5, 80, 60});
  m.d.annotations[to_size(crowd)].flags.set(Flag::crowd, true);
  m.box(a, cat, {10, 10, 10, 10});
  m.box(a, cat, {30, 10, 10, 10});
  CHECK(m.found_by("LBL108").empty());
  m.box(a, cat, {50, 10, 10, 10});
  const auto found = m.found_by("LBL108");
  REQUIRE(found.size() == 1);
  CHECK(at<AnnotationIndex>(found[0]) == crowd);
  // Its mask leaves them out: the left half of the image is empty.
  m.add_mask(crowd, 80, 100, {80 * 70, 80 * 30});
  CHECK(m.found_by("LBL108").empty());
}

TEST_CASE("specks, pinholes and ragged edges of outlines are told; specks go on request") {
  Made m;
  const auto cat = m.category("cat");
  const auto a = m.image("a.jpg");
  const auto clean = m.polygon(a, cat, {10, 10, 50, 10, 50, 50, 10, 50});
  CHECK(m.found_by("LBL141").empty());
  SUBCASE("a speck of a polygon") {
    const auto i = m.polygon(a, cat, {10, 10, 50, 10, 50, 50, 10, 50});
    const std::size_t begin = m.d.coordinates.size();
    m.d.coordinates.append(std::vector<double>{90, 70, 92, 70, 92, 71, 90, 71});
    m.d.rings.push_back({.begin = begin, .count = 8});
    m.d.shapes[to_size(m.d[i].shape)].count = 2;
    const auto found = m.found_by("LBL141");
    REQUIRE(found.size() == 1);
    CHECK(mentions(found[0], "outline has 1 speck of 2 px beside its body"));
    const Dataset fixed = repaired(m, "drop-specks");
    CHECK(fixed.rings_of(*fixed.find_shape(fixed[i], ShapeKind::polygon)).size() == 1);
    CHECK(fixed.rings_of(*fixed.find_shape(fixed[clean], ShapeKind::polygon)).size() == 1);
  }
  SUBCASE("a mask with a speck and a pinhole") {
    const auto i = m.box(a, cat, {0, 0, 10, 10});
    // Ten by ten in columns: the left six are ones but for one pixel, and the last column has one pixel.
    m.add_mask(i, 10, 10, {0, 23, 1, 36, 30, 1, 9});
    const auto found = m.found_by("LBL141");
    REQUIRE(found.size() == 1);
    CHECK(mentions(found[0], "outline has 1 speck of 1 px beside its body and 1 pinhole"));
  }
  SUBCASE("two small parts alone are no specks") {
    const auto i = m.box(a, cat, {0, 0, 10, 10});
    m.add_mask(i, 10, 10, {0, 3, 94, 3});
    CHECK(m.found_by("LBL141").empty());
  }
  SUBCASE("a comb is ragged") {
    std::vector<double> comb;
    for (int k = 0; k < 20; ++k)
      for (const double v : {k * 2.0, 50.0, k * 2.0, 5.0, k * 2.0 + 1, 5.0, k * 2.0 + 1, 50.0}) comb.push_back(v);
    for (const double v : {40.0, 50.0, 40.0, 55.0, 0.0, 55.0}) comb.push_back(v);
    m.polygon(a, cat, comb);
    CHECK(mentions(m.found_by("LBL141").at(0), "outline has an edge"));
  }
}

TEST_CASE("a hand that rounds to fives is told from one that does not, within class and size") {
  Rated m;
  CHECK(not_run(m, "LBL115") == "needs annotators or batches");
  Random random(9);
  const auto anywhere = [&] { return 10 + 40 * random.unit(); };
  const auto fives = [&](double v) { return 5 * std::floor(v / 5); };
  for (int k = 0; k < 80; ++k) {
    const Box b{anywhere(), anywhere(), anywhere(), anywhere()};
    const auto image = m.image(std::to_string(k) + ".jpg", 200, 200);
    if (k % 2 == 0)
      m.drawn(1, image, m.cat, b);
    else
      m.drawn(2, image, m.cat, {fives(b.x), fives(b.y), fives(b.width), fives(b.height)});
  }
  const auto found = m.found_by("LBL115");
  REQUIRE(found.size() == 2);  // whole numbers, and fives among them
  CHECK(mentions(found[0], "`ana` draws unlike `ben` (layer): share of coordinates that are whole numbers 0 here, 1 "));
  for (Annotation& a : m.d.annotations) a.layer = to_size(a.image) % 4 < 2 ? 1 : 2;
  CHECK(m.found_by("LBL115").empty());
}
