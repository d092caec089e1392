// Near-duplicates: whose fingerprints meet within a radius, and show the same picture. The search is exact; what it
// leaves aside, and why, is said.
#include "vetset/scan/links_by_fingerprint.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "vetset/base/union_find.h"
#include "vetset/image/fingerprint.h"
#include "vetset/scan/alike.h"
#include "vetset/scan/planted.h"
#include "vetset/scan/shown.h"

namespace vetset {
namespace {

/// Beyond the greatest radius: related pairs that lie so near would pass for the tail of unrelated ones.
constexpr unsigned watched = 63;
constexpr std::size_t watched_pairs = 512;

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

class FingerprintLinks {
 public:
  FingerprintLinks(std::span<const PixelFacts> pixels, const LinkSettings& settings, const Confirmation& confirmation,
                   const Pool& pool, const Progress& progress)
      : pixels_(pixels), settings_(settings), confirmation_(confirmation), pool_(pool), progress_(progress) {}

  Result<Links> find() && {
    choose_subjects();
    NearSearch& near = out_.near;
    near.tier = settings_.near;
    near.fingerprint = Fingerprint::revision;
    near.confirmation = PixelPortrait::revision;
    near.views = settings_.near == NearTier::basic ? 2 : Fingerprint::view_count;
    near.symmetries = true;
    near.images = subjects_.size();
    VETSET_DO(choose_radius());
    VETSET_TRY(Meetings meetings, meetings_of(pixels_, subjects_, settings_.near, near.radius, pool_, progress_));
    if (settings_.near == NearTier::full)
      VETSET_DO(add_full_meetings(subjects_, confirmation_, meetings, pool_, progress_));
    VETSET_TRY(const Confirmations confirmed,
               confirm_meetings(meetings.all, subjects_, confirmation_, {}, pool_, progress_));
    for (const Confirmed& c : confirmed.links) link(c);
    near.candidates = confirmed.pairs;
    near.confirmed = confirmed.links.size();
    near.rejected = confirmed.rejected;
    if (settings_.planted > 0 && confirmation_.luma) {
      const Subjects chosen = planted_subjects(pixels_, subjects_, settings_.planted);
      VETSET_TRY(near.planted, search_planted(pixels_, chosen, near, confirmation_, pool_, progress_));
    }
    put_hubs_aside(meetings, confirmed);
    tell(meetings, confirmed);
    return std::move(out_);
  }

 private:
  void put_aside(std::uint32_t image, Aside::Why why, std::uint32_t degree = 0) {
    out_.aside.push_back({.image = static_cast<ImageIndex>(image), .why = why, .degree = degree});
  }

  void choose_subjects() {
    std::vector<std::pair<Hash128, std::uint32_t>> shown;
    for (std::uint32_t i = 0; i < pixels_.size(); ++i) {
      if (!pixels_[i].decoded()) {
        put_aside(i, Aside::Why::undecodable);
        ++out_.near.undecodable;
      } else if (!has_content(pixels_[i])) {
        put_aside(i, Aside::Why::flat);
        ++out_.near.flat;
      } else {
        shown.emplace_back(pixels_[i].pixels, i);
      }
    }
    std::sort(shown.begin(), shown.end());
    for (std::size_t k = 0; k < shown.size(); ++k)
      if (k == 0 || shown[k].first != shown[k - 1].first) subjects_.push_back(shown[k].second);
  }

  Result<void> choose_radius() {
    progress_.tell("measuring unrelated images", 0, 1);
    NullSample null = sample_null(pixels_, subjects_, settings_.near, {.watched = watched}, pool_);
    VETSET_DO(leave_out_related(null));
    const Calibration c = settings_.radius ? measured_radius(null.distances, subjects_.size(), *settings_.radius)
                                           : calibrated_radius(null.distances, subjects_.size());
    out_.near.radius = c.radius;
    out_.near.calibrated = c.calibrated;
    out_.near.expected_false = c.expected_false;
    out_.near.expected_false_upper = c.expected_false_upper;
    out_.near.null_pairs = c.null_pairs;
    return {};
  }

  /// Copies among the sampled pairs are no null, nor is what copies tie together: those that lie near are looked at.
  Result<void> leave_out_related(NullSample& null) {
    std::vector<Meeting>& near = null.near;
    std::sort(near.begin(), near.end(), [](const Meeting& a, const Meeting& b) {
      return std::tuple(a.first, a.second) < std::tuple(b.first, b.second);
    });
    VETSET_TRY(const Confirmations related,
               confirm_meetings(near, subjects_, confirmation_, {.enough_links = 0, .pairs = watched_pairs}, pool_,
                                {.report = {}, .stop = progress_.stop}));
    if (related.links.empty()) return {};
    UnionFind groups(subjects_.size());
    for (const Confirmed& c : related.links) groups.join(c.meeting.first, c.meeting.second);
    const std::vector<std::uint32_t> root =
        groups.roots();  // asked by many threads: finding a root shortens the way to it
    const auto together = [&](std::uint32_t a, std::uint32_t b) { return root[a] == root[b]; };
    const NullSample copies = sample_null(pixels_, subjects_, settings_.near, {.only = together}, pool_);
    for (unsigned d = 0; d < copies.distances.at.size(); ++d) null.distances.at[d] -= copies.distances.at[d];
    null.distances.pairs -= copies.distances.pairs;
    return {};
  }

