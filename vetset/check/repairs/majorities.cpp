// Repairs of classes by what most say: most raters of an object, most frames of a track.
#include <algorithm>
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

}  // namespace

extern const Repair class_of_consensus{"LBL152", "class-of-consensus",
                                       "give a label the class that the raters' consensus has", false, take_consensus};
extern const Repair class_of_track{"LBL160", "class-of-track", "give an object the class of most frames of its track",
                                   false, take_usual_class};

}  // namespace vetset
