#include "vetset/image/draw.h"

#include <doctest/doctest.h>

#include <array>

namespace vetset {
namespace {

constexpr Colour white{255, 255, 255}, red{200, 0, 0};

std::array<int, 3> at(const Raster& r, std::size_t x, std::size_t y) {
  const std::uint8_t* p = r.samples.data() + y * r.row_bytes() + 3 * x;
  return {p[0], p[1], p[2]};
}
std::size_t painted(const Raster& r) {
  std::size_t count = 0;
  for (std::size_t y = 0; y < r.height; ++y)
    for (std::size_t x = 0; x < r.width; ++x) count += at(r, x, y) == std::array{200, 0, 0} ? 1u : 0u;
  return count;
}

TEST_CASE("what reaches past the canvas is cut at its edge") {
  Raster on = canvas(10, 8, white);
  fill(on, -3, -3, 5, 5, red);
  CHECK(painted(on) == 4);
  fill(on, 8, 6, 100, 100, red);
  CHECK(painted(on) == 8);
  fill(on, 20, 20, 5, 5, red);
  fill(on, -20, 2, 5, 5, red);
  CHECK(painted(on) == 8);
}

TEST_CASE("an outline leaves its inside") {
  Raster on = canvas(10, 10, white);
  outline(on, 1, 1, 6, 5, 1, red);
  CHECK(painted(on) == 6 * 5 - 4 * 3);
  CHECK(at(on, 2, 2) == std::array{255, 255, 255});
}

TEST_CASE("a picture is pasted where it fits") {
  Raster on = canvas(6, 6, white);
  paste(on, canvas(4, 4, red), -2, 4);
  CHECK(painted(on) == 4);
  paste(on, canvas(2, 2, red), 4, 0);
  CHECK(painted(on) == 8);
  CHECK(at(on, 5, 1) == std::array{200, 0, 0});
}

TEST_CASE("letters differ, blanks paint nothing, and a character of several bytes takes one place") {
  const auto ink = [](std::string_view text) {
    Raster on = canvas(60, 10, white);
    write_text(on, 0, 0, text, red);
    return on.samples;
  };
  CHECK(ink("a") != ink("b"));
  CHECK(ink("  ") == canvas(60, 10, white).samples);
  CHECK(ink("\xC3\xA9x") == ink("\x01x"));
}

TEST_CASE("grey, deep and transparent rasters become RGB") {
  const Raster grey{.width = 2, .height = 1, .channels = 1, .samples = {7, 9}};
  CHECK(as_rgb(grey).samples == std::vector<std::uint8_t>{7, 7, 7, 9, 9, 9});
  const Raster deep{.width = 1, .height = 1, .channels = 3, .bits = 16, .samples = {0xFF, 1, 0xFF, 2, 0xFF, 3}};
  CHECK(as_rgb(deep).samples == std::vector<std::uint8_t>{1, 2, 3});
  const Raster glass{.width = 2, .height = 1, .channels = 4, .samples = {10, 20, 30, 0, 10, 20, 30, 255}};
  CHECK(as_rgb(glass).samples == std::vector<std::uint8_t>{255, 255, 255, 10, 20, 30});
}

}  // namespace
}  // namespace vetset
