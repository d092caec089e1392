// The cursor, the writers, and the small tree.
#include "vetset/base/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace {

using namespace vetset;

/// What is wrong with `json`, and at which byte; empty where nothing is.
std::string fault(std::string_view json, std::uint32_t depth = 64) {
  JsonCursor c(json, depth);
  c.skip();
  if (c.at_end()) return {};
  c.fail("expected the end of the value");
  return c.error_text() + " at " + std::to_string(c.error_offset());
}

std::string repeated(std::string_view json) {
  JsonCursor c(json);
  c.skip();
  std::string list;
  for (const RepeatedKey& key : c.repeated_keys()) list += key.key + '@' + std::to_string(key.offset) + ' ';
  return list;
}

TEST_CASE("a record is read member by member, with places") {
  JsonCursor c(
      R"( {"id": 7, "name" : "a\u00e9", "box":[1.50, -2e1], "is_crowd":true, "more":{"x":[{}]}, "none":null})");
  std::string seen;
  for (c.enter_object(); c.next_member();) {
    seen += c.key();
    seen += ' ';
    if (c.key() == "id") {
      CHECK(c.read_number().whole == 7);
    } else if (c.key() == "name") {
      CHECK(c.read_string() == "aé");
    } else if (c.key() == "box") {
      double sum = 0;
      for (c.enter_array(); c.next_element();) sum += c.read_number().value;
      CHECK(sum == -18.5);
      CHECK(c.raw_member() == R"("box":[1.50, -2e1])");
    } else if (c.key() == "is_crowd") {
      CHECK(c.read_bool());
    } else if (c.key() == "more") {
      CHECK(c.type() == JsonType::object);
      CHECK(c.skip() == R"({"x":[{}]})");
      CHECK(c.raw_member() == R"("more":{"x":[{}]})");
    } else {
      CHECK_FALSE(c.read_bool());
      CHECK(c.failed());
    }
  }
  CHECK(seen == "id name box is_crowd more none ");
  CHECK(c.error_text() == "expected true or false, found 'n'");
}

TEST_CASE("null is taken where it stands and left alone where it does not") {
  JsonCursor c("[null, 1]");
  c.enter_array();
  CHECK(c.next_element());
  CHECK(c.read_null());
  CHECK(c.next_element());
  CHECK_FALSE(c.read_null());
  CHECK(c.read_number().value == 1);
  CHECK_FALSE(c.next_element());
  CHECK(c.at_end());
}

TEST_CASE("strict means strict, also in what is skipped") {
  for (const char* good :
       {"0", "-1.5e+3", "[]", "{}", "[ ]", "\"\\ud83d\\ude00\\/\"", "{\"a\":[1,{\"b\":null}]}\n", "true"}) {
    CAPTURE(good);
    CHECK(fault(good) == "");
  }
  CHECK(fault("") == "expected a value, found the end at 0");
  CHECK(fault("[1,]") == "expected a value, found ']' at 3");
  CHECK(fault("[,1]") == "expected a value, found ',' at 1");
  CHECK(fault("[1 2]") == "expected ',' or ']', found '2' at 3");
  CHECK(fault("{\"a\":1,}") == "expected a key in double quotes, found '}' at 7");
  CHECK(fault("{a:1}") == "expected a key in double quotes, found 'a' at 1");
  CHECK(fault("{\"a\" 1}") == "expected ':' after a key, found '1' at 5");
  CHECK(fault("{\"a\":1]") == "expected ',' or '}', found ']' at 6");
  CHECK(fault("[1") == "expected ',' or ']', found the end at 2");
  CHECK(fault("[01]") == "expected a number as JSON spells it, found '0' at 1");
  CHECK(fault("[1.]") == "expected a number as JSON spells it, found '1' at 1");
  CHECK(fault("[+1]") == "expected a value, found '+' at 1");
  CHECK(fault("[.5]") == "expected a value, found '.' at 1");
  CHECK(fault("['a']") == "expected a value, found ''' at 1");
  CHECK(fault("nul") == "expected a value, found 'n' at 0");
  CHECK(fault("nullx") == "expected the end of the value, found 'x' at 4");
  CHECK(fault("\"a\nb\"") == "expected no control character in a string, found a line break at 2");
  CHECK(fault("\"a") == "expected '\"' at the end of a string, found the end at 2");
  CHECK(fault("\"a\\") == "expected '\"' at the end of a string, found the end at 3");
  CHECK(fault("\"a\\\"") == "expected '\"' at the end of a string, found the end at 4");
  CHECK(fault("\"\\x\"") == "expected one of \"\\/bfnrtu after a backslash, found 'x' at 2");
  CHECK(fault("\"\\u12g4\"") == "expected four hexadecimal digits after \\u, found '\\' at 1");
  CHECK(fault("[1]\v") == "expected the end of the value, found byte 0x0b at 3");
}

