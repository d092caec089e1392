// How clearly a sample is a corner: the ring of FAST (Rosten and Drummond, "Machine learning for high-speed corner
// detection", 2006), asked not whether but up to which contrast. Sixteen samples at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vetset {

/// What a row of samples needs around it: three samples and rows for the ring.
inline constexpr std::ptrdiff_t ring_radius = 3;
/// A block may be read and written up to so many samples beyond the end of what is asked for.
inline constexpr std::size_t corner_block = 16;

/// `scores[x]`, x from `begin` to `end`: the largest contrast, in grey levels, for which nine neighbours in a row on
/// the ring of sixteen are all brighter, or all darker, than the sample `row[x]` by as much; 0 where it is below
/// `least`. `row` lies `stride` samples below and above its neighbours. Scores up to `corner_block` after `end` are
/// overwritten.
void corner_scores(const std::uint8_t* row, std::ptrdiff_t stride, std::size_t begin, std::size_t end,
                   std::uint8_t least, std::uint8_t* scores);

/// `peaks[x]`: the score where it is more than that of the four neighbours before it in reading order, and no less than
/// that of the four after it; else 0. `scores` lies `stride` samples below and above its neighbours.
void corner_peaks(const std::uint8_t* scores, std::ptrdiff_t stride, std::size_t begin, std::size_t end,
                  std::uint8_t* peaks);

}  // namespace vetset
