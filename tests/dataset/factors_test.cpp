// Factors: what varies between images and objects, and what is not known of them.
#include "vetset/dataset/factors.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "tests/check/made.h"

using namespace vetset;
using namespace vetset::test;

namespace {

Factor of(const Made& m, std::string_view name) {
  auto f = factor({m.d, m.facts, m.pixels}, name);
  REQUIRE_MESSAGE(f, f.error().message);
  return *std::move(f);
}
std::string level(const Factor& f, std::size_t i) { return f.known(i) ? f.names[f.levels[i]] : "?"; }

PixelFacts taken(std::int64_t ms) {
  PixelFacts p;
  p.status = DecodeStatus::ok;
  p.capture.time_ms = ms;
  return p;
}

}  // namespace

TEST_CASE("a factor that is not known of a record is unknown there, never zero") {
  Made m;
  m.image("a.jpg");
  m.image("b.jpg");
  m.pixels.resize(2);
  m.pixels[0].status = DecodeStatus::ok;
  m.pixels[0].quality.luma[3] = 51;
  const Factor light = of(m, "pixel.luma_p50");
  CHECK(light.numbers[0] == doctest::Approx(0.2));
  CHECK_FALSE(light.known(1));  // it could not be decoded
  CHECK_FALSE(of(m, "exif.hour").known(0));
  CHECK_FALSE(of(m, "exif.model").known(0));
}

TEST_CASE("a factor of pixels cannot be asked where none were looked at") {
  Made m;
  m.image("a.jpg");
  const auto f = factor({m.d, m.facts, {}}, "exif.model");
  REQUIRE_FALSE(f);
  CHECK(f.error().message == "factor 'exif.model' needs the images decoded, and they were not (--pixels)");
}

TEST_CASE("a misspelled factor comes with the one it resembles") {
  const Made m;
  const auto f = factor({m.d}, "box.aspekt");
  REQUIRE_FALSE(f);
  CHECK(f.error().message == "no factor is called 'box.aspekt' (did you mean 'box.aspect'?)");
}

TEST_CASE("hours, weekdays, months and days follow from the camera's clock") {
  Made m;
  m.image("a.jpg");
  m.image("b.jpg");
  m.pixels = {taken(1'709'215'200'000), taken(-1000)};  // Thursday 2024-02-29 14:00, Wednesday 1969-12-31 23:59:59
  CHECK(of(m, "exif.hour").numbers[0] == 14);
  CHECK(of(m, "exif.hour").numbers[1] == doctest::Approx(23.9997).epsilon(1e-5));
  CHECK(level(of(m, "exif.weekday"), 0) == "Thu");
  CHECK(level(of(m, "exif.weekday"), 1) == "Wed");
  CHECK(of(m, "exif.month").numbers[0] == 2);
  CHECK(level(of(m, "exif.date"), 0) == "2024-02-29");
  CHECK(level(of(m, "exif.date"), 1) == "1969-12-31");
}

TEST_CASE("the hour by the sun needs a place, and a clock without a zone keeps that of its longitude") {
  Made m;
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg", "d.jpg"}) m.image(name);
  m.pixels.assign(4, taken(12 * 3'600'000));
  for (auto& p : m.pixels) p.capture.latitude = 48, p.capture.longitude = 7.5;
  m.pixels[0].capture.utc_offset_minutes = 120;  // 10:00 UTC, half an hour east of Greenwich
  m.pixels[2].capture.longitude.reset();
  m.pixels[3].capture.latitude = m.pixels[3].capture.longitude = 0;  // a receiver that knows nothing
  const Factor f = of(m, "exif.solar_hour");
  CHECK(f.numbers[0] == doctest::Approx(10.5));
  CHECK(f.numbers[1] == doctest::Approx(11.5));  // zone of 7.5°: one hour
  CHECK_FALSE(f.known(2));
  CHECK_FALSE(f.known(3));
}

TEST_CASE("a geohash is Niemeyer's") {
  Made m;
  m.image("a.jpg");
  m.image("b.jpg");
  m.pixels.assign(2, taken(0));
  m.pixels[0].capture.latitude = 57.64911, m.pixels[0].capture.longitude = 10.40744;
  CHECK(level(of(m, "exif.geohash.9"), 0) == "u4pruydqq");
  CHECK(level(of(m, "exif.geohash.5"), 0) == "u4pru");
  CHECK_FALSE(of(m, "exif.geohash.5").known(1));
}

