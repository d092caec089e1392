// XXH3-128: a fast digest that tells samples apart; not cryptographic. Two images of one hash are compared before
// anyone says that they are equal. The one file that calls xxHash.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace vetset {

struct Hash128 {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const Hash128&) const = default;
  std::string hex() const;  // 32 lowercase digits: xxHash's canonical form
  std::string text() const { return "xxh3:" + hex(); }
};

Hash128 hash128(std::string_view bytes);

/// The same of bytes that come in pieces.
class Hasher128 {
 public:
  Hasher128();
  ~Hasher128();
  Hasher128(Hasher128&&) noexcept;
  Hasher128& operator=(Hasher128&&) noexcept;
  void add(std::string_view bytes);
  Hash128 finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vetset
