// Run-length masks and COCO's compressed string for them (cocoapi, maskApi.c): six bits a character from '0' on, five
// of them digits, the lowest first; from the fourth count on, the difference to the count two places before.
#include <algorithm>
#include <limits>

#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

constexpr unsigned digit_bits = 5;
constexpr unsigned more_bit = 0x20, sign_bit = 0x10, digit_mask = 0x1f;
constexpr char first_character = '0', last_character = 'o';
constexpr unsigned most_characters = 7;  // 35 bits hold every difference of two 32-bit counts
constexpr std::size_t first_difference = 3;

std::string place(std::size_t i) { return "character " + std::to_string(i + 1) + " of a compressed mask"; }

}  // namespace

Result<std::uint64_t> counts_of_coco_string(std::string_view text, MaskCounts& out) {
  out.resize(text.size());  // a count has at least one character
  std::uint32_t* const counts = out.data();
  std::size_t n = 0;
  std::uint64_t total = 0;
  std::int64_t last = 0, before_last = 0;
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto at = [&] { return static_cast<std::size_t>(p - text.data()); };
  while (p != end) {
    std::int64_t count = 0;
    unsigned bits = static_cast<unsigned char>(*p) - static_cast<unsigned>(first_character);
    if (bits <= digit_mask) [[likely]] {  // one character, as almost all are
      count = static_cast<int>(bits ^ sign_bit) - static_cast<int>(sign_bit);
      ++p;
    } else {
      for (unsigned shift = 0;; ++p) {
        if (p == end) return Error{Code::malformed, "a compressed mask ends within a count"};
        bits = static_cast<unsigned char>(*p) - static_cast<unsigned>(first_character);
        if (bits > last_character - first_character)
          return Error{Code::malformed, place(at()) + " is not one of '0' to 'o'"};
        if (shift == digit_bits * most_characters)
          return Error{Code::malformed, place(at()) + " makes a count of more than 32 bits"};
        count |= static_cast<std::int64_t>(bits & digit_mask) << shift;
        shift += digit_bits;
        if ((bits & more_bit) != 0) continue;
        count -= static_cast<std::int64_t>(bits & sign_bit) << (shift - digit_bits + 1);
        ++p;
        break;
      }
    }
    if (n >= first_difference) count += before_last;
    if (count < 0 || count > std::numeric_limits<std::uint32_t>::max())
      return Error{Code::malformed, "count " + std::to_string(n + 1) + " of a compressed mask is " +
                                        std::to_string(count) + ", expected 0 to 4294967295"};
    total += static_cast<std::uint64_t>(count);
    counts[n++] = static_cast<std::uint32_t>(count);
    before_last = last;
    last = count;
  }
  out.resize(n);
  return total;
}

Result<void> counts_of_coco_string(std::string_view text, std::uint32_t height, std::uint32_t width, MaskCounts& out) {
  const std::uint64_t pixels = std::uint64_t{height} * width;
  VETSET_TRY(const std::uint64_t total, counts_of_coco_string(text, out));
  if (total == pixels) return {};
  return Error{Code::malformed,
               "the counts of a compressed mask make " + (total > pixels ? "more than " : std::string()) +
                   std::to_string(std::min(total, pixels)) + " pixels, expected " + std::to_string(height) + "x" +
                   std::to_string(width) + " = " + std::to_string(pixels)};
}

Result<Runs> runs_of_coco_string(std::string_view text, std::uint32_t height, std::uint32_t width) {
  Runs runs{.height = height, .width = width, .counts = {}};
  VETSET_DO(counts_of_coco_string(text, height, width, runs.counts));
  runs.counts.shrink_to_fit();
  return runs;
}

std::string coco_string_of(std::span<const std::uint32_t> counts) {
  std::string text;
  text.reserve(2 * counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    std::int64_t rest = counts[i];
    if (i >= first_difference) rest -= counts[i - 2];
    for (bool more = true; more;) {
      unsigned bits = static_cast<unsigned>(rest) & digit_mask;
      rest >>= digit_bits;
      more = (bits & sign_bit) != 0 ? rest != -1 : rest != 0;
      if (more) bits |= more_bit;
      text += static_cast<char>(first_character + bits);
    }
  }
  return text;
}

std::uint64_t area(std::span<const std::uint32_t> counts) {
  std::uint64_t ones = 0;
  for (std::size_t i = 1; i < counts.size(); i += 2) ones += counts[i];
  return ones;
}

Box box_of_mask(std::span<const std::uint32_t> counts, std::uint32_t height) {
  if (height == 0) return {};
  constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t left = nowhere, right = 0, top = nowhere, bottom = 0;
  // The column that the last run ended in, and its first pixel: the next one is mostly near, so few divisions are made.
  std::uint64_t at = 0, column = 0, column_begin = 0;
  const auto go_to = [&](std::uint64_t pixel) {
    if (pixel - column_begin < height) return;
    if (pixel - column_begin < 2 * std::uint64_t{height}) {
      ++column;
    } else {
      column = pixel / height;
    }
    column_begin = column * height;
  };
  for (std::size_t i = 1; i < counts.size(); i += 2) {
    at += counts[i - 1];
    if (counts[i] == 0) continue;
    go_to(at);
    const std::uint64_t first_column = column, first_row = at - column_begin;
    at += counts[i];
    go_to(at - 1);
    if (left == nowhere) left = first_column;
    right = column;
    const bool one_column = first_column == column;
    top = std::min(top, one_column ? first_row : 0);
    bottom = std::max(bottom, one_column ? at - 1 - column_begin : height - 1);
  }
  if (left == nowhere) return {};
  return {.x = static_cast<double>(left),
          .y = static_cast<double>(top),
          .width = static_cast<double>(right - left + 1),
          .height = static_cast<double>(bottom - top + 1)};
}

}  // namespace vetset
