// Ultralytics YOLO: detect, segment, pose and oriented boxes, as Ultralytics 8.4.190 documents and reads it. A row is a
// class and fractions of the image; there is no place for ids, areas, crowds, attributes, licences or anything else.
#include "vetset/formats/yolo/yolo.h"

#include <algorithm>

#include "vetset/image/probe.h"

namespace vetset {
namespace yolo_parts {

Detection detect_yolo(const Tree& tree) {
  Detection seen;
  DataYaml described;
  if (const std::string yaml = find_data_yaml(tree); !yaml.empty()) {
    Findings ignored;
    Result<DataYaml> read = read_data_yaml(tree, yaml, {}, ignored);
    if (read && (!read->names.empty() || read->class_count)) {
      const std::size_t classes =
          read->names.empty() ? static_cast<std::size_t>(*read->class_count) : read->names.size();
      seen.score = 90;
      seen.evidence.push_back(yaml + " names " + std::to_string(classes) + (classes == 1 ? " class" : " classes"));
      for (const SplitKey& split : read->splits)
        for (const std::string& value : split.values)
          seen.evidence.push_back(yaml + " has " + split.key + ": " + value);
      seen.dialect = read->points ? "pose" : "detect or segment";
      described = *std::move(read);
    }
  }
  const auto paths = tree.list();
  std::vector<std::string_view> labels;
  for (const std::string_view path : paths)
    if (path.ends_with(".txt") && goes_through(path, "labels") && base_name(path) != "classes.txt")
      labels.push_back(path);
  if (labels.empty()) return seen;
  seen.evidence.push_back(std::to_string(labels.size()) + " text files below 'labels', first " +
                          std::string(labels.front()));
  const bool has_images =
      std::any_of(paths.begin(), paths.end(), [](std::string_view p) { return goes_through(p, "images"); });
  if (seen.score == 0 && has_images)
    seen.score = 60;
  else if (seen.score > 0)
    seen.score = 95;
  if (seen.score == 0) return seen;
  const RowForm form = form_of_rows(tree, described, {}, labels);
  if (form.oriented) seen.dialect = "oriented boxes";
  if (form.ambiguous) seen.dialect = "oriented boxes or segment";
  if (!form.evidence.empty()) seen.evidence.push_back(form.evidence);
  return seen;
}

}  // namespace yolo_parts

namespace yolo_parts {
namespace {

bool is_yaml_name(std::string_view path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

Result<void> write_data_yaml(const Dataset& d, const Layout& layout, Task task, PointShape points, TreeWriter& out) {
  return out.write(layout.yaml, data_yaml_text(d, layout, task, points));
}

}  // namespace

const Dialect ultralytics{
    .format = "yolo",
    .description = "data.yaml",
    .find = find_data_yaml,
    .describes = is_yaml_name,
    .read = read_data_yaml,
    .write = write_data_yaml,
};

}  // namespace yolo_parts

namespace {

constexpr std::string_view yolo_tasks[] = {"detect", "segment", "pose", "obb"};
constexpr std::string_view yolo_dialects[] = {"obb", "segment"};

std::string_view yolo_task(const Dataset& d, const WriteOptions& options) {
  const std::optional<yolo_parts::Task> task = yolo_parts::task_of(d, options);
  return task ? yolo_parts::name(*task) : std::string_view(options.task);
}

std::span<const Carry> yolo_carries_for(const WriteOptions& options) {
  for (const auto task :
       {yolo_parts::Task::detect, yolo_parts::Task::segment, yolo_parts::Task::pose, yolo_parts::Task::obb})
    if (options.task == yolo_parts::name(task)) return yolo_parts::yolo_carries(task, options.digits);
  return yolo_parts::yolo_carries(yolo_parts::Task::as_read, options.digits);
}

}  // namespace

extern const Format yolo;
const Format yolo{
    .id = "yolo",
    .title = "Ultralytics YOLO",
    .judge = "ultralytics 8.4.190",
    .tasks = yolo_tasks,
    .carries = yolo_parts::yolo_carries(yolo_parts::Task::segment, -1),
    .choices = yolo_parts::yolo_choices(),
    .detect = yolo_parts::detect_yolo,
    .read = yolo_parts::read_yolo,
    .write = yolo_parts::write_yolo,
    .refuses = yolo_parts::refuses_yolo,
    .task = yolo_task,
    .carries_for = yolo_carries_for,
    .dialects = yolo_dialects,
};

}  // namespace vetset
