// Image bytes to the tensor that a model was trained to see, exactly as its contract says; and the way back for
// coordinates.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "vetset/base/result.h"
#include "vetset/image/raster.h"
#include "vetset/runtime/model_spec.h"
#include "vetset/runtime/tensor.h"

namespace vetset {

/// How pixels of the image lie in the model's input: x_input = x_image * scale_x + left. Sides in pixels.
struct Placement {
  std::uint32_t image_width = 0, image_height = 0;      // turned as the contract says
  std::uint32_t resized_width = 0, resized_height = 0;  // before padding and crop
  std::uint32_t input_width = 0, input_height = 0;
  double scale_x = 1, scale_y = 1;
  double left = 0, top = 0;  // of the resized image in the input; negative where it was cropped
  bool turned = false;       // by EXIF
};

/// Stages, each of which parity can compare (runtime.md §4.2): P0 pixels, P1 resized, P2 tensor.
struct Preprocessed {
  Placement placement = {};
  Raster pixels = {};   // P0: RGB or grey of 8 bits, turned; kept only on request
  Raster resized = {};  // P1: as `pixels`, of the input's size; kept only on request
  Tensor tensor = {};   // P2: 1 × …
};
struct PreprocessOptions {
  bool keep_stages = false;
};

/// P0 of encoded bytes. An error says why they are no image.
Result<Raster> decoded_pixels(std::string_view bytes, const PixelSpec& spec);
/// Where an image of that size goes; an error where the contract cannot place it (a side of 0, beyond limits).
Result<Placement> placement_of(std::uint32_t width, std::uint32_t height, const ResizeSpec& spec);
/// P1: resized, cropped and padded. Of `torch_float` rounded to 8 bits, which the tensor is not.
Result<Raster> resized_pixels(const Raster& pixels, const ResizeSpec& spec, const Placement& placement);

/// What is wrong with the steps before the network, if anything: a filter that the arithmetic does not have, a type or
/// a number of channels that no tensor of pixels has. `preprocess` asks it first.
Result<void> check_steps(const ModelSpec& spec);
/// The bytes of one image's part of a batch.
std::size_t input_bytes(const Placement& placement, const InputSpec& spec);

Result<Preprocessed> preprocess(std::string_view bytes, const ModelSpec& spec, const PreprocessOptions& options = {});
/// From pixels that are already decoded and turned (P0), RGB or grey of 8 bits.
Result<Preprocessed> preprocess_pixels(const Raster& pixels, const ModelSpec& spec,
                                       const PreprocessOptions& options = {});
/// P2 straight into `out`, one image's part of a batch, of `input_bytes`: rows are resized, padded and converted one
/// after another, and no picture of the input's size is kept.
Result<void> fill_input(const Raster& pixels, const ModelSpec& spec, const Placement& placement,
                        std::span<std::byte> out);

}  // namespace vetset
