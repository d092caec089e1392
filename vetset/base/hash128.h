// XXH3-128: a fast digest that tells samples apart; not cryptographic. Two images of one hash are compared before
// anyone says that they are equal. The one file that calls xxHash.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vetset {

struct Hash128 {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const Hash128&) const = default;
  std::string hex() const;  // 32 lowercase digits: xxHash's canonical form
  std::string text() const { return "xxh3:" + hex(); }
};

Hash128 hash128(std::string_view bytes);

/// How a kind of processor goes over many bytes; all with the same outcome.
struct Hash128Kernel {
  std::string_view name;
  void (*update)(void* state, const void* bytes, std::size_t size);
};
/// What this processor can run, the fastest first; never empty.
const std::vector<Hash128Kernel>& hash128_kernels();

/// The same of bytes that come in pieces.
class Hasher128 {
 public:
  Hasher128();
  explicit Hasher128(const Hash128Kernel& kernel);
  ~Hasher128();
  Hasher128(Hasher128&&) noexcept;
  Hasher128& operator=(Hasher128&&) noexcept;
  void add(std::string_view bytes);
  Hash128 finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  decltype(Hash128Kernel::update) update_;
};

}  // namespace vetset
