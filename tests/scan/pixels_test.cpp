// The pass over the pixels: what it gives an image, what it costs, and that neither threads nor a store change it.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/base/temporary.h"
#include "tests/check/made.h"
#include "vetset/base/random.h"
#include "vetset/image/decode.h"
#include "vetset/image/encode.h"
#include "vetset/scan/scan.h"
#include "vetset/scan/store.h"

using namespace vetset;
using namespace vetset::test;

namespace {

/// A picture of soft blobs: something to recognise.
Raster picture(std::uint64_t seed, std::uint32_t width = 96, std::uint32_t height = 64, std::uint8_t channels = 3) {
  Random random(seed);
  Raster r{.width = width, .height = height, .channels = channels};
  r.samples.resize(std::size_t{width} * height * channels);
  std::array<std::array<std::uint32_t, 5>, 6> blobs{};
  for (auto& blob : blobs)
    blob = {random.below(width), random.below(height), random.between(8, 40), random.below(256), random.below(256)};
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      for (std::uint8_t c = 0; c < channels; ++c) {
        std::uint32_t value = 40U + 20U * c;
        for (const auto& [bx, by, radius, strength, colour] : blobs) {
          const std::uint32_t dx = x > bx ? x - bx : bx - x, dy = y > by ? y - by : by - y;
          if (dx * dx + dy * dy < radius * radius) value += (c == 1 ? strength : colour) / 3;
        }
        r.samples[(std::size_t{y} * width + x) * channels + c] = static_cast<std::uint8_t>(std::min(value, 255U));
      }
  return r;
}

std::string png(const Raster& raster) {
  auto bytes = encode_png(raster);
  REQUIRE(bytes);
  return *std::move(bytes);
}
std::string jpeg(const Raster& raster, int quality = 90) {
  auto bytes = encode_jpeg(raster, quality);
  REQUIRE(bytes);
  return *std::move(bytes);
}

/// A JPEG that says it is to be shown turned.
std::string turned_jpeg(const std::string& jpeg, char orientation) {
  const std::string exif =
      std::string("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 24) + orientation + std::string(3 + 4, '\0');
  return jpeg.substr(0, 2) + std::string("\xff\xe1\0", 3) + static_cast<char>(exif.size() + 2) + exif + jpeg.substr(2);
}

/// A tree that counts how often each file is read.
class CountingTree final : public Tree {
 public:
  explicit CountingTree(const Tree& inner) : inner_(inner) {
    for (const std::string_view path : inner.list()) paths_.push_back(path);
  }
  std::span<const TreeProblem> problems() const override { return inner_.problems(); }
  Result<std::uint64_t> size(std::string_view path) const override { return inner_.size(path); }
  Result<Bytes> read(std::string_view path, Range range) const override {
    ++reads;
    return inner_.read(path, range);
  }
  std::string_view name() const override { return inner_.name(); }
  std::string disk_path(std::string_view path) const override { return inner_.disk_path(path); }

  mutable std::atomic<unsigned> reads = 0;

 private:
  std::span<const std::string_view> paths() const override { return paths_; }
  const Tree& inner_;
  std::vector<std::string_view> paths_;
};

struct Pictures {
  Made m;
  MemoryTree tree;
  void add(std::string_view path, std::string_view bytes) {
    m.image(path);
    REQUIRE(tree.write(path, bytes));
  }
  Scan scanned(const PixelScanOptions& options = {}, unsigned threads = 2) {
    auto scan = scan_pixels(m.d, tree, Pool(threads), {}, options);
    REQUIRE(scan);
    return *std::move(scan);
  }
};

std::vector<std::string> bytes_of(const Scan& scan) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < scan.facts.size(); ++i) all.push_back(to_bytes({scan.facts[i], scan.pixels[i]}));
  return all;
}

}  // namespace

TEST_CASE("an image is measured as a viewer shows it") {
  Pictures p;
  const Raster drawn = picture(1);
  const std::string upright = jpeg(drawn);
  p.add("a.png", png(drawn));
  p.add("b.jpg", upright);
  p.add("c.jpg", turned_jpeg(upright, 6));
  p.add("d.png", png(oriented(decode_image(upright).raster, 6)));
  const Scan s = p.scanned();
  REQUIRE(s.pixels.size() == 4);
  for (const PixelFacts& pixels : s.pixels) CHECK(pixels.status == DecodeStatus::ok);
  CHECK(s.pixels[0].width == 96);
  CHECK(s.pixels[0].height == 64);
  CHECK(s.pixels[0].channels == 3);
  CHECK(s.pixels[2].width == 64);
  CHECK(s.pixels[2].height == 96);
  CHECK(s.facts[2].orientation == 6);
  CHECK(s.facts[2].width == 96);
  CHECK(s.pixels[2].pixels == s.pixels[3].pixels);
  CHECK(s.pixels[2].fingerprint.views == s.pixels[3].fingerprint.views);
  CHECK(s.pixels[1].pixels != s.pixels[2].pixels);
  CHECK(s.pixels[1].quality.jpeg_quality == 90);
  CHECK(s.pixels[1].quality.contrast > 5);
  CHECK(s.facts[1].digest == sha256(upright));
  CHECK(s.facts[1].has_digest);
}

