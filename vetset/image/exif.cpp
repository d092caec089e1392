#include "vetset/image/exif.h"

namespace vetset {

TiffDirectory::TiffDirectory(std::string_view bytes) : bytes_(bytes) {
  if (bytes.size() < 16) {
    needs_ = 16;
    return;
  }
  big_ = bytes.substr(0, 2) == "MM";
  if (!big_ && bytes.substr(0, 2) != "II") return;
  const std::uint32_t version = u16(2);
  if (version != 42 && version != 43) return;
  wide_ = version == 43;
  const std::uint64_t offset = wide_ ? u64(8) : u32(4);
  const std::uint64_t count_size = wide_ ? 8 : 2;
  if (offset < 8 || offset > (std::uint64_t{1} << 40)) return;
  if (offset + count_size > bytes.size()) {
    needs_ = offset + count_size + 12 * 64;
    return;
  }
  const auto at = static_cast<std::size_t>(offset);
  const std::uint64_t count = wide_ ? u64(at) : u16(at);
  if (count == 0 || count > 4096) return;
  begin_ = at + static_cast<std::size_t>(count_size);
  const std::uint64_t end = begin_ + count * (wide_ ? 20 : 12);
  if (end > bytes.size()) {
    needs_ = end;
    return;
  }
  entries_ = static_cast<std::size_t>(count);
  valid_ = true;
}

std::uint64_t TiffDirectory::u64(std::size_t at) const {
  const std::uint64_t first = u32(at), second = u32(at + 4);
  return big_ ? first << 32 | second : second << 32 | first;
}

std::optional<std::uint32_t> TiffDirectory::value(std::uint16_t tag) const {
  constexpr std::uint32_t type_byte = 1, type_short = 3, type_long = 4, type_long8 = 16;
  for (std::size_t i = 0; i < entries_; ++i) {
    const std::size_t entry = begin_ + i * (wide_ ? 20 : 12);
    if (u16(entry) != tag) continue;
    const std::uint32_t type = u16(entry + 2);
    const std::uint64_t count = wide_ ? u64(entry + 4) : u32(entry + 4);
    const std::size_t field = entry + (wide_ ? 12 : 8);
    const std::uint64_t room = wide_ ? 8 : 4;
    const std::uint64_t size = type == type_byte    ? 1
                               : type == type_short ? 2
                               : type == type_long  ? 4
                               : type == type_long8 ? 8
                                                    : 0;
    if (size == 0 || count == 0) return std::nullopt;
    std::size_t at = field;
    if (count > room / size) {  // too long for the field, which then holds an offset
      const std::uint64_t offset = wide_ ? u64(field) : u32(field);
      if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
      at = static_cast<std::size_t>(offset);
    }
    if (type == type_byte) return byte_at(bytes_, at);
    if (type == type_short) return u16(at);
    if (type == type_long) return u32(at);
    const std::uint64_t whole = u64(at);
    if (whole > 0xffffffffU) return std::nullopt;
    return static_cast<std::uint32_t>(whole);
  }
  return std::nullopt;
}

std::uint8_t exif_orientation(std::string_view block) {
  if (block.substr(0, 4) == "Exif") block.remove_prefix(block.size() < 6 ? block.size() : 6);
  const std::uint32_t stated = TiffDirectory(block).value(274).value_or(0);
  return stated >= 1 && stated <= 8 ? static_cast<std::uint8_t>(stated) : std::uint8_t{0};
}

}  // namespace vetset
