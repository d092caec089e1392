// Headers of images, whole, cut and hostile. Pillow is asked the same of real files in tests/judges.
#include "vetset/image/probe.h"

#include <doctest/doctest.h>

#include <string>

using namespace vetset;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int v : values) text += static_cast<char>(v);
  return text;
}

const std::string frame = bytes({0xff, 0xc0, 0, 17, 8, 0, 30, 0, 40, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1});
const std::string scan = bytes({0xff, 0xda, 0, 2, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4});
const std::string end = bytes({0xff, 0xd9});

std::string segment(int marker, const std::string& body) {
  const std::size_t length = body.size() + 2;
  return bytes({0xff, marker, static_cast<int>(length >> 8), static_cast<int>(length & 255)}) + body;
}
std::string exif(int orientation, bool big) {
  const std::string head = std::string("Exif\0\0", 6);
  if (big)
    return head + std::string("MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0", 19) + static_cast<char>(orientation) +
           std::string(6, '\0');
  return head + std::string("II*\0\x08\0\0\0\1\0\x12\x01\3\0\1\0\0\0", 18) + static_cast<char>(orientation) +
         std::string(7, '\0');
}
std::string jpeg(const std::string& before = {}) { return bytes({0xff, 0xd8}) + before + frame + scan + end; }

Facts probe(std::string file) {
  const MemoryTree tree{{"a", std::move(file)}};
  return probe_image(tree, "a");
}

}  // namespace

TEST_CASE("a JPEG says its size and its orientation, in either byte order") {
  for (int orientation = 1; orientation <= 8; ++orientation)
    for (const bool big : {false, true}) {
      const Facts f = probe(jpeg(segment(0xe1, exif(orientation, big))));
      CHECK(f.status == Facts::Status::ok);
      CHECK(f.type == ImageType::jpeg);
      CHECK(f.orientation == orientation);
      CHECK(f.width == 40);
      CHECK(f.shown_width() == (orientation >= 5 ? 30 : 40));
    }
}

TEST_CASE("a frame header beyond large segments is found") {
  const Facts f = probe(jpeg(segment(0xe1, exif(6, true)) + segment(0xe2, std::string(65000, 'x')) +
                             segment(0xe2, std::string(65000, 'y'))));
  CHECK(f.status == Facts::Status::ok);
  CHECK(f.height == 30);
  CHECK(f.orientation == 6);
}

TEST_CASE("the end of a JPEG is looked for where it is not last") {
  CHECK(probe(jpeg() + "after").trailing_bytes == 5);
  CHECK(probe(jpeg() + std::string(9000, '\0')).trailing_bytes == 9000);
  const std::string whole = jpeg();
  CHECK(probe(whole.substr(0, whole.size() - 2)).status == Facts::Status::truncated);
  // An end inside a thumbnail is not the picture's.
  const std::string thumbnail = jpeg(segment(0xe1, jpeg()));
  CHECK(probe(thumbnail.substr(0, thumbnail.size() - 2)).status == Facts::Status::truncated);
}

TEST_CASE("a header may be asked for more bytes, and says how many") {
  std::uint64_t needs = 0;
  const Facts f = probe_header(jpeg(segment(0xe0, std::string(5000, 'x'))).substr(0, 100), &needs);
  CHECK(f.status == Facts::Status::broken);
  CHECK(needs > 5000);
}

TEST_CASE("PNG, GIF, BMP, WebP, TIFF and PNM say their size") {
  const std::string png(
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\x2c\0\0\0\x14\x08\6\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82", 45);
  CHECK(probe(png).width == 300);
  CHECK(probe(png).channels == 4);
  CHECK(probe(png.substr(0, 41)).status == Facts::Status::truncated);
  CHECK(probe(std::string("GIF89a\x05\0\x06\0\0\0\0;", 14)).height == 6);
  const std::string bmp = std::string("BM\x1e\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0\x07\0\0\0\xf7\xff\xff\xff\1\0\x18\0", 30);
  CHECK(probe(bmp).height == 9);  // rows go down: a negative height
  CHECK(probe(bmp).status == Facts::Status::ok);
  const std::string webp = std::string("RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x63\xc0\x0a\0\0\0\0\0\0", 31);
  CHECK(probe(webp).width == 100);
  CHECK(probe(webp).height == 44);
  const std::string tiff =
      std::string("II*\0\x08\0\0\0\2\0\0\1\3\0\1\0\0\0\x50\0\0\0\1\1\3\0\1\0\0\0\x3c\0\0\0\0\0\0\0", 38);
  CHECK(probe(tiff).width == 80);
  CHECK(probe(tiff).height == 60);
  CHECK(probe("P6 # a comment\n3 2\n255\n" + std::string(18, 'x')).width == 3);
  CHECK(probe("P6 3 2 255\n" + std::string(17, 'x')).status == Facts::Status::truncated);
}

TEST_CASE("what is no image is said to be none") {
  CHECK(probe("").status == Facts::Status::not_image);
  CHECK(probe("this is a text, not a picture").status == Facts::Status::not_image);
  const MemoryTree empty;
  CHECK(probe_image(empty, "a").status == Facts::Status::absent);
}

TEST_CASE("no cut and no changed byte of a header leads astray") {
  for (const std::string& whole : {jpeg(segment(0xe1, exif(6, false))), jpeg(segment(0xe1, exif(3, true)))})
    for (std::size_t i = 0; i < whole.size(); ++i) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(~damaged[i]);
      probe(damaged);
      CHECK(probe(whole.substr(0, i)).status != Facts::Status::ok);
    }
}