TEST_CASE("pixels that are equal and lie otherwise are other pictures") {
  Pictures p;
  Raster wide{.width = 8, .height = 2, .channels = 3, .samples = std::vector<std::uint8_t>(48, 7)};
  Raster tall{.width = 2, .height = 8, .channels = 3, .samples = wide.samples};
  Raster grey{.width = 8, .height = 6, .channels = 1, .samples = wide.samples};
  p.add("wide.png", png(wide));
  p.add("tall.png", png(tall));
  p.add("grey.png", png(grey));
  const Scan s = p.scanned();
  CHECK(s.pixels[0].pixels != s.pixels[1].pixels);
  CHECK(s.pixels[0].pixels != s.pixels[2].pixels);
}

TEST_CASE("what cannot be decoded says why, and the scan goes on") {
  Pictures p;
  const std::string whole = jpeg(picture(2));
  p.add("a.jpg", std::string_view(whole).substr(0, whole.size() / 2));
  p.add("b.jpg", "this is text");
  p.add("c.jpg", "");
  p.m.image("nowhere.jpg");
  p.add("d.jpg", whole);
  p.m.image("without.jpg");
  p.m.d.images.back().media = {};
  const Scan s = p.scanned();
  CHECK(s.pixels[0].status == DecodeStatus::partial);
  CHECK(s.pixels[0].width == 96);
  CHECK(s.pixels[1].status == DecodeStatus::broken);
  CHECK(s.pixels[2].status == DecodeStatus::broken);
  CHECK(s.pixels[3].status == DecodeStatus::not_decoded);
  CHECK(s.facts[3].status == Facts::Status::absent);
  CHECK(s.pixels[4].status == DecodeStatus::ok);
  CHECK(s.pixels[5].status == DecodeStatus::not_decoded);
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U}) {
    CAPTURE(i);
    CHECK(!s.pixels[i].reason.empty());
  }
  CHECK(s.pixels[4].reason.empty());
  CHECK(s.read == 4);
}

TEST_CASE("each file is read once, and of equal files one is decoded") {
  Pictures p;
  for (std::uint64_t i = 0; i < 20; ++i) p.add(std::to_string(i) + ".png", png(picture(i)));
  p.add("copy.png", png(picture(3)));
  p.add("second copy.png", png(picture(3)));
  const CountingTree tree(p.tree);
  const auto s = scan_pixels(p.m.d, tree, Pool(2), {}, {});
  REQUIRE(s);
  CHECK(tree.reads == 22);
  CHECK(s->read == 22);
  CHECK(s->decoded == 20);
  CHECK(s->pixels[21].pixels == s->pixels[3].pixels);
  CHECK(s->facts[20].digest == s->facts[3].digest);
}

TEST_CASE("any number of threads gives the same facts") {
  Pictures p;
  for (std::uint64_t i = 0; i < 60; ++i)
    p.add(std::to_string(i),
          i % 3 == 0 ? jpeg(picture(i)) : png(picture(i, 40 + static_cast<std::uint32_t>(i), 50, 1)));
  const auto one = bytes_of(p.scanned({}, 1));
  CHECK(one == bytes_of(p.scanned({}, 2)));
  CHECK(one == bytes_of(p.scanned({}, 7)));
}

TEST_CASE("JPEGs that were rewritten without loss have the same coefficients, and others have not") {
  Pictures p;
  const std::string original = jpeg(picture(5)), other = jpeg(picture(6));
  const std::string commented = original.substr(0, 2) + std::string("\xff\xfe\0\x06note", 8) + original.substr(2);
  p.add("a.jpg", original);
  p.add("b.jpg", other);
  p.add("c.jpg", commented);
  const Scan s = p.scanned();
  REQUIRE(s.pixels[0].coefficients);
  CHECK(s.pixels[0].coefficients == s.pixels[2].coefficients);
  REQUIRE(s.pixels[1].coefficients);
  CHECK(s.pixels[0].coefficients != s.pixels[1].coefficients);
  CHECK(s.facts[0].digest != s.facts[2].digest);
}

