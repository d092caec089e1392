// One function per image type: what the header says. For files of this room only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vetset/dataset/facts.h"

namespace vetset {

/// A header being read: the facts so far, and how many bytes of the file it takes to know more.
struct Header {
  Facts facts;
  std::uint64_t needs = 0;   // 0: enough was given
  std::uint64_t length = 0;  // of the whole file, where the header says so
  std::string_view exif;     // the first EXIF block, within the bytes given

  /// The bytes given end before `size`; `what` is what lies there.
  void want(std::uint64_t size, std::string_view what);
  void broken(std::string what);
  void size(std::uint32_t width, std::uint32_t height);
};

void read_jpeg_header(std::string_view bytes, Header& h);
void read_png_header(std::string_view bytes, Header& h);
void read_gif_header(std::string_view bytes, Header& h);
void read_bmp_header(std::string_view bytes, Header& h);
void read_ico_header(std::string_view bytes, Header& h);
void read_pnm_header(std::string_view bytes, Header& h);
void read_webp_header(std::string_view bytes, Header& h);
void read_tiff_header(std::string_view bytes, Header& h);
void read_heif_header(std::string_view bytes, Header& h);
void read_jp2_header(std::string_view bytes, Header& h);

/// Where a JPEG ends: the offset after its EOI marker, 0 where there is none.
std::uint64_t jpeg_end(std::string_view bytes);
/// Where a PNG ends: the offset after its IEND chunk, 0 where there is none.
std::uint64_t png_end(std::string_view bytes);

}  // namespace vetset
