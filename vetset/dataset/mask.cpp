// Run-length masks and COCO's compressed string for them (cocoapi, maskApi.c): six bits a character from '0' on, five
// of them digits, the lowest first; from the fourth count on, the difference to the count two places before.
#include <algorithm>
#include <limits>

#include "vetset/dataset/geometry.h"

namespace vetset {
namespace {

constexpr unsigned digit_bits = 5;
constexpr unsigned more_bit = 0x20, sign_bit = 0x10, digit_mask = 0x1f;
constexpr char first_character = '0', last_character = 'o';
constexpr unsigned most_characters = 7;  // 35 bits hold every difference of two 32-bit counts
constexpr std::size_t first_difference = 3;

std::string place(std::size_t i) { return "character " + std::to_string(i + 1) + " of a compressed mask"; }

}  // namespace

Result<Runs> runs_of_coco_string(std::string_view text, std::uint32_t height, std::uint32_t width) {
  Runs runs{.height = height, .width = width};
  runs.counts.reserve(text.size() / 2);
  const std::uint64_t pixels = std::uint64_t{height} * width;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::int64_t count = 0;
    for (unsigned k = 0;; ++k, ++i) {
      if (i == text.size()) return Error{Code::malformed, "a compressed mask ends within a count"};
      if (text[i] < first_character || text[i] > last_character)
        return Error{Code::malformed, place(i) + " is not one of '0' to 'o'"};
      if (k == most_characters) return Error{Code::malformed, place(i) + " makes a count of more than 32 bits"};
      const auto bits = static_cast<unsigned>(text[i] - first_character);
      count |= static_cast<std::int64_t>(bits & digit_mask) << (digit_bits * k);
      if ((bits & more_bit) != 0) continue;
      if ((bits & sign_bit) != 0) count -= std::int64_t{1} << (digit_bits * (k + 1));
      ++i;
      break;
    }
    const std::size_t n = runs.counts.size();
    if (n >= first_difference) count += runs.counts[n - 2];
    if (count < 0 || count > std::numeric_limits<std::uint32_t>::max())
      return Error{Code::malformed, "count " + std::to_string(n + 1) + " of a compressed mask is " +
                                        std::to_string(count) + ", expected 0 to 4294967295"};
    total += static_cast<std::uint64_t>(count);
    if (total > pixels) break;
    runs.counts.push_back(static_cast<std::uint32_t>(count));
  }
  if (total != pixels)
    return Error{Code::malformed,
                 "the counts of a compressed mask make " + (total > pixels ? "more than " : std::string()) +
                     std::to_string(std::min(total, pixels)) + " pixels, expected " + std::to_string(height) + "x" +
                     std::to_string(width) + " = " + std::to_string(pixels)};
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
  std::uint64_t at = 0, left = std::numeric_limits<std::uint64_t>::max(), right = 0, top = left, bottom = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint64_t begin = at;
    at += counts[i];
    if (i % 2 == 0 || begin == at) continue;
    const std::uint64_t last = at - 1;
    left = std::min(left, begin / height);
    right = std::max(right, last / height);
    const bool one_column = begin / height == last / height;
    top = std::min(top, one_column ? begin % height : 0);
    bottom = std::max(bottom, one_column ? last % height : height - 1);
  }
  if (left > right) return {};
  return {.x = static_cast<double>(left),
          .y = static_cast<double>(top),
          .width = static_cast<double>(right - left + 1),
          .height = static_cast<double>(bottom - top + 1)};
}

}  // namespace vetset
