// The inner loop of the search: which codes of one short list lie near which of another. One function a processor
// family, all with the same outcome.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vetset/base/bits256.h"

namespace vetset {

/// Codes by columns: word w of code i is words[w][i]. Eight more words can be read beyond the last.
struct CodeColumns {
  static constexpr std::size_t padding = 8;
  const std::uint64_t* words[4] = {};

  Bits256 code(std::uint32_t i) const { return {{words[0][i], words[1][i], words[2][i], words[3][i]}}; }
};

/// Positions in the two lists.
struct Hit {
  std::uint32_t left = 0, right = 0;
  std::uint16_t distance = 0;
  bool operator==(const Hit&) const = default;
};

struct JoinTask {
  CodeColumns left, right;
  std::uint32_t left_begin = 0, left_end = 0, right_begin = 0, right_end = 0;
  unsigned radius = 0;
  Bits256 flips = {};                  // bits of the right codes that are negated first
  bool triangle = false;               // both are one list: only right > left
  const std::uint8_t* done = nullptr;  // by left position from left_begin: not zero, then this one is passed over
};

struct JoinKernel {
  std::string_view name;
  void (*join)(const JoinTask&, std::vector<Hit>&);  // appends hits, in an order of its own
  /// The least distance of one of `codes` and one of the first `count` of `others`, a multiple of 8; 256 for none.
  unsigned (*nearest)(const Bits256* codes, std::size_t code_count, const CodeColumns& others, std::size_t count);
};
/// What this processor can run, the fastest first; never empty.
const std::vector<JoinKernel>& join_kernels();

}  // namespace vetset
