#include "vetset/base/hash128.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace vetset {
namespace {

Hash128 hash128_from(const XXH128_hash_t& hash) { return {.high = hash.high64, .low = hash.low64}; }

}  // namespace

std::string Hash128::hex() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (std::size_t i = 0; i < 16; ++i) {
    text[i] = digits[high >> (60 - 4 * i) & 15];
    text[16 + i] = digits[low >> (60 - 4 * i) & 15];
  }
  return text;
}

Hash128 hash128(std::string_view bytes) { return hash128_from(XXH3_128bits(bytes.data(), bytes.size())); }

struct Hasher128::State {
  XXH3_state_t xxh;  // wants 64 bytes of alignment, which `new` gives to a type that declares it
};

Hasher128::Hasher128() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
Hasher128::~Hasher128() = default;
Hasher128::Hasher128(Hasher128&&) noexcept = default;
Hasher128& Hasher128::operator=(Hasher128&&) noexcept = default;

void Hasher128::add(std::string_view bytes) { XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size()); }

Hash128 Hasher128::finish() const { return hash128_from(XXH3_128bits_digest(&state_->xxh)); }

}  // namespace vetset
