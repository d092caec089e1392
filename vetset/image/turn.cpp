#include "vetset/image/turn.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "vetset/image/decode.h"
#include "vetset/image/encode.h"
#include "vetset/image/exif.h"
#include "vetset/image/metadata_parts.h"
#include "vetset/image/probe.h"
#include "vetset/image/turn_jpeg.h"

namespace vetset {
namespace {

using Kind = ImagePart::Kind;

Error cannot(std::string why) { return Error{Code::unsupported, std::move(why)}; }

/// The parts of a JPEG that is one picture, and nothing behind it.
Result<std::vector<ImagePart>> single_jpeg(std::string_view file) {
  if (probe_header(file).type != ImageType::jpeg) return cannot("is no JPEG of one picture");
  VETSET_TRY(std::vector<ImagePart> parts, jpeg_parts(file));
  if (std::any_of(parts.begin(), parts.end(), [](const ImagePart& p) { return p.kind == Kind::behind; }))
    return cannot("has bytes behind its end");
  return parts;
}

bool has_profile(const std::vector<ImagePart>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const ImagePart& p) {
    return p.payload.starts_with("ICC_PROFILE") || p.name == "iCCP" || p.name.find("ICC") != std::string_view::npos;
  });
}

}  // namespace

Result<std::string> without_orientation(std::string_view file) {
  const ImageType type = probe_header(file).type;
  VETSET_TRY(const std::vector<ImagePart> parts, image_parts(file));
  std::string made;
  made.reserve(file.size());
  for (const ImagePart& part : parts) {
    std::string bytes(part.bytes);
    const std::string_view structure = exif_structure(part.payload);
    const TiffDirectory directory(structure);
    if (part.kind == Kind::exif && exif_orientation(part.payload) > 1)
      if (const std::optional<TiffDirectory::Place> place = directory.place(274)) {
        const std::size_t at = static_cast<std::size_t>(structure.data() - part.bytes.data()) + place->at;
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), place->size, '\0');
        bytes[place->big_endian ? at + place->size - 1 : at] = 1;
        if (type == ImageType::png) mend_png_crc(bytes);
      }
    made += bytes;
  }
  if (made.size() != file.size()) return cannot("cannot be taken apart without loss");
  if (probe_header(made).orientation > 1) return cannot("states its orientation in a way that is not changed here");
  return made;
}

Result<std::string> turned_without_loss(std::string_view file) {
  VETSET_DO(single_jpeg(file));
  const std::uint8_t orientation = probe_header(file).orientation;
  if (orientation < 2) return cannot("states no orientation");
  VETSET_TRY(const std::string turned, turn_jpeg(file, orientation));
  const std::uint8_t back = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
  VETSET_TRY(const std::string again, turn_jpeg(turned, back));
  const Decoded was = decode_image(file, {.coefficients = true}), is = decode_image(again, {.coefficients = true});
  if (!was.has_coefficients || !is.has_coefficients || was.coefficients != is.coefficients)
    return cannot("has not the same coefficients when it is turned and turned back");
  return without_orientation(turned);
}

Result<std::string> turned_anew(std::string_view file) {
  const Facts facts = probe_header(file);
  VETSET_TRY(const std::vector<ImagePart> parts, facts.type == ImageType::jpeg ? single_jpeg(file) : image_parts(file));
  if (facts.type != ImageType::jpeg && facts.type != ImageType::png) return cannot("is no JPEG or PNG");
  if (has_profile(parts)) return cannot("has a colour profile, which coding it again would lose");
  Decoded picture = decode_image(file);
  if (picture.status != DecodeStatus::ok) return cannot("cannot be decoded: " + picture.reason);
  if (picture.frames > 1) return cannot("has several frames");
  const Raster raster = oriented(std::move(picture.raster), facts.orientation);
  constexpr std::uint8_t least_quality = 90;
  return facts.type == ImageType::png ? encode_png(raster)
                                      : encode_jpeg(raster, std::max(picture.jpeg_quality, least_quality));
}

}  // namespace vetset
