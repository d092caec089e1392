// transform and combine on the shipped samples and on real datasets: what comes out is proved by a conversion.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/base/temporary.h"
#include "vetset/vetset.h"

using namespace vetset;

namespace {

const std::string samples = VETSET_SOURCE_DIR "/samples/";

Source opened(const std::string& path) {
  auto source = open(path);
  if (!source) FAIL(to_string(source.error()));
  return *std::move(source);
}

std::uint64_t count(const TransformReport& r, Gone gone) { return r.objects[static_cast<std::size_t>(gone)]; }

/// Converts into a new folder; the proof must hold.
Conversion proved(const Source& source, const std::string& folder, const std::string& to) {
  auto done = convert(source, folder, {.to = to, .accept = "all"});
  if (!done) FAIL(to_string(done.error()));
  CHECK((done->verdict == Verdict::exact || done->verdict == Verdict::declared));
  REQUIRE(done->step_paths.size() == source.steps.size());
  for (const std::string& path : done->step_paths) CHECK(std::filesystem::exists(path));
  return *std::move(done);
}

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("classes that go leave the digits of all other rows as they were") {
  const testing::TemporaryFolder folder;
  Source source = opened(samples + "street");
  REQUIRE(transform(source, {.rules = {.classes = {.drop = {"person"}}}}));
  CHECK(proved(source, folder.path() + "/out", "yolo").verdict == Verdict::exact);
  const std::string before = text_of(samples + "street/labels/val/street_0050.txt");
  std::string expected;
  for (std::size_t at = 0; at < before.size();) {
    const std::size_t end = before.find('\n', at) + 1;
    const std::string row = before.substr(at, end - at);
    at = end;
    if (row[0] != '0') expected += static_cast<char>(row[0] - 1) + row.substr(1);  // person was class 0
  }
  REQUIRE(expected != before);
  CHECK(text_of(folder.path() + "/out/labels/val/street_0050.txt") == expected);
}

TEST_CASE("what was read amiss is told of the records that stay") {
  Source source = opened(samples + "street");
  const std::size_t found = source.findings.size();
  REQUIRE(found > 0);
  REQUIRE(transform(source, {.rules = {.where = "class == 'bus'"}}));
  for (const Finding& finding : source.findings)
    if (const auto* i = std::get_if<AnnotationIndex>(&finding.where))
      CHECK(to_size(*i) < source.dataset.annotations.size());
  CHECK(source.findings.size() <= found);
}

TEST_CASE("a list of classes comes from a file or from another dataset") {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() + "/names.txt") << "bus\ncar\n";
  Source source = opened(samples + "street");
  const auto ordered = transform(source, {.rules = {.classes = {.order = {folder.path() + "/names.txt"}}}});
  REQUIRE(ordered);
  CHECK(source.dataset.categories[0].name == "bus");
  CHECK(source.dataset.categories[1].name == "car");
  Source coco = opened(samples + "street-coco");
  const auto same = transform(coco, {.classes_from = samples + "street"});
  REQUIRE(same);
  CHECK(coco.dataset.categories.size() == 8);
  CHECK(coco.dataset.categories[0].name == "person");
  CHECK(coco.dataset.category_ids[7] == 8);
  CHECK_FALSE(transform(coco, {.classes_from = folder.path() + "/nothing"}));
}

TEST_CASE("nothing left is refused") {
  Source source = opened(samples + "street");
  const auto none_left = transform(source, {.rules = {.images_where = "image.width > 100000"}});
  REQUIRE_FALSE(none_left);
  CHECK(none_left.error().code == Code::refused);
  CHECK(source.dataset.images.size() == 73);  // and the source is as it was
}

TEST_CASE("datasets of two formats become one that is proved, images and all") {
  const testing::TemporaryFolder folder;
  std::vector<Source> sources;
  sources.push_back(opened(samples + "street"));
  sources.push_back(opened(samples + "street-coco"));
  auto all = combine(std::move(sources));
  REQUIRE(all);
  CHECK(all->source.format == nullptr);
  CHECK(all->source.dataset.inconsistency().value_or("") == "");
  REQUIRE(all->report.copies.size() == 2);
  const Conversion done = proved(all->source, folder.path() + "/out", "coco");
  CHECK(done.proof.before.images == 85);
  const Source back = opened(folder.path() + "/out");
  std::size_t found = 0;
  for (const Image& image : back.dataset.images) found += image.media.empty() ? 0U : 1U;
  CHECK(found == 84);  // the picture of one is missing in street
  CHECK_FALSE(combine({}));
}

TEST_CASE("a union is never written over one of its parts") {
  const testing::TemporaryFolder folder;
  for (const char* name : {"a", "b"})
    std::filesystem::copy(samples + "street-coco", folder.path() + "/" + name,
                          std::filesystem::copy_options::recursive);
  std::vector<Source> sources;
  sources.push_back(opened(folder.path() + "/a"));
  sources.push_back(opened(folder.path() + "/b"));
  const auto all = combine(std::move(sources));
  REQUIRE(all);
  for (const char* name : {"a", "b"}) {
    const auto over = convert(all->source, folder.path() + "/" + name, {.to = "coco", .overwrite = true});
    REQUIRE_FALSE(over);
    CHECK(over.error().code == Code::refused);
  }
}

TEST_CASE("real datasets: two of YOLO as one of COCO, and chess without classes that nobody uses") {
  const char* data = std::getenv("VETSET_DATA");
  const std::string home = data == nullptr ? VETSET_SOURCE_DIR "/../shared/data" : data;
  if (!std::filesystem::exists(home + "/rice-pest")) {
    MESSAGE("skipped 1: VETSET_DATA");
    return;
  }
  const testing::TemporaryFolder folder;
  std::vector<Source> sources;
  sources.push_back(opened(home + "/rice-pest"));
  sources.push_back(opened(home + "/cells-yolo"));
  const Counts rice = counts_of(sources[0].dataset), cells = counts_of(sources[1].dataset);
  const auto all = combine(std::move(sources));
  REQUIRE(all);
  const Conversion done = proved(all->source, folder.path() + "/all", "coco");
  CHECK(done.proof.after.images == rice.images + cells.images);
  CHECK(done.proof.after.annotations == rice.annotations + cells.annotations);
  CHECK(done.proof.after.categories == rice.categories + cells.categories);

  Source chess = opened(home + "/chess-coco");
  const auto report = transform(chess, {.rules = {.classes = {.drop = {"pieces", "bishop"}}}});
  REQUIRE(report);
  CHECK(count(*report, Gone::by_class) == 0);
  CHECK(report->after.categories == 12);
  CHECK(proved(chess, folder.path() + "/chess", "coco").verdict == Verdict::exact);
}
