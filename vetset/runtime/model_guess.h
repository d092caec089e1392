// What a model is for, from its own file: what the exporter wrote into it, else the shapes and names of its outputs.
// And from that a contract, with what nobody has told yet.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/model_spec.h"
#include "vetset/runtime/onnx_file.h"
#include "vetset/runtime/onnx_graph.h"

namespace vetset {

struct ModelGuess {
  std::string preset = {};                     // "ultralytics/detect"; empty: nothing is known
  bool sure = false;                           // the exporter says so; else the outputs look like it
  std::vector<std::string> evidence = {};      // "output0 is 1x84x8400: 4 numbers and 80 classes a box"
  HeadSpec::Kind head = HeadSpec::Kind::none;  // where the file says other than the preset
  std::uint32_t classes = 0;                   // how many the outputs have; 0: not said
  std::vector<std::pair<std::int64_t, std::string>> names = {};  // of classes, where the file has them
  std::uint32_t width = 0, height = 0;                           // of the input; 0: any
  std::uint32_t stride = 0;
  std::uint32_t keypoints = 0, keypoint_values = 0;
  std::uint32_t mask_coefficients = 0;
  std::string trained_with = {}, trained_version = {};
};

ModelGuess guess_model(const OnnxFile& file, const OnnxGraph& graph);

/// What the contract needs and the file does not say.
struct ContractGap {
  std::string field;   // "classes", "resize"
  std::string what;    // "the names of 80 classes are not in the file"
  std::string cure;    // "--from-package PATH takes them from the data it was trained on"
  bool needed = true;  // nothing can be run without it; else a guess stands in the contract
};

/// What is known of the data that the model was trained on.
struct TrainedOn {
  std::vector<ModelClass> classes = {};
  std::string dataset_id = {};
};

struct BuiltSpec {
  ModelSpec spec;
  std::string preset;
  std::vector<ContractGap> gaps;
};
/// `preset_name` empty: as guessed. An error where nothing is known and nothing is said, or where the data has another
/// number of classes than the model.
Result<BuiltSpec> build_model_spec(const OnnxFile& file, const ModelGuess& guess, std::string_view preset_name,
                                   const TrainedOn& trained, std::string_view name, std::string_view sha256);

/// The classes of "{0: 'person', 1: \"driver's seat\"}", as Python writes a dict; empty where it is none.
std::vector<std::pair<std::int64_t, std::string>> python_names(std::string_view text);

}  // namespace vetset
