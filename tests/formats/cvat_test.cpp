// CVAT: every shape, what rides along, project and task exports, tracks, and what is odd in a document.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/formats/tool_files.h"
#include "vetset/dataset/edit.h"

using namespace vetset;

namespace {

Reading read(const Tree& tree, const ReadOptions& options = {}) { return read_as("cvat", tree, options); }
std::string document(std::string_view images, std::string_view meta = {}) {
  return "<?xml version=\"1.0\"?>\n<annotations>\n<version>1.1</version>\n" + std::string(meta) + std::string(images) +
         "</annotations>\n";
}
std::string image(std::string_view shapes) {
  return "<image id=\"0\" name=\"a.png\" width=\"200\" height=\"100\">" + std::string(shapes) + "</image>\n";
}
Reading read_shapes(std::string_view shapes, std::string_view meta = {}) {
  return read(MemoryTree{{"annotations.xml", document(image(shapes), meta)}, {"images/a.png", png}});
}
MemoryTree rewritten(const Dataset& d, const Tree& media) { return rewritten_as("cvat", d, media); }

}  // namespace

TEST_CASE("cvat: every shape is what people drew") {
  const Reading r = read_shapes(
      "<box label=\"car\" xtl=\"10\" ytl=\"20\" xbr=\"40.5\" ybr=\"60\" occluded=\"1\" z_order=\"0\"/>"
      "<box label=\"car\" xtl=\"10\" ytl=\"20\" xbr=\"30\" ybr=\"30\" rotation=\"90.0\"/>"
      "<polygon label=\"car\" points=\"1,2;30,2;30,40\"/>"
      "<polyline label=\"car\" points=\"1,2;30,2\"/>"
      "<points label=\"car\" points=\"5,6\"/>"
      "<points label=\"car\" points=\"5,6;7,8\"/>"
      "<ellipse label=\"car\" cx=\"50\" cy=\"50\" rx=\"20\" ry=\"10\"/>"
      "<cuboid label=\"car\" xtl1=\"1\" ytl1=\"2\" xbl1=\"3\" ybl1=\"4\" xtr1=\"5\" ytr1=\"6\" xbr1=\"7\" ybr1=\"8\" "
      "xtl2=\"9\" ytl2=\"10\" xbl2=\"11\" ybl2=\"12\" xtr2=\"13\" ytr2=\"14\" xbr2=\"15\" ybr2=\"16\"/>"
      "<tag label=\"car\"/>");
  const Dataset& d = r.dataset;
  REQUIRE(d.annotations.size() == 9);
  CHECK(d.annotations[0].box == Box{10, 20, 30.5, 40});
  CHECK(d.annotations[0].flags[Flag::occluded] == Tristate::yes);
  CHECK(d.annotations[1].kind == Kind::rotated_box);
  CHECK(d.annotations[1].box.x == doctest::Approx(15));  // turned about its centre
  CHECK(d.annotations[1].box.height == doctest::Approx(20));
  CHECK(d.annotations[2].box == Box{1, 2, 29, 38});
  CHECK(d.annotations[3].kind == Kind::polyline);
  CHECK(d.annotations[4].kind == Kind::point);
  CHECK(d.annotations[5].kind == Kind::keypoints);
  CHECK(d.annotations[6].box == Box{30, 40, 40, 20});
  CHECK(d.annotations[7].box == Box{1, 2, 14, 14});
  CHECK(d.annotations[8].kind == Kind::tag);
  CHECK(count(r, "FMT401") == 0);
}

TEST_CASE("cvat: a mask runs along the rows of its box") {
  const Reading r =
      read_shapes("<mask label=\"car\" rle=\"1, 2, 1, 2\" left=\"10\" top=\"20\" width=\"3\" height=\"2\"/>");
  const Dataset& d = r.dataset;
  REQUIRE(d.masks.size() == 1);
  CHECK(area(d.counts_of(d.masks[0])) == 4);
  CHECK(d.annotations[0].box == Box{11, 20, 2, 2});
  const auto counts = d.counts_of(d.masks[0]);
  CHECK(counts[0] == 11 * 100 + 20);  // nothing in the first of its columns
  for (const std::string_view bad :
       {"<mask label=\"car\" rle=\"1, 2\" left=\"10\" top=\"20\" width=\"3\" height=\"2\"/>",
        "<mask label=\"car\" rle=\"6\" left=\"199\" top=\"20\" width=\"3\" height=\"2\"/>",
        "<mask label=\"car\" rle=\"9\" left=\"10\" top=\"20\" width=\"3\" height=\"2\"/>"}) {
    CAPTURE(bad);
    const Reading faulty = read_shapes(bad);
    CHECK(count(faulty, "FMT401") == 1);
    CHECK(faulty.dataset.annotations.empty());
  }
}

