// Links by what names suggest, confirmed by content: augmented siblings and copies of one picture, tiles of one parent,
// frames of one sequence (links_by_name_sequences.cpp).
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "vetset/scan/links_by_name.h"

namespace vetset {
namespace {

Link link_between(std::uint32_t a, std::uint32_t b, LinkKind kind, std::uint32_t text) {
  return {.first = static_cast<ImageIndex>(std::min(a, b)),
          .second = static_cast<ImageIndex>(std::max(a, b)),
          .kind = kind,
          .text = text};
}

/// Images of one root, some of which bear marks.
using Siblings = std::vector<std::uint32_t>;

struct Tally {
  std::uint64_t suggested = 0, confirmed = 0;
  bool believed() const { return confirmed > 0 && 2 * confirmed >= suggested; }
};

class SiblingLinks {
 public:
  SiblingLinks(const NameEvidence& e, const Pool& pool) : e_(e), pool_(pool) {}

  void find(Links& out) {
    std::map<std::string_view, Siblings> by_root;
    for (std::uint32_t i = 0; i < e_.names.size(); ++i) by_root[e_.names[i].root].push_back(i);
    std::vector<Siblings> groups;
    for (auto& [root, images] : by_root)
      if (images.size() > 1 &&
          std::any_of(images.begin(), images.end(), [&](std::uint32_t i) { return !e_.names[i].pattern.empty(); }))
        groups.push_back(std::move(images));
    std::vector<std::vector<Link>> confirmed(groups.size());
    pool_.for_each(groups.size(), [&](std::size_t g) { confirmed[g] = confirmed_in(groups[g]); });

    std::map<std::string_view, Tally> tallies;
    for (std::size_t g = 0; g < groups.size(); ++g) tally(groups[g], confirmed[g], tallies);
    for (std::size_t g = 0; g < groups.size(); ++g) add(groups[g], confirmed[g], tallies, out);
    for (const auto& [pattern, t] : tallies)
      if (t.suggested > t.confirmed && !t.believed())
        out.notes.push_back(std::to_string(t.suggested - t.confirmed) + " names with '" + std::string(pattern) +
                            "' suggest copies of a picture, but the pixels show other pictures: not linked");
  }

 private:
  /// Each image with the most alike of those before it, where it is alike: a tree, never n².
  std::vector<Link> confirmed_in(const Siblings& group) const {
    constexpr std::size_t looked_back = 64;
    std::vector<Link> links;
    for (std::size_t k = 1; k < group.size(); ++k) {
      if (!has_content(e_.pixels[group[k]])) continue;
      Likeness best;
      std::uint32_t with = 0;
      for (std::size_t j = 0; j < std::min(k, looked_back); ++j) {
        if (!has_content(e_.pixels[group[j]])) continue;
        if (e_.names[group[j]].pattern.empty() && e_.names[group[k]].pattern.empty())
          continue;  // not said to be copies
        const Likeness l = likeness(e_.pixels[group[j]].fingerprint, e_.pixels[group[k]].fingerprint);
        if (l.distance >= best.distance) continue;
        best = l;
        with = group[j];
      }
      constexpr double chance = 0.01;  // that one of those before is as alike and no copy
      if (best.distance > e_.usual.any_within(chance / static_cast<double>(std::min(k, looked_back)))) continue;
      Link link = link_between(with, group[k], LinkKind::augmented, 0);
      link.distance = static_cast<std::uint16_t>(best.distance);
      link.symmetry = best.symmetry;
      links.push_back(link);
    }
    return links;
  }

  /// Whose name makes the claim: of an image and the first of its group, the later one that bears marks.
  const std::string& pattern_of(const Siblings& group, std::uint32_t image) const {
    return e_.names[image].pattern.empty() ? e_.names[group.front()].pattern : e_.names[image].pattern;
  }

  void tally(const Siblings& group, const std::vector<Link>& links, std::map<std::string_view, Tally>& tallies) const {
    for (std::size_t k = 1; k < group.size(); ++k)
      if (const std::string& pattern = pattern_of(group, group[k]); !pattern.empty()) ++tallies[pattern].suggested;
    for (const Link& link : links) ++tallies[pattern_of(group, static_cast<std::uint32_t>(link.second))].confirmed;
  }

