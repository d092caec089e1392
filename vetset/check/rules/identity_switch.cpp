#include <map>

#include "vetset/check/rule.h"
#include "vetset/check/track_classes.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

struct Sight {
  const FollowedTrack* track = nullptr;
  AnnotationIndex annotation{};
  Box box;
};
/// By video and frame.
using Frames = std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<Sight>>;

Frames frames_of(const Dataset& d, const FollowedTracks& all) {
  Frames frames;
  for (const FollowedTrack& track : all.tracks)
    for (const TrackSight& s : track.sights) {
      if (s.outside || s.annotation == none<AnnotationIndex>) continue;
      if (const std::optional<Box> box = box_of(d, d[s.annotation]))
        frames[{track.video, s.frame}].push_back({&track, s.annotation, *box});
    }
  return frames;
}

/// Whether a track has in another frame a box that carries on this one: then it is in two minds about nothing.
bool carries_on(const Dataset& d, const FollowedTrack& track, std::uint32_t frame, const Box& box) {
  constexpr double same = 0.5;
  const TrackSight* other = track.in(frame);
  if (other == nullptr || other->outside || other->annotation == none<AnnotationIndex>) return false;
  const std::optional<Box> there = box_of(d, d[other->annotation]);
  return there && iou(*there, box) > same;
}

void check_identity_switch(const Evidence& evidence, const Report& report) {
  constexpr double least = 0.8;
  const Dataset& d = evidence.dataset;
  const FollowedTracks all = followed_tracks(d);
  const Frames frames = frames_of(d, all);
  for (const auto& [at, sights] : frames) {
    const auto next = frames.find({at.first, at.second + 1});
    if (next == frames.end()) continue;
    for (const Sight& a : sights)
      for (const Sight& b : next->second) {
        if (a.track == b.track || d[a.annotation].category != d[b.annotation].category) continue;
        const double overlap = iou(a.box, b.box);
        if (!(overlap > least)) continue;
        if (carries_on(d, *a.track, at.second + 1, a.box) || carries_on(d, *b.track, at.second, b.box)) continue;
        report.scored(overlap, AnnotationPair{a.annotation, b.annotation},
                      "track " + quoted(a.track->name) + " is " + quoted(b.track->name) +
                          " in the next frame: their boxes overlap by IoU " + measure(overlap),
                      "give both one track, if it is one object");
      }
  }
}

}  // namespace

extern const Rule identity_switch{.code = "LBL161",
                                  .name = "identity-switch",
                                  .title = "an object of a video goes on under another track",
                                  .severity = Severity::warning,
                                  .evidence = EvidenceClass::hint,
                                  .check = check_identity_switch,
                                  .not_run = missing_tracks};

}  // namespace vetset
