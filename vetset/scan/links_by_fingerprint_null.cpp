// How near the fingerprints of unrelated images come, measured by the very comparisons that the search makes.
#include <algorithm>
#include <tuple>

#include "vetset/base/random.h"
#include "vetset/image/fingerprint.h"
#include "vetset/scan/links_by_fingerprint.h"
#include "vetset/scan/neighbours_kernel.h"

namespace vetset {
namespace {

constexpr std::uint64_t wanted_pairs = 1 << 20;
constexpr std::size_t anchors = 2048;  // images that are held against random others, where there are too many pairs

/// One image in all the forms in which others are held against it.
struct Forms {
  std::vector<Bits256> whole;                    // against whole frames
  std::vector<Bits256> parts;                    // against all views
  std::vector<Hypothesis> whole_how, parts_how;  // symmetry and first_view of each

  Forms(const Fingerprint& f, NearTier tier) {
    const bool with_parts = tier != NearTier::basic;
    for (std::uint8_t s = 1; s <= symmetry_count; ++s) {
      const bool all = with_parts && s <= 2;
      for (std::uint8_t v = 0; v < (all ? Fingerprint::view_count : 2); ++v) {
        if (v == 1 && !f.has_borders) continue;
        (all ? parts : whole).push_back(turned(f.views[v], s));
        (all ? parts_how : whole_how).push_back({s, v, 0});
      }
    }
  }
};

bool compared(const Fingerprint& f, std::size_t view) { return view != 1 || f.has_borders; }

/// Codes as a kernel takes them, filled up with the last one to a multiple of eight.
class Columns {
 public:
  explicit Columns(const std::vector<Bits256>& codes) : count_((codes.size() + 7) / 8 * 8) {
    for (std::size_t w = 0; w < 4; ++w)
      for (std::size_t k = 0; k < count_; ++k) words_[w].push_back(codes[std::min(k, codes.size() - 1)].words[w]);
  }
  unsigned nearest(std::span<const Bits256> codes) const {
    return join_kernels().front().nearest(
        codes.data(), codes.size(), {{words_[0].data(), words_[1].data(), words_[2].data(), words_[3].data()}}, count_);
  }

 private:
  std::size_t count_;
  std::vector<std::uint64_t> words_[4];
};

/// View 1 is the same as view 0 where there are no borders, so it does no harm.
unsigned least_distance(const Columns& whole, const Columns& parts, const Fingerprint& other) {
  const std::span<const Bits256> views = other.views;
  return std::min(whole.nearest(views.first(2)), parts.nearest(views));
}

/// How the forms of the first met the other at this distance.
Hypothesis how_met(const Forms& forms, const Fingerprint& other, unsigned met) {
  for (std::uint8_t v = 0; v < other.views.size(); ++v) {
    if (!compared(other, v)) continue;
    for (std::size_t k = 0; v < 2 && k < forms.whole.size(); ++k)
      if (distance(forms.whole[k], other.views[v]) == met)
        return {forms.whole_how[k].symmetry, forms.whole_how[k].first_view, v};
    for (std::size_t k = 0; k < forms.parts.size(); ++k)
      if (distance(forms.parts[k], other.views[v]) == met)
        return {forms.parts_how[k].symmetry, forms.parts_how[k].first_view, v};
  }
  return {};
}

/// The anchor's forms were turned to meet the other.
Meeting meeting(std::uint32_t anchor, std::uint32_t other, unsigned distance, const Hypothesis& how) {
  const auto bits = static_cast<std::uint16_t>(distance);
  if (anchor < other) return {anchor, other, bits, {inverse(how.symmetry), how.first_view, how.second_view}, 0};
  return {other, anchor, bits, {how.symmetry, how.second_view, how.first_view}, 0};
}

}  // namespace

NullSample sample_null(std::span<const PixelFacts> pixels, const Subjects& subjects, NearTier tier,
                       const NullChoice& choice, const Pool& pool) {
  const auto count = static_cast<std::uint32_t>(subjects.size());
  if (count < 2) return {};
  const bool every = std::uint64_t{count} * (count - 1) / 2 <= wanted_pairs;
  std::vector<NullSample> parts(every ? count : anchors);
  pool.for_each(parts.size(), [&](std::size_t k) {
    NullSample& part = parts[k];
    Random random(0x6e756c6c + k);
    const std::uint32_t anchor = every ? static_cast<std::uint32_t>(k) : random.below(count);
    const Forms forms(pixels[subjects[anchor]].fingerprint, tier);
    const Columns whole(forms.whole), all_views(forms.parts);
    const auto take = [&](std::uint32_t other) {
      if (choice.only && !choice.only(anchor, other)) return;
      const Fingerprint& print = pixels[subjects[other]].fingerprint;
      const unsigned d = least_distance(whole, all_views, print);
      part.distances.add(d);
      if (d <= choice.watched) part.near.push_back(meeting(anchor, other, d, how_met(forms, print, d)));
    };
    if (every) {
      for (std::uint32_t other = anchor + 1; other < count; ++other) take(other);
      return;
    }
    for (std::uint64_t n = 0; n < wanted_pairs / anchors; ++n)
      if (const std::uint32_t other = random.below(count); other != anchor) take(other);
  });
  NullSample out;
  for (const NullSample& part : parts) {
    for (unsigned d = 0; d < part.distances.at.size(); ++d) out.distances.add(d, part.distances.at[d]);
    out.near.insert(out.near.end(), part.near.begin(), part.near.end());
  }
  std::sort(out.near.begin(), out.near.end(), [](const Meeting& a, const Meeting& b) {
    return std::tuple(a.distance, a.first, a.second) < std::tuple(b.distance, b.first, b.second);
  });
  const auto same = [](const Meeting& a, const Meeting& b) { return a.first == b.first && a.second == b.second; };
  out.near.erase(std::unique(out.near.begin(), out.near.end(), same), out.near.end());
  return out;
}

}  // namespace vetset
