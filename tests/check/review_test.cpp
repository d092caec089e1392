// A queue goes out and comes back: every item is told, the labels become what people said, and nothing else moves.
#include <doctest/doctest.h>

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/canonical.h"
#include "vetset/formats/format.h"
#include "vetset/vetset.h"

using namespace vetset;

namespace {

/// Two images: cats 1 and 2 and dog 3 on the first, cat 4 on the second, nothing on the third.
constexpr const char* labels = R"({
"images":[{"id":1,"file_name":"a.jpg","width":200,"height":100},{"id":2,"file_name":"b.jpg","width":200,"height":100},
 {"id":3,"file_name":"c.jpg","width":200,"height":100}],
"categories":[{"id":1,"name":"cat"},{"id":2,"name":"dog"}],
"annotations":[
 {"id":1,"image_id":1,"category_id":1,"bbox":[10,10,20,20],"area":400,"iscrowd":0,"segmentation":[]},
 {"id":2,"image_id":1,"category_id":1,"bbox":[60,10,20,20],"area":400,"iscrowd":0,"segmentation":[]},
 {"id":3,"image_id":1,"category_id":2,"bbox":[110,10,20,20],"area":400,"iscrowd":0,"segmentation":[]},
 {"id":4,"image_id":2,"category_id":1,"bbox":[10,50,20,20],"area":400,"iscrowd":0,"segmentation":[]}]})";

Source source_of(std::string_view json) {
  auto tree = std::make_unique<MemoryTree>();
  REQUIRE(tree->write("instances.json", json));
  Source s;
  s.format = find_format("coco");
  auto reading = s.format->read(*tree, {});
  REQUIRE(reading);
  s.dataset = std::move(reading->dataset);
  s.tree = std::move(tree);
  return s;
}

Suspect suspect(std::string_view code, std::uint32_t image, std::uint32_t annotation, double score) {
  return {.code = code,
          .image = ImageIndex{image},
          .annotation = annotation == 0 ? none<AnnotationIndex> : AnnotationIndex{annotation - 1},
          .score = score,
          .proposed = CategoryIndex{1}};
}

/// All four annotations, and an object that the first image lacks.
Suspects all_suspects() {
  Suspects s;
  s.rows = {suspect("LBL130", 0, 0, 0.9), suspect("LBL131", 0, 1, 0.9), suspect("LBL131", 0, 2, 0.8),
            suspect("LBL131", 0, 3, 0.7), suspect("LBL131", 1, 4, 0.6)};
  s.rows.front().box = {150, 40, 30, 30};
  return s;
}

struct Sent {
  std::string queue, written;  // the document; the file that the tool is given
};
Sent sent() {
  Source s = source_of(labels);
  const auto report = queue(s, all_suspects());
  REQUIRE(report);
  MemoryTree out;
  REQUIRE(s.format->write(s.dataset, *s.tree, out, {}));
  const auto list = out.list();
  const auto json = std::find_if(list.begin(), list.end(), [](std::string_view f) { return f.ends_with(".json"); });
  REQUIRE(json != list.end());
  return {report->document, std::string(std::string_view(*out.read(*json)))};
}

/// The first place of a text becomes another one.
std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CAPTURE(from);
  CAPTURE(text);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}
/// The record of an annotation in the written file, with its braces.
std::string record(const std::string& text, int id) {
  const std::size_t at = text.find("\"bbox\"") == std::string::npos ? 0 : text.find("\"annotations\"");
  const std::size_t mark = text.find("\"id\":" + std::to_string(id) + ",", at);
  REQUIRE(mark != std::string::npos);
  const std::size_t begin = text.rfind('{', mark);
  std::size_t end = begin, depth = 0;
  do {
    if (text[end] == '{') ++depth;
    if (text[end] == '}') --depth;
    ++end;
  } while (depth > 0);
  return text.substr(begin, end - begin);
}

