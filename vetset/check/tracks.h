// Objects that are followed through the frames of a video, as rules see them: every sight of a track, by frame.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

struct TrackSight {
  std::uint32_t frame = 0;  // of its video, counted without gaps
  AnnotationIndex annotation{};
  bool outside = false;  // declared to be out of sight
};
struct FollowedTrack {
  std::string name;                // as the source calls it, for messages
  std::uint32_t video = 0;         // number of its video
  std::vector<TrackSight> sights;  // by frame
  /// Its sights in one frame; none: null.
  const TrackSight* in(std::uint32_t frame) const;
};
struct FollowedTracks {
  std::vector<FollowedTrack> tracks;  // by video, then in the order in which they begin
};

/// From the states of tracks, else from the track ids of annotations: there the images of a video (`video_id` and its
/// like, else the folder) are its frames, by number (`frame_id` and its like), else in the order of the dataset.
FollowedTracks followed_tracks(const Dataset& d);
bool has_tracks(const Dataset& d);

}  // namespace vetset
