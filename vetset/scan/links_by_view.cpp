#include "vetset/scan/links_by_view.h"

#include <algorithm>
#include <map>

#include "vetset/base/union_find.h"
#include "vetset/scan/alike.h"
#include "vetset/scan/neighbours.h"
#include "vetset/scan/one_view.h"
#include "vetset/scan/shown.h"

namespace vetset {
namespace {

/// Photos of one tripod lie within 40 bits of 256 for the most part; the search for them is exact.
constexpr unsigned view_radius = 40;
/// Small pictures are kept for all images that have such a neighbour: 16 kB each.
constexpr std::size_t most_images = 20'000;
constexpr std::size_t least_images = 3;

struct Candidate {
  std::uint16_t distance = 0;
  std::uint32_t first = 0, second = 0;
  std::size_t link = none_at;  // a near link between the two
  static constexpr std::size_t none_at = ~std::size_t{0};
};

class ViewLinks {
 public:
  ViewLinks(const Dataset& d, const Tree& media, std::span<const Facts> facts, std::span<const PixelFacts> pixels,
            const Pool& pool, const Progress& progress, Links& links)
      : d_(d), media_(media), facts_(facts), pixels_(pixels), pool_(pool), progress_(progress), links_(links) {}

  Result<void> find() {
    VETSET_DO(collect());
    if (candidates_.empty()) return {};
    if (!prepare()) {
      links_.notes.emplace_back("fixed cameras were not looked for: too many images have look-alikes");
      return {};
    }
    VETSET_DO(read_views());
    grow();
    return {};
  }

 private:
  Result<void> collect() {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> near;
    for (std::size_t k = 0; k < links_.links.size(); ++k) {
      const Link& link = links_.links[k];
      if (link.kind == LinkKind::near)
        near[{static_cast<std::uint32_t>(link.first), static_cast<std::uint32_t>(link.second)}] = k;
    }
    std::vector<Bits256> codes;
    std::vector<std::uint32_t> images;
    for (std::uint32_t i = 0; i < pixels_.size(); ++i) {
      if (!has_content(pixels_[i])) continue;
      codes.push_back(pixels_[i].fingerprint.views[0]);
      images.push_back(i);
    }
    VETSET_TRY(const Neighbours found, near_pairs(codes, view_radius, pool_, progress_));
    for (const NearPair& pair : found.pairs) {
      const std::uint32_t a = images[pair.first], b = images[pair.second];
      if (pixels_[a].width != pixels_[b].width || pixels_[a].height != pixels_[b].height) continue;
      if (pixels_[a].pixels == pixels_[b].pixels) continue;
      const auto at = near.find({a, b});
      candidates_.push_back({.distance = pair.distance,
                             .first = a,
                             .second = b,
                             .link = at == near.end() ? Candidate::none_at : at->second});
      if (at != near.end()) near.erase(at);
    }
    for (const auto& [pair, link] : near)  // beyond the radius
      if (pixels_[pair.first].width == pixels_[pair.second].width &&
          pixels_[pair.first].height == pixels_[pair.second].height)
        candidates_.push_back(
            {.distance = links_.links[link].distance, .first = pair.first, .second = pair.second, .link = link});
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
    return {};
  }

  /// Gives a place to each image that takes part; no when they are too many.
  bool prepare() {
    for (const Candidate& c : candidates_)
      for (const std::uint32_t i : {c.first, c.second}) places_.try_emplace(i, 0U);
    if (places_.size() > most_images) return false;
    std::uint32_t next = 0;
    for (auto& [image, place] : places_) place = next++;
    return true;
  }

  Result<void> read_views() {
    std::vector<std::uint32_t> images;
    for (const auto& [image, place] : places_) images.push_back(image);
    views_.resize(images.size());
    constexpr std::size_t block = 512;
    for (std::size_t begin = 0; begin < images.size(); begin += block) {
      if (progress_.stopped()) return Error{Code::cancelled, "stopped while looking for fixed cameras"};
      progress_.tell("looking for fixed cameras", begin, images.size());
      pool_.for_each(std::min(block, images.size() - begin), [&](std::size_t k) {
        const std::uint32_t i = images[begin + k];
        if (const auto luma = shown_luma(d_, media_, facts_[i], static_cast<ImageIndex>(i)); luma && !luma->empty())
          views_[begin + k] = view_of(*luma);
      });
    }
    return {};
  }

  /// The nearest first; pairs that are tied already are looked at only where a near link waits to be explained.
  void grow() {
    UnionFind tied(pixels_.size());
    std::vector<std::pair<Candidate, OneView>> moved;  // pairs of one view with something else in it
    constexpr std::size_t block = 4096;
    std::vector<OneView> seen(block);
    for (std::size_t begin = 0; begin < candidates_.size(); begin += block) {
      const std::size_t count = std::min(block, candidates_.size() - begin);
      std::vector<bool> asked(count);
      for (std::size_t k = 0; k < count; ++k) {
        const Candidate& c = candidates_[begin + k];
        asked[k] = c.link != Candidate::none_at || tied.root(c.first) != tied.root(c.second);
      }
      pool_.for_each(count, [&](std::size_t k) {
        const Candidate& c = candidates_[begin + k];
        seen[k] = {};
        if (!asked[k]) return;
        const Plane &a = views_[places_.at(c.first)], &b = views_[places_.at(c.second)];
        if (!a.empty() && !b.empty()) seen[k] = compare_views(a, b);
      });
      for (std::size_t k = 0; k < count; ++k) {
        const Candidate& c = candidates_[begin + k];
        if (!asked[k] || seen[k].moved < something_moved) continue;
        const bool joined = seen[k].agree >= same_view && tied.join(c.first, c.second);
        if (joined || c.link != Candidate::none_at) moved.emplace_back(c, seen[k]);
      }
    }
    std::map<std::uint32_t, std::size_t> sizes;
    for (const auto& [image, place] : places_) ++sizes[tied.root(image)];
    tell(moved, tied, sizes);
  }

  void tell(const std::vector<std::pair<Candidate, OneView>>& moved, UnionFind& tied,
            const std::map<std::uint32_t, std::size_t>& sizes) {
    const auto text = static_cast<std::uint32_t>(links_.texts.size());
    bool used = false;
    for (const auto& [c, view] : moved) {
      // Another view of the scene, as a camera that was nudged takes it, belongs to the sequence, too.
      if (std::max(sizes.at(tied.root(c.first)), sizes.at(tied.root(c.second))) < least_images) continue;
      used = true;
      Link link{.first = static_cast<ImageIndex>(c.first),
                .second = static_cast<ImageIndex>(c.second),
                .kind = LinkKind::sequence,
                .distance = c.distance,
                .score = view.agree,
                .text = text};
      if (c.link == Candidate::none_at)
        links_.links.push_back(link);
      else
        links_.links[c.link] = link;
    }
    if (used) links_.texts.emplace_back("one view in which things have moved");
  }

  const Dataset& d_;
  const Tree& media_;
  std::span<const Facts> facts_;
  std::span<const PixelFacts> pixels_;
  const Pool& pool_;
  const Progress& progress_;
  Links& links_;
  std::vector<Candidate> candidates_;
  std::map<std::uint32_t, std::uint32_t> places_;  // by image: its place in `views_`
  std::vector<Plane> views_;
};

}  // namespace

Result<void> link_views(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                        std::span<const PixelFacts> pixels, const Pool& pool, const Progress& progress, Links& links) {
  return ViewLinks(d, media, facts, pixels, pool, progress, links).find();
}

}  // namespace vetset
