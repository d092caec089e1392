#include "vetset/base/text_index.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace vetset {
namespace {

TEST_CASE("every text is found with the first value it was given, however many there are") {
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i) texts.push_back("images/train/" + std::to_string(i * 7919) + ".jpg");
  TextIndex<int> index;
  CHECK(index.find("images") == nullptr);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto [value, is_new] = index.try_emplace(texts[i], static_cast<int>(i));
    CHECK(is_new);
    CHECK(*value == static_cast<int>(i));
  }
  const auto [value, is_new] = index.try_emplace(texts[7], -1);
  CHECK_FALSE(is_new);
  CHECK(*value == 7);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    REQUIRE(index.find(texts[i]) != nullptr);
    CHECK(*index.find(texts[i]) == static_cast<int>(i));
  }
  CHECK_FALSE(index.contains("images/train/1.jpg"));
}

TEST_CASE("an empty text is a text") {
  TextIndex<int> index;
  index.reserve(3);
  CHECK_FALSE(index.contains(""));
  index.try_emplace("", 4);
  REQUIRE(index.contains(""));
  CHECK(*index.find("") == 4);
}

}  // namespace
}  // namespace vetset
