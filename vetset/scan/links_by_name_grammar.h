// What an image's name says of its origin: the picture that it was made of, the marks that programs add to copies and
// augmented versions, its place in a series and in a grid of tiles. Only ever a suggestion: content has the last word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vetset {

struct NameGrammar {
  std::string folder;   // without the parts that name a split or say "images": "train/images/clip_1" → "clip_1"
  std::string root;     // the name without marks, in lower case: "ana_jpg.rf.0e0bd4d3" → "ana"
  std::string pattern;  // the marks, digits as '#': ".rf.#", "_aug#", " (#)"; empty: none

  /// The last number of the root: "clip_0012_left" → series "clip_#_left" and 12. A hash has none.
  std::string series;
  std::optional<std::uint64_t> counter = {};

  /// Two numbers at the end of the root: "field_r3_c4", "tile_0_512".
  struct Tile {
    std::string parent;  // what stands before them
    std::uint64_t first = 0, second = 0;
    bool named = false;  // the name says that these are rows and columns, x and y, or a tile
  };
  std::optional<Tile> tile = {};
};
NameGrammar name_grammar(std::string_view path);

}  // namespace vetset