  void link(const Confirmed& c) {
    Link link{.first = static_cast<ImageIndex>(subjects_[c.meeting.first]),
              .second = static_cast<ImageIndex>(subjects_[c.meeting.second])};
    link.symmetry = c.match.symmetry;
    if (link.second < link.first) {
      std::swap(link.first, link.second);
      link.symmetry = inverse(link.symmetry);
    }
    link.kind = c.match.symmetry != 1 ? LinkKind::flipped : c.match.whole ? LinkKind::near : LinkKind::cropped;
    link.distance = c.meeting.distance;
    link.score = c.match.correlation;
    out_.links.push_back(link);
  }

  void put_hubs_aside(const Meetings& meetings, const Confirmations& confirmed) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> hubs = meetings.hubs;
    hubs.insert(hubs.end(), confirmed.hubs.begin(), confirmed.hubs.end());
    std::sort(hubs.begin(), hubs.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    for (std::size_t k = 0; k < hubs.size(); ++k) {
      if (k > 0 && hubs[k].first == hubs[k - 1].first) continue;
      put_aside(subjects_[hubs[k].first], Aside::Why::hub, hubs[k].second);
      ++out_.near.hubs;
    }
    std::sort(out_.aside.begin(), out_.aside.end(), [](const Aside& a, const Aside& b) { return a.image < b.image; });
  }

  void tell(const Meetings& meetings, const Confirmations& confirmed) {
    const NearSearch& near = out_.near;
    if (!settings_.radius && !near.calibrated && near.images > 1)
      out_.notes.push_back("the radius is the fixed one: " + counted(near.null_pairs, "pair", "pairs") +
                           " of unrelated images are too few to calibrate it");
    if (near.calibrated && near.expected_false_upper > 1)
      out_.notes.push_back(
          "unrelated images of this dataset resemble each other more than most: even at the least "
          "radius more than one false pair is expected before pixels are compared");
    if (meetings.common_parts != 0)
      out_.notes.push_back(counted(meetings.common_parts, "part of an image resembles", "parts of images resemble") +
                           " too many others to tell crops by");
    if (meetings.common_corners != 0)
      out_.notes.push_back(counted(meetings.common_corners, "corner is", "corners are") +
                           " in too many images to tell free crops by");
    if (confirmed.implied != 0)
      out_.notes.push_back(counted(confirmed.implied, "pair of look-alikes was", "pairs of look-alikes were") +
                           " not compared by pixels: each of both is tied to their group by 16 links or more");
    if (confirmed.unread != 0)
      out_.notes.push_back(counted(confirmed.unread, "image", "images") +
                           " could not be read again to confirm what it resembles");
  }

  std::span<const PixelFacts> pixels_;
  const LinkSettings& settings_;
  const Confirmation& confirmation_;
  const Pool& pool_;
  const Progress& progress_;
  Subjects subjects_;
  Links out_;
};

}  // namespace

Result<Links> links_by_fingerprint(std::span<const PixelFacts> pixels, const LinkSettings& settings,
                                   const Confirmation& confirmation, const Pool& pool, const Progress& progress) {
  if (settings.near == NearTier::none) return Links{};
  return FingerprintLinks(pixels, settings, confirmation, pool, progress).find();
}

Result<Links> links_by_fingerprint(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                                   std::span<const PixelFacts> pixels, const LinkSettings& settings, const Pool& pool,
                                   const Progress& progress) {
  const bool full = settings.near == NearTier::full;
  const auto luma_of_image = [&](std::uint32_t image) {
    return shown_luma(d, media, facts[image], static_cast<ImageIndex>(image));
  };
  const Confirmation confirmation{.portrait = [&](std::uint32_t image) -> std::optional<PixelPortrait> {
                                    const auto luma = luma_of_image(image);
                                    if (!luma || luma->empty()) return {};
                                    return portrait_of(*luma, full);
                                  },
                                  .confirm =
                                      [](const PixelPortrait& first, const PixelPortrait& second, const Meeting& m) {
                                        return m.votes != 0 ? confirm_by_features(first, second, m.how.symmetry)
                                                            : confirm(first, second, m.how);
                                      },
                                  .landmarks = [&](std::uint32_t image) -> std::vector<Landmark> {
                                    const auto luma = luma_of_image(image);
                                    if (!luma || luma->empty()) return {};
                                    return landmarks_of(*luma);
                                  },
                                  .luma = [&](std::uint32_t image) -> std::optional<Plane> {
                                    auto luma = luma_of_image(image);
                                    if (!luma) return {};
                                    return std::move(*luma);
                                  }};
  return links_by_fingerprint(pixels, settings, confirmation, pool, progress);
}

}  // namespace vetset
