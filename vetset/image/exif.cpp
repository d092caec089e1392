#include "vetset/image/exif.h"

namespace vetset {
namespace {

constexpr std::uint32_t type_byte = 1, type_text = 2, type_short = 3, type_long = 4, type_fraction = 5, type_opaque = 7,
                        type_signed_fraction = 10, type_long8 = 16;

/// Bytes of a value; 0 for types that are not read here.
std::uint64_t size_of_type(std::uint32_t type) {
  switch (type) {
    case type_byte:
    case type_opaque:
    case type_text: return 1;
    case type_short: return 2;
    case type_long: return 4;
    case type_fraction:
    case type_signed_fraction:
    case type_long8: return 8;
    default: return 0;
  }
}

}  // namespace

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
  open(wide_ ? u64(8) : u32(4));
}

void TiffDirectory::open(std::uint64_t offset) {
  entries_ = 0;
  valid_ = false;
  const std::uint64_t count_size = wide_ ? 8 : 2;
  if (offset < 8 || offset > (std::uint64_t{1} << 40)) return;
  if (offset + count_size > bytes_.size()) {
    needs_ = offset + count_size + 12 * 64;
    return;
  }
  const auto at = static_cast<std::size_t>(offset);
  const std::uint64_t count = wide_ ? u64(at) : u16(at);
  if (count == 0 || count > 4096) return;
  begin_ = at + static_cast<std::size_t>(count_size);
  const std::uint64_t end = begin_ + count * (wide_ ? 20 : 12);
  if (end > bytes_.size()) {
    needs_ = end;
    return;
  }
  entries_ = static_cast<std::size_t>(count);
  valid_ = true;
}

TiffDirectory TiffDirectory::below(std::uint16_t tag) const {
  TiffDirectory inner = *this;
  inner.open(value(tag).value_or(0));
  return inner;
}

TiffDirectory TiffDirectory::next() const {
  TiffDirectory following = *this;
  const std::size_t link = begin_ + entries_ * (wide_ ? 20 : 12);
  const bool known = valid_ && link + (wide_ ? 8 : 4) <= bytes_.size();
  following.open(!known ? 0 : wide_ ? u64(link) : u32(link));
  return following;
}

std::uint64_t TiffDirectory::u64(std::size_t at) const {
  const std::uint64_t first = u32(at), second = u32(at + 4);
  return big_ ? first << 32 | second : second << 32 | first;
}

std::optional<TiffDirectory::Field> TiffDirectory::field(std::uint16_t tag) const {
  for (std::size_t i = 0; i < entries_; ++i) {
    const std::size_t entry = begin_ + i * (wide_ ? 20 : 12);
    if (u16(entry) != tag) continue;
    Field found{.type = u16(entry + 2), .count = wide_ ? u64(entry + 4) : u32(entry + 4)};
    found.at = entry + (wide_ ? 12 : 8);
    const std::uint64_t room = wide_ ? 8 : 4;
    const std::uint64_t size = size_of_type(found.type);
    if (size == 0 || found.count == 0) return std::nullopt;
    if (found.count > room / size) {  // too long for the field, which then holds an offset
      const std::uint64_t offset = wide_ ? u64(found.at) : u32(found.at);
      if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
      found.at = static_cast<std::size_t>(offset);
      const std::uint64_t there = (bytes_.size() - offset) / size;
      if (found.count > there) found.count = there;
    }
    return found;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> TiffDirectory::value(std::uint16_t tag) const {
  const std::optional<Field> found = field(tag);
  if (!found) return std::nullopt;
  switch (found->type) {
    case type_byte: return byte_at(bytes_, found->at);
    case type_short: return u16(found->at);
    case type_long: return u32(found->at);
    case type_long8: break;
    default: return std::nullopt;
  }
  const std::uint64_t whole = u64(found->at);
  if (whole > 0xffffffffU) return std::nullopt;
  return static_cast<std::uint32_t>(whole);
}

std::optional<TiffDirectory::Place> TiffDirectory::place(std::uint16_t tag) const {
  const std::optional<Field> found = field(tag);
  if (!found) return std::nullopt;
  return Place{found->at, static_cast<std::size_t>(found->count * size_of_type(found->type)), big_};
}

std::string_view TiffDirectory::text(std::uint16_t tag) const {
  const std::optional<Field> found = field(tag);
  if (!found || found->type != type_text) return {};
  std::string_view text = bytes_.substr(found->at, static_cast<std::size_t>(found->count));
  text = text.substr(0, text.find('\0'));
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string_view TiffDirectory::raw(std::uint16_t tag) const {
  const std::optional<Field> found = field(tag);
  if (!found || (found->type != type_byte && found->type != type_text && found->type != type_opaque)) return {};
  return bytes_.substr(found->at, static_cast<std::size_t>(found->count));
}

std::optional<double> TiffDirectory::fraction(std::uint16_t tag, std::uint32_t n) const {
  const std::optional<Field> found = field(tag);
  if (!found || n >= found->count) return std::nullopt;
  if (found->type != type_fraction && found->type != type_signed_fraction) return std::nullopt;
  const std::size_t at = found->at + std::size_t{n} * 8;
  const std::uint32_t above = u32(at), under = u32(at + 4);
  if (under == 0) return std::nullopt;
  if (found->type == type_fraction) return static_cast<double>(above) / static_cast<double>(under);
  return static_cast<double>(static_cast<std::int32_t>(above)) / static_cast<double>(static_cast<std::int32_t>(under));
}

std::string_view exif_structure(std::string_view block) {
  if (block.substr(0, 4) == "Exif") block.remove_prefix(block.size() < 6 ? block.size() : 6);
  return block;
}

std::uint8_t exif_orientation(std::string_view block) {
  const std::uint32_t stated = TiffDirectory(exif_structure(block)).value(274).value_or(0);
  return stated >= 1 && stated <= 8 ? static_cast<std::uint8_t>(stated) : std::uint8_t{0};
}

}  // namespace vetset
