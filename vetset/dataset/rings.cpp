#include "vetset/dataset/rings.h"

#include <algorithm>

#include "vetset/dataset/geometry.h"

namespace vetset {
namespace {

/// Whether the point at `k` is the one before it.
bool repeats_at(std::span<const double> ring, std::size_t k) {
  return k >= 2 && k + 1 < ring.size() && ring[k] == ring[k - 2] && ring[k + 1] == ring[k - 1];
}

}  // namespace

bool spans_area(std::span<const double> ring) {
  std::size_t found = 0;
  Point seen[2];
  for (std::size_t k = 0; k + 1 < ring.size(); k += 2) {
    const Point p{ring[k], ring[k + 1]};
    if (std::find(seen, seen + found, p) != seen + found) continue;
    if (found == 2) return true;
    seen[found++] = p;
  }
  return false;
}

std::uint64_t repeats(std::span<const double> ring) {
  std::uint64_t found = 0;
  for (std::size_t k = 2; k < ring.size(); k += 2) found += repeats_at(ring, k);
  return found;
}

std::vector<double> without_repeats(std::span<const double> ring) {
  std::vector<double> kept;
  for (std::size_t k = 0; k < ring.size(); k += 2)
    if (!repeats_at(ring, k))
      kept.insert(kept.end(), ring.begin() + static_cast<std::ptrdiff_t>(k),
                  ring.begin() + static_cast<std::ptrdiff_t>(std::min(k + 2, ring.size())));
  return kept;
}

}  // namespace vetset
