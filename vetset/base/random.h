// Random numbers that are the same on every machine: splitmix64 (Steele, Lea, Flood 2014). The standard's distributions
// are not.
#pragma once

#include <cstdint>

namespace vetset {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// Below `count`; 0 where that is 0.
  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>((bits() >> 32) * count >> 32); }
  std::uint32_t between(std::uint32_t first, std::uint32_t last) { return first + below(last - first + 1); }
  /// True once in `times`.
  bool once_in(std::uint32_t times) { return below(times) == 0; }
  /// From 0 to below 1, in steps of 2^-53.
  double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace vetset
