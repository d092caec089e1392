// The parts of CSV boxes: one row an object, the columns named by a header (TensorFlow's object detection) or in
// RetinaNet's order without one. For files of this folder only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/formats/format.h"

namespace vetset::csv_parts {

enum class Style : std::uint8_t {
  tfod,       // with a header; an image without objects has no row
  retinanet,  // path,x1,y1,x2,y2,class without a header; an image without objects has a row of its path alone
};
std::string_view name(Style style);

inline constexpr std::size_t no_column = ~std::size_t{0};
/// Where what stands in a row.
struct Columns {
  Style style = Style::tfod;
  char separator = ',';
  std::size_t filename = no_column, label = no_column, width = no_column, height = no_column;
  std::array<std::size_t, 4> corners = {no_column, no_column, no_column, no_column};  // xmin, ymin, xmax, ymax
  std::vector<std::string> names;                                                     // of the header
};
/// What the first rows of a text say; nothing where it is no table of boxes.
std::optional<Columns> columns_of(std::string_view text);

/// A row and its text.
struct Row {
  std::vector<std::string> fields;
  std::size_t begin = 0, end = 0;  // in the file, without the end of the line
  std::uint32_t line = 0;
  bool broken = false;
};
/// All rows but the header.
std::vector<Row> rows_of(std::string_view text, const Columns& columns);
/// The field, or nothing where the row is too short.
std::string_view field(const Row& row, std::size_t column);
/// Whether it says that its image has no object.
bool is_negative(const Row& row, const Columns& columns);

void append_csv_field(std::string& out, std::string_view field, char separator);

/// The split that a file's path tells of: "data/train_labels.csv" → "train"; empty where it tells of none.
std::string split_of(std::string_view path);
/// The name of the file for such a split.
std::string file_of(std::string_view split);

bool is_native(const Dataset& d);
/// The style of the files it was read from, as far as they are kept.
Style style_of(const Dataset& d);

Result<Reading> read_csv(const Tree& tree, const ReadOptions& options);
Result<Emission> write_csv(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);
std::optional<std::string> refuses_csv(const Dataset& d, const WriteOptions& options);
/// The files of a tree that are tables of boxes, sorted.
std::vector<std::string_view> csv_files(const Tree& tree);

}  // namespace vetset::csv_parts
