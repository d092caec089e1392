// Pictures of what was found: clusters of images that belong together, and leaks with the training side left and the
// evaluation side right, boxes drawn. One HTML file that needs nothing else, or one PNG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/links.h"

namespace vetset {

/// A group of images as it is shown.
struct SheetCluster {
  std::string title;                      // "flipped copies", "identical files"
  std::vector<std::string> evidence;      // "train/a.jpg and test/b.jpg: near, 12 of 256 bits differ"
  std::vector<ImageIndex> left, right;    // `right` empty: the images do not lie in two splits
  std::string left_splits, right_splits;  // "train"; "test, val"
  std::size_t more_left = 0, more_right = 0, more_evidence = 0;  // that are not shown
  bool leak() const { return !right.empty(); }
};
struct Sheet {
  std::string title;                        // of the dataset
  std::vector<SheetCluster> clusters = {};  // leaks first, larger ones first
  std::size_t more = 0;                     // clusters that are not shown
  std::size_t leaks = 0, others = 0;        // of all: clusters between splits, and inside one
};
struct SheetOptions {
  bool leaks_only = false;
  LinkKinds kinds = grouping_kinds;
  std::size_t clusters = 200;
  std::size_t images = 6;  // a side of a cluster
};
Sheet sheet_of(const Dataset& d, const Links& links, std::string title, const SheetOptions& options = {});

/// "3 leaks between splits, 12 clusters inside one split".
std::string summary_of(const Sheet& sheet);

/// How a sheet is written to a file of that name.
enum class SheetFormat : std::uint8_t { html, png };
Result<SheetFormat> sheet_format(std::string_view path);

/// Images are decoded once more, and shown at 240 by 180 pixels at most. What cannot be decoded shows as a grey field.
Result<std::string> sheet_html(const Sheet& sheet, const Dataset& d, const Tree& media, const Pool& pool,
                               const Progress& progress);
Result<std::string> sheet_png(const Sheet& sheet, const Dataset& d, const Tree& media, const Pool& pool,
                              const Progress& progress);

}  // namespace vetset
