// What was measured of one image: from its header, its bytes, later its pixels. Never part of a dataset's identity.
#pragma once

#include <cstdint>
#include <string>

#include "vetset/base/digest.h"

namespace vetset {

enum class ImageType : std::uint8_t { unknown, jpeg, png, gif, bmp, webp, tiff, avif, heic, jp2, pnm, ico, mpo };
std::string_view name(ImageType);

struct Facts {
  enum class Status : std::uint8_t {
    absent,      // no such file
    unreadable,  // the system refused
    not_image,   // bytes of no known image type
    broken,      // a header that makes no sense or ends early
    truncated,   // a whole header, but the end is missing
    ok,
  };
  Status status = Status::absent;
  ImageType type = ImageType::unknown;
  std::uint8_t orientation = 0;         // EXIF 1–8; 0: none stated
  std::uint32_t width = 0, height = 0;  // of the stored frame, before orientation
  std::uint8_t channels = 0, bits = 0;  // 0: the header does not say
  std::uint64_t bytes = 0;
  std::uint64_t trailing_bytes = 0;  // after the end of the image
  bool has_digest = false;
  Digest digest;            // SHA-256 of the file
  std::string reason = {};  // for status other than ok

  /// Width and height as a viewer shows it: swapped for orientations 5 to 8.
  std::uint32_t shown_width() const { return orientation >= 5 ? height : width; }
  std::uint32_t shown_height() const { return orientation >= 5 ? width : height; }
};

}  // namespace vetset
