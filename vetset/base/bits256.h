// 256 bits and how many of them differ: what perceptual fingerprints and binary descriptors are made of.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vetset {

/// Bit k is bit k % 64 of word k / 64.
struct Bits256 {
  std::array<std::uint64_t, 4> words{};
  auto operator<=>(const Bits256&) const = default;

  bool operator[](std::size_t bit) const { return (words[bit / 64] >> (bit % 64) & 1) != 0; }
  void set(std::size_t bit) { words[bit / 64] |= std::uint64_t{1} << (bit % 64); }
};

/// Hamming distance, 0 to 256.
inline unsigned distance(const Bits256& a, const Bits256& b) {
  unsigned bits = 0;
  for (std::size_t w = 0; w < 4; ++w) bits += static_cast<unsigned>(std::popcount(a.words[w] ^ b.words[w]));
  return bits;
}

}  // namespace vetset
