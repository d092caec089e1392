// Each repair mends what its rule finds, and leaves the near miss alone.
#include <doctest/doctest.h>

#include <string>

#include "tests/check/made.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/clip.h"
#include "vetset/dataset/instance_masks.h"
#include "vetset/vetset.h"

using namespace vetset;
using test::Made;

namespace {

struct Fixed {
  Source source;
  FixReport report;
  const Dataset& d() const { return source.dataset; }
  std::uint64_t count(std::string_view repair) const {
    std::uint64_t n = 0;
    for (const Edit& edit : report.edits) n += edit.repair->name == repair;
    return n;
  }
};

Fixed fixed(Made& made, bool unsafe = false) {
  Fixed result;
  result.source.tree = std::make_unique<MemoryTree>();
  result.source.dataset = made.d;
  for (Image& image : result.source.dataset.images) image.media = {};  // no file is looked at
  result.source.findings = made.reading;
  auto report = fix(result.source, {.unsafe = unsafe});
  REQUIRE_MESSAGE(report, to_string(report.error()));
  result.report = *std::move(report);
  return result;
}

Box box_of(const Fixed& f, std::size_t i) { return f.d().annotations[i].box; }

}  // namespace

TEST_CASE("a box is cut at the image's edge, and one that lies inside keeps its numbers") {
  CHECK(clipped(Box{-5, 10, 20, 10}, 100, 80) == Box{0, 10, 15, 10});
  CHECK(clipped(Box{0.1, 0.2, 0.3, 0.4}, 100, 80) == Box{0.1, 0.2, 0.3, 0.4});
  CHECK_FALSE(clipped(Box{100, 10, 20, 10}, 100, 80));
}

TEST_CASE("a ring is cut at the image's edge by its area") {
  const std::vector<double> square = {-10, -10, 10, -10, 10, 10, -10, 10};
  CHECK(signed_area(clipped(square, 100, 80)) == 100);
  CHECK(clipped(std::vector<double>{-10, -10, -5, -10, -5, -5}, 100, 80).empty());
  // A concave ring whose middle lies outside: the parts stay joined along the edge, the area is theirs.
  const std::vector<double> comb = {10, 70, 30, 70, 30, 100, 50, 100, 50, 70, 70, 70, 70, 110, 10, 110};
  CHECK(signed_area(clipped(comb, 100, 80)) == doctest::Approx(400));
}

TEST_CASE("fix cuts what reaches out, says so, and leaves the rest alone") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.box(image, cat, {90, 10, 30, 20});
  made.box(image, cat, {10, 10, 30, 20});
  const Fixed f = fixed(made);
  CHECK(f.report.edits.size() == 1);
  CHECK(box_of(f, 0) == Box{90, 10, 10, 20});
  CHECK(box_of(f, 1) == Box{10, 10, 30, 20});
  CHECK(f.report.edits[0].before.find("[90,10,30,20]") != std::string::npos);
  CHECK(f.report.edits[0].after.find("[90,10,10,20]") != std::string::npos);
  REQUIRE(f.source.steps.size() == 1);
  CHECK(f.source.steps[0].summary == "1 repair");
}

TEST_CASE("what lies wholly outside is dropped only when asked") {
  Made made;
  const auto image = made.image("a.jpg");
  made.box(image, made.category("cat"), {200, 10, 30, 20});
  const Fixed safe = fixed(made);
  CHECK(safe.report.edits.empty());
  REQUIRE(safe.report.unsafe.size() == 1);
  CHECK(safe.report.unsafe[0].first->name == "drop-outside");
  CHECK(safe.report.document.empty());
  const Fixed unsafe = fixed(made, true);
  CHECK(unsafe.d().annotations.empty());
  CHECK(unsafe.report.edits[0].after.empty());
}

TEST_CASE("a box without area goes only when asked") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.box(image, cat, {10, 10, 0, 20});
  made.box(image, cat, {10, 10, 30, 20});
  CHECK(fixed(made).report.edits.empty());
  const Fixed f = fixed(made, true);
  REQUIRE(f.d().annotations.size() == 1);
  CHECK(box_of(f, 0) == Box{10, 10, 30, 20});
}

