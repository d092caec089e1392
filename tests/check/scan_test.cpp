#include "vetset/scan/scan.h"

#include <doctest/doctest.h>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

namespace {

struct Files {
  Made m;
  MemoryTree tree;
  void add(std::string_view path, std::string_view bytes) {
    m.image(path);
    REQUIRE(tree.write(path, bytes));
  }
  std::vector<Facts> scanned(const ScanOptions& options, const Progress& progress = {}) {
    auto facts = scan(m.d, tree, Pool(2), progress, options);
    REQUIRE(facts);
    return *std::move(facts);
  }
};

}  // namespace

TEST_CASE("only files that may be equal are hashed, and equal ones always are") {
  Files f;
  f.add("a.jpg", std::string(1000, 'a'));
  f.add("b.jpg", std::string(1000, 'b'));
  f.add("c.jpg", std::string(999, 'a'));
  f.add("d.jpg", std::string(1000, 'a'));
  f.add("e.jpg", "x" + std::string(999, 'a'));  // as long and with the same end
  const auto facts = f.scanned({.digests = Digests::where_equal_size});
  CHECK(facts[0].has_digest);
  CHECK(!facts[1].has_digest);
  CHECK(!facts[2].has_digest);
  CHECK(facts[0].digest == facts[3].digest);
  CHECK(facts[4].has_digest);
  CHECK(facts[4].digest != facts[0].digest);
}

TEST_CASE("an image that was not found is absent, and no error") {
  Files f;
  f.add("a.jpg", "some bytes that are no image");
  f.m.image("b.jpg");
  f.m.d.images[1].media = {};
  const auto facts = f.scanned({.digests = Digests::all});
  CHECK(facts[0].status == Facts::Status::not_image);
  CHECK(facts[0].has_digest);
  CHECK(facts[1].status == Facts::Status::absent);
  CHECK(!facts[1].has_digest);
}

TEST_CASE("a scan tells how far it is and can be stopped") {
  Files f;
  for (int i = 0; i < 10; ++i) f.add(std::to_string(i) + ".jpg", "x");
  std::uint64_t last = 0;
  Progress progress;
  progress.report = [&](std::string_view, std::uint64_t done, std::uint64_t) { last = done; };
  f.scanned({}, progress);
  CHECK(last == 10);
  const std::atomic<bool> stop = true;
  progress.stop = &stop;
  const auto stopped = scan(f.m.d, f.tree, Pool(1), progress, {});
  REQUIRE(!stopped);
  CHECK(stopped.error().code == Code::cancelled);
}
