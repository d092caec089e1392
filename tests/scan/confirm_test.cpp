// Confirmation: what happens to copies does not hide them, and what looks alike is told apart.
#include "vetset/scan/confirm.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "patches.h"
#include "vetset/image/decode.h"
#include "vetset/image/fingerprint.h"

using namespace vetset;

namespace {

PixelPortrait plain(const Plane& plane) { return portrait_of(plane, false); }

Plane with_logo(Plane plane, std::uint32_t share) {
  const std::uint32_t width = plane.width * share / 100, height = plane.height * share / 100;
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      plane.samples[(std::size_t{y} + plane.height / 3) * plane.width + plane.width / 2 + x] =
          (x / 9 + y / 9) % 2 == 0 ? 250 : 30;
  return plane;
}

/// A pale shape on dark cloth, always of the same outline; `print` is what stands on it.
Plane shirt(std::uint64_t print) {
  Plane plane = flat(300, 400, 60);
  const Plane cloth = drawn(print + 100, 300, 400), motif = shapes(print + 200, 90, 70);
  for (std::uint32_t y = 0; y < 400; ++y)
    for (std::uint32_t x = 0; x < 300; ++x) {
      const bool body = x > 70 && x < 230 && y > 70 && y < 340, sleeves = x > 20 && x < 280 && y > 70 && y < 140;
      const int light = static_cast<int>(x / 12);
      int level = (body || sleeves ? 190 : 60) + light + (cloth.samples[std::size_t{y} * 300 + x] - 128) / 24;
      if (x >= 105 && x < 195 && y >= 130 && y < 200) level = motif.samples[std::size_t{y - 130} * 90 + x - 105];
      plane.samples[std::size_t{y} * 300 + x] = static_cast<std::uint8_t>(std::clamp(level, 0, 255));
    }
  return blurred(plane, 1);
}

double correlation(const Plane& a, const Plane& b) {
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  const auto n = static_cast<double>(a.samples.size());
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    const double x = a.samples[i], y = b.samples[i];
    sa += x, sb += y, saa += x * x, sbb += y * y, sab += x * y;
  }
  return (sab - sa * sb / n) / std::sqrt((saa - sa * sa / n) * (sbb - sb * sb / n));
}

}  // namespace

TEST_CASE("copies are confirmed through light, noise, blur, size, compression and logos") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Plane picture = shapes(seed, 420, 300);
    const std::vector<std::pair<const char*, Plane>> copies = {
        {"darker", changed(picture, [](int v) { return v / 2; })},
        {"brighter", changed(picture, [](int v) { return v * 13 / 10; })},
        {"more contrast", changed(picture, [](int v) { return (v - 128) * 3 / 2 + 128; })},
        {"gamma", changed(picture, [](int v) { return v * v / 255; })},
        {"noise", noisy(picture, 25)},
        {"blur", blurred(picture, 3)},
        {"half", resampled(picture, {0, 0, 420, 300}, 210, 150)},
        {"stretched", resampled(picture, {0, 0, 420, 300}, 300, 300)},
        {"coarse levels", changed(picture, [](int v) { return v / 32 * 32 + 16; })},
        {"logo", with_logo(picture, 20)},
        {"border", framed(picture, {20, 20, 20, 20}, 0)},
        {"shifted", cut(picture, {9, 6, 411, 294})},
    };
    for (const auto& [name, copy] : copies) {
      CAPTURE(seed);
      const std::string edit = name;
      CAPTURE(edit);
      const auto match = confirm(plain(picture), plain(copy), {.first_view = 1, .second_view = 1});
      REQUIRE(match);
      CHECK(match->whole);
      CHECK(match->symmetry == 1);
      if (std::string_view(name) != "stretched") CHECK(match->scale == doctest::Approx(1).epsilon(0.04));
      CHECK(std::abs(match->degrees) < 1);
    }
  }
}

TEST_CASE("other pictures are not confirmed, by no hypothesis and by no features") {
  std::vector<PixelPortrait> portraits;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) portraits.push_back(portrait_of(shapes(seed, 300, 300), true));
  for (std::size_t i = 0; i < portraits.size(); ++i)
    for (std::size_t j = i + 1; j < portraits.size(); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      const auto symmetry = static_cast<std::uint8_t>(1 + (i + j) % 8);
      CHECK_FALSE(confirm(portraits[i], portraits[j], {.symmetry = symmetry}));
      CHECK_FALSE(confirm(portraits[i], portraits[j], {.first_view = 5, .second_view = 0}));
      CHECK_FALSE(confirm_by_features(portraits[i], portraits[j], 2));
    }
}

