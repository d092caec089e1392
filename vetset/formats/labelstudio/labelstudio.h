// The parts of Label Studio's JSON: a list of tasks with what annotators drew and models predicted, and the labelling
// config beside it. For files of this folder only.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vetset/base/json.h"
#include "vetset/base/text_index.h"
#include "vetset/dataset/dataset.h"
#include "vetset/formats/format.h"
#include "vetset/formats/tool_form.h"
#include "vetset/formats/tool_text.h"

namespace vetset::labelstudio_parts {

inline constexpr std::string_view document_name = "tasks.json", config_name = "label_config.xml";
inline bool is_native(const Dataset& d) { return d.format == "labelstudio"; }
/// Layers of predictions: "prediction", "prediction: model 0".
inline constexpr std::string_view prediction_layer = "prediction";
inline bool is_prediction_layer(std::string_view name) {
  return name == prediction_layer || name.starts_with("prediction: ");
}

// The labelling config.

struct Config {
  struct Label {
    std::string name;
    std::optional<std::int64_t> id = {};  // its number, as the tool's COCO export has it
    std::optional<std::string> supercategory = {};
    bool has_points = false, has_edges = false;
    std::vector<std::string> points = {};
    std::vector<std::pair<std::int64_t, std::int64_t>> edges = {};
    bool operator==(const Label&) const = default;
  };
  std::vector<Label> labels;
  std::string image_key = {};  // of a task's data: "image" for value="$image"
};
/// Nothing where the text is no config.
std::optional<Config> read_config(std::string_view text, const Limits& limits);
struct Plan;
std::string config_text(const Dataset& d, const Plan& plan);
/// The labels that the config of a dataset lists.
std::vector<Config::Label> labels_of(const Dataset& d, const Plan& plan);

// References to images.

/// Where the image of a reference is expected: "/data/local-files/?d=a%20b.jpg" → "a b.jpg".
std::string path_of_reference(std::string_view reference);
/// Whether a reference ends in a file of that name, as it was called before it was uploaded or since.
bool names_file(std::string_view reference, std::string_view name);
/// The reference that is written to an image below the folder that Label Studio serves.
std::string reference_to(std::string_view path);
/// The member of a task's data that names an image which cannot be found by the task's own reference.
inline constexpr std::string_view moved_key = "vetset_image";
/// Which member of a task's data is its image, and what it says; empty where none is.
struct ImageMember {
  std::string key, reference;
};
ImageMember image_in(std::string_view data, std::string_view key);
class Finder {
 public:
  Finder(const Tree& tree, const ReadOptions& options);
  struct Found {
    std::string_view media;
    bool own = true;
  };
  Found find(std::string_view folder, std::string_view reference) const;
  bool any_image() const { return !by_name_[0].empty() || !by_name_[1].empty(); }

