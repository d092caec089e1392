#include "vetset/infer/journal.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "vetset/infer/results.h"

using namespace vetset;

namespace {

namespace fs = std::filesystem;

struct Scratch {
  fs::path path = fs::temp_directory_path() / ("vetset-journal-" + std::to_string(::getpid()));
  Scratch() { fs::remove(path); }
  ~Scratch() { fs::remove(path); }
  std::string text() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
};

Inferred inferred(std::uint32_t image) {
  return {.image = image,
          .width = 640,
          .height = 480,
          .sha256 = std::string(64, 'a'),
          .found = {{.label = 2, .score = 0.1F, .box = {1.5F, 2, 30.25F, 1e-7F}},
                    {.label = 0, .score = 1, .box = {0, 0, 4, 4}, .angle = 0.5F, .keypoints = {1, 2, 0.5F}}}};
}

}  // namespace

TEST_CASE("a line of a journal reads back as it was, to the last bit") {
  Inferred i = inferred(7);
  i.found[0].mask = "04[\"\\";
  i.embedding = {1.0F / 3, -0.0F, 3.4e38F};
  const std::string line = to_line(i);
  CHECK(line.find('\n') == std::string::npos);
  const Result<Inferred> back = parse_line(line);
  REQUIRE(back);
  CHECK(to_line(*back) == line);
  CHECK(back->found[0].box == i.found[0].box);
  CHECK(back->found[1].keypoints == i.found[1].keypoints);
  CHECK(back->found[0].mask == i.found[0].mask);
  CHECK(back->embedding == i.embedding);
  const Inferred bad{.image = 1, .problem = "is \"no\" image\n"};
  CHECK(parse_line(to_line(bad))->problem == bad.problem);
}

TEST_CASE("a journal that was torn at any byte goes on behind its last whole line") {
  const Scratch scratch;
  const std::string header = "{\"journal\":1}";
  {
    Result<Journal> j = Journal::open(scratch.path, header);
    REQUIRE(j);
    for (std::uint32_t i = 0; i < 3; ++i) REQUIRE(j->add(inferred(i)));
  }
  const std::string whole = scratch.text();
  for (std::size_t cut = 0; cut <= whole.size(); cut += 7) {
    scratch.put(whole.substr(0, cut));
    Result<Journal> j = Journal::open(scratch.path, header);
    REQUIRE(j);
    for (auto i = static_cast<std::uint32_t>(j->lines()); i < 3; ++i) REQUIRE(j->add(inferred(i)));
    CHECK(scratch.text() == whole);
  }
}

TEST_CASE("the journal of another run is refused, and so is a damaged line") {
  const Scratch scratch;
  {
    REQUIRE(Journal::open(scratch.path, "{\"journal\":1}"));
  }
  const Result<Journal> other = Journal::open(scratch.path, "{\"journal\":1,\"model\":\"sha256:00\"}");
  REQUIRE_FALSE(other);
  CHECK(other.error().message.find("another run") != std::string::npos);
  scratch.put("{\"journal\":1}\n{\"image\":0,\n");
  const Result<Journal> damaged = Journal::open(scratch.path, "{\"journal\":1}");
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().line == 2);
}

TEST_CASE("what was found becomes COCO results by the dataset's ids, and labels with scores") {
  const Scratch scratch;
  {
    Result<Journal> j = Journal::open(scratch.path, "{}");
    Inferred first{
        .image = 0, .width = 100, .height = 50, .found = {{.label = 1, .score = 0.5F, .box = {1, 2, 11, 22}}}};
    Inferred second{
        .image = 1, .width = 100, .height = 50, .found = {{.label = 0, .score = 0.25F, .box = {0, 0, 5, 5}}}};
    REQUIRE(j->add(first));
    REQUIRE(j->add(second));
  }
  Dataset d;
  d.categories = {Category{.name = "dog"}};
  d.category_ids.numbers.push_back(18);
  for (const char* path : {"a.jpg", "b \"1\".jpg"}) {
    Image i;
    i.path = i.media = d.add_text(path);
    i.width = 100, i.height = 50, i.size_origin = SizeOrigin::stated;
    d.images.push_back(i);
  }
  ModelSpec spec;
  spec.name = "net";
  spec.classes = {{0, "cat"}, {1, "dog"}};

  MemoryTree out;
  REQUIRE(write_results(d, spec, scratch.path, out, "results.json"));
  CHECK(out.read("results.json")->text() ==
        "[\n{\"image_id\":\"a.jpg\",\"category_id\":18,\"bbox\":[1,2,10,20],\"score\":0.5},\n"
        "{\"image_id\":\"b \\\"1\\\".jpg\",\"category_id\":0,\"bbox\":[0,0,5,5],\"score\":0.25}\n]\n");

  const Result<Dataset> labels = predicted_dataset(d, spec, scratch.path);
  REQUIRE_MESSAGE(labels, (labels ? std::string() : to_string(labels.error())));
  REQUIRE(labels->annotations.size() == 2);
  CHECK(labels->categories.size() == 2);
  CHECK((*labels)[(*labels).annotations[0].category].name == "dog");
  CHECK((*labels)[(*labels).annotations[1].category].name == "cat");
  CHECK(labels->category_ids.numbers[1] == 19);
  CHECK(labels->scores[1] == 0.25);
  CHECK(labels->layers[labels->annotations[0].layer] == "net");
}