TEST_CASE("boxes say how large, how long and how near the border their objects are") {
  Made m;
  const auto i = m.image("a.jpg", 100, 80);
  const auto c = m.category("cat");
  m.box(i, c, {10, 10, 16, 4});
  m.box(i, c, {0, 20, 16, 4});
  m.box(i, c, {10, 10, 16, 5});
  m.polygon(i, c, {});
  CHECK(of(m, "box.sqrt_area_px").numbers[0] == 8);
  CHECK(of(m, "box.aspect").numbers[0] == 4);
  CHECK(level(of(m, "box.border"), 0) == "inside");
  CHECK(level(of(m, "box.border"), 1) == "border");
  CHECK_FALSE(of(m, "box.border").known(3));
  CHECK_FALSE(of(m, "box.aspect").known(3));
  CHECK(of(m, "box.overlap").numbers[0] == doctest::Approx(0.8));
  CHECK(of(m, "box.overlap").numbers[1] == 0);
  CHECK(of(m, "image.crowding").numbers[0] == doctest::Approx(2.0 / 3));
  CHECK(of(m, "image.objects").numbers[0] == 4);
}

TEST_CASE("an image that nobody labelled is not an empty one") {
  Made m;
  m.image("a.jpg");
  m.image("b.jpg");
  m.d.images[1].state = ImageState::unlabelled;
  const Factor f = of(m, "image.content");
  CHECK(level(f, 0) == "empty");
  CHECK(level(f, 1) == "?");
}

TEST_CASE("an attribute is the objects' where one has it, else the images'; many numbers are a number") {
  Made m;
  const auto c = m.category("cat");
  for (int k = 0; k < 12; ++k) m.box(m.image(std::to_string(k) + ".jpg"), c, {0, 0, 5, 5});
  const auto add = [&](Owner owner, std::uint32_t index, const char* key, const std::string& value) {
    m.d.attributes.push_back({.owner = owner, .index = index, .key = m.d.add_text(key), .value = m.d.add_text(value)});
  };
  for (std::uint32_t k = 0; k < 11; ++k) add(Owner::image, k, "weather", k < 3 ? "\"snow\"" : "\"clear\"");
  for (std::uint32_t k = 0; k < 12; ++k) add(Owner::annotation, k, "speed", std::to_string(k) + ".5");
  const Factor weather = of(m, "attribute.weather");
  CHECK(weather.of == FactorOf::image);
  CHECK(weather.names == std::vector<std::string>{"clear", "snow"});
  CHECK(level(weather, 0) == "snow");
  CHECK(level(weather, 11) == "?");
  const Factor speed = of(m, "attribute.speed");
  CHECK(speed.of == FactorOf::annotation);
  REQUIRE(speed.numeric);
  CHECK(speed.numbers[3] == 3.5);
  std::set<std::string> names;
  for (const Factor& f : factors({m.d, m.facts, m.pixels})) names.insert(f.name);
  CHECK(names == std::set<std::string>{"image.attribute.weather", "object.attribute.speed"});
}

TEST_CASE("addresses name the host that images were taken from") {
  Made m;
  m.image("https://Farm5.static.net:443/a.jpg");
  m.image("b.jpg");
  m.image("c.jpg");
  m.d.residues.push_back(
      {.owner = Owner::image, .index = 1, .json = m.d.add_text(R"({"flickr_url":"http://u@flickr.com/x?y"})")});
  const Factor f = of(m, "host");
  CHECK(level(f, 0) == "farm5.static.net");
  CHECK(level(f, 1) == "flickr.com");
  CHECK(level(f, 2) == "?");
}

TEST_CASE("bins are half-open and total, and the unknown stays unknown") {
  Factor f{.name = "x", .of = FactorOf::image, .numeric = true, .numbers = {0.1, 0.18, 0.2, 0.35, NAN}};
  const double cuts[] = {0.18, 0.35};
  const Factor bins = binned(f, cuts);
  CHECK(bins.names == std::vector<std::string>{"<0.18", "0.18..0.35", ">=0.35"});
  CHECK(bins.levels == std::vector<std::uint32_t>{0, 1, 1, 2, Factor::unknown});
}

TEST_CASE("even cuts share out the known values, and repeat none") {
  Factor f{.name = "x", .of = FactorOf::image, .numeric = true, .numbers = {1, 2, 3, 4, 5, 6, 7, 8, NAN}};
  CHECK(even_cuts(f, 4) == std::vector<double>{3, 5, 7});
  f.numbers = {1, 1, 1, 1, 1, 1, 9};
  CHECK(even_cuts(f, 4).empty());
  f.numbers = {1, 1, 1, 9, 9, 9, 9};
  CHECK(even_cuts(f, 4) == std::vector<double>{9});
}
