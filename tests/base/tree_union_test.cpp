#include "vetset/base/tree_union.h"

#include <doctest/doctest.h>

using namespace vetset;

namespace {

std::unique_ptr<Tree> two_trees() {
  std::vector<TreePart> parts;
  parts.push_back({"b", std::make_unique<MemoryTree>(MemoryTree{{"x.txt", "one"}, {"sub/y.txt", "two"}})});
  parts.push_back({"a", std::make_unique<MemoryTree>(MemoryTree{{"x.txt", "three"}})});
  return unite_trees(std::move(parts), "b+a");
}

}  // namespace

TEST_CASE("each tree stands below its folder, and everything is listed in order") {
  const auto tree = two_trees();
  std::string all;
  for (const std::string_view path : tree->list()) all += std::string(path) + " ";
  CHECK(all == "a/x.txt b/sub/y.txt b/x.txt ");
  CHECK(tree->name() == "b+a");
  CHECK(tree->read("a/x.txt")->text() == "three");
  CHECK(tree->read("b/x.txt", {.offset = 1, .size = 2})->text() == "ne");
  CHECK(*tree->size("b/sub/y.txt") == 3);
  CHECK(tree->contains("b/sub/y.txt"));
  CHECK(tree->has_folder("b/sub"));
}

TEST_CASE("what is in none of the trees is not there") {
  const auto tree = two_trees();
  for (const std::string_view path : {"x.txt", "c/x.txt", "b", "b/", "a/sub/y.txt", ""}) {
    CAPTURE(path);
    CHECK_FALSE(tree->contains(path));
    CHECK_FALSE(tree->read(path));
    CHECK_FALSE(tree->size(path));
  }
}
