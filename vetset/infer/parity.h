// Whether a model does here what it did in training: the stages of a record, replayed one by one, and the first that
// is another one, with image, place and both values.
//
// A record is a folder that training code wrote (vetset.parity.record): record.json, the images, a digest of what each
// stage gave, the values of some, and the answers.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/runtime/postprocess.h"

namespace vetset {

/// What a stage gave: its form, its digest, and its values where they were kept.
struct RecordedTensor {
  std::string name = {};    // of an output; empty: by its position
  std::string sha256 = {};  // over its form ("float32 1x3x640x640", a line feed) and its bytes
  ElementType type = ElementType::undefined;
  std::vector<std::int64_t> shape = {};
  std::string file = {};  // .npy in the record; empty: not kept
};
struct RecordedObject {
  std::string name = {};    // of its class; empty: `label` counts
  std::int64_t label = -1;  // position in the contract's classes
  float score = 0;
  std::array<float, 4> box = {};  // corners; of rotated boxes centre, width, height
  std::optional<float> angle = {};
  std::vector<float> keypoints = {};     // x, y, visibility each
  std::optional<std::string> mask = {};  // COCO's compressed string, of the image's whole frame
};
struct RecordedImage {
  std::string name = {}, file = {}, sha256 = {};
  std::optional<std::string> refused = {};  // why there is no more of it
  std::optional<RecordedTensor> pixels = {}, resized = {}, input = {};
  std::vector<RecordedTensor> outputs = {};
  bool answered = false;
  std::vector<RecordedObject> objects = {};  // of classifiers without boxes
  std::vector<float> embedding = {};
};
struct ParityRecord {
  std::vector<std::pair<std::string, std::string>> made_with = {};  // "torch", "2.9.0"
  std::vector<RecordedImage> images = {};
};
/// Errors name the member and what was expected.
Result<ParityRecord> read_parity_record(const Tree& tree);
/// Values that were kept, held to their form.
Result<Tensor> read_recorded(const Tree& tree, const RecordedTensor& recorded);
/// As records state it.
std::string tensor_digest(const Tensor& tensor);
Tensor tensor_of(const Raster& raster);

enum class ParityStage : std::uint8_t { pixels, resized, input, outputs, answers };  // P0 to P4
inline constexpr std::size_t parity_stages = 5;
std::string_view name(ParityStage stage);  // "pixels"

/// How far values may be apart.
struct ParityLimits {
  bool near_resize = false;  // resized pixels by a level in at most 12 % of the values, and the input accordingly
  double outputs = 1e-4;     // of raw outputs, relative to the value, and absolute
  double overlap = 0.99;     // of matched boxes and masks
  double score = 1e-3;
  /// Of objects on one side alone: how far from the threshold their scores may be, where the raw outputs that answers
  /// are made of were not kept. Where they were, only rounding counts, and the threshold itself does not.
  double at_threshold = 1e-3;
};

struct ParityDifference {
  std::string image = {};
  std::string place = {};  // "row 12, column 40, channel 0"; empty: of the whole
  std::string what = {};   // where it is no pair of values: "form"
  std::string here = {}, there = {};
};
struct ParityTally {
  std::uint64_t equal = 0, near = 0, other = 0;  // images
  std::uint64_t not_recorded = 0;                // or only by a digest that does not fit, where values may differ
  double most = 0;                               // the largest distance of two values
  std::optional<ParityDifference> first = {};
};
struct ParityReport {
  std::array<ParityTally, parity_stages> stages = {};
  std::uint64_t images = 0;
  std::optional<ParityStage> broken = {};  // the first stage that is another one
};

/// Input to raw outputs, and their names, in the order that the head needs.
struct ParityNetwork {
  std::vector<std::string> names = {};
  std::function<Result<std::vector<Tensor>>(const Tensor& input)> run;
};

/// Each stage is given what the record had before it, where that was kept, so that one that is another one does not
/// blame those behind it.
Result<ParityReport> parity(const Tree& tree, const ParityRecord& record, const ModelSpec& spec,
                            const ParityNetwork& network, const ParityLimits& limits = {},
                            const Progress& progress = {});

/// Two tensors of one form. `near` is how far values may be apart: absolute, and relative to `there`.
struct ValueLimits {
  double absolute = 0, relative = 0, share = 1;  // share: of the values, at most
  std::vector<double> by_channel = {};           // in place of `absolute`, by the channel's position
  std::size_t channel_axis = 1;
};
enum class Sameness : std::uint8_t { equal, near, other };
Sameness compare_values(const Tensor& here, const Tensor& there, const ValueLimits& limits,
                        std::span<const std::string_view> axes, double& most, ParityDifference& first);
/// One to one. `same_outputs`: both are made of the same raw outputs.
Sameness compare_answers(const ModelAnswer& here, const RecordedImage& there, const ModelSpec& spec,
                         const Placement& placement, bool same_outputs, const ParityLimits& limits, double& most,
                         ParityDifference& first);

}  // namespace vetset