TEST_CASE("an object that is written down twice goes once, however often it stands there") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  for (int i = 0; i < 3; ++i) made.box(image, cat, {10, 10, 30, 20});
  made.box(image, cat, {10, 10, 30, 20.5});
  const Fixed f = fixed(made);
  CHECK(f.count("drop-repeated") == 2);
  CHECK(f.d().annotations.size() == 2);
}

TEST_CASE("a stated area follows a box that was cut, and a wrong one is computed again") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.box(image, cat, {90, 10, 30, 20});
  made.box(image, cat, {10, 10, 30, 20});
  made.box(image, cat, {40, 40, 30, 20});
  made.d.areas = {};
  for (const double area : {600.0, 77.0, 600.0}) made.d.areas.push_back(area);
  const Fixed f = fixed(made);
  CHECK(f.d().areas[0] == 200);
  CHECK(f.d().areas[1] == 600);
  CHECK(f.d().areas[2] == 600);
  CHECK(f.count("computed-field") == 1);
  CHECK(f.count("clip-to-image") == 1);
}

TEST_CASE("an id that was given before becomes one that was not") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  for (int i = 0; i < 3; ++i) made.box(image, cat, {10.0 + 30 * i, 10, 20, 20});
  for (const std::int64_t id : {7, 7, 9}) made.d.annotation_ids.numbers.push_back(id);
  const Fixed f = fixed(made);
  CHECK(f.d().annotation_ids[0] == 7);
  CHECK(f.d().annotation_ids[1] == 10);
  CHECK(f.d().annotation_ids[2] == 9);
}

namespace {

std::vector<double> ring_of(const Fixed& f, std::size_t i) {
  const Shape* shape = f.d().find_shape(f.d().annotations[i], ShapeKind::polygon);
  REQUIRE(shape != nullptr);
  REQUIRE(shape->count == 1);
  const auto numbers = f.d().coordinates_of(f.d().rings_of(*shape)[0]);
  return {numbers.begin(), numbers.end()};
}

MaskCounts pixels_of(const Dataset& d, std::size_t i) {
  MaskDrawer drawer(d);
  REQUIRE(drawer.draw(d.annotations[i]).height > 0);
  return {drawer.counts().begin(), drawer.counts().end()};
}

}  // namespace

TEST_CASE("points said twice in a row are said once; no pixel and no stated number changes") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.polygon(image, cat, {3.3, 4.7, 20.1, 4.7, 20.1, 4.7, 20.1, 4.7, 12.9, 31.2, 3.3, 4.7});
  made.polygon(image, cat, {40, 4, 60, 4, 50, 30});
  made.polygon(image, cat, {70, 4, 70, 4, 90, 4});  // flat all the same
  made.d.areas = {};
  for (const double area : {224.0, 260.0, 0.0}) made.d.areas.push_back(area);
  const Fixed f = fixed(made);
  CHECK(f.count("drop-repeated-points") == 1);
  CHECK(ring_of(f, 0) == std::vector<double>{3.3, 4.7, 20.1, 4.7, 12.9, 31.2, 3.3, 4.7});
  CHECK(pixels_of(f.d(), 0) == pixels_of(made.d, 0));
  CHECK(f.d().areas[0] == 224);
  Made again = made;
  again.d = f.d();
  CHECK(fixed(again).report.edits.empty());
}

TEST_CASE("points said twice are said once in any outline without changing a pixel of it") {
  std::uint32_t seed = 1;
  const auto next = [&](std::uint32_t below) { return (seed = seed * 1664525U + 1013904223U) / 65536U % below; };
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  for (int n = 0; n < 300; ++n) {
    std::vector<double> ring;
    for (std::uint32_t k = 0, points = 3 + next(9); k < points; ++k) {
      const double x = next(1200) / 10.0 - 10, y = next(1000) / 10.0 - 10;
      for (std::uint32_t times = 1 + (next(3) == 0 ? next(3) : 0); times > 0; --times) ring.insert(ring.end(), {x, y});
    }
    made.polygon(image, cat, ring);
  }
  Fixed f;
  f.source.tree = std::make_unique<MemoryTree>();
  f.source.dataset = made.d;
  auto report = fix(f.source, {.select = {"drop-repeated-points"}});
  REQUIRE_MESSAGE(report, to_string(report.error()));
  CHECK(report->edits.size() > 100);
  REQUIRE(f.d().annotations.size() == 300);
  for (std::size_t i = 0; i < 300; ++i) {
    CAPTURE(i);
    CHECK(pixels_of(f.d(), i) == pixels_of(made.d, i));
    const std::vector<double> ring = ring_of(f, i);
    for (std::size_t k = 2; k < ring.size(); k += 2)
      CHECK_FALSE((ring[k] == ring[k - 2] && ring[k + 1] == ring[k - 1]));
  }
}

