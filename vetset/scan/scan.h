// One pass over the images: what their headers say and, where it matters, the digests of their bytes. The only step
// that reads image files. Slot i holds image i's facts.
#pragma once

#include <string>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

enum class Digests {
  none,
  where_equal_size,  // only of files whose size and last bytes occur twice: enough to find equal files
  all,
};
struct ScanOptions {
  Digests digests = Digests::where_equal_size;
  bool headers = true;
  bool tail = true;  // look at the end of each file too
};
Result<std::vector<Facts>> scan(const Dataset& dataset, const Tree& tree, const Pool& pool, const Progress& progress,
                                const ScanOptions& options);

/// Facts that were measured before, by the digest of a file's bytes; scan/store.h has the one on disk.
class FactsStore;

struct PixelScanOptions {
  bool pdq = false;                   // compute PDQ hashes, too
  bool rehash = false;                // trust no path, size and time: read every file again
  std::uint64_t pixels = 1ULL << 28;  // width times height that a decoder is granted
  FactsStore* store = nullptr;        // null: everything is measured
};
struct Scan {
  std::vector<Facts> facts;                             // one an image, with digests of all files
  std::vector<PixelFacts> pixels;                       // one an image
  std::uint64_t read = 0, decoded = 0, remembered = 0;  // files read; images decoded; taken from the store
  std::vector<std::string> notes = {};                  // of the store: where it remembers nothing, and why
};
/// Reads each image once, decodes it once and measures everything in that pass; of equal files one is decoded.
Result<Scan> scan_pixels(const Dataset& dataset, const Tree& tree, const Pool& pool, const Progress& progress,
                         const PixelScanOptions& options);

/// How `scan_pixels` measures here: revisions, decoders, limits. Facts of another recipe do not compare.
std::string scan_recipe(const PixelScanOptions& options);

}  // namespace vetset
