// Repairs of image files and their names.
#include <algorithm>
#include <set>
#include <string>

#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/check/frames.h"
#include "vetset/check/image_types.h"
#include "vetset/check/repair.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void name_by_type(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  const Dataset& d = bench.dataset();
  if (findings.empty()) return;
  std::set<std::string> taken;
  for (const Image& image : d.images) taken.insert(fold(d.text(image.path)));
  for (const Finding& finding : findings) {
    const auto* i = std::get_if<ImageIndex>(&finding.where);
    if (i == nullptr || to_size(*i) >= evidence.facts.size() || bench.is_dropped(*i)) continue;
    const ImageType type = evidence.facts[to_size(*i)].type;
    const std::string before(d.path(*i));
    const ImageType promised = promised_type(before);
    if (promised == ImageType::unknown || type == ImageType::unknown || same_type(promised, type)) continue;
    const std::string_view extension = usual_extension(type == ImageType::mpo ? ImageType::jpeg : type);
    if (extension.empty()) continue;
    const std::string path = before.substr(0, before.size() - extension_of(before).size()) + std::string(extension);
    if (!taken.insert(fold(path)).second) continue;
    bench.set_path(*i, path,
                   quoted(before) + " is " + quoted(path) + " now, as its bytes are " + std::string(name(type)));
  }
}

/// Files whose annotations tell in which frame they were made.
void each_turned(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench, Frame wanted,
                 MediaChange change, std::string_view what) {
  if (findings.empty() || bench.rewritable == nullptr) return;
  const Dataset& d = evidence.dataset;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  for (const Finding& finding : findings) {
    const auto* i = std::get_if<ImageIndex>(&finding.where);
    if (i == nullptr || to_size(*i) >= evidence.facts.size() || bench.is_dropped(*i)) continue;
    const Facts& facts = evidence.facts[to_size(*i)];
    if (frame_of(d, facts, annotations.of(*i)) != wanted || bench.is_rewritten(*i) || !bench.rewritable(*i, change))
      continue;
    if (change == MediaChange::turn_anew && bench.rewritable(*i, MediaChange::turn)) continue;
    const bool shown = wanted == Frame::shown;
    bench.rewrite(*i, change, shown ? facts.shown_width() : facts.width, shown ? facts.shown_height() : facts.height,
                  "EXIF orientation " + std::to_string(facts.orientation) + std::string(what));
  }
}

void turn(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  each_turned(evidence, findings, bench, Frame::shown, MediaChange::turn,
              " carried out and dropped, without loss: the picture is stored as its labels see it");
}
void turn_anew(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  each_turned(evidence, findings, bench, Frame::shown, MediaChange::turn_anew,
              " carried out and dropped, coded again: the picture is stored as its labels see it");
}
void untag(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  each_turned(evidence, findings, bench, Frame::stored, MediaChange::untag,
              " dropped: the picture is shown as its labels see it, which is as it is stored");
}

}  // namespace

extern const Repair extension_of_type{"FMT420", "extension-of-type", "name images by what their bytes are", false,
                                      name_by_type};
extern const Repair turned_pixels{"FMT406", "turned-pixels",
                                  "turn pictures as their labels see them, without loss, and drop the orientation",
                                  true, turn};
extern const Repair turned_and_coded{"FMT406", "turned-and-coded",
                                     "turn pictures as their labels see them, coding them again", false, turn_anew};
extern const Repair no_orientation{
    "FMT406", "no-orientation", "drop the orientation of pictures whose labels are of the stored frame", false, untag};

}  // namespace vetset
