#include "vetset/image/metadata.h"

#include "vetset/image/exif.h"
#include "vetset/image/headers.h"
#include "vetset/image/metadata_parts.h"
#include "vetset/image/probe.h"

namespace vetset {
namespace {

using Kind = ImagePart::Kind;

/// An EXIF block that says nothing but an orientation.
std::string orientation_alone(std::uint8_t orientation) {
  std::string block("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18);
  block += static_cast<char>(orientation);
  return block + std::string(7, '\0');
}

void append_big(std::string& out, std::uint32_t number, unsigned bytes) {
  while (bytes-- > 0) out += static_cast<char>(number >> (8 * bytes) & 255U);
}
void append_little(std::string& out, std::uint32_t number) {
  for (unsigned k = 0; k < 4; ++k) out += static_cast<char>(number >> (8 * k) & 255U);
}

/// CRC-32 of PNG.
std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = (crc >> 1U) ^ (0xedb88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

/// The piece of a file that holds an orientation and nothing else, in the place of its EXIF.
std::string orientation_piece(ImageType type, std::uint8_t orientation) {
  std::string block = orientation_alone(orientation), piece;
  if (type == ImageType::png) {
    append_big(piece, static_cast<std::uint32_t>(block.size()), 4);
    const std::string chunk = "eXIf" + block;
    piece += chunk;
    append_big(piece, crc_of(chunk), 4);
  } else if (type == ImageType::webp) {
    piece = "EXIF";
    append_little(piece, static_cast<std::uint32_t>(block.size()));
    piece += block;  // of an even length
  } else {
    block.insert(0, std::string_view("Exif\0\0", 6));
    piece = "\xff\xe1";
    append_big(piece, static_cast<std::uint32_t>(block.size() + 2), 2);
    piece += block;
  }
  return piece;
}

/// Sizes and flags of a WebP as they are without what went.
void mend_webp(std::string& bytes, bool with_exif) {
  std::string size;
  append_little(size, static_cast<std::uint32_t>(bytes.size() - 8));
  bytes.replace(4, 4, size);
  if (bytes.compare(12, 4, "VP8X") != 0) return;
  constexpr unsigned exif = 0x08, xmp = 0x04;
  unsigned flags = static_cast<unsigned char>(bytes[20]) & ~(exif | xmp);
  if (with_exif) flags |= exif;
  bytes[20] = static_cast<char>(flags);
}

}  // namespace

Result<std::vector<ImagePart>> image_parts(std::string_view file) {
  switch (probe_header(file).type) {
    case ImageType::jpeg:
    case ImageType::mpo: return jpeg_parts(file);
    case ImageType::png: return png_parts(file);
    case ImageType::webp: return webp_parts(file);
    default: break;
  }
  return Error{Code::unsupported, "is no JPEG, PNG or WebP: it cannot be taken apart here"};
}

void mend_png_crc(std::string& chunk) {
  constexpr std::size_t length = 4, sum = 4;
  std::string crc;
  append_big(crc, crc_of(std::string_view(chunk).substr(length, chunk.size() - length - sum)), sum);
  chunk.replace(chunk.size() - sum, sum, crc);
}

std::vector<PrivateTrace> private_traces(std::string_view file) {
  std::vector<PrivateTrace> traces;
  const Facts facts = probe_header(file);
  const auto parts = image_parts(file);
  if (!parts) {
    Header header;
    if (facts.type == ImageType::avif || facts.type == ImageType::heic) read_heif_header(file, header);
    if (facts.type == ImageType::tiff) header.exif = file;
    if (facts.type == ImageType::jpeg || facts.type == ImageType::mpo) read_jpeg_header(file, header);
    if (!header.exif.empty()) exif_traces(header.exif, facts.width, facts.height, traces);
    return traces;
  }
  for (const ImagePart& part : *parts) {
    const std::string where(part.name);
    switch (part.kind) {
      case Kind::picture:
      case Kind::shell: break;
      case Kind::exif: exif_traces(part.payload, facts.width, facts.height, traces); break;
      case Kind::xmp: xmp_traces(part.payload, traces); break;
      case Kind::iptc: iptc_traces(part.payload, traces); break;
      case Kind::text:
        if (part.payload.starts_with(std::string_view("Author\0", 7)))
          traces.push_back({PrivateTrace::Kind::person, where + " Author", std::string(part.payload.substr(7, 120))});
        if (part.name == "zTXt" || part.payload.starts_with("Raw profile"))
          traces.push_back({PrivateTrace::Kind::unread,
                            where + " " + std::string(part.payload.substr(0, part.payload.find('\0'))),
                            std::to_string(part.payload.size()) + " bytes that are not read here"});
        text_traces(where, part.payload, traces);
        break;
      case Kind::other: text_traces(where, part.payload, traces); break;
      case Kind::behind:
        traces.push_back(
            {PrivateTrace::Kind::unread, where, std::to_string(part.bytes.size()) + " bytes that no viewer shows"});
        text_traces(where, part.bytes, traces);
        break;
    }
  }
  return traces;
}

Result<Undressed> without_metadata(std::string_view file) {
  VETSET_TRY(const std::vector<ImagePart> parts, image_parts(file));
  const Facts facts = probe_header(file);
  Undressed result;
  Sha256 picture;
  bool oriented = false;
  for (const ImagePart& part : parts) {
    if (part.kind == Kind::picture) picture.add(part.bytes);
    if (part.kind == Kind::picture || part.kind == Kind::shell) {
      result.bytes += part.bytes;
      continue;
    }
    if (part.kind == Kind::exif && !oriented && exif_orientation(part.payload) > 1) {
      oriented = true;
      const std::string piece = orientation_piece(facts.type, exif_orientation(part.payload));
      result.bytes += piece;
      if (piece == part.bytes) continue;  // it said nothing else
    }
    result.parts.push_back(std::string(part.name) + ", " + std::to_string(part.bytes.size()) + " bytes");
  }
  if (facts.type == ImageType::webp) mend_webp(result.bytes, oriented);
  result.picture = picture.finish();
  result.changed = result.bytes != file;
  return result;
}

}  // namespace vetset
