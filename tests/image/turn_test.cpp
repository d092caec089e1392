// Turning image files: every orientation, against turning the pixels; what cannot be turned without loss says so.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/image/drawn.h"
#include "vetset/image/decode.h"
#include "vetset/image/encode.h"
#include "vetset/image/probe.h"
#include "vetset/image/turn.h"

using namespace vetset;

namespace {

/// A JPEG in colour, 4:2:0, with EXIF that says an orientation and an artist.
std::string photo(std::uint32_t width, std::uint32_t height, char orientation) {
  Raster raster = grey_raster(drawn(7, width, height));
  for (std::size_t k = 0; k < raster.samples.size(); k += 3)
    raster.samples[k] = static_cast<std::uint8_t>(std::min(255U, raster.samples[k] + static_cast<unsigned>(k % 40)));
  const auto plain = encode_jpeg(raster, 90);
  REQUIRE(plain);
  std::string block("Exif\0\0II*\0\x08\0\0\0\x02\0", 16);
  block += std::string("\x12\x01\x03\0\x01\0\0\0", 8) + orientation + std::string(3, '\0');
  block +=
      std::string("\x3b\x01\x02\0\x0c\0\0\0\x26\0\0\0", 12) + std::string(4, '\0') + std::string("Ana Kestrel\0", 12);
  const std::size_t size = block.size() + 2;
  return plain->substr(0, 2) + "\xff\xe1" + static_cast<char>(size >> 8U) + static_cast<char>(size) + block +
         plain->substr(2);
}

int largest_difference(const Raster& a, const Raster& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  REQUIRE(a.samples.size() == b.samples.size());
  int most = 0;
  for (std::size_t k = 0; k < a.samples.size(); ++k) most = std::max(most, std::abs(a.samples[k] - b.samples[k]));
  return most;
}

}  // namespace

TEST_CASE("a JPEG turned by its coefficients is the picture turned, in every orientation") {
  for (char orientation = 2; orientation <= 8; ++orientation) {
    CAPTURE(static_cast<int>(orientation));
    const std::string file = photo(96, 64, orientation);
    const auto turned = turned_without_loss(file);
    REQUIRE_MESSAGE(turned, turned.error().message);
    CHECK(probe_header(*turned).orientation <= 1);
    CHECK(turned->find("Ana Kestrel") != std::string::npos);
    const Raster shown = oriented(decode_image(file).raster, static_cast<std::uint8_t>(orientation));
    CHECK(largest_difference(shown, decode_image(*turned).raster) <= 4);  // decoders round the other way round
  }
}

TEST_CASE("a JPEG of half blocks is turned only by coding it again") {
  const std::string file = photo(100, 50, 6);
  const auto turned = turned_without_loss(file);
  REQUIRE_FALSE(turned);
  CHECK(turned.error().message.find("100x50") != std::string::npos);
  const auto anew = turned_anew(file);
  REQUIRE(anew);
  CHECK(probe_header(*anew).width == 50);
  CHECK(largest_difference(oriented(decode_image(file).raster, 6), decode_image(*anew).raster) < 60);
  // Where no side is counted from its other end, half blocks stay where they were.
  CHECK(turned_without_loss(photo(100, 50, 5)));
}

TEST_CASE("an orientation is dropped by one byte") {
  const std::string file = photo(96, 64, 6);
  const auto bare = without_orientation(file);
  REQUIRE(bare);
  REQUIRE(bare->size() == file.size());
  std::size_t others = 0;
  for (std::size_t k = 0; k < file.size(); ++k) others += (*bare)[k] != file[k];
  CHECK(others == 1);
  CHECK(probe_header(*bare).orientation == 1);
}

TEST_CASE("what is not whole, or is more than one picture, is not turned") {
  const std::string file = photo(96, 64, 6);
  CHECK_FALSE(turned_without_loss(file.substr(0, file.size() / 2)));
  CHECK_FALSE(turned_without_loss(file + "behind"));
  CHECK_FALSE(turned_without_loss("no picture"));
  CHECK_FALSE(without_orientation("no picture"));
  const auto upright = turned_without_loss(file);
  REQUIRE(upright);
  CHECK_FALSE(turned_without_loss(*upright));
}
