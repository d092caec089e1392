// Headers of images that are kept in containers: WebP (RIFF), TIFF, AVIF and HEIC (ISO boxes), JPEG 2000.
#include <algorithm>
#include <optional>

#include "vetset/image/exif.h"
#include "vetset/image/headers.h"

namespace vetset {
namespace {

constexpr std::uint8_t u8(std::uint32_t value) { return static_cast<std::uint8_t>(value); }

std::uint32_t little24(std::string_view b, std::size_t at) { return little16(b, at) | byte_at(b, at + 2) << 16; }

/// One ISO box: its type and what lies in it, cut off at the end of `bytes`.
struct IsoBox {
  std::string_view type, body;
  std::uint64_t end = 0;  // from the beginning of the bytes it was read from; may lie beyond them
};
std::optional<IsoBox> read_box(std::string_view b, std::uint64_t at) {
  if (at > b.size() || b.size() - at < 8) return std::nullopt;
  const auto begin = static_cast<std::size_t>(at);
  std::uint64_t size = big32(b, begin);
  std::size_t header = 8;
  if (size == 1) {
    if (b.size() - begin < 16) return std::nullopt;
    size = std::uint64_t{big32(b, begin + 8)} << 32 | big32(b, begin + 12);
    header = 16;
  }
  if (size == 0) size = b.size() - begin;
  if (size < header || size > (std::uint64_t{1} << 48)) return std::nullopt;
  const std::uint64_t end = at + size;
  const std::size_t body_end = static_cast<std::size_t>(std::min<std::uint64_t>(end, b.size()));
  const std::size_t body_begin = std::min(begin + header, body_end);
  return IsoBox{b.substr(begin + 4, 4), b.substr(body_begin, body_end - body_begin), end};
}

/// A big-endian number of 0 to 8 bytes at `at`, which moves behind it; nothing where the bytes end before.
std::optional<std::uint64_t> read_number(std::string_view b, std::size_t& at, std::size_t size) {
  if (at > b.size() || b.size() - at < size) return std::nullopt;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = number << 8 | byte_at(b, at + i);
  at += size;
  return number;
}

/// The number of the item of type "Exif" in an item information box.
std::optional<std::uint64_t> exif_item(std::string_view iinf) {
  if (iinf.size() < 8) return std::nullopt;
  std::uint64_t at = byte_at(iinf, 0) == 0 ? 6 : 8;
  while (const std::optional<IsoBox> entry = read_box(iinf, at)) {
    at = entry->end;
    if (entry->type != "infe" || entry->body.size() < 12) continue;
    const std::uint32_t version = byte_at(entry->body, 0);
    const std::size_t wide = version == 3 ? 2 : 0;
    if (version < 2 || entry->body.size() < 12 + wide || entry->body.substr(8 + wide, 4) != "Exif") continue;
    return wide != 0 ? big32(entry->body, 4) : big16(entry->body, 4);
  }
  return std::nullopt;
}

struct Extent {
  std::uint64_t offset = 0, size = 0;
};
/// Where the one extent of an item lies in the file; nothing where it has several, or lies elsewhere.
std::optional<Extent> extent_of(std::string_view iloc, std::uint64_t item) {
  if (iloc.size() < 8) return std::nullopt;
  const std::uint32_t version = byte_at(iloc, 0);
  if (version > 2) return std::nullopt;
  const std::size_t offset_size = byte_at(iloc, 4) >> 4, length_size = byte_at(iloc, 4) & 15U,
                    base_size = byte_at(iloc, 5) >> 4, index_size = version == 0 ? 0 : byte_at(iloc, 5) & 15U;
  if (offset_size > 8 || length_size > 8 || base_size > 8 || index_size > 8) return std::nullopt;
  const std::size_t id_size = version == 2 ? 4 : 2;
  std::size_t at = 6;
  const auto count = read_number(iloc, at, id_size);
  for (std::uint64_t i = 0; count && i < *count; ++i) {
    const auto id = read_number(iloc, at, id_size);
    const auto construction = read_number(iloc, at, version == 0 ? 0 : 2);
    const auto source = read_number(iloc, at, 2);
    const auto base = read_number(iloc, at, base_size);
    const auto extents = read_number(iloc, at, 2);
    if (!id || !construction || !source || !base || !extents) return std::nullopt;
    if (*extents > 1 && index_size + offset_size + length_size == 0) return std::nullopt;  // nothing to tell them apart
    Extent extent;
    for (std::uint64_t e = 0; e < *extents; ++e) {
      const auto index = read_number(iloc, at, index_size);
      const auto offset = read_number(iloc, at, offset_size), size = read_number(iloc, at, length_size);
      if (!index || !offset || !size) return std::nullopt;
      extent = {*base + *offset, *size};
    }
    if (*id != item) continue;
    if (*extents != 1 || *construction != 0 || *source != 0) return std::nullopt;
    return extent;
  }
  return std::nullopt;
}

/// The EXIF block of an AVIF or HEIC file, whose bytes may lie anywhere in it; empty where they are not given.
std::string_view exif_of_items(std::string_view file, std::string_view iinf, std::string_view iloc) {
  const std::optional<std::uint64_t> item = exif_item(iinf);
  const std::optional<Extent> extent = item ? extent_of(iloc, *item) : std::nullopt;
  if (!extent || extent->offset > file.size() || file.size() - extent->offset < extent->size || extent->size < 4)
    return {};
  const std::string_view block =
      file.substr(static_cast<std::size_t>(extent->offset), static_cast<std::size_t>(extent->size));
  const std::size_t skip = big32(block, 0);  // to the TIFF structure, from behind this number
  return skip < block.size() - 4 ? block.substr(4 + skip) : std::string_view();
}

}  // namespace

void read_webp_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::webp;
  if (b.size() < 30) return h.want(30, "the end of its header");
  h.length = std::uint64_t{little32(b, 4)} + 8;
  const std::string_view first = b.substr(12, 4);
  h.facts.bits = 8;
  if (first == "VP8 ") {
    if (b.substr(23, 3) != "\x9d\x01\x2a") return h.broken("has no start code in its VP8 frame");
    h.facts.channels = 3;
    return h.size(little16(b, 26) & 0x3fffU, little16(b, 28) & 0x3fffU);
  }
  if (first == "VP8L") {
    if (byte_at(b, 20) != 0x2f) return h.broken("has no signature in its VP8L frame");
    const std::uint32_t packed = little32(b, 21);
    h.facts.channels = (packed >> 28 & 1U) != 0 ? 4 : 3;
    return h.size((packed & 0x3fffU) + 1, (packed >> 14 & 0x3fffU) + 1);
  }
  if (first != "VP8X") return h.broken("begins with neither VP8, VP8L nor VP8X");
  const std::uint32_t flags = byte_at(b, 20);
  h.facts.channels = (flags & 0x10U) != 0 ? 4 : 3;
  std::uint64_t at = 12;
  while ((flags & 0x08U) != 0 && at + 8 <= h.length) {  // EXIF stands after the pixels
    if (at + 8 > b.size()) return h.want(at + 4096, "its EXIF chunk");
    const auto begin = static_cast<std::size_t>(at);
    const std::uint64_t length = little32(b, begin + 4);
    if (b.substr(begin, 4) == "EXIF") {
      if (at + 8 + length > b.size()) return h.want(at + 8 + length, "the end of its EXIF chunk");
      h.exif = b.substr(begin + 8, static_cast<std::size_t>(length));
      h.facts.orientation = exif_orientation(h.exif);
      break;
    }
    at += 8 + length + (length & 1U);
  }
  h.size(little24(b, 24) + 1, little24(b, 27) + 1);
}