std::string without(const std::string& text, int id) {
  const std::string was = record(text, id);
  const std::size_t at = text.find(was), end = at + was.size();
  if (text[end] == ',') return with(text, was + ",", "");
  const std::size_t comma = text.rfind(',', at);
  return text.substr(0, comma) + text.substr(end);
}

Result<ReviewReport> reviewed(Source& s, const Sent& out, const std::string& exported, bool all = false) {
  const Source e = source_of(exported);
  return review(s, e, out.queue, {.all_looked_at = all});
}
Told told(const ReviewReport& r, std::uint64_t rank) { return r.taken.items[rank - 1].told; }

std::string mark(const std::string& written, int id, std::string_view word) {
  const std::string was = record(written, id);
  return with(written, was, with(was, "\"vetset_review\":\"open\"", "\"vetset_review\":\"" + std::string(word) + "\""));
}

}  // namespace

TEST_CASE("a queue hands over the images of its items, with every label, a key on each, and the proposals") {
  Source s = source_of(labels);
  const auto report = queue(s, all_suspects());
  REQUIRE(report);
  CHECK(s.dataset.images.size() == 2);  // the third has nothing to look at
  CHECK(s.dataset.annotations.size() == 5);
  CHECK(s.dataset.annotations[4].box == Box{150, 40, 30, 30});
  REQUIRE(report->queue.items.size() == 5);
  CHECK(report->queue.items.front().codes.front() == "LBL130");
  CHECK(!report->queue.items.front().object);
  CHECK(report->queue.items[1].annotation == "1");
  CHECK(report->queue.items[1].proposed == "dog");
  CHECK(s.steps.back().name == "queue");
  for (std::size_t n = 0; n < s.dataset.annotations.size(); ++n)
    CHECK(s.dataset.attributes_of(Owner::annotation, n).size() >= 3);
}

TEST_CASE("what comes back as it was sent is untouched, and changes nothing") {
  const Sent out = sent();
  Source s = source_of(labels);
  const std::string before = canonical(s.dataset);
  const auto r = reviewed(s, out, out.written);
  REQUIRE(r);
  CHECK(r->told[static_cast<std::size_t>(Told::untouched)] == 5);
  CHECK(r->errors.answers == 0);
  CHECK(r->chances.empty());
  CHECK(r->taken.not_taken.empty());
  CHECK(canonical(s.dataset) == before);
}

TEST_CASE("marks, other classes, other places, removals and kept proposals are told and taken over") {
  const Sent out = sent();
  std::string e = mark(out.written, 2, "right");
  e = with(e, record(e, 1), with(record(e, 1), "\"category_id\":1", "\"category_id\":2"));
  e = with(e, record(e, 4), with(record(e, 4), "[10,50,20,20]", "[12,50,40,20]"));
  e = without(e, 3);
  e = mark(e, 5, "right");
  Source s = source_of(labels);
  const auto r = reviewed(s, out, e);
  REQUIRE(r);
  CHECK(told(*r, 1) == Told::added);
  CHECK(told(*r, 2) == Told::changed);
  CHECK(told(*r, 3) == Told::confirmed);
  CHECK(told(*r, 4) == Told::removed);
  CHECK(told(*r, 5) == Told::changed);
  CHECK(r->errors.answers == 5);
  CHECK(r->errors.errors == 4);
  CHECK(r->errors.total == 4);
  const Dataset& d = s.dataset;
  REQUIRE(d.annotations.size() == 4);
  CHECK(d.annotations[0].category == CategoryIndex{1});
  CHECK(d.annotations[1].category == CategoryIndex{0});
  CHECK(d.annotations[2].box == Box{12, 50, 40, 20});
  CHECK(d.area(AnnotationIndex{2}) == 800);
  CHECK(d.annotations[3].box == Box{150, 40, 30, 30});
  CHECK(d.id_json(d.annotation_ids, 3) == "5");
  CHECK(d.attributes.empty());  // keys and marks were the tool's
  CHECK(!d.inconsistency());
  const auto document = Json::parse(r->document);
  REQUIRE(document);
  CHECK(document->at("edits").elements().size() == 3);
  CHECK(document->at("added").elements().size() == 1);
}

