#include "vetset/base/yaml.h"

#include <doctest/doctest.h>

namespace {

using namespace vetset;

Yaml parsed(std::string_view text) {
  auto yaml = parse_yaml(text);
  REQUIRE_MESSAGE(yaml, (yaml ? std::string() : to_string(yaml.error())));
  return *std::move(yaml);
}

std::string fault(std::string_view text, const Limits& limits = {}) {
  const auto yaml = parse_yaml(text, limits);
  return yaml ? "" : to_string(yaml.error());
}

std::string_view type_of(std::string_view scalar) {
  Yaml yaml;
  yaml.type = Yaml::Type::scalar;
  yaml.text = scalar;
  return yaml.python_type();
}

std::string written(std::string_view text) {
  std::string out;
  append_yaml_string(out, text);
  return out;
}

constexpr std::string_view sample =
    "# a comment\n"
    "path: C:\\Users\\me\\data  # where\n"
    "names:\n"
    "  0: person\n"
    "  1: 'it''s'\n"
    "train: [a, \"b c\", ]  # x\n"
    "nc: 2\n"
    "note: |\n"
    "  one\n"
    "  two\n"
    "\n"
    "test:\n"
    "nc: 3\n";

TEST_CASE("configuration is read with its order, its places and its repeated keys") {
  const Yaml yaml = parsed(sample);
  REQUIRE(yaml.type == Yaml::Type::mapping);
  REQUIRE(yaml.entries.size() == 7);
  CHECK(yaml.find("path")->text == "C:\\Users\\me\\data");
  CHECK(yaml.find("names")->entries[0].first.text == "0");
  CHECK(yaml.find("names")->find("1")->text == "it's");
  CHECK(yaml.find("names")->find("1")->quoted);
  CHECK_FALSE(yaml.find("path")->quoted);
  CHECK(yaml.find("train")->items[1].text == "b c");
  CHECK(yaml.find("note")->text == "one\ntwo\n");
  CHECK(yaml.find("note")->quoted);
  CHECK(yaml.find("test")->is_null());
  CHECK(yaml.find("nc")->text == "2");
  CHECK(yaml.entries[6].second.text == "3");
  CHECK(yaml.find("absent") == nullptr);
  CHECK(yaml.find("nc")->find("x") == nullptr);
  CHECK(yaml.find("train")->line == 6);
  CHECK(yaml.find("train")->column == 8);
}

TEST_CASE("a value's bytes can be cut out of the text") {
  for (const std::string prefix : {"", "\xef\xbb\xbf"}) {
    for (const bool windows : {false, true}) {
      std::string text = prefix;
      for (const char c : sample) {
        if (windows && c == '\n') text += '\r';
        text += c;
      }
      CAPTURE(windows);
      const Yaml yaml = parsed(text);
      const auto bytes = [&](const Yaml& y) {
        return std::string(text.substr(static_cast<std::size_t>(y.begin), static_cast<std::size_t>(y.end - y.begin)));
      };
      CHECK(bytes(*yaml.find("path")) == "C:\\Users\\me\\data");
      CHECK(yaml.find("path")->text == "C:\\Users\\me\\data");
      CHECK(bytes(*yaml.find("names")->find("0")) == "person");
      CHECK(bytes(*yaml.find("names")->find("1")) == "'it''s'");
      CHECK(bytes(*yaml.find("train")) == "[a, \"b c\", ]");
      CHECK(bytes(yaml.find("train")->items[1]) == "\"b c\"");
      CHECK(bytes(*yaml.find("test")) == "");
      CHECK(bytes(*yaml.find("names")) == (windows ? "0: person\r\n  1: 'it''s'" : "0: person\n  1: 'it''s'"));
    }
  }
}

TEST_CASE("nothing, a list and a word are documents too") {
  CHECK(parsed("").is_null());
  CHECK(parsed("# only a comment\n").is_null());
  CHECK(parsed("- a\n- b\n").items.size() == 2);
  CHECK(parsed("word").text == "word");
  CHECK(parsed("a: caf\xc3\xa9\n").find("a")->text == "caf\xc3\xa9");
  CHECK(parsed("a: caf\xe9\n").find("a")->text == "caf\xe9");
}

TEST_CASE("what is not YAML says where") {
  CHECK(fault("a: [1, 2\nb: 3\n").rfind(":2:2: is not YAML: ", 0) == 0);
  CHECK(fault("a: 1\n b: 2\n") != "");
  CHECK(fault("a: 'x") != "");
  CHECK(fault("a: *b\n") != "");
  CHECK(fault("a: 1\n---\nb: 2\n") == "found a second document, expected one");
  CHECK(fault("a: 1\nb: x\x04y\n") == ":2:5: expected text, found a control character");
  CHECK(fault(std::string_view("\xff\xfe"
                               "a\0",
                               4)) == ":1:1: expected UTF-8, found UTF-16 (save it as UTF-8)");
}

TEST_CASE("aliases are followed, but not where they multiply or contain themselves") {
  const Yaml yaml = parsed("a: &x {k: [1, 2]}\nb: *x\n");
  CHECK(yaml.find("b")->find("k")->items[1].text == "2");
  CHECK(yaml.find("b")->line == 2);
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 0; k < 9; ++k) bomb += ", " + last;
    bomb += "]\n";
  }
  CHECK(fault(bomb) == ":6:45: its aliases multiply to more than 1000000 values");
  CHECK(fault("a: &x [1, *x]\n") == ":1:11: expected an alias to something before it");
}

