#include "vetset/base/hash128.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "vetset/base/hash128_avx2.h"

namespace vetset {
namespace {

Hash128 hash128_from(const XXH128_hash_t& hash) { return {.high = hash.high64, .low = hash.low64}; }

void update_plain(void* state, const void* bytes, std::size_t size) {
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state), bytes, size);
}

}  // namespace

const std::vector<Hash128Kernel>& hash128_kernels() {
  static const std::vector<Hash128Kernel> kernels = [] {
    std::vector<Hash128Kernel> here;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) here.push_back({"avx2", hash128_update_avx2});
#endif
    here.push_back({"plain", update_plain});
    return here;
  }();
  return kernels;
}

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

Hasher128::Hasher128() : Hasher128(hash128_kernels().front()) {}
Hasher128::Hasher128(const Hash128Kernel& kernel) : state_(std::make_unique<State>()), update_(kernel.update) {
  XXH3_128bits_reset(&state_->xxh);
}
Hasher128::~Hasher128() = default;
Hasher128::Hasher128(Hasher128&&) noexcept = default;
Hasher128& Hasher128::operator=(Hasher128&&) noexcept = default;

void Hasher128::add(std::string_view bytes) { update_(&state_->xxh, bytes.data(), bytes.size()); }

Hash128 Hasher128::finish() const { return hash128_from(XXH3_128bits_digest(&state_->xxh)); }

}  // namespace vetset
