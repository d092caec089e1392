#include <doctest/doctest.h>

#include <random>

#include "vetset/base/json.h"

namespace {

using namespace vetset;

/// All slices as text, member by member, with records joined again; then the error, if any.
std::string put_together(std::string_view json, std::size_t slice_bytes, Limits limits = {}) {
  MemoryTree tree;
  REQUIRE(tree.write("f.json", json));
  auto slicer = JsonSlicer::open(tree, "f.json", {.slice_bytes = slice_bytes, .limits = limits});
  if (!slicer) return to_string(slicer.error());
  std::string out;
  std::string open_member = "-";
  std::uint64_t records = 0;
  for (;;) {
    auto next = slicer->next();
    if (!next) return out + "! " + to_string(next.error());
    if (!*next) return out;
    const JsonSlice& slice = **next;
    CHECK(json.substr(static_cast<std::size_t>(slice.offset), slice.text.size()) == slice.text);
    if (!slice.records) {
      out += slice.member + '=' + std::string(slice.text) + ';';
      continue;
    }
    if (slice.first_record == 0) {
      out += slice.member + ':';
      records = 0;
    }
    CHECK(slice.first_record == records);
    JsonCursor c(slice.text);
    for (; c.next_record(); ++records) out += std::string(c.skip()) + ';';
    out += c.error_text();
  }
}

TEST_CASE("slices of any size hold the same records") {
  const std::string json = R"( {"info": {"a": [1, "]}"], "b":{}}, "images":[{"id": 1, "x":"\"}]"} ,
    {"id":2},{"id":3, "deep":[[{}],{"k":"\\"}]}], "empty": [ ], "n": -1.5 , "t":true, "s":"a\"b", "numbers":[1, "a,b", 3],
    "mixed":[ [1],2 , "x,[{", {} ,null,{"z":[]} ] , "":[[]]} )";
  const std::string expected = R"(info={"a": [1, "]}"], "b":{}};images:{"id": 1, "x":"\"}]"};{"id":2};)"
                               R"({"id":3, "deep":[[{}],{"k":"\\"}]};empty:n=-1.5;t=true;s="a\"b";)"
                               R"(numbers:1;"a,b";3;mixed:[1];2;"x,[{";{};null;{"z":[]};:[];)";
  for (std::size_t bytes = 1; bytes < 200; ++bytes) {
    CAPTURE(bytes);
    REQUIRE(put_together(json, bytes) == expected);
  }
  CHECK(put_together(json, 1 << 20) == expected);
}

TEST_CASE("the top level may be an array") {
  for (std::size_t bytes = 1; bytes < 30; ++bytes) {
    CAPTURE(bytes);
    CHECK(put_together("[{\"a\":1}, {\"b\":[2,3]},5]\n", bytes) == ":{\"a\":1};{\"b\":[2,3]};5;");
    CHECK(put_together("[ ]", bytes) == ":");
    CHECK(put_together("{ }", bytes) == "");
  }
}

TEST_CASE("an array within slice_bytes is one slice, and a longer one is cut where a record ends") {
  MemoryTree tree;
  REQUIRE(tree.write("f", R"({"a":[{"i":1},{"i":2},{"i":3}],"b":[{"i":4}]})"));
  auto slicer = JsonSlicer::open(tree, "f", {.slice_bytes = 10});
  REQUIRE(slicer);
  std::string cut;
  for (auto next = slicer->next(); next && *next; next = slicer->next()) cut += std::string((*next)->text) + '|';
  CHECK(cut == R"({"i":1},{"i":2}|{"i":3}|{"i":4}|)");
}

TEST_CASE("a broken file says where, in every window") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "f.json:1:1: expected JSON, found an empty file"},
      {" \n ", "f.json:1:1: expected JSON, found an empty file"},
      {"x", "f.json:1:1: expected '{' or '[', found 'x'"},
      {"5", "f.json:1:1: expected '{' or '[', found '5'"},
      {"{", "! f.json:1:2: expected a key in double quotes, found the end of the file"},
      {"{,", "! f.json:1:2: expected a key in double quotes, found ','"},
      {"{\"a\"\n1}", "! f.json:2:1: expected ':' after a key, found '1'"},
      {"{\"a", "! f.json:1:4: expected '\"' at the end of a key, found the end of the file"},
      {"{\"\\q\":1}", "! f.json:1:4: expected one of \"\\/bfnrtu after a backslash, found 'q'"},
      {"{\"a\":}", "! f.json:1:6: expected a value, found '}'"},
      {"{\"a\":?}", "! f.json:1:6: expected a value, found '?'"},
      {"{\"a\":1,}", "a=1;! f.json:1:8: expected a key in double quotes, found '}'"},
      {"{\"a\":1 \"b\":2}", "a=1;! f.json:1:8: expected ',' or '}', found '\"'"},
      {"{\"a\":\"x", "! f.json:1:8: expected '\"' at the end of \"a\", found the end of the file"},
      {"{\"a\":{\"b\":1", "! f.json:1:12: expected '}' at the end of \"a\", found the end of the file"},
      {"{\"a\":[{}\n,{\"b\"", "a:{};! f.json:2:6: expected ']' at the end of \"a\", found the end of the file"},
      {"[{}", ":{};! f.json:1:4: expected ']', found the end of the file"},
      {"[{}}", "! f.json:1:4: expected ',' or ']', found '}'"},
      {"[{}] ]", ":{};! f.json:1:6: expected the end of the file, found ']'"},
      {"{\"a\":1}{", "a=1;! f.json:1:8: expected the end of the file, found '{'"},
      {"{\"a\":1", "! f.json:1:7: expected '}' at the end of \"a\", found the end of the file"},
  };
  for (const auto& [json, expected] : cases) {
    CAPTURE(json);
    CHECK(put_together(json, 1 << 20) == expected);
  }
  CHECK(put_together("[{},]", 1) == ":{};! f.json:1:5: expected a value after ',', found ']'");
  CHECK(put_together("[{} {}]", 1) == ":{};! f.json:1:5: expected ',' or ']', found '{'");
}

