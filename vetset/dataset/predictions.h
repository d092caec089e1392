// What a model said of images, before it is known which images and classes those are: rows that name them by codes, and
// the names. Read from lists of COCO results without a Dataset in between, or made of any Dataset with scores.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/dataset/instances.h"
#include "vetset/dataset/statement.h"

namespace vetset {

/// How predictions name an image or a class: an id, a name (path or class name), or both.
struct PredictedName {
  std::int64_t id = Ids::absent;  // an integer; Ids::odd: another JSON token, in `token`
  std::string token = {};         // "\"a7\"", "1.0"
  std::string name = {};          // path of the image, name of the class; empty: not said
  std::uint64_t first = 0;        // the row that names it first
  Place where = {};               // of that row; no file: not known
};

/// Polygons of a row, as JSON in `rows.mask_text`. They are drawn once the size of their image is known.
struct PredictedOutline {
  std::uint64_t row = 0, begin = 0;
  std::uint32_t size = 0;
};

struct Predictions {
  Instances rows;                                 // image and category are positions in the lists below
  std::vector<PredictedName> images, categories;  // in the order in which they appear
  std::vector<PredictedOutline> outlines = {};    // by row
  std::vector<FileDigest> files = {};             // that they were read from; digests where they were asked for
  std::string format = {};                        // id of the format
  std::vector<Finding> findings = {};             // of the reader: records that cannot be used, with their place
  std::uint64_t records = 0;                      // in the files, whether or not they became rows

  /// What the first record says decides for all of them in pycocotools' loadRes; bits of Said.
  std::uint8_t first_said = 0;
};

/// The predictions that a dataset holds: annotations with scores. Those without one get `Said::score` unset and NaN.
Result<Predictions> predictions_of(const Dataset& d, const Pool& pool);

}  // namespace vetset
