// Probabilities of classes that a model gave: a row of numbers an image, or an annotation. Held by whoever made them (a
// file that was read, NumPy); here it is said whose each row is, which class each column is, and what is wrong with
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

enum class ProbabilitiesOf : std::uint8_t { images, annotations };
std::string_view name(ProbabilitiesOf);

/// As they were given: `values` by row, not owned. Where `paths` and `ids` are empty, rows are in the order of the
/// dataset's images, or else of its annotations, whichever there are as many of.
struct ProbabilityRows {
  std::string name;            // of the file, for messages and documents
  std::string names = {};      // of the file that `paths` are from
  std::string classes = {};    // of the file that `columns` are from
  std::string fold_name = {};  // of the file that `folds` are from
  Digest digest = {};          // of the file's bytes
  std::size_t rows = 0, width = 0;
  std::span<const float> values = {};
  std::vector<std::string> paths = {};     // of images, one a row
  std::vector<std::int64_t> ids = {};      // of annotations, one a row
  std::vector<std::string> columns = {};   // names of classes; empty: the dataset's, in its order
  std::vector<std::string> folds = {};     // one a row: who is in one fold was kept from the model that judged it
  bool out_of_fold = false;                // the user says so of all
  std::shared_ptr<const void> owner = {};  // keeps `values`; null: the caller does
};

/// Bound to a dataset. Row and column stay as they were given; nothing is copied or put in another order.
struct Probabilities {
  static constexpr std::uint32_t no_row = 0xffffffffU;
  std::string name = {};
  Digest digest = {};
  ProbabilitiesOf of{};
  std::size_t rows = 0, width = 0;
  std::span<const float> values = {};
  std::vector<std::uint32_t> row_of = {};       // by image or annotation; no_row: it has none
  std::vector<CategoryIndex> category_of = {};  // by column
  std::vector<std::uint32_t> column_of = {};    // by category; no_row: it has none, and no label is of it
  std::vector<std::uint32_t> fold_of = {};      // by row, numbered as they appear; empty: not said
  std::uint64_t folds = 0;                      // how many there are
  bool several = false;       // images have several classes at once: columns do not exclude one another
  bool out_of_fold = false;   // attested
  std::uint64_t without = 0;  // images or annotations that have no row
  std::uint64_t unused = 0;   // rows that name nothing here
  std::shared_ptr<const void> owner = {};

  std::span<const float> row(std::size_t r) const { return values.subspan(r * width, width); }
};

/// The classes of each image that its annotations name, sorted, flat: those of image i are
/// categories[begin[i]..begin[i+1]).
struct ImageClasses {
  std::vector<std::uint32_t> begin;
  std::vector<CategoryIndex> categories;
  std::span<const CategoryIndex> of(std::size_t i) const {
    return std::span(categories).subspan(begin[i], begin[i + 1] - begin[i]);
  }
};
ImageClasses image_classes(const Dataset& d);

/// Errors, with the row: another count than that of images or annotations, a path that names several, two rows of one
/// image, NaN, a number outside 0 to 1, rows that do not sum to one where classes exclude one another, a class that is
/// not there or is named twice, a class with labels and no column; and columns in another order than the dataset's
/// classes, where no order is given and labels agree with another one.
Result<Probabilities> probabilities_of(const Dataset& d, const ProbabilityRows& given, const Pool& pool);

/// What classes are systematically called otherwise: a permutation of `count` classes under which two labellings agree
/// where they do not as they are. `counts` by row (given) and column (predicted). Empty: none.
std::vector<std::uint32_t> other_order(std::span<const std::uint64_t> counts, std::size_t count);

}  // namespace vetset