TEST_CASE("no prefix of a file passes for the file") {
  const std::string json = R"({"a":[{"b":"é\n"},{"c":[1,2]}],"d":{"e":"f"},"g":1})";
  for (const std::size_t bytes : {1U, 7U, 1000U}) {
    REQUIRE(put_together(json, bytes).find('!') == std::string::npos);
    for (std::size_t n = 1; n < json.size(); ++n) {
      CAPTURE(n);
      CHECK(put_together(json.substr(0, n), bytes).find("! ") != std::string::npos);
    }
  }
}

TEST_CASE("a byte-order mark is skipped and told; UTF-16 is named") {
  MemoryTree tree;
  REQUIRE(tree.write("bom", "\xef\xbb\xbf{\"a\":1}"));
  REQUIRE(tree.write("plain", "[1]"));
  REQUIRE(tree.write("utf16", std::string_view("\xff\xfe{\0}\0", 6)));
  REQUIRE(tree.write("utf16 without mark", std::string_view("{\0}\0", 4)));
  auto bom = JsonSlicer::open(tree, "bom");
  REQUIRE(bom);
  CHECK(bom->had_bom());
  CHECK((*bom->next())->text == "1");
  CHECK_FALSE(bom->is_array());
  CHECK_FALSE(JsonSlicer::open(tree, "plain")->had_bom());
  CHECK(JsonSlicer::open(tree, "plain")->is_array());
  CHECK(JsonSlicer::open(tree, "utf16").error().message ==
        "expected UTF-8, found what looks like UTF-16 (save it as UTF-8)");
  CHECK(JsonSlicer::open(tree, "utf16 without mark").error().code == Code::malformed);
  CHECK(JsonSlicer::open(tree, "missing").error().code == Code::not_found);
}

TEST_CASE("the first byte that is not UTF-8 is told, and characters across windows are no fault") {
  std::string good = "[";
  for (int i = 0; i < 40; ++i) good += "\"é日🙂\",[],";
  good += "1]";
  const auto first_bad = [](const std::string& json, std::size_t bytes) {
    MemoryTree tree;
    REQUIRE(tree.write("f", json));
    auto slicer = JsonSlicer::open(tree, "f", {.slice_bytes = bytes});
    REQUIRE(slicer);
    for (auto next = slicer->next(); next && *next; next = slicer->next()) {
    }
    return slicer->bad_utf8();
  };
  for (std::size_t bytes = 1; bytes < 30; ++bytes) {
    CAPTURE(bytes);
    CHECK_FALSE(first_bad(good, bytes));
    for (const std::size_t at : {2U, 103U, 201U}) {
      std::string bad = good;
      const std::size_t quote = bad.find('"', at);
      bad.insert(quote + 1, "\xed\xa0\x80");
      CHECK(first_bad(bad, bytes) == quote + 1);
    }
  }
}

TEST_CASE("repeated top-level keys are told once") {
  MemoryTree tree;
  REQUIRE(tree.write("f", R"({"a":1,"b":2,"\u0061":3,"a":[4],"c":{"c":1}})"));
  auto slicer = JsonSlicer::open(tree, "f");
  REQUIRE(slicer);
  for (auto next = slicer->next(); next && *next; next = slicer->next()) {
  }
  CHECK(slicer->duplicate_members() == std::vector<std::string>{"a"});
}

TEST_CASE("what is too long to hold is an error with its place") {
  const std::string record = "{\"x\":\"" + std::string(5000, 'y') + "\"}";
  CHECK(put_together("{\"a\":[{},\n" + record + "]}", 16, {.record_bytes = 1000}) ==
        "a:{};! f.json:2:1: a record in \"a\" has more than the 1000 bytes that are read at once");
  CHECK(put_together("{\"a\":" + record + "}", 16, {.value_bytes = 1000}) ==
        "! f.json:1:6: a value in \"a\" has more than the 1000 bytes that are read at once");
  CHECK(put_together("[" + record + "]", 16, {.record_bytes = 6000}) == ":" + record + ";");
}

TEST_CASE("slices own their bytes: they stay when the slicer goes on") {
  std::string json = "[";
  for (int i = 0; i < 500; ++i) json += "{\"i\":" + std::to_string(i) + "},";
  json += "{}]";
  MemoryTree tree;
  REQUIRE(tree.write("f", json));
  std::vector<JsonSlice> slices;
  {
    auto slicer = JsonSlicer::open(tree, "f", {.slice_bytes = 50});
    REQUIRE(slicer);
    for (auto next = slicer->next(); next && *next; next = slicer->next()) slices.push_back(**std::move(next));
  }
  CHECK(slices.size() > 50);
  for (const JsonSlice& slice : slices) {
    CHECK(slice.text == json.substr(static_cast<std::size_t>(slice.offset), slice.text.size()));
  }
}

}  // namespace
