// Names, the settings that pycocotools' Params has, and the table of quirks.
#include <algorithm>
#include <array>

#include "vetset/evaluate/coco.h"
#include "vetset/evaluate/spaced.h"

namespace vetset {
namespace {

constexpr std::array<std::string_view, 4> iou_type_names{"bbox", "segm", "keypoints", "boundary"};
constexpr double small_side = 32, medium_side = 96, largest_side = 1e5;  // pixels
constexpr std::array keypoint_sigmas{.26, .25, .25,  .35,  .35, .79, .79, .72, .72,
                                     .62, .62, 1.07, 1.07, .87, .87, .89, .89};

constexpr std::array quirk_table{
#define VETSET_QUIRK(id, title, strict, corrected) CocoQuirkAbout{#id, title, strict, corrected},
#include "vetset/evaluate/quirks.def"
#undef VETSET_QUIRK
};
constexpr std::array quirk_list{
#define VETSET_QUIRK(id, title, strict, corrected) CocoQuirk::id,
#include "vetset/evaluate/quirks.def"
#undef VETSET_QUIRK
};

}  // namespace

std::string_view name(IouType type) { return iou_type_names[static_cast<std::size_t>(type)]; }

std::optional<IouType> iou_type_of(std::string_view name) {
  const auto found = std::find(iou_type_names.begin(), iou_type_names.end(), name);
  if (found == iou_type_names.end()) return std::nullopt;
  return static_cast<IouType>(found - iou_type_names.begin());
}

std::string_view name(CocoMode mode) { return mode == CocoMode::strict ? "strict" : "corrected"; }

CocoQuirkAbout about(CocoQuirk quirk) { return quirk_table[static_cast<std::size_t>(quirk)]; }
std::span<const CocoQuirk> coco_quirks() { return quirk_list; }

CocoSettings CocoSettings::usual(IouType type, CocoMode mode) {
  constexpr double all = largest_side * largest_side, small = small_side * small_side,
                   medium = medium_side * medium_side;
  CocoSettings settings{
      .iou_type = type,
      .mode = mode,
      .iou_thresholds = evenly_spaced(.5, .95, 10),
      .recall_thresholds = evenly_spaced(0, 1, 101),
      .max_detections = {1, 10, 100},
      .areas = {{"all", 0, all}, {"small", 0, small}, {"medium", small, medium}, {"large", medium, all}}};
  if (type != IouType::keypoints) return settings;
  settings.max_detections = {20};
  settings.areas.erase(settings.areas.begin() + 1);
  for (const double sigma : keypoint_sigmas) settings.sigmas.push_back(sigma / 10);
  return settings;
}

}  // namespace vetset
