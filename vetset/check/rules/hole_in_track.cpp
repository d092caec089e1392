#include "vetset/check/rule.h"
#include "vetset/check/track_classes.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

void check_hole_in_track(const Evidence& evidence, const Report& report) {
  constexpr double least = 0.5;
  const Dataset& d = evidence.dataset;
  for (const FollowedTrack& track : followed_tracks(d).tracks)
    for (std::size_t k = 0; k + 1 < track.sights.size(); ++k) {
      const TrackSight &before = track.sights[k], &after = track.sights[k + 1];
      if (after.frame != before.frame + 2 || before.outside || after.outside) continue;
      if (before.annotation == none<AnnotationIndex> || after.annotation == none<AnnotationIndex>) continue;
      const std::optional<Box> one = box_of(d, d[before.annotation]), other = box_of(d, d[after.annotation]);
      if (!one || !other) continue;
      const double overlap = iou(*one, *other);
      if (!(overlap > least)) continue;
      report.scored(overlap, AnnotationPair{before.annotation, after.annotation},
                    "track " + quoted(track.name) +
                        " is missing in one frame; its boxes before and after overlap by IoU " + measure(overlap),
                    "draw it there, if it is in sight");
    }
}

}  // namespace

extern const Rule hole_in_track{.code = "LBL162",
                                .name = "hole-in-track",
                                .title = "an object of a video is missing in one frame",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::hint,
                                .check = check_hole_in_track,
                                .not_run = missing_tracks};

}  // namespace vetset
