#include "vetset/image/encode.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "vetset/image/decode.h"

using namespace vetset;

TEST_CASE("a JPEG of high quality is close to what was given, and grey stays grey") {
  for (const std::uint8_t channels : {std::uint8_t{1}, std::uint8_t{3}}) {
    Raster raster{31, 17, channels, 8, {}};
    for (std::size_t i = 0; i < raster.row_bytes() * 17; ++i)
      raster.samples.push_back(static_cast<std::uint8_t>(i / 9));
    const auto file = encode_jpeg(raster, 100);
    REQUIRE(file);
    const Decoded d = decode_image(*file);
    REQUIRE(d.raster.channels == channels);
    int largest = 0;
    for (std::size_t i = 0; i < raster.samples.size(); ++i)
      largest = std::max(largest, std::abs(raster.samples[i] - d.raster.samples[i]));
    CHECK(largest <= 4);
    CHECK(encode_jpeg(raster, 50)->size() < file->size());
  }
}

TEST_CASE("the same pixels give the same file") {
  const Raster raster{5, 4, 3, 8, std::vector<std::uint8_t>(60, 77)};
  CHECK(*encode_png(raster) == *encode_png(raster));
  CHECK(*encode_jpeg(raster) == *encode_jpeg(raster));
}

TEST_CASE("what a file type cannot hold is refused") {
  const Raster clear{2, 2, 4, 8, std::vector<std::uint8_t>(16)}, deep{2, 2, 1, 16, std::vector<std::uint8_t>(8)},
      none{};
  CHECK(encode_jpeg(clear).error().message == "a JPEG holds grey or RGB of 8 bits, found 4 channels of 8");
  CHECK(encode_jpeg(deep).error().code == Code::unsupported);
  CHECK(encode_jpeg(none).error().code == Code::usage);
  CHECK(encode_png(none).error().code == Code::usage);
  CHECK(encode_png(deep));
  Raster wide{70000, 1, 1, 8, std::vector<std::uint8_t>(70000)};
  CHECK(encode_jpeg(wide).error().message.find("libjpeg says: ") == 0);  // 65,500 at most
}