TEST_CASE("an outline in an image of unknown size is not respelled, as nobody could say that its pixels stay") {
  Made made;
  made.polygon(made.image("a.jpg", 0, 0), made.category("cat"), {3, 4, 20, 4, 20, 4, 12, 31});
  CHECK(fixed(made).report.edits.empty());
}

TEST_CASE("half a point goes where the box says that the others are whole, and else only when asked") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.add_polygon(made.box(image, cat, {10, 10, 20, 30}), {10, 10, 30, 10, 30, 40, 10, 40, 7});
  made.add_polygon(made.box(image, cat, {50, 10, 20, 30}), {50, 10, 70, 10, 40, 50, 40});  // a number is missing
  made.polygon(image, cat, {80, 10, 90, 10, 90, 40, 7});
  made.d.annotations[0].kind = made.d.annotations[1].kind = Kind::polygon;
  const Fixed safe = fixed(made);
  CHECK(safe.report.edits.size() == 1);
  CHECK(ring_of(safe, 0) == std::vector<double>{10, 10, 30, 10, 30, 40, 10, 40});
  CHECK(pixels_of(safe.d(), 0) == pixels_of(made.d, 0));
  CHECK(ring_of(safe, 1).size() == 7);
  CHECK(ring_of(safe, 2).size() == 7);
  const Fixed unsafe = fixed(made, true);
  CHECK(unsafe.count("drop-doubtful-half-point") == 2);
  CHECK(ring_of(unsafe, 2) == std::vector<double>{80, 10, 90, 10, 90, 40});
}

TEST_CASE("a ring without area goes when asked, and the object stays where others have one") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.polygon(image, cat, {10, 10, 30, 10, 30, 40, 10, 40});
  const std::vector<double> line = {50, 10, 70, 10};
  made.d.rings.push_back({.begin = made.d.coordinates.size(), .count = 4});
  made.d.coordinates.append(line);
  made.d.shapes[0].count = 2;
  made.polygon(image, cat, {50, 10, 70, 10});
  CHECK(fixed(made).report.edits.empty());
  const Fixed f = fixed(made, true);
  CHECK(f.count("drop-flat-ring") == 1);
  CHECK(f.count("drop-degenerate") == 1);
  REQUIRE(f.d().annotations.size() == 1);
  CHECK(ring_of(f, 0) == std::vector<double>{10, 10, 30, 10, 30, 40, 10, 40});
}

TEST_CASE("classes that read the same are merged only when asked") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat"), dog = made.category("dog"), shout = made.category("Cat");
  made.box(image, cat, {10, 10, 20, 20});
  made.box(image, dog, {40, 10, 20, 20});
  made.box(image, shout, {70, 10, 20, 20});
  CHECK(fixed(made).d().categories.size() == 3);
  const Fixed f = fixed(made, true);
  REQUIRE(f.d().categories.size() == 2);
  CHECK(f.d().categories[0].name == "cat");
  CHECK(f.d()[f.d().annotations[2].category].name == "cat");
  CHECK(f.d()[f.d().annotations[1].category].name == "dog");
}

TEST_CASE("a name that is none elsewhere becomes one that is nobody's yet") {
  Made made;
  made.image("a_b.jpg");
  made.image("a?b.jpg");
  made.image("plain.jpg");
  const Fixed f = fixed(made);
  CHECK(f.d().path(ImageIndex{1}) == "a_b-2.jpg");
  CHECK(f.d().path(ImageIndex{2}) == "plain.jpg");
  CHECK(f.count("portable-path") == 1);
}

