// Label Studio: turned boxes, brushes, several annotators, predictions, regions of several results, and references.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/formats/tool_files.h"
#include "vetset/base/json.h"
#include "vetset/formats/labelstudio/labelstudio.h"

using namespace vetset;

namespace {

const std::string config =
    "<View><Image name=\"image\" value=\"$image\"/><RectangleLabels name=\"label\" toName=\"image\">"
    "<Label value=\"car\" category=\"3\"/><Label value=\"person\" vetset_points='[\"nose\",\"tail\"]'/>"
    "</RectangleLabels></View>";

Reading read(const Tree& tree, const ReadOptions& options = {}) { return read_as("labelstudio", tree, options); }
std::string result(std::string_view id, std::string_view type, std::string_view value, std::string_view more = {}) {
  return "{\"id\":\"" + std::string(id) + "\",\"type\":\"" + std::string(type) +
         "\",\"from_name\":\"label\",\"to_name\":\"image\",\"original_width\":200,\"original_height\":100," +
         "\"image_rotation\":0,\"value\":" + std::string(value) + std::string(more) + "}";
}
const std::string box_value = R"({"x":10,"y":20,"width":30,"height":40,"rotation":0,"rectanglelabels":["car"]})";
std::string task(std::string_view annotations, std::string_view predictions = "[]",
                 std::string_view data = R"({"image":"/data/upload/7/1f2e3d4c-a.png"})") {
  return "[{\"id\":11,\"data\":" + std::string(data) + ",\"annotations\":" + std::string(annotations) +
         ",\"predictions\":" + std::string(predictions) + ",\"file_upload\":\"a.png\"}]";
}
MemoryTree tree_of(std::string text) {
  return MemoryTree{{"tasks.json", std::move(text)}, {"label_config.xml", config}, {"images/a.png", png}};
}
Reading read_results(const std::string& results) { return read(tree_of(task("[{\"result\":[" + results + "]}]"))); }
MemoryTree rewritten(const Dataset& d, const Tree& media) { return rewritten_as("labelstudio", d, media); }

}  // namespace

TEST_CASE("labelstudio: percents are of the image, and a box turns about its corner") {
  const Reading r = read_results(
      result("a", "rectanglelabels", box_value) + "," +
      result("b", "rectanglelabels",
             R"({"x":50,"y":50,"width":10,"height":10,"rotation":90,"rectanglelabels":["car"]})") +
      "," + result("c", "ellipselabels", R"({"x":50,"y":50,"radiusX":10,"radiusY":20,"ellipselabels":["car"]})") + "," +
      result("d", "polygonlabels", R"({"points":[[0,0],[50,0],[50,50]],"polygonlabels":["person"]})") + "," +
      result("e", "keypointlabels", R"({"x":5,"y":6,"width":0.5,"keypointlabels":["car"]})"));
  const Dataset& d = r.dataset;
  REQUIRE(d.annotations.size() == 5);
  CHECK(d.annotations[0].box == Box{20, 20, 60, 40});
  // A box of 20 by 10 pixels at (100, 50), turned by a right angle: to the left and below of that corner.
  CHECK(d.annotations[1].kind == Kind::rotated_box);
  CHECK(d.annotations[1].box.x == doctest::Approx(90));
  CHECK(d.annotations[1].box.y == doctest::Approx(50));
  CHECK(d.annotations[1].box.width == doctest::Approx(10));
  CHECK(d.annotations[1].box.height == doctest::Approx(20));
  CHECK(d.annotations[2].box == Box{80, 30, 40, 40});
  CHECK(d.annotations[3].box == Box{0, 0, 100, 50});
  CHECK(d.annotations[4].kind == Kind::point);
  CHECK(d.path(ImageIndex{0}) == "images/a.png");
  CHECK(d.category_ids[0] == 3);
}

TEST_CASE("labelstudio: brushes come back to the pixel") {
  std::vector<std::uint8_t> ones(200 * 100);
  for (std::size_t i = 0; i < ones.size(); ++i) ones[i] = (i / 7 + i / 200) % 3 == 0 ? 1 : 0;
  const auto packed = labelstudio_parts::pack_brush(ones);
  const auto back = labelstudio_parts::read_brush(packed, 200, 100, {});
  REQUIRE(back);
  CHECK(*back == ones);
  CHECK_FALSE(labelstudio_parts::read_brush(packed, 200, 99, {}));
  CHECK_FALSE(labelstudio_parts::read_brush(std::span(packed).first(packed.size() / 2), 200, 100, {}));
}

