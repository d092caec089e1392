// Pascal VOC: both pixel bases, layouts, what is odd in the wild, and what comes back byte for byte.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "vetset/base/tree.h"
#include "vetset/convert/convert.h"
#include "vetset/dataset/edit.h"
#include "vetset/formats/format.h"
#include "vetset/formats/voc/labelmap.h"

using namespace vetset;

namespace {

/// The header of a picture of 200 by 100 pixels.
const std::string png(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xc8\0\0\0\x64\x08\2\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82", 45);

Reading read(const Tree& tree, const ReadOptions& options = {}) {
  auto reading = find_format("voc")->read(tree, options);
  if (!reading) FAIL(to_string(reading.error()));
  const auto fault = reading->dataset.inconsistency();
  INFO(fault.value_or(""));
  CHECK_FALSE(fault);
  return *std::move(reading);
}
std::string object(std::string_view name, std::string_view xmin, std::string_view ymin, std::string_view xmax,
                   std::string_view ymax, std::string_view more = {}) {
  std::string out = "<object><name>";
  out.append(name).append("</name>").append(more).append("<bndbox><xmin>").append(xmin).append("</xmin><ymin>");
  out.append(ymin).append("</ymin><xmax>").append(xmax).append("</xmax><ymax>").append(ymax);
  return out + "</ymax></bndbox></object>\n";
}
constexpr std::string_view size_200 = "<size><width>200</width><height>100</height></size>";
std::string xml(std::string_view inside, std::string_view head = size_200) {
  return "<annotation>" + std::string(head) + std::string(inside) + "</annotation>\n";
}
Reading read_one(std::string text) {
  return read(MemoryTree{{"Annotations/a.xml", std::move(text)}, {"JPEGImages/a.png", png}});
}
std::uint64_t count(const Reading& r, std::string_view code) {
  for (const auto& [known, n] : r.findings.counts())
    if (known == code) return n;
  return 0;
}
bool notes(const Reading& r, std::string_view words) {
  return std::any_of(r.notes.begin(), r.notes.end(),
                     [&](const std::string& n) { return n.find(words) != std::string::npos; });
}
MemoryTree rewritten(const MemoryTree& tree) {
  MemoryTree out;
  const auto proof = write_proved(read(tree).dataset, tree, *find_format("voc"), out, out, {});
  if (!proof) FAIL(to_string(proof.error()));
  CHECK(proof->exact());
  return out;
}
void check_same(const MemoryTree& a, const MemoryTree& b) {
  for (const std::string_view path : a.list()) {
    CAPTURE(path);
    REQUIRE(b.contains(path));
    CHECK(a.read(path)->text() == b.read(path)->text());
  }
  CHECK(a.list().size() == b.list().size());
}

}  // namespace

TEST_CASE("corners count from 1 where the source is a VOC database") {
  const Reading r = read_one(xml(object("cat", "1", "11", "200", "20"),
                                 "<source><database>The VOC2007 Database</database></source>" + std::string(size_200)));
  REQUIRE(r.dataset.annotations.size() == 1);
  CHECK(r.dataset.annotations[0].box == Box{0, 10, 200, 10});
  CHECK(notes(r, "corners count from 1: 1 files name a VOC database"));
}

TEST_CASE("corners count from 0 where one is 0, has a fraction, equals its other, or a drawing tool wrote the file") {
  CHECK(read_one(xml(object("cat", "0", "11", "200", "20"))).dataset.annotations[0].box == Box{0, 11, 200, 9});
  CHECK(read_one(xml(object("cat", "1.5", "11", "200", "20"))).dataset.annotations[0].box == Box{1.5, 11, 198.5, 9});
  CHECK(read_one(xml(object("cat", "5", "5", "5", "5"))).dataset.annotations[0].box == Box{5, 5, 0, 0});
  const Reading drawn =
      read_one(xml(object("cat", "1", "11", "200", "20"), "<path>C:\\a.png</path>" + std::string(size_200)));
  CHECK(drawn.dataset.annotations[0].box == Box{1, 11, 199, 9});
  CHECK(notes(drawn, "written by a drawing tool"));
}

TEST_CASE("corners of which nothing tells count from 1, and it is said; a dialect pins them") {
  const MemoryTree tree{{"Annotations/a.xml", xml(object("cat", "5", "11", "50", "20"))}, {"JPEGImages/a.png", png}};
  const Reading r = read(tree);
  CHECK(r.dataset.annotations[0].box == Box{4, 10, 46, 10});
  CHECK(notes(r, "nothing tells"));
  CHECK(read(tree, {.dialect = "zero-based"}).dataset.annotations[0].box == Box{5, 11, 45, 9});
}

TEST_CASE("the last pixel lies inside where boxes begin at 0 and end one before the edge, and none at it") {
  std::string three;
  for (int k = 0; k < 3; ++k) three += object("cat", "0", "10", "199", "20");
  CHECK(read_one(xml(three)).dataset.annotations[0].box == Box{0, 10, 200, 11});
}

TEST_CASE("VOC to VOC gives the same bytes, whatever a file says and however it is laid out") {
  const MemoryTree devkit{
      {"Annotations/a.xml",
       "<?xml version=\"1.0\"?>\r\n<annotation "
       "verified=\"yes\">\r\n\t<folder>x</folder><filename>a.png</filename>\r\n\t<owner>"
       "<name>anna &amp; co</name></owner><size><width>200</width><height>100</height><depth>3</depth></size>\r\n"
       "\t<object><name>person</name><pose>Left</pose><difficult>1</difficult><bndbox><xmax>50.50</xmax><xmin>07</xmin>"
       "<ymin>1</ymin><ymax>2e1</ymax></bndbox><part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</"
       "xmax>"
       "<ymax>2</ymax></bndbox></part></object><!-- <object> -->\r\n</annotation>"},
      {"Annotations/empty.xml", xml("")},
      {"ImageSets/Main/train.txt", "# first\n\na  1\nempty\n"},
      {"ImageSets/Main/val.txt", "c"},
      {"ImageSets/Main/trainval.txt", "a\nempty\nc\n"},
      {"ImageSets/Main/person_train.txt", "a  1\nempty -1\n"},
      {"ImageSets/Segmentation/train.txt", ""},
      {"JPEGImages/a.png", png},
      {"JPEGImages/c.png", png},
      {"JPEGImages/empty.png", png},
      {"SegmentationClass/a.png", png},
      {"SegmentationObject/a.png", png}};
  check_same(devkit, rewritten(devkit));
  const MemoryTree flat{
      {"train/a.png", png}, {"train/a.xml", xml(object("b", "0", "1", "2", "3"))}, {"valid/c.png", png}};
  check_same(flat, rewritten(flat));
}

TEST_CASE("images, splits, masks and classes of a devkit tree are what its folders say") {
  const Reading r = read(MemoryTree{{"Annotations/a.xml", xml(object("person", "0", "1", "20", "30"))},
                                    {"Annotations/b.xml", xml("")},
                                    {"ImageSets/Main/trainval.txt", "a\nb\nc\n"},
                                    {"ImageSets/Main/train.txt", "a\n"},
                                    {"ImageSets/Main/val.txt", "b\nc\n"},
                                    {"ImageSets/Main/dog_val.txt", "b -1\nc 0\n"},
                                    {"JPEGImages/a.png", png},
                                    {"JPEGImages/b.png", png},
                                    {"JPEGImages/c.png", png},
                                    {"SegmentationObject/a.png", png}});
  const Dataset& d = r.dataset;
  REQUIRE(d.images.size() == 3);
  CHECK(d.images[0].state == ImageState::labelled);
  CHECK(d.images[1].state == ImageState::labelled_empty);
  CHECK(d.images[2].state == ImageState::unlabelled);
  REQUIRE(d.splits.size() == 2);
  CHECK(d.splits[0].name == "train");
  CHECK(d.splits[1].name == "val");
  CHECK(notes(r, "trainval.txt names what other lists name together"));
  REQUIRE(d.categories.size() == 2);
  CHECK(d.categories[0].name == "dog");
  REQUIRE(d.attributes_of(Owner::image, 0).size() == 1);
  CHECK(d.text(d.attributes_of(Owner::image, 0)[0].value) == "\"SegmentationObject/a.png\"");
  const Shape* raster = d.find_shape(d.annotations[0], ShapeKind::raster);
  REQUIRE(raster != nullptr);
  CHECK(d.numbers_of(*raster)[0] == 1);
  CHECK(r.findings.all().empty());
}

TEST_CASE("a file without filename, size and name keeps its box, and says what is missing") {
  const Reading r = read(
      MemoryTree{{"zero.xml",
                  "<annotation><object><bndbox>\n<xmin>0</xmin>\n<ymin>412</ymin>\n<xmax>14</xmax>\n<ymax>421</ymax>\n"
                  "</bndbox></object></annotation>\n"}},
      {.only = "zero.xml"});
  REQUIRE(r.dataset.annotations.size() == 1);
  CHECK(r.dataset.annotations[0].box == Box{0, 412, 14, 9});
  CHECK(r.dataset.annotations[0].category == none<CategoryIndex>);
  CHECK(count(r, "FMT402") == 1);
  CHECK(count(r, "FMT404") == 1);
  CHECK(count(r, "FMT405") == 1);
}

TEST_CASE("one broken file is a finding with its place, and the others are read") {
  const Reading r = read(MemoryTree{{"Annotations/a.xml", "<annotation>\n<size></annotation>\n"},
                                    {"Annotations/b.xml", xml(object("cat", "0", "x", "3", "4"))},
                                    {"JPEGImages/a.png", png},
                                    {"JPEGImages/b.png", png}});
  REQUIRE(r.findings.all().size() == 2);
  const auto* place = std::get_if<Place>(&r.findings.all()[0].where);
  REQUIRE(place != nullptr);
  CHECK(place->file == "Annotations/a.xml");
  CHECK(place->line == 2);
  CHECK(r.findings.all()[1].message == "ymin is 'x', expected a number");
  REQUIRE(r.dataset.annotations.size() == 1);
  CHECK(r.dataset.annotations[0].box_origin == Origin::none);
}

TEST_CASE("an image that is called otherwise, that two files share, or that nobody names is told") {
  const Reading r =
      read(MemoryTree{{"Annotations/a.xml", xml("", "<filename>other.png</filename>" + std::string(size_200))},
                      {"Annotations/b.xml", xml("", "<filename>a.png</filename>" + std::string(size_200))},
                      {"Annotations/d.xml", xml("")},
                      {"ImageSets/Main/train.txt", "a\nnobody\n"},
                      {"JPEGImages/a.png", png},
                      {"JPEGImages/c.jpg", png},
                      {"JPEGImages/c.png", png}});
  CHECK(count(r, "FMT404") == 2);  // a.xml says other.png, d has no image
  CHECK(count(r, "FMT418") == 2);  // a.png twice, nobody
  CHECK(r.dataset.images.size() == 6);
}

TEST_CASE("attributes, pose, turned boxes and outlines of other tools are read as such") {
  const Reading r = read_one(xml(
      object(
          "car", "10", "10", "30.5", "20",
          "<pose>Left</pose><occluded>1</occluded><attributes><attribute><name>age</name><value>3</value></attribute>"
          "<attribute><name>colour</name><value>red</value></attribute></attributes>") +
      object("car", "10", "10", "30", "20",
             "<polygon><x1>10</x1><y1>10</y1><x2>30</x2><y2>10</y2><x3>30</x3><y3>20</y3></polygon>") +
      "<object><type>robndbox</type><name>ship</name><robndbox><cx>50</cx><cy>40</cy><w>20</w><h>10</h>"
      "<angle>1.5707963267948966</angle></robndbox></object>"));
  const Dataset& d = r.dataset;
  REQUIRE(d.annotations.size() == 3);
  CHECK(d.annotations[0].flags.is(Flag::occluded));
  CHECK(d.annotations[0].flags[Flag::difficult] == Tristate::not_said);
  const auto attributes = d.attributes_of(Owner::annotation, 0);
  REQUIRE(attributes.size() == 3);
  CHECK(d.text(attributes[0].value) == "\"Left\"");
  CHECK(d.text(attributes[1].value) == "3");
  CHECK(d.text(attributes[2].value) == "\"red\"");
  CHECK(d.annotations[1].kind == Kind::polygon);
  CHECK(d.annotations[2].kind == Kind::rotated_box);
  CHECK(d.annotations[2].box.x == doctest::Approx(45));
  CHECK(d.annotations[2].box.height == doctest::Approx(20));
  CHECK(d.numbers_of(d[d.annotations[2].shape])[4] == doctest::Approx(90));
}

TEST_CASE("a class that is renamed changes nothing else of the file") {
  const std::string first = object("cat", "0", "1", "2.50", "3", "<part><name>cat</name></part>");
  const MemoryTree tree{{"Annotations/a.xml", xml("\n\t" + first)}, {"JPEGImages/a.png", png}};
  Dataset d = read(tree).dataset;
  d.categories[0].name = "lion & co";
  MemoryTree out;
  const auto proof = write_proved(d, tree, *find_format("voc"), out, out, {});
  REQUIRE(proof);
  CHECK_FALSE(proof->undeclared());
  CHECK(out.read("Annotations/a.xml")->text() ==
        xml("\n\t" + object("lion &amp; co", "0", "1", "2.50", "3", "<part><name>cat</name></part>")));
  CHECK(out.list().size() == 2);
}

TEST_CASE("a file that lost an object is written anew with all that it said of the others") {
  const std::string first = object("cat", "1", "1", "2", "3", "<difficult>1</difficult><part><name>x</name></part>");
  const MemoryTree tree{
      {"Annotations/a.xml", xml(first + object("dog", "4", "5", "6", "7"), "<owner>o</owner>" + std::string(size_200))},
      {"JPEGImages/a.png", png}};
  Dataset d = read(tree, {.dialect = "one-based"}).dataset;
  Selection selection;
  selection.annotations = {true, false};
  d = selected(std::move(d), selection).dataset;
  MemoryTree out;
  const auto proof = write_proved(d, tree, *find_format("voc"), out, out, {});
  REQUIRE(proof);
  CHECK(proof->exact());
  const std::string text(out.read("Annotations/a.xml")->text());
  for (const char* kept : {"<owner>o</owner>", "<difficult>1</difficult>", "<name>x</name>", "<xmin>1</xmin>"}) {
    CAPTURE(kept);
    CHECK(text.find(kept) != std::string::npos);
  }
  CHECK(text.find("dog") == std::string::npos);
  CHECK(out.read("labelmap.txt")->text() ==
        "# label:color_rgb:parts:actions\n# corners: from 1\ncat:::\ndog:::\n");  // what the files no longer tell
}

TEST_CASE("a labelmap gives the order of classes and pins the corners; its background is no class") {
  const Reading r = read(
      MemoryTree{{"Annotations/a.xml", xml(object("cat", "1", "11", "200", "20"))},
                 {"JPEGImages/a.png", png},
                 {"labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\nzebra:1,2,3::\ncat:::\n"}});
  REQUIRE(r.dataset.categories.size() == 2);
  CHECK(r.dataset.categories[0].name == "zebra");
  const Reading pinned = read(MemoryTree{{"Annotations/a.xml", xml(object("cat", "1", "11", "200", "20"))},
                                         {"labelmap.txt", "# corners: from 0\n\"a:b\":::\n"}});
  CHECK(pinned.dataset.annotations[0].box == Box{1, 11, 199, 9});
  CHECK(pinned.dataset.categories[0].name == "a:b");
}

TEST_CASE("a labelmap's colours are of whole numbers from 0 to 255, three a class") {
  using voc_parts::parse_labelmap;
  const auto map = parse_labelmap("background:0,0,0::\ncat:128,64,1::\n\"a:b\":0,0,2::\ndog:::\n");
  CHECK(map.names.size() == 4);
  CHECK(map.colours == std::vector<std::uint32_t>{0, 0x804001, 2});
  CHECK(parse_labelmap("cat:1,2\ncow:1,2,3,4\ndog:1,2,256\nelk:1,2,x\nfox\n").colours.empty());
}

TEST_CASE("names that would share a file are made unlike, with their folders where that helps") {
  Dataset d;
  d.categories.push_back({.name = "cat"});
  for (const char* path : {"cam1/x.jpg", "cam2/x.jpg", "cam1/x.png", "X.jpg"})
    d.images.push_back({.path = d.add_text(path), .width = 10, .height = 10, .size_origin = SizeOrigin::stated});
  MemoryTree out;
  const auto proof = write_proved(d, out, *find_format("voc"), out, out, {.images = ImagesMode::none});
  REQUIRE(proof);
  CHECK_FALSE(proof->undeclared());
  for (const char* path : {"x.xml", "cam2_x.xml", "cam1_x.xml", "X-2.xml"}) {
    CAPTURE(path);
    CHECK(out.contains("Annotations/" + std::string(path)));
  }
}

TEST_CASE("what XML cannot hold is refused by name") {
  Dataset d;
  d.categories.push_back({.name = "bad\x01name"});
  MemoryTree out;
  const auto proof = write_proved(d, out, *find_format("voc"), out, out, {});
  REQUIRE_FALSE(proof);
  CHECK(proof.error().code == Code::refused);
  CHECK(proof.error().message.find("bad\\x01name") != std::string::npos);
}

TEST_CASE("the collected VOC sets have the counts that are known of them") {
  const char* data = std::getenv("VETSET_DATA");
  auto tree = open_folder(std::string(data == nullptr ? VETSET_SOURCE_DIR "/../shared/data" : data) + "/bccd");
  if (!tree) {
    MESSAGE("skipped 1: VETSET_DATA");
    return;
  }
  const Reading r = read(**tree);
  CHECK(r.dataset.images.size() == 364);
  CHECK(r.dataset.annotations.size() == 4888);
  REQUIRE(r.dataset.splits.size() == 3);
  CHECK(r.dataset.members(SplitIndex{0}).size() == 205);
  CHECK(r.dataset.members(SplitIndex{1}).size() == 87);
  CHECK(r.dataset.members(SplitIndex{2}).size() == 72);
  std::size_t without_area = 0;
  for (const Annotation& a : r.dataset.annotations) without_area += a.box.width * a.box.height == 0 ? 1U : 0U;
  CHECK(without_area == 2);
  CHECK(r.findings.all().empty());
}
