// The parts of CVAT's XML 1.1: one document of labels and images with their shapes, beside the images themselves. For
// files of this folder only.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/text_index.h"
#include "vetset/base/xml.h"
#include "vetset/dataset/dataset.h"
#include "vetset/formats/format.h"
#include "vetset/formats/tool_form.h"
#include "vetset/formats/tool_text.h"

namespace vetset::cvat_parts {

inline constexpr std::string_view document_name = "annotations.xml";
inline constexpr std::string_view images_folder = "images/";
inline bool is_native(const Dataset& d) { return d.format == "cvat"; }

// What CVAT has no place for rides along as attributes of these names, so that it comes back from the tool.
inline constexpr std::string_view own_prefix = "vetset_";
inline constexpr std::string_view id_name = "vetset_id", score_name = "vetset_score", layer_name = "vetset_layer",
                                  track_name = "vetset_track";

// The head of a document.

struct Label {
  std::string name;
  bool skeleton = false;
  std::vector<std::string> points = {};                           // of a skeleton, in order
  std::vector<std::pair<std::int64_t, std::int64_t>> edges = {};  // between points, from 1
  bool operator==(const Label&) const = default;
};
struct Meta {
  std::vector<Label> labels;
  std::vector<std::string> subsets;     // of a project, in order
  std::string subset = {};              // of a task: of all images that name none
  std::uint32_t width = 0, height = 0;  // of a video
};
Meta read_meta(XmlNode meta);
/// The labels that a dataset has, and the splits that become subsets.
struct Plan;
std::string meta_text(const Dataset& d, const Plan& plan);

// Pieces of a document.

struct Piece {
  std::size_t begin = 0, end = 0;
  std::string_view name;
};
struct Pieces {
  std::vector<Piece> all;             // children of the root that are whole, in order
  std::optional<std::size_t> broken;  // where something begins that does not end
  std::string_view root;
};
Pieces cut(std::string_view xml);

// Shapes.

/// What a run of images gives. Categories of `part` are numbers in `names`, layers in `layers`.
struct Parsed {
  Dataset part;
  std::deque<std::string> names, layers;
  TextIndex<CategoryIndex> categories = {};
  Findings findings;
  Xml xml = {};
};
/// The frame that a shape lies on.
struct Frame {
  FileIndex file{};
  std::string_view path;   // of the document
  std::size_t offset = 0;  // of the piece in it
  ImageIndex image{};
  std::uint32_t width = 0, height = 0;
};
/// The names of points of each skeleton label, as the head lists them.
using Skeletons = std::vector<Label>;
/// Whether an element is a shape or a tag that can be read.
bool is_shape(std::string_view element);
/// Reads one shape, tag or skeleton; `label` is that of its track, else empty. Nothing is added where it is faulty.
bool read_shape(XmlNode element, std::string_view label, const Frame& frame, const Skeletons& skeletons,
                const Limits& limits, Parsed& into);
void report(Findings& findings, std::string_view code, Severity severity, const Frame& frame, std::size_t offset,
            std::string message, std::string fix = {});

// Writing.

struct Plan {
  std::vector<std::string> class_names;
  std::vector<std::vector<std::string>> points;  // by category: names of its points; empty: it has none
  std::vector<std::string> subsets;              // by split
  struct Target {
    ImageIndex image{};
    SplitIndex split = none<SplitIndex>;
    std::string name;  // as the document says it
    std::string path;  // in the tree
  };
  std::vector<Target> targets;  // in the order of the document
  std::uint64_t next_group = 1;
};
Plan plan_cvat(const Dataset& d);
/// The XML of one annotation: one element, or several where its parts are drawn one by one. Says how many.
std::size_t append_shapes(std::string& out, const Dataset& d, AnnotationIndex i, Plan& plan, const Policies& policies);
/// The form it is written in; ToolForm::none where it is not.
ToolForm written_form(const Dataset& d, AnnotationIndex i);
/// A group that CVAT can number.
std::optional<std::uint64_t> group_of(const Dataset& d, AnnotationIndex i);

Detection detect_cvat(const Tree& tree);
std::vector<std::string_view> documents_of(const Tree& tree);
Result<Reading> read_cvat(const Tree& tree, const ReadOptions& options);
Result<Emission> write_cvat(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);
std::optional<std::string> refuses_cvat(const Dataset& d, const WriteOptions& options);
std::span<const Carry> cvat_carries();
std::span<const Carry> cvat_carries_for(const WriteOptions& options);
std::span<const Choice> cvat_choices();

}  // namespace vetset::cvat_parts
