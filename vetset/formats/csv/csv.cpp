// Boxes in tables: the CSV of TensorFlow's object detection (filename,width,height,class,xmin,ymin,xmax,ymax, columns
// in any order) and RetinaNet's without a header. Corners are pixels from 0, or fractions where all lie within 0 and 1.
// There is no place for anything but a name and a box; TensorFlow's cannot hold an image without an object.
#include "vetset/formats/csv/csv.h"

#include <algorithm>
#include <vector>

#include "vetset/formats/corner_box.h"
#include "vetset/formats/names.h"

namespace vetset {
namespace csv_parts {
namespace {

using Record = std::uint32_t;
AnnotationIndex at(Record i) { return static_cast<AnnotationIndex>(i); }

bool kept(const Dataset& d, Record i) { return is_native(d) && d.annotations[i].box_origin == Origin::stated; }
bool no_object(const Dataset& d, Record i) { return !has_corner_box(d, at(i)); }
bool crowd(const Dataset& d, Record i) { return d.annotations[i].flags.is(Flag::crowd); }
bool turned(const Dataset& d, Record i) { return is_turned_object(d, at(i)); }
bool box_not_stated(const Dataset& d, Record i) { return d.annotations[i].box_origin != Origin::stated; }
bool file_named(const Dataset& d, Record i) {
  const std::string& name = d.splits[i].name;
  const bool once =
      std::count_if(d.splits.begin(), d.splits.end(), [&](const Split& s) { return s.name == name; }) == 1;
  return is_native(d) || (once && !name.empty() && as_word(name) == name && split_of(file_of(name)) == name);
}

std::vector<Carry> lines_of(Style style) {
  std::vector<Carry> lines;
  const auto add = [&](Field field, Verb verb, bool (*when)(const Dataset&, Record) = nullptr,
                       std::string_view note = {}, double (*bound)(const Dataset&, Record) = nullptr) {
    lines.push_back({.field = field, .verb = verb, .when = when, .bound = bound, .note = note});
  };
  const bool lists_all = style == Style::retinanet;
  add(Field::split, Verb::dropped, nullptr, "a table that says what others say together is no split");
  add(Field::split, Verb::derived, nullptr, "images of no split get a table");
  add(Field::split_name, Verb::exact, file_named);
  add(Field::split_name, Verb::rekeyed, nullptr, "a name that a file can have");
  add(Field::split_role, Verb::exact, file_named);
  add(Field::split_role, Verb::rekeyed, nullptr, "as its name says");
  add(Field::split_members, Verb::exact);
  add(Field::split_categories, Verb::aggregated, nullptr, "one list of classes for all splits");
  if (lists_all) {
    add(Field::category, Verb::exact);
  } else {
    add(Field::category, Verb::dropped, nullptr, "a class without an object has no row");
  }
  add(Field::category_id, Verb::dropped, nullptr, "a class is known by its name");
  add(Field::category_name, Verb::exact, has_own_name);
  add(Field::category_name, Verb::rekeyed, nullptr, "classes of one name get a number");
  if (lists_all)
    add(Field::category_order, Verb::exact);
  else
    add(Field::category_order, Verb::rekeyed, nullptr, "classes have no order of their own");
  if (lists_all)
    add(Field::image, Verb::exact);
  else
    add(Field::image, Verb::dropped, nullptr, "an image without an object has no row");
  add(Field::image_path, Verb::rekeyed, nullptr, "images/, names made unlike");
  add(Field::image_id, Verb::dropped, nullptr, "an image is known by its name");
  add(Field::image_order, Verb::exact);
  if (lists_all)
    add(Field::image_size, Verb::dropped);
  else
    add(Field::image_size, Verb::derived, nullptr, "from the header of the image");
  add(Field::image_state, Verb::derived, nullptr, "an image with rows is labelled");
  add(Field::annotation, Verb::exact, kept);
  add(Field::annotation, Verb::dropped, no_object, "no row without a named class, a finite box and an image");
  add(Field::annotation, Verb::refused, crowd, "a crowd would be learned as an object");
  add(Field::annotation, Verb::refused, turned, "a turned box would be learned larger");
  add(Field::annotation, Verb::exact);
  add(Field::annotation_order, Verb::exact);
  add(Field::annotation_image, Verb::exact);
  add(Field::annotation_category, Verb::exact);
  add(Field::annotation_kind, Verb::derived, nullptr, "a box");
  add(Field::annotation_box, Verb::derived, box_not_stated, "the box around the shape");
  add(Field::annotation_box, Verb::quantised, nullptr, "corners", corner_bound);
  return lines;
}

const std::vector<Carry>& lines(Style style) {
  static const std::vector<Carry> tables[] = {lines_of(Style::tfod), lines_of(Style::retinanet)};
  return tables[static_cast<std::size_t>(style)];
}

const Choice choices[] = {
    {Decision::crowd, asks_corner_crowd, corner_crowd_policies,
     "a table has no crowd regions: a trainer would learn them as objects"},
    {Decision::rotated, asks_corner_rotated, corner_rotated_policies,
     "boxes of a table do not turn: the box around it is larger"},
    {Decision::keypoints, asks_corner_keypoints, corner_keypoint_policies, "a table has no keypoints: the box stays"},
    {Decision::score, asks_corner_score, corner_drop_only,
     "a table of labels has no scores: a prediction would be learned as the truth"},
    {Decision::track, asks_corner_track, corner_drop_only, "a table of labels has no tracks"},
};

Detection detect_csv(const Tree& tree) {
  Detection seen;
  const std::vector<std::string_view> files = csv_files(tree);
  if (files.empty()) return seen;
  const Result<Bytes> head = tree.read(files.front(), {0, 4096});
  const std::optional<Columns> columns = head ? columns_of(*head) : std::nullopt;
  if (!columns) return seen;
  const std::string_view first(head->text().substr(0, head->text().find_first_of(",\n")));
  seen.score = columns->style == Style::tfod ? 75 : first.find('.') != std::string_view::npos ? 65 : 20;
  seen.dialect = name(columns->style);
  std::string said = std::string(files.front());
  if (columns->style == Style::tfod) {
    said += " has the columns ";
    for (std::size_t k = 0; k < columns->names.size(); ++k) said += (k == 0 ? "" : ",") + columns->names[k];
  } else {
    said += " has rows of path,x1,y1,x2,y2,class";
  }
  seen.evidence.push_back(std::move(said));
  if (files.size() > 1) seen.evidence.push_back("so do " + std::to_string(files.size() - 1) + " other files");
  return seen;
}

}  // namespace
}  // namespace csv_parts

namespace {

constexpr std::string_view csv_tasks[] = {"tfod", "retinanet"};
constexpr std::string_view csv_dialects[] = {"pixels", "normalised"};

std::string_view csv_task(const Dataset& d, const WriteOptions& options) {
  return options.task.empty() ? csv_parts::name(csv_parts::style_of(d)) : std::string_view(options.task);
}

std::span<const Carry> csv_carries_for(const WriteOptions& options) {
  return csv_parts::lines(options.task == "retinanet" ? csv_parts::Style::retinanet : csv_parts::Style::tfod);
}

}  // namespace

extern const Format csv;
const Format csv{
    .id = "csv",
    .title = "CSV boxes",
    .judge = {},
    .tasks = csv_tasks,
    .carries = csv_parts::lines(csv_parts::Style::tfod),
    .choices = csv_parts::choices,
    .detect = csv_parts::detect_csv,
    .read = csv_parts::read_csv,
    .write = csv_parts::write_csv,
    .refuses = csv_parts::refuses_csv,
    .task = csv_task,
    .carries_for = csv_carries_for,
    .dialects = csv_dialects,
};

}  // namespace vetset
