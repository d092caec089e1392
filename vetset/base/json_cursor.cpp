#include <algorithm>
#include <cstring>
#include <limits>
#include <set>

#include "vetset/base/json.h"
#include "vetset/base/json_scan.h"

namespace vetset {
namespace {

constexpr std::size_t many_keys = 32;  // from here on an object's keys are kept sorted

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Two loads that cover short keys whole. It only sorts out what differs: equal hashes are compared as text.
std::uint64_t key_hash(std::string_view key) {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  const std::size_t n = std::min<std::size_t>(key.size(), 8);
  std::memcpy(&head, key.data(), n);
  std::memcpy(&tail, key.data() + key.size() - n, n);
  const std::uint64_t mixed = (head ^ (tail << 7 | tail >> 57)) + key.size();
  return mixed * 0x9e3779b97f4a7c15ULL;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
    return put(0x80 | (code & 0x3f));
  }
  if (code < 0x10000) {
    put(0xe0 | code >> 12);
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
  }
  put(0x80 | (code >> 6 & 0x3f));
  put(0x80 | (code & 0x3f));
}

/// The code unit of four hexadecimal digits; nothing where they are not.
std::optional<std::uint32_t> four_hex(const char* at, const char* end) {
  if (end - at < 4) return {};
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const char low = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      unit = unit << 4 | static_cast<std::uint32_t>(c - '0');
    } else if (low >= 'a' && low <= 'f') {
      unit = unit << 4 | static_cast<std::uint32_t>(low - 'a' + 10);
    } else {
      return {};
    }
  }
  return unit;
}

}  // namespace

struct JsonCursor::KeySet {
  std::set<std::string, std::less<>> keys;
};

JsonCursor::JsonCursor(std::string_view text, std::uint32_t depth)
    : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()), max_depth_(depth) {}
JsonCursor::JsonCursor(JsonCursor&&) noexcept = default;
JsonCursor& JsonCursor::operator=(JsonCursor&&) noexcept = default;
JsonCursor::~JsonCursor() = default;

void JsonCursor::fail_at(const char* at, const char* what) {
  if (error_ != nullptr) return;
  error_ = what;
  error_offset_ = static_cast<std::size_t>(at - begin_);
  at_ = end_;
}

void JsonCursor::fail(const char* what) { fail_at(at_, what); }

std::string JsonCursor::error_text() const {
  if (error_ == nullptr) return {};
  std::string text = error_;
  text += ", found ";
  const std::string_view rest(begin_ + error_offset_, end_);
  if (rest.empty()) return text + "the end";
  const auto byte = static_cast<unsigned char>(rest[0]);
  if (byte == '\n' || byte == '\r') return text + "a line break";
  if (byte > 0x20 && byte < 0x7f) return text + '\'' + rest[0] + '\'';
  constexpr char hex[] = "0123456789abcdef";
  return text + "byte 0x" + hex[byte >> 4] + hex[byte & 15];
}

void JsonCursor::skip_space() {
  if (at_ != end_ && static_cast<unsigned char>(*at_) > ' ') [[likely]]
    return;
  while (at_ != end_ && is_space(*at_)) ++at_;
}

bool JsonCursor::stands(char opening, const char* expected) {
  if (error_ != nullptr) return false;
  skip_space();
  if (at_ != end_ && *at_ == opening) return true;
  fail(expected);
  return false;
}

JsonType JsonCursor::type() {
  skip_space();
  if (at_ != end_) {
    switch (*at_) {
      case '{': return JsonType::object;
      case '[': return JsonType::array;
      case '"': return JsonType::string;
      case 't':
      case 'f': return JsonType::boolean;
      case 'n': return JsonType::null;
      case 'N':
      case 'I':
      case '-': return JsonType::number;
      default:
        if (*at_ >= '0' && *at_ <= '9') return JsonType::number;
    }
  }
  fail("expected a value");
  return JsonType::null;
}

void JsonCursor::literal(std::string_view word) {
  const std::string_view rest(at_, end_);
  if (!rest.starts_with(word)) return fail("expected a value");
  at_ += word.size();
}

bool JsonCursor::read_null() {
  if (error_ != nullptr) return false;
  skip_space();
  if (at_ == end_ || *at_ != 'n') return false;
  literal("null");
  return error_ == nullptr;
}

