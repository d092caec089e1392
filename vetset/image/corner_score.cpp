#include "vetset/image/corner_score.h"

#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

namespace vetset {
namespace {

/// Both compilers lower these to whatever the machine has; the outcome is the same with any.
using Bytes [[gnu::vector_size(corner_block)]] = std::uint8_t;
using Longs [[gnu::vector_size(corner_block)]] = std::uint64_t;

Bytes loaded(const std::uint8_t* at) {
  Bytes bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}
Bytes larger(Bytes a, Bytes b) { return a > b ? a : b; }
Bytes smaller(Bytes a, Bytes b) { return a < b ? a : b; }
/// By how much each of `a` is above that of `b`; 0 where it is not.
Bytes above(Bytes a, Bytes b) { return larger(a, b) - b; }
bool any(Bytes bytes) {
  const auto longs = reinterpret_cast<Longs>(bytes);
  return (longs[0] | longs[1]) != 0;
}

/// Calls f(0) … f(n − 1), with numbers known at compile time: rings stay in registers.
template <class F, std::size_t... k>
void for_each_of(std::index_sequence<k...>, const F& f) {
  (f(std::integral_constant<std::size_t, k>{}), ...);
}
constexpr std::make_index_sequence<8> eighths;

/// The largest, over the nine in a row that begin anywhere on the ring, of the least of them.
Bytes best_of_nine(const std::array<Bytes, 16>& ring) {
  std::array<Bytes, 8> two, four;
  for_each_of(eighths, [&](auto k) { two[k] = smaller(ring[2 * k + 1], ring[(2 * k + 2) % 16]); });
  for_each_of(eighths, [&](auto k) { four[k] = smaller(two[k], two[(k + 1) % 8]); });
  Bytes best = {};
  // Nine from 2 k and nine from 2 k + 1 have eight in common.
  for_each_of(eighths, [&](auto k) {
    const Bytes eight = smaller(four[k], four[(k + 2) % 8]);
    best = larger(best, smaller(eight, larger(ring[2 * k], ring[(2 * k + 9) % 16])));
  });
  return best;
}

}  // namespace

void corner_scores(const std::uint8_t* row, std::ptrdiff_t stride, std::size_t begin, std::size_t end,
                   std::uint8_t least, std::uint8_t* scores) {
  const std::ptrdiff_t w = stride;
  const std::array<std::ptrdiff_t, 16> places = {-3 * w,    -3 * w + 1, -2 * w + 2, -w + 3,    3,         w + 3,
                                                 2 * w + 2, 3 * w + 1,  3 * w,      3 * w - 1, 2 * w - 2, w - 3,
                                                 -3,        -w - 3,     -2 * w - 2, -3 * w - 1};
  const auto floor = static_cast<std::uint8_t>(least - 1);
  const Bytes floors = Bytes{} + floor;
  for (std::size_t x = begin; x < end; x += corner_block) {
    const std::uint8_t* at = row + x;
    const Bytes middle = loaded(at);
    std::array<Bytes, 16> bright, dark;
    const auto look = [&](std::size_t k) {
      const Bytes sample = loaded(at + places[k]);
      bright[k] = above(sample, middle), dark[k] = above(middle, sample);
    };
    // Nine in a row hold one of each opposite pair: most samples fail one of two.
    const auto hope_of = [&](std::size_t k) {
      look(k), look(k + 8);
      return above(larger(larger(bright[k], bright[k + 8]), larger(dark[k], dark[k + 8])), floors);
    };
    Bytes score = {};
    if (any(smaller(hope_of(0), hope_of(4)))) {
      for_each_of(eighths, [&](auto k) {
        if constexpr (k % 4 != 0) look(k), look(k + 8);
      });
      score = larger(best_of_nine(bright), best_of_nine(dark));
      score = score > floors ? score : Bytes{};
    }
    std::memcpy(scores + x, &score, sizeof score);
  }
}

void corner_peaks(const std::uint8_t* scores, std::ptrdiff_t stride, std::size_t begin, std::size_t end,
                  std::uint8_t* peaks) {
  for (std::size_t x = begin; x < end; x += corner_block) {
    const std::uint8_t* at = scores + x;
    const Bytes score = loaded(at);
    Bytes peak = {};
    if (any(score)) {
      const std::uint8_t *up = at - stride, *down = at + stride;
      const Bytes before = larger(larger(loaded(up - 1), loaded(up)), larger(loaded(up + 1), loaded(at - 1)));
      const Bytes after = larger(larger(loaded(down - 1), loaded(down)), larger(loaded(down + 1), loaded(at + 1)));
      peak = ((score > before) & (score >= after)) ? score : Bytes{};
    }
    std::memcpy(peaks + x, &peak, sizeof peak);
  }
}

}  // namespace vetset
