// Darknet, as its forks and CVAT have it: obj.data, lists of images, and a label file beside each image with one row a
// box. A row is a class and fractions of the image; there is no place for anything else.
#include "vetset/formats/darknet/darknet.h"

#include <algorithm>

namespace vetset {
namespace darknet_parts {

using yolo_parts::Task;

namespace {

bool is_data_name(std::string_view path) { return path.ends_with(".data"); }

/// Rows stay as they are where the source is Darknet's and its numbers still hold; else each is a box.
std::string_view darknet_task(const Dataset& d, const WriteOptions& options) {
  const bool as_read = d.format == "darknet" && options.digits < 0 && numbered_by_place(d);
  return yolo_parts::name(as_read ? Task::as_read : Task::detect);
}
Task task_named(std::string_view name) { return name.empty() ? Task::as_read : Task::detect; }

Detection detect_darknet(const Tree& tree) {
  Detection seen;
  const std::string path = find_obj_data(tree);
  if (path.empty()) return seen;
  Findings ignored;
  const Result<yolo_parts::DataYaml> data = read_obj_data(tree, path, {}, ignored);
  if (!data) return seen;
  seen.score = data->splits.empty() ? 70 : 92;
  seen.evidence.push_back(path + " names " + std::to_string(data->names.size()) +
                          (data->names.size() == 1 ? " class" : " classes") +
                          (data->names_file.empty() ? "" : " in " + data->names_file));
  for (const yolo_parts::SplitKey& split : data->splits)
    seen.evidence.push_back(path + " has " + split.key + " = " + split.values.front());
  return seen;
}

Result<Reading> read_darknet(const Tree& tree, const ReadOptions& options) {
  return read_label_tree(tree, options, darknet_dialect);
}

std::optional<std::string> refuses_darknet(const Dataset& d, const WriteOptions& options) {
  return refuses_rows(d, options, task_named(darknet_task(d, options)));
}

Result<Emission> write_darknet(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  if (auto why = refuses_darknet(d, options)) return Error{Code::refused, *std::move(why)};
  WriteOptions settled = options;
  settled.task = darknet_task(d, options);
  if (numbered_by_place(d) || d.authored.empty()) return write_label_tree(d, media, out, settled, darknet_dialect);
  Dataset anew = d;  // rows that name classes by other numbers are not kept
  anew.authored.clear();
  return write_label_tree(anew, media, out, settled, darknet_dialect);
}

// The declaration: YOLO's, where Darknet does not differ.

bool bad_line(const Dataset& d, std::uint32_t i) { return !fits_line(d.categories[i].name); }

std::vector<Carry> lines_of(Task task, int digits) {
  const Carry own[] = {
      {.field = Field::split, .verb = Verb::defaulted, .note = "images of no list have one of their own"},
      {.field = Field::split_name, .verb = Verb::rekeyed, .note = "train, valid or test by role"},
      {.field = Field::split_role, .verb = Verb::rekeyed, .note = "a trainer needs a train list"},
      {.field = Field::category_name, .verb = Verb::rekeyed, .when = bad_line, .note = "a name is one line"},
      {.field = Field::category_name, .verb = Verb::exact},
      {.field = Field::image_path,
       .verb = Verb::rekeyed,
       .note = "obj_<split>_data/, names made unlike without their extension"},
      {.field = Field::image_order, .verb = Verb::exact},
      {.field = Field::dataset_residue, .verb = Verb::exact},
  };
  const Field of_other_tasks[] = {Field::category_keypoints, Field::category_flip, Field::annotation_keypoints,
                                  Field::annotation_shape, Field::annotation_polygon};
  std::vector<Carry> lines(std::begin(own), std::end(own));
  for (const Carry& line : yolo_parts::yolo_carries(task, digits)) {
    const auto same = [&](const Carry& c) { return c.field == line.field; };
    if (std::any_of(std::begin(own), std::end(own), same)) continue;
    if (std::find(std::begin(of_other_tasks), std::end(of_other_tasks), line.field) != std::end(of_other_tasks))
      continue;
    lines.push_back(line);
  }
  if (task == Task::as_read)
    for (const Field field : {Field::annotation_polygon, Field::annotation_shape})
      lines.push_back({.field = field, .verb = Verb::exact});
  return lines;
}

std::span<const Carry> carries_of(const WriteOptions& options) {
  constexpr int most_digits = 17;
  static const std::vector<std::vector<Carry>> tables = [] {
    std::vector<std::vector<Carry>> all{lines_of(Task::as_read, -1)};
    for (int n = -1; n <= most_digits; ++n) all.push_back(lines_of(Task::detect, n));
    return all;
  }();
  if (task_named(options.task) == Task::as_read) return tables[0];
  return tables[static_cast<std::size_t>(std::clamp(options.digits, -1, most_digits) + 2)];
}

}  // namespace

const yolo_parts::Dialect darknet_dialect{
    .format = "darknet",
    .description = "obj.data",
    .find = find_obj_data,
    .describes = is_data_name,
    .read = read_obj_data,
    .write = write_obj_data,
    .beside = true,
};

}  // namespace darknet_parts

extern const Format darknet;
const Format darknet{
    .id = "darknet",
    .title = "Darknet lists",
    .judge = "",
    .tasks = {},
    .carries = darknet_parts::carries_of({.task = "detect"}),
    .choices = yolo_parts::yolo_choices(),
    .detect = darknet_parts::detect_darknet,
    .read = darknet_parts::read_darknet,
    .write = darknet_parts::write_darknet,
    .refuses = darknet_parts::refuses_darknet,
    .task = darknet_parts::darknet_task,
    .carries_for = darknet_parts::carries_of,
};

}  // namespace vetset
