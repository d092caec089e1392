// What pycocotools and torchvision make of a tree. The libraries themselves are asked the same in tests/judges.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "vetset/base/tree.h"
#include "vetset/check/consumer.h"

using namespace vetset;

namespace {

const std::string png(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10\x08\2\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82", 45);

ConsumerView view_of(std::string_view id, const Tree& tree) {
  for (const Consumer* consumer : consumers()) {
    if (consumer->id != id) continue;
    auto view = consumer->view(tree, Pool(1), {});
    REQUIRE(view);
    return *std::move(view);
  }
  FAIL("there is no such consumer");
  return {};
}

std::string document(const std::string& annotations, const std::string& categories = R"({"id": 1, "name": "cat"})") {
  return R"({"images": [{"id": 1, "file_name": "a.png", "width": 32, "height": 16}], "annotations": [)" + annotations +
         R"(], "categories": [)" + categories + "]}";
}

std::string annotation(const std::string& id, const std::string& more = R"("area": 4, "iscrowd": 0)") {
  return R"({"id": )" + id + R"(, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2])" +
         (more.empty() ? "" : ", " + more) + "}";
}

bool tells(const ConsumerView& view, std::string_view text) {
  return std::any_of(view.effects.begin(), view.effects.end(),
                     [&](const Effect& e) { return e.what.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("pycocotools keeps the last annotation of an id, whole fractions and truth values being numbers") {
  for (const auto& [first, second, read] :
       {std::tuple("1", "2", 2U), std::tuple("1", "1", 1U), std::tuple("1", "1.0", 1U), std::tuple("1", "true", 1U),
        std::tuple("1", "\"1\"", 2U)}) {
    CAPTURE(second);
    const MemoryTree tree{{"a.json", document(annotation(first) + ", " + annotation(second))}};
    const ConsumerView view = view_of("pycocotools", tree);
    CHECK(view.objects == 2);
    CHECK(view.objects_read == read);
    CHECK(tells(view, "with an id that comes again") == (read == 1));
  }
}

TEST_CASE("pycocotools stops an evaluation where area or iscrowd is missing, and misses id 0") {
  const auto view = [](const std::string& annotations) {
    const MemoryTree tree{{"a.json", document(annotations)}};
    return view_of("pycocotools", tree);
  };
  CHECK(view(annotation("1")).whole());
  CHECK(tells(view(annotation("1", R"("area": 4)")), "without 'iscrowd'"));
  CHECK(tells(view(annotation("1", "")), "without 'area'"));
  CHECK(tells(view(annotation("0")), "annotation id 0"));
}

TEST_CASE("pycocotools does not start on a byte order mark, a missing key, or without categories") {
  const auto refused = [](std::string text) {
    const MemoryTree tree{{"a.json", std::move(text)}};
    return view_of("pycocotools", tree).refused;
  };
  CHECK(refused(document(annotation("1"))).empty());
  CHECK(refused("\xef\xbb\xbf" + document(annotation("1"))).find("byte order mark") != std::string::npos);
  CHECK(refused(document(R"({"id": 1, "category_id": 1})")).find("'image_id' is missing") != std::string::npos);
  CHECK(refused(document(annotation("1"), "")).find("no categories") != std::string::npos);
}

TEST_CASE("CocoDetection gives what its index shows under images that can be opened") {
  const MemoryTree whole{{"a.png", png}, {"a.json", document(annotation("1"))}};
  CHECK(view_of("torchvision", whole).line() == "torchvision 0.14.1 reads 1/1 images, 1/1 objects");
  const MemoryTree missing{{"a.json", document(annotation("1"))}};
  CHECK(view_of("torchvision", missing).line() == "torchvision 0.14.1 reads 0/1 images, 0/1 objects");
}

TEST_CASE("ImageFolder passes over extensions that it does not know, and numbers each root by itself") {
  const MemoryTree tree{
      {"train/cat/a.png", png}, {"train/cat/b.gif", png}, {"train/dog/c.png", png}, {"val/dog/d.png", png}};
  const ConsumerView view = view_of("torchvision", tree);
  CHECK(view.task == "ImageFolder");
  CHECK(view.line() == "torchvision 0.14.1 reads 3/4 images, 3/4 objects");
  CHECK(tells(view, "passed over in silence"));
  CHECK(tells(view, "class 'dog' is number 0 here and 1 in train"));
  const MemoryTree empty{{"train/cat/a.png", png}, {"train/dog/c.gif", png}};
  CHECK(tells(view_of("torchvision", empty), "no image that it takes in dog"));
}

TEST_CASE("VOCDetection reads what lists name, as .jpg") {
  const std::string xml = "<annotation><object><name>cat</name></object></annotation>";
  const MemoryTree tree{{"ImageSets/Main/train.txt", "a\nb \n"},
                        {"JPEGImages/a.jpg", png},
                        {"JPEGImages/b.png", png},
                        {"Annotations/a.xml", xml},
                        {"Annotations/b.xml", xml}};
  const ConsumerView view = view_of("torchvision", tree);
  CHECK(view.line() == "torchvision 0.14.1 reads 1/2 images, 1/2 objects");
  const MemoryTree flat{{"a.xml", xml}, {"a.jpg", png}};
  CHECK_FALSE(view_of("torchvision", flat).refused.empty());
}
