// What EXIF and TIFF directories say of an image, from bytes that may be hostile. For files of this room only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vetset/dataset/pixel_facts.h"

namespace vetset {

// Unsigned numbers at an offset that the caller has checked.
constexpr std::uint32_t byte_at(std::string_view b, std::size_t at) { return static_cast<unsigned char>(b[at]); }
constexpr std::uint32_t big16(std::string_view b, std::size_t at) { return byte_at(b, at) << 8 | byte_at(b, at + 1); }
constexpr std::uint32_t big32(std::string_view b, std::size_t at) { return big16(b, at) << 16 | big16(b, at + 2); }
constexpr std::uint32_t little16(std::string_view b, std::size_t at) {
  return byte_at(b, at) | byte_at(b, at + 1) << 8;
}
constexpr std::uint32_t little32(std::string_view b, std::size_t at) {
  return little16(b, at) | little16(b, at + 2) << 16;
}

/// One directory of a TIFF structure: a .tif file, or what EXIF and MPF segments hold.
class TiffDirectory {
 public:
  /// The first directory. `bytes` may be the beginning only; `needs` then says how many bytes it reaches to.
  explicit TiffDirectory(std::string_view bytes);
  /// The directory that a tag points to (EXIF, GPS); not valid where there is none.
  TiffDirectory below(std::uint16_t tag) const;

  /// The directory behind this one (of a thumbnail, in EXIF); not valid where there is none.
  TiffDirectory next() const;

  bool valid() const { return valid_; }           // a byte order mark, a version, and a whole directory
  std::uint64_t needs() const { return needs_; }  // more than was given: read that much and try again
  /// The first value of a tag that holds whole numbers in place; nothing where it is absent or lies elsewhere.
  std::optional<std::uint32_t> value(std::uint16_t tag) const;
  /// Where in the bytes a tag's values lie.
  struct Place {
    std::size_t at = 0, size = 0;
    bool big_endian = false;
  };
  std::optional<Place> place(std::uint16_t tag) const;
  /// The text of a tag up to its first NUL, without blanks around it; empty where it is absent or no text.
  std::string_view text(std::uint16_t tag) const;
  /// The bytes of a tag that holds bytes, text, or what only its maker knows; empty where it is absent.
  std::string_view raw(std::uint16_t tag) const;
  /// Value `n` of a tag that holds fractions; nothing where it is absent or divides by zero.
  std::optional<double> fraction(std::uint16_t tag, std::uint32_t n) const;

 private:
  /// Where the values of a tag lie, all of them inside the bytes.
  struct Field {
    std::uint32_t type = 0;
    std::uint64_t count = 0;  // values that are there; of more than fit in the bytes none are
    std::size_t at = 0;
  };
  std::optional<Field> field(std::uint16_t tag) const;
  void open(std::uint64_t offset);
  std::uint32_t u16(std::size_t at) const { return big_ ? big16(bytes_, at) : little16(bytes_, at); }
  std::uint32_t u32(std::size_t at) const { return big_ ? big32(bytes_, at) : little32(bytes_, at); }
  std::uint64_t u64(std::size_t at) const;

  std::string_view bytes_;
  std::uint64_t needs_ = 0;
  std::size_t entries_ = 0, begin_ = 0;  // the directory's entries
  bool big_ = false, wide_ = false, valid_ = false;
};

/// The TIFF structure of an EXIF block, with or without "Exif\0\0" before it.
std::string_view exif_structure(std::string_view block);
/// The orientation (1–8) of an EXIF block; 0 where it states none.
std::uint8_t exif_orientation(std::string_view block);
/// When, where and with what a picture was taken, by an EXIF block. Days that no calendar has and places that no globe
/// has are left out and named in `dropped`.
Capture exif_capture(std::string_view block);

}  // namespace vetset