bool JsonCursor::read_bool() {
  if (error_ != nullptr) return false;
  skip_space();
  const bool yes = at_ != end_ && *at_ == 't';
  if (!yes && (at_ == end_ || *at_ != 'f')) {
    fail("expected true or false");
    return false;
  }
  literal(yes ? "true" : "false");
  return yes && error_ == nullptr;
}

NumberText JsonCursor::read_number() {
  skip_space();
  // After an error nothing is left to read. `n` alone is returned, so that it is built in its place.
  NumberText n = vetset::read_number({at_, end_});
  if (n.length != 0) [[likely]] {
    at_ += n.length;
    return n;
  }
  if (error_ != nullptr) return n;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::string_view rest(at_, end_);
  const auto odd = [&](std::string_view word, double value) {
    if (!rest.starts_with(word)) return false;
    n.value = value;
    n.length = static_cast<std::uint32_t>(word.size());
    if (odd_numbers_++ == 0) first_odd_ = offset();
    at_ += word.size();
    return true;
  };
  if (odd("NaN", std::numeric_limits<double>::quiet_NaN()) || odd("Infinity", infinity) || odd("-Infinity", -infinity))
    return n;
  const bool begun = !rest.empty() && (rest[0] == '-' || (rest[0] >= '0' && rest[0] <= '9'));
  fail(begun ? "expected a number as JSON spells it" : "expected a number");
  return n;
}

bool JsonCursor::unescape(std::string_view raw, std::string& out) {
  out.clear();
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while (at != end) {
    const auto* const escape = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    if (escape == nullptr) break;
    out.append(at, escape);
    at = escape + 2;  // a closing quote follows, so there is a character after the backslash
    switch (escape[1]) {
      case '"': out += '"'; continue;
      case '\\': out += '\\'; continue;
      case '/': out += '/'; continue;
      case 'b': out += '\b'; continue;
      case 'f': out += '\f'; continue;
      case 'n': out += '\n'; continue;
      case 'r': out += '\r'; continue;
      case 't': out += '\t'; continue;
      case 'u': break;
      default: fail_at(escape + 1, "expected one of \"\\/bfnrtu after a backslash"); return false;
    }
    const auto unit = four_hex(at, end);
    if (!unit) {
      fail_at(escape, "expected four hexadecimal digits after \\u");
      return false;
    }
    at += 4;
    std::uint32_t code = *unit;
    if (code >= 0xd800 && code < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
      const auto low = four_hex(at + 2, end);
      if (low && *low >= 0xdc00 && *low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (*low - 0xdc00);
        at += 6;
      }
    }
    append_utf8(out, code);
  }
  out.append(at, end);
  return true;
}

std::string_view JsonCursor::scan_string(std::string& scratch) {
  if (!stands('"', "expected a string")) return {};
  const char* const first = at_ + 1;
  bool escaped = false;
  const char* at = first;
  for (;; at += 2) {
    at = find_string_stop(at, end_);
    if (at == end_ || *at != '\\') break;
    escaped = true;
    if (end_ - at < 2) {
      at = end_;
      break;
    }
    if (static_cast<unsigned char>(at[1]) < 0x20) {
      fail_at(at + 1, "expected one of \"\\/bfnrtu after a backslash");
      return {};
    }
  }
  if (at == end_ || *at != '"') {
    fail_at(at, at == end_ ? "expected '\"' at the end of a string" : "expected no control character in a string");
    return {};
  }
  const std::string_view raw(first, at);
  at_ = at + 1;
  if (!escaped) [[likely]]
    return raw;
  return unescape(raw, scratch) ? std::string_view(scratch) : std::string_view();
}

std::string_view JsonCursor::read_string() { return scan_string(scratch_); }

void JsonCursor::open(bool object) {
  if (levels_.size() >= max_depth_) return fail("expected no deeper nesting");
  ++at_;
  levels_.push_back({.object = object, .keys_begin = keys_.size()});
}

void JsonCursor::close() {
  ++at_;
  keys_.resize(levels_.back().keys_begin);
  levels_.pop_back();
}

/// To the next member or element, past its comma; false, with the level closed, at the end.
bool JsonCursor::step(char closing, const char* expected) {
  if (error_ != nullptr) return false;
  skip_space();
  Level& level = levels_.back();
  if (at_ != end_ && *at_ == closing) {
    close();
    return false;
  }
  if (level.first) {
    level.first = false;
    return true;
  }
  if (at_ == end_ || *at_ != ',') {
    fail(expected);
    return false;
  }
  ++at_;
  return true;
}

