// CUDA code inside a library: containers one after the other, each with entries for several architectures.
#include <algorithm>
#include <cstring>

#include "vetset/runtime/elf_file.h"

namespace vetset {
namespace {

constexpr std::uint32_t container_mark = 0xBA55ED50U;
constexpr std::uint16_t kind_ptx = 1, kind_native = 2;

template <class T>
T number_at(std::string_view bytes, std::size_t at) {
  T value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void add(std::vector<GpuCode>& out, std::uint32_t arch, bool ptx) {
  for (GpuCode& one : out)
    if (one.arch == arch && one.ptx == ptx) {
      ++one.count;
      return;
    }
  if (out.size() < 256) out.push_back({arch, ptx, 1});
}

/// Entries of one container: kind, size of the entry's header at 4, of what follows at 8, architecture at 28.
bool read_entries(std::string_view bytes, std::vector<GpuCode>& out) {
  while (bytes.size() >= 64) {
    const auto kind = number_at<std::uint16_t>(bytes, 0);
    const std::uint64_t head = number_at<std::uint32_t>(bytes, 4), body = number_at<std::uint64_t>(bytes, 8);
    const auto arch = number_at<std::uint32_t>(bytes, 28);
    if (head < 64 || head > bytes.size() || body > bytes.size() - head) return false;
    if ((kind == kind_ptx || kind == kind_native) && arch < 1000) add(out, arch, kind == kind_ptx);
    bytes.remove_prefix(static_cast<std::size_t>(head + body));
  }
  return true;
}

}  // namespace

bool read_fatbin(std::string_view section, std::vector<GpuCode>& out) {
  while (section.size() >= 16) {
    if (number_at<std::uint32_t>(section, 0) != container_mark) {
      // Between containers there is padding only.
      if (number_at<std::uint64_t>(section, 0) != 0) return false;
      section.remove_prefix(8);
      continue;
    }
    const std::uint64_t head = number_at<std::uint16_t>(section, 6), body = number_at<std::uint64_t>(section, 8);
    if (head < 16 || head > section.size() || body > section.size() - head) return false;
    if (!read_entries(section.substr(static_cast<std::size_t>(head), static_cast<std::size_t>(body)), out))
      return false;
    const std::uint64_t whole = head + body;
    section.remove_prefix(
        static_cast<std::size_t>(std::min<std::uint64_t>((whole + 7) & ~std::uint64_t{7}, section.size())));
  }
  return true;
}

bool runs_on(const std::vector<GpuCode>& code, std::uint32_t arch) {
  return std::any_of(code.begin(), code.end(), [&](const GpuCode& c) {
    return c.ptx ? c.arch <= arch : c.arch / 10 == arch / 10 && c.arch <= arch;
  });
}

std::string to_string(const std::vector<GpuCode>& code) {
  std::string text;
  for (const GpuCode& c : code)
    text += (text.empty() ? "" : ", ") + std::string(c.ptx ? "PTX of sm_" : "sm_") + std::to_string(c.arch);
  return text;
}

}  // namespace vetset
