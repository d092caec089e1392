#include "vetset/base/npy.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

namespace vetset {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t longest_header = 1 << 16;  // of files as NumPy writes them, 118 bytes

Error wrong(std::string what) { return Error{Code::malformed, std::move(what)}; }

/// A whole number of little-endian bytes.
std::uint64_t whole(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t k = bytes.size(); k-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[k]);
  return value;
}

struct NpyHeader {
  std::optional<std::string> type = {};
  std::optional<bool> fortran = {};
  std::optional<std::vector<std::uint64_t>> shape = {};
};

/// Reads the header, a Python dict of three entries: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class NpyHeaderReader {
 public:
  explicit NpyHeaderReader(std::string_view text) : text_(text) {}

  Result<NpyHeader> read() {
    if (!take('{')) return expected("'{'");
    while (!take('}')) {
      VETSET_TRY(const std::string key, quoted());
      if (!take(':')) return expected("':'");
      VETSET_DO(entry(key));
      if (!take(',') && peek() != '}') return expected("',' or '}'");
    }
    skip_space();
    if (at_ != text_.size()) return expected("the end of the header");
    if (!header_.type || !header_.fortran || !header_.shape)
      return wrong("the header lacks one of descr, fortran_order and shape");
    return std::move(header_);
  }

 private:
  Result<void> entry(const std::string& key) {
    if (key == "descr" && !header_.type) {
      if (peek() == '[')
        return Error{Code::unsupported, "its values are structures, expected floats (<f2, <f4 or <f8)"};
      VETSET_TRY(header_.type, quoted());
      return {};
    }
    if (key == "fortran_order" && !header_.fortran) {
      VETSET_TRY(header_.fortran, truth());
      return {};
    }
    if (key == "shape" && !header_.shape) {
      VETSET_TRY(header_.shape, tuple());
      return {};
    }
    return wrong("the header says '" + key + "', expected descr, fortran_order and shape, each once");
  }

  Result<std::string> quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') return expected("a text in quotes");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos || end - at_ > 64) return expected("a short text in quotes");
    std::string text(text_.substr(at_ + 1, end - at_ - 1));
    for (char& c : text)
      if (c < ' ' || c > '~') c = '?';
    at_ = end + 1;
    return text;
  }

  Result<bool> truth() {
    skip_space();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return word == "True";
    }
    return expected("True or False");
  }

  Result<std::vector<std::uint64_t>> tuple() {
    if (!take('(')) return expected("'('");
    std::vector<std::uint64_t> numbers;
    while (!take(')')) {
      if (numbers.size() == 32) return wrong("the header gives more than 32 dimensions");
      VETSET_TRY(const std::uint64_t number, count());
      numbers.push_back(number);
      if (!take(',') && peek() != ')') return expected("',' or ')'");
    }
    return numbers;
  }

  Result<std::uint64_t> count() {
    skip_space();
    std::uint64_t number = 0;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      number = number * 10 + static_cast<std::uint64_t>(text_[at_] - '0');
      if (number > 1ULL << 48) return wrong("the header gives a dimension larger than 2^48");
    }
    if (at_ == begin) return expected("a whole number");
    if (peek() == 'L') ++at_;  // as Python 2 wrote it
    return number;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  Error expected(std::string_view what) {
    return wrong("expected " + std::string(what) + " at byte " + std::to_string(at_ + 1) + " of the header");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  NpyHeader header_;
};

/// IEEE 754 binary16: all of its values are floats.
float half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1FU, fraction = bits & 0x3FFU;
  if (exponent == 0) {
    const float tiny = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -tiny : tiny;
  }
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13);
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

float number_at(std::string_view data, std::size_t k, std::size_t width) {
  const std::uint64_t bits = whole(data.substr(k * width, width));
  if (width == 2) return half(static_cast<std::uint16_t>(bits));
  if (width == 4) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  return narrowed(std::bit_cast<double>(bits));
}