TEST_CASE("labelstudio: a brush of another encoder is read: words one by one and in runs") {
  // Two pixels, the second painted: rle-pack with counts of 3, 4, 8 and 16 bits; four zeros in a run, then four words.
  std::vector<std::uint8_t> bytes;
  std::string bits;
  const auto put = [&](unsigned value, int width) {
    for (int k = width - 1; k >= 0; --k) bits += (value >> k & 1U) != 0 ? '1' : '0';
  };
  put(8, 32), put(7, 5), put(2, 4), put(3, 4), put(7, 4), put(15, 4);
  put(1, 1), put(0, 2), put(3, 3), put(0, 8);
  put(0, 1), put(0, 2), put(3, 3);
  for (const unsigned word : {0U, 128U, 255U, 255U}) put(word, 8);
  for (std::size_t at = 0; at < bits.size(); at += 8)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi((bits + "00000000").substr(at, 8), nullptr, 2)));
  const auto ones = labelstudio_parts::read_brush(bytes, 2, 1, {});
  REQUIRE(ones);
  CHECK(*ones == std::vector<std::uint8_t>{0, 1});
}

TEST_CASE("labelstudio: annotators and models are layers, never merged") {
  const std::string one = result("a", "rectanglelabels", box_value);
  const Reading r = read(
      tree_of(task(R"([{"completed_by":{"id":1,"email":"anna@example.org"},"lead_time":7.5,"result":[)" + one +
                       R"(]},{"completed_by":4,"result":[)" + one + R"(]},{"completed_by":4,"result":[)" + one + "]}]",
                   R"([{"model_version":"m1","score":0.7,"result":[)" +
                       result("a", "rectanglelabels", box_value, ",\"score\":0.25") + "]}]")));
  const Dataset& d = r.dataset;
  REQUIRE(d.annotations.size() == 4);
  CHECK(d.layers == std::vector<std::string>{"", "anna@example.org", "4", "4 (2)", "prediction: m1"});
  CHECK(d.score(AnnotationIndex{3}) == 0.25);
  const MemoryTree out = rewritten(d, tree_of("[]"));
  const std::string text(out.read("tasks.json")->text());
  CHECK(text.find("\"lead_time\":7.5") != std::string::npos);
  CHECK(text.find("/data/upload/7/1f2e3d4c-a.png") != std::string::npos);
  const Reading again = read(out);
  CHECK(again.dataset.layers == d.layers);
  CHECK(again.dataset.annotations.size() == 4);
}

TEST_CASE("labelstudio: skipped, empty and open tasks are three states") {
  const auto state = [](std::string_view annotations) {
    return read(tree_of(task(annotations))).dataset.images[0].state;
  };
  CHECK(state("[]") == ImageState::unlabelled);
  CHECK(state(R"([{"result":[]}])") == ImageState::labelled_empty);
  CHECK(state(R"([{"was_cancelled":true,"result":[]}])") == ImageState::skipped);
  CHECK(state("[{\"result\":[" + result("a", "rectanglelabels", box_value) + "]}]") == ImageState::labelled);
}

TEST_CASE("labelstudio: several results of one id are one region") {
  const Reading r = read_results(
      result("a", "rectanglelabels", box_value, R"(,"meta":{"text":["blurred"]})") + "," +
      R"({"id":"a","type":"choices","from_name":"colour","to_name":"image","value":{"choices":["red"]}})" + "," +
      R"({"id":"a","type":"textarea","from_name":"plate","to_name":"image","value":{"text":["AB 12"]}})");
  const Dataset& d = r.dataset;
  REQUIRE(d.annotations.size() == 1);
  REQUIRE(d.attributes.size() == 2);
  CHECK(d.text(d.attributes[1].key) == "colour");
  CHECK(d.text(d.attributes[1].value) == "\"red\"");
  REQUIRE(d.text_rows.size() == 1);
  CHECK(d.text_rows[0].role == TextRole::transcription);
  const std::string text(rewritten(d, tree_of("[]")).read("tasks.json")->text());
  CHECK(text.find("\"from_name\":\"colour\"") != std::string::npos);
  CHECK(text.find("\"from_name\":\"plate\"") != std::string::npos);
}

