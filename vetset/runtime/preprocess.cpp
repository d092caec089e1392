#include "vetset/runtime/preprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "vetset/image/probe.h"
#include "vetset/image/resize.h"
#include "vetset/runtime/preprocess_rows.h"

namespace vetset {
namespace {

using Arithmetic = ResizeSpec::Arithmetic;

Resampling resampling_of(const ResizeSpec& spec) {
  using To = Resampling::Filter;
  constexpr To filters[] = {To::nearest, To::bilinear, To::bicubic, To::area, To::lanczos, To::hamming, To::box};
  Resampling r;
  if (spec.fit == ResizeSpec::Fit::none) return r;  // nothing is resized
  r.filter = filters[static_cast<std::size_t>(spec.filter)];
  r.arithmetic = spec.arithmetic == Arithmetic::pillow   ? Resampling::Arithmetic::pillow
                 : spec.arithmetic == Arithmetic::opencv ? Resampling::Arithmetic::opencv
                                                         : Resampling::Arithmetic::torch;
  r.antialias = spec.antialias && r.arithmetic == Resampling::Arithmetic::torch;
  return r;
}

bool resizes(const ResizeSpec& spec) { return spec.fit != ResizeSpec::Fit::none; }

/// As many channels as the tensor has: grey is repeated, colours become Pillow's luma.
Raster coloured(const Raster& pixels, bool grey) {
  Raster out{pixels.width, pixels.height, 1, 8, {}};
  if (grey) {
    out.samples = luma_of(pixels).samples;
    return out;
  }
  out.channels = 3;
  out.samples.resize(3 * pixels.samples.size());
  for (std::size_t i = 0; i < pixels.samples.size(); ++i)
    std::fill_n(out.samples.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, pixels.samples[i]);
  return out;
}

Result<void> check_pixels(const Raster& pixels) {
  if (pixels.width == 0 || pixels.height == 0) return Error{Code::malformed, "an image without pixels"};
  if (pixels.bits != 8 || (pixels.channels != 1 && pixels.channels != 3))
    return Error{Code::usage, "an image of " + std::to_string(pixels.channels) + " channels of " +
                                  std::to_string(pixels.bits) + " bits, expected 1 or 3 of 8"};
  if (pixels.samples.size() != pixels.row_bytes() * pixels.height)
    return Error{Code::malformed, "an image of " + std::to_string(pixels.width) + "x" + std::to_string(pixels.height) +
                                      " pixels with " + std::to_string(pixels.samples.size()) + " samples"};
  return {};
}

Error wrong(const std::string& what) { return Error{Code::usage, "the contract's " + what}; }

Result<void> check_resize(const ResizeSpec& r) {
  using Fit = ResizeSpec::Fit;
  if (resizes(r) && !exists(resampling_of(r)))
    return wrong("resize: " + std::string(name(resampling_of(r).arithmetic)) + " has no filter " +
                 std::string(name(resampling_of(r).filter)) + (resampling_of(r).antialias ? " with antialias" : ""));
  if (r.fit == Fit::letterbox && (r.width == 0 || r.height == 0))
    return wrong("resize: a letterbox needs width and height");
  if ((r.fit == Fit::short_side || r.fit == Fit::long_side) && r.short_side == 0)
    return wrong("resize: " + std::string(r.fit == Fit::short_side ? "short_side" : "long_side") +
                 " needs the length of the short side");
  if (r.sides == ResizeSpec::Sides::detr && r.fit != Fit::long_side)
    return wrong("resize: sides 'detr' belong to the fit 'long_side'");
  constexpr std::uint32_t longest = 1U << 16;
  for (const std::uint32_t side :
       {r.width, r.height, r.short_side, r.long_side, r.crop_width, r.crop_height, r.multiple})
    if (side > longest)
      return wrong("resize: a side of " + std::to_string(side) + ", expected at most " + std::to_string(longest));
  return {};
}

Result<void> check_input(const InputSpec& in) {
  const bool grey = in.colour == InputSpec::Colour::grey;
  if (in.channels != (grey ? 1U : 3U))
    return wrong("input: " + std::to_string(in.channels) + " channels, expected " +
                 (grey ? "1 of grey" : "3 of colours"));
  const bool known = in.type == ElementType::float32 || in.type == ElementType::float16 ||
                     in.type == ElementType::uint8 || in.type == ElementType::int8;
  if (!known) return wrong("input: type " + to_string(in.type) + ", expected float32, float16, uint8 or int8");
  if (!std::isfinite(in.scale) || in.scale == 0) return wrong("input: the scale must be a number other than 0");
  for (std::size_t c = 0; c < in.channels; ++c)
    if (!std::isfinite(in.mean[c]) || !std::isfinite(in.deviation[c]) || in.deviation[c] == 0)
      return wrong("input: means must be numbers, and deviations numbers other than 0");
  return {};
}

}  // namespace

Result<void> check_steps(const ModelSpec& spec) {
  VETSET_DO(check_resize(spec.resize));
  return check_input(spec.input);
}

std::size_t input_bytes(const Placement& p, const InputSpec& spec) {
  return std::size_t{p.input_width} * p.input_height * spec.channels * bytes_of(spec.type);
}

Result<Raster> resized_pixels(const Raster& pixels, const ResizeSpec& spec, const Placement& p) {
  VETSET_DO(check_pixels(pixels));
  VETSET_DO(check_resize(spec));
  const std::size_t channels = pixels.channels;
  Raster out{p.input_width, p.input_height, pixels.channels, 8, {}};
  out.samples.resize(out.row_bytes() * out.height);
  for (std::size_t i = 0; i < out.samples.size(); ++i) out.samples[i] = spec.pad[i % channels];
  const auto left = static_cast<std::int64_t>(p.left), top = static_cast<std::int64_t>(p.top);
  const auto skipped = static_cast<std::size_t>(std::max(-left, std::int64_t{0}));
  const auto begin = static_cast<std::size_t>(std::max(left, std::int64_t{0}));
  const std::size_t end = std::min<std::size_t>(begin + p.resized_width - skipped, p.input_width);
  const auto keep = [&](std::uint32_t y, const std::uint8_t* row) {
    const std::int64_t line = y + top;
    if (line < 0 || line >= p.input_height || end <= begin) return;
    std::memcpy(out.samples.data() + static_cast<std::size_t>(line) * out.row_bytes() + begin * channels,
                row + skipped * channels, (end - begin) * channels);
  };
  resize_rows(pixels, p.resized_width, p.resized_height, resampling_of(spec), keep);
  return out;
}

Result<void> fill_input(const Raster& pixels, const ModelSpec& spec, const Placement& p, std::span<std::byte> out) {
  VETSET_DO(check_steps(spec));
  VETSET_DO(check_pixels(pixels));
  if (p.image_width != pixels.width || p.image_height != pixels.height)
    return Error{Code::usage, "the placement is that of an image of another size"};
  if (out.size() != input_bytes(p, spec.input))
    return Error{Code::usage, "room for " + std::to_string(out.size()) + " bytes, expected " +
                                  std::to_string(input_bytes(p, spec.input))};
  if (pixels.channels != spec.input.channels)
    return fill_input(coloured(pixels, spec.input.channels == 1), spec, p, out);
  InputRows rows(spec, p, out);
  rows.pad_above_and_below();
  if (spec.resize.arithmetic == Arithmetic::torch_float && resizes(spec.resize))
    resize_float_rows(pixels, p.resized_width, p.resized_height, resampling_of(spec.resize),
                      [&](std::uint32_t y, const float* row) { rows.row(y, row); });
  else
    resize_rows(pixels, p.resized_width, p.resized_height, resampling_of(spec.resize),
                [&](std::uint32_t y, const std::uint8_t* row) { rows.row(y, row); });
  return {};
}

Result<Preprocessed> preprocess_pixels(const Raster& pixels, const ModelSpec& spec, const PreprocessOptions& options) {
  VETSET_DO(check_steps(spec));
  VETSET_DO(check_pixels(pixels));
  Preprocessed done;
  VETSET_TRY(done.placement, placement_of(pixels.width, pixels.height, spec.resize));
  const auto side = [](std::uint32_t length) { return static_cast<std::int64_t>(length); };
  const std::int64_t width = side(done.placement.input_width), height = side(done.placement.input_height),
                     channels = side(spec.input.channels);
  const bool planar = spec.input.layout == InputSpec::Layout::nchw;
  done.tensor = Tensor::zeros(spec.input.type, planar ? std::vector<std::int64_t>{1, channels, height, width}
                                                      : std::vector<std::int64_t>{1, height, width, channels});
  VETSET_DO(fill_input(pixels, spec, done.placement, done.tensor.bytes()));
  if (!options.keep_stages) return done;
  done.pixels = pixels;
  VETSET_TRY(done.resized, resized_pixels(pixels, spec.resize, done.placement));
  return done;
}

Result<Preprocessed> preprocess(std::string_view bytes, const ModelSpec& spec, const PreprocessOptions& options) {
  VETSET_DO(check_steps(spec));
  VETSET_TRY(const Raster pixels, decoded_pixels(bytes, spec.pixels));
  VETSET_TRY(Preprocessed done, preprocess_pixels(pixels, spec, options));
  done.placement.turned = spec.pixels.exif_orientation && probe_header(bytes).orientation >= 2;
  return done;
}

}  // namespace vetset
