// Pictures that somebody else has listed: a table that `vetset scan -o` wrote of a public benchmark, held against this
// dataset without the benchmark's images being at hand.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/dataset/compared.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// What a list says of one picture; each is empty where it says nothing.
struct KnownImage {
  std::string path;
  std::optional<Digest> bytes = {};
  std::optional<Hash128> pixels = {};
  std::vector<Bits256> fingerprints = {};  // whole, and without borders where that is another
  std::optional<Bits256> pdq = {};
};
struct KnownImages {
  std::string file;  // base name
  Digest digest;     // of the file
  std::vector<KnownImage> images;
};
/// A table as `vetset scan -o` writes it: .jsonl, or .csv with a heading. Columns that count: path, sha256, pixels,
/// fingerprint, fingerprint_trimmed, texture, pdq; the rest is passed over. Pictures with too little texture to be
/// recognised keep their digests alone.
Result<KnownImages> parse_known_images(const std::string& file, std::string_view text);

/// Every picture of the lists that is here: by bytes, by pixels, else by fingerprint within 31 of 256 bits (PDQ, where
/// both sides have it), in all eight symmetries. The listed pixels are not at hand, so nothing confirms the last.
Result<KnownSearch> find_known_images(const Dataset& d, std::span<const Facts> facts,
                                      std::span<const PixelFacts> pixels, std::span<const KnownImages> lists,
                                      const Pool& pool, const Progress& progress);

}  // namespace vetset
