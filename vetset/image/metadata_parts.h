// How a JPEG, PNG or WebP is taken apart. For files of this room only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/image/metadata.h"

namespace vetset {

/// One piece of a file, in its order; all pieces one after another are the file.
struct ImagePart {
  enum class Kind : std::uint8_t { picture, shell, exif, xmp, iptc, text, other, behind };
  Kind kind{};               // picture: codes pixels and colours; shell: headers that hold sizes; behind: after the end
  std::string_view name;     // "APP1 EXIF"
  std::string_view bytes;    // all of the piece
  std::string_view payload;  // what it says, without its header
};
/// By what the file is; an error for other types.
Result<std::vector<ImagePart>> image_parts(std::string_view file);
/// The checksum of a PNG's chunk, after its data were changed.
void mend_png_crc(std::string& chunk);
Result<std::vector<ImagePart>> jpeg_parts(std::string_view file);
Result<std::vector<ImagePart>> png_parts(std::string_view file);
Result<std::vector<ImagePart>> webp_parts(std::string_view file);

/// Traces of one block each; appended.
void exif_traces(std::string_view block, std::uint32_t width, std::uint32_t height, std::vector<PrivateTrace>& traces);
void xmp_traces(std::string_view packet, std::vector<PrivateTrace>& traces);
void iptc_traces(std::string_view block, std::vector<PrivateTrace>& traces);
/// E-mail addresses and user names in text that is kept as `where`.
void text_traces(std::string_view where, std::string_view text, std::vector<PrivateTrace>& traces);

}  // namespace vetset
