#include "vetset/dataset/links.h"

#include <algorithm>
#include <iterator>
#include <numeric>

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

std::string_view name(NearTier tier) {
  static constexpr std::string_view words[] = {"none", "basic", "views", "full"};
  return words[static_cast<std::size_t>(tier)];
}

std::string_view name(Aside::Why why) {
  static constexpr std::string_view words[] = {"undecodable", "flat", "placeholder", "hub"};
  return words[static_cast<std::size_t>(why)];
}

Components components(const Links& links, std::size_t images, LinkKinds kinds) {
  std::vector<std::uint32_t> above(images);
  std::iota(above.begin(), above.end(), 0U);
  const auto root = [&](std::uint32_t i) {
    while (above[i] != i) i = above[i] = above[above[i]];
    return i;
  };
  for (const Link& link : links.links) {
    if (link.cut || !has(kinds, link.kind)) continue;
    const std::uint32_t a = root(static_cast<std::uint32_t>(link.first)),
                        b = root(static_cast<std::uint32_t>(link.second));
    if (a != b) above[std::max(a, b)] = std::min(a, b);
  }
  Components out{.of = std::vector<std::uint32_t>(images), .sizes = {}};
  for (std::uint32_t i = 0; i < images; ++i) {  // a root comes before all that it stands for
    if (above[i] == i) {
      out.of[i] = static_cast<std::uint32_t>(out.sizes.size());
      out.sizes.push_back(0);
    } else {
      out.of[i] = out.of[root(i)];
    }
    ++out.sizes[out.of[i]];
  }
  return out;
}

}  // namespace vetset
