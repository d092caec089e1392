#include "vetset/check/tracks.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "vetset/base/number.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/image_keys.h"

namespace vetset {
namespace {

/// A token of JSON as people read it.
std::string plain(std::string_view token) {
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') token = token.substr(1, token.size() - 2);
  return std::string(token);
}

struct FrameOf {
  std::uint32_t video = 0, frame = 0;
};

/// Which frame of which video each image is.
std::vector<FrameOf> frames_of(const Dataset& d) {
  constexpr std::string_view keys[] = {"video_id", "video", "sequence", "frame_id", "frame_index", "frame"};
  const auto values = image_values(d, keys);
  const auto first_of = [&](std::size_t begin, std::size_t end, std::size_t image) {
    for (std::size_t k = begin; k < end; ++k)
      if (!values[k][image].empty()) return values[k][image];
    return std::string();
  };
  std::map<std::string, std::uint32_t> videos;
  struct Place {
    std::uint32_t video = 0;
    double number = 0;
    std::size_t image = 0;
  };
  std::vector<Place> places;
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    std::string video = first_of(0, 3, n);
    if (video.empty()) {
      const std::string_view path = d.path(to_index<ImageIndex>(n));
      video = "/" + std::string(path.substr(0, path.size() - base_name(path).size()));
    }
    const auto number = read_loose_number(first_of(3, 6, n));
    const auto place = videos.try_emplace(video, static_cast<std::uint32_t>(videos.size())).first;
    places.push_back({place->second, number.length > 0 ? number.value : static_cast<double>(n), n});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.video, a.number, a.image) < std::tie(b.video, b.number, b.image);
  });
  std::vector<FrameOf> frames(d.images.size());
  std::uint32_t frame = 0;
  for (std::size_t k = 0; k < places.size(); ++k) {
    frame = k > 0 && places[k].video == places[k - 1].video ? frame + 1 : 0;
    frames[places[k].image] = {places[k].video, frame};
  }
  return frames;
}

/// The frames of a video that are labelled: every second one, every tenth.
struct Step {
  std::uint32_t first = 0, by = 0;
  std::uint32_t position(std::uint32_t frame) const { return by == 0 ? 0 : (frame - first) / by; }
};
std::map<ImageIndex, Step> steps_of(const Dataset& d) {
  std::map<ImageIndex, Step> steps;
  for (const TrackState& s : d.track_states) {
    Step& step = steps.try_emplace(d.tracks[to_size(s.track)].video, Step{s.frame, 0}).first->second;
    step.first = std::min(step.first, s.frame);
  }
  for (const TrackState& s : d.track_states) {
    Step& step = steps[d.tracks[to_size(s.track)].video];
    step.by = std::gcd(step.by, s.frame - step.first);
  }
  return steps;
}

FollowedTracks tracks_by_state(const Dataset& d) {
  FollowedTracks all;
  std::map<ImageIndex, std::uint32_t> videos;
  for (const Track& track : d.tracks) videos.emplace(track.video, static_cast<std::uint32_t>(videos.size()));
  const std::map<ImageIndex, Step> steps = steps_of(d);
  std::vector<std::size_t> place(d.tracks.size(), SIZE_MAX);
  for (const TrackState& s : d.track_states) {
    const std::size_t t = to_size(s.track);
    if (place[t] == SIZE_MAX) {
      place[t] = all.tracks.size();
      all.tracks.push_back({.name = plain(d.text(d.tracks[t].id)), .video = videos[d.tracks[t].video], .sights = {}});
    }
    if (s.annotation != none<AnnotationIndex> || s.outside == Tristate::yes)
      all.tracks[place[t]].sights.push_back({.frame = steps.at(d.tracks[t].video).position(s.frame),
                                             .annotation = s.annotation,
                                             .outside = s.outside == Tristate::yes});
  }
  return all;
}

FollowedTracks tracks_by_id(const Dataset& d) {
  FollowedTracks all;
  const std::vector<FrameOf> frames = frames_of(d);
  std::map<std::pair<std::uint32_t, std::string_view>, std::size_t> place;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (d.track_ids[n].empty() || a.image == none<ImageIndex>) continue;
    const FrameOf at = frames[to_size(a.image)];
    const std::string_view id = d.text(d.track_ids[n]);
    const auto [track, is_new] = place.try_emplace({at.video, id}, all.tracks.size());
    if (is_new) all.tracks.push_back({.name = plain(id), .video = at.video, .sights = {}});
    all.tracks[track->second].sights.push_back(
        {.frame = at.frame, .annotation = to_index<AnnotationIndex>(n), .outside = a.flags.is(Flag::outside)});
  }
  return all;
}

}  // namespace

const TrackSight* FollowedTrack::in(std::uint32_t frame) const {
  const auto sight = std::lower_bound(sights.begin(), sights.end(), frame,
                                      [](const TrackSight& s, std::uint32_t f) { return s.frame < f; });
  return sight != sights.end() && sight->frame == frame ? &*sight : nullptr;
}

bool has_tracks(const Dataset& d) {
  return !d.track_states.empty() ||
         std::any_of(d.track_ids.begin(), d.track_ids.end(), [](Text t) { return !t.empty(); });
}

FollowedTracks followed_tracks(const Dataset& d) {
  FollowedTracks all = !d.track_states.empty() ? tracks_by_state(d)
                       : d.track_ids.empty()   ? FollowedTracks()
                                               : tracks_by_id(d);
  for (FollowedTrack& track : all.tracks)
    std::stable_sort(track.sights.begin(), track.sights.end(),
                     [](const TrackSight& a, const TrackSight& b) { return a.frame < b.frame; });
  std::stable_sort(all.tracks.begin(), all.tracks.end(),
                   [](const FollowedTrack& a, const FollowedTrack& b) { return a.video < b.video; });
  return all;
}

}  // namespace vetset
