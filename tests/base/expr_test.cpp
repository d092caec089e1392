#include "vetset/base/expr.h"

#include <doctest/doctest.h>

#include <string>

#include "vetset/base/random.h"

using namespace vetset;

namespace {

constexpr ExprField inner_fields[] = {{"size", ExprType::number, ""}};
constexpr ExprTable inner_table{.fields = inner_fields};
constexpr ExprField fields[] = {
    {"class", ExprType::text, ""},   {"box.width", ExprType::number, ""}, {"crowd", ExprType::truth, ""},
    {"score", ExprType::number, ""}, {"split", ExprType::texts, ""},      {"image.path", ExprType::text, ""},
    {"x.*", ExprType::anything, ""},
};
constexpr ExprTable table{.fields = fields, .counted = &inner_table, .where_listed = "the manual lists them"};

struct Size final : ExprRow {
  explicit Size(double s) : size(s) {}
  ExprValue value(std::size_t, std::string_view) const override { return ExprValue::of(size); }
  double size;
};

/// A car, 7.5 wide, not a crowd, without a score, in two splits.
struct Row final : ExprRow {
  ExprValue value(std::size_t field, std::string_view rest) const override {
    static constexpr std::string_view splits[] = {"train", "extra"};
    switch (field) {
      case 0: return ExprValue::view("caf\u00e9");
      case 1: return ExprValue::of(7.5);
      case 2: return ExprValue::of(false);
      case 3: return {};
      case 4: return ExprValue::view(splits);
      case 5: return ExprValue::view("night/a/1.jpg");
      default: break;
    }
    if (rest == "weather") return ExprValue::own("snow");
    if (rest == "road type") return ExprValue::of(3.0);
    if (rest == "wet") return ExprValue::of(true);
    return {};
  }
  std::uint64_t count(const std::function<bool(const ExprRow&)>& holds) const override {
    std::uint64_t n = 0;
    for (const double size : {1.0, 5.0, 9.0}) n += holds(Size(size)) ? 1U : 0U;
    return n;
  }
};

bool holds(std::string_view text) {
  const auto e = Expr::parse(text, table);
  INFO(text);
  if (!e) FAIL(to_string(e.error()));
  return e->holds(Row());
}
std::string complaint(std::string_view text) {
  auto e = Expr::parse(text, table);
  return e ? "(none)" : to_string(std::move(e).error().in("e"));
}

}  // namespace

TEST_CASE("a condition compares, calculates and joins") {
  CHECK(holds("class == \"café\""));
  CHECK(holds("class == 'cafe\u0301'"));  // equal where the normal forms are
  CHECK_FALSE(holds("class != 'café'"));
  CHECK(holds("box.width < 8 and box.width >= 7.5"));
  CHECK(holds("box.width * 2 - 1 == 14"));
  CHECK(holds("2 + 3 * 4 == 14 and (2 + 3) * 4 == 20 and 7 - 2 - 1 == 4 and 8 / 4 / 2 == 1"));
  CHECK(holds("-box.width < 0 and - - 1 == 1"));
  CHECK(holds("not crowd"));
  CHECK(holds("crowd == false"));
  CHECK(holds("crowd or class > 'a'"));
  CHECK(holds("1 == 2 and 1 == 2 or 1 == 1"));  // "and" binds closer
  CHECK(holds("not 1 == 2"));
}

TEST_CASE("lists and patterns") {
  CHECK(holds("box.width in (1, 7.5)"));
  CHECK(holds("box.width not in (1, -7.5)"));
  CHECK(holds("split in ('val', 'extra')"));
  CHECK_FALSE(holds("split in ('val')"));
  CHECK(holds("split == 'train' and split == 'extra'"));
  CHECK_FALSE(holds("split != 'train'"));
  CHECK(holds("image.path like 'night/**'"));
  CHECK_FALSE(holds("image.path like 'night/*'"));  // '*' stays within a folder
  CHECK(holds("image.path not like '*.png'"));
  CHECK(holds("split like 'tr*'"));
}

TEST_CASE("what is not said makes neither yes nor no") {
  CHECK_FALSE(holds("score > 0.5"));
  CHECK_FALSE(holds("not score > 0.5"));
  CHECK_FALSE(holds("score == score"));
  CHECK(holds("score == null"));
  CHECK_FALSE(holds("null != score"));
  CHECK(holds("class != null"));
  CHECK(holds("score > 0.5 or box.width > 1"));
  CHECK_FALSE(holds("score > 0.5 and box.width > 1"));
  CHECK(holds("not (score > 0.5 and box.width < 1)"));
  CHECK_FALSE(holds("score in (1, 2) or score not in (1, 2)"));
  CHECK_FALSE(holds("1 / 0 > 0 or not 1 / 0 > 0"));
}

TEST_CASE("a field of any type is looked at row by row") {
  CHECK(holds("x.weather == 'snow'"));
  CHECK(holds("x.\"road type\" + 1 == 4"));
  CHECK(holds("x.wet"));
  CHECK(holds("x.dry == null"));
  CHECK_FALSE(holds("x.weather == 3"));
  CHECK(holds("x.weather != 3"));
  CHECK_FALSE(holds("x.weather < 3 or x.weather >= 3"));
  CHECK_FALSE(holds("x.weather"));
}