TEST_CASE("shirts of one outline with another print are different garments, however well they correlate") {
  for (std::uint64_t k = 1; k <= 6; ++k) {
    CAPTURE(k);
    const Plane one = shirt(k), other = shirt(k + 10);
    CHECK(correlation(one, other) > 0.85);
    CHECK_FALSE(confirm(portrait_of(one, true), portrait_of(other, true), {}));
    CHECK(confirm(plain(one), plain(changed(one, [](int v) { return v * 8 / 10 + 10; })), {}));
  }
}

TEST_CASE("each symmetry is confirmed as itself, and as no other") {
  const Plane picture = shapes(7, 360, 240);
  const PixelPortrait upright = plain(picture);
  for (std::uint8_t symmetry = 1; symmetry <= symmetry_count; ++symmetry) {
    // What orientation 6 turns upright lies turned by orientation 8.
    const std::uint8_t stored = symmetry == 6 ? 8 : symmetry == 8 ? 6 : symmetry;
    const PixelPortrait turned = plain(oriented(picture, stored));
    for (std::uint8_t tried = 1; tried <= symmetry_count; ++tried) {
      CAPTURE(int{symmetry});
      CAPTURE(int{tried});
      const auto match = confirm(upright, turned, {.symmetry = tried});
      CHECK(match.has_value() == (tried == symmetry));
      if (match) CHECK(match->symmetry == symmetry);
      if (match) CHECK(match->whole);
    }
    const auto match =
        confirm_by_features(portrait_of(picture, true), portrait_of(oriented(picture, stored), true), symmetry);
    REQUIRE(match);
    CHECK(match->symmetry == symmetry);
    CHECK(std::abs(match->degrees) < 1);
  }
}

TEST_CASE("a part is confirmed by the view that it is near, and said to be a crop") {
  const Plane picture = shapes(8, 400, 400);
  for (std::size_t view = 2; view < Fingerprint::view_count; ++view) {
    const ViewRegion r = view_region(view);
    // Off the view's own grid by one part in fifty.
    const Region region = {static_cast<std::uint32_t>(r.x * 400 * 0.98), static_cast<std::uint32_t>(r.y * 400 * 0.98),
                           static_cast<std::uint32_t>(r.width * 400), static_cast<std::uint32_t>(r.height * 400)};
    CAPTURE(view_name(view));
    const auto match =
        confirm(plain(picture), plain(cut(picture, region)), {.first_view = static_cast<std::uint8_t>(view)});
    REQUIRE(match);
    CHECK(match->overlap > 0.97);
    CHECK(match->whole == (r.width * r.height > 0.93));
    const double longest = std::max(r.width, r.height);
    CHECK(match->scale == doctest::Approx(longest).epsilon(0.03));
  }
}

TEST_CASE("two pictures that share one half are not the same picture") {
  const Plane one = shapes(9, 400, 400);
  Plane collage = shapes(10, 400, 400);
  std::copy(one.samples.begin(), one.samples.begin() + 400 * 200, collage.samples.begin());
  CHECK_FALSE(confirm(plain(one), plain(collage), {}));
}

TEST_CASE("features confirm crops anywhere and turns by any angle, mirrored or not") {
  for (std::uint64_t seed = 11; seed <= 16; ++seed) {
    CAPTURE(seed);
    const Plane picture = shapes(seed, 400, 400);
    const PixelPortrait whole = portrait_of(picture, true);
    const auto crop = confirm_by_features(whole, portrait_of(cut(picture, {97, 13, 290, 285}), true));
    REQUIRE(crop);
    CHECK(crop->inliers >= 12);
    CHECK(crop->overlap > 0.95);
    CHECK_FALSE(crop->whole);
    CHECK(crop->scale == doctest::Approx(290.0 / 400).epsilon(0.03));
    for (const double degrees : {-25.0, 12.0, 40.0}) {
      CAPTURE(degrees);
      const Plane turned = spun(picture, degrees, 1, 400);
      const auto match = confirm_by_features(portrait_of(turned, true), whole);
      REQUIRE(match);
      CHECK(match->symmetry == 1);
      CHECK(match->degrees == doctest::Approx(degrees).epsilon(0.03));
      CHECK_FALSE(match->whole);
      const auto mirrored = confirm_by_features(whole, portrait_of(oriented(turned, 2), true), 2);
      REQUIRE(mirrored);
      CHECK(mirrored->symmetry == 2);
      CHECK_FALSE(confirm_by_features(whole, portrait_of(oriented(turned, 2), true), 1));
    }
  }
}

