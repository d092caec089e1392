// RFC 8785 by its own examples, and what vetset adds to it.
#include <doctest/doctest.h>

#include <bit>
#include <limits>

#include "tests/support/random.h"
#include "vetset/base/json.h"

namespace {

using namespace vetset;

std::string canonical(std::string_view json) {
  auto result = canonical_json(json);
  return result ? *result : "error: " + to_string(result.error());
}

std::string number_of_bits(std::uint64_t bits) {
  std::string out;
  append_canonical_number(out, std::bit_cast<double>(bits));
  return out;
}

TEST_CASE("the number samples of RFC 8785, appendix B") {
  const std::pair<std::uint64_t, const char*> samples[] = {
      {0x0000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : samples) CHECK(number_of_bits(bits) == text);
}

TEST_CASE("the document of RFC 8785, section 3.2.2 to 3.2.4") {
  CHECK(canonical(R"({
       "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
       "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
       "literals": [null, true, false]
     })") ==
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
        "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST_CASE("keys sort by UTF-16 code units, as in RFC 8785, section 3.2.3") {
  CHECK(canonical(R"({
       "\u20ac": "Euro Sign",
       "\r": "Carriage Return",
       "\ufb33": "Hebrew Letter Dalet With Dagesh",
       "1": "One",
       "\ud83d\ude00": "Emoji: Grinning Face",
       "\u0080": "Control",
       "\u00f6": "Latin Small Letter O With Diaeresis"
     })") ==
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
        "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\","
        "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
  CHECK(canonical_less("a", "ab"));
  CHECK_FALSE(canonical_less("ab", "a"));
  CHECK_FALSE(canonical_less("a", "a"));
  CHECK(canonical_less("", "a"));
  CHECK(canonical_less("\xf0\x90\x80\x80", "\xee\x80\x80"));
  CHECK(canonical_less("\xed\x9f\xbf", "\xf0\x90\x80\x80"));
}

TEST_CASE("what JSON cannot say is said in one way") {
  CHECK(canonical("[NaN, Infinity, -Infinity, -0, -0.0, 1e400]") ==
        R"([{"$num":"NaN"},{"$num":"Infinity"},{"$num":"-Infinity"},{"$num":"-0"},{"$num":"-0"},{"$num":"Infinity"}])");
  CHECK(canonical("[9007199254740991, 9007199254740992, -9007199254740993, 123456789012345678901234567890]") ==
        R"([9007199254740991,9007199254740992,"-9007199254740993","123456789012345678901234567890"])");
  CHECK(canonical("[100000000000000000, 1e17, 1152921504606846976, 1152921504606847000, 1e22]") ==
        R"([100000000000000000,100000000000000000,"1152921504606846976",1152921504606847000,1e+22])");
  CHECK(canonical("\"a\xff\"") == R"({"$bytes":"Yf8="})");
  CHECK(canonical("\"\\ud800\"") == R"({"$bytes":"7aCA"})");
  CHECK(canonical("{\"\xff\":1}") == R"({"$bytes:/w==":1})");
}

TEST_CASE("of repeated keys the last holds, and nested objects are sorted too") {
  CHECK(canonical(R"({"b":1,"a":2,"b":3})") == R"({"a":2,"b":3})");
  CHECK(canonical(R"({"a":1,"a":2})") == R"({"a":2})");
  CHECK(canonical(R"([{"b":{"d":1,"c":[]},"a":{}}])") == R"([{"a":{},"b":{"c":[],"d":1}}])");
}

TEST_CASE("text is not normalised, and the canonical form is its own canonical form") {
  CHECK(canonical("\"e\\u0301\"") == "\"e\xcc\x81\"");
  for (const char* json : {R"({"b":[1,2.5,"x\n"],"a":null})", R"([NaN,-0,9007199254740993,"é"])", "1e-9", "\"\\/\""}) {
    CAPTURE(json);
    CHECK(canonical(canonical(json)) == canonical(json));
  }
}

TEST_CASE("keys that are not UTF-8 stand where what is printed for them sorts") {
  CHECK(canonical("{\"\xff\":1,\"$a\":2,\"a\":3}") == R"({"$a":2,"$bytes:/w==":1,"a":3})");
  CHECK(canonical("{\"\xff\":1,\"$bytes:/w==\":2}") == R"({"$bytes:/w==":2})");
}

/// JSON as a stranger may write it: escapes, repeated keys, bytes that are no UTF-8, numbers of every size and
/// spelling.
std::string random_json(Random& random, unsigned depth) {
  const auto one_of = [&](const auto& choices) {
    return choices[random.below(static_cast<std::uint32_t>(std::size(choices)))];
  };
  const auto text = [&] {
    constexpr std::string_view pieces[] = {"a",  "$",    "\xff", "\\ud83d", "\\ude00", "\\u0000", "é", "\xef\xac\xb3",
                                           "😀", "\\\"", ":"};
    std::string out = "\"";
    for (std::uint32_t left = random.below(4); left > 0; --left) out += one_of(pieces);
    return out + "\"";
  };
  const auto number = [&] {
    std::string out = random.below(2) == 0 ? "-" : "";
    out += static_cast<char>('1' + random.below(9));
    for (std::uint32_t left = random.below(24); left > 0; --left) out += static_cast<char>('0' + random.below(3) * 4);
    if (random.below(3) == 0) out += "." + std::to_string(random.below(1000));
    if (random.below(3) == 0) out += (random.below(2) == 0 ? "e" : "E-") + std::to_string(random.below(330));
    return out;
  };
  constexpr std::string_view words[] = {"null", "true", "false", "NaN", "-Infinity", "-0", "-0.0", "1e17"};
  std::string out;
  switch (random.below(depth == 0 ? 3 : 5)) {
    case 0: return text();
    case 1: return number();
    case 2: return std::string(one_of(words));
    case 3:
      for (std::uint32_t left = random.below(4); left > 0; --left) {
        if (!out.empty()) out += ", ";
        out += random_json(random, depth - 1);
      }
      return "[" + out + "]";
    default:
      for (std::uint32_t left = random.below(6); left > 0; --left) {
        if (!out.empty()) out += ", ";
        out += text() + ": ";
        out += random_json(random, depth - 1);
      }
      return "{" + out + "}";
  }
}

TEST_CASE("of random JSON, the canonical form is its own canonical form") {
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    Random random(seed);
    const std::string json = random_json(random, 3);
    CAPTURE(json);
    const std::string once = canonical(json);
    REQUIRE_FALSE(once.starts_with("error"));
    CHECK(canonical(once) == once);
  }
}

TEST_CASE("what is not one JSON value has no canonical form") {
  CHECK(canonical("[1,]") == "error: :1:4: expected a value, found ']'");
  CHECK(canonical("{\"a\":1\n} x") == "error: :2:3: expected the end of the value, found 'x'");
  CHECK(canonical("") == "error: :1:1: expected a value, found the end");
}

}  // namespace
