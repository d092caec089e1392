#include "vetset/check/track_classes.h"

#include <algorithm>

namespace vetset {

std::vector<TrackClasses> tracks_of_two_classes(const Dataset& d) {
  std::vector<TrackClasses> found;
  for (const FollowedTrack& track : followed_tracks(d).tracks) {
    TrackClasses t{.track = track.name, .classes = {}, .others = {}};
    std::uint64_t all = 0;
    for (const TrackSight& s : track.sights)
      if (s.annotation != none<AnnotationIndex> && d[s.annotation].category != none<CategoryIndex>)
        ++t.classes[d[s.annotation].category], ++all;
    if (t.classes.size() < 2) continue;
    const auto most = std::max_element(t.classes.begin(), t.classes.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (2 * most->second > all) t.usual = most->first;
    for (const TrackSight& s : track.sights)
      if (s.annotation != none<AnnotationIndex> && d[s.annotation].category != none<CategoryIndex> &&
          d[s.annotation].category != most->first)
        t.others.push_back(s.annotation);
    found.push_back(std::move(t));
  }
  return found;
}

std::string missing_tracks(const Evidence& evidence) {
  return has_tracks(evidence.dataset) ? std::string() : "needs tracks";
}

}  // namespace vetset
