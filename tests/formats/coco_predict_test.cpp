// Lists of COCO results on their way into lean columns: whichever way a record is spelled, the same rows come of it.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/random.h"
#include "vetset/base/digest.h"
#include "vetset/formats/format.h"

using namespace vetset;

namespace {

Predictions predicted(const std::string& text, unsigned threads = 1) {
  MemoryTree tree;
  REQUIRE(tree.write("results.json", text));
  auto p = find_format("coco-results")->predict(tree, {.only = "results.json", .pool = Pool(threads)});
  REQUIRE(p);
  return *std::move(p);
}

Error failed(const std::string& text) {
  MemoryTree tree;
  REQUIRE(tree.write("results.json", text));
  auto p = find_format("coco-results")->predict(tree, {.only = "results.json"});
  REQUIRE_FALSE(p);
  return std::move(p).error();
}

std::string place_of(const Finding& finding) {
  const Place& place = std::get<Place>(finding.where);
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

/// Bits, so that NaN equals itself.
template <class T>
bool same(const Column<T>& a, const Column<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}
void check_same_rows(const Predictions& a, const Predictions& b) {
  CHECK(a.records == b.records);
  CHECK(a.first_said == b.first_said);
  CHECK(same(a.rows.image, b.rows.image));
  CHECK(same(a.rows.category, b.rows.category));
  CHECK(same(a.rows.box, b.rows.box));
  CHECK(same(a.rows.score, b.rows.score));
  CHECK(same(a.rows.said, b.rows.said));
  CHECK(same(a.rows.mask_text, b.rows.mask_text));
  CHECK(same(a.rows.keypoints, b.rows.keypoints));
  CHECK(a.rows.points == b.rows.points);
  REQUIRE(a.rows.mask.size() == b.rows.mask.size());
  for (std::size_t i = 0; i < a.rows.mask.size(); ++i) {
    CHECK(a.rows.mask[i].begin == b.rows.mask[i].begin);
    CHECK(a.rows.mask[i].size == b.rows.mask[i].size);
    CHECK(a.rows.mask[i].height == b.rows.mask[i].height);
  }
  REQUIRE(a.images.size() == b.images.size());
  for (std::size_t i = 0; i < a.images.size(); ++i) {
    CHECK(a.images[i].id == b.images[i].id);
    CHECK(a.images[i].token == b.images[i].token);
    CHECK(a.images[i].name == b.images[i].name);
    CHECK(a.images[i].first == b.images[i].first);
  }
  CHECK(a.categories.size() == b.categories.size());
  CHECK(a.outlines.size() == b.outlines.size());
}

/// A record, and the same with a member that only the general reader takes.
struct Twins {
  std::string plain, odd;
};
Twins random_record(Random& random) {
  const auto number = [&] {
    static constexpr const char* spelled[] = {"0",
                                              "-0",
                                              "7",
                                              "-12.5",
                                              "0.1",
                                              "123.456",
                                              "9007199254740993",
                                              "0.30000000000000004",
                                              "217.62408447265625",
                                              "1e3",
                                              "-2.5E-7"};
    return std::string(spelled[random.below(std::size(spelled))]);
  };
  const std::string gap = random.below(2) == 0 ? "" : " ";
  std::string members =
      "\"image_id\":" + gap +
      (random.below(5) == 0 ? "\"a" + std::to_string(random.below(3)) + "\"" : std::to_string(random.below(9)));
  members += ",\"category_id\":" + gap + std::to_string(random.below(4));
  members += "," + gap + "\"score\":" + number();
  if (random.below(3) > 0) {
    members += ",\"bbox\":[" + number();
    for (int i = 0; i < 3; ++i) members += "," + gap + number();
    members += "]";
  }
  if (random.below(3) == 0) members += ",\"file_name\":\"images/" + std::to_string(random.below(9)) + ".jpg\"";
  if (random.below(3) == 0) members += R"(,"segmentation":{"size":[4,11],"counts":"\\1"})";
  if (members.find("bbox") == std::string::npos || random.below(3) == 0) {
    members += ",\"keypoints\":[" + number();
    for (int i = 1; i < 6; ++i) members += "," + gap + number();
    members += "]";
  }
  return {"{" + members + "}", "{\"nested\":[{\"a\":{}},{\"b\":2}]," + members + "}"};
}

constexpr const char* box = R"("bbox":[1,2,3,4])";

}  // namespace

TEST_CASE("law: a record gives the same row whether it is spelled as usual or not, with any number of threads") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::string plain = "[", odd = " [\n";
    for (std::size_t i = 0, n = 1 + random.below(60); i < n; ++i) {
      const Twins twins = random_record(random);
      plain += (i == 0 ? "" : ", ") + twins.plain;
      odd += (i == 0 ? "" : ",\n") + twins.odd;
    }
    const Predictions p = predicted(plain + "]");
    check_same_rows(p, predicted(odd + "\n]\n"));
    check_same_rows(p, predicted(plain + "]", 2));
  }
}

