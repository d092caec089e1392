// The steps of links_by_fingerprint, one file each, and the seam at which a test puts its own confirmation.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "vetset/scan/calibrate.h"
#include "vetset/scan/confirm.h"
#include "vetset/scan/find_links.h"
#include "vetset/scan/full_candidates.h"

namespace vetset {

/// The images that are searched: decoded, not flat, and the first of those that have the same pixels. In an order that
/// follows from their pixels, so that files of other names and in another order are searched alike.
using Subjects = std::vector<std::uint32_t>;

/// Two subjects (by their place in Subjects; first < second) whose fingerprints met, and how.
struct Meeting {
  std::uint32_t first = 0, second = 0;
  std::uint16_t distance = 0;
  Hypothesis how = {};
  std::uint16_t votes = 0;  // not 0: their corners met, and the hypothesis says only whether one is mirrored
};
/// By pair, the likeliest first; a few a pair. `basic`: whole frames, with and without borders, in all symmetries. From
/// `views` on each part with each part, upright and mirrored, too, for pairs that `basic` does not meet.
struct Meetings {
  std::vector<Meeting> all;
  /// Subject, and how many it met at least: whole frames that resemble too many others.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> hubs;
  std::uint64_t common_parts = 0;    // views of subjects that resemble too many others, and were left out
  std::uint64_t common_corners = 0;  // the same of corners
};
/// What turns the first into the second, where `symmetry` turns the second into the first.
constexpr std::uint8_t inverse(std::uint8_t symmetry) {
  return symmetry == 6 ? std::uint8_t{8} : symmetry == 8 ? std::uint8_t{6} : symmetry;
}
Result<Meetings> meetings_of(std::span<const PixelFacts> pixels, const Subjects& subjects, NearTier tier,
                             unsigned radius, const Pool& pool, const Progress& progress);

/// The distance by which meetings_of would meet two subjects: the least of all that the tier compares. Of all pairs, or
/// of a million drawn by a fixed seed: always the same ones.
struct NullSample {
  NullDistances distances;
  std::vector<Meeting> near;  // pairs at `watched` or nearer, by distance, then pair; each once
};
struct NullChoice {
  unsigned watched = 0;
  std::function<bool(std::uint32_t, std::uint32_t)> only = {};  // of the pairs, measure these; empty: all
};
NullSample sample_null(std::span<const PixelFacts> pixels, const Subjects& subjects, NearTier tier,
                       const NullChoice& choice, const Pool& pool);

/// What looks at pixels.
struct Confirmation {
  std::function<std::optional<PixelPortrait>(std::uint32_t image)> portrait;  // nothing: cannot be read
  std::function<std::optional<Match>(const PixelPortrait&, const PixelPortrait&, const Meeting&)> confirm;
  std::function<std::vector<Landmark>(std::uint32_t image)> landmarks = {};  // needed by the tier `full` alone
  std::function<std::optional<Plane>(std::uint32_t image)> luma = {};        // needed to plant copies alone
};
/// Adds the pairs that the tier `full` finds by corners, which it reads all subjects for once more.
Result<void> add_full_meetings(const Subjects& subjects, const Confirmation& confirmation, Meetings& meetings,
                               const Pool& pool, const Progress& progress);
struct Confirmed {
  Meeting meeting;
  Match match;
};
struct Confirmations {
  std::vector<Confirmed> links;  // by first, second
  std::uint64_t pairs = 0, rejected = 0;
  std::uint64_t implied = 0;  // not looked at: both ends have many links, and are joined by them already
  std::uint64_t unread = 0;   // images whose pixels could not be read again
  std::vector<std::pair<std::uint32_t, std::uint32_t>> hubs;  // subject, and how many it resembles; given up
};
struct ConfirmLimits {
  std::uint32_t enough_links = 16;          // of an image: more within its group say nothing new
  std::uint64_t pairs = ~std::uint64_t{0};  // that are looked at; the nearest of all, where this is set
};
/// Pixels are read again in blocks of pairs, at most 512 portraits at once. `meetings` by pair.
Result<Confirmations> confirm_meetings(std::span<const Meeting> meetings, const Subjects& subjects,
                                       const Confirmation& confirmation, const ConfirmLimits& limits, const Pool& pool,
                                       const Progress& progress);

Result<Links> links_by_fingerprint(std::span<const PixelFacts> pixels, const LinkSettings& settings,
                                   const Confirmation& confirmation, const Pool& pool, const Progress& progress);

}  // namespace vetset