void read_tiff_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::tiff;
  h.exif = b;
  const TiffDirectory directory(b);
  if (directory.needs() > 0) return h.want(directory.needs(), "its first directory");
  if (!directory.valid()) return h.broken("has no first directory");
  const std::uint32_t orientation = directory.value(274).value_or(0);
  if (orientation >= 1 && orientation <= 8) h.facts.orientation = u8(orientation);
  h.facts.bits = u8(std::min<std::uint32_t>(directory.value(258).value_or(1), 255));
  h.facts.channels = u8(std::min<std::uint32_t>(directory.value(277).value_or(1), 255));
  h.size(directory.value(256).value_or(0), directory.value(257).value_or(0));
}

void read_heif_header(std::string_view b, Header& h) {
  const std::string_view brand = b.substr(8, 4);
  h.facts.type = brand == "avif" || brand == "avis" ? ImageType::avif : ImageType::heic;
  std::uint64_t at = 0;
  for (;;) {
    const std::optional<IsoBox> box = read_box(b, at);
    if (!box) return at + 16 > b.size() ? h.want(at + 4096, "the meta box") : h.broken("has a box of no size");
    if (box->type == "meta") {
      if (box->end > b.size()) return h.want(box->end, "the end of the meta box");
      std::uint64_t inner = 4;  // after version and flags
      std::uint32_t width = 0, height = 0;
      std::string_view iinf, iloc;
      while (const std::optional<IsoBox> child = read_box(box->body, inner)) {
        inner = child->end;
        if (child->type == "iinf") iinf = child->body;
        if (child->type == "iloc") iloc = child->body;
        if (child->type != "iprp") continue;
        const std::optional<IsoBox> properties = read_box(child->body, 0);
        if (!properties || properties->type != "ipco") continue;
        std::uint64_t place = 0;
        while (const std::optional<IsoBox> p = read_box(properties->body, place)) {
          place = p->end;
          if (p->type == "ispe" && p->body.size() >= 12) {  // the picture is larger than its tiles and thumbnails
            const std::uint32_t w = big32(p->body, 4), t = big32(p->body, 8);
            if (std::uint64_t{w} * t > std::uint64_t{width} * height) width = w, height = t;
          }
          if (p->type == "irot" && !p->body.empty() && h.facts.orientation == 0) {
            constexpr std::uint8_t exif_of_quarter_turns[] = {1, 8, 3, 6};  // counted against the clock
            h.facts.orientation = exif_of_quarter_turns[byte_at(p->body, 0) & 3U];
          }
        }
      }
      h.exif = exif_of_items(b, iinf, iloc);
      if (width == 0) return h.broken("has no size among its properties");
      return h.size(width, height);
    }
    at = box->end;
  }
}

