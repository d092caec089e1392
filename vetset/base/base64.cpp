#include "vetset/base/base64.h"

#include <array>
#include <cstdint>

namespace vetset {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 64;

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  for (auto& value : table) value = no_digit;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    text += alphabet[group >> 18];
    text += alphabet[group >> 12 & 63];
    text += i + 1 < bytes.size() ? alphabet[group >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? alphabet[group & 63] : '=';
  }
  return text;
}

Result<std::string> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return Error{Code::malformed, "base64 of " + std::to_string(text.size()) +
                                      " characters, expected a multiple of 4 (padded with '=')"};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::size_t digits = text.size() - padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint8_t value = values[static_cast<unsigned char>(text[i])];
    if (value == no_digit)
      return Error{Code::malformed, "base64 has something else than its 64 digits at place " + std::to_string(i + 1)};
    group = (group << 6 | value) & 0xFFFFFF;
    if (i % 4 != 0) bytes += static_cast<char>(group >> (6 - i % 4 * 2) & 0xFF);
  }
  const std::uint32_t unused = padding == 2 ? 0xF : padding == 1 ? 0x3 : 0;
  if ((group & unused) != 0) return Error{Code::malformed, "base64 ends in bits that belong to no byte"};
  return bytes;
}

}  // namespace vetset
