// The parts of the Darknet format that are its own: obj.data, which names the lists of images and the file of class
// names. Rows, lists and labels are YOLO's, whose reader and writer it shares. For files of this folder only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vetset/formats/yolo/yolo.h"

namespace vetset::darknet_parts {

/// Label files beside their images, described by obj.data.
extern const yolo_parts::Dialect darknet_dialect;

/// Path of the file that describes a tree: near the root first, "obj.data" first; empty where there is none.
std::string find_obj_data(const Tree& tree);
/// What a text of `key = value` lines says, without looking at the files that it names.
yolo_parts::DataYaml parse_obj_data(std::string_view text, std::string_view path, Findings& findings);
/// Reads it, and the class names where it says they are.
Result<yolo_parts::DataYaml> read_obj_data(const Tree& tree, std::string_view path, const Limits& limits,
                                           Findings& findings);
/// Writes obj.data and the names: as they were read, where they still say what the dataset says.
Result<void> write_obj_data(const Dataset& d, const yolo_parts::Layout& layout, yolo_parts::Task task,
                            yolo_parts::PointShape points, TreeWriter& out);

/// Whether a class name comes back from a line of its own.
bool fits_line(std::string_view name);
/// Whether classes are numbered by their place, so that rows of the source may stay as they are.
bool numbered_by_place(const Dataset& d);

}  // namespace vetset::darknet_parts
