// What packages say to readers: Croissant metadata of a manifest, licences by name, answers from a file.
#include <doctest/doctest.h>

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/package/croissant.h"
#include "vetset/package/licence_names.h"

using namespace vetset;

namespace {

Dataset made() {
  Dataset d;
  d.format = "coco";
  d.categories.push_back({.name = "car"});
  Image image;
  image.path = d.add_text("a.jpg");
  image.media = d.add_text("images/a.jpg");
  d.images.push_back(image);
  return d;
}

Manifest listing(std::size_t shards) {
  Manifest m{.name = "street", .version = "1.2.3", .form = Form::directory, .media = "shards"};
  for (std::size_t i = 0; i < shards; ++i)
    m.files.push_back({"media/m-" + std::to_string(10000 + i) + ".tar", 10, sha256(std::to_string(i)), Role::media});
  for (const std::string_view table : {"annotations", "categories", "samples"})
    m.files.push_back({"tables/" + std::string(table) + ".parquet", 20, sha256(table), Role::table});
  return m;
}

Json parsed(const std::string& text) {
  auto json = Json::parse(text);
  REQUIRE(json);
  return *std::move(json);
}
std::vector<std::string> ids(const Json& list) {
  std::vector<std::string> all;
  for (const Json& one : list.elements()) all.emplace_back(one.text_or("@id", ""));
  return all;
}

}  // namespace

TEST_CASE("every table and shard is described by its digest, and records come from the tables") {
  const Manifest m = listing(2);
  const std::string text = croissant_json(m, made(), {});
  CHECK(text == croissant_json(m, made(), {}));
  const Json json = parsed(text);
  CHECK(json.text_or("version", "") == "1.2.3");
  const Json& files = *json.find("distribution");
  CHECK(ids(files) == std::vector<std::string>{"tables/annotations.parquet", "tables/categories.parquet",
                                               "tables/samples.parquet", "media/m-10000.tar", "media/m-10001.tar",
                                               "image-files"});
  CHECK(files.elements()[0].text_or("sha256", "") == sha256("annotations").hex());
  CHECK(ids(*json.find("recordSet")) == std::vector<std::string>{"samples", "categories", "annotations", "images"});
  CHECK(croissant_drift(text, m).empty());
}

TEST_CASE("beyond 2,000 shards the tables alone are described") {
  const Json json = parsed(croissant_json(listing(2001), made(), {}));
  CHECK(json.find("distribution")->elements().size() == 3);
  CHECK(ids(*json.find("recordSet")) == std::vector<std::string>{"samples", "categories", "annotations"});
  CHECK(parsed(croissant_json(listing(2000), made(), {})).find("distribution")->elements().size() == 2004);
}

TEST_CASE("metadata that speak of other files, names or digests have drifted") {
  const Manifest m = listing(1);
  const std::string text = croissant_json(m, made(), {});
  const auto drifts_of = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return croissant_drift(changed, m);
  };
  const auto digest = drifts_of(sha256("samples").hex(), sha256("other").hex());
  REQUIRE(digest.size() == 1);
  CHECK(digest[0].where == "tables/samples.parquet");
  CHECK(digest[0].expected == sha256("samples").hex());
  CHECK(drifts_of("\"version\": \"1.2.3\"", "\"version\": \"2\"").size() == 1);
  CHECK(drifts_of("\"contentUrl\": \"tables/samples.parquet\"", "\"contentUrl\": \"x\"").size() == 2);
  CHECK(croissant_drift("{", m).size() == 1);
  CHECK(croissant_drift("[]", m).size() >= 3);
}

TEST_CASE("answers become properties of RAI, and markup in them stays text of JSON") {
  const auto answers =
      read_answers("[annotation]\nprocess = ['by \"hand\"', 'twice']\n[rights]\nlicence = 'CC BY 4.0'\n", "card.toml");
  REQUIRE(answers);
  const Json json = parsed(croissant_json(listing(1), made(), *answers));
  CHECK(json.find("rai:dataAnnotationProtocol")->elements()[0].text() == "by \"hand\"");
  CHECK(json.text_or("license", "") == "https://spdx.org/licenses/CC-BY-4.0");
  CHECK(rights_json(made(), *answers) == R"({"spdx":"CC-BY-4.0"})");
  CHECK(rights_json(made(), {}).empty());
}

TEST_CASE("licences are known by the names and links that datasets use, and only where it is sure") {
  CHECK(spdx_id("", "http://creativecommons.org/licenses/by-nc-sa/2.0/") == "CC-BY-NC-SA-2.0");
  CHECK(spdx_id("CC BY 4.0", "") == "CC-BY-4.0");
  CHECK(spdx_id("cc-by-nc-3.0", "") == "CC-BY-NC-3.0");
  CHECK(spdx_id("Public Domain", "https://creativecommons.org/publicdomain/zero/1.0/") == "CC0-1.0");
  CHECK(spdx_id("Apache License 2.0", "") == "Apache-2.0");
  CHECK(spdx_id("Public Domain", "").empty());
  CHECK(spdx_id("CC BY 9.9", "").empty());
  CHECK(spdx_id("No known copyright restrictions", "http://flickr.com/commons/usage/").empty());
}

TEST_CASE("the questionnaire is a file of answers, each question once, and says nothing until it is answered") {
  const auto blank = read_answers(questionnaire(), "card.toml");
  REQUIRE(blank);
  CHECK_FALSE(blank->any());
  std::string all;
  for (std::string line = questionnaire(), rest; !line.empty();) {
    const std::size_t end = line.find('\n');
    const std::string one = line.substr(0, end);
    const std::size_t equals = one.find(" = ");
    const bool question = one.starts_with("# ") && equals != std::string::npos;
    all += (question ? one.substr(2) : one) + "\n";
    line.erase(0, end == std::string::npos ? line.size() : end + 1);
  }
  const auto answered = read_answers(all, "card.toml");
  REQUIRE_MESSAGE(answered, to_string(answered.error()));
  CHECK(answered->of("collection.period").size() == 2);
  CHECK(answered->text("dataset.published") == "2026-01-31");
}

TEST_CASE("a wrong answer is told with its line and column") {
  const auto error_of = [](std::string_view toml) {
    const auto answers = read_answers(toml, "card.toml");
    REQUIRE_FALSE(answers);
    return to_string(answers.error());
  };
  CHECK(error_of("[people]\npersonal_data = 'perhaps'\n") ==
        "card.toml:2:17: people.personal_data: expected one of none, present, unknown, found 'perhaps'");
  CHECK(error_of("[use]\nintended = [1]\n") == "card.toml:2:13: use.intended: expected a string, found a whole number");
  CHECK(error_of("[use]\nintend = 'x'\n").starts_with("card.toml:2:1: no question is called 'use.intend'"));
  CHECK(error_of("use = 3\n").starts_with("card.toml:1:7: expected a table [use], found a whole number"));
  CHECK(error_of("[dataset]\npublished = 2026-02-31\n").starts_with("card.toml:2:"));
}