TEST_CASE("an image that is evaluated on leaves train, not the other way round") {
  Made made;
  const auto both = made.image("both.jpg"), own = made.image("own.jpg"), more = made.image("more.jpg");
  made.split("train", {both, own}, SplitOrigin::list);
  made.split("val", {both, more}, SplitOrigin::list);
  made.d.splits[0].role = SplitRole::train;
  made.d.splits[1].role = SplitRole::val;
  const Fixed f = fixed(made);
  REQUIRE(f.d().memberships.size() == 3);
  CHECK(f.d().members(SplitIndex{0}).size() == 1);
  CHECK(f.d().members(SplitIndex{0})[0].image == own);
  CHECK(f.d().members(SplitIndex{1}).size() == 2);
}

TEST_CASE("a repair is chosen by its name, its rule's name or its code, and a wrong word names what there is") {
  Made made;
  const auto image = made.image("a.jpg");
  made.box(image, made.category("cat"), {90, 10, 30, 20});
  for (const std::string word : {"clip-to-image", "FMT407", "FMT", "box-outside-image"}) {
    Source source;
    source.tree = std::make_unique<MemoryTree>();
    source.dataset = made.d;
    const auto report = fix(source, {.select = {word}});
    REQUIRE(report);
    CHECK_MESSAGE(report->edits.size() == 1, word);
  }
  Source source;
  source.tree = std::make_unique<MemoryTree>();
  source.dataset = made.d;
  const auto wrong = fix(source, {.ignore = {"FMT999"}});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::usage);
  CHECK(wrong.error().message.find("'FMT999'") != std::string::npos);
}

namespace {

/// Repairs with all repairs, and takes them back.
void check_undone(Made& made) {
  made.d.image_positions = {};
  Fixed f = fixed(made, true);
  REQUIRE_FALSE(f.report.edits.empty());
  Dataset before = made.d;
  const auto undone = unfix(f.source, f.report.document);
  REQUIRE_MESSAGE(undone, to_string(undone.error()));
  CHECK(canonical(f.source.dataset) == canonical(before));
  CHECK(undone->exact);
}

}  // namespace

TEST_CASE("a merged class comes back in its place, with its objects") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat"), shout = made.category("Cat"), dog = made.category("dog");
  for (const auto c : {shout, cat, dog, shout}) made.box(image, c, {10.0 + 20 * static_cast<double>(c), 10, 12, 20});
  const Fixed f = fixed(made, true);
  CHECK(f.report.consequences.size() >= 1);
  check_undone(made);
}

TEST_CASE("outlines are said again as they were: points twice, half points, flat rings") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.polygon(image, cat, {3, 4, 20, 4, 20, 4, 12, 31});
  made.add_polygon(made.box(image, cat, {40, 10, 20, 30}), {40, 10, 60, 10, 60, 40, 40, 40, 7});
  made.d.annotations[1].kind = Kind::polygon;
  made.polygon(image, cat, {70, 10, 90, 10, 90, 40, 70, 40});
  const std::vector<double> line = {50, 60, 70, 60};
  made.d.rings.push_back({.begin = made.d.coordinates.size(), .count = 4});
  made.d.coordinates.append(line);
  made.d.shapes[2].count = 2;
  for (std::size_t i = 0; i < 3; ++i) made.d.annotations[i].order = static_cast<std::uint32_t>(i);
  check_undone(made);
}

TEST_CASE("objects that were dropped stand again where they stood, between those that stayed") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.box(image, cat, {10, 10, 0, 20});
  made.box(image, cat, {10, 10, 30, 20});
  made.box(image, cat, {40, 10, 30, 0});
  made.box(image, cat, {200, 10, 30, 20});
  made.box(image, cat, {90, 10, 30, 20});
  for (std::size_t i = 0; i < 5; ++i) made.d.annotations[i].order = static_cast<std::uint32_t>(i);
  check_undone(made);
  Fixed f = fixed(made, true);
  REQUIRE(unfix(f.source, f.report.document));
  REQUIRE(f.d().annotations.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(box_of(f, i) == made.d.annotations[i].box);
}

