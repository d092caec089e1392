// The fuzz target of image decoders: the bytes are a file. What comes out has the size that it states, is the same
// whatever else was asked, and says why wherever it is not whole.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "vetset/image/decode.h"
#include "vetset/image/encode.h"

namespace vetset {
namespace {

void hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

bool has_pixels(const Decoded& d) { return d.status == DecodeStatus::ok || d.status == DecodeStatus::partial; }

void use(std::string_view bytes) {
  if (bytes.size() >= 8 && bytes.substr(4, 4) == "ftyp") return;  // AVIF and HEIC: leaks of the system's codecs
  constexpr std::uint64_t pixels = 1 << 21;
  const Decoded d = decode_image(bytes, {.pixels = pixels});
  hold((d.status == DecodeStatus::ok) == d.reason.empty(), "a status without its reason");
  hold(has_pixels(d) != d.raster.empty(), "pixels where there should be none, or none where there should be some");
  hold(d.raster.samples.size() == d.raster.row_bytes() * d.raster.height, "samples that do not make their size");
  hold(d.frames >= 1, "an image of no frame");
  const Decoded luma = decode_image(bytes, {.pixels = pixels, .luma_only = true});
  hold(has_pixels(luma) == has_pixels(d), "luma without colours, or colours without luma");
  const Decoded both = decode_image(bytes, {.pixels = pixels, .coefficients = true});
  hold(both.status != DecodeStatus::ok || d.status != DecodeStatus::ok || both.raster.samples == d.raster.samples,
       "coefficients that change pixels");
  if (!has_pixels(d)) return;
  const Plane plane = luma_of(oriented(d.raster, 6));
  hold(plane.width == d.raster.height && plane.height == d.raster.width, "a turn that loses pixels");
  hold(resampled(plane, {0, 0, plane.width, plane.height}, 9, 7).samples.size() == 63,
       "a scaled image of another size");
  const Result<std::string> png = encode_png(d.raster);
  hold(png && decode_image(*png).raster.samples == d.raster.samples, "a PNG that does not give its pixels back");
}

}  // namespace
}  // namespace vetset

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vetset::use({reinterpret_cast<const char*>(data), size});
  return 0;
}
