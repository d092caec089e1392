// What paths a package may list, which two it may not hold at once, and what in a training folder is nobody's data.
#include "vetset/package/path_rules.h"

#include <doctest/doctest.h>

#include <vector>

#include "vetset/package/litter.h"

using namespace vetset;
using namespace std::string_literals;

namespace {

std::string problem(const std::string& path) { return package_path_problem(path).value_or(""); }

std::string repeated(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

std::string clash(const std::vector<std::string_view>& paths) {
  const auto found = first_path_clash(paths);
  return found ? std::string(found->path) : "";
}

}  // namespace

TEST_CASE("S1 a package lists paths that every file system can hold") {
  for (const std::string& good :
       {"a"s, "images/a b.jpg"s, "猫/Straße.jpg"s, "..a/b"s, ".hidden"s, "console.jpg"s, "com/lpt"s, "com10.txt"s,
        std::string(200, 'x'), repeated("a/", 15) + "a", std::string(120, 'x') + "/" + std::string(119, 'y')})
    CHECK_MESSAGE(problem(good) == "", good);
  const std::pair<std::string, std::string_view> bad[] = {
      {"", "empty"},
      {"/a", "absolute"},
      {"../a", "\"..\""},
      {"a//b", "empty part"},
      {"a\\b", "'\\'"},
      {"a\x1b", "control"},
      {"a\xff", "UTF-8"},
      {"a:b", "':'"},
      {"a./b", "dot or a space"},
      {"a ", "dot or a space"},
      {"CON", "Windows"},
      {"a/nul.tar.gz", "Windows"},
      {"Lpt9 .txt", "Windows"},
      {"CONIN$", "Windows"},
      {"e\xcc\x81.jpg", "normal form C"},
      {std::string(201, 'x'), "200 bytes"},
      {repeated("a/", 16) + "a", "16 parts"},
      {std::string(120, 'x') + "/" + std::string(120, 'y'), "240 bytes"},
  };
  for (const auto& [path, words] : bad) {
    CAPTURE(path);
    CHECK(problem(path).find(words) != std::string::npos);
  }
}

TEST_CASE("S2 no two paths are one where case does not count, nor is one a file where another needs a folder") {
  CHECK(clash({"a", "b/c", "b/d", "b.c"}) == "");
  CHECK(clash({"a b.jpg", "a  b.jpg"}) == "");  // two names on every system
  CHECK(clash({"Images/a.jpg", "images/A.JPG"}) == "images/A.JPG");
  CHECK(clash({"STRASSE.jpg", "straße.jpg"}) == "straße.jpg");
  CHECK(clash({"É", "é"}) == "é");
  CHECK(clash({"a", "a/b"}) == "a/b");
  CHECK(clash({"a", "a.b", "a/b"}) == "a/b");  // what sorts between them hides nothing
  CHECK(clash({"A", "a.b", "a/b/c/d"}) == "a/b/c/d");
}

TEST_CASE("litter is what a known tool leaves, by its place and by what lies beside it") {
  const MemoryTree tree{{"images/a.jpg", ""}, {"images/a.npy", ""}, {"images/b.npy", ""}};
  const std::pair<std::string_view, std::string_view> known[] = {
      {"labels/train.cache", "Ultralytics"},
      {"images/a.npy", "Ultralytics"},
      {"runs/detect/train12/args.yaml", "Ultralytics"},
      {"wandb/run/x", "Weights & Biases"},
      {"a/__pycache__/x.pyc", "Python"},
      {"x/._a.jpg", "macOS"},
      {"a/b/Thumbs.db", "Windows"},
      {"events.out.tfevents.17.host", "TensorBoard"},
  };
  for (const auto& [path, maker] : known) CHECK_MESSAGE(litter_maker(tree, path) == maker, path);
  for (const std::string_view data :
       {"images/b.npy", "runs/7.jpg", "train/runs/detect/a.jpg", "images/wandb/a.jpg", "runs/trainer/a.jpg",
        ".git/hooks/x", "a.pt", ".vetset/train.cache", "cache", ".cachet"})
    CHECK_MESSAGE(litter_maker(tree, data) == "", data);
}
