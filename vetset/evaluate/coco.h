// COCO's average precision and recall: boxes, masks, keypoints, boundaries. In strict mode precision, recall and scores
// are those of pycocotools 2.0.11 to the last bit, faults included; in corrected mode the known faults are repaired.
// Both say which quirks fired. Reference: cocoeval.py of the pycocotools 2.0.11 wheel; boundary-iou-api (Cheng et al.,
// 2021).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/dataset/instances.h"

namespace vetset {

enum class IouType : std::uint8_t { bbox, segm, keypoints, boundary };
std::string_view name(IouType);
std::optional<IouType> iou_type_of(std::string_view name);

enum class CocoMode : std::uint8_t { strict, corrected };
std::string_view name(CocoMode);

struct CocoAreaRange {
  std::string name;          // "all", "small", "medium", "large"
  double low = 0, high = 0;  // pixels², both ends belong to it
};

struct CocoSettings {
  IouType iou_type = IouType::bbox;
  CocoMode mode = CocoMode::corrected;
  std::vector<double> iou_thresholds, recall_thresholds;  // ascending
  std::vector<std::uint32_t> max_detections;              // ascending, an image and category
  std::vector<CocoAreaRange> areas;                       // the first is that of the first line
  bool use_categories = true;
  std::vector<double> sigmas = {};  // of keypoints; as many as points
  double boundary_ratio = 0.02;     // of the image's diagonal

  /// What pycocotools' Params has for a type: thresholds by linspace (index 8 is 0.8999999999999999), detections 1, 10,
  /// 100 (20 for keypoints), four areas (three for keypoints), the 17 sigmas.
  static CocoSettings usual(IouType type, CocoMode mode);
};

/// A known fault or surprise of the reference. quirks.def says of each what strict and corrected mode do with it.
enum class CocoQuirk : std::uint8_t {
#define VETSET_QUIRK(id, title, strict, corrected) id,
#include "vetset/evaluate/quirks.def"
#undef VETSET_QUIRK
};
struct CocoQuirkAbout {
  std::string_view id, title, strict, corrected;
};
CocoQuirkAbout about(CocoQuirk);
std::span<const CocoQuirk> coco_quirks();
struct QuirkFired {
  CocoQuirk quirk{};
  std::uint64_t count = 0;
  bool prediction = false;  // whose row `first` is: the truth's or the predictions'
  std::uint64_t first = 0;
};

/// What is compared. Images and categories are numbers in the order of their ids, as pycocotools goes through them;
/// rows keep the order of their files. Without ids, they are 1, 2, 3 …; without `said`, a row says all that has a
/// column. Without areas, those of predictions are what loadRes makes them in strict mode (of the box where the first
/// row says one), and in corrected mode of what is compared; those of objects are of the mask, or else of the box.
struct CocoInput {
  InstancesView truth, predictions;
  std::size_t images = 0, categories = 0;
};

/// One line of the summary.
struct CocoLine {
  bool precision = true;         // else recall
  std::optional<double> iou;     // one threshold; nothing: the mean over all
  std::string area;              // "all" …
  std::uint32_t detections = 0;  // at most, an image
  double value = -1;             // −1: nothing to measure
};

struct CocoResult {
  CocoSettings settings;
  std::size_t categories = 0;                     // K; 1 without use_categories
  std::vector<double> precision, recall, scores;  // [T,R,K,A,M], [T,K,A,M], [T,R,K,A,M], C order; −1: not measured
  std::vector<CocoLine> lines;                    // twelve, ten for keypoints, as `summarize` prints them (coco_lines)
  std::vector<QuirkFired> quirks;                 // in the order of quirks.def
  std::uint64_t images = 0, objects = 0, detections = 0;  // that were compared
  std::vector<std::uint64_t> category_objects;            // that count (not ignored), by category
};

/// Evaluates. What the reference refuses (a missing `iscrowd`, no predictions at all, a record without score) strict
/// mode refuses too, in words. Error::file is then "truth" or "predictions" and Error::line the row, counted from 1;
/// the caller knows the place in a file. The result does not depend on the number of threads.
Result<CocoResult> evaluate_coco(const CocoInput& input, const CocoSettings& settings, const Pool& pool);

/// The summary of arrays that were made before (COCOeval.summarize), NumPy 2's pairwise means included. In strict mode
/// the third limit stands where the reference names it, and there are no lines where the reference fails (with fewer
/// than three limits, or equal ones and a range of areas that it does not find); in corrected mode the largest, a line
/// of recall for each limit, and a line of each for every range of areas behind the first.
std::vector<CocoLine> coco_lines(const CocoResult& result);
/// "Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.505", as pycocotools prints it.
std::string text_of(const CocoLine& line, const CocoSettings& settings);
/// Mean precision of one category over all thresholds, of the first area and the most detections; −1: not measured.
/// `iou`: at one threshold only.
double category_precision(const CocoResult& result, std::size_t category, std::optional<double> iou = {});
double category_recall(const CocoResult& result, std::size_t category);

/// What COCOeval.evalImgs holds for one image, category and area (evaluateImg): rows of the input, in the order in
/// which the reference goes through them. `category` is 0 without use_categories.
struct CocoImage {
  std::vector<std::uint64_t> truth, predictions;  // rows
  // [T, rows]: ids, 0 where there is none. In corrected mode rows + 1, since ids may be 0 or repeated.
  std::vector<double> truth_matches, prediction_matches;
  std::vector<std::uint8_t> truth_ignored, prediction_ignored;  // [rows], [T, rows]
  std::vector<double> overlaps;  // [predictions, truth in the order of their files]: COCOeval.ious
};
/// Makes such records one at a time, after looking at the input once.
class CocoImages {
 public:
  static Result<CocoImages> open(const CocoInput& input, const CocoSettings& settings);
  CocoImages(CocoImages&&) noexcept;
  CocoImages& operator=(CocoImages&&) noexcept;
  ~CocoImages();
  /// Nothing where the image has neither objects nor detections of the category.
  Result<std::optional<CocoImage>> at(std::size_t image, std::size_t category, std::size_t area) const;

 private:
  struct State;
  explicit CocoImages(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vetset