TEST_CASE("a store saves work and changes nothing") {
  testing::TemporaryFolder folder;
  Made m;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const std::string name = std::to_string(i) + ".jpg";
    folder.write(name, jpeg(picture(i)));
    m.image(name);
  }
  folder.write("12.jpg", "no image");
  folder.write("copy.jpg", jpeg(picture(4)));
  m.image("12.jpg");
  m.image("copy.jpg");
  m.image("nowhere.jpg");
  const testing::TemporaryFolder cache;
  const auto scanned = [&](PixelScanOptions options, bool with_store = true) {
    const auto tree = open_folder(folder.path());
    REQUIRE(tree);
    FactsStore store(cache / "facts.sqlite", scan_recipe(options), false);
    options.store = with_store ? &store : nullptr;
    auto scan = scan_pixels(m.d, **tree, Pool(2), {}, options);
    REQUIRE(scan);
    CHECK(store.notes().empty());
    return *std::move(scan);
  };
  std::this_thread::sleep_for(std::chrono::milliseconds(120));  // until the files' times can tell of a change
  const Scan fresh = scanned({}, false), first = scanned({}), second = scanned({});
  CHECK(first.decoded == 13);
  CHECK(first.remembered == 0);
  CHECK(second.read == 0);
  CHECK(second.decoded == 0);
  CHECK(second.remembered == 14);
  CHECK(bytes_of(first) == bytes_of(fresh));
  CHECK(bytes_of(second) == bytes_of(fresh));

  SUBCASE("what changed is read again, and only that") {
    folder.write("3.jpg", jpeg(picture(99)));
    const Scan third = scanned({});
    CHECK(third.read == 1);
    CHECK(third.decoded == 1);
    CHECK(third.remembered == 13);
    CHECK(third.facts[3].digest == sha256(jpeg(picture(99))));
  }
  SUBCASE("what moved is read, and not decoded") {
    std::filesystem::rename(folder / "5.jpg", folder / "moved.jpg");
    std::filesystem::rename(folder / "moved.jpg", folder / "5.jpg");  // its times have changed
    const Scan third = scanned({});
    CHECK(third.decoded == 0);
    CHECK(third.remembered == 14);
    CHECK(bytes_of(third) == bytes_of(fresh));
  }
  SUBCASE("a rehash reads everything and decodes nothing") {
    const Scan third = scanned({.rehash = true});
    CHECK(third.read == 14);
    CHECK(third.decoded == 0);
    CHECK(bytes_of(third) == bytes_of(fresh));
  }
  SUBCASE("PDQ hashes that are asked for later are made, and not shown to those who do not ask") {
    const Scan with = scanned({.pdq = true});
    CHECK(with.decoded == 12);
    CHECK(with.pixels[0].pdq);
    CHECK(scanned({.pdq = true}).decoded == 0);
    CHECK(bytes_of(scanned({})) == bytes_of(fresh));
  }
}

TEST_CASE("members of an archive are remembered as files are") {
  // Made here: a tar of one picture, uncompressed.
  const std::string body = png(picture(8));
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  char octal[12];
  std::snprintf(octal, sizeof octal, "%011zo", body.size());
  put(0, "a.png");
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal);
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, "ustar");
  put(263, "00");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(octal, sizeof octal, "%06o", sum);
  put(148, std::string(octal) + '\0' + ' ');
  testing::TemporaryFolder folder;
  folder.write("set.tar", header + body + std::string((512 - body.size() % 512) % 512 + 1024, '\0'));
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  Made m;
  m.image("a.png");
  for (const std::uint64_t expected : {1U, 0U}) {
    const auto tree = open_tar(folder / "set.tar");
    REQUIRE(tree);
    FactsStore store(folder / "facts.sqlite", scan_recipe({}), false);
    const auto scan = scan_pixels(m.d, **tree, Pool(1), {}, {.store = &store});
    REQUIRE(scan);
    CHECK(scan->pixels[0].status == DecodeStatus::ok);
    CHECK(scan->read == expected);
    CHECK(scan->remembered == 1 - expected);
  }
}

TEST_CASE("a scan tells how far it is, and can be stopped") {
  Pictures p;
  for (std::uint64_t i = 0; i < 5; ++i) p.add(std::to_string(i), png(picture(i)));
  std::uint64_t last = 0;
  Progress progress;
  progress.report = [&](std::string_view, std::uint64_t done, std::uint64_t total) {
    CHECK(done >= last);
    CHECK(total == 5);
    last = done;
  };
  REQUIRE(scan_pixels(p.m.d, p.tree, Pool(2), progress, {}));
  CHECK(last == 5);
  const std::atomic<bool> stop = true;
  progress.stop = &stop;
  const auto stopped = scan_pixels(p.m.d, p.tree, Pool(2), progress, {});
  REQUIRE(!stopped);
  CHECK(stopped.error().code == Code::cancelled);
}
