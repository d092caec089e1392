#include "vetset/base/sort_names.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace vetset;

TEST_CASE("names of a folder are sorted by their bytes, however long they are and however they were listed") {
  std::vector<std::string> texts;
  for (unsigned k = 0; k < 500; ++k) {
    const std::string number = std::to_string(k * 7919U % 500);
    texts.push_back("images/" + number);                             // of unlike lengths
    texts.push_back("images/" + number + ".jpg");                    // the same, and more
    texts.push_back("images/the same sixteen bytes " + number);      // beyond what a key holds
    texts.push_back("images/\xc3\xa9" + number + std::string("~"));  // above ASCII
  }
  std::vector<std::string_view> paths(texts.begin(), texts.end());
  std::vector<std::string_view> expected = paths;
  std::sort(expected.begin(), expected.end());
  REQUIRE(paths != expected);
  sort_names(paths, 7);
  CHECK(paths == expected);
  std::reverse(paths.begin(), paths.end());
  sort_names(paths, 7);
  CHECK(paths == expected);
}
