// Tracks that are of several classes: what the rule tells and its repair mends.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/tracks.h"

namespace vetset {

struct TrackClasses {
  std::string track;
  std::map<CategoryIndex, std::uint64_t> classes;  // in how many frames
  CategoryIndex usual = none<CategoryIndex>;       // of more than half of the frames; none: no class is
  std::vector<AnnotationIndex> others;             // not of the commonest class, by frame
};
std::vector<TrackClasses> tracks_of_two_classes(const Dataset& d);

/// For rules about tracks: why they cannot look.
std::string missing_tracks(const Evidence& evidence);

}  // namespace vetset
