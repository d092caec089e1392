#include "vetset/base/tar_write.h"

#include <algorithm>
#include <array>

namespace vetset {
namespace {

constexpr std::size_t name_room = 100, prefix_room = 155;
constexpr std::uint64_t size_limit = std::uint64_t{1} << 33;  // eleven octal digits

void put(std::string& header, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 3) text[i] = static_cast<char>('0' + (value & 7));
  return text;
}

}  // namespace

Result<std::string> tar_header(std::string_view name, std::uint64_t size) {
  if (size >= size_limit) return Error{Code::unsupported, "is larger than 8 GiB", std::string(name)};
  std::string_view prefix, rest = name;
  if (name.size() > name_room) {
    // The last '/' that leaves both parts room.
    const std::size_t cut = name.rfind('/', std::min(prefix_room, name.size() - 1));
    if (cut != std::string_view::npos) prefix = name.substr(0, cut), rest = name.substr(cut + 1);
  }
  if (rest.empty() || rest.size() > name_room || prefix.size() > prefix_room)
    return Error{Code::unsupported, "has a name that is too long for a tar archive", std::string(name)};

  std::string header(tar_block, '\0');
  put(header, 0, rest);
  put(header, 100, "0000644");
  put(header, 108, "0000000");
  put(header, 116, "0000000");
  put(header, 124, octal(size, 11));
  put(header, 136, "00000000000");
  put(header, 148, "        ");
  put(header, 156, "0");
  put(header, 257, std::string_view("ustar\00000", 8));
  put(header, 345, prefix);
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(header, 148, octal(sum, 6));
  header[154] = '\0';
  header[155] = ' ';
  return header;
}

std::string tar_padding(std::uint64_t size) {
  return std::string(static_cast<std::size_t>((tar_block - size % tar_block) % tar_block), '\0');
}

std::string tar_end() { return std::string(2 * tar_block, '\0'); }

}  // namespace vetset
