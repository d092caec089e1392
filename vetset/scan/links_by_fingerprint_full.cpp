// What the tier `full` adds to the meetings of fingerprints: pairs whose corners meet in one arrangement.
#include <algorithm>
#include <tuple>

#include "vetset/scan/links_by_fingerprint.h"

namespace vetset {

Result<void> add_full_meetings(const Subjects& subjects, const Confirmation& confirmation, Meetings& meetings,
                               const Pool& pool, const Progress& progress) {
  constexpr std::size_t block = 512;
  std::vector<std::vector<Landmark>> landmarks(subjects.size());
  for (std::size_t begin = 0; begin < subjects.size(); begin += block) {
    if (progress.stopped()) return Error{Code::cancelled, "stopped while looking for corners"};
    progress.tell("looking for corners", begin, subjects.size());
    pool.for_each(std::min(block, subjects.size() - begin),
                  [&](std::size_t k) { landmarks[begin + k] = confirmation.landmarks(subjects[begin + k]); });
  }
  VETSET_TRY(const FullCandidates found, full_candidates(landmarks, {}, pool, progress));
  meetings.common_corners = found.common;

  std::vector<Meeting>& all = meetings.all;
  const auto by_pair = [](const Meeting& a, const Meeting& b) {
    return std::tuple(a.first, a.second) < std::tuple(b.first, b.second);
  };
  const auto met = static_cast<std::ptrdiff_t>(all.size());  // by pair, and stays so
  for (const FullCandidate& c : found.pairs) {
    Meeting m{c.first, c.second, Link::no_distance, {.symmetry = c.symmetry}, c.votes};
    const auto at = std::lower_bound(all.begin(), all.begin() + met, m, by_pair);
    if (at != all.begin() + met && !by_pair(m, *at)) m.distance = at->distance;
    all.push_back(m);
  }
  std::stable_sort(all.begin(), all.end(), by_pair);  // fingerprints are tried first
  return {};
}

}  // namespace vetset