  void add(const Siblings& group, const std::vector<Link>& links, const std::map<std::string_view, Tally>& tallies,
           Links& out) const {
    std::map<std::string, std::uint32_t> texts;
    const auto text = [&](std::string words) {
      const auto [at, fresh] = texts.try_emplace(std::move(words), static_cast<std::uint32_t>(out.texts.size()));
      if (fresh) out.texts.push_back(at->first);
      return at->second;
    };
    const std::string stem = "stem " + e_.names[group.front()].root;
    std::set<std::uint32_t> tied;
    for (Link link : links) {
      link.text = text(stem);
      tied.insert(static_cast<std::uint32_t>(link.second));
      out.links.push_back(link);
    }
    for (std::size_t k = 1; k < group.size(); ++k) {
      const std::uint32_t i = group[k];
      const std::string& pattern = pattern_of(group, i);
      if (tied.count(i) > 0 || pattern.empty() || !tallies.at(pattern).believed()) continue;
      if (e_.names[i].folder != e_.names[group.front()].folder) continue;  // another picture may have the name there
      const Tally& t = tallies.at(pattern);
      out.links.push_back(link_between(group.front(), i, LinkKind::augmented,
                                       text(stem + ", by its name alone: " + std::to_string(t.confirmed) + " of " +
                                            std::to_string(t.suggested) + " with '" + pattern + "' look alike")));
    }
  }

  const NameEvidence& e_;
  const Pool& pool_;
};

/// Offsets in pixels or rows and columns: whether two numbers at the ends of names make a grid.
bool make_a_grid(const NameEvidence& e, const std::vector<std::uint32_t>& images) {
  std::set<std::uint64_t> first, second;
  std::set<std::pair<std::uint64_t, std::uint64_t>> cells;
  bool named = true;
  std::uint32_t side = 0;
  for (const std::uint32_t i : images) {
    const NameGrammar::Tile& tile = *e.names[i].tile;
    first.insert(tile.first);
    second.insert(tile.second);
    cells.insert({tile.first, tile.second});
    named = named && tile.named;
    const std::uint32_t width = e.pixels.empty() ? e.facts[i].shown_width() : e.pixels[i].width;
    const std::uint32_t height = e.pixels.empty() ? e.facts[i].shown_height() : e.pixels[i].height;
    side = std::max({side, width, height});
  }
  if (cells.size() < images.size() || (first.size() < 2 && second.size() < 2)) return false;
  if (named) return true;
  // Bare numbers are offsets only where they step by about a tile: "field_512_1024" and not "person_3_17".
  const auto steps_like_tiles = [&](const std::set<std::uint64_t>& values) {
    std::uint64_t step = 0;
    for (const std::uint64_t v : values) step = std::gcd(step, v - *values.begin());
    return step >= 16 && step * 8 >= side && step <= std::uint64_t{4} * side;
  };
  return first.size() >= 2 && second.size() >= 2 && steps_like_tiles(first) && steps_like_tiles(second);
}

void link_tiles(NameEvidence& e, Links& out) {
  std::map<std::pair<std::string_view, std::string_view>, std::vector<std::uint32_t>> by_parent;
  for (std::uint32_t i = 0; i < e.names.size(); ++i)
    if (const auto& tile = e.names[i].tile; tile && e.names[i].pattern.empty())
      by_parent[{e.names[i].folder, tile->parent}].push_back(i);
  for (const auto& [parent, images] : by_parent) {
    if (images.size() < 2 || !make_a_grid(e, images)) continue;
    const auto text = static_cast<std::uint32_t>(out.texts.size());
    out.texts.push_back("tiles of " + std::string(parent.second));
    for (std::size_t k = 1; k < images.size(); ++k)
      out.links.push_back(link_between(images.front(), images[k], LinkKind::tile, text));
    for (const std::uint32_t i : images) e.is_tile[i] = true;
  }
}

}  // namespace

Result<Links> links_by_name(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                            std::span<const PixelFacts> pixels, const Pool& pool, const Progress& progress) {
  NameEvidence e{.d = d, .media = media, .facts = facts, .pixels = pixels};
  e.names.resize(d.images.size());
  e.is_tile.resize(d.images.size());
  constexpr std::size_t grain = 1024;
  pool.for_ranges(e.names.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) e.names[i] = name_grammar(d.path(to_index<ImageIndex>(i)));
  });
  Links out;
  link_tiles(e, out);
  if (pixels.empty()) {
    out.notes.emplace_back("names were not asked about siblings and sequences: that needs pixels");
    return out;
  }
  if (progress.stopped()) return Error{Code::cancelled, "stopped while comparing names"};
  e.usual = strangers(pixels, [&](std::size_t i, std::size_t j) {
    return e.names[i].root == e.names[j].root ||
           (e.names[i].counter && e.names[i].series == e.names[j].series && e.names[i].folder == e.names[j].folder);
  });
  SiblingLinks(e, pool).find(out);
  VETSET_DO(link_sequences(e, pool, progress, out));
  return out;
}

}  // namespace vetset
