#include "vetset/scan/mask_colours.h"

#include <algorithm>
#include <unordered_map>

#include "vetset/image/decode.h"

namespace vetset {
namespace {

std::uint32_t colour_at(const Raster& raster, std::size_t pixel) {
  const std::uint8_t* s = raster.samples.data() + pixel * raster.channels * (raster.bits / 8U);
  if (raster.channels <= 2) return raster.bits == 8 ? s[0] : static_cast<std::uint32_t>(s[0] | s[1] << 8);
  const std::size_t step = raster.bits / 8U, high = step - 1;  // of 16 bits the upper 8
  return static_cast<std::uint32_t>(s[high] << 16 | s[step + high] << 8 | s[2 * step + high]);
}

}  // namespace

MaskColours mask_colours(std::string_view file) {
  MaskColours out;
  const Decoded decoded = decode_image(file);
  out.status = decoded.status;
  out.reason = decoded.reason;
  const Raster& raster = decoded.raster;
  if (raster.empty()) return out;
  out.values = raster.channels <= 2 && !decoded.palette;
  std::unordered_map<std::uint32_t, std::uint64_t> counts;
  const std::size_t pixels = std::size_t{raster.width} * raster.height;
  for (std::size_t begin = 0; begin < pixels;) {
    const std::uint32_t colour = colour_at(raster, begin);
    std::size_t end = begin + 1;  // masks are runs of one colour
    while (end < pixels && colour_at(raster, end) == colour) ++end;
    counts[colour] += end - begin;
    begin = end;
    if (counts.size() > MaskColours::most) {
      out.more = true;
      break;
    }
  }
  for (const auto& [colour, count] : counts) out.uses.push_back({colour, count});
  std::sort(out.uses.begin(), out.uses.end(), [](const auto& a, const auto& b) { return a.colour < b.colour; });
  return out;
}

}  // namespace vetset
