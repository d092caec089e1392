#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vetset/check/frames.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {
namespace {

const char* word(Frame frame) { return frame == Frame::stored ? "stored" : "shown"; }

/// What the other turned images of the dataset tell, for those that tell nothing themselves.
struct Others {
  std::uint64_t stored = 0, shown = 0;
  std::string text() const {
    if (stored + shown == 0) return "";
    if (stored > 0 && shown > 0)
      return "; of the others, " + grouped(stored) + " tell of the stored frame, " + grouped(shown) +
             " of the shown one";
    return "; " + counted(stored + shown, "other tells", "others tell") + " of the " +
           (stored > 0 ? "stored" : "shown") + " frame";
  }
};

std::string why_undecided(const Dataset& d, const Facts& facts, std::span<const AnnotationIndex> annotations) {
  if (!has_places(d, annotations)) return "it has no annotations that could tell";
  if (facts.orientation < 5) return "both frames are of one size, so the annotations do not tell";
  if (facts.width == facts.height) return "the image is square, so the annotations fit both";
  return "the annotations fit both";
}

void judge(const Dataset& d, ImageIndex i, const Facts& facts, std::span<const AnnotationIndex> annotations,
           Frame frame, const Others& others, const Report& report) {
  std::string message = "EXIF orientation " + std::to_string(facts.orientation) + ": ";
  if (facts.orientation < 5)
    message += "readers that obey it show the image turned or mirrored, others do not; ";
  else
    message += "stored " + std::to_string(facts.width) + "x" + std::to_string(facts.height) + ", shown " +
               std::to_string(facts.shown_width()) + "x" + std::to_string(facts.shown_height()) + "; ";
  const Frame stated = stated_frame(d[i], facts);
  Severity severity = report.rule.severity;
  if (frame == Frame::neither) {
    message += "its annotations fit neither";
  } else if (frame != Frame::undecided) {
    message += std::string("its annotations lie in the ") + word(frame) + " frame only";
    if (stated != Frame::undecided && stated != frame) {
      message += std::string(", its record states the size as ") + word(stated);
      severity = Severity::error;
    }
  } else if (stated != Frame::undecided) {
    message += std::string("its record states the ") + word(stated) + " size";
  } else {
    message += "undecidable: " + why_undecided(d, facts, annotations) + others.text();
  }
  report.with(severity, report.rule.evidence, i, std::move(message),
              "turn the pixels, drop the tag, and label what is then seen");
}

void check_exif_rotation(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::vector<std::pair<ImageIndex, Frame>> turned;
  for (std::size_t n = 0; n < d.images.size(); ++n)
    if (evidence.facts[n].orientation > 1 && evidence.facts[n].width != 0)
      turned.emplace_back(to_index<ImageIndex>(n), Frame::undecided);
  if (turned.empty()) return;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  Others others;
  for (auto& [i, frame] : turned) {
    frame = frame_of(d, evidence.facts[to_size(i)], annotations.of(i));
    others.stored += frame == Frame::stored;
    others.shown += frame == Frame::shown;
  }
  for (const auto& [i, frame] : turned)
    judge(d, i, evidence.facts[to_size(i)], annotations.of(i), frame, others, report);
}

}  // namespace

extern const Rule exif_rotation{.code = "FMT406",
                                .name = "exif-rotation",
                                .title = "an image is stored turned; readers differ in what they show",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::proof,
                                .needs = Needs::headers,
                                .check = check_exif_rotation};

}  // namespace vetset
