#include "vetset/base/unicode.h"

#include <doctest/doctest.h>

namespace {

using namespace vetset;

TEST_CASE("the first byte that is not UTF-8 is found, wherever it stands") {
  const std::string bad[] = {"\x80",         "\xc0\xaf",         "\xc1\xbf",         "\xe0\x80\xaf",
                             "\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                             "\xff",         "\xe2\x82",         "\xf0\x9f\x98",     "\xc3("};
  for (const std::size_t before : {0U, 1U, 31U, 32U, 100U}) {
    const std::string prefix(before, 'a');
    for (const std::string& sequence : bad) {
      CAPTURE(before);
      CHECK(invalid_utf8(prefix + sequence) == before);
      CHECK(invalid_utf8(prefix + sequence + std::string(70, 'z')) == before);
    }
    CHECK_FALSE(invalid_utf8(prefix + "é日🙂\xf4\x8f\xbf\xbf\xee\x80\x80"));
  }
}

TEST_CASE("normal form C joins what is written apart, and leaves what is not UTF-8") {
  CHECK(nfc("Cafe\xcc\x81") == "Caf\xc3\xa9");
  CHECK(nfc("plain") == "plain");
  CHECK(nfc("e\xcc\x81\xff") == "e\xcc\x81\xff");
}

TEST_CASE("names that people read as the same fold to the same") {
  CHECK(fold("  Traffic \t Light ") == "traffic light");
  CHECK(fold("STRASSE") == fold("straße"));
  CHECK(fold("Ｃａｒ") == "car");
  CHECK(fold("a\xc2\xa0 b") == "a b");
  CHECK(fold("ﬁsh") == "fish");
  CHECK(fold("ΣΊΣΥΦΟΣ") == fold("σίσυφος"));
  CHECK(fold("A\xff"
             "B") ==
        "a\xff"
        "b");
  CHECK(fold("") == "");
  for (const char* name : {"İstanbul", "ǰ", "ΐ", "ﷺ", "①"}) {
    CAPTURE(name);
    CHECK(fold(fold(name)) == fold(name));
  }
}

TEST_CASE("distance counts code points and stops at the limit") {
  CHECK(edit_distance("kitten", "sitting", 5) == 3);
  CHECK(edit_distance("kitten", "sitting", 2) == 3);
  CHECK(edit_distance("", "abc", 3) == 3);
  CHECK(edit_distance("", "abcdef", 3) == 4);
  CHECK(edit_distance("é", "e", 3) == 1);
  CHECK(edit_distance("same", "same", 0) == 0);
  CHECK(edit_distance("abcd", "badc", 9) == 3);
}

TEST_CASE("what a terminal would act on is shown, not sent") {
  CHECK(printable("a\x1b[31m\n") == "a\\x1b[31m\\x0a");
  CHECK(printable("caf\xc3\xa9 \xff") == "caf\xc3\xa9 \\xff");
  CHECK(printable("a\xe2\x80\xae"
                  "b") ==
        "a\\xe2\\x80\\xae"
        "b");
  CHECK(printable("a\xc2\x9b"
                  "b") ==
        "a\\xc2\\x9b"
        "b");
}

TEST_CASE("width is what the terminal needs") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\xcc\x81") == 1);
  CHECK(display_width("") == 0);
}

}  // namespace
