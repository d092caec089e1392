// The fuzz target of what happens before a network: any contract's steps on any pixels. The first bytes say the steps
// and the sizes, the others are pixels, repeated as needed. Nothing is read or written beyond its room, a step that
// does not exist is refused, and the tensor holds what the stages hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "vetset/runtime/preprocess.h"

namespace vetset {
namespace {

void hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

/// Takes bytes from the front; 0 where there are no more.
class Draw {
 public:
  explicit Draw(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint32_t below(std::uint32_t bound) { return next() % bound; }
  std::uint8_t next() { return at_ < bytes_.size() ? bytes_[at_++] : std::uint8_t{0}; }
  std::span<const std::uint8_t> rest() const { return bytes_.subspan(at_); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

ModelSpec drawn_spec(Draw& draw) {
  ModelSpec spec;
  ResizeSpec& r = spec.resize;
  r.fit = static_cast<ResizeSpec::Fit>(draw.below(5));
  r.width = draw.below(80), r.height = draw.below(80);
  r.short_side = draw.below(60), r.long_side = draw.below(200);
  r.crop_width = draw.below(3) == 0 ? draw.below(70) : 0, r.crop_height = r.crop_width == 0 ? 0 : draw.below(70);
  r.multiple = draw.below(3) * 16;
  r.sides = static_cast<ResizeSpec::Sides>(draw.below(5));
  r.filter = static_cast<ResizeSpec::Filter>(draw.below(7));
  r.arithmetic = static_cast<ResizeSpec::Arithmetic>(draw.below(4));
  r.antialias = draw.below(2) == 1, r.scale_up = draw.below(2) == 1, r.pad_zero = draw.below(2) == 1;
  r.place = static_cast<ResizeSpec::Place>(draw.below(2));
  InputSpec& in = spec.input;
  in.colour = static_cast<InputSpec::Colour>(draw.below(3));
  in.channels = in.colour == InputSpec::Colour::grey ? 1 : 3;
  in.layout = static_cast<InputSpec::Layout>(draw.below(2));
  constexpr ElementType types[] = {ElementType::float32, ElementType::float16, ElementType::uint8, ElementType::int8,
                                   ElementType::int64};
  in.type = types[draw.below(5)];
  in.scale = draw.below(2) == 0 ? 1 : draw.next() / 255.0;
  in.divide = draw.below(2) == 1;
  return spec;
}

Raster drawn_raster(Draw& draw) {
  const std::uint32_t width = draw.below(120), height = draw.below(4) == 0 ? draw.below(120) : draw.below(20);
  Raster raster{width, height, draw.below(3) == 0 ? std::uint8_t{1} : std::uint8_t{3}, 8, {}};
  raster.samples.resize(raster.row_bytes() * height);
  const std::span<const std::uint8_t> from = draw.rest();
  for (std::size_t i = 0; i < raster.samples.size(); ++i)
    raster.samples[i] = from.empty() ? std::uint8_t{0} : from[i % from.size()];
  return raster;
}

/// Where nothing but bytes is put into the tensor, in the picture's own order, the stages are the same bytes.
bool holds_bytes(const ModelSpec& spec, const Raster& pixels) {
  return spec.input.type == ElementType::uint8 && spec.input.scale == 1 && !spec.resize.pad_zero &&
         spec.input.layout == InputSpec::Layout::nhwc && spec.input.colour != InputSpec::Colour::bgr &&
         spec.input.channels == pixels.channels;
}

}  // namespace
}  // namespace vetset

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vetset;
  Draw draw({data, size});
  const ModelSpec spec = drawn_spec(draw);
  const Raster pixels = drawn_raster(draw);
  const auto placement = placement_of(pixels.width, pixels.height, spec.resize);
  // Sizes that are granted but cost a fuzzer's time: a line of pixels whose short side grows.
  if (placement && std::uint64_t{placement->resized_width} * placement->resized_height > 1U << 18) return 0;
  const auto done = preprocess_pixels(pixels, spec, {.keep_stages = true});
  if (!done) {
    hold(done.error().code != Code::defect, "steps that are our defect");
    return 0;
  }
  hold(bool(check_steps(spec)), "steps that were refused and done");
  hold(done->tensor.bytes().size() == input_bytes(done->placement, spec.input), "a tensor of another size");
  if (!holds_bytes(spec, pixels)) return 0;
  bool same = done->resized.samples.size() == done->tensor.elements();
  for (std::size_t i = 0; same && i < done->tensor.elements(); ++i)
    same = done->tensor.values<std::uint8_t>()[i] == done->resized.samples[i];
  hold(same, "a tensor that holds other bytes than its stages");
  return 0;
}
