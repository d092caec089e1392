// Ultralytics YOLO: detect, segment and pose, as Ultralytics 8.4.190 documents and reads it. A row is a class and
// fractions of the image; there is no place for ids, areas, crowds, attributes, licences or anything else.
#include "vetset/formats/yolo/yolo.h"

#include <algorithm>

#include "vetset/image/probe.h"

namespace vetset {
namespace yolo_parts {

Detection detect_yolo(const Tree& tree) {
  Detection seen;
  if (const std::string yaml = find_data_yaml(tree); !yaml.empty()) {
    Findings ignored;
    const Result<DataYaml> read = read_data_yaml(tree, yaml, {}, ignored);
    if (read && (!read->names.empty() || read->class_count)) {
      const std::size_t classes =
          read->names.empty() ? static_cast<std::size_t>(*read->class_count) : read->names.size();
      seen.score = 90;
      seen.evidence.push_back(yaml + " names " + std::to_string(classes) + (classes == 1 ? " class" : " classes"));
      for (const SplitKey& split : read->splits)
        for (const std::string& value : split.values)
          seen.evidence.push_back(yaml + " has " + split.key + ": " + value);
      seen.dialect = read->points ? "pose" : "detect or segment";
    }
  }
  const auto paths = tree.list();
  std::size_t pairs = 0;
  std::string_view first;
  for (const std::string_view path : paths) {
    if (!path.ends_with(".txt") || !goes_through(path, "labels") || base_name(path) == "classes.txt") continue;
    if (pairs++ == 0) first = path;
  }
  if (pairs > 0) {
    seen.evidence.push_back(std::to_string(pairs) + " text files below 'labels', first " + std::string(first));
    const bool has_images =
        std::any_of(paths.begin(), paths.end(), [](std::string_view p) { return goes_through(p, "images"); });
    if (seen.score == 0 && has_images)
      seen.score = 60;
    else if (seen.score > 0)
      seen.score = 95;
  }
  return seen;
}

}  // namespace yolo_parts

namespace {

constexpr std::string_view yolo_tasks[] = {"detect", "segment", "pose"};

std::string_view yolo_task(const Dataset& d, const WriteOptions& options) {
  const std::optional<yolo_parts::Task> task = yolo_parts::task_of(d, options);
  return task ? yolo_parts::name(*task) : std::string_view(options.task);
}

std::span<const Carry> yolo_carries_for(const WriteOptions& options) {
  for (const auto task : {yolo_parts::Task::detect, yolo_parts::Task::segment, yolo_parts::Task::pose})
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
};

}  // namespace vetset
