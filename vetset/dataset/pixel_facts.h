// What was measured of an image's pixels, all in one pass: digests, fingerprints, quality, and when and where it was
// taken. Beside `Facts`, slot by slot; never part of a dataset's identity.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "vetset/base/bits256.h"
#include "vetset/base/hash128.h"
#include "vetset/dataset/facts.h"

namespace vetset {

enum class DecodeStatus : std::uint8_t {
  not_decoded,  // nobody asked, or there is no file
  ok,
  partial,      // decoded as far as it goes: the end is missing or data is damaged
  broken,       // no pixels came out
  refused,      // larger than the limits grant
  unsupported,  // a kind that no decoder here reads: 12-bit JPEG, CMYK, no library for the type
};
std::string_view name(DecodeStatus);

/// Perceptual fingerprints, of the image as a viewer shows it (EXIF orientation applied). How they are made:
/// image/fingerprint.h.
struct Fingerprint {
  static constexpr int revision = 2;  // another number: fingerprints of earlier scans do not compare
  static constexpr std::size_t view_count = 20;
  std::array<Bits256, view_count> views{};  // 0: the whole frame; 1: without uniform borders; then parts of it
  std::uint8_t texture = 0;                 // 0–100: how much there is to recognise; of the whole frame
  bool has_borders = false;                 // view 1 differs from view 0
};

struct Quality {
  float sharpness = 0;                 // variance of the Laplacian of luma (0–255), long side scaled to 512
  float edge_width = 0;                // median width of strong edges, in pixels of that scale; 0: no edges
  std::array<std::uint8_t, 7> luma{};  // percentiles 1, 5, 25, 50, 75, 95, 99 of luma, 0–255
  float contrast = 0;                  // standard deviation of luma, 0–128
  float saturation = 0;                // mean of (max − min) / max over R, G, B; 0–1
  float entropy = 0;                   // of the histogram of luma, 0–8 bits
  float coloured = 0;                  // share of pixels whose channels differ by more than 3 of 255
  float noise = 0;                     // standard deviation of noise, luma 0–255 (Immerkær 1996)
  float blockiness = 0;                // mean step over borders of 8×8 blocks over mean step inside them; 1: no blocks
  float upper_band = 0;                // share of spectral energy beyond half the Nyquist frequency; 0–1
  std::array<std::uint16_t, 4> borders{};  // uniform rows and columns at left, top, right, bottom, in pixels
  std::uint8_t jpeg_quality = 0;           // by the quantisation tables; 0: not a JPEG
};

/// When, where and with what it was taken, by EXIF.
struct Capture {
  std::optional<std::int64_t> time_ms = {};  // since 1970, on the camera's clock
  std::optional<std::int16_t> utc_offset_minutes = {};
  std::optional<double> latitude = {}, longitude = {};  // degrees, north and east positive
  std::string make = {}, model = {}, serial = {}, software = {};
  std::string dropped = {};  // what EXIF says and cannot be: "the time '2021:13:41 00:00:00'"
};

struct PixelFacts {
  DecodeStatus status = DecodeStatus::not_decoded;
  std::string reason = {};              // for any status but ok
  std::uint32_t width = 0, height = 0;  // as a viewer shows it
  std::uint8_t channels = 0, bits = 0;  // of the samples: 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA; 8 or 16
  bool palette = false, cmyk = false, progressive = false;
  std::uint32_t frames = 0;                  // above 1: an animation
  Hash128 pixels = {};                       // of width, height, channels, bits and samples, as a viewer shows it
  std::optional<Hash128> coefficients = {};  // JPEG
  Fingerprint fingerprint = {};
  std::optional<Bits256> pdq = {};  // where asked: Facebook's PDQ hash
  std::uint8_t pdq_quality = 0;
  Quality quality = {};
  Capture capture = {};

  bool decoded() const { return status == DecodeStatus::ok || status == DecodeStatus::partial; }
};

}  // namespace vetset
