// JPEG, PNG, GIF, BMP, ICO and PNM headers.
#include "vetset/image/headers.h"

#include <algorithm>

#include "vetset/image/exif.h"

namespace vetset {

void Header::want(std::uint64_t size, std::string_view what) {
  needs = size;
  broken("ends before " + std::string(what));
}

void Header::broken(std::string what) {
  facts.status = Facts::Status::broken;
  facts.reason = std::move(what);
}

void Header::size(std::uint32_t width, std::uint32_t height) {
  facts.width = width;
  facts.height = height;
  facts.status = Facts::Status::ok;
  facts.reason.clear();
  needs = 0;
  if (width == 0 || height == 0) broken("states a size of " + std::to_string(width) + "x" + std::to_string(height));
}

namespace {

constexpr std::uint8_t u8(std::uint32_t value) { return static_cast<std::uint8_t>(value); }

bool stands_alone(std::uint32_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8); }
bool starts_frame(std::uint32_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

}  // namespace

void read_jpeg_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::jpeg;
  std::size_t at = 2;
  for (;;) {
    while (at < b.size() && byte_at(b, at) != 0xff) ++at;  // stray bytes between segments: libjpeg skips them too
    while (at < b.size() && byte_at(b, at) == 0xff) ++at;
    if (at >= b.size()) return h.want(at + 4096, "the frame header");
    const std::uint32_t marker = byte_at(b, at++);
    if (marker == 0 || stands_alone(marker)) continue;
    if (marker == 0xd9) return h.broken("reaches its end without a frame header");
    if (marker == 0xda) return h.broken("begins its scan without a frame header");
    if (at + 2 > b.size()) return h.want(at + 4096, "the frame header");
    const std::size_t length = big16(b, at);
    if (length < 2) return h.broken("has a segment of " + std::to_string(length) + " bytes, expected at least 2");
    if (starts_frame(marker)) {
      if (at + 8 > b.size()) return h.want(at + 8, "the frame header");
      h.facts.bits = u8(byte_at(b, at + 2));
      h.facts.channels = u8(byte_at(b, at + 7));
      return h.size(big16(b, at + 5), big16(b, at + 3));
    }
    const bool told = marker == 0xe1 || marker == 0xe2;  // EXIF; the index of a file with several pictures
    if (told && at + length > b.size()) return h.want(at + length + 1024, "the frame header");
    if (told) {
      const std::string_view segment = b.substr(at + 2, length - 2);
      if (marker == 0xe1 && h.facts.orientation == 0 && segment.substr(0, 6) == std::string_view("Exif\0\0", 6)) {
        h.facts.orientation = exif_orientation(segment);
        if (h.exif.empty()) h.exif = segment;
      }
      if (marker == 0xe2 && segment.substr(0, 4) == std::string_view("MPF\0", 4) &&
          TiffDirectory(segment.substr(4)).value(0xb001).value_or(0) > 1)
        h.facts.type = ImageType::mpo;
    }
    at += length;
    if (at >= b.size()) return h.want(at + 1024, "the frame header");
  }
}

std::uint64_t jpeg_end(std::string_view b) {
  std::size_t at = 2;
  while (at + 1 < b.size()) {
    const std::size_t found = b.find('\xff', at);
    if (found == std::string_view::npos || found + 1 >= b.size()) return 0;
    at = found + 1;
    const std::uint32_t marker = byte_at(b, at);
    if (marker == 0xff) continue;  // fill byte: the next one may be the marker
    ++at;
    if (marker == 0xd9) return at;
    if (marker == 0 || stands_alone(marker)) continue;  // entropy-coded bytes
    if (at + 2 > b.size()) return 0;
    at += std::max<std::size_t>(big16(b, at), 2);
  }
  return 0;
}

void read_png_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::png;
  if (b.size() < 33) return h.want(33, "the IHDR chunk");
  if (b.substr(12, 4) != "IHDR" || big32(b, 8) != 13) return h.broken("begins with a chunk that is not IHDR");
  constexpr std::uint8_t channels_of[] = {1, 0, 3, 1, 2, 0, 4};
  const std::uint32_t colour = byte_at(b, 25);
  h.facts.bits = u8(byte_at(b, 24));
  if (colour < std::size(channels_of)) h.facts.channels = channels_of[colour];
  std::size_t at = 33;
  while (h.facts.orientation == 0) {  // EXIF comes before the pixels, where it comes
    if (at + 8 > b.size()) return h.want(at + 4096, "the pixels");
    const std::size_t length = big32(b, at);
    const std::string_view type = b.substr(at + 4, 4);
    if (type == "IDAT" || type == "IEND" || length > 0x7fffffffU) break;
    if (type == "eXIf") {
      if (at + 8 + length > b.size()) return h.want(at + 8 + length, "the end of its EXIF chunk");
      h.exif = b.substr(at + 8, length);
      h.facts.orientation = exif_orientation(h.exif);
    }
    at += 12 + length;
  }
  h.size(big32(b, 16), big32(b, 20));
}

