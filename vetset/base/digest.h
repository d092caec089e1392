// SHA-256 (FIPS 180-4), and the Merkle tree of RFC 6962 over it. The one file that calls OpenSSL's hashes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset {

/// 32 bytes. Ordered by its bytes.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Digest&) const = default;
  std::string hex() const;  // 64 lowercase digits
  std::string text() const { return "sha256:" + hex(); }
};

/// Reads 64 lowercase hexadecimal digits, with or without "sha256:".
Result<Digest> parse_digest(std::string_view text);

Digest sha256(std::string_view bytes);

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void add(std::string_view bytes);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Root of the tree of RFC 6962 §2.1 over leaves given in order: leaf = H(0x00 ‖ row), node = H(0x01 ‖ left ‖ right),
/// empty tree = H(""). Holds one digest per level.
class MerkleTree {
 public:
  void add(std::string_view row);
  void add_leaf(const Digest& leaf);
  static Digest leaf(std::string_view row);
  std::uint64_t size() const { return size_; }
  Digest root() const;

 private:
  std::array<Digest, 64> levels_{};  // levels_[k] is used where bit k of size_ is set
  std::uint64_t size_ = 0;
};

}  // namespace vetset
