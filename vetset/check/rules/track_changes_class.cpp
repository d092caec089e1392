#include <algorithm>
#include <map>

#include "vetset/check/rule.h"
#include "vetset/check/track_classes.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_track_changes_class(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for (const TrackClasses& t : tracks_of_two_classes(d)) {
    std::string list;
    for (const auto& [category, sights] : t.classes)
      list += (list.empty() ? "" : ", ") + quoted(d[category].name) + " in " + counted(sights, "frame", "frames");
    report(t.others.front(), "track " + quoted(t.track) + " changes its class: " + list,
           t.usual == none<CategoryIndex> ? "give it one class" : "give it the class of most frames");
  }
}

}  // namespace

extern const Rule track_changes_class{.code = "LBL160",
                                      .name = "track-changes-class",
                                      .title = "one object of a video has several classes",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::proof,
                                      .check = check_track_changes_class,
                                      .not_run = missing_tracks};

}  // namespace vetset