TEST_CASE("a file that is cut where no record begins is read all the same") {
  // Over a megabyte, and "}, {" stands inside records alone but for the gaps between them.
  std::string text = "[";
  constexpr std::size_t count = 30000;
  for (std::size_t i = 0; i < count; ++i)
    text += (i == 0 ? "" : ",") + std::string("{\"parts\":[{\"a\":1}, {\"b\":2}, {\"c\":3}],\"image_id\":") +
            std::to_string(i) + ",\"category_id\":1,\"score\":0.5," + box + "}";
  text += "]";
  const Predictions p = predicted(text, 2);
  REQUIRE(p.rows.size() == count);
  CHECK(p.images.back().id == count - 1);
  CHECK(p.images.back().where.column == text.rfind("{\"parts") + 1);
  CHECK(p.findings.empty());
  REQUIRE(p.files.size() == 1);
  CHECK(p.files[0].digest == sha256(text));
}

TEST_CASE("a large plain file is read in pieces, and each place is right") {
  std::string text = "[\n";
  constexpr std::size_t count = 60000;
  for (std::size_t i = 0; i < count; ++i)
    text += "{\"image_id\": " + std::to_string(i) + ", \"category_id\": 3, \"score\": 0.25, " + box +
            (i + 1 == count ? "}\n" : "},\n");
  text += "]\n";
  const Predictions p = predicted(text, 2);
  REQUIRE(p.rows.size() == count);
  CHECK(p.files[0].digest == sha256(text));
  for (const std::size_t i : {std::size_t{0}, count / 2, count - 1}) {
    CHECK(p.images[i].id == static_cast<std::int64_t>(i));
    CHECK(p.images[i].where.line == i + 2);
    CHECK(p.images[i].where.column == 1);
  }
}

