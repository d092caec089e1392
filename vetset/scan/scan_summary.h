// What a scan found, in numbers: which files there are, what could not be decoded and why, how good the pictures are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/stats.h"
#include "vetset/scan/scan.h"

namespace vetset {

struct ScanSummary {
  std::uint64_t images = 0, absent = 0, bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> types;     // by type, the most frequent first
  std::vector<std::pair<std::string, std::uint64_t>> statuses;  // of decoding, those that occur
  /// Images that are not whole: their status, why, and which.
  struct Problem {
    std::string status, reason;
    std::vector<ImageIndex> images;
  };
  std::vector<Problem> problems;                                 // the most frequent first
  std::uint64_t with_time = 0, with_place = 0, with_camera = 0;  // by EXIF
  std::uint64_t turned = 0, dropped = 0;                         // EXIF orientation 2–8; EXIF that cannot be
  std::vector<std::pair<std::string, std::uint64_t>> cameras;    // make and model, the most frequent first
  std::uint64_t grey = 0, transparent = 0, deep = 0, animated = 0, bordered = 0, flat = 0;  // pictures of a kind
  std::uint64_t distinct_bytes = 0, distinct_pixels = 0;
  Spread megapixels, sharpness, brightness, contrast, noise, jpeg_quality;
};
ScanSummary summary_of(const Dataset& d, const Scan& scan);
/// Canonical JSON (docs/schema/scan-v1.json).
std::string to_json(const ScanSummary& summary, const Dataset& d, const Scan& scan, std::string_view program,
                    std::string_view source);

}  // namespace vetset
