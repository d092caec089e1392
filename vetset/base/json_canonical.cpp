#include <algorithm>
#include <cmath>

#include "vetset/base/base64.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

/// Where a member stands in the text being written.
struct CanonicalMember {
  std::string key;  // as it is printed, before escapes
  std::size_t begin = 0, end = 0;
};

/// Puts the members written from `begin` on into canonical order; of equal keys the last stays.
void sort_members(std::string& out, std::size_t begin, std::vector<CanonicalMember>& members) {
  const auto less = [](const CanonicalMember& a, const CanonicalMember& b) { return canonical_less(a.key, b.key); };
  const auto not_before = [&](const CanonicalMember& a, const CanonicalMember& b) { return !less(a, b); };
  if (std::adjacent_find(members.begin(), members.end(), not_before) == members.end()) return;
  std::stable_sort(members.begin(), members.end(), less);
  std::string sorted;
  sorted.reserve(out.size() - begin);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size() && members[i + 1].key == members[i].key) continue;
    if (!sorted.empty()) sorted += ',';
    sorted.append(out, members[i].begin, members[i].end - members[i].begin);
  }
  out.resize(begin);
  out += sorted;
}

std::string canonical_key(std::string_view key) {
  return invalid_utf8(key) ? "$bytes:" + base64(key) : std::string(key);
}

/// A number of no point or exponent. Where a double would not print its digits, they become a string: so a second pass
/// finds a number that prints as itself, or a string.
void append_canonical_whole(std::string& out, std::string_view digits, double value) {
  constexpr double largest = 9007199254740991;  // 2^53−1
  if (std::abs(value) <= largest) return append_canonical_number(out, value);
  const std::size_t begin = out.size();
  append_canonical_number(out, value);
  if (std::string_view(out).substr(begin) == digits) return;
  out.resize(begin);
  out += '"';
  out += digits;
  out += '"';
}

void append_canonical_value(JsonCursor& in, std::string& out) {
  switch (in.type()) {
    case JsonType::null:
      if (in.read_null()) out += "null";
      return;
    case JsonType::boolean: out += in.read_bool() ? "true" : "false"; return;
    case JsonType::string: return append_canonical_string(out, in.read_string());
    case JsonType::number: {
      const std::size_t begin = in.offset();
      const NumberText n = in.read_number();
      if (!n.integer) return append_canonical_number(out, n.value);
      return append_canonical_whole(out, in.text().substr(begin, n.length), n.value);
    }
    case JsonType::array: {
      out += '[';
      const std::size_t begin = out.size();
      for (in.enter_array(); in.next_element();) {
        if (out.size() != begin) out += ',';
        append_canonical_value(in, out);
      }
      out += ']';
      return;
    }
    case JsonType::object: {
      out += '{';
      const std::size_t begin = out.size();
      std::vector<CanonicalMember> members;
      for (in.enter_object(); in.next_member();) {
        if (!members.empty()) out += ',';
        members.push_back({.key = canonical_key(in.key()), .begin = out.size()});
        append_json_string(out, members.back().key);
        out += ':';
        append_canonical_value(in, out);
        members.back().end = out.size();
      }
      sort_members(out, begin, members);
      out += '}';
      return;
    }
  }
}

}  // namespace

bool canonical_less(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() || in_b == b.end()) return in_a == a.end() && in_b != b.end();
  // UTF-8 sorts by code point. UTF-16 has the surrogates of U+10000 and above before U+E000..U+FFFF.
  const auto rank = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0xee || byte == 0xef ? byte + 0x100 : int{byte};
  };
  return rank(*in_a) < rank(*in_b);
}

void append_canonical_string(std::string& out, std::string_view text) {
  if (!invalid_utf8(text)) [[likely]]
    return append_json_string(out, text);
  out += "{\"$bytes\":\"";
  out += base64(text);
  out += "\"}";
}

void append_canonical_number(std::string& out, double value) {
  if (std::isfinite(value) && (value != 0 || !std::signbit(value))) [[likely]]
    return append_number(out, value);
  out += "{\"$num\":\"";
  if (value == 0) {
    out += "-0";
  } else {
    append_json_number(out, value);
  }
  out += "\"}";
}

void append_canonical_integer(std::string& out, std::int64_t value) {
  std::string digits;
  append_number(digits, value);
  append_canonical_whole(out, digits, static_cast<double>(value));
}

Result<std::string> canonical_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  JsonCursor in(json);
  append_canonical_value(in, out);
  if (in.at_end()) return out;
  in.fail("expected the end of the value");
  const LineColumn place = line_column(json, in.error_offset());
  return Error{Code::malformed, in.error_text(), {}, place.line, place.column};
}

std::string canonical_written(std::string_view json) {
  Result<std::string> form = canonical_json(json);
  VETSET_ASSERT(form, "what a JsonWriter wrote is JSON");
  return *std::move(form);
}

}  // namespace vetset
