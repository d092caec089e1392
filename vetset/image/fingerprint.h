// Perceptual fingerprints: 256 signs of DCT coefficients for the whole frame, for the frame without uniform borders,
// and for parts of it. Signs, so that the eight symmetries of the square are permutations and flips of the same bits.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "vetset/base/bits256.h"
#include "vetset/dataset/pixel_facts.h"
#include "vetset/image/raster.h"

namespace vetset {

/// Of pictures with a side of more than a million pixels nothing is taken: they have no texture.
Fingerprint fingerprint_of(const Plane& luma);

/// Below this `Fingerprint::texture`, a copy with a little noise or compression is as far away as a stranger: there is
/// too little to recognise.
inline constexpr std::uint8_t recognisable_texture = 10;

/// The symmetries of the square, as EXIF numbers its orientations (1: as it is … 8).
inline constexpr std::size_t symmetry_count = 8;
/// What the fingerprint of a view would be, were the image turned by EXIF orientation `symmetry`.
Bits256 turned(const Bits256& bits, std::uint8_t symmetry);
/// "flipped left-right", "turned by 90°" …; 1: "".
std::string_view symmetry_name(std::uint8_t symmetry);

/// The rectangle of view `v`, as fractions of the (border-free) frame: x, y, width, height.
struct ViewRegion {
  double x, y, width, height;
};
ViewRegion view_region(std::size_t view);
std::string_view view_name(std::size_t view);  // "whole", "without borders", "centre 0.90" …

/// Uniform rows and columns at left, top, right and bottom, in pixels.
std::array<std::uint16_t, 4> uniform_borders(const Plane& luma);

/// PDQ (Facebook, 2019: "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm"), equal to the bit
/// with the reference implementation on the same samples, as the Python package pdqhash calls it: at the picture's own
/// size, alpha left out. Bit 0 is the reference's bit 0 of word 0.
struct Pdq {
  Bits256 bits;
  std::uint8_t quality = 0;  // 0–100
};
Pdq pdq_of(const Raster& raster);
std::string pdq_hex(const Bits256& bits);  // 64 digits, as the reference prints it

}  // namespace vetset
