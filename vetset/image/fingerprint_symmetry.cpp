// The symmetries of the square on the signs of a cosine transform. A flip negates the odd frequencies of its axis, a
// transposition exchanges the axes: so a turned image's fingerprint follows from the bits, and nothing is measured
// again.
#include "vetset/image/fingerprint.h"

namespace vetset {
namespace {

// Bit 16 v + u is the sign of frequency u along rows and v down columns.
constexpr Bits256 odd_columns{{0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA}};
constexpr Bits256 odd_rows{{0xFFFF0000FFFF0000, 0xFFFF0000FFFF0000, 0xFFFF0000FFFF0000, 0xFFFF0000FFFF0000}};

Bits256 negated(Bits256 bits, const Bits256& mask) {
  for (std::size_t w = 0; w < 4; ++w) bits.words[w] ^= mask.words[w];
  return bits;
}

/// Rows of 16 bits for columns: ever smaller blocks change places across the diagonal.
Bits256 transposed(const Bits256& bits) {
  std::array<std::uint32_t, 16> rows{};
  for (std::size_t y = 0; y < 16; ++y) rows[y] = static_cast<std::uint16_t>(bits.words[y / 4] >> (16 * (y % 4)));
  constexpr std::array<std::uint32_t, 4> low_half = {0x00FF, 0x0F0F, 0x3333, 0x5555};
  for (std::size_t step = 0; step < 4; ++step) {
    const std::size_t half = std::size_t{8} >> step;
    for (std::size_t y = 0; y < 16; ++y) {
      if ((y & half) != 0) continue;
      const std::uint32_t swapped = (rows[y] >> half ^ rows[y + half]) & low_half[step];
      rows[y] ^= swapped << half;
      rows[y + half] ^= swapped;
    }
  }
  Bits256 result;
  for (std::size_t y = 0; y < 16; ++y) result.words[y / 4] |= std::uint64_t{rows[y]} << (16 * (y % 4));
  return result;
}

}  // namespace

Bits256 turned(const Bits256& bits, std::uint8_t symmetry) {
  const Bits256 upright = symmetry >= 5 && symmetry <= 8 ? transposed(bits) : bits;
  switch (symmetry) {
    case 2:
    case 6: return negated(upright, odd_columns);
    case 3:
    case 7: return negated(negated(upright, odd_columns), odd_rows);
    case 4:
    case 8: return negated(upright, odd_rows);
    default: return upright;
  }
}

std::string_view symmetry_name(std::uint8_t symmetry) {
  constexpr std::array<std::string_view, symmetry_count + 1> names = {
      "",
      "",
      "flipped left-right",
      "turned by 180°",
      "flipped top-bottom",
      "transposed",
      "turned by 90°",
      "transposed across the other diagonal",
      "turned by 270°",
  };
  return symmetry <= symmetry_count ? names[symmetry] : std::string_view();
}

}  // namespace vetset
