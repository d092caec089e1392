// What image files tell beside their pixels, and files without it: by hand-made files, and by damaged ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "vetset/base/private_text.h"
#include "vetset/image/metadata.h"
#include "vetset/image/probe.h"

using namespace vetset;

namespace {

std::string segment(int marker, std::string_view payload) {
  const std::size_t size = payload.size() + 2;
  return std::string("\xff") + static_cast<char>(marker) + static_cast<char>(size >> 8U) + static_cast<char>(size) +
         std::string(payload);
}

/// A JPEG of 8 by 8 pixels as far as its segments go; what codes it is no picture.
std::string jpeg(std::string_view said) {
  const std::string frame("\x08\0\x08\0\x08\x01\x01\x11\0", 9), scan("\x01\x01\0\0\x3f\0", 6);
  return "\xff\xd8" + std::string(said) + segment(0xc0, frame) + segment(0xda, scan) +
         std::string("ab\xff\0c\xff\xd0z", 8) + "\xff\xd9";
}

/// EXIF with an orientation, an artist, and a directory of GPS that holds nothing.
std::string exif(char orientation) {
  std::string block("Exif\0\0II*\0\x08\0\0\0\x03\0", 16);
  block += std::string("\x12\x01\x03\0\x01\0\0\0", 8) + orientation + std::string(3, '\0');
  block +=
      std::string("\x3b\x01\x02\0\x0c\0\0\0\x32\0\0\0", 12) + std::string("\x25\x88\x04\0\x01\0\0\0\xff\xff\xff\0", 12);
  return block + std::string(4, '\0') + std::string("Ana Kestrel\0", 12);
}

bool tells(const std::vector<PrivateTrace>& traces, PrivateTrace::Kind kind, std::string_view value) {
  return std::any_of(traces.begin(), traces.end(),
                     [&](const PrivateTrace& t) { return t.kind == kind && t.value == value; });
}

}  // namespace

TEST_CASE("addresses and home folders are found, and what only looks like them is not") {
  const auto found =
      private_texts("mail ana@example.org, /home/ana/x, C:\\Users\\ben\\y, \"C:\\\\Users\\\\eve\\\\z\" /Users/dan.");
  REQUIRE(found.size() == 5);
  CHECK(found[0].text == "ana@example.org");
  CHECK(found[1].text == "/home/ana");
  CHECK(found[2].text == "C:\\Users\\ben");
  CHECK(found[3].text == "C:\\\\Users\\\\eve");
  CHECK(found[4].kind == PrivateText::Kind::user_path);
  CHECK(private_texts("logo@2x.png a@b @x.org /home/runner/w data/home/kitchen /Users/Shared x@y. ...@").empty());
}

TEST_CASE("an artist and a comment are told, go, and the orientation stays") {
  const std::string file = jpeg(segment(0xe1, exif(6)) + segment(0xfe, "by eve@example.org"));
  CHECK(tells(private_traces(file), PrivateTrace::Kind::person, "Ana Kestrel"));
  CHECK(tells(private_traces(file), PrivateTrace::Kind::address, "eve@example.org"));
  const auto bare = without_metadata(file);
  REQUIRE(bare);
  CHECK(bare->changed);
  CHECK(private_traces(bare->bytes).empty());
  CHECK(probe_header(bare->bytes).orientation == 6);
  const auto again = without_metadata(bare->bytes);
  REQUIRE(again);
  CHECK_FALSE(again->changed);
  CHECK(again->picture == bare->picture);
  const auto plain = without_metadata(jpeg({}));
  REQUIRE(plain);
  CHECK(plain->picture == bare->picture);
  CHECK_FALSE(plain->changed);
}

TEST_CASE("a colour profile is part of the picture, and bytes behind it are not") {
  const std::string profile = segment(0xe2, std::string("ICC_PROFILE\0\x01\x01p", 15));
  const auto bare = without_metadata(jpeg(profile) + "behind");
  REQUIRE(bare);
  CHECK(bare->bytes == jpeg(profile));
  CHECK(bare->picture != without_metadata(jpeg({}))->picture);
}

TEST_CASE("a WebP loses its metadata, and its header says so") {
  const auto chunk = [](std::string_view type, std::string_view payload) {
    return std::string(type) + static_cast<char>(payload.size()) + std::string(3, '\0') + std::string(payload) +
           std::string(payload.size() % 2, '\0');
  };
  const std::string body = chunk("VP8X", std::string("\x0c\0\0\0\x07\0\0\x07\0\0", 10)) + chunk("VP8 ", "pixel") +
                           chunk("EXIF", exif(1)) + chunk("XMP ", "<a:b>x</a:b>");
  const std::string file =
      "RIFF" + std::string(1, static_cast<char>(body.size() + 4)) + std::string(3, '\0') + "WEBP" + body;
  const auto bare = without_metadata(file);
  REQUIRE(bare);
  CHECK(bare->parts.size() == 2);
  CHECK(bare->bytes.find("Kestrel") == std::string::npos);
  CHECK((static_cast<unsigned char>(bare->bytes[20]) & 0x0cU) == 0);
  CHECK(static_cast<std::size_t>(bare->bytes[4]) + 8 == bare->bytes.size());
}

TEST_CASE("damaged files are read without harm, and never told to be whole") {
  const std::string file = jpeg(segment(0xe1, exif(6)) + segment(0xed, std::string("8BIM\x1c\x02\x50\0\x03"
                                                                                   "Ana",
                                                                                   12)));
  for (std::size_t size = 0; size < file.size(); ++size) {
    private_traces(std::string_view(file).substr(0, size));
    CHECK_FALSE(without_metadata(std::string_view(file).substr(0, size)));
  }
  for (std::size_t at = 0; at < file.size(); ++at)
    for (const int change : {1, 0x80, 0xff}) {
      std::string other = file;
      other[at] = static_cast<char>(other[at] ^ change);
      private_traces(other);
      if (const auto bare = without_metadata(other)) CHECK(bare->bytes.size() <= other.size());
    }
}
