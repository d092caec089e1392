// How Ultralytics 8.4.190 reads a dataset, in parts: data.yaml, then one image and its label file. Facts of behaviour,
// held to the real loader in the tests. For files of this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/check/consumer.h"
#include "vetset/dataset/rotated.h"

namespace vetset::ultralytics_parts {

/// What its data.yaml check makes of a file.
struct Setup {
  std::string refused;  // why it stops, whatever the paths; empty: it goes on
  std::uint64_t classes = 0;
  std::uint32_t points = 0, numbers = 0;  // kpt_shape
  std::string task;                       // what it says of itself; empty: nothing
  std::vector<std::string> images;        // of all splits it opens, sorted, each once: paths in the tree
  std::vector<Effect> effects;            // paths that are not where it says
};
Result<Setup> read_setup(const Tree& tree);

/// What becomes of the rows of one label file.
struct LabelView {
  std::uint64_t objects = 0, read = 0;
  std::string dropped;       // why the whole image is left out; empty: it is read
  std::uint32_t line = 0;    // where, from 1; 0: the whole file
  bool as_segments = false;  // rows are outlines, of which the box is taken
  bool has_boxes = false;
  std::vector<Corners> corners;  // in fractions, where every row has nine numbers
};
LabelView read_label(std::string_view bytes, const Setup& setup);

/// The label file it looks for.
std::string label_of(std::string_view image);

}  // namespace vetset::ultralytics_parts