TEST_CASE("a record that cannot be used is a finding with its place, and the others stay") {
  struct Case {
    const char* record;
    const char* message;
  };
  static constexpr Case cases[] = {
      {R"({"image_id":1,"category_id":1,"bbox":[1,2,3,4]})", "the record has no score"},
      {R"({"category_id":1,"score":1,"bbox":[1,2,3,4]})", "the record has no image_id"},
      {R"({"image_id":1,"score":1,"bbox":[1,2,3,4]})", "the record has no category_id"},
      {R"({"image_id":null,"category_id":1,"score":1,"bbox":[1,2,3,4]})",
       "the image_id is null, expected a number or a string"},
      {R"({"image_id":1,"category_id":1,"score":"high","bbox":[1,2,3,4]})", "the score is \"high\", expected a number"},
      {R"({"image_id":1,"category_id":1,"score":1,"bbox":[1,2,3]})", "the bbox is [1,2,3], expected four numbers"},
      {R"({"image_id":1,"category_id":1,"score":1,"bbox":[1,2,3,"4"]})", "expected four numbers"},
      {R"({"image_id":1,"category_id":1,"score":1,"bbox":[1,2,NaN,4]})", "expected finite numbers"},
      {R"({"image_id":1,"category_id":1,"score":1})", "neither a bbox nor a segmentation nor keypoints"},
      {R"({"image_id":1,"category_id":1,"score":1,"segmentation":{"size":[2,2],"counts":[1,2]}})", "sum to 3"},
      {R"({"image_id":1,"category_id":1,"score":1,"segmentation":{"counts":"04"}})", "lacks"},
      {R"({"image_id":1,"category_id":1,"score":1,"keypoints":[1,2]})", "expected three a point"},
      {R"(7)", "expected an object, found 7"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.record);
    const std::string good = std::string("{\"image_id\":5,\"category_id\":1,\"score\":0.5,") + box + "}";
    const Predictions p = predicted("[" + good + ",\n  " + one.record + ",\n" + good + "]");
    CHECK(p.records == 3);
    REQUIRE(p.rows.size() == 2);
    REQUIRE(p.findings.size() == 1);
    CHECK(place_of(p.findings[0]) == "results.json:2:3");
    CHECK(p.findings[0].message.find(one.message) != std::string::npos);
    CHECK(p.findings[0].message.ends_with("; the record is left out"));
  }
}

TEST_CASE("what Python's json writes of no number is read and told") {
  const std::string record = std::string("{\"image_id\":1,\"category_id\":1,") + box + ",\"score\":";
  const Predictions p = predicted("[" + record + "NaN}," + record + "Infinity}," + record + "1}]");
  REQUIRE(p.rows.size() == 3);
  CHECK(std::isnan(p.rows.score[0]));
  CHECK(std::isinf(p.rows.score[1]));
  REQUIRE(p.findings.size() == 2);
  CHECK(p.findings[0].severity == Severity::warning);
  CHECK(p.findings[0].message == "the score is not a number (NaN)");
}

TEST_CASE("numbers are those of Python's float()") {
  const Predictions p = predicted(
      R"([{"image_id":1,"category_id":1,"score":0.30000000000000004,"bbox":[9007199254740993,1e-400,217.62408447265625,0.1]}])");
  CHECK(p.rows.score[0] == 0.1 + 0.2);
  CHECK(p.rows.box[0].x == 9007199254740992.0);
  CHECK(p.rows.box[0].y == 0);
  CHECK(p.rows.box[0].width == 217.62408447265625);
}

TEST_CASE("ids are what Python takes for the same") {
  const std::string rest = std::string(",\"category_id\":1,\"score\":1,") + box + "}";
  const Predictions p = predicted("[{\"image_id\":7" + rest + ",{\"image_id\":7.0" + rest + ",{\"image_id\":\"7\"" +
                                  rest + ",{\"image_id\":900100000001" + rest + ",{\"image_id\":-1" + rest +
                                  ",{\"image_id\":99999999999999999999" + rest + ",{\"image_id\":\"7\"" + rest + "]");
  REQUIRE(p.images.size() == 5);
  CHECK(p.rows.image[0] == p.rows.image[1]);
  CHECK(p.rows.image[2] == p.rows.image[6]);
  CHECK(p.images[1].token == "\"7\"");
  CHECK(p.images[2].id == 900100000001);
  CHECK(p.images[3].id == -1);
  CHECK(p.images[4].token == "99999999999999999999");
}

TEST_CASE("of a key that repeats the last holds") {
  const Predictions p =
      predicted(R"([{"image_id":1,"score":1,"image_id":2,"category_id":1,"bbox":[1,2,3,4],"score":0.5}])");
  CHECK(p.images.at(0).id == 2);
  CHECK(p.rows.score[0] == 0.5);
}