TEST_CASE("depth and size end at the limits") {
  CHECK(fault(std::string(64, '[') + std::string(64, ']')) == "");
  CHECK(fault(std::string(65, '[') + std::string(65, ']')) == ":1:65: found more than 64 levels of nesting");
  CHECK(fault(std::string(100'000, '[')) != "");
  CHECK(fault("a: b", {.value_bytes = 3}) == "found 4 bytes of YAML, expected at most 3");
}

TEST_CASE("a scalar has the type that PyYAML gives it") {
  const std::pair<std::string_view, std::vector<const char*>> types[] = {
      {"bool", {"yes", "No", "TRUE", "false", "on", "Off"}},
      {"str", {"y", "n", "yEs", "tRue", "person", "1e5", "1.0e5", "08", "0o17", "0xg", "1:60", "-.5", "2020-1-2", "é"}},
      {"int", {"0", "-1", "+1", "0777", "0b101", "0x1F", "1_000", "1:30", "190:20:30"}},
      {"float", {"1.", "1.5", ".5", "-1.5", "1.0e+5", "1.e-5", ".inf", "-.Inf", ".NaN", "190:20:30.15", "1_0.5"}},
      {"null", {"", "~", "null", "Null", "NULL"}},
      {"timestamp", {"2020-01-02", "2020-1-2T1:20:30", "2020-01-02 10:20:30.5 +05:30"}},
      {"merge", {"<<"}},
      {"value", {"="}},
  };
  for (const auto& [type, scalars] : types) {
    for (const char* scalar : scalars) {
      CAPTURE(scalar);
      CHECK(type_of(scalar) == type);
    }
  }
  CHECK(parsed("'1'").python_type() == "str");
  CHECK(parsed("!!str 1").python_type() == "str");
  CHECK(parsed("[]").python_type() == "list");
  CHECK(parsed("{}").python_type() == "dict");
}

TEST_CASE("a name is quoted exactly where it would be read as something else") {
  for (const char* plain :
       {"person", "traffic light", "a:b", "a#b", "C:\\x", "y", "1e5", "-a", "it's", "日本", "a'", "~a"}) {
    CHECK(written(plain) == plain);
  }
  CHECK(written("no") == "'no'");
  CHECK(written("1") == "'1'");
  CHECK(written("") == "''");
  CHECK(written("'a'") == "'''a'''");
  for (const char* quoted :
       {" a", "a ", "a: b", "a #b", "a:", "- a",  "-",   "#a", "&a", "*a",         "!a", "|",  ">",
        "%a", "@a", "`a",   "[a]",  "{a", "a, b", "? a", "a?", "~",  "2020-01-02", "=",  "<<", "\"a\""}) {
    CAPTURE(quoted);
    CHECK(written(quoted).front() == '\'');
  }
  CHECK(written("a\nb\t\"\\") == R"("a\nb\t\"\\")");
  CHECK(written("\x01") == R"("\x01")");
}

TEST_CASE("what is written as a scalar is read as that string, in block and in flow style") {
  const std::string letters = "ab:#-?[]{},&*!|>'\"%@`= \t\\1.\n~_";
  std::string text;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    for (std::size_t k = 0; k < letters.size(); ++k) {
      for (std::size_t m = 0; m <= letters.size(); m += 3) {
        text = {letters[i], letters[k]};
        if (m < letters.size()) text += letters[m];
        CAPTURE(text);
        const Yaml in_block = parsed("k: " + written(text) + "\nz: 1\n");
        REQUIRE(in_block.find("k")->text == text);
        REQUIRE(in_block.find("k")->python_type() == "str");
        const Yaml in_flow = parsed("[" + written(text) + ", z]\n");
        REQUIRE(in_flow.items.size() == 2);
        REQUIRE(in_flow.items[0].text == text);
      }
    }
  }
}

}  // namespace
