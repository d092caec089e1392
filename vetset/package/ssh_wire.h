// The encoding of SSH (RFC 4251 §5) as far as keys, signatures and revocation lists need it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vetset {

/// Takes values off the front of bytes; once one is not there, none is.
class SshReader {
 public:
  explicit SshReader(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  bool done() const { return !failed_ && rest_.empty(); }
  std::string_view take(std::size_t size) {
    if (failed_ || rest_.size() < size) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (const char byte : take(4)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  std::string_view text() { return take(number()); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

inline void add_ssh_number(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}
inline void add_ssh_text(std::string& out, std::string_view text) {
  add_ssh_number(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

}  // namespace vetset
