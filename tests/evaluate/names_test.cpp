// Which image and which class predictions speak of.
#include "vetset/evaluate/names.h"

#include <doctest/doctest.h>

#include "vetset/formats/format.h"

using namespace vetset;

namespace {

struct Known {
  const char* id;  // as JSON
  const char* path;
};
/// COCO documents with these images, one list a document.
Dataset dataset(const std::vector<std::vector<Known>>& documents) {
  MemoryTree tree;
  for (std::size_t k = 0; k < documents.size(); ++k) {
    std::string images;
    for (const Known& image : documents[k])
      images += (images.empty() ? "{\"id\":" : ",{\"id\":") + std::string(image.id) + ",\"file_name\":\"" + image.path +
                "\",\"width\":9,\"height\":9}";
    REQUIRE(tree.write("instances_" + std::to_string(k) + ".json",
                       "{\"images\":[" + images +
                           "],\"annotations\":[],\"categories\":[{\"id\":5,\"name\":\"cat\"},"
                           "{\"id\":2,\"name\":\"dog\"}]}"));
  }
  auto reading = find_format("coco")->read(tree, {});
  REQUIRE(reading);
  return std::move(reading->dataset);
}

PredictedName with_id(std::int64_t id) { return {.id = id}; }
PredictedName with_token(std::string json) { return {.id = Ids::odd, .token = std::move(json)}; }
PredictedName with_name(std::string name) { return {.name = std::move(name)}; }

Result<MatchedNames> images(const Dataset& d, const std::vector<PredictedName>& names, std::string_view by = "auto") {
  return match_images(d, number_images(d, {}), names, by);
}

using Numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("images and classes are numbered by their ids: numbers by value, then texts") {
  const Dataset d =
      dataset({{{"10", "a.jpg"}, {"9", "b.jpg"}, {"\"b\"", "c.jpg"}, {"\"a\"", "d.jpg"}, {"-1", "e.jpg"}}});
  CHECK(number_images(d, {}).number == Numbers{2, 1, 4, 3, 0});
  CHECK(number_images(d, {}).record == Numbers{4, 1, 0, 3, 2});
  CHECK(number_categories(d, {}).number == Numbers{1, 0});
}

TEST_CASE("records of one document that share an id are one, those of two documents are not") {
  const Dataset one = dataset({{{"1", "a.jpg"}, {"1", "b.jpg"}, {"2", "c.jpg"}}});
  CHECK(number_images(one, {}).number == Numbers{0, 0, 1});
  const Dataset two = dataset({{{"1", "a.jpg"}}, {{"1", "b.jpg"}}});
  CHECK(number_images(two, {}).size() == 2);
  const auto matched = images(two, {with_id(1)});
  REQUIRE_FALSE(matched);
  CHECK(
      matched.error().message ==
      "image 1 of the predictions could be two of the truth by id: a.jpg (id 1) and b.jpg (id 1); say how to match, or "
      "compare one split");
  const SplitIndex split = two.memberships[1].split;
  const std::vector<PredictedName> names{with_id(1)};
  const auto in_split = match_images(two, number_images(two, {&split, 1}), names, "auto");
  REQUIRE(in_split);
  CHECK(in_split->number == Numbers{0});
}

TEST_CASE("the first way that knows all names is taken, else the one that knows most") {
  const Dataset d = dataset({{{"1", "x/7.jpg"}, {"2", "x/8.jpg"}, {"3", "y/9.jpg"}}});
  CHECK(images(d, {with_id(1), with_id(3)})->by == "id");
  // 7 and 8 are no ids, but stems.
  CHECK(images(d, {with_id(7), with_id(8)})->by == "stem");
  CHECK(images(d, {with_id(7), with_id(8), with_id(1)})->by == "stem");
  CHECK(images(d, {with_id(7), with_id(8), with_id(1)})->number == Numbers{0, 1, no_number});
  CHECK(images(d, {with_name("y/9.jpg")})->by == "path");
  CHECK(images(d, {with_name("elsewhere/9.jpg")})->by == "name");
  CHECK(images(d, {with_name("elsewhere/9.png")})->by == "stem");
  CHECK(images(d, {with_token("\"x/8.jpg\"")})->number == Numbers{1});
  CHECK(images(d, {with_name("x/7.jpg")}, "stem")->by == "stem");
}

TEST_CASE("nothing in common, and a way that there is not, are errors that say what there is") {
  const Dataset d = dataset({{{"1", "a.jpg"}}});
  const auto none = images(d, {with_id(4), with_name("z.jpg")});
  REQUIRE_FALSE(none);
  CHECK(
      none.error().message ==
      "no image of the predictions is in the truth (by id, path, name, stem): predictions say 4, z.jpg, the truth has "
      "a.jpg (id 1)");
  CHECK(images(d, {with_id(1)}, "colour").error().code == Code::usage);
  CHECK(images(d, {})->by.empty());
}

TEST_CASE("classes go by id where predictions know no names, by name where they do, by place where that is said") {
  const Dataset d = dataset({{{"1", "a.jpg"}}});
  const NumberedNames truth = number_categories(d, {});
  const auto matched = [&](const std::vector<PredictedName>& names, std::string_view by,
                           std::vector<std::pair<std::string, std::string>> renamed = {}) {
    auto done = match_categories(d, truth, names, by, renamed);
    REQUIRE(done);
    return *done;
  };
  CHECK(matched({with_id(5), with_id(2)}, "auto").number == Numbers{1, 0});
  // A dataset of its own numbers its classes otherwise.
  CHECK(matched({{.id = 2, .name = "cat"}, {.id = 5, .name = "dog"}}, "auto").number == Numbers{1, 0});
  CHECK(matched({with_token("\"dog\"")}, "auto").by == "name");
  CHECK(matched({with_id(0), with_id(1)}, "index").number == Numbers{0, 1});
  CHECK(matched({with_id(1), with_id(2)}, "index1").number == Numbers{0, 1});
  CHECK(matched({with_name("kitten"), with_name("dog")}, "auto", {{"kitten", "cat"}}).number == Numbers{1, 0});
  CHECK(matched({with_id(77)}, "auto", {{"77", "5"}}).number == Numbers{1});
}