TEST_CASE("a proposal that is gone was looked at; with a whole look, what stayed is right or an object") {
  const Sent out = sent();
  Source s = source_of(labels);
  const auto r = reviewed(s, out, without(out.written, 5));
  REQUIRE(r);
  CHECK(told(*r, 1) == Told::confirmed);
  CHECK(s.dataset.annotations.size() == 4);
  Source t = source_of(labels);
  const auto whole = reviewed(t, out, out.written, true);
  REQUIRE(whole);
  CHECK(told(*whole, 1) == Told::added);
  CHECK(whole->told[static_cast<std::size_t>(Told::confirmed)] == 4);
  CHECK(t.dataset.annotations.size() == 5);
}

TEST_CASE("marked as wrong and left as it was is an error that nobody mended") {
  const Sent out = sent();
  Source s = source_of(labels);
  const auto r = reviewed(s, out, mark(mark(out.written, 1, "wrong"), 5, "wrong"));
  REQUIRE(r);
  CHECK(told(*r, 2) == Told::wrong);
  CHECK(told(*r, 1) == Told::confirmed);  // there is nothing
  CHECK(r->errors.errors == 1);
}

TEST_CASE("a tool that forgets attributes and ids is followed by class and place") {
  const Sent out = sent();
  std::string e = out.written;
  for (int id = 1; id <= 5; ++id) {
    const std::string was = record(e, id);
    const std::size_t begin = was.find("\"attributes\":"), end = was.find('}', begin);
    std::string bare = was.substr(0, begin) + was.substr(end + 1);
    if (const std::size_t comma = bare.find(",}"); comma != std::string::npos) bare.erase(comma, 1);
    if (const std::size_t comma = bare.find(",,"); comma != std::string::npos) bare.erase(comma, 1);
    if (id == 1) bare = with(bare, "\"category_id\":1", "\"category_id\":2");
    e = with(e, was, with(bare, "\"id\":" + std::to_string(id) + ",", "\"id\":" + std::to_string(100 - id) + ","));
  }
  Source s = source_of(labels);
  const auto r = reviewed(s, out, e);
  REQUIRE(r);
  CHECK(r->taken.by_key == 0);
  CHECK(r->taken.by_place == 5);
  CHECK(told(*r, 2) == Told::changed);
  CHECK(r->told[static_cast<std::size_t>(Told::untouched)] == 4);
}

TEST_CASE("what cannot be taken over is named: a class of nobody, a key of nobody, an image of nobody, all gone") {
  const Sent out = sent();
  SUBCASE("a class") {
    std::string e = with(out.written, "\"name\":\"dog\"", "\"name\":\"wolf\"");
    Source s = source_of(labels);
    const auto r = reviewed(s, out, e);
    REQUIRE(r);
    CHECK(told(*r, 4) == Told::conflict);
    CHECK(r->taken.items[3].why == "has the class 'wolf', which the dataset does not have");
    CHECK(s.dataset.annotations[2].category == CategoryIndex{1});
  }
  SUBCASE("a key") {
    const std::string was = record(out.written, 4);
    const std::size_t key = was.find("\"vetset_key\":\"") + 14;
    std::string other = was;
    other.replace(key, 4, "zzzz");
    Source s = source_of(labels);
    const auto r = reviewed(s, out, with(out.written, was, other));
    REQUIRE(r);
    REQUIRE(r->taken.not_taken.size() == 1);
    CHECK(r->taken.not_taken.front().why.find("which this queue did not hand over") != std::string::npos);
  }
  SUBCASE("all objects of an image") {
    std::string e = out.written;
    for (int id = 1; id <= 3; ++id) e = without(e, id);
    e = without(e, 5);
    Source s = source_of(labels);
    const auto r = reviewed(s, out, e);
    REQUIRE(r);
    for (const std::uint64_t rank : {2U, 3U, 4U}) CHECK(told(*r, rank) == Told::conflict);
    CHECK(s.dataset.annotations.size() == 4);
  }
  SUBCASE("an image that did not come back") {
    std::string e = with(out.written, "\"b.jpg\"", "\"other.jpg\"");
    Source s = source_of(labels);
    const auto r = reviewed(s, out, e);
    REQUIRE(r);
    CHECK(r->taken.images_missing == 1);
    CHECK(told(*r, 5) == Told::untouched);
    CHECK(r->taken.items[4].why == "its image is not in the export");
    CHECK(r->taken.not_taken.size() == 1);
  }
}