TEST_CASE("an image that left a split is its member again, in its place") {
  Made made;
  const auto both = made.image("both.jpg"), own = made.image("own.jpg"), more = made.image("more.jpg");
  made.split("train", {both, own}, SplitOrigin::list);
  made.split("val", {more, both}, SplitOrigin::list);
  made.d.splits[0].role = SplitRole::train;
  made.d.splits[1].role = SplitRole::val;
  check_undone(made);
}

TEST_CASE("a list of edits that is not for this dataset is refused by the record that is missing") {
  Made made;
  const auto image = made.image("a.jpg");
  made.box(image, made.category("cat"), {90, 10, 30, 20});
  Fixed f = fixed(made);
  Made other;
  other.box(other.image("b.jpg"), other.category("cat"), {90, 10, 10, 20});
  Source source;
  source.tree = std::make_unique<MemoryTree>();
  source.dataset = other.d;
  const std::string before = canonical(source.dataset);
  const auto wrong = unfix(source, f.report.document);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::not_found);
  CHECK(wrong.error().file.find("a.jpg") != std::string::npos);
  CHECK(canonical(source.dataset) == before);
  f.source.dataset.annotations[0].box.x = 91;
  CHECK_FALSE(unfix(f.source, f.report.document));
}

TEST_CASE("a list of edits that says nonsense is an error, whatever it says") {
  Made made;
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  made.category("Cat");
  made.box(image, cat, {90, 10, 30, 20});
  made.box(image, cat, {10, 10, 0, 20});
  const Fixed f = fixed(made, true);
  const std::string& good = f.report.document;
  const auto undo = [&](const std::string& document) {
    Source source;
    source.tree = std::make_unique<MemoryTree>();
    source.dataset = f.source.dataset;
    return unfix(source, document);
  };
  CHECK(undo(good));
  for (const std::string document : {"", "[]", "{}", "{\"vetset-fix\":1}", "{\"edits\":[],\"vetset-fix\":1}", "null"})
    CHECK_FALSE_MESSAGE(undo(document), document);
  const auto next = undo("{\"vetset-fix\":2,\"edits\":[]}");
  REQUIRE_FALSE(next);
  CHECK(next.error().code == Code::unsupported);
  CHECK(next.error().message.find("version 2") != std::string::npos);
  for (std::size_t cut = 0; cut < good.size(); cut += 7) CHECK_FALSE(undo(good.substr(0, cut)));
  for (std::size_t at = 0; at < good.size(); ++at)  // whatever comes of it, it comes to an end
    for (const char c : {'0', '9', '"', '{', 'x'}) {
      std::string other = good;
      other[at] = c;
      (void)undo(other);
    }
}

TEST_CASE("boxes that were written as corners are read so when asked, all of a document, and once") {
  Made made;
  made.d.format = "coco";
  const auto cat = made.category("cat");
  const auto corner = [](int k) { return Box{10.0 + k % 5, 20, 70.0 + k % 9, 60.0 + k % 7}; };
  for (int k = 0; k < 30; ++k)  // right and lower edge, taken for a size
    made.box(made.image(std::to_string(k) + ".jpg"), cat, corner(k));
  made.box(made.image("a.jpg"), cat, {1, 1, 5, 5});  // fits both ways, and is of the same document
  const Fixed safe = fixed(made);
  CHECK(safe.count("fitting-convention") == 0);
  const Fixed f = fixed(made, true);
  CHECK(f.count("fitting-convention") == 31);
  CHECK(box_of(f, 0) == Box{10, 20, 60, 40});
  CHECK(box_of(f, 30) == Box{1, 1, 4, 4});
  CHECK(f.d().annotations.size() == 31);
  for (const auto& [repair, count] : f.report.counts) CHECK(repair->name == "fitting-convention");
  Made again;
  again.d = f.d();
  CHECK(fixed(again, true).count("fitting-convention") == 0);
}

TEST_CASE("boxes that fit their own convention are nobody's to convert") {
  Made made;
  made.d.format = "coco";
  const auto image = made.image("a.jpg");
  const auto cat = made.category("cat");
  for (int k = 0; k < 40; ++k) made.box(image, cat, {1.0 + k, 2, 20, 10});
  CHECK(fixed(made, true).count("fitting-convention") == 0);
}