std::uint64_t png_end(std::string_view b) {
  std::size_t at = 8;
  while (at + 12 <= b.size()) {
    const std::size_t length = big32(b, at);
    if (b.substr(at + 4, 4) == "IEND") return at + 12 + length <= b.size() ? at + 12 + length : 0;
    at += 12 + length;
  }
  return 0;
}

void read_gif_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::gif;
  if (b.size() < 13) return h.want(13, "the screen descriptor");
  h.facts.channels = 1;
  h.facts.bits = 8;
  h.size(little16(b, 6), little16(b, 8));
}

void read_bmp_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::bmp;
  if (b.size() < 30) return h.want(30, "the end of its header");
  h.length = little32(b, 2);
  const std::uint32_t header = little32(b, 14);
  if (header == 12) {  // the first form, of OS/2
    h.facts.bits = u8(little16(b, 24));
    return h.size(little16(b, 18), little16(b, 20));
  }
  if (header < 16 || header > 4096)
    return h.broken("has an information header of " + std::to_string(header) + " bytes");
  const auto height = static_cast<std::int32_t>(little32(b, 22));  // negative: the rows go down
  h.facts.bits = u8(little16(b, 28));
  h.facts.channels = h.facts.bits == 32 ? 4 : h.facts.bits >= 16 ? 3 : 1;
  const std::uint32_t width = little32(b, 18);
  if (width > 0x7fffffffU) return h.broken("states a negative width");
  h.size(width, height < 0 ? 0U - static_cast<std::uint32_t>(height) : static_cast<std::uint32_t>(height));
}

void read_ico_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::ico;
  if (b.size() < 6) return h.want(6, "its directory");
  const std::size_t count = little16(b, 4);
  if (b.size() < 6 + 16 * count) return h.want(6 + 16 * count, "its directory");
  std::uint32_t width = 0, height = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t w = byte_at(b, 6 + 16 * i), t = byte_at(b, 7 + 16 * i);
    width = std::max(width, w == 0 ? 256 : w);
    height = std::max(height, t == 0 ? 256 : t);
  }
  h.size(width, height);
}

void read_pnm_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::pnm;
  const char form = b[1];
  std::size_t at = 2;
  std::uint32_t numbers[3] = {0, 0, 1};
  const std::size_t wanted = form == '1' || form == '4' ? 2 : 3;
  for (std::size_t i = 0; i < wanted; ++i) {
    for (; at < b.size(); ++at) {
      if (b[at] == '#')
        while (at < b.size() && b[at] != '\n') ++at;
      if (at < b.size() && b[at] >= '0' && b[at] <= '9') break;
      if (at < b.size() && b[at] != ' ' && (b[at] < '\t' || b[at] > '\r'))
        return h.broken("has a word where its size belongs");
    }
    std::uint64_t value = 0;
    for (; at < b.size() && b[at] >= '0' && b[at] <= '9'; ++at) {
      value = value * 10 + static_cast<std::uint64_t>(b[at] - '0');
      if (value > 0x7fffffffU) return h.broken("states a size beyond 2147483647");
    }
    if (at >= b.size()) return h.want(at + 1024, "the end of its header");
    numbers[i] = static_cast<std::uint32_t>(value);
  }
  h.facts.channels = form == '3' || form == '6' ? 3 : 1;
  h.facts.bits = wanted == 2 ? 1 : numbers[2] > 255 ? 16 : 8;
  const std::uint64_t row = form == '4' ? (std::uint64_t{numbers[0]} + 7) / 8
                                        : std::uint64_t{numbers[0]} * h.facts.channels * (h.facts.bits == 16 ? 2 : 1);
  if (form >= '4') h.length = at + 1 + row * numbers[1];
  h.size(numbers[0], numbers[1]);
}

}  // namespace vetset