TEST_CASE("of what several people drew nothing is taken, and predictions that come along are looked past") {
  const Sent out = sent();
  for (const std::string_view layer : {"prediction: v1", "ann"}) {
    Source s = source_of(labels), e = source_of(out.written);
    Dataset more;
    more.annotations.push_back(e.dataset.annotations[0]);
    more.annotations.back().shape = none<ShapeIndex>;
    more.annotations.back().layer = 1;
    more.layers = {"", std::string(layer)};
    e.dataset.append_annotations(std::move(more));
    const auto r = review(s, e, out.queue);
    REQUIRE(r);
    const bool person = layer == "ann";
    CHECK(r->told[static_cast<std::size_t>(Told::conflict)] == (person ? 4 : 0));
    CHECK(r->told[static_cast<std::size_t>(Told::untouched)] == (person ? 1 : 5));
    CHECK(s.dataset.annotations.size() == 4);
  }
}

TEST_CASE("a pasted copy is a new object, and the original keeps its key") {
  const Sent out = sent();
  const std::string was = record(out.written, 1);
  std::string copy = with(with(was, "[10,10,20,20]", "[10,70,20,20]"), "\"id\":1,", "\"id\":77,");
  Source s = source_of(labels);
  const auto r = reviewed(s, out, with(out.written, was, copy + "," + was));
  REQUIRE(r);
  CHECK(told(*r, 2) == Told::untouched);
  CHECK(r->beside == 1);
  REQUIRE(s.dataset.annotations.size() == 5);
  CHECK(s.dataset.annotations[4].box == Box{10, 70, 20, 20});
}

TEST_CASE("a queue of other labels, and an export of other images, are refused") {
  const Sent out = sent();
  Source other = source_of(with(labels, "[60,10,20,20]", "[61,10,20,20]"));
  const auto r = reviewed(other, out, out.written);
  REQUIRE(!r);
  CHECK(r.error().code == Code::refused);
  CHECK(r.error().message.starts_with("the queue is of other labels"));
  Source s = source_of(labels);
  const auto none_of_it = reviewed(s, out, with(with(labels, "a.jpg", "x.jpg"), "b.jpg", "y.jpg"));
  REQUIRE(!none_of_it);
  CHECK(none_of_it.error().message == "none of the 2 images that were handed over is in the export");
  Source t = source_of(labels);
  CHECK(!queue(t, Suspects{}));
}

namespace {

constexpr const char* labels_in_parts = R"({
"images":[{"id":1,"file_name":"a.jpg","width":200,"height":100}],
"categories":[{"id":1,"name":"cat"},{"id":2,"name":"dog"}],
"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,50,20],"area":400,"iscrowd":0,
  "segmentation":[[10,10,30,10,10,30],[40,10,60,10,40,30]]}]})";

struct InTool {
  std::string queue, xml;
};
/// What CVAT is given of one object of two parts: two polygons with one key.
InTool given_to_cvat() {
  Source s = source_of(labels_in_parts);
  Suspects suspects;
  suspects.rows = {suspect("LBL131", 0, 1, 0.9)};
  const auto report = queue(s, suspects);
  REQUIRE(report);
  MemoryTree out;
  WriteOptions options;
  options.policies[Decision::parts] = Policy::split;
  REQUIRE(find_format("cvat")->write(s.dataset, *s.tree, out, options));
  return {report->document, std::string(std::string_view(*out.read("annotations.xml")))};
}

