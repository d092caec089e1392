// What happens before a network: where pictures go, which bits the tensor has, and what is refused.
#include "vetset/runtime/preprocess.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "vetset/base/random.h"
#include "vetset/image/encode.h"

using namespace vetset;

namespace {

using Fit = ResizeSpec::Fit;
using Sides = ResizeSpec::Sides;
using Arithmetic = ResizeSpec::Arithmetic;
using Filter = ResizeSpec::Filter;

Placement placed(std::uint32_t width, std::uint32_t height, const ResizeSpec& spec) {
  const auto placement = placement_of(width, height, spec);
  REQUIRE(placement);
  return *placement;
}

Raster random_raster(std::uint64_t seed, std::uint32_t width, std::uint32_t height, std::uint8_t channels = 3) {
  Random random(seed);
  Raster raster{width, height, channels, 8, {}};
  raster.samples.resize(raster.row_bytes() * height);
  for (std::uint8_t& sample : raster.samples) sample = static_cast<std::uint8_t>(random.below(256));
  return raster;
}

float half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const float size = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                   : std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

std::string refusal(const ModelSpec& spec) {
  const auto checked = check_steps(spec);
  return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("a letterbox is Ultralytics' own: halves go to even sides, the odd pixel of padding to the right and below") {
  const ResizeSpec square{.fit = Fit::letterbox, .width = 640, .height = 640};
  Placement p = placed(640, 427, square);
  CHECK(p.resized_width == 640);
  CHECK(p.resized_height == 427);
  CHECK(p.top == 106);  // of 213 lines of padding
  CHECK(p.left == 0);
  CHECK(p.input_height == 640);
  p = placed(1280, 5, square);  // 2.5 lines
  CHECK(p.resized_height == 2);
  CHECK(p.scale_y == 0.4);       // boxes go back by what the side became, as scale_boxes has it since 8.4
  p = placed(20000, 3, square);  // less than half a line
  CHECK(p.resized_height == 1);
  ResizeSpec least = square;
  least.multiple = 32;  // rect
  p = placed(1920, 1080, least);
  CHECK(p.input_width == 640);
  CHECK(p.input_height == 384);
  CHECK(p.top == 12);
  ResizeSpec only_down = square;
  only_down.scale_up = false;
  only_down.place = ResizeSpec::Place::top_left;
  p = placed(100, 50, only_down);
  CHECK(p.resized_width == 100);
  CHECK(p.scale_x == 1);
  CHECK(p.top == 0);
  ResizeSpec upwards = square;
  upwards.sides = Sides::up;  // as its loader of training images
  CHECK(placed(1280, 5, upwards).resized_height == 3);
}

TEST_CASE("a classifier's short side is cut, and the middle is rounded half to even") {
  const ResizeSpec spec{.fit = Fit::short_side, .short_side = 256, .crop_width = 224, .crop_height = 224};
  Placement p = placed(500, 375, spec);
  CHECK(p.resized_width == 341);  // 341.33
  CHECK(p.resized_height == 256);
  CHECK(p.left == -58);  // of 58.5
  CHECK(p.top == -16);
  CHECK(p.input_width == 224);
  p = placed(375, 503, spec);
  CHECK(p.resized_height == 343);
  CHECK(p.top == -60);  // of 59.5
  const ResizeSpec larger{.fit = Fit::short_side, .short_side = 10, .crop_width = 15, .crop_height = 12};
  p = placed(40, 10, larger);
  CHECK(p.top == 1);  // padded
  CHECK(p.left == -12);
  CHECK(p.input_width == 15);
}

TEST_CASE("detection models of torchvision and DETR have sides of their own") {
  ResizeSpec spec{.fit = Fit::long_side, .short_side = 800, .long_side = 1333, .multiple = 32};
  spec.place = ResizeSpec::Place::top_left;
  Placement p = placed(640, 427, spec);
  CHECK(p.resized_height == 800);
  CHECK(p.resized_width == 1199);
  CHECK(p.input_width == 1216);
  p = placed(640, 200, spec);
  CHECK(p.resized_width == 1333);
  CHECK(p.resized_height == 416);  // 416.56
  spec.sides = Sides::detr;
  spec.multiple = 0;
  p = placed(640, 200, spec);  // the short side is rounded to 417, and the long one follows
  CHECK(p.resized_height == 417);
  CHECK(p.resized_width == 1334);
}

TEST_CASE("a face detector's picture is padded to the right and below") {
  const Placement p =
      placed(100, 64, {.fit = Fit::none, .multiple = 32, .place = ResizeSpec::Place::top_left, .pad = {0, 0, 0}});
  CHECK(p.input_width == 128);
  CHECK(p.input_height == 64);
  CHECK(p.left == 0);
}

TEST_CASE("an image that cannot be placed is refused with its size") {
  CHECK(placement_of(0, 5, {}).error().message == "an image of 0x5 pixels has none to resize");
  CHECK(placement_of(1, 60000000, {.fit = Fit::short_side, .short_side = 256}).error().code == Code::limit);
  CHECK(placement_of(700, 10, {.fit = Fit::none, .width = 640, .height = 640}).error().message ==
        "an image of 700x10 pixels does not fit the input of 640x640, and the contract does not make it smaller");
}

TEST_CASE("a contract whose steps do not exist is refused by name") {
  ModelSpec spec;
  CHECK(refusal(spec).empty());
  spec.resize.arithmetic = Arithmetic::pillow;
  spec.resize.filter = Filter::area;
  CHECK(refusal(spec) == "the contract's resize: pillow has no filter area");
  spec.resize = {.fit = Fit::letterbox};
  CHECK(refusal(spec) == "the contract's resize: a letterbox needs width and height");
  spec.resize = {.fit = Fit::short_side};
  CHECK(refusal(spec) == "the contract's resize: short_side needs the length of the short side");
  spec.resize = {};
  spec.input.type = ElementType::float64;
  CHECK(refusal(spec) == "the contract's input: type float64, expected float32, float16, uint8 or int8");
  spec.input = {.channels = 4};
  CHECK(refusal(spec) == "the contract's input: 4 channels, expected 3 of colours");
  spec.input = {};
  spec.input.deviation = {1, 0, 1};
  CHECK(refusal(spec) == "the contract's input: means must be numbers, and deviations numbers other than 0");
}

TEST_CASE("every value of the tensor is what float32 gives, one step after another") {
  Raster all{256, 1, 3, 8, {}};
  for (int i = 0; i < 256; ++i) all.samples.insert(all.samples.end(), 3, static_cast<std::uint8_t>(i));
  for (const bool divide : {false, true})
    for (const bool centred : {false, true})
      for (const double scale : {1.0 / 255, 1.0 / 127.5, 0.0173}) {
        ModelSpec spec;
        spec.resize.fit = Fit::none;
        spec.input.divide = divide;
        spec.input.scale = scale;
        if (centred) spec.input.mean = {0.485, 0.456, 0.406}, spec.input.deviation = {0.229, 0.224, 0.225};
        const auto done = preprocess_pixels(all, spec);
        REQUIRE(done);
        const auto values = done->tensor.values<float>();
        REQUIRE(values.size() == 768);
        bool same = true;
        for (std::size_t c = 0; c < 3; ++c)
          for (std::size_t i = 0; i < 256; ++i) {
            const auto byte = static_cast<float>(i);
            const auto mean = static_cast<float>(spec.input.mean[c]);
            const auto deviation = static_cast<float>(spec.input.deviation[c]);
            const float scaled = divide ? byte / static_cast<float>(1 / scale) : byte * static_cast<float>(scale);
            same = same && std::bit_cast<std::uint32_t>((scaled - mean) / deviation) ==
                               std::bit_cast<std::uint32_t>(values[c * 256 + i]);
          }
        CAPTURE(divide);
        CAPTURE(scale);
        CHECK(same);
      }
}

TEST_CASE("halves are the nearest there are, ties to even") {
  Raster all{256, 1, 1, 8, {}};
  for (int i = 0; i < 256; ++i) all.samples.push_back(static_cast<std::uint8_t>(i));
  ModelSpec spec;
  spec.resize.fit = Fit::none;
  spec.input = {.colour = InputSpec::Colour::grey, .type = ElementType::float16, .channels = 1};
  for (const double scale : {1.0 / 255, 300.0, 1e-7, 3.1e-5}) {
    CAPTURE(scale);
    spec.input.scale = scale;
    const auto done = preprocess_pixels(all, spec);
    REQUIRE(done);
    const auto halves = done->tensor.values<std::uint16_t>();
    for (std::size_t i = 0; i < 256; ++i) {
      CAPTURE(i);
      const float exact = static_cast<float>(i) * static_cast<float>(scale);
      if (exact >= 65520) {
        CHECK(halves[i] == 0x7c00);
        continue;
      }
      const float error = std::abs(half_value(halves[i]) - exact);
      if (halves[i] > 0) {
        const float other = std::abs(half_value(static_cast<std::uint16_t>(halves[i] - 1)) - exact);
        CHECK((error < other || (error == other && halves[i] % 2 == 0)));
      }
      if (halves[i] + 1 < 0x7c00) {
        const float other = std::abs(half_value(static_cast<std::uint16_t>(halves[i] + 1)) - exact);
        CHECK((error < other || (error == other && halves[i] % 2 == 0)));
      }
    }
  }
}

TEST_CASE("the tensor holds what the stages hold, whatever its layout, colours and type") {
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    ModelSpec spec;
    ResizeSpec& r = spec.resize;
    r.fit = std::array{Fit::none, Fit::stretch, Fit::letterbox, Fit::short_side, Fit::long_side}[random.below(5)];
    r.width = r.fit == Fit::none || r.fit == Fit::long_side ? 0 : 1 + random.below(60);
    r.height = r.width == 0 ? 0 : 1 + random.below(60);
    r.short_side = 1 + random.below(40), r.long_side = 40 + random.below(40);
    if (r.fit == Fit::short_side) r.crop_width = 1 + random.below(50), r.crop_height = 1 + random.below(50);
    r.multiple = random.below(2) * 8;
    r.arithmetic = random.below(2) == 0 ? Arithmetic::pillow : Arithmetic::opencv;
    r.pad = {1, 2, 3};
    InputSpec& in = spec.input;
    in.colour = random.below(2) == 0 ? InputSpec::Colour::rgb : InputSpec::Colour::bgr;
    in.layout = random.below(2) == 0 ? InputSpec::Layout::nchw : InputSpec::Layout::nhwc;
    in.type = random.below(2) == 0 ? ElementType::float32 : ElementType::uint8;
    in.scale = 1;
    const Raster pixels = random_raster(seed, 1 + random.below(60), 1 + random.below(60));
    const auto done = preprocess_pixels(pixels, spec, {.keep_stages = true});
    REQUIRE(done);
    const Raster& p1 = done->resized;
    REQUIRE(p1.width == done->placement.input_width);
    REQUIRE(done->tensor.elements() == p1.samples.size());
    bool same = true;
    for (std::size_t y = 0; y < p1.height; ++y)
      for (std::size_t x = 0; x < p1.width; ++x)
        for (std::size_t c = 0; c < 3; ++c) {
          const std::uint8_t expected =
              p1.samples[(y * p1.width + x) * 3 + (in.colour == InputSpec::Colour::bgr ? 2 - c : c)];
          const std::size_t at =
              in.layout == InputSpec::Layout::nchw ? (c * p1.height + y) * p1.width + x : (y * p1.width + x) * 3 + c;
          const float found = in.type == ElementType::float32 ? done->tensor.values<float>()[at]
                                                              : done->tensor.values<std::uint8_t>()[at];
          same = same && found == expected;
        }
    CHECK(same);
  }
}

TEST_CASE("padding that is 0 in the tensor is 0 after the mean") {
  ModelSpec spec;
  spec.resize = {.fit = Fit::none, .multiple = 4, .place = ResizeSpec::Place::top_left, .pad_zero = true};
  spec.input.mean = {0.5, 0.5, 0.5};
  const auto done = preprocess_pixels(random_raster(1, 3, 3), spec);
  REQUIRE(done);
  const auto values = done->tensor.values<float>();
  CHECK(values[3] == 0);
  CHECK(values[15] == 0);
  CHECK(values[0] != 0);
}

TEST_CASE("grey goes into colours, and colours into grey by Pillow's luma") {
  ModelSpec spec;
  spec.resize.fit = Fit::none;
  spec.input.scale = 1;
  const auto colours = preprocess_pixels({1, 1, 1, 8, {77}}, spec);
  REQUIRE(colours);
  CHECK(colours->tensor.values<float>()[2] == 77);
  spec.input.colour = InputSpec::Colour::grey;
  spec.input.channels = 1;
  const auto grey = preprocess_pixels({1, 1, 3, 8, {10, 200, 30}}, spec);
  REQUIRE(grey);
  CHECK(grey->tensor.values<float>()[0] == 124);  // (19595 · 10 + 38470 · 200 + 7471 · 30 + 32768) >> 16
}

TEST_CASE("what is no image, too large or damaged is refused before and after it is decoded") {
  ModelSpec spec;
  CHECK(preprocess("nothing", spec).error().code == Code::malformed);
  const auto png = encode_png(random_raster(2, 40, 30));
  REQUIRE(png);
  spec.pixels.max_pixels = 1199;
  const auto large = preprocess(*png, spec);
  REQUIRE_FALSE(large);
  CHECK(large.error().code == Code::limit);
  spec.pixels.max_pixels = 1200;
  spec.resize.fit = Fit::none;
  CHECK(preprocess(*png, spec));
  const std::string cut = png->substr(0, png->size() * 2 / 3);
  const auto damaged = preprocess(cut, spec);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().message.ends_with("the contract takes whole files alone"));
  spec.pixels.truncated = true;
  CHECK(preprocess(cut, spec));
  CHECK_FALSE(preprocess_pixels({2, 2, 4, 8, std::vector<std::uint8_t>(16)}, spec));
  CHECK_FALSE(preprocess_pixels({2, 2, 3, 8, std::vector<std::uint8_t>(11)}, spec));
}
