// Embeddings that a user gives: a row of numbers an image, from whatever model. One more kind of evidence for what
// belongs together; a hint, as no distance in them means the same from one model to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// As they were given. `paths` says whose each row is; empty: they are in the order of the dataset's images.
struct EmbeddingRows {
  std::string name;        // of the file, for messages and documents
  std::string names = {};  // of the file that `paths` are from
  Digest digest = {};      // of the file's bytes
  std::size_t rows = 0, columns = 0;
  std::vector<float> values = {};
  std::span<const float> lent = {};  // in place of `values`: held by whoever made them
  std::vector<std::string> paths = {};

  std::span<const float> row(std::size_t r) const {
    return (lent.empty() ? std::span<const float>(values) : lent).subspan(r * columns, columns);
  }
};

/// Rows by image, each of unit length.
struct Embeddings {
  std::string name = {};
  Digest digest = {};
  std::size_t dimension = 0;
  std::vector<float> values = {};  // zeros for an image that has no row
  std::vector<bool> known = {};    // by image
  std::uint64_t without = 0;       // images that have no row
  std::uint64_t unused = 0;        // rows that name no image

  std::span<const float> of(ImageIndex i) const { return std::span(values).subspan(to_size(i) * dimension, dimension); }
};
/// Gives each image its row. Wrong: a count that is not that of the images, two rows of one image, and rows that have
/// no direction: zeros, NaN, infinities. Rows count from 0, as NumPy's do.
Result<Embeddings> embeddings_of(const Dataset& d, const EmbeddingRows& given);

}  // namespace vetset