void read_jp2_header(std::string_view b, Header& h) {
  h.facts.type = ImageType::jp2;
  if (b.substr(0, 4) == "\xff\x4f\xff\x51") {  // a bare codestream
    if (b.size() < 42) return h.want(42, "the size marker");
    const std::uint32_t right = big32(b, 8), bottom = big32(b, 12), left = big32(b, 16), top = big32(b, 20);
    h.facts.channels = u8(std::min<std::uint32_t>(big16(b, 40), 255));
    return h.size(right > left ? right - left : 0, bottom > top ? bottom - top : 0);
  }
  std::uint64_t at = 0;
  for (;;) {
    const std::optional<IsoBox> box = read_box(b, at);
    if (!box) return at + 16 > b.size() ? h.want(at + 4096, "the header box") : h.broken("has a box of no size");
    if (box->type == "jp2h") {
      const std::optional<IsoBox> image = read_box(box->body, 0);
      if (!image || image->body.size() < 12) return h.want(std::min(box->end, at + 64), "the image header box");
      if (image->type != "ihdr") return h.broken("has a header box that does not begin with ihdr");
      h.facts.channels = u8(std::min<std::uint32_t>(big16(image->body, 8), 255));
      h.facts.bits = u8((byte_at(image->body, 10) & 0x7fU) + 1);
      return h.size(big32(image->body, 4), big32(image->body, 0));
    }
    at = box->end;
  }
}

}  // namespace vetset