Result<ReviewReport> reviewed_in_cvat(Source& s, const InTool& tool, const std::string& xml) {
  auto tree = std::make_unique<MemoryTree>();
  REQUIRE(tree->write("annotations.xml", xml));
  Source e;
  e.format = find_format("cvat");
  auto reading = e.format->read(*tree, {});
  REQUIRE(reading);
  e.dataset = std::move(reading->dataset);
  e.tree = std::move(tree);
  return review(s, e, tool.queue, {});
}

std::vector<std::vector<double>> rings_of_first(const Dataset& d) {
  std::vector<std::vector<double>> rings;
  for (const Ring& ring : d.rings_of(*d.find_shape(d.annotations[0], ShapeKind::polygon)))
    rings.emplace_back(d.coordinates_of(ring).begin(), d.coordinates_of(ring).end());
  return rings;
}

}  // namespace

TEST_CASE("an object of several parts is followed through a tool that draws them one by one") {
  const InTool tool = given_to_cvat();
  REQUIRE(tool.xml.find("<polygon", tool.xml.find("<polygon") + 1) != std::string::npos);
  Source s = source_of(labels_in_parts);
  SUBCASE("left as it was") {
    const auto r = reviewed_in_cvat(s, tool, tool.xml);
    REQUIRE(r);
    CHECK(told(*r, 1) == Told::untouched);
  }
  SUBCASE("one part moved: the outline follows, and so does the box that was stated around it") {
    const std::size_t at = tool.xml.find("points=", tool.xml.find("<polygon", tool.xml.find("<polygon") + 1));
    std::string xml = tool.xml;
    xml.replace(at, xml.find('"', at + 8) + 1 - at, "points=\"70,10;90,10;70,30\"");
    const auto r = reviewed_in_cvat(s, tool, xml);
    REQUIRE(r);
    CHECK(told(*r, 1) == Told::changed);
    CHECK(rings_of_first(s.dataset) ==
          std::vector<std::vector<double>>{{10, 10, 30, 10, 10, 30}, {70, 10, 90, 10, 70, 30}});
    CHECK(s.dataset.annotations[0].box == Box{10, 10, 80, 20});
  }
  SUBCASE("one part gone") {
    const std::size_t at = tool.xml.rfind("<polygon");
    std::string xml = tool.xml;
    xml.erase(at, xml.find("</polygon>", at) + 10 - at);
    const auto r = reviewed_in_cvat(s, tool, xml);
    REQUIRE(r);
    CHECK(told(*r, 1) == Told::changed);
    CHECK(rings_of_first(s.dataset) == std::vector<std::vector<double>>{{10, 10, 30, 10, 10, 30}});
  }
  SUBCASE("both parts get another class") {
    std::string xml = tool.xml;
    for (std::size_t at = 0; (at = xml.find("<polygon label=\"cat\"", at)) != std::string::npos; ++at)
      xml.replace(at, 20, "<polygon label=\"dog\"");
    const auto r = reviewed_in_cvat(s, tool, xml);
    REQUIRE(r);
    CHECK(told(*r, 1) == Told::changed);
    CHECK(s.dataset.annotations[0].category == CategoryIndex{1});
    CHECK(rings_of_first(s.dataset).size() == 2);
  }
  SUBCASE("one part gets another class: nobody knows which object is meant") {
    const auto r = reviewed_in_cvat(s, tool, with(tool.xml, "<polygon label=\"cat\"", "<polygon label=\"dog\""));
    REQUIRE(r);
    CHECK(told(*r, 1) == Told::conflict);
    CHECK(r->taken.items[0].why.find("different classes") != std::string::npos);
  }
}
