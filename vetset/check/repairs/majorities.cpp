// Repairs of classes by what most say: most raters of an object, most frames of a track; and objects that a
// track lost for one frame.
#include <algorithm>
#include <map>
#include <set>

#include "vetset/check/raters_found.h"
#include "vetset/check/repair.h"
#include "vetset/check/track_classes.h"
#include "vetset/check/words.h"
#include "vetset/dataset/rater_agreement.h"

namespace vetset {
namespace {

/// Records that findings stand at: a baseline or a waiver may have left some out.
std::set<AnnotationIndex> places_of(std::span<const Finding> findings) {
  std::set<AnnotationIndex> places;
  for (const Finding& f : findings)
    if (const auto* i = std::get_if<AnnotationIndex>(&f.where)) places.insert(*i);
  return places;
}

void take_consensus(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  if (findings.empty()) return;
  const Dataset& d = evidence.dataset;
  const std::set<AnnotationIndex> places = places_of(findings);
  const Raters raters = raters_of(evidence);
  for (const Ratings& ratings : {image_ratings(d, raters), object_ratings(d, raters)}) {
    if (ratings.by == RatedBy::tag) continue;  // a tag is there or is not: no class to change
    for (const Contradicted& c : contradicted(ratings, consensus(ratings, raters.names.size()))) {
      if (c.given == none<AnnotationIndex> || c.proposed == none<CategoryIndex>) continue;
      if (!places.contains(c.given) || bench.is_dropped(c.given)) continue;
      bench.set_category(c.given, c.proposed,
                         quoted(d[d[c.given].category].name) + " became " + quoted(d[c.proposed].name) +
                             ", the consensus of " + counted(c.raters, "rater", "raters") + " (" +
                             measure(c.proposed_probability) + ")");
    }
  }
}

void take_usual_class(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  if (findings.empty()) return;
  const Dataset& d = evidence.dataset;
  const std::set<AnnotationIndex> places = places_of(findings);
  for (const TrackClasses& t : tracks_of_two_classes(d)) {
    if (t.usual == none<CategoryIndex> || !places.contains(t.others.front())) continue;
    for (const AnnotationIndex i : t.others)
      if (!bench.is_dropped(i))
        bench.set_category(i, t.usual,
                           quoted(d[d[i].category].name) + " became " + quoted(d[t.usual].name) +
                               ", the class of track " + quoted(t.track) + " in most frames");
  }
}

/// The image of one frame of a video, by what others show there.
ImageIndex image_of_frame(const Dataset& d, const FollowedTracks& all, std::uint32_t video, std::uint32_t frame) {
  for (const FollowedTrack& track : all.tracks)
    if (const TrackSight* sight = track.video == video ? track.in(frame) : nullptr;
        sight != nullptr && sight->annotation != none<AnnotationIndex>)
      return d[sight->annotation].image;
  return none<ImageIndex>;
}

/// Half way between the boxes before and after. An outline is nobody's guess.
void draw_between(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  const Dataset& d = evidence.dataset;
  if (findings.empty() || !d.track_states.empty()) return;  // there a tool draws what it has no state of
  const FollowedTracks all = followed_tracks(d);
  std::map<AnnotationIndex, std::pair<std::uint32_t, std::uint32_t>> where;  // video and frame
  for (const FollowedTrack& track : all.tracks)
    for (const TrackSight& sight : track.sights) where.emplace(sight.annotation, std::pair(track.video, sight.frame));
  for (const Finding& finding : findings) {
    const auto* pair = std::get_if<AnnotationPair>(&finding.where);
    if (pair == nullptr || bench.is_dropped(pair->first) || bench.is_dropped(pair->second)) continue;
    const Annotation &before = d[pair->first], &after = d[pair->second];
    const auto plain = [](const Annotation& a) {
      return a.kind == Kind::box && a.box_origin == Origin::stated && a.shape == none<ShapeIndex>;
    };
    const auto at = where.find(pair->first);
    if (!plain(before) || !plain(after) || before.category != after.category || at == where.end()) continue;
    const ImageIndex image = image_of_frame(d, all, at->second.first, at->second.second + 1);
    if (image == none<ImageIndex>) continue;
    const Box middle{(before.box.x + after.box.x) / 2, (before.box.y + after.box.y) / 2,
                     (before.box.width + after.box.width) / 2, (before.box.height + after.box.height) / 2};
    bench.add(pair->first, image, middle, "drawn half way between the frames before and after: " + finding.message);
  }
}

}  // namespace

extern const Repair drawn_between{
    "LBL162", "drawn-between", "draw an object that a track lost for one frame half way between", false, draw_between};
extern const Repair class_of_consensus{"LBL152", "class-of-consensus",
                                       "give a label the class that the raters' consensus has", false, take_consensus};
extern const Repair class_of_track{"LBL160", "class-of-track", "give an object the class of most frames of its track",
                                   false, take_usual_class};

}  // namespace vetset
