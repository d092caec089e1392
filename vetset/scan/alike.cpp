#include "vetset/scan/alike.h"

#include <algorithm>
#include <cmath>

#include "vetset/base/random.h"
#include "vetset/image/fingerprint.h"

namespace vetset {
namespace {

constexpr std::size_t drawn = 4096, least_pairs = 100;
/// 256 signs of unrelated pictures: 128 differ, and they vary a little more than fair coins (8) do.
constexpr double coin_mean = 128, coin_deviation = 10;
/// The same for the nearest of some 300 views: one pair of photos in a hundred lies within 90 bits, and each tenth of
/// that takes four bits more.
unsigned coins_any_within(double share) { return static_cast<unsigned>(90 + 4 * std::log10(share / 0.01)); }

double below_coins(double distance) {
  return 0.5 * std::erfc((coin_mean - distance - 0.5) / (coin_deviation * 1.4142135623730951));
}

unsigned within(const std::vector<std::uint16_t>& sorted, double share) {
  if (sorted.front() == 0) return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return rank == 0 ? sorted.front() - 1U : sorted[rank - 1];  // so rare that none was seen
}

}  // namespace

unsigned upright_distance(const Fingerprint& a, const Fingerprint& b) {
  const unsigned whole = distance(a.views[0], b.views[0]);
  return a.has_borders || b.has_borders ? std::min(whole, distance(a.views[1], b.views[1])) : whole;
}

Likeness likeness(const Fingerprint& a, const Fingerprint& b) {
  Likeness best;
  for (std::uint8_t s = 1; s <= symmetry_count; ++s) {
    const Bits256 whole_b = turned(b.views[1], s);
    for (std::size_t v = 0; v < Fingerprint::view_count; ++v) {
      const unsigned part = std::min(distance(a.views[v], whole_b), distance(a.views[1], turned(b.views[v], s)));
      if (part < best.distance) best = {.distance = part, .symmetry = s};
    }
  }
  return best;
}

bool has_content(const PixelFacts& p) { return p.decoded() && p.fingerprint.texture >= recognisable_texture; }

Strangers strangers(std::span<const PixelFacts> pixels, const std::function<bool(std::size_t, std::size_t)>& related) {
  std::vector<std::uint32_t> usable;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    if (has_content(pixels[i])) usable.push_back(static_cast<std::uint32_t>(i));
  Strangers out;
  if (usable.size() < 2) return out;
  Random random(20'240'601);
  const auto n = static_cast<std::uint32_t>(usable.size());
  for (std::size_t k = 0; k < drawn; ++k) {
    const std::uint32_t i = usable[random.below(n)], j = usable[random.below(n)];
    if (i == j || related(i, j)) continue;
    const Fingerprint &a = pixels[i].fingerprint, &b = pixels[j].fingerprint;
    out.upright.push_back(static_cast<std::uint16_t>(upright_distance(a, b)));
    out.any.push_back(static_cast<std::uint16_t>(likeness(a, b).distance));
  }
  if (out.upright.size() < least_pairs) return {};
  std::sort(out.upright.begin(), out.upright.end());
  std::sort(out.any.begin(), out.any.end());
  return out;
}

double Strangers::share(unsigned upright_distance) const {
  const double coins = below_coins(upright_distance);
  if (upright.empty()) return coins;
  const auto end = std::upper_bound(upright.begin(), upright.end(), upright_distance);
  const double measured = (static_cast<double>(end - upright.begin()) + 1) / (static_cast<double>(upright.size()) + 1);
  return std::max(coins, measured);
}

unsigned Strangers::upright_within(double share) const {
  unsigned coins = 0;
  while (coins < 256 && below_coins(coins + 1) <= share) ++coins;
  return upright.empty() ? coins : std::min(coins, within(upright, share));
}

unsigned Strangers::any_within(double share) const {
  return any.empty() ? coins_any_within(share) : std::min(coins_any_within(share), within(any, share));
}

}  // namespace vetset
