// Memory that is free inside the allocator, given back to the system.
#pragma once

namespace vetset {

/// Call it at the end of a phase that held much in small pieces: what the next one needs then comes in its place, not
/// beside it. Does nothing where the allocator has no such call.
void give_memory_back();

}  // namespace vetset