Result<std::size_t> width_of(const std::string& type) {
  if (type == "<f2") return 2;
  if (type == "<f4") return 4;
  if (type == "<f8") return 8;
  const bool objects = type.find('O') != std::string::npos;
  return Error{Code::unsupported, "its values are " + (objects ? "Python objects" : "of type '" + type + "'") +
                                      ", expected little-endian floats (<f2, <f4 or <f8)"};
}

/// A file whose header was read: its numbers, as they lie there.
struct NpyParts {
  std::size_t rows = 0, columns = 0, width = 0;
  bool fortran = false;
  std::string_view data;
};
Result<NpyParts> parts_of(std::string_view bytes) {
  if (!bytes.starts_with(magic)) return wrong("is no .npy file: it does not begin with \\x93NUMPY");
  if (bytes.size() < 12) return wrong("ends inside its header");
  const auto version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3)
    return Error{Code::unsupported, "is of version " + std::to_string(version) + " of .npy, expected 1, 2 or 3"};
  const std::size_t size_bytes = version == 1 ? 2 : 4;
  const std::size_t begin = 8 + size_bytes;
  const std::uint64_t length = whole(bytes.substr(8, size_bytes));
  if (length > longest_header)
    return Error{Code::limit, "has a header of " + std::to_string(length) + " bytes, expected " +
                                  std::to_string(longest_header) + " at most"};
  if (length > bytes.size() - begin) return wrong("ends inside its header");
  VETSET_TRY(const NpyHeader header, NpyHeaderReader(bytes.substr(begin, length)).read());
  VETSET_TRY(const std::size_t width, width_of(*header.type));
  if (header.shape->size() != 2)
    return wrong("has " + std::to_string(header.shape->size()) +
                 (header.shape->size() == 1 ? " dimension" : " dimensions") +
                 ", expected 2: a row an image and its numbers");
  const std::uint64_t rows = header.shape->front(), columns = header.shape->back();
  const std::string_view data = bytes.substr(begin + length);
  const std::uint64_t most = data.size() / width;
  const bool fits = rows == 0 || columns <= most / rows;
  if (!fits || rows * columns != most || data.size() % width != 0)
    return wrong("holds " + std::to_string(data.size()) + " bytes of numbers, expected " + std::to_string(rows) +
                 " rows of " + std::to_string(columns) + " numbers of " + std::to_string(width) + " bytes");
  return NpyParts{.rows = rows, .columns = columns, .width = width, .fortran = *header.fortran, .data = data};
}

}  // namespace

float narrowed(double value) {
  constexpr double most = std::numeric_limits<float>::max();
  if (value > most) return std::numeric_limits<float>::infinity();
  if (value < -most) return -std::numeric_limits<float>::infinity();
  return static_cast<float>(value);
}

Result<NpyTable> parse_npy(std::string_view bytes) {
  VETSET_TRY(const NpyParts parts, parts_of(bytes));
  const auto& [rows, columns, width, fortran, data] = parts;
  NpyTable table{.rows = rows, .columns = columns, .values = std::vector<float>(rows * columns)};
  if (table.values.empty()) return table;  // rows without numbers cost nothing, and there may be 2^48 of them
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column)
      table.values[row * columns + column] =
          number_at(data, fortran ? column * rows + row : row * columns + column, width);
  return table;
}

Result<NpyView> view_npy(std::string_view bytes) {
  VETSET_TRY(const NpyParts parts, parts_of(bytes));
  NpyView view{.rows = parts.rows, .columns = parts.columns};
  const bool here = parts.width == sizeof(float) && !parts.fortran && std::endian::native == std::endian::little &&
                    reinterpret_cast<std::uintptr_t>(parts.data.data()) % alignof(float) == 0;
  if (here && !parts.data.empty())
    view.values = {reinterpret_cast<const float*>(parts.data.data()), parts.rows * parts.columns};
  return view;
}

}  // namespace vetset
