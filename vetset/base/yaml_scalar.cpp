// What PyYAML's safe_load makes of a plain scalar (YAML 1.1, as its resolver has it), and scalars it leaves alone.
#include <algorithm>
#include <array>

#include "vetset/base/unicode.h"
#include "vetset/base/yaml.h"

namespace vetset {
namespace {

/// Takes parts of a scalar from its front; each says whether it was there.
class Scalar {
 public:
  explicit Scalar(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    return take_if([c](char d) { return c == d; });
  }
  bool take_one_of(std::string_view set) {
    return take_if([set](char c) { return set.find(c) != std::string_view::npos; });
  }
  void sign() { take_one_of("-+"); }
  /// As many as there are of `set`, at most `most`; says how many.
  std::size_t run(std::string_view set, std::size_t most = std::string_view::npos) {
    const std::size_t n = std::min({rest_.find_first_not_of(set), rest_.size(), most});
    rest_.remove_prefix(n);
    return n;
  }
  bool word(std::string_view w) {
    if (!rest_.starts_with(w)) return false;
    rest_.remove_prefix(w.size());
    return true;
  }

 private:
  template <class Test>
  bool take_if(const Test& test) {
    if (rest_.empty() || !test(rest_[0])) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view rest_;
};

constexpr std::string_view digits = "0123456789";
constexpr std::string_view digits_ = "0123456789_";

/// (?::[0-5]?[0-9])+ up to the end or up to the point of a float.
bool sexagesimal(Scalar& s) {
  bool any = false;
  while (s.take(':')) {
    const bool tens = s.take_one_of("012345");
    if (!s.take_one_of(digits) && !tens) return false;
    any = true;
  }
  return any;
}

bool is_python_int(std::string_view text) {
  Scalar s(text);
  s.sign();
  if (s.take('0')) {
    if (s.at_end()) return true;
    if (s.take('b')) return s.run("01_") > 0 && s.at_end();
    if (s.take('x')) return s.run("0123456789abcdefABCDEF_") > 0 && s.at_end();
    return s.run("01234567_") > 0 && s.at_end();
  }
  if (!s.take_one_of("123456789")) return false;
  s.run(digits_);
  return s.at_end() || (sexagesimal(s) && s.at_end());
}

bool python_exponent(Scalar& s) {
  if (s.at_end()) return true;
  return s.take_one_of("eE") && s.take_one_of("-+") && s.run(digits) > 0 && s.at_end();
}

bool is_python_float(std::string_view text) {
  Scalar s(text);
  if (s.take('.')) {
    if (s.take_one_of(digits)) {
      s.run(digits_);
      return python_exponent(s);
    }
    return (s.word("inf") || s.word("Inf") || s.word("INF") || s.word("nan") || s.word("NaN") || s.word("NAN")) &&
           s.at_end();
  }
  s.sign();
  if (s.take('.')) return (s.word("inf") || s.word("Inf") || s.word("INF")) && s.at_end();
  if (!s.take_one_of(digits)) return false;
  s.run(digits_);
  if (s.take('.')) {
    s.run(digits_);
    return python_exponent(s);
  }
  if (!sexagesimal(s) || !s.take('.')) return false;
  s.run(digits_);
  return s.at_end();
}

bool is_python_timestamp(std::string_view text) {
  Scalar s(text);
  if (s.run(digits, 4) != 4 || !s.take('-')) return false;
  const std::size_t month = s.run(digits, 2);
  if (month == 0 || !s.take('-')) return false;
  const std::size_t day = s.run(digits, 2);
  if (day == 0) return false;
  if (s.at_end()) return month == 2 && day == 2;
  if (!s.take_one_of("Tt") && s.run(" \t") == 0) return false;
  if (s.run(digits, 2) == 0 || !s.take(':') || s.run(digits, 2) != 2 || !s.take(':') || s.run(digits, 2) != 2)
    return false;
  if (s.take('.')) s.run(digits);
  if (s.at_end()) return true;
  s.run(" \t");
  if (s.take('Z')) return s.at_end();
  if (!s.take_one_of("-+") || s.run(digits, 2) == 0) return false;
  return s.at_end() || (s.take(':') && s.run(digits, 2) == 2 && s.at_end());
}

bool is_python_bool(std::string_view text) {
  constexpr std::string_view words[] = {"yes",   "Yes",   "YES",   "no", "No", "NO", "true", "True", "TRUE",
                                        "false", "False", "FALSE", "on", "On", "ON", "off",  "Off",  "OFF"};
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

std::string_view plain_type(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return "null";
  if (is_python_bool(text)) return "bool";
  if (is_python_int(text)) return "int";
  if (is_python_float(text)) return "float";
  if (is_python_timestamp(text)) return "timestamp";
  if (text == "<<") return "merge";
  if (text == "=") return "value";
  return "str";
}

/// Whether it can stand in double quotes alone: controls, line breaks, and what PyYAML does not take for printable.
bool needs_escapes(std::string_view text) { return printable(text) != text; }

/// Whether the text stays itself without quotes, in block and in flow style alike.
bool stays_plain(std::string_view text) {
  if (plain_type(text) != "str") return false;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (text.find_first_of(",[]{}?") != std::string_view::npos) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  if (std::string_view("#&*!|>'\"%@`").find(text.front()) != std::string_view::npos) return false;
  if (text.front() == ':') return false;
  if (text.front() == '-' && (text.size() == 1 || text[1] == ' ')) return false;
  const bool marks_document = text.starts_with("---") || text.starts_with("...");
  return !marks_document || (text.size() > 3 && text[3] != ' ');
}

void append_double_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

std::string_view Yaml::python_type() const {
  switch (type) {
    case Type::null: return "null";
    case Type::sequence: return "list";
    case Type::mapping: return "dict";
    case Type::scalar: break;
  }
  return quoted ? "str" : plain_type(text);
}

void append_yaml_string(std::string& out, std::string_view text) {
  if (needs_escapes(text)) return append_double_quoted(out, text);
  if (stays_plain(text)) {
    out += text;
    return;
  }
  out += '\'';
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  out += '\'';
}

}  // namespace vetset
