// The parts of the Ultralytics YOLO format: one label file an image, one row an object, and a data.yaml that names the
// classes and the folders. For files of this folder only.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/rotated.h"
#include "vetset/formats/format.h"
#include "vetset/formats/names.h"

namespace vetset::yolo_parts {

/// How many points a pose row has, and how many numbers each.
struct PointShape {
  std::uint32_t count = 0, numbers = 0;  // numbers: 2 or 3
};

/// One `train:`, `val:`, `test:` … of a data.yaml: a folder, a list of images, or several of them.
struct SplitKey {
  std::string key;
  std::vector<std::string> values;  // as written
};

/// Keys that are splits whatever stands behind them; others are where that is a folder of images or a list.
inline constexpr std::array<std::string_view, 6> split_words = {"train",      "val",  "valid",
                                                                "validation", "test", "minival"};

/// What a data.yaml says.
struct DataYaml {
  std::string file;                 // its path in the tree; empty: there is none
  std::optional<std::string> path;  // the dataset's root as written
  std::vector<SplitKey> splits;
  std::vector<std::pair<std::int64_t, std::string>> names;                     // class number and name, in file order
  std::optional<std::int64_t> class_count;                                     // nc
  std::optional<PointShape> points;                                            // kpt_shape
  std::optional<std::string> task;                                             // task, which is kept among `others`
  std::vector<std::uint32_t> flip;                                             // flip_idx
  std::vector<std::pair<std::int64_t, std::vector<std::string>>> point_names;  // kpt_names; class −1: of all
  struct Entry {
    std::string key, value, lines;  // value: of a scalar
  };
  std::vector<Entry> others;  // entries that are not modelled
  std::string names_file;     // where the names stand, if in a file of their own
};

/// Path of the data.yaml that a tree is described by: at the root first, "data.yaml" first; empty where there is none.
std::string find_data_yaml(const Tree& tree);
/// Reads it; what is odd in it becomes a finding. An error only where it is no YAML mapping.
Result<DataYaml> read_data_yaml(const Tree& tree, std::string_view path, const Limits& limits, Findings& findings);

/// One split value, found in the tree.
struct Place {
  enum class Kind : std::uint8_t { missing, folder, list } kind = Kind::missing;
  std::string path;  // in the tree; "." for its root
  std::string rule;  // how it was found, for people; empty where it stands as written
};
/// Finds what a split value means here: below `path`, beside the YAML file, or, where it names a folder of another
/// machine, by its longest end that exists.
Place find_split(const Tree& tree, const DataYaml& yaml, std::string_view value);
/// `rest` below `folder` with "." and ".." resolved and '\\' read as '/'; nothing where it leaves the tree or is
/// absolute.
std::optional<std::string> resolve(std::string_view folder, std::string_view rest);

/// The label file of an image: the last "images" folder becomes "labels", the extension "txt".
std::string label_path(std::string_view image);
/// The other way, without an extension: what the image of a label file would be called.
std::string image_stem(std::string_view label);
/// Whether a path goes through a folder of that name.
bool goes_through(std::string_view path, std::string_view folder);

/// How label rows become annotations: the same for all files of a dataset.
struct RowRules {
  std::optional<PointShape> points;
  std::vector<std::int64_t> classes;  // class number of each category; empty: 0, 1, 2 …
  std::size_t category_count = 0;
  bool oriented = false;  // nine numbers are an oriented box
  bool keep_rows = true;  // the text of each row is kept, to be written again as it is
};
/// One label file to be read into a part of the dataset.
struct LabelFile {
  FileIndex file{};
  ImageIndex image{};
  std::string_view path;
  std::string_view bytes;
  std::uint32_t width = 0, height = 0;  // of the image as shown; 0: not known
};
struct LabelCounts {
  std::uint32_t boxes = 0, polygons = 0, poses = 0, quads = 0, sixth = 0, records = 0, unread = 0;
};
/// Appends the file's rows to `part`, and how the file is spelled to `file`.
LabelCounts read_rows(const LabelFile& label, const RowRules& rules, Dataset& part, File& file, Findings& findings);

/// What a writer makes of annotations: one kind of row for the whole dataset, or each row as it was read.
enum class Task : std::uint8_t { as_read, detect, segment, pose, obb };

/// What rows of nine numbers are: boxes that are turned, or outlines of four points.
struct RowForm {
  bool oriented = false;
  bool ambiguous = false;     // nothing tells which: they are read as outlines
  std::string evidence = {};  // for people; empty where there is nothing to tell
};
/// By what was pinned, `task:` of data.yaml, names, and the rows themselves: every row of `labels`, empty paths
/// skipped.
RowForm form_of_rows(const Tree& tree, const DataYaml& yaml, std::string_view dialect,
                     std::span<const std::string_view> labels);
/// Rows in turn, as evidence of what they are.
struct NineRows {
  std::uint64_t rows = 0, turned = 0, others = 0;  // parallelograms that are turned; what is none
  bool all = true;                                 // every row has nine numbers
  /// False where the row has another number of numbers; a line that is no row says nothing.
  bool add(std::string_view line);
  bool tells_oriented() const { return all && turned > 0 && others == 0; }
};
/// The `task:` that data.yaml must state so that rows are read as what they are; empty: none.
std::string_view stated_task(const Dataset& d, Task task);
/// What a YOLO source's data.yaml held beside what is modelled, with that statement.
std::string residue_with_task(const Dataset& d, Task task);
/// Four corners that a row can hold.
std::optional<Corners> corners_for(const Dataset& d, const Annotation& a);
/// The task asked for, or what the data hold. Nothing for a word that is no task.
std::optional<Task> task_of(const Dataset& d, const WriteOptions& options);
std::string_view name(Task task);
/// The points of pose rows: the largest number that any category or annotation has.
PointShape points_of(const Dataset& d);

/// Whether an annotation's row can be written again as it was read.
bool keeps_row(const Dataset& d, AnnotationIndex i, const WriteOptions& options);
/// Whether the format has a row for it at all: an object of a named class, with a box, on an image of a known size.
bool has_row(const Dataset& d, AnnotationIndex i);
/// Whether a row can say a number of pixels: finite, and so far from the end of the doubles that no fraction of it and
/// no sum of a few overflows.
inline bool fits_row(double pixels) { return std::abs(pixels) <= 1e300; }
/// Whether its box is turned, or no box: an ellipse, a quadrilateral.
bool turns(const Dataset& d, AnnotationIndex i);
/// Whether its outline is one ring that a row can hold.
bool is_one_ring(const Dataset& d, AnnotationIndex i);
/// The rows of one annotation, without line ends; none where a policy or the format has no row for it.
Result<std::vector<std::string>> rows_of(const Dataset& d, AnnotationIndex i, Task task, PointShape points,
                                         std::string_view class_number, const WriteOptions& options);

/// Where every image and its labels go.
struct Target {
  ImageIndex image{};
  SplitIndex split = none<SplitIndex>;
  std::string image_path, label_path;
};
struct Layout {
  bool as_read = false;  // the folders of the source, which was YOLO
  bool lists = false;    // splits are lists of names, as some image is not there to be found
  std::string yaml = "data.yaml";
  std::vector<Target> targets;  // by split, then order
  struct Key {
    std::string key;                  // in data.yaml
    std::vector<std::string> values;  // below the YAML file's folder
    std::string list;                 // path of the list to write; empty: a folder
    SplitIndex split = none<SplitIndex>;
  };
  std::vector<Key> keys;  // one a split, in order; then those that the loader demands
};
/// data.yaml of that layout. `points` is used for poses.
std::string data_yaml_text(const Dataset& d, const Layout& layout, Task task, PointShape points);
/// The class number of each category in label rows.
std::vector<std::int64_t> class_numbers(const Dataset& d, const struct Dialect& dialect);

/// What the formats of label rows differ in: the file that describes a dataset, and where labels lie.
struct Dialect {
  std::string_view format;                   // its id
  std::string_view description;              // the usual name of that file: "data.yaml"
  std::string (*find)(const Tree&);          // its path in a tree; empty where there is none
  bool (*describes)(std::string_view path);  // whether a file of that name can be one
  Result<DataYaml> (*read)(const Tree&, std::string_view path, const Limits&, Findings&);
  /// Writes it, and what it refers to besides lists of images.
  Result<void> (*write)(const Dataset&, const Layout&, Task, PointShape, TreeWriter&);
  bool beside = false;  // label files lie beside their images, and every split is a list
};
extern const Dialect ultralytics;
/// The label file of an image in a dialect, where the tree does not tell otherwise.
std::string label_path(std::string_view image, const Dialect& dialect);
Layout plan_layout(const Dataset& d, const WriteOptions& options, const Dialect& dialect);
Result<Reading> read_label_tree(const Tree& tree, const ReadOptions& options, const Dialect& dialect);
/// Writes label files, images and lists where the layout says, and the description. `options.task` is that task.
Result<Emission> write_label_tree(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options,
                                  const Dialect& dialect);
/// Why rows cannot be written for want of a size or a task; nothing where they can.
std::optional<std::string> refuses_rows(const Dataset& d, const WriteOptions& options, Task task);

Detection detect_yolo(const Tree& tree);
Result<Reading> read_yolo(const Tree& tree, const ReadOptions& options);
Result<Emission> write_yolo(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);
std::optional<std::string> refuses_yolo(const Dataset& d, const WriteOptions& options);
/// The declaration for a task and a number of decimals (−1: all that there are).
std::span<const Carry> yolo_carries(Task task, int digits);
std::span<const Choice> yolo_choices();

}  // namespace vetset::yolo_parts
