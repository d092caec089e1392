// The parts of the DOTA format: one text file an image, four corners in pixels and a class by name on each line. For
// files of this folder only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/rotated.h"
#include "vetset/formats/format.h"

namespace vetset::dota_parts {

/// A path through a folder of labels ("labelTxt", "labelTxt-v1.5", "annfiles") or of images: what lies above that
/// folder, and what below.
struct FolderPlace {
  std::string_view root;  // "" for the tree's root
  std::string_view rest;  // with its extension
};
std::optional<FolderPlace> label_place(std::string_view path);
std::optional<FolderPlace> image_place(std::string_view path);
/// Without its extension.
std::string_view stem_path(std::string_view path);
/// What the image of a label file would be called, without an extension.
std::string image_stem(std::string_view label);
bool is_hidden(std::string_view path);
bool is_blank(char c);
/// The file of class names, one a line, that is written where rows alone do not tell all classes and their order.
inline constexpr std::string_view classes_file = "classes.txt";

/// One object: "x1 y1 x2 y2 x3 y3 x4 y4 category difficult".
struct Row {
  Corners corners{};
  std::string_view category;
  std::optional<std::string_view> difficult;
};
struct RowFault {
  std::string_view at;
  std::string why;
};
/// Nothing, and why, where the line is no row; an empty `why` for a line of blanks.
std::optional<Row> read_row(std::string_view line, RowFault& fault);
/// The mark that a row's last word stands for.
Tristate difficult_of(const Row& row);
/// "imagesource:GoogleEarth" as key and JSON value; nothing for any other line.
struct Header {
  std::string_view key;
  std::string json;
};
std::optional<Header> read_header(std::string_view line);
/// The line of an image's attribute; nothing where it is none that a header has.
std::optional<std::string> header_line(const Dataset& d, const Attribute& attribute);
/// Whether the text looks like a label file: its first row is an object with a class that is a word.
bool looks_like_labels(std::string_view text);

/// Class names in the order of the dataset: those listed, then DOTA's own in its order, then others by their bytes.
std::vector<std::string> ordered_classes(std::vector<std::string> names, const std::vector<std::string>& listed);
/// The word of each category in rows: its name without blanks, no two alike.
std::vector<std::string> class_words(const Dataset& d);

/// Whether an annotation's row can be written again as it was read.
bool keeps_row(const Dataset& d, AnnotationIndex i);
/// Whether the format has a row for it: an object of a class on an image, with a place.
bool has_row(const Dataset& d, AnnotationIndex i);
/// The corners that its row says.
std::optional<Corners> corners_for(const Dataset& d, const Annotation& a);
/// Whether it is written, after all decisions.
bool is_written(const Dataset& d, AnnotationIndex i, const Policies& policies);
/// Whether an image gets a label file, though there may be nothing in it.
bool has_label_file(const Dataset& d, const Image& image, bool has_annotations);

Detection detect_dota(const Tree& tree);
Result<Reading> read_dota(const Tree& tree, const ReadOptions& options);
Result<Emission> write_dota(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);
std::span<const Carry> dota_carries();
std::span<const Carry> dota_carries_for(const WriteOptions& options);

}  // namespace vetset::dota_parts