TEST_CASE("masks are kept as compressed text, whichever way they were spelled") {
  const Predictions p =
      predicted(R"([{"image_id":1,"category_id":1,"score":1,"segmentation":{"counts":[2,2],"size":[2,2]}},)"
                R"({"image_id":1,"category_id":1,"score":1,"segmentation":{"size":[2,2],"counts":"\u0032\u0032"}},)"
                R"({"image_id":1,"category_id":1,"score":1,"segmentation":{"size":[2,2],"counts":"22"}},)"
                R"({"image_id":1,"category_id":1,"score":1,"segmentation":[[0,0,2,0,2,2]]}])");
  CHECK(p.findings.empty());
  REQUIRE(p.rows.mask.size() == 4);
  const InstancesView rows = p.rows.view();
  CHECK(rows.text(p.rows.mask[0]) == "22");
  CHECK(rows.text(p.rows.mask[1]) == "22");
  CHECK(rows.text(p.rows.mask[2]) == "22");
  REQUIRE(p.outlines.size() == 1);
  CHECK(p.outlines[0].row == 3);
  CHECK(std::string_view(p.rows.mask_text.data() + p.outlines[0].begin, p.outlines[0].size) == "[[0,0,2,0,2,2]]");
}

TEST_CASE("rows have as many keypoints as the first that has any") {
  const std::string head = "{\"image_id\":1,\"category_id\":1,\"score\":1,";
  const Predictions p = predicted("[" + head + box + "}," + head + "\"keypoints\":[1,2,3,4,5,6]}," + head + box + "}," +
                                  head + "\"keypoints\":[1,2,3]}]");
  REQUIRE(p.rows.size() == 3);
  CHECK(p.rows.points == 2);
  REQUIRE(p.rows.keypoints.size() == 18);
  CHECK(p.rows.keypoints[5] == 0);
  CHECK(p.rows.keypoints[6] == 1);
  CHECK(p.rows.keypoints[11] == 6);
  REQUIRE(p.findings.size() == 1);
  CHECK(p.findings[0].message.starts_with("there are 1 keypoints, expected 2"));
}

TEST_CASE("what is no list of JSON is an error with its place") {
  const std::string good = std::string("{\"image_id\":5,\"category_id\":1,\"score\":0.5,") + box + "}";
  CHECK(to_string(failed("{\"annotations\":[]}")) == "results.json:1:1: expected a list of results, found an object");
  const Error cut = failed("[" + good + ",\n" + good.substr(0, 20));
  CHECK(cut.line == 2);
  CHECK(cut.message.find("found the end") != std::string::npos);
  CHECK(failed("[" + good + ",\n]").message == "expected a record after ',', found the end");
  CHECK(failed("[" + good + "\n " + good + "]").line == 2);
  CHECK(failed("[" + good + "] x").line == 1);
  const Error number = failed("[{\"image_id\":01,\"category_id\":1,\"score\":1}]");
  CHECK(number.line == 1);
  CHECK(number.column == 14);
  CHECK(failed("").code == Code::malformed);
}

TEST_CASE("an empty list has no rows") {
  const Predictions p = predicted(" [ ] ");
  CHECK(p.records == 0);
  CHECK(p.rows.size() == 0);
  CHECK(p.files.size() == 1);
}

TEST_CASE("several lists are one") {
  MemoryTree tree;
  const std::string rest = std::string(",\"category_id\":1,\"score\":1,") + box + "}]";
  REQUIRE(tree.write("a.json", "[{\"image_id\":3" + rest));
  REQUIRE(tree.write("b.json", "\n[{\"image_id\":4" + rest));
  const auto p = find_format("coco-results")->predict(tree, {});
  REQUIRE(p);
  CHECK(p->rows.size() == 2);
  REQUIRE(p->images.size() == 2);
  CHECK(p->images[1].where.file == "b.json");
  CHECK(p->images[1].where.line == 2);
  CHECK(p->files.size() == 2);
}
