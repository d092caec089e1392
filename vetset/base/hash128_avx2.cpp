// Compiled with -mavx2, and called only where the processor has it. Nothing of the standard library may be included
// here: a function that other files have too would come out of this one with instructions that not every processor
// knows.
#include "vetset/base/hash128_avx2.h"

#if defined(__AVX2__)
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace vetset {

void hash128_update_avx2(void* state, const void* bytes, size_t size) {
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state), bytes, size);
}

}  // namespace vetset
#endif
