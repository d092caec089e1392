#include "vetset/scan/percolation.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>

#include "vetset/scan/alike.h"

namespace vetset {
namespace {

/// Sets that grow together, with their members at hand.
class Clusters {
 public:
  explicit Clusters(std::size_t n) : root_(n), members_(n) {
    for (std::uint32_t i = 0; i < n; ++i) {
      root_[i] = i;
      members_[i] = {i};
    }
  }
  std::uint32_t of(std::uint32_t i) const { return root_[i]; }
  const std::vector<std::uint32_t>& members(std::uint32_t cluster) const { return members_[cluster]; }
  void join(std::uint32_t a, std::uint32_t b) {
    a = of(a), b = of(b);
    if (a == b) return;
    if (members_[a].size() < members_[b].size()) std::swap(a, b);
    for (const std::uint32_t i : members_[b]) root_[i] = a;
    members_[a].insert(members_[a].end(), members_[b].begin(), members_[b].end());
    members_[b] = {};
  }

 private:
  std::vector<std::uint32_t> root_;
  std::vector<std::vector<std::uint32_t>> members_;
};

/// Up to `most` members, evenly spread.
std::vector<std::uint32_t> spread(std::vector<std::uint32_t> members, std::size_t most) {
  std::sort(members.begin(), members.end());
  if (members.size() <= most) return members;
  std::vector<std::uint32_t> out;
  for (std::size_t k = 0; k < most; ++k) out.push_back(members[k * members.size() / most]);
  return out;
}

class ChainCutter {
 public:
  ChainCutter(Links& links, std::span<const PixelFacts> pixels, const PercolationSettings& s)
      : links_(links),
        pixels_(pixels),
        bound_(s.bound != 0 ? s.bound : std::max<std::size_t>(50, pixels.size() / 1000)),
        alike_(s.radius + s.radius / 2),
        whole_(components(links, pixels.size())) {}

  void cut() {
    cut_placeholders();
    find_units();
    std::vector<std::uint32_t> weak = weak_in_large_components();
    if (weak.empty()) return;
    tie_units();
    Clusters clusters(pixels_.size());
    for (const std::uint32_t k : weak) {
      Link& link = links_.links[k];
      const std::uint32_t a = clusters.of(unit(link.first)), b = clusters.of(unit(link.second));
      if (a == b || allowed(clusters, link, a, b))
        clusters.join(unit(link.first), unit(link.second));
      else
        link.cut = true;
    }
    // A pair that was refused early may have come together by better ties since.
    for (const std::uint32_t k : weak) {
      Link& link = links_.links[k];
      if (link.cut && clusters.of(unit(link.first)) == clusters.of(unit(link.second))) link.cut = false;
    }
    report(clusters, weak);
  }

  void finish() {
    std::sort(links_.cuts.begin(), links_.cuts.end(),
              [](const Links::Cut& a, const Links::Cut& b) { return a.link < b.link; });
  }

 private:
  /// A picture that says nothing may be tied to its copies and to one group at most.
  void cut_placeholders() {
    std::vector<bool> placeholder(pixels_.size());
    for (const Aside& a : links_.aside)
      if (a.why == Aside::Why::placeholder) placeholder[to_size(a.image)] = true;
    const auto between_placeholders = [&](const Link& link) {
      return placeholder[to_size(link.first)] && placeholder[to_size(link.second)];
    };
    Links others;
    for (const Link& link : links_.links)
      if (!between_placeholders(link) || (link.kind != LinkKind::bytes && link.kind != LinkKind::pixels))
        others.links.push_back(link);
    const Components apart = components(others, pixels_.size());
    Clusters tied(apart.sizes.size());
    std::vector<bool> has_group(apart.sizes.size());
    for (std::size_t c = 0; c < apart.sizes.size(); ++c) has_group[c] = apart.sizes[c] > 1;
    for (std::uint32_t k = 0; k < links_.links.size(); ++k) {
      Link& link = links_.links[k];
      if (!between_placeholders(link) || (link.kind != LinkKind::bytes && link.kind != LinkKind::pixels)) continue;
      const std::uint32_t a = tied.of(apart.of[to_size(link.first)]), b = tied.of(apart.of[to_size(link.second)]);
      if (a == b) continue;
      if (has_group[a] && has_group[b]) {
        link.cut = true;
        links_.cuts.push_back({.link = k,
                               .images = whole_.sizes[whole_.of[to_size(link.first)]],
                               .why = "would join two groups by a placeholder that belongs to neither"});
        continue;
      }
      const bool group = has_group[a] || has_group[b];
      tied.join(a, b);
      has_group[tied.of(a)] = group;
    }
  }

