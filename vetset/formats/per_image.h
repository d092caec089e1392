// What readers and writers of formats with one file an image do alike.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/formats/format.h"

namespace vetset {

/// The file of each image (empty: it has none), and whether it lies in the tree itself or in that of --images-dir.
struct MediaFiles {
  std::vector<std::string_view> paths;
  std::vector<bool> own;
  void add(std::string_view path, bool is_own) {
    paths.push_back(path);
    own.push_back(is_own);
  }
};

/// Gives images that state no size the size that their file's header says.
void measure_images(Dataset& d, const MediaFiles& media, const Tree& tree, const ReadOptions& options);

/// Calls `write(i, emission)` for every i below `count`, on many threads where `out` lets them, and joins what they
/// emit in order. `what` is told to people: "labels".
Result<void> write_images(std::size_t count, const TreeWriter& out, const WriteOptions& options, std::string_view what,
                          Emission& emission, const std::function<Result<void>(std::size_t i, Emission& part)>& write);

// Kinds of annotations, as formats of objects see them.

/// Whether a box, an outline or points stand for it; tags, captions and relations are no objects.
bool is_object(Kind kind);
/// Whether its box is turned, or none: an ellipse, a quadrilateral.
bool is_turned(Kind kind);

}  // namespace vetset
