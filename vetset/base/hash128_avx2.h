// The part of XXH3-128 that goes over the bytes, as processors with AVX2 do it: the same state, the same digest.
#pragma once

#include <stddef.h>

namespace vetset {

/// XXH3_128bits_update; `state` is an XXH3_state_t.
void hash128_update_avx2(void* state, const void* bytes, size_t size);

}  // namespace vetset
