// A contract from what the file, a preset and the data say; what stays open is named.
#include <algorithm>
#include <string>

#include "vetset/runtime/model_guess.h"

namespace vetset {
namespace {

using Kind = HeadSpec::Kind;
using Fit = ResizeSpec::Fit;

/// The size, the layout and the type that the input itself states.
void take_input(const OnnxFile& file, const ModelGuess& guess, ModelSpec& spec, std::vector<ContractGap>& gaps) {
  if (file.inputs.size() != 1) {
    gaps.push_back({"input", "the model takes " + std::to_string(file.inputs.size()) + " inputs, expected one image",
                    "export the model without the others, or with constants in their place", true});
    return;
  }
  const OnnxValue& input = file.inputs.front();
  spec.input.type = static_cast<ElementType>(input.type);
  if (input.shape.size() != 4) {
    gaps.push_back({"input", "'" + input.name + "' is " + to_string(input) + ", expected images: 4 axes",
                    "export a model that takes batches of images", true});
    return;
  }
  const std::int64_t first = input.shape[1].size, last = input.shape[3].size;
  const bool channels_last = first != 3 && first != 1 && (last == 3 || last == 1);
  spec.input.layout = channels_last ? InputSpec::Layout::nhwc : InputSpec::Layout::nchw;
  if (const std::int64_t channels = channels_last ? last : first; channels == 1) {
    spec.input.channels = 1;
    spec.input.colour = InputSpec::Colour::grey;
  }
  if (guess.width == 0 || guess.height == 0) {
    if (spec.resize.width == 0 && spec.resize.crop_width == 0 && spec.resize.fit != Fit::long_side &&
        spec.resize.fit != Fit::none)
      gaps.push_back({"resize", "the model takes images of any size, and nothing says at which it was trained",
                      "set resize.width and resize.height in the contract", true});
    return;
  }
  switch (spec.resize.fit) {
    case Fit::none: spec.resize.fit = Fit::stretch; [[fallthrough]];
    case Fit::stretch:
    case Fit::letterbox:
      spec.resize.width = guess.width;
      spec.resize.height = guess.height;
      break;
    case Fit::short_side:
      if (spec.resize.crop_width != guess.width || spec.resize.crop_height != guess.height) {
        // The ratio of short side and crop is the family's (256 to 224); the size is the model's.
        const std::uint32_t crop = spec.resize.crop_width, side = std::min(guess.width, guess.height);
        if (crop > 0) spec.resize.short_side = (spec.resize.short_side * side + crop / 2) / crop;
        spec.resize.crop_width = guess.width;
        spec.resize.crop_height = guess.height;
      }
      break;
    case Fit::long_side: break;
  }
}

Result<void> take_classes(const ModelGuess& guess, const TrainedOn& trained, ModelSpec& spec,
                          std::vector<ContractGap>& gaps) {
  spec.dataset_id = trained.dataset_id;
  if (!trained.classes.empty()) {
    if (guess.classes != 0 && trained.classes.size() != guess.classes)
      return Error{Code::refused, "the model tells " + std::to_string(guess.classes) + " classes apart, the data has " +
                                      std::to_string(trained.classes.size())};
    for (const auto& [id, name] : guess.names)
      if (const auto at = static_cast<std::size_t>(id); at < trained.classes.size() && trained.classes[at].name != name)
        return Error{Code::refused, "class " + std::to_string(id) + " is '" + name + "' in the model and '" +
                                        trained.classes[at].name + "' in the data"};
    spec.classes = trained.classes;
    return {};
  }
  if (!guess.names.empty()) {
    spec.classes.clear();
    for (const auto& [id, name] : guess.names) spec.classes.push_back({id, name});
    return {};
  }
  if (spec.classes.size() == guess.classes && guess.classes != 0) return {};  // the family has its own
  if (spec.task == ModelTask::embed) return {};
  for (std::uint32_t i = static_cast<std::uint32_t>(spec.classes.size()); i < guess.classes; ++i)
    spec.classes.push_back({i, "class_" + std::to_string(i)});
  if (guess.classes == 0 && !spec.classes.empty()) return {};
  gaps.push_back({"classes",
                  guess.classes == 0 ? "neither the number nor the names of the classes are in the file"
                                     : "the names of " + std::to_string(guess.classes) + " classes are not in the file",
                  "--from-package PATH takes them from the data it was trained on, --classes FILE from a list",
                  guess.classes == 0});
  return {};
}

}  // namespace

Result<BuiltSpec> build_model_spec(const OnnxFile& file, const ModelGuess& guess, std::string_view preset_name,
                                   const TrainedOn& trained, std::string_view name, std::string_view sha256) {
  BuiltSpec built{.spec = {},
                  .preset = std::string(preset_name.empty() ? std::string_view(guess.preset) : preset_name),
                  .gaps = {}};
  if (built.preset.empty()) {
    std::string all;
    for (const std::string& one : preset_names()) all += (all.empty() ? "" : ", ") + one;
    return Error{Code::unsupported, "nothing in the file says which family the model is of; --preset names it: " + all};
  }
  VETSET_TRY(built.spec, preset(built.preset));
  ModelSpec& spec = built.spec;
  spec.name = name;
  spec.model_sha256 = sha256;
  if (!guess.trained_with.empty()) spec.trained_with = {{guess.trained_with, guess.trained_version}};
  const bool as_guessed = built.preset == guess.preset;
  if (as_guessed && guess.head != Kind::none) {
    spec.head.kind = guess.head;
    if (guess.head == Kind::end_to_end) spec.post.suppression = PostSpec::Suppression::none;
  }
  if (as_guessed && guess.keypoints > 0) spec.head.keypoints = guess.keypoints;
  if (as_guessed && guess.keypoint_values > 0) spec.head.keypoint_values = guess.keypoint_values;
  if (as_guessed && guess.mask_coefficients > 0) spec.head.mask_coefficients = guess.mask_coefficients;
  take_input(file, guess, spec, built.gaps);
  VETSET_DO(take_classes(guess, trained, spec, built.gaps));
  if (!guess.sure && preset_name.empty() && built.preset == "torchvision/classify")
    built.gaps.push_back(
        {"resize, input",
         "how images were resized and normalised in training is in no file; torchvision's way stands in for it",
         "--preset timm, or edit resize and input to what training did, then prove it with 'vetset parity'", false});
  return built;
}

}  // namespace vetset
