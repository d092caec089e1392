#include "vetset/scan/find_links.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "vetset/base/memory.h"
#include "vetset/scan/links_by_embedding.h"
#include "vetset/scan/links_by_view.h"
#include "vetset/scan/percolation.h"

namespace vetset {
namespace {

/// Takes over what a part found, its texts renumbered.
void add_part(Links part, Links& out) {
  const auto shift = static_cast<std::uint32_t>(out.texts.size() - 1);  // text 0 is "" everywhere
  for (Link& link : part.links)
    if (link.text != 0) link.text += shift;
  out.links.insert(out.links.end(), part.links.begin(), part.links.end());
  std::move(part.texts.begin() + 1, part.texts.end(), std::back_inserter(out.texts));
  out.aside.insert(out.aside.end(), part.aside.begin(), part.aside.end());
  std::move(part.notes.begin(), part.notes.end(), std::back_inserter(out.notes));
}

/// By first, second, kind; of links of one kind between two images the best is kept.
void settle(Links& links) {
  const auto order = [](const Link& l) { return std::tuple(l.first, l.second, l.kind, l.distance, -l.score, l.text); };
  std::sort(links.links.begin(), links.links.end(), [&](const Link& a, const Link& b) { return order(a) < order(b); });
  const auto same = [](const Link& a, const Link& b) {
    return a.first == b.first && a.second == b.second && a.kind == b.kind && a.kind != LinkKind::key;
  };
  links.links.erase(std::unique(links.links.begin(), links.links.end(), same), links.links.end());
  std::sort(links.aside.begin(), links.aside.end(),
            [](const Aside& a, const Aside& b) { return std::tuple(a.image, a.why) < std::tuple(b.image, b.why); });
}

/// What resembles a placeholder says nothing of the images that have it in the place of a picture.
void forget_guesses_about_placeholders(Links& links, std::size_t images) {
  std::vector<bool> placeholder(images);
  for (const Aside& a : links.aside)
    if (a.why == Aside::Why::placeholder) placeholder[to_size(a.image)] = true;
  constexpr LinkKinds guesses = weak_kinds | LinkKind::augmented | LinkKind::sequence | LinkKind::embedding;
  std::erase_if(links.links, [&](const Link& link) {
    return has(guesses, link.kind) && (placeholder[to_size(link.first)] || placeholder[to_size(link.second)]);
  });
}

}  // namespace

Result<Links> find_links(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                         std::span<const PixelFacts> pixels, const Groups* groups, const LinkSettings& settings,
                         const Pool& pool, const Progress& progress) {
  Links out;
  if (!facts.empty()) {
    VETSET_TRY(Links equal, links_by_digest(d, media, facts, pixels, pool, progress));
    add_part(std::move(equal), out);
  }
  const bool by_pixels = settings.near != NearTier::none && !pixels.empty();
  if (by_pixels) {
    give_memory_back();  // of the scan, and of equal files
    VETSET_TRY(Links near, links_by_fingerprint(d, media, facts, pixels, settings, pool, progress));
    out.near = near.near;
    add_part(std::move(near), out);
  }
  if (settings.sequences && !facts.empty()) {
    VETSET_TRY(Links named, links_by_name(d, media, facts, pixels, pool, progress));
    add_part(std::move(named), out);
    if (by_pixels) VETSET_DO(link_views(d, media, facts, pixels, pool, progress, out));
  }
  if (settings.capture) add_part(links_by_capture(pixels), out);
  if (groups != nullptr) add_part(links_by_key(*groups), out);
  if (settings.embeddings != nullptr) {
    VETSET_TRY(Links hints, links_by_embedding(d, *settings.embeddings, out, pool, progress));
    out.embedding = std::move(hints.embedding);
    add_part(std::move(hints), out);
  }
  forget_guesses_about_placeholders(out, d.images.size());
  settle(out);
  if (!pixels.empty()) cut_chains(out, pixels, {.radius = out.near.radius != 0 ? out.near.radius : 47});
  return out;
}

}  // namespace vetset
