// The nearest images of each image in an embedding, exactly: every pair is looked at, tile by tile, so that rows are
// read from memory once for many queries. The same with any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/dataset/embeddings.h"

namespace vetset {

inline constexpr std::uint32_t no_neighbour = 0xffffffffU;

/// By image: the `count` nearest others that have a row, nearest first, of equally near ones the first; no_neighbour
/// where there are fewer. Images without a row have none.
Result<std::vector<std::uint32_t>> nearest_embedded(const Embeddings& e, std::size_t count, const Pool& pool,
                                                    const Progress& progress = {});

}  // namespace vetset
