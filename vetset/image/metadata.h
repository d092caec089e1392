// What an image file says beside its pixels: what of that tells of people and places, and the file without it. Nothing
// is decoded, and no coded pixel is touched.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/result.h"
#include "vetset/dataset/facts.h"

namespace vetset {

struct PrivateTrace {
  enum class Kind : std::uint8_t { place, device, person, thumbnail, address, user_path, unread };
  Kind kind{};
  std::string where;  // "EXIF GPSLatitude"
  std::string value;  // as it stands there
};
std::string_view name(PrivateTrace::Kind kind);

/// What a file's metadata tell: EXIF of every type that has it, XMP, IPTC and comments of JPEG, PNG and WebP. A place
/// comes as one trace, whatever the number of fields that state it.
std::vector<PrivateTrace> private_traces(std::string_view file);

/// A file taken apart: what codes its pixels and how they are shown, and all else.
struct Undressed {
  std::string bytes;               // the file without metadata; with an orientation, where it had one
  std::vector<std::string> parts;  // that went: "APP1 EXIF, 4182 bytes"
  Digest picture;                  // of what codes the pixels and their colours, byte for byte
  bool changed = false;
};
/// JPEG, PNG or WebP. Another type, and a file that is damaged, is an error that says so.
Result<Undressed> without_metadata(std::string_view file);

}  // namespace vetset
