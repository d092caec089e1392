// What a parser grants to a file it does not know. Every reader takes these; the defaults hold the largest public
// datasets with room to spare, and stop a file that was made to exhaust the machine.
#pragma once

#include <cstdint>

namespace vetset {

struct Limits {
  std::uint32_t depth = 64;                   // nested JSON or YAML values
  std::uint64_t record_bytes = 256ULL << 20;  // one JSON record, one line, one label file
  std::uint64_t value_bytes = 64ULL << 20;    // one whole JSON value that is not an array of records
  std::uint64_t unpacked_bytes = 1ULL << 40;  // all members of an archive together
  std::uint64_t unpacked_ratio = 200;         // unpacked size over packed size of one archive member
  std::uint64_t members = 50'000'000;         // files in a tree
  std::uint64_t mask_pixels = 1ULL << 29;     // width times height of one mask
  std::uint64_t image_pixels = 1ULL << 29;    // width times height of one image
  std::uint32_t findings_per_code = 100'000;  // kept one by one; the rest are counted
};

}  // namespace vetset