TEST_CASE("nothing to see is nothing to confirm") {
  const PixelPortrait none = plain(Plane{}), grey = plain(flat(200, 200, 128)), tiny = plain(shapes(1, 9, 9));
  const PixelPortrait soft = plain(changed(flat(256, 256, 0), [](int) { return 7; }));
  CHECK_FALSE(confirm(none, none, {}));
  CHECK_FALSE(confirm(grey, grey, {}));
  CHECK_FALSE(confirm(tiny, tiny, {}));
  CHECK_FALSE(confirm(grey, soft, {}));
  CHECK_FALSE(confirm_by_features(grey, grey));
}

TEST_CASE("real pictures: pale shirts on one cloth are told apart, photos of one moment are confirmed") {
  const char* data = std::getenv("VETSET_DATA");
  const std::string home = data == nullptr ? VETSET_SOURCE_DIR "/../shared/data" : data;
  if (!std::filesystem::exists(home + "/rice-pest") || !std::filesystem::exists(home + "/clothing")) {
    MESSAGE("skipped 1: VETSET_DATA");
    return;
  }
  std::map<std::string, PixelPortrait> rice, clothes;
  std::vector<Plane> thumbs;
  for (const char* set : {"rice-pest", "clothing"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home + "/" + set)) {
      if (entry.path().extension() != ".jpg") continue;
      const std::string path = entry.path().string(), stem = entry.path().filename().string();
      const bool is_rice = std::string_view(set) == "rice-pest";
      const bool wanted = !is_rice || stem.starts_with("rice_bug_97_dataset_04") || stem.starts_with("brown_031") ||
                          stem.starts_with("images_00") || stem.starts_with("images_020");
      if (!wanted) continue;
      std::ostringstream bytes;
      bytes << std::ifstream(path, std::ios::binary).rdbuf();
      const Decoded decoded = decode_image(bytes.str(), {.luma_only = true});
      REQUIRE(decoded.status == DecodeStatus::ok);
      (is_rice ? rice : clothes)
          .emplace(is_rice ? stem.substr(0, stem.find(".rf.") - 4) : path, portrait_of(luma_of(decoded.raster), false));
    }
  const std::vector<std::pair<std::string, std::string>> moments = {
      {"rice_bug_97_dataset_0432", "rice_bug_97_dataset_0407"},
      {"brown_0316", "brown_0315"},
      {"images_0033", "images_0032"},
      {"images_0026", "images_0027"},
      {"images_0016", "images_0015"},
      {"images_0205", "images_0204"}};
  for (const std::pair<std::string, std::string>& moment : moments) {
    CAPTURE(moment.first);
    REQUIRE(rice.contains(moment.first));
    REQUIRE(rice.contains(moment.second));
    CHECK(confirm(rice.at(moment.first), rice.at(moment.second), {}));
  }
  std::size_t alike = 0, confirmed = 0;
  for (auto a = clothes.begin(); a != clothes.end(); ++a)
    for (auto b = std::next(a); b != clothes.end(); ++b) {
      const auto small = [](const Plane& p) { return resampled(p, {0, 0, p.width, p.height}, 32, 32); };
      if (correlation(small(a->second.luma), small(b->second.luma)) < 0.9) continue;
      ++alike;
      if (confirm(a->second, b->second, {})) ++confirmed;
    }
  CHECK(alike >= 22);
  CHECK(confirmed == 0);
}

TEST_CASE("real pictures: one hand that shows two digits before one wall is two pictures, a blurred copy is one") {
  const char* data = std::getenv("VETSET_DATA");
  const std::string home =
      (data == nullptr ? VETSET_SOURCE_DIR "/../shared/data" : data) + std::string("/sign-digits/");
  if (!std::filesystem::exists(home)) {
    MESSAGE("skipped 1: VETSET_DATA");
    return;
  }
  const auto luma = [&](const std::string& name) {
    std::ostringstream bytes;
    bytes << std::ifstream(home + name, std::ios::binary).rdbuf();
    const Decoded decoded = decode_image(bytes.str(), {.luma_only = true});
    REQUIRE(decoded.status == DecodeStatus::ok);
    return luma_of(decoded.raster);
  };
  for (const auto& [first, second] :
       {std::pair("4/IMG_1173.JPG", "5/IMG_1174.JPG"), std::pair("6/IMG_4376.JPG", "7/IMG_4377.JPG"),
        std::pair("4/IMG_4237.JPG", "6/IMG_4239.JPG")}) {
    const std::string hand = first;
    CAPTURE(hand);
    const Plane one = luma(first), other = luma(second);
    CHECK_FALSE(confirm_by_features(portrait_of(one, true), portrait_of(other, true)));
    CHECK_FALSE(confirm(plain(one), plain(other), {}));
    CHECK(confirm(plain(one), plain(blurred(blurred(blurred(one, 2), 2), 2)), {}));
  }
}
