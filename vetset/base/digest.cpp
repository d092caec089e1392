// The deprecated SHA256_* calls are used on purpose: they need no context on the heap, and a row is often so small that
// the EVP interface would cost four times the hash.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "vetset/base/digest.h"

#include <openssl/sha.h>

#include <bit>

namespace vetset {
namespace {

constexpr unsigned char leaf_mark = 0x00;
constexpr unsigned char node_mark = 0x01;

Digest finished(SHA256_CTX& context) {
  Digest digest;
  SHA256_Final(digest.bytes.data(), &context);
  return digest;
}

Digest node(const Digest& left, const Digest& right) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, &node_mark, 1);
  SHA256_Update(&context, left.bytes.data(), left.bytes.size());
  SHA256_Update(&context, right.bytes.data(), right.bytes.size());
  return finished(context);
}

/// The value of a lowercase hexadecimal digit, or -1.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string Digest::hex() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

Result<Digest> parse_digest(std::string_view text) {
  const std::string_view digits = text.starts_with("sha256:") ? text.substr(7) : text;
  Digest digest;
  if (digits.size() != 2 * digest.bytes.size())
    return Error{Code::malformed,
                 "a digest of " + std::to_string(digits.size()) + " digits, expected 64 lowercase hexadecimal ones"};
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const int high = hex_value(digits[2 * i]);
    const int low = hex_value(digits[2 * i + 1]);
    if (high < 0 || low < 0)
      return Error{Code::malformed, "a digest with something else than lowercase hexadecimal digits near place " +
                                        std::to_string(2 * i + 1)};
    digest.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

Digest sha256(std::string_view bytes) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  return finished(context);
}

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(std::string_view bytes) { SHA256_Update(&state_->context, bytes.data(), bytes.size()); }

Digest Sha256::finish() {
  const Digest digest = finished(state_->context);
  SHA256_Init(&state_->context);
  return digest;
}

Digest MerkleTree::leaf(std::string_view row) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, &leaf_mark, 1);
  SHA256_Update(&context, row.data(), row.size());
  return finished(context);
}

void MerkleTree::add(std::string_view row) { add_leaf(leaf(row)); }

// Adding a leaf is counting in binary: two full subtrees of one height become one of the next.
void MerkleTree::add_leaf(const Digest& leaf) {
  Digest carried = leaf;
  std::size_t level = 0;
  for (; (size_ >> level & 1) != 0; ++level) carried = node(levels_[level], carried);
  levels_[level] = carried;
  ++size_;
}

Digest MerkleTree::root() const {
  if (size_ == 0) return sha256({});
  auto level = static_cast<std::size_t>(std::countr_zero(size_));
  Digest root = levels_[level];
  for (++level; level < levels_.size(); ++level)
    if ((size_ >> level & 1) != 0) root = node(levels_[level], root);
  return root;
}

}  // namespace vetset