void JsonCursor::enter_object() {
  if (stands('{', "expected '{'")) open(true);
}

bool JsonCursor::next_member() {
  if (!step('}', "expected ',' or '}'")) return false;
  skip_space();
  const char* const key_at = at_;
  if (at_ == end_ || *at_ != '"') {
    fail("expected a key in double quotes");
    return false;
  }
  key_ = scan_string(key_scratch_);
  if (!stands(':', "expected ':' after a key")) return false;
  ++at_;
  note_key(key_at);
  return true;
}

std::string_view JsonCursor::raw_member() const {
  if (error_ != nullptr || levels_.empty() || levels_.back().key_at == nullptr) return {};
  return {levels_.back().key_at, at_};
}

void JsonCursor::enter_array() {
  if (stands('[', "expected '['")) open(false);
}

bool JsonCursor::next_element_anywhere() {
  if (!step(']', "expected ',' or ']'")) return false;
  skip_space();
  return true;
}

bool JsonCursor::next_record() {
  if (error_ != nullptr) return false;
  skip_space();
  if (at_ == end_) return false;
  if (!in_records_) {
    in_records_ = true;
    return true;
  }
  if (*at_ != ',') {
    fail("expected ',' between records");
    return false;
  }
  ++at_;
  skip_space();
  return true;
}

bool JsonCursor::at_end() {
  skip_space();
  return error_ == nullptr && at_ == end_;
}

void JsonCursor::skip_scalar() {
  switch (type()) {
    case JsonType::string: scan_string(scratch_); return;
    case JsonType::number: read_number(); return;
    case JsonType::boolean: return literal(*at_ == 't' ? "true" : "false");
    default:
      if (error_ == nullptr) literal("null");
  }
}

std::string_view JsonCursor::skip() {
  skip_space();
  const char* const first = at_;
  const std::size_t outside = levels_.size();
  do {
    skip_space();
    if (at_ != end_ && *at_ == '[') {
      open(false);
    } else if (at_ != end_ && *at_ == '{') {
      open(true);
    } else {
      skip_scalar();
    }
    while (error_ == nullptr && levels_.size() > outside && !(levels_.back().object ? next_member() : next_element())) {
    }
  } while (error_ == nullptr && levels_.size() > outside);
  return error_ == nullptr ? std::string_view(first, at_) : std::string_view();
}

void JsonCursor::note_key(const char* key_at) {
  Level& level = levels_.back();
  level.key_at = key_at;
  const Key key{key_hash(key_), key_at};
  const std::uint64_t bit = 1ULL << (key.hash >> 58);
  if (level.many != nullptr || keys_.size() - level.keys_begin >= many_keys || (level.seen & bit) != 0) [[unlikely]] {
    if (already_held(level, key)) {
      repeated_keys_.push_back({std::string(key_), static_cast<std::size_t>(key_at - begin_)});
      return;
    }
    if (level.many != nullptr) return;
  }
  level.seen |= bit;
  keys_.push_back(key);
}

bool JsonCursor::already_held(Level& level, const Key& key) {
  const auto text = [this](const Key& k) { return std::string(JsonCursor({k.at, end_}).read_string()); };
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(level.keys_begin);
  if (level.many == nullptr && keys_.size() - level.keys_begin >= many_keys) {
    level.many = std::make_unique<KeySet>();
    for (auto k = first; k != keys_.end(); ++k) level.many->keys.insert(text(*k));
    keys_.erase(first, keys_.end());
  }
  if (level.many != nullptr) return !level.many->keys.emplace(key_).second;
  return std::any_of(first, keys_.end(), [&](const Key& k) { return k.hash == key.hash && text(k) == key_; });
}

LineColumn line_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          .column = static_cast<std::uint32_t>(before.size() - line_begin) + 1};
}

Result<LineColumn> line_column(const Tree& tree, std::string_view path, std::uint64_t offset) {
  constexpr std::uint64_t piece = 1 << 20;
  LineColumn place{.line = 1, .column = 1};
  for (std::uint64_t at = 0; at < offset;) {
    VETSET_TRY(const Bytes bytes, tree.read(path, {.offset = at, .size = std::min(piece, offset - at)}));
    if (bytes.size() == 0) break;
    const LineColumn here = line_column(bytes.text(), bytes.size());
    place.column = here.line == 1 ? place.column + here.column - 1 : here.column;
    place.line += here.line - 1;
    at += bytes.size();
  }
  return place;
}

}  // namespace vetset