TEST_CASE("count counts the rows that hold") {
  CHECK(holds("count() == 3"));
  CHECK(holds("count(size > 4) == 2"));
  CHECK(holds("count(size > 4 and size < 6) * 10 > 9"));
  CHECK_FALSE(holds("count(size > 100) > 0"));
}

TEST_CASE("errors say what was found, what was expected, and the column") {
  CHECK(complaint("") == "e:1:1: expected a field or a value, found the end");
  CHECK(complaint("clas == 'car'") == "e:1:1: no field is called 'clas' (did you mean 'class'?)");
  CHECK(complaint("class == car") == "e:1:10: no field is called 'car'; a text stands in quotes: \"car\"");
  CHECK(complaint("velocity > 1") == "e:1:1: no field is called 'velocity'; the manual lists them");
  CHECK(complaint("class = 'car'") == "e:1:7: expected '==', found '='");
  CHECK(complaint("crowd && crowd") == "e:1:7: expected 'and', found '&&'");
  CHECK(complaint("!crowd") == "e:1:1: expected 'not', found '!'");
  CHECK(complaint("class == 'car") == "e:1:10: expected a closing ', found ''car'");
  CHECK(complaint("box.width < 'x'") == "e:1:13: expected a number to compare with, found ''x'', which is a text");
  CHECK(complaint("class + 1 > 2") == "e:1:1: expected a number before '+', found 'class', which is a text");
  CHECK(complaint("box.width") ==
        "e:1:1: expected a condition such as class == \"car\", found 'box.width', which is a number");
  CHECK(complaint("crowd and box.width") ==
        "e:1:11: expected a condition after 'and', found 'box.width', which is a number");
  CHECK(complaint("1 < box.width < 3") == "e:1:15: comparisons do not chain; expected a < b and b < c");
  CHECK(complaint("crowd crowd") == "e:1:7: expected 'and', 'or' or the end, found 'crowd'");
  CHECK(complaint("split in 'train'") ==
        "e:1:10: expected '(' and a list such as (\"train\", \"val\"), found ''train''");
  CHECK(complaint("split in ('a' 'b')") == "e:1:15: expected ',' or ')', found ''b''");
  CHECK(complaint("class in (1)") == "e:1:11: expected a text in this list, found '1', which is a number");
  CHECK(complaint("score < null") == "e:1:7: null is compared with == or != only");
  CHECK(complaint("class like car") == "e:1:12: expected a pattern such as \"night/*\", found 'car'");
  CHECK(complaint("(crowd") == "e:1:7: expected ')', found the end");
  CHECK(complaint("box.width > 1.5.2") == "e:1:13: expected a number such as 12, 0.5 or 1e-3, found '1.5.2'");
  CHECK(complaint("crowd # no") == "e:1:7: expected a field, a value or a sign, found '#'");
  CHECK(complaint("count(count() > 1) > 1") == "e:1:7: count(…) has nothing to count here");
  CHECK(complaint("count(box.width > 1) > 1").starts_with("e:1:7: no field is called 'box.width'"));
  CHECK(complaint("crowd \xff") == "e:1:7: is not UTF-8");
}

TEST_CASE("nesting has a limit, and a long chain is no nesting") {
  const std::string deep = std::string(2000, '(') + "crowd" + std::string(2000, ')');
  CHECK(complaint(deep).find("is nested deeper than 100 levels") != std::string::npos);
  CHECK(complaint(std::string(4000, '-') + "1 > 0").find("deeper") != std::string::npos);
  std::string nots;
  for (int i = 0; i < 2000; ++i) nots += "not ";
  CHECK(complaint(nots + "crowd").find("deeper") != std::string::npos);
  std::string sums = "1";
  for (int i = 0; i < 2000; ++i) sums += "+1";
  CHECK(complaint(sums + " > 0").find("deeper") != std::string::npos);
  std::string many = "crowd";
  for (int i = 0; i < 2000; ++i) many += " or crowd";
  CHECK(complaint(many) == "(none)");
  CHECK(complaint(std::string(70000, ' ')).find("expected at most") != std::string::npos);
}

TEST_CASE("any text is a condition or an error with a place, and any condition has an answer") {
  constexpr std::string_view parts[] = {"class", "box.width", "crowd", "score", "split",    "x.a", "'a'", "\"b",
                                        "1",     "2.5e",      "(",     ")",     "==",       "<",   "and", "or",
                                        "not",   "in",        "like",  "null",  "-",        "+",   "/",   ",",
                                        "!",     "count",     "true",  "size",  "\xc3\xa9", "."};
  Random random(5);
  std::size_t read = 0;
  for (int n = 0; n < 60000; ++n) {
    std::string text;
    for (std::uint32_t k = random.between(1, 9); k > 0; --k)
      text += std::string(parts[random.below(30)]) + (random.once_in(4) ? "" : " ");
    const auto e = Expr::parse(text, table);
    if (e) {
      ++read;
      (void)e->holds(Row());
      continue;
    }
    CAPTURE(text);
    REQUIRE(e.error().column >= 1);
    REQUIRE(e.error().column <= text.size() + 1);
  }
  CHECK(read > 100);
}
