#include "vetset/dataset/links.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "vetset/base/statistics.h"
#include "vetset/base/union_find.h"

namespace vetset {
namespace {

constexpr std::string_view kind_words[] = {"bytes",   "pixels",    "coefficients", "near",  "flipped",
                                           "cropped", "augmented", "sequence",     "burst", "place-time",
                                           "key",     "tile",      "embedding"};
static_assert(std::size(kind_words) == link_kind_count);

}  // namespace

std::string_view name(LinkKind kind) { return kind_words[static_cast<std::size_t>(kind)]; }

std::optional<LinkKind> link_kind(std::string_view word) {
  const auto* const found = std::find(std::begin(kind_words), std::end(kind_words), word);
  if (found == std::end(kind_words)) return {};
  return static_cast<LinkKind>(found - std::begin(kind_words));
}

std::pair<double, double> PlantedCopies::interval() const {
  // To ten thousandths: libraries differ in the last digits of a logarithm, and documents do not.
  const auto rounded = [](double share) { return std::round(share * 1e4) / 1e4; };
  const Interval interval = exact_interval(found, planted);
  return {rounded(interval.low), rounded(interval.high)};
}

std::string_view name(NearTier tier) {
  static constexpr std::string_view words[] = {"none", "basic", "views", "full"};
  return words[static_cast<std::size_t>(tier)];
}

std::optional<NearTier> near_tier(std::string_view word) {
  for (const NearTier tier : {NearTier::none, NearTier::basic, NearTier::views, NearTier::full})
    if (name(tier) == word) return tier;
  return {};
}

std::string_view name(Aside::Why why) {
  static constexpr std::string_view words[] = {"undecodable", "flat", "placeholder", "hub"};
  return words[static_cast<std::size_t>(why)];
}

Components components(const Links& links, std::size_t images, LinkKinds kinds) {
  UnionFind sets(images);
  for (const Link& link : links.links)
    if (!link.cut && has(kinds, link.kind))
      sets.join(static_cast<std::uint32_t>(link.first), static_cast<std::uint32_t>(link.second));
  Components out{.of = std::vector<std::uint32_t>(images), .sizes = {}};
  for (std::uint32_t i = 0; i < images; ++i) {  // the least member comes before all others
    if (const std::uint32_t root = sets.root(i); root == i) {
      out.of[i] = static_cast<std::uint32_t>(out.sizes.size());
      out.sizes.push_back(0);
    } else {
      out.of[i] = out.of[root];
    }
    ++out.sizes[out.of[i]];
  }
  return out;
}

}  // namespace vetset
