// TOML with places, patterns over paths, and the word that was meant.
#include <doctest/doctest.h>

#include "vetset/base/glob.h"
#include "vetset/base/nearest.h"
#include "vetset/base/toml.h"

using namespace vetset;

TEST_CASE("TOML keeps the order and the places of what a file says") {
  const auto toml =
      parse_toml("b = 1\na = 'x'\n[t]\nlist = [1.5, true]\nday = 2027-03-31\n[[w]]\nk = 2\n[[w]]\n", "s.toml");
  REQUIRE(toml);
  REQUIRE(toml->entries.size() == 4);
  CHECK(toml->entries[0].first == "b");
  CHECK(toml->entries[1].first == "a");
  CHECK(toml->find("a")->text == "x");
  CHECK(toml->find("a")->key_line == 2);
  CHECK(toml->find("a")->column == 5);
  const Toml& table = *toml->find("t");
  CHECK(table.find("list")->items[0].number == 1.5);
  CHECK(table.find("list")->items[1].boolean);
  CHECK(table.find("day")->type == Toml::Type::date);
  CHECK(table.find("day")->text == "2027-03-31");
  CHECK(toml->find("w")->items.size() == 2);
  CHECK(toml->find("nothing") == nullptr);
}

TEST_CASE("TOML that is none says where, and is no exception") {
  for (const char* text : {"a = ", "a = 1\na = 2", "[t\n", "a = 99999999999999999999", "a = \"\\q\"", "\xff = 1"}) {
    CAPTURE(text);
    const auto toml = parse_toml(text, "s.toml");
    REQUIRE(!toml);
    CHECK(toml.error().file == "s.toml");
    CHECK(toml.error().line > 0);
    CHECK(!toml.error().message.empty());
  }
}

TEST_CASE("a pattern stays within a folder, unless it says otherwise") {
  CHECK(glob_matches("a/*.jpg", "a/b.jpg"));
  CHECK_FALSE(glob_matches("a/*.jpg", "a/b/c.jpg"));
  CHECK(glob_matches("a/**/*.jpg", "a/b/c.jpg"));
  CHECK(glob_matches("a/**/*.jpg", "a/c.jpg"));
  CHECK(glob_matches("a/**", "a/b/c.jpg"));
  CHECK(glob_matches("**/c.jpg", "a/b/c.jpg"));
  CHECK_FALSE(glob_matches("**/c.jpg", "a/b/xc.jpg"));
  CHECK(glob_matches("a?c", "abc"));
  CHECK_FALSE(glob_matches("a?c", "a/c"));
  CHECK(glob_matches("[a-c]x", "bx"));
  CHECK_FALSE(glob_matches("[!a-c]x", "bx"));
  CHECK(glob_matches("a[", "a["));
  CHECK(glob_matches("\\*", "*"));
  CHECK_FALSE(glob_matches("\\*", "x"));
  CHECK_FALSE(glob_matches("", "a"));
  CHECK(glob_matches("*", ""));
}

TEST_CASE("a pattern that was made to take long does not") {
  CHECK_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(20'000, 'a')));
  CHECK_FALSE(glob_matches("**a**a**a**a**a**a**a**a**b", std::string(20'000, 'a')));
}

TEST_CASE("the word that was meant is named, and no word that is far") {
  const std::vector<std::string> known{"select", "ignore", "fail-on"};
  CHECK(did_you_mean("selct", known) == " (did you mean 'select'?)");
  CHECK(did_you_mean("ginore", known) == " (did you mean 'ignore'?)");
  CHECK(did_you_mean("baseline", known).empty());
}