TEST_CASE("cvat: a skeleton's points stand in the order of its label, and say whether they are seen") {
  const Reading r = read_shapes(
      "<skeleton label=\"person\"><points label=\"b\" points=\"3,4\" outside=\"0\" occluded=\"1\"/>"
      "<points label=\"a\" points=\"1,2\" outside=\"0\" occluded=\"0\"/>"
      "<points label=\"c\" points=\"9,9\" outside=\"1\" occluded=\"0\"/></skeleton>",
      "<meta><task><labels><label><name>person</name><type>skeleton</type>"
      "<svg>&lt;line data-node-from=\"1\" data-node-to=\"2\"&gt;</svg></label>"
      "<label><name>a</name><parent>person</parent></label><label><name>b</name><parent>person</parent></label>"
      "<label><name>c</name><parent>person</parent></label></labels></task></meta>");
  const Dataset& d = r.dataset;
  REQUIRE(d.categories.size() == 1);
  CHECK(d.categories[0].keypoints == std::vector<std::string>{"a", "b", "c"});
  CHECK(d.categories[0].skeleton.size() == 1);
  const auto n = d.numbers_of(*d.find_shape(d.annotations[0], ShapeKind::keypoints));
  CHECK(std::vector<double>(n.begin(), n.end()) == std::vector<double>{1, 2, 2, 3, 4, 1, 9, 9, 0});
}

TEST_CASE("cvat: keys, scores, layers and attributes come back from the tool") {
  const Reading r = read_shapes(
      "<box label=\"car\" xtl=\"1\" ytl=\"2\" xbr=\"3\" ybr=\"4\" source=\"semi-auto\" group_id=\"7\">"
      "<attribute name=\"colour\">red</attribute><attribute name=\"wheels\">4</attribute>"
      "<attribute name=\"vetset_id\">a7</attribute><attribute name=\"vetset_score\">0.5</attribute>"
      "<attribute name=\"vetset_layer\">anna</attribute></box>");
  const Dataset& d = r.dataset;
  CHECK(d.id_json(d.annotation_ids, 0) == "\"a7\"");
  CHECK(d.score(AnnotationIndex{0}) == 0.5);
  CHECK(d.layers[d.annotations[0].layer] == "anna");
  CHECK(d.text(d.group_ids[0]) == "7");
  REQUIRE(d.attributes.size() == 2);
  CHECK(d.text(d.attributes[0].value) == "\"red\"");
  CHECK(d.text(d.attributes[1].value) == "4");
  const MemoryTree out = rewritten(d, MemoryTree{{"images/a.png", png}});
  CHECK(out.read("annotations.xml")->text().find("source=\"semi-auto\"") != std::string_view::npos);
}

TEST_CASE("cvat: the head of a document stays while its labels do") {
  constexpr std::string_view meta =
      "<meta><task><id>5</id><labels><label><name>car</name><color>#ff0000</color></label></labels></task></meta>";
  const Reading r = read_shapes("<box label=\"car\" xtl=\"1\" ytl=\"2\" xbr=\"3\" ybr=\"4\"/>", meta);
  const MemoryTree media{{"images/a.png", png}};
  CHECK(rewritten(r.dataset, media).read("annotations.xml")->text().find(meta) != std::string_view::npos);
  Dataset renamed = r.dataset;
  renamed.categories[0].name = "lorry";
  const std::string text(rewritten(renamed, media).read("annotations.xml")->text());
  CHECK(text.find("<name>lorry</name>") != std::string::npos);
  CHECK(text.find("#ff0000") == std::string::npos);
}

TEST_CASE("cvat: subsets of a project are splits, images of one name in two of them two images") {
  const std::string_view meta =
      "<meta><project><subsets>Train\nTest\nEmpty</subsets><labels><label><name>car</name></label></labels>"
      "</project></meta>";
  const Reading r = read(MemoryTree{{"annotations.xml", document("<image id=\"0\" name=\"a.png\" subset=\"Test\"/>"
                                                                 "<image id=\"0\" name=\"a.png\" subset=\"Train\"/>",
                                                                 meta)},
                                    {"images/Test/a.png", png},
                                    {"images/Train/a.png", png}});
  REQUIRE(r.dataset.splits.size() == 3);
  CHECK(r.dataset.splits[0].name == "Train");
  CHECK(r.dataset.members(SplitIndex{2}).empty());
  CHECK(r.dataset.path(ImageIndex{0}) == "images/Test/a.png");
  CHECK(r.dataset.images[0].width == 200);  // measured
}

