#include "vetset/scan/neighbours_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "vetset/base/random.h"

namespace vetset {
namespace {

constexpr unsigned most_key_bits = 24;

/// Neighbouring bits of a fingerprint depend on each other, so slots take bits from everywhere. Fixed for good.
std::array<std::uint8_t, 256> dealt_bits() {
  std::array<std::uint8_t, 256> bits{};
  std::iota(bits.begin(), bits.end(), std::uint8_t{0});
  Random random(256);
  for (std::uint32_t i = 255; i > 0; --i) std::swap(bits[i], bits[random.below(i + 1)]);
  return bits;
}

/// How many keys of `bits` bits lie within `radius` of one.
double keys_within(std::size_t bits, unsigned radius) {
  double all = 0, of_k = 1;
  for (unsigned k = 0; k <= radius && k <= bits; ++k) {
    all += of_k;
    of_k = of_k * static_cast<double>(bits - k) / (k + 1);
  }
  return all;
}

}  // namespace

SearchPlan plan_of(unsigned slots, unsigned radius) {
  if (slots <= 1) return {{Slot{.bits = {}, .mask = {}, .radius = 0}}};
  static const std::array<std::uint8_t, 256> dealt = dealt_bits();
  slots = std::max(slots, (256 + most_key_bits - 1) / most_key_bits);
  // Were a pair beyond `allowed - 1` in each slot, it would differ in the sum of `allowed` bits, which is radius + 1.
  SearchPlan plan;
  for (unsigned s = 0; s < slots; ++s) {
    const unsigned allowed = (radius + 1) / slots + (s < (radius + 1) % slots ? 1 : 0);
    if (allowed == 0) break;
    Slot slot{.bits = {}, .mask = {}, .radius = allowed - 1};
    for (unsigned b = 256 * s / slots; b < 256 * (s + 1) / slots; ++b) {
      slot.bits.push_back(dealt[b]);
      slot.mask.set(dealt[b]);
    }
    plan.slots.push_back(std::move(slot));
  }
  return plan;
}

double cost_of(const SearchPlan& plan, std::uint64_t left, std::uint64_t right, bool self) {
  constexpr double per_code = 40, per_visit = 2, per_row = 2, per_block = 1;  // measured on one machine, in ns
  const auto l = static_cast<double>(left), r = static_cast<double>(right);
  double cost = 0;
  for (const Slot& slot : plan.slots) {
    const double keys = std::exp2(static_cast<double>(slot.bits.size()));
    const double share = self ? 0.5 : 1;
    const double filled = keys * -std::expm1(-l / keys);  // buckets of the left with anything in them
    const double visits = filled * keys_within(slot.bits.size(), slot.radius) * share;
    const double met = visits * -std::expm1(-r / keys);
    const double in_left = l / filled, in_right = std::max(1.0, r / keys / -std::expm1(-r / keys));
    const double blocks = in_right <= 1 ? 1 : (in_right + 7) / 8;
    cost += (l + (self ? 0 : r)) * per_code + visits * per_visit + met * in_left * (per_row + blocks * per_block);
  }
  return cost;
}

SearchPlan cheapest_plan(std::uint64_t left, std::uint64_t right, bool self, unsigned radius) {
  SearchPlan best = plan_of(1, radius);
  double least = cost_of(best, left, right, self);
  for (unsigned slots = 11; slots <= 32; ++slots) {
    SearchPlan plan = plan_of(slots, radius);
    // A slot of 24 bits at radius 8 has a million neighbours: too many to list, and never cheap.
    if (keys_within(plan.slots.front().bits.size(), plan.slots.front().radius) > 100000) continue;
    if (const double cost = cost_of(plan, left, right, self); cost < least) {
      least = cost;
      best = std::move(plan);
    }
  }
  return best;
}

}  // namespace vetset
