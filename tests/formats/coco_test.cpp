// The COCO reader and writer: what documents say is kept as they say it, and comes back.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/convert/convert.h"
#include "vetset/formats/coco/coco.h"

using namespace vetset;

namespace {

constexpr std::string_view images = R"("images":[{"id":1,"file_name":"a.jpg","width":10,"height":8}])";
constexpr std::string_view categories = R"("categories":[{"id":3,"name":"cat"}])";

/// A document of one image and one category around these annotations.
std::string document(std::string_view annotations) {
  return "{" + std::string(images) + "," + std::string(categories) + ",\"annotations\":[" + std::string(annotations) +
         "]}";
}

Reading read(const MemoryTree& tree, const ReadOptions& options = {}) {
  auto reading = read_coco(tree, options);
  if (!reading) FAIL(to_string(reading.error()));
  CHECK_FALSE(reading->dataset.inconsistency());
  return *std::move(reading);
}

Reading read(std::string_view annotations) { return read(MemoryTree{{"x.json", document(annotations)}}); }

/// What the dataset is written as, one document.
std::string written(const Dataset& d, std::string_view path) {
  MemoryTree out;
  const auto emission = write_coco(d, MemoryTree{}, out, {.images = ImagesMode::none});
  REQUIRE(emission);
  REQUIRE(out.contains(path));
  return std::string(out.read(path)->text());
}

/// One annotation, read and written again.
std::string again(std::string_view annotation) {
  const std::string text = written(read(annotation).dataset, "x.json");
  const std::size_t begin = text.find("\"annotations\":[\n") + 16;
  return text.substr(begin, text.find("\n]", begin) - begin);
}

bool has(const Reading& reading, std::string_view code, std::string_view message) {
  const auto& all = reading.findings.all();
  return std::any_of(all.begin(), all.end(),
                     [&](const Finding& f) { return f.code == code && f.message.find(message) != std::string::npos; });
}

bool has_note(const Reading& reading, std::string_view words) {
  return std::any_of(reading.notes.begin(), reading.notes.end(),
                     [&](const std::string& n) { return n.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("coco: a record comes back with its keys in order and its numbers as they were spelled") {
  for (const std::string_view record : {
           R"({"id":7,"image_id":1,"category_id":3,"bbox":[1,2.5,3,4.125],"area":12.5,"iscrowd":0})",
           R"({"id":7000000001,"image_id":1,"bbox":[1.0,2.50,3e0,-0],"segmentation":[[1,2,3,4.0,5,6],[0,0,1,0,1,1]]})",
           R"({"id":"a7","image_id":1,"category_id":3,"segmentation":{"size":[2,3],"counts":[1,2,3]},"iscrowd":1})",
           R"({"id":12345678901234567890,"image_id":1,"segmentation":{"size":[2,3],"counts":"123"}})",
           R"({"id":1.0,"image_id":1,"segmentation":[]})",
           R"({"image_id":1,"segmentation":null})",
           R"({"id":null,"image_id":1,"segmentation":[[]]})",
           R"({"id":1,"image_id":1,"segmentation":[1,2,3,4,5,6]})",
           R"({"id":1,"image_id":1,"keypoints":[1,2,2,0,0,0],"num_keypoints":1})",
           R"({"id":1,"image_id":1,"caption":"two \"cats\"\nand é","score":0.50,"track_id":"t1"})",
           R"({"id":1,"image_id":1,"attributes":{"occluded":true,"pose":{"yaw": 1.50}},"ignore":0})",
           R"({"id":1,"image_id":1,"attributes":{}})",
           R"({"id":1,"image_id":99,"category_id":"unknown"})",
           R"({"id":1,"bbox":"0 0 1 1","area":"12","iscrowd":true,"score":null})",
           R"({"id":1,"image_id":1,"bbox":[1,2,3]})",
           R"({"id":1,"image_id":1,"segmentation":"none","keypoints":[1,2]})",
           R"({"id":1,"image_id":1.0,"category_id":3.0})",
           R"({"id":1,"image_id":1,"segmentation":[[1,NaN,3,4,5,-Infinity]],"area":Infinity})",
           R"({"id":1,"image_id":1,"caption":"lone \ud83d surrogate"})",
       }) {
    CAPTURE(record);
    CHECK(again(record) == record);
  }
}

TEST_CASE("coco: numbers follow the style of their document, and the others are remembered") {
  const std::string record = R"({"id":1,"image_id":1,"category_id":3,"bbox":[1.0,2.0,3.5,4.0],"area":5.00})";
  const Reading reading = read(record + "," + R"({"id":2,"image_id":1,"bbox":[1.0,2,3.25,4.0],"area":6.25})");
  CHECK(reading.dataset.splits[0].styles[static_cast<std::size_t>(StyledField::box)] == NumberStyle{.decimals = 1});
  CHECK(reading.dataset.splits[0].styles[static_cast<std::size_t>(StyledField::area)] ==
        NumberStyle{.decimals = 2, .fixed = true});
  REQUIRE(reading.dataset.lexemes.size() == 1);
  CHECK(reading.dataset.lexemes[0].annotation == AnnotationIndex{1});
  CHECK(reading.dataset.lexemes[0].slot == 1);
  CHECK(reading.dataset.text(reading.dataset.lexemes[0].text) == "2");
}

TEST_CASE("coco: crowd is yes, no or not said, and what is neither 0 nor 1 is a finding") {
  const Reading reading = read(R"({"iscrowd":1},{"iscrowd":0},{},{"iscrowd":true},{"iscrowd":2})");
  const auto crowd = [&](std::size_t i) { return reading.dataset.annotations[i].flags[Flag::crowd]; };
  CHECK(crowd(0) == Tristate::yes);
  CHECK(crowd(1) == Tristate::no);
  CHECK(crowd(2) == Tristate::not_said);
  CHECK(crowd(3) == Tristate::yes);
  CHECK(crowd(4) == Tristate::not_said);
  CHECK(has(reading, "FMT413", "iscrowd is true"));
  CHECK(has(reading, "FMT413", "iscrowd is 2"));
}

TEST_CASE("coco: an RLE that cannot be right is kept as it is, and told") {
  for (const std::string_view rle :
       {R"({"size":[2,3],"counts":[1,2]})", R"({"size":[2,3],"counts":[7,-1]})", R"({"size":[2,3],"counts":"1~"})",
        R"({"size":[2],"counts":[6]})", R"({"counts":[6]})", R"({"size":[2,3],"counts":[1.5,4.5]})"}) {
    CAPTURE(rle);
    const std::string record = R"({"id":1,"image_id":1,"segmentation":)" + std::string(rle) + "}";
    const Reading reading = read(record);
    CHECK(reading.dataset.masks.empty());
    CHECK(has(reading, "FMT412", "RLE"));
    CHECK(again(record) == record);
  }
}

TEST_CASE("coco: references that name nothing stay what they were, with a finding") {
  const Reading reading = read(R"({"id":1,"image_id":99,"category_id":3},{"id":2,"image_id":"1"},{"id":3})");
  const Dataset& d = reading.dataset;
  CHECK(d.annotations[0].image == none<ImageIndex>);
  CHECK(d.annotations[0].category == CategoryIndex{0});
  REQUIRE(d.dangling.size() == 2);
  CHECK(d.text(d.dangling[1].json) == "\"1\"");
  CHECK(has(reading, "FMT402", "image_id 99 names no image"));
  CHECK(has(reading, "FMT402", "the annotation has no image_id"));
}

TEST_CASE("coco: annotations may stand before the images and categories that they name") {
  const Reading reading =
      read(MemoryTree{{"x.json", R"({"annotations":[{"id":5,"image_id":900000000000,"category_id":-4}],
      "images":[{"id":900000000000,"file_name":"a.jpg"}],"categories":[{"id":-4,"name":"c"}]})"}});
  CHECK(reading.dataset.annotations[0].image == ImageIndex{0});
  CHECK(reading.dataset.annotations[0].category == CategoryIndex{0});
}

TEST_CASE("coco: what stands twice is found") {
  const Reading reading =
      read(MemoryTree{{"x.json", R"({"images":[{"id":1,"file_name":"a.jpg"},{"id":1,"file_name":"a.jpg"}],
      "categories":[{"id":900000000000,"name":"c"},{"id":900000000000,"name":"d"}],
      "annotations":[{"id":2,"image_id":1},{"id":2,"image_id":1}]})"}});
  CHECK(has(reading, "FMT403", "image id 1 stands more than once"));
  CHECK(has(reading, "FMT403", "category id 900000000000 stands more than once"));
  CHECK(has(reading, "FMT403", "annotation id 2 stands more than once"));
  CHECK(has(reading, "FMT403", "file_name 'a.jpg' stands more than once"));
}

TEST_CASE("coco: of a key that a record repeats the last holds, as in Python") {
  const Reading reading = read(R"({"id":1,"image_id":1,"bbox":[0,0,1,1],"bbox":[2,2,1,1]})");
  CHECK(reading.dataset.annotations[0].box.x == 2);
  CHECK(has(reading, "FMT401", "more than once in the record"));
}

TEST_CASE("coco: byte-order marks, bytes that are not UTF-8 and repeated tables are told with their file") {
  const Reading bom = read(MemoryTree{{"x.json", "\xef\xbb\xbf" + document("")}});
  CHECK(has(bom, "FMT401", "byte-order mark"));
  const Reading bytes = read(R"({"id":1,"image_id":1,"caption":")"
                             "\xff"
                             R"("})");
  CHECK(has(bytes, "FMT401", "not UTF-8"));
  const Reading twice = read(MemoryTree{{"x.json", R"({"images":[{"id":1,"file_name":"a"}],"images":[]})"}});
  CHECK(has(twice, "FMT401", "\"images\" stands more than once"));
}

TEST_CASE("coco: a document that ends early is an error with its place") {
  const auto reading =
      read_coco(MemoryTree{{"x.json", "{\n\"images\":[{\"id\":1,\"file_name\":\"a.jpg\"},\n{\"id\":2,"}}, {});
  REQUIRE_FALSE(reading);
  CHECK(reading.error().code == Code::malformed);
  CHECK(reading.error().file == "x.json");
  CHECK(reading.error().line == 3);
}

TEST_CASE("coco: a document with neither images nor annotations is no dataset") {
  const auto reading = read_coco(MemoryTree{{"x.json", R"({"info":{},"categories":[]})"}}, {.only = "x.json"});
  REQUIRE_FALSE(reading);
  CHECK(reading.error().code == Code::malformed);
}

TEST_CASE("coco: a document that is cut off before its first record is told where") {
  for (const std::string text : {R"({"images":[)", R"({"images": [ {)", R"({"info":{},"images":[)"}) {
    CAPTURE(text);
    const MemoryTree tree{{"cut.json", text}};
    CHECK(detect_coco(tree).score > 0);
    const auto reading = read_coco(tree, {});
    REQUIRE_FALSE(reading);
    CHECK(reading.error().code == Code::malformed);
    CHECK(reading.error().file == "cut.json");
    CHECK(reading.error().line == 1);
    CHECK(reading.error().column > 10);
  }
  CHECK(detect_coco(MemoryTree{{"x.json", R"({"images":["a.jpg"]})"}}).score == 0);
}

TEST_CASE("coco: a broken document among good ones is a finding, and leaves nothing behind") {
  const std::string broken = document(R"({"id":1,"image_id":1,"bbox":[1,2,3,4]},{"id":2,"image_id":1 "x"})");
  const Reading reading = read(MemoryTree{{"a.json", broken}, {"b.json", document(R"({"id":9,"image_id":1})")}});
  CHECK(reading.dataset.annotations.size() == 1);
  CHECK(reading.dataset.splits.size() == 1);
  CHECK(reading.dataset.annotation_ids[0] == 9);
  CHECK(has(reading, "FMT401", "the document is left out"));
}

TEST_CASE("coco: documents of one split share images, and each keeps its own annotations") {
  const MemoryTree tree{{"annotations/instances_val.json", document(R"({"id":1,"image_id":1,"category_id":3})")},
                        {"annotations/captions_val.json",
                         "{" + std::string(images) + R"(,"annotations":[{"id":1,"image_id":1,"caption":"a cat"}]})"},
                        {"annotations/instances_train.json", document("")}};
  const Reading reading = read(tree);
  const Dataset& d = reading.dataset;
  CHECK(d.images.size() == 2);
  CHECK(d.memberships.size() == 3);
  CHECK(d.categories.size() == 1);
  CHECK(d.category_listings.size() == 2);
  CHECK(d.annotations[0].image == d.annotations[1].image);
  MemoryTree out;
  const auto proof = write_proved(d, tree, *find_format("coco"), out, out, {});
  REQUIRE(proof);
  CHECK(proof->exact());
}

TEST_CASE("coco: splits are told by the names of documents and folders") {
  const auto name = [](std::string_view path) { return coco_split_of(path).name; };
  CHECK(name("annotations/instances_train2017.json") == "train2017");
  CHECK(name("annotations/person_keypoints_val.json") == "val");
  CHECK(name("valid/_annotations.coco.json") == "valid");
  CHECK(name("annotations/instances.json").empty());
  CHECK(name("labels.json").empty());
  CHECK(coco_split_of("annotations/instances_train2017.json").role == SplitRole::train);
  CHECK(coco_split_of("valid/_annotations.coco.json").role == SplitRole::val);
}

TEST_CASE("coco: panoptic documents and results are left aside, and said so") {
  const Reading reading =
      read(MemoryTree{{"a.json", document("")},
                      {"p.json", R"({"images":[{"id":1,"file_name":"a"}],"annotations":[{"segments_info":[]}]})"},
                      {"r.json", R"([{"image_id":1,"score":0.5}])"}});
  CHECK(reading.dataset.splits.size() == 1);
  CHECK(has_note(reading, "p.json is left aside: panoptic"));
  CHECK(has_note(reading, "r.json is left aside: a list of results"));
}

TEST_CASE("coco: detection looks at the beginning only, and tells layouts apart") {
  CHECK(detect_coco(MemoryTree{{"train/_annotations.coco.json", document("")}}).dialect == "roboflow");
  CHECK(detect_coco(MemoryTree{{"annotations/instances_train.json", document("")}, {"train/a.jpg", ""}}).dialect ==
        "mmdetection");
  CHECK(detect_coco(MemoryTree{{"gt.json", document("")}}).dialect == "plain");
  const std::string filler =
      R"({"info":{"x":")" + std::string(100'000, 'x') + R"("},"images":[{"id":1,"file_name":"a"}]})";
  CHECK(detect_coco(MemoryTree{{"late.json", filler}}).score > 0);
  CHECK(detect_coco(MemoryTree{{"package.json", R"({"name":"x"})"}}).score == 0);
  CHECK(detect_coco(MemoryTree{{"r.json", R"([{"image_id":1,"score":1}])"}}).score == 0);
}

TEST_CASE("coco: images are looked for in one order, and a name that fits two files is taken for none") {
  const auto media = [](const MemoryTree& tree) {
    const Reading reading = read(tree);
    return std::string(reading.dataset.text(reading.dataset.images[0].media));
  };
  const std::string doc = document("");
  CHECK(media({{"annotations/instances_train.json", doc}, {"annotations/a.jpg", ""}, {"a.jpg", ""}}) ==
        "annotations/a.jpg");
  CHECK(media({{"annotations/instances_train.json", doc}, {"train2017/a.jpg", ""}}) == "train2017/a.jpg");
  CHECK(media({{"annotations/instances_train.json", doc}, {"images/train/a.jpg", ""}, {"x/a.jpg", ""}}) ==
        "images/train/a.jpg");
  CHECK(media({{"annotations/instances_train.json", doc}, {"deep/down/a.jpg", ""}}) == "deep/down/a.jpg");
  const Reading two = read(MemoryTree{{"x.json", doc}, {"p/a.jpg", ""}, {"q/a.jpg", ""}});
  CHECK(two.dataset.images[0].media.empty());
  CHECK(has(two, "FMT404", "could be p/a.jpg or q/a.jpg"));
}

TEST_CASE("coco: no name leads out of the tree") {
  const MemoryTree tree{
      {"d/x.json", R"({"images":[{"id":1,"file_name":"../../etc/passwd"},{"id":2,"file_name":"/etc/passwd"},
                     {"id":3,"file_name":"..\\img\\b.jpg"},{"id":4,"file_name":"../img/c.jpg"}],"annotations":[]})"},
      {"img/b.jpg", ""},
      {"img/c.jpg", ""},
      {"etc/passwd", ""}};
  const Reading reading = read(tree);
  const auto media = [&](std::size_t i) { return reading.dataset.text(reading.dataset.images[i].media); };
  CHECK(media(0).empty());
  CHECK(media(1).empty());
  CHECK(media(2) == "img/b.jpg");
  CHECK(media(3) == "img/c.jpg");
  CHECK(reading.dataset.text(reading.dataset.images[2].path) == "..\\img\\b.jpg");
  CHECK(has(reading, "FMT417", "backslashes"));
}