TEST_CASE("cvat: the shapes of a track are objects on their frames") {
  const Reading r = read(
      MemoryTree{{"annotations.xml",
                  document("<track id=\"3\" label=\"car\"><box frame=\"10\" keyframe=\"1\" outside=\"0\" xtl=\"1\" "
                           "ytl=\"2\" xbr=\"3\" ybr=\"4\"/><box frame=\"13\" keyframe=\"0\" outside=\"1\" xtl=\"1\" "
                           "ytl=\"2\" xbr=\"3\" ybr=\"4\"/></track>")},
                 {"images/frame_000010.png", png},
                 {"images/frame_000013.png", png}});
  const Dataset& d = r.dataset;
  REQUIRE(d.annotations.size() == 2);
  CHECK(d.path(d.annotations[1].image) == "images/frame_000013.png");
  CHECK(d.annotations[1].flags.is(Flag::outside));
  CHECK(d.text(d.track_ids[0]) == "3");
  REQUIRE(d.track_states.size() == 2);
  CHECK(d.track_states[1].frame == 13);
}

TEST_CASE("cvat: one faulty shape is a finding with its place, not a failure") {
  const std::string text =
      document(image("<box label=\"car\" xtl=\"x\" ytl=\"2\" xbr=\"3\" ybr=\"4\"/>"
                     "<polygon label=\"car\" points=\"1,2;3\"/><blob/>"
                     "<box xtl=\"1\" ytl=\"2\" xbr=\"3\" ybr=\"4\"/>"));
  const Reading r = read(MemoryTree{{"annotations.xml", text}});
  CHECK(count(r, "FMT401") == 3);
  CHECK(count(r, "FMT402") == 1);
  CHECK(r.dataset.annotations.size() == 1);
  const Finding& first = r.findings.all().front();
  CHECK(std::get<Place>(first.where).offset == text.find("<box"));
  CHECK(first.message == "the box xtl is 'x', expected a number: it is not read");
}

TEST_CASE("cvat: a document that breaks off keeps what is whole") {
  const std::string whole = document(image("<tag label=\"car\"/>") + image("<tag label=\"car\"/>"));
  const std::string cut = whole.substr(0, whole.rfind("<tag"));
  const Reading r = read(MemoryTree{{"annotations.xml", cut}});
  CHECK(r.dataset.images.size() == 1);
  CHECK(count(r, "FMT401") == 1);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto any = find_format("cvat")->read(MemoryTree{{"annotations.xml", whole.substr(0, size)}}, {});
    if (any) CHECK_FALSE(any->dataset.inconsistency());
  }
}

TEST_CASE("cvat: an object of several parts becomes polygons of one group") {
  Dataset d;
  d.categories.push_back({.name = "car"});
  d.images.push_back({.path = d.add_text("a.png"), .width = 200, .height = 100, .size_origin = SizeOrigin::stated});
  Annotation a{.image = ImageIndex{0}, .category = CategoryIndex{0}, .kind = Kind::polygon};
  for (const double at : {0.0, 50.0}) {
    d.rings.push_back({.begin = d.coordinates.size(), .count = 6});
    for (const double n : {at, 0.0, at + 10, 0.0, at, 10.0}) d.coordinates.push_back(n);
  }
  a.shape = ShapeIndex{0};
  d.shapes.push_back({.count = 2, .kind = ShapeKind::polygon});
  d.annotations.push_back(a);
  MemoryTree out;
  const Format& cvat = *find_format("cvat");
  const auto asked = write_proved(d, MemoryTree{}, cvat, out, out, {});
  REQUIRE_FALSE(asked);
  CHECK(asked.error().code == Code::refused);
  WriteOptions options;
  options.policies[Decision::parts] = Policy::split;
  REQUIRE(write_proved(d, MemoryTree{}, cvat, out, out, options));
  const Reading back = read(out);
  REQUIRE(back.dataset.annotations.size() == 2);
  CHECK(back.dataset.text(back.dataset.group_ids[0]) == "1");
  CHECK(back.dataset.text(back.dataset.group_ids[1]) == "1");
}

TEST_CASE("cvat: marks that CVAT does not have come back, of shapes and of tags") {
  Dataset d;
  d.categories.push_back({.name = "car"});
  d.images.push_back({.path = d.add_text("a.png"), .width = 200, .height = 100, .size_origin = SizeOrigin::stated});
  Annotation a{.image = ImageIndex{0}, .category = CategoryIndex{0}, .kind = Kind::tag};
  a.flags.set(Flag::difficult, true);
  a.flags.set(Flag::occluded, true);
  d.annotations.push_back(a);
  a.kind = Kind::box;
  a.box = {1, 2, 3, 4};
  a.box_origin = Origin::stated;
  a.flags.set(Flag::truncated, false);
  d.annotations.push_back(a);
  const Dataset back = read(rewritten(d, MemoryTree{})).dataset;
  REQUIRE(back.annotations.size() == 2);
  for (const std::size_t i : {0U, 1U}) CHECK(back.annotations[i].flags == d.annotations[i].flags);
}