TEST_CASE("labelstudio: a region of two labels keeps both") {
  const Reading r = read_results(
      result("a", "rectanglelabels", R"({"x":1,"y":2,"width":3,"height":4,"rectanglelabels":["car","person"]})"));
  REQUIRE(r.dataset.annotations.size() == 1);
  REQUIRE(r.dataset.attributes.size() == 1);
  CHECK(r.dataset.text(r.dataset.attributes[0].value) == R"(["car","person"])");
  CHECK(rewritten(r.dataset, tree_of("[]")).read("tasks.json")->text().find(R"(["car","person"])") !=
        std::string_view::npos);
}

TEST_CASE("labelstudio: points that name their box as parent are its keypoints") {
  const Reading r = read_results(
      result("a", "rectanglelabels", R"({"x":1,"y":2,"width":30,"height":40,"rectanglelabels":["person"]})") + "," +
      result("p", "keypointlabels", R"({"x":10,"y":20,"keypointlabels":["tail"]})", ",\"parentID\":\"a\"") + "," +
      result("q", "keypointlabels", R"({"x":5,"y":6,"keypointlabels":["nose"]})", ",\"parentID\":\"a\""));
  const Dataset& d = r.dataset;
  REQUIRE(d.annotations.size() == 1);
  CHECK(d.annotations[0].kind == Kind::keypoints);
  const auto n = d.numbers_of(*d.find_shape(d.annotations[0], ShapeKind::keypoints));
  CHECK(std::vector<double>(n.begin(), n.end()) == std::vector<double>{10, 6, 2, 20, 20, 2});
}

TEST_CASE("labelstudio: choices and texts of the image are tags and captions") {
  const Reading r = read_results(
      R"({"id":"a","type":"choices","from_name":"class","to_name":"image","value":{"choices":["night","rain"]}},)"
      R"({"id":"b","type":"textarea","from_name":"caption","to_name":"image","value":{"text":["a wet street"]}})");
  const Dataset& d = r.dataset;
  REQUIRE(d.annotations.size() == 3);
  CHECK(d.annotations[0].kind == Kind::tag);
  CHECK(d[d.annotations[1].category].name == "rain");
  CHECK(d.annotations[2].kind == Kind::caption);
}

TEST_CASE("labelstudio: a faulty result is a finding with its place and stays in the file") {
  const std::string text =
      task("[{\"result\":[" + result("a", "rectanglelabels", R"({"x":"?","y":2,"width":3,"height":4})") + "]}]");
  const Reading r = read(tree_of(text));
  CHECK(count(r, "FMT401") == 1);
  CHECK(r.dataset.annotations.empty());
  CHECK(std::get<Place>(r.findings.all().front().where).offset == text.find("{\"id\":\"a\""));
  CHECK(rewritten(r.dataset, tree_of("[]")).read("tasks.json")->text().find("\"x\":\"?\"") != std::string_view::npos);
}

TEST_CASE("labelstudio: broken JSON says where, and any beginning of a file can be read or refused") {
  const std::string whole = task("[{\"result\":[" + result("a", "rectanglelabels", box_value) + "]}]");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto any = find_format("labelstudio")->read(tree_of(whole.substr(0, size)), {.only = "tasks.json"});
    if (any) CHECK_FALSE(any->dataset.inconsistency());
    if (!any) CHECK(any.error().code != Code::defect);
  }
}

TEST_CASE("labelstudio: references name their images") {
  using labelstudio_parts::path_of_reference;
  CHECK(path_of_reference("/data/local-files/?d=street/a%20b.jpg") == "street/a b.jpg");
  CHECK(path_of_reference("/data/upload/7/1f2e3d4c-a.jpg") == "images/1f2e3d4c-a.jpg");
  CHECK(path_of_reference("s3://bucket/x/a.jpg") == "images/a.jpg");
  CHECK(path_of_reference("https://example.org/x/a.jpg?sig=1") == "images/a.jpg");
  CHECK(path_of_reference("/data/local-files/?d=../../etc/passwd") == "images/passwd");
  CHECK(labelstudio_parts::reference_to("images/a b.jpg") == "/data/local-files/?d=images/a%20b.jpg");
}