TEST_CASE("coco: top-level keys, licences and image keys that nobody knows come back") {
  const std::string source = R"({
"info":{"year": 2017,"x":[1, 2.50]},
"extra":[{"a":1},{"b":2}],"note":"ä",
"licenses":[
{"id":4,"name":"CC BY","url":"u","spdx":"CC-BY-4.0"}
],
"categories":[
{"id":3,"name":"cat","supercategory":"animal","keypoints":["nose"],"skeleton":[[1,1]],"color":[1,2,3]}
],
"images":[
{"id":1,"file_name":"a.jpg","width":10,"height":8,"license":4,"coco_url":"http://x"},
{"id":2,"file_name":"b.jpg","height":8,"license":9},
{"id":3,"file_name":"c.jpg","width":10.0,"height":8}
],
"annotations":[]
}
)";
  CHECK(written(read(MemoryTree{{"x.json", source}}).dataset, "x.json") !=
        "");  // the order of odd sizes is the writer's; everything else is compared below
  MemoryTree out;
  const MemoryTree tree{{"x.json", source}};
  const auto proof = write_proved(read(tree).dataset, tree, *find_format("coco"), out, out, {});
  REQUIRE(proof);
  CHECK(proof->exact());
  const std::string text(out.read("x.json")->text());
  CHECK(text.find(R"("extra":[{"a":1},{"b":2}],"note":"ä")") != std::string::npos);
  CHECK(text.find(R"({"id":4,"name":"CC BY","url":"u","spdx":"CC-BY-4.0"})") != std::string::npos);
  CHECK(text.find(R"("license":4,"coco_url":"http://x"})") != std::string::npos);
  CHECK(text.find(R"("license":9)") != std::string::npos);
  CHECK(text.find(R"("width":10.0)") != std::string::npos);
}

TEST_CASE("coco: nothing is invented for a dataset that came from COCO") {
  const std::string text =
      written(read(R"({"image_id":1,"bbox":[0,0,4,4],"segmentation":[[0,0,4,0,4,4]]})").dataset, "x.json");
  for (const std::string_view key : {"\"area\"", "\"iscrowd\"", "\"info\"", "\"licenses\""}) {
    CAPTURE(key);
    CHECK(text.find(key) == std::string::npos);
  }
}

TEST_CASE("coco: a dataset from elsewhere gets ids, boxes, areas and iscrowd, and file names of its own") {
  Dataset d;
  d.splits.push_back({.name = "train", .role = SplitRole::train});
  d.categories.push_back({.name = "cat"});
  for (const std::string_view path : {"train/images/a.jpg", "images/train/a.jpg"}) {
    d.memberships.push_back(
        {SplitIndex{0}, to_index<ImageIndex>(d.images.size()), static_cast<std::uint32_t>(d.images.size())});
    d.images.push_back({.path = d.add_text(path), .width = 20, .height = 20, .size_origin = SizeOrigin::header});
  }
  d.coordinates.append(std::vector<double>{0, 0, 10, 0, 10, 10, 0, 10, 2, 2, 2, 4, 4, 4, 4, 2});
  d.rings.push_back({.begin = 0, .count = 8});
  d.rings.push_back({.begin = 8, .count = 8, .role = RingRole::hole});
  d.shapes.push_back({.begin = 0, .count = 2, .kind = ShapeKind::polygon});
  d.annotations.push_back(
      {.image = ImageIndex{1}, .category = CategoryIndex{0}, .shape = ShapeIndex{0}, .kind = Kind::polygon});
  REQUIRE_FALSE(d.inconsistency());
  const std::string text = written(d, "annotations/instances_train.json");
  CHECK(text.find(R"({"id":1,"file_name":"train/a.jpg","width":20,"height":20})") != std::string::npos);
  CHECK(text.find(R"({"id":2,"file_name":"images/train/a.jpg","width":20,"height":20})") != std::string::npos);
  CHECK(text.find(R"({"id":1,"name":"cat"})") != std::string::npos);
  CHECK(text.find(R"("image_id":2,"category_id":1,"bbox":[0,0,10,10],)") != std::string::npos);
  CHECK(text.find(R"("area":96,"iscrowd":0)") != std::string::npos);

  MemoryTree filled, none_left;
  WriteOptions options{.images = ImagesMode::none};
  options.policies[Decision::hole] = Policy::fill;
  REQUIRE(write_coco(d, MemoryTree{}, filled, options));
  CHECK(filled.read("annotations/instances_train.json")->text().find("[[0,0,10,0,10,10,0,10]]") !=
        std::string_view::npos);
  options.policies[Decision::hole] = Policy::drop;
  REQUIRE(write_coco(d, MemoryTree{}, none_left, options));
  CHECK(none_left.read("annotations/instances_train.json")->text().find("image_id") == std::string_view::npos);
}

TEST_CASE("coco: a hole with nothing around it is no hole, filled or not") {
  for (const bool empty_outer : {false, true}) {
    Dataset d;
    d.format = "elsewhere";
    d.splits.push_back({.name = "train"});
    d.categories.push_back({.name = "cat"});
    d.images.push_back({.path = d.add_text("a.jpg")});
    for (const double n : {2, 2, 4, 2, 4, 4}) d.coordinates.push_back(n);
    d.rings.push_back({.begin = 0, .count = 0});
    d.rings.push_back({.begin = 0, .count = 6, .role = RingRole::hole});
    d.shapes.push_back({.begin = empty_outer ? 0U : 1U, .count = empty_outer ? 2U : 1U, .kind = ShapeKind::polygon});
    d.annotations.push_back(
        {.image = ImageIndex{0}, .category = CategoryIndex{0}, .shape = ShapeIndex{0}, .kind = Kind::polygon});
    REQUIRE_FALSE(d.inconsistency());
    for (const Policy policy : {Policy::fill, Policy::bridge}) {
      MemoryTree out;
      WriteOptions options{.images = ImagesMode::none};
      options.policies[Decision::hole] = policy;
      REQUIRE(write_coco(d, MemoryTree{}, out, options));
      const Reading back = read(out);
      REQUIRE(back.dataset.annotations.size() == 1);
      CHECK(back.dataset.annotations[0].kind == Kind::polygon);
    }
  }
}

TEST_CASE("coco: the outcome does not depend on the number of threads") {
  std::string records;
  for (int i = 0; i < 20'000; ++i)
    records +=
        (i > 0 ? "," : "") + (R"({"id":)" + std::to_string(i)) +
        R"(,"image_id":1,"category_id":3,"segmentation":[[1.5,2.0,30.25,4,5,6.5,7,8]],"bbox":[1,2,3,4],"tag":")" +
        std::to_string(i * 7) + "\"}";
  const MemoryTree tree{{"x.json", document(records)}};
  const Reading one = read(tree), four = read(tree, {.pool = Pool(4)});
  CHECK(one.dataset.annotations.size() == 20'000);
  CHECK(one.dataset.annotations[19'999].order == 19'999);
  CHECK(written(one.dataset, "x.json") == written(four.dataset, "x.json"));
}

TEST_CASE("coco: a real dataset comes back without a difference") {
  const char* data = std::getenv("VETSET_DATA");
  const std::string root = data != nullptr ? data : std::string(VETSET_SOURCE_DIR) + "/../shared/data";
  for (const std::string_view name :
       {"chess-coco", "coco-eval", "coco-edge", "labelbox/coco", "datumaro-assets/coco_dataset/coco",
        "datumaro-assets/coco_dataset/mmdet_coco", "datumaro-assets/coco_dataset/coco_roboflow"}) {
    CAPTURE(name);
    const auto tree = open_folder(root + "/" + std::string(name));
    if (!tree) {
      MESSAGE("skipped 1: VETSET_DATA");
      continue;
    }
    const auto reading = read_coco(**tree, {});
    REQUIRE(reading);
    CHECK_FALSE(reading->dataset.inconsistency());
    MemoryTree out;
    const auto proof =
        write_proved(reading->dataset, **tree, *find_format("coco"), out, out, {.images = ImagesMode::none});
    REQUIRE(proof);
    CHECK(proof->exact());
  }
}
