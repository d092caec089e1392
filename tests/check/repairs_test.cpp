// Repairs that draw, move classes or read masks anew: each on its planted flaw, once more for nothing, and back.
#include <doctest/doctest.h>

#include <string>

#include "tests/check/made.h"
#include "vetset/dataset/canonical.h"
#include "vetset/vetset.h"

using namespace vetset;
using test::Made;

namespace {

struct Repaired {
  Source source;
  FixReport report;
  const Dataset& d() const { return source.dataset; }
};

/// Repaired with all that follows a guess; that a second run finds nothing and that all of it can be taken back is
/// checked here.
Repaired repaired(const Made& made, std::string_view repair) {
  Repaired result;
  result.source.tree = std::make_unique<MemoryTree>();
  result.source.dataset = made.d;
  for (Image& image : result.source.dataset.images) image.media = {};  // no file is looked at
  const std::string before = canonical(result.source.dataset);
  const FixOptions options{.select = {std::string(repair)}, .unsafe = true};
  CHECK_MESSAGE(fix(result.source, {.select = {std::string(repair)}})->edits.empty(), "is done only when asked");
  auto report = fix(result.source, options);
  REQUIRE_MESSAGE(report, to_string(report.error()));
  CHECK(fix(result.source, options)->edits.empty());
  if (!report->document.empty()) {
    Source back;
    back.tree = std::make_unique<MemoryTree>();
    back.dataset = result.source.dataset;
    const auto undone = unfix(back, report->document);
    REQUIRE_MESSAGE(undone, to_string(undone.error()));
    CHECK(undone->exact);
    CHECK(canonical(back.dataset) == before);
  }
  result.report = *std::move(report);
  return result;
}

/// Three frames of one video; a track that the middle one lacks.
Made video(Box before, Box after) {
  Made made;
  const auto cat = made.category("cat");
  std::vector<std::string> tracks;
  for (const char* path : {"v/1.jpg", "v/2.jpg", "v/3.jpg"}) {
    const auto image = made.image(path);
    made.box(image, cat, {70, 50, 10, 10});
    tracks.emplace_back("8");
    if (path[2] == '2') continue;
    made.box(image, cat, path[2] == '1' ? before : after);
    tracks.emplace_back("7");
  }
  for (const std::string& track : tracks) made.d.track_ids.push_back(made.d.add_text(track));
  return made;
}

/// Classes 1 and 2 are used; the list has 0 and 1.
Made shifted() {
  Made made;
  const auto image = made.image("a.jpg");
  made.category("cat");
  const auto dog = made.category("dog");
  made.box(image, dog, {10, 10, 20, 20});
  const auto missing = made.box(image, none<CategoryIndex>, {50, 10, 20, 20});
  made.d.dangling.push_back({missing, Owner::category, made.d.add_text("2")});
  return made;
}

}  // namespace

TEST_CASE("an object that a track lost for one frame is drawn half way, on that frame and with that track") {
  const Repaired r = repaired(video({10, 10, 30, 30}, {14, 12, 30, 28}), "drawn-between");
  REQUIRE(r.report.edits.size() == 1);
  CHECK(r.report.edits[0].before.empty());
  REQUIRE(r.d().annotations.size() == 6);
  const Annotation& drawn = r.d().annotations[5];
  CHECK(drawn.box == Box{12, 11, 30, 29});
  CHECK(r.d().path(drawn.image) == "v/2.jpg");
  CHECK(r.d().text(r.d().track_ids[5]) == "7");
}

TEST_CASE("a track that went far while it was out of sight is nobody's guess") {
  CHECK(repaired(video({0, 0, 20, 20}, {40, 40, 20, 20}), "drawn-between").report.edits.empty());
}

TEST_CASE("labels that count classes from another number are counted from that of the list") {
  const Repaired r = repaired(shifted(), "classes-as-listed");
  CHECK(r.report.edits.size() == 2);
  CHECK(r.d()[r.d().annotations[0].category].name == "cat");
  CHECK(r.d()[r.d().annotations[1].category].name == "dog");
  CHECK(r.d().dangling.empty());
}

TEST_CASE("numbers that would not all fit are left alone") {
  Made made = shifted();
  made.d.dangling[0].json = made.d.add_text("5");
  CHECK(repaired(made, "classes-as-listed").report.edits.empty());
}

TEST_CASE("a mask whose runs go along the rows is read so, where its box says it") {
  Made made;
  const auto image = made.image("a.jpg", 10, 8);
  const auto cat = made.category("cat");
  const auto one = made.box(image, cat, {4, 2, 3, 2});
  made.add_mask(one, 8, 10, {24, 3, 7, 3, 43});  // rows 2 and 3, columns 4 to 6
  made.d.annotations[0].kind = Kind::mask;
  const Repaired r = repaired(made, "mask-as-boxed");
  REQUIRE(r.report.edits.size() == 1);
  CHECK(*shape_box(r.d(), r.d().annotations[0]) == Box{4, 2, 3, 2});
  CHECK(*shape_area(r.d(), r.d().annotations[0]) == 6);
  // Without that box nothing tells.
  made.d.annotations[0].box = {0, 0, 10, 8};
  CHECK(repaired(made, "mask-as-boxed").report.edits.empty());
}

TEST_CASE("a mask that states height and width the wrong way round gets its image's size, in the order that fits") {
  for (const bool rows : {false, true}) {
    CAPTURE(rows);
    Made made;
    const auto image = made.image("a.jpg", 10, 8);
    const auto one = made.box(image, made.category("cat"), {4, 2, 3, 2});
    if (rows)
      made.add_mask(one, 10, 8, {24, 3, 7, 3, 43});
    else
      made.add_mask(one, 10, 8, {34, 2, 6, 2, 6, 2, 28});
    made.d.annotations[0].kind = Kind::mask;
    const Repaired r = repaired(made, "mask-as-boxed");
    REQUIRE(r.report.edits.size() == 1);
    const Mask& mask = r.d().masks[r.d().find_shape(r.d().annotations[0], ShapeKind::mask)->begin];
    CHECK(mask.height == 8);
    CHECK(mask.width == 10);
    CHECK(*shape_box(r.d(), r.d().annotations[0]) == Box{4, 2, 3, 2});
  }
}