  /// What links that are never cut hold together counts as one.
  void find_units() {
    const Components strong = components(links_, pixels_.size(), grouping_kinds & ~weak_kinds);
    std::vector<std::uint32_t> first(strong.sizes.size(), ~0U);
    unit_.resize(pixels_.size());
    for (std::uint32_t i = 0; i < unit_.size(); ++i) {
      std::uint32_t& f = first[strong.of[i]];
      if (f == ~0U) f = i;
      unit_[i] = f;
    }
    images_of_.resize(pixels_.size());
    for (std::uint32_t i = 0; i < unit_.size(); ++i) images_of_[unit_[i]].push_back(i);
  }
  std::uint32_t unit(ImageIndex i) const { return unit_[to_size(i)]; }

  /// In places of `links.links`, the strongest first.
  std::vector<std::uint32_t> weak_in_large_components() const {
    const Components now = components(links_, pixels_.size());
    std::vector<std::size_t> units(now.sizes.size());
    for (std::uint32_t i = 0; i < unit_.size(); ++i) units[now.of[i]] += unit_[i] == i ? 1U : 0U;
    std::vector<std::uint32_t> weak;
    for (std::uint32_t k = 0; k < links_.links.size(); ++k) {
      const Link& link = links_.links[k];
      if (!link.cut && has(weak_kinds, link.kind) && units[now.of[to_size(link.first)]] > bound_) weak.push_back(k);
    }
    const auto weakness = [&](std::uint32_t k) {
      const Link& link = links_.links[k];
      return std::tuple(link.kind == LinkKind::cropped, link.distance, -link.score, k);
    };
    std::sort(weak.begin(), weak.end(), [&](auto a, auto b) { return weakness(a) < weakness(b); });
    return weak;
  }

  void tie_units() {
    for (const Link& link : links_.links) {
      if (link.cut || !has(weak_kinds, link.kind) || unit(link.first) == unit(link.second)) continue;
      ties_.emplace_back(unit(link.first), unit(link.second));
      ties_.emplace_back(unit(link.second), unit(link.first));
    }
    std::sort(ties_.begin(), ties_.end());
    ties_.erase(std::unique(ties_.begin(), ties_.end()), ties_.end());
  }
  bool are_tied(std::uint32_t a, std::uint32_t b) const {
    return std::binary_search(ties_.begin(), ties_.end(), std::pair(a, b));
  }

  bool alike(std::uint32_t a, std::uint32_t b) const {
    if (are_tied(a, b)) return true;
    constexpr std::size_t most = 4;
    for (const std::uint32_t i : spread(images_of_[a], most))
      for (const std::uint32_t j : spread(images_of_[b], most))
        if (likeness(pixels_[i].fingerprint, pixels_[j].fingerprint).distance <= alike_) return true;
    return false;
  }

  /// Half of the pairs across are alike, or one end is itself tied to half of the other side: a picture and its crops.
  bool allowed(const Clusters& clusters, const Link& link, std::uint32_t a, std::uint32_t b) const {
    const auto &left = clusters.members(a), &right = clusters.members(b);
    if (left.size() + right.size() <= bound_) return true;
    constexpr std::size_t most = 8;
    const auto tied_to_half = [&](std::uint32_t end, const std::vector<std::uint32_t>& side) {
      std::size_t tied = 0;
      for (const std::uint32_t other : side) tied += other == end || are_tied(end, other) ? 1U : 0U;
      return 2 * tied >= side.size();
    };
    for (const std::uint32_t end : {unit(link.first), unit(link.second)})
      if (tied_to_half(end, left) && tied_to_half(end, right)) return true;
    std::size_t pairs = 0, near = 0;
    for (const std::uint32_t i : spread(left, most))
      for (const std::uint32_t j : spread(right, most)) {
        ++pairs;
        near += alike(i, j) ? 1U : 0U;
      }
    return 2 * near >= pairs;
  }

  void report(const Clusters& clusters, const std::vector<std::uint32_t>& weak) {
    for (const std::uint32_t k : weak) {
      const Link& link = links_.links[k];
      if (!link.cut) continue;
      const auto size = [&](ImageIndex i) {
        std::size_t images = 0;
        for (const std::uint32_t u : clusters.members(clusters.of(unit(i)))) images += images_of_[u].size();
        return std::to_string(images);
      };
      links_.cuts.push_back({.link = k,
                             .images = whole_.sizes[whole_.of[to_size(link.first)]],
                             .why = "would join " + size(link.first) + " images with " + size(link.second) +
                                    ", most of which are not alike"});
    }
  }

  Links& links_;
  std::span<const PixelFacts> pixels_;
  std::size_t bound_;
  unsigned alike_;
  Components whole_;                                           // before anything was cut
  std::vector<std::uint32_t> unit_;                            // by image: the first image of its unit
  std::vector<std::vector<std::uint32_t>> images_of_;          // by unit
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ties_;  // of units, by weak links, both ways
};

}  // namespace

void cut_chains(Links& links, std::span<const PixelFacts> pixels, const PercolationSettings& settings) {
  ChainCutter cutter(links, pixels, settings);
  cutter.cut();
  cutter.finish();
}

}  // namespace vetset
