#include "vetset/dataset/embeddings.h"

#include <cmath>
#include <limits>

#include "vetset/base/count_of.h"
#include "vetset/dataset/image_names.h"

namespace vetset {
namespace {

constexpr std::size_t no_row = std::numeric_limits<std::size_t>::max();

/// Which row each image has, by the paths that name the rows.
Result<std::vector<std::size_t>> rows_by_path(const Dataset& d, const EmbeddingRows& given, std::uint64_t& unused) {
  const NamedRows named{.name = given.name, .names = given.names, .rows = given.rows, .paths = given.paths};
  std::vector<std::size_t> row_of(d.images.size(), no_row);
  VETSET_TRY(const UnusedRows left, for_named_images(d, named, [&](std::size_t row, ImageIndex i) -> Result<void> {
               std::size_t& of = row_of[to_size(i)];
               if (of != no_row)
                 return Error{Code::malformed,
                              "rows " + std::to_string(of) + " and " + std::to_string(row) + " are both of '" +
                                  std::string(d.path(i)) + "'",
                              named.file()};
               of = row;
               return {};
             }));
  unused = left.count;
  return row_of;
}

Result<std::vector<std::size_t>> rows_by_order(const Dataset& d, const EmbeddingRows& given) {
  if (given.rows != d.images.size())
    return Error{Code::malformed,
                 "has " + count_of(given.rows, "row") + ", and the dataset " + count_of(d.images.size(), "image") +
                     ": a list of paths has to say whose each row is",
                 given.name};
  std::vector<std::size_t> row_of(given.rows);
  for (std::size_t row = 0; row < given.rows; ++row) row_of[row] = row;
  return row_of;
}

/// Writes a row at unit length; what is wrong with it, or nothing.
std::string_view write_unit(std::span<const float> row, std::span<float> out) {
  double squares = 0;
  for (const float value : row) {
    if (std::isnan(value)) return "a NaN";
    if (std::isinf(value)) return "an infinity";
    squares += double{value} * double{value};
  }
  if (squares == 0) return "zeros alone";
  const double length = std::sqrt(squares);
  for (std::size_t k = 0; k < row.size(); ++k) out[k] = static_cast<float>(double{row[k]} / length);
  return {};
}

}  // namespace

Result<Embeddings> embeddings_of(const Dataset& d, const EmbeddingRows& given) {
  if (given.columns == 0) return Error{Code::malformed, "has rows without numbers", given.name};
  Embeddings made{.name = given.name, .digest = given.digest, .dimension = given.columns};
  VETSET_TRY(const std::vector<std::size_t> row_of, given.paths.empty() && given.names.empty()
                                                        ? rows_by_order(d, given)
                                                        : rows_by_path(d, given, made.unused));
  made.values.resize(row_of.size() * given.columns);
  made.known.resize(row_of.size());
  for (std::size_t i = 0; i < row_of.size(); ++i) {
    if (row_of[i] == no_row) {
      ++made.without;
      continue;
    }
    const std::span<const float> row = given.row(row_of[i]);
    const auto out = std::span(made.values).subspan(i * given.columns, given.columns);
    if (const std::string_view fault = write_unit(row, out); !fault.empty())
      return Error{Code::malformed,
                   "row " + std::to_string(row_of[i]) + " ('" + std::string(d.path(to_index<ImageIndex>(i))) +
                       "') holds " + std::string(fault) + ", expected numbers with a direction",
                   given.name};
    made.known[i] = true;
  }
  return made;
}

}  // namespace vetset