 private:
  const Tree& tree_;
  const Tree* images_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> by_name_[2];  // own, of --images-dir
};

// Brushes: bits of a bitmap of four channels, packed by thi.ng's rle-pack.

/// One byte a pixel along the rows; an error says what is wrong.
Result<std::vector<std::uint8_t>> read_brush(std::span<const std::uint8_t> packed, std::uint32_t width,
                                             std::uint32_t height, const Limits& limits);
/// The bytes of a mask.
std::vector<std::uint8_t> pack_brush(std::span<const std::uint8_t> ones);

// Values.

/// What the value of one result draws.
struct Drawn {
  ToolForm form = ToolForm::none;       // box, rotated, polygon, polyline, point, ellipse, mask; none: it draws nothing
  std::vector<double> numbers = {};     // pixels: x y w h; cx cy w h degrees; the points; cx cy rx ry (degrees)
  std::vector<std::uint8_t> ones = {};  // of a mask
  std::vector<std::string> labels = {};
  std::string_view type = {};  // "rectanglelabels"
  std::string fault = {};      // what is wrong with it
};
/// `width` and `height` of the image, 0 where not known: then numbers stay empty.
Drawn read_value(std::string_view json, std::string_view type, std::uint32_t width, std::uint32_t height,
                 const Limits& limits);
/// The type that a value is of: its key of labels, or what its numbers make.
std::string type_of_value(std::string_view json);
/// The member of a JSON object as it stands; empty where it has none.
std::string_view member(std::string_view object, std::string_view key);
/// The texts of a list, or one text.
std::vector<std::string> texts_in(std::string_view json);

// Results that say more of a region that is there already.
struct Extra {
  std::string key;                      // of an attribute
  std::string json;                     // its value
  std::vector<std::string> texts = {};  // instead: of a textarea
  TextRole role = TextRole::transcription;
};
std::optional<Extra> read_extra(std::string_view result);
/// The result that gives a region texts of one role; its id as JSON, or empty.
std::string textarea_text(std::string_view id, TextRole role, std::span<const std::string> texts);

// Reading a task.

/// What a run of tasks gives. Categories of `part` are numbers in `names`, layers in `layers`.
struct Parsed {
  Dataset part;
  std::deque<std::string> names, layers;
  TextIndex<CategoryIndex> categories = {};
  Findings findings;
  std::uint64_t unmodelled = 0;  // results that are kept, and say nothing to the model
};
struct Head {
  std::string id = {}, reference = {}, path = {}, residue = {};
  Finder::Found found = {};
  std::vector<std::string> splits = {};
  std::uint32_t width = 0, height = 0;
  SizeOrigin size_origin = SizeOrigin::none;
  ImageState state = ImageState::not_said;
};
struct TaskSource {
  std::string_view text;     // of the task
  std::uint64_t offset = 0;  // in the file
  FileIndex file{};
  std::string_view path;
  ImageIndex image{};
};
struct TaskContext {
  const Config& config;
  const Finder& finder;
  const ReadOptions& options;
  const Tree& tree;
};
Head read_task(const TaskSource& source, const TaskContext& context, Parsed& into);

/// The layer of one set of results: "anna@example.org", "7", "prediction: model 0"; numbered where it is taken.
std::string layer_of_set(std::string_view set, bool prediction, std::vector<std::string>& taken);

// Writing.

struct Plan {
  std::vector<std::string> class_names;
  std::vector<std::vector<std::string>> points;  // by category
  std::vector<std::string> split_names;          // by split
  std::string image_key = "image";
  struct Target {
    std::string path;       // of the file
    std::string reference;  // as the task says it
    std::string read_as;    // the path that it will be read as
  };
  std::vector<Target> images;  // by image
};
Plan plan_labelstudio(const Dataset& d, const WriteOptions& options);
/// Whether the value that was read for an annotation still says it.
bool keeps_value(const Dataset& d, AnnotationIndex i);
ToolForm written_form(const Dataset& d, AnnotationIndex i);
/// Whether it is written among the predictions, and the layer it is written to.
std::string written_layer(const Dataset& d, AnnotationIndex i);
/// One task; `emitted` gets the annotation of each record of it, in the order of reading.
struct TaskTarget {
  ImageIndex image{};
  std::string id;  // JSON; empty: none
  std::vector<std::string> splits = {};
  std::span<const AnnotationIndex> annotations = {};
};
std::string task_text(const Dataset& d, const TaskTarget& target, const Plan& plan, const Policies& policies,
                      std::vector<AnnotationIndex>& emitted);

Detection detect_labelstudio(const Tree& tree);
Result<Reading> read_labelstudio(const Tree& tree, const ReadOptions& options);
Result<Emission> write_labelstudio(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);
std::optional<std::string> refuses_labelstudio(const Dataset& d, const WriteOptions& options);
std::span<const Carry> labelstudio_carries();
std::span<const Carry> labelstudio_carries_for(const WriteOptions& options);
std::span<const Choice> labelstudio_choices();

}  // namespace vetset::labelstudio_parts
