#include <cmath>

#include "vetset/base/json.h"
#include "vetset/base/json_scan.h"

namespace vetset {

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    const char* const stop = find_string_stop(at, end);
    out.append(at, stop);
    if (stop == end) break;
    at = stop + 1;
    switch (*stop) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        out += "\\u00";
        out += static_cast<char>('0' + (*stop >> 4));
        out += "0123456789abcdef"[*stop & 15];
    }
  }
  out += '"';
}

void append_json_number(std::string& out, double value, NumberStyle style) {
  if (std::isfinite(value)) [[likely]]
    return append_number(out, value, style);
  if (std::isnan(value)) {
    out += "NaN";
  } else {
    out += value < 0 ? "-Infinity" : "Infinity";
  }
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (used_.empty()) return;
  if (used_.back() != 0) out_ += ',';
  used_.back() = 1;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  used_.push_back(0);
  out_ += '{';
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  VETSET_ASSERT(!used_.empty() && !after_key_, "every begin_object has its end_object, every key its value");
  used_.pop_back();
  out_ += '}';
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  used_.push_back(0);
  out_ += '[';
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  VETSET_ASSERT(!used_.empty() && !after_key_, "every begin_array has its end_array");
  used_.pop_back();
  out_ += ']';
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  VETSET_ASSERT(!after_key_, "a key is followed by a value");
  separate();
  append_json_string(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  separate();
  append_json_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(bool yes) { return raw(yes ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

namespace {

void append_pretty(JsonCursor& in, std::string& out, std::size_t level) {
  const JsonType type = in.type();
  if (type != JsonType::object && type != JsonType::array) {
    out += in.skip();
    return;
  }
  const bool object = type == JsonType::object;
  object ? in.enter_object() : in.enter_array();
  out += object ? '{' : '[';
  bool empty = true;
  while (object ? in.next_member() : in.next_element()) {
    if (!empty) out += ',';
    empty = false;
    out += '\n';
    out.append(2 * level + 2, ' ');
    if (object) {
      append_json_string(out, in.key());
      out += ": ";
    }
    append_pretty(in, out, level + 1);
  }
  if (!empty) {
    out += '\n';
    out.append(2 * level, ' ');
  }
  out += object ? '}' : ']';
}

}  // namespace

std::string pretty_json(std::string_view json) {
  std::string out;
  JsonCursor in(json);
  append_pretty(in, out, 0);
  return in.at_end() ? out : std::string(json);
}

}  // namespace vetset
