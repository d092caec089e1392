#include "vetset/image/metadata_parts.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "vetset/image/exif.h"

namespace vetset {
namespace {

using Kind = ImagePart::Kind;

Error damaged(std::string what) { return {Code::malformed, std::move(what)}; }

/// What a segment of a JPEG is. ICC profiles and Adobe's colour transform change how pixels are shown.
ImagePart jpeg_segment(std::uint32_t marker, std::string_view bytes) {
  ImagePart part{.kind = Kind::picture, .name = "coded picture", .bytes = bytes, .payload = bytes.substr(4)};
  const std::string_view says = part.payload;
  const auto as = [&](Kind kind, std::string_view name) {
    part.kind = kind;
    part.name = name;
    return part;
  };
  if (marker == 0xfe) return as(Kind::text, "COM");
  if (marker < 0xe0 || marker > 0xef) return part;
  if (marker == 0xe0 && says.starts_with(std::string_view("JFIF\0", 5)) && says.size() == 14) return part;
  if (marker == 0xe0) return as(Kind::other, "APP0");
  if (marker == 0xe1 && says.starts_with(std::string_view("Exif\0", 5))) return as(Kind::exif, "APP1 EXIF");
  if (marker == 0xe1 && says.starts_with("http://ns.adobe.com/")) return as(Kind::xmp, "APP1 XMP");
  if (marker == 0xe2 && says.starts_with("ICC_PROFILE")) return part;
  if (marker == 0xed) return as(Kind::iptc, "APP13 IPTC");
  if (marker == 0xee && says.starts_with("Adobe")) return part;
  constexpr std::string_view names[] = {"APP0", "APP1", "APP2",  "APP3",  "APP4",  "APP5",  "APP6",  "APP7",
                                        "APP8", "APP9", "APP10", "APP11", "APP12", "APP13", "APP14", "APP15"};
  return as(Kind::other, names[marker - 0xe0]);
}

/// Where the coded bytes behind a scan's header end: at the next marker that is no restart.
std::size_t end_of_scan(std::string_view file, std::size_t at) {
  for (; (at = file.find('\xff', at)) != std::string_view::npos && at + 1 < file.size(); ++at) {
    const std::uint32_t next = byte_at(file, at + 1);
    if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return std::string_view::npos;
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<std::vector<ImagePart>> jpeg_parts(std::string_view file) {
  std::vector<ImagePart> parts{{Kind::picture, "coded picture", file.substr(0, 2), {}}};
  for (std::size_t at = 2;;) {
    if (at + 2 > file.size()) return damaged("is a JPEG that ends before its end-of-image marker");
    if (byte_at(file, at) != 0xff) return damaged("is a JPEG with bytes between its segments");
    const std::uint32_t marker = byte_at(file, at + 1);
    std::size_t end = at + 2;
    if (marker == 0xff) {  // a fill byte
      parts.push_back({Kind::picture, "coded picture", file.substr(at, 1), {}});
      ++at;
      continue;
    }
    if (marker == 0xd9) {
      parts.push_back({Kind::picture, "coded picture", file.substr(at, 2), {}});
      if (end < file.size()) parts.push_back({Kind::behind, "bytes behind the image", file.substr(end), {}});
      return parts;
    }
    if (at + 4 > file.size()) return damaged("is a JPEG that ends within a segment");
    end += big16(file, at + 2);
    if (big16(file, at + 2) < 2 || end > file.size()) return damaged("is a JPEG that ends within a segment");
    if (marker == 0xda) end = end_of_scan(file, end);
    if (end == std::string_view::npos) return damaged("is a JPEG that ends before its end-of-image marker");
    parts.push_back(jpeg_segment(marker, file.substr(at, end - at)));
    at = end;
  }
}

Result<std::vector<ImagePart>> png_parts(std::string_view file) {
  // Chunks of the specification and of APNG that say how pixels are shown; of others nobody knows what they tell.
  constexpr std::string_view shown[] = {"tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs",
                                        "hIST", "sPLT", "cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT"};
  std::vector<ImagePart> parts{{Kind::picture, "coded picture", file.substr(0, 8), {}}};
  for (std::size_t at = 8;;) {
    if (at + 12 > file.size()) return damaged("is a PNG that ends before its IEND chunk");
    const std::size_t length = big32(file, at);
    if (length > file.size() - at - 12) return damaged("is a PNG that ends within a chunk");
    const std::string_view type = file.substr(at + 4, 4), payload = file.substr(at + 8, length);
    ImagePart part{Kind::picture, type, file.substr(at, length + 12), payload};
    const bool needed = byte_at(type, 0) >= 'A' && byte_at(type, 0) <= 'Z';
    if (type == "eXIf")
      part.kind = Kind::exif;
    else if (type == "iTXt" && payload.starts_with("XML:com.adobe.xmp"))
      part.kind = Kind::xmp;
    else if (type == "tEXt" || type == "zTXt" || type == "iTXt")
      part.kind = Kind::text;
    else if (!needed && !is_one_of(type, shown))
      part.kind = Kind::other;
    parts.push_back(part);
    at += length + 12;
    if (type != "IEND") continue;
    if (at < file.size()) parts.push_back({Kind::behind, "bytes behind the image", file.substr(at), {}});
    return parts;
  }
}

Result<std::vector<ImagePart>> webp_parts(std::string_view file) {
  constexpr std::string_view shown[] = {"VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"};
  if (file.size() < 12) return damaged("is a WebP that ends within its header");
  const std::uint64_t whole = std::uint64_t{8} + little32(file, 4);
  if (whole > file.size()) return damaged("is a WebP that ends before its last chunk");
  std::vector<ImagePart> parts{{Kind::shell, "RIFF", file.substr(0, 12), {}}};
  for (std::size_t at = 12; at < whole;) {
    if (at + 8 > whole) return damaged("is a WebP that ends within a chunk");
    const std::size_t length = little32(file, at + 4), padded = length + length % 2;
    if (padded > whole - at - 8) return damaged("is a WebP that ends within a chunk");
    const std::string_view type = file.substr(at, 4);
    ImagePart part{Kind::other, type, file.substr(at, 8 + padded), file.substr(at + 8, length)};
    if (type == "VP8X" && length >= 10) part.kind = Kind::shell;
    if (is_one_of(type, shown)) part.kind = Kind::picture;
    if (type == "EXIF") part.kind = Kind::exif;
    if (type == "XMP ") part.kind = Kind::xmp;
    parts.push_back(part);
    at += 8 + padded;
  }
  if (whole < file.size())
    parts.push_back({Kind::behind, "bytes behind the image", file.substr(static_cast<std::size_t>(whole)), {}});
  return parts;
}

}  // namespace vetset