TEST_CASE("every prefix of a document is a fault, and none is read past its end") {
  const std::string json = R"({"a":[1.5,true,null,"x\u00e9\n"],"b":{"c":-2E-3}})";
  REQUIRE(fault(json) == "");
  for (std::size_t n = 0; n < json.size(); ++n) {
    CAPTURE(n);
    const std::vector<char> exact(json.begin(), json.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK(fault({exact.data(), exact.size()}) != "");
  }
}

TEST_CASE("nesting ends at the limit") {
  CHECK(fault(std::string(64, '[') + std::string(64, ']')) == "");
  CHECK(fault(std::string(65, '[') + std::string(65, ']')) == "expected no deeper nesting, found '[' at 64");
  CHECK(fault(std::string(1'000'000, '[')) == "expected no deeper nesting, found '[' at 64");
}

TEST_CASE("Python's NaN and Infinity are held and counted") {
  JsonCursor c("[1, NaN, -Infinity, Infinity]");
  c.enter_array();
  c.next_element();
  CHECK(c.read_number().value == 1);
  c.next_element();
  CHECK(std::isnan(c.read_number().value));
  c.next_element();
  CHECK(c.read_number().value == -std::numeric_limits<double>::infinity());
  c.next_element();
  c.skip();
  CHECK_FALSE(c.next_element());
  CHECK(c.odd_numbers() == 3);
  CHECK(c.first_odd_offset() == 4);
  CHECK(c.at_end());
}

TEST_CASE("escapes become UTF-8; a lone surrogate stays visible as what is not") {
  const auto text = [](std::string_view json) { return std::string(JsonCursor(json).read_string()); };
  CHECK(text(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(text(R"("\u0041\u00df\u6771\ud834\udd1e\u0000")") == std::string("Aß東𝄞\0", 11));
  CHECK(text(R"("\ud800x")") == "\xed\xa0\x80x");
  CHECK(text(R"("\udc00\ud800")") == "\xed\xb0\x80\xed\xa0\x80");
  CHECK(text(R"("\ud800\u0041")") ==
        "\xed\xa0\x80"
        "A");
  CHECK(text("\"a\xff\"") == "a\xff");
}

TEST_CASE("repeated keys are seen at any depth, escaped or not, few or many") {
  CHECK(repeated(R"({"a":1,"b":2,"c":{"a":1}})") == "");
  CHECK(repeated(R"({"a":1,"b":2,"a":3,"a":4})") == "a@13 a@19 ");
  CHECK(repeated(R"([{"x":{"k":1,"\u006b":2}},{"k":1}])") == "k@13 ");
  CHECK(repeated(R"({"a":{"b":1},"b":2,"a":3})") == "a@19 ");
  std::string json = "{";
  for (int i = 0; i < 500; ++i) json += '"' + std::to_string(i) + "\":{\"0\":1},";
  CHECK(repeated(json + "\"x\":1}") == "");
  CHECK(repeated(json + "\"3\":1,\"499\":2}") ==
        "3@" + std::to_string(json.size()) + " 499@" + std::to_string(json.size() + 6) + " ");
}

TEST_CASE("keys that only look alike are not repeated") {
  std::string members;
  for (int i = 0; i < 30; ++i) members += "\"k" + std::to_string(i) + "\":0,";
  CHECK(repeated("{\"n\":{" + members + "\"z\":0}," + members + "\"z\":[{" + members + "\"y\":0}]}") == "");
  std::string json = "{";
  for (int i = 0; i < 30; ++i) json += "\"abcdefgh" + std::to_string(i + 10) + "ijklmnop\":0,";
  CHECK(repeated(json + "\"z\":0}") == "");
}

TEST_CASE("records of a slice are walked with their commas") {
  const auto walk = [](std::string_view text) {
    JsonCursor c(text);
    std::string out;
    while (c.next_record()) out += std::string(c.skip()) + '|';
    return out + c.error_text();
  };
  CHECK(walk("") == "");
  CHECK(walk(" {} , 1,[2] ") == "{}|1|[2]|");
  CHECK(walk("{} {}") == "{}|expected ',' between records, found '{'");
  CHECK(walk("{},") == "{}||expected a value, found the end");
  CHECK(walk(",{}") == "|expected a value, found ','");
}

TEST_CASE("lines and columns count from 1, in a text and in a file") {
  const std::string text = "ab\nc\n\nxyz";
  MemoryTree tree;
  REQUIRE(tree.write("f", text));
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    CAPTURE(i);
    CHECK(line_column(text, i).line == line);
    CHECK(line_column(text, i).column == column);
    const auto in_file = line_column(tree, "f", i);
    REQUIRE(in_file);
    CHECK(in_file->line == line);
    CHECK(in_file->column == column);
    ++column;
    if (i < text.size() && text[i] == '\n') {
      ++line;
      column = 1;
    }
  }
}

TEST_CASE("the writer sets commas, colons and the least escapes") {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("a\"b").value("x\n\x01/é\xff").key("n").begin_array().value(1.5).value(-3).value(true).null();
  w.begin_object().end_object().begin_array().end_array().end_array().key("u").value(~std::uint64_t{0});
  w.key("r").raw("[1]").key("z").value(std::numeric_limits<double>::quiet_NaN()).end_object();
  CHECK(out ==
        "{\"a\\\"b\":\"x\\n\\u0001/é\xff\",\"n\":[1.5,-3,true,null,{},[]],\"u\":18446744073709551615,\"r\":[1],"
        "\"z\":NaN}");
}

TEST_CASE("what is written as a string is read as that string") {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (std::size_t n = 0; n <= all.size(); ++n) {
    std::string json;
    append_json_string(json, std::string_view(all).substr(n));
    JsonCursor c(json);
    CHECK(c.read_string() == std::string_view(all).substr(n));
    CHECK(c.at_end());
  }
}

TEST_CASE("people get two spaces a level") {
  CHECK(pretty_json(R"({"a":[1,{}],"b":[]})") == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
  CHECK(pretty_json("[1,") == "[1,");
}

TEST_CASE("a small document becomes a tree, or an error with its place") {
  const auto json = Json::parse("\xef\xbb\xbf{\"a\":[1.50,true,null],\"b\":\"x\",\"b\":\"y\"}");
  REQUIRE(json);
  CHECK(json->type() == JsonType::object);
  CHECK(json->find("a")->elements()[0].number() == 1.5);
  CHECK(json->find("a")->elements()[0].text() == "1.50");
  CHECK(json->find("a")->elements()[1].boolean());
  CHECK(json->text_or("b", "z") == "y");
  CHECK(json->text_or("c", "z") == "z");
  CHECK(json->find("c") == nullptr);
  CHECK(to_string(Json::parse("{\n \"a\": x}").error()) == ":2:7: expected a value, found 'x'");
  CHECK(Json::parse("[[[1]]]", {.depth = 2}).error().message == "expected no deeper nesting, found '['");
  CHECK(Json::parse("[1,2,3]", {.value_bytes = 3}).error().code == Code::limit);
}

}  // namespace
