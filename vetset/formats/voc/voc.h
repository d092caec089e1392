// The parts of Pascal VOC: one XML file an image in Annotations/, images in JPEGImages/, lists of names in
// ImageSets/Main/, or all of them side by side. For files of this folder only.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/text_index.h"
#include "vetset/base/xml.h"
#include "vetset/dataset/dataset.h"
#include "vetset/formats/format.h"
#include "vetset/formats/voc/labelmap.h"

namespace vetset::voc_parts {

// Where corners lie.

/// What xmin, ymin, xmax and ymax count. The devkit counts pixels from 1 and names the last one; nearly all exporters
/// since write places on the plane of the pixels, from 0. No file says which.
enum class Corners : std::uint8_t { from_zero, from_one, from_zero_inclusive };
/// "from 0", "from 1", "from 0, last pixel inside": as people, labelmap.txt and the dataset's residue say it.
std::string_view name(Corners corners);
std::optional<Corners> corners_named(std::string_view name);
/// The corners as they are written, and as a box of the plane.
struct CornerNumbers {
  double xmin = 0, ymin = 0, xmax = 0, ymax = 0;
};
Box box_of(const CornerNumbers& corners, Corners base);
CornerNumbers corners_of(const Box& box, Corners base);

/// What the numbers of a dataset, and the tools that wrote its files, tell about that. Votes of parts can be added.
struct CornerVote {
  std::uint64_t boxes = 0, fractions = 0, zeros = 0, ones = 0, at_size = 0, before_size = 0, no_extent = 0;
  std::uint64_t devkit = 0, exporter = 0;  // files
  std::string pinned = {};                 // by a line of labelmap.txt
  void count(const CornerNumbers& corners, std::uint32_t width, std::uint32_t height);
  void count_file(std::string_view database, bool has_path);
  void add(const CornerVote& other);
};
struct CornerChoice {
  Corners corners = Corners::from_one;
  std::string why;  // for people: "23 of 217 boxes have a coordinate 0"
};
CornerChoice decide(const CornerVote& vote);

// One file.

/// An object, or what a file says of its image: what the model has no place for as JSON, in source order.
std::string residue_json(XmlNode parent, std::span<const std::string_view> modelled, std::uint32_t depth);
/// The other way: elements on lines of their own.
void append_residue_xml(std::string& out, std::string_view json, std::string_view indent, std::string_view inside = {});
/// A name, filename and the like: as it stands, but for line ends around it.
std::string_view trimmed(std::string_view text);

/// Reads one XML file.
struct XmlFile {
  FileIndex file{};
  ImageIndex image{};
  std::string_view path, bytes;
  bool keep_bytes = true;
};
/// What a run of files gives. Categories of `part` are numbers in `names`; boxes hold the corners as they are written:
/// xmin, ymin, xmax, ymax.
struct Parsed {
  Dataset part;
  std::deque<std::string> names;
  TextIndex<CategoryIndex> categories = {};  // by name
  Findings findings;
  CornerVote vote;
  Xml xml = {};  // of the file being read
};
/// What one file says of its image.
struct Head {
  std::string filename, folder;
  Text residue = {};  // of Parsed::part
  std::uint32_t objects = 0;
  bool broken = false;
};
Head parse_file(const XmlFile& source, Image& image, File& file, Parsed& into, const Limits& limits);

// Text of a file that is kept.

/// The elements "<object>" of a file, and one child of the root or of an element, found without building a tree.
struct Span {
  std::size_t begin = 0, end = 0;
};
std::vector<Span> object_spans(std::string_view xml);
/// The character data of the first child of that name of the element that `xml` begins with; nothing where there is
/// none, or where it holds more than characters.
std::optional<Span> child_text(std::string_view xml, std::string_view name);

// The list of classes.

std::string labelmap_text(const std::vector<std::string>& names, Corners corners);
/// Classes of such lists that stand for pixels, not for objects.
inline bool is_pixel_class(std::string_view name) { return name == "background" || name == "ignored"; }

// Writing.

/// The list that repeats train and val; a split of another format gets another name.
inline constexpr std::string_view usual_union = "trainval";
inline constexpr std::string_view lists_folder = "ImageSets/Main/";
bool is_native(const Dataset& d);
/// Whether an object can be written as its file has it.
bool keeps_object(const Dataset& d, AnnotationIndex i);
/// Whether an annotation is written at all, some decisions apart.
bool is_written(const Dataset& d, AnnotationIndex i);
Corners corners_to_write(const Dataset& d);
/// The marks that VOC has.
inline constexpr Flag voc_flags[] = {Flag::truncated, Flag::difficult, Flag::occluded};

/// Where every image and its XML go, and the lists.
struct Plan {
  bool as_read = false;  // the folders of the source, which was VOC
  struct Target {
    std::string image_path, xml_path;  // xml_path empty: none is written
    std::string id;                    // in lists
  };
  std::vector<Target> targets;  // by image
  struct List {
    SplitIndex split{};
    std::string path, name;
  };
  std::vector<List> lists;  // by split
  std::vector<std::string> class_names;
};
Plan plan_voc(const Dataset& d, const WriteOptions& options);
/// The text of one image's XML file; `written` gets the annotations it holds, in order.
std::string xml_text(const Dataset& d, ImageIndex image, std::span<const AnnotationIndex> annotations, const Plan& plan,
                     const Policies& policies, std::vector<AnnotationIndex>& written);
/// The evidence that the dataset gives as it will be written.
CornerVote vote_of(const Dataset& d);

Detection detect_voc(const Tree& tree);
/// XML files of images, sorted: those below a folder "Annotations", else all.
std::vector<std::string_view> xml_files(const Tree& tree);
Result<Reading> read_voc(const Tree& tree, const ReadOptions& options);
Result<Emission> write_voc(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);
std::optional<std::string> refuses_voc(const Dataset& d, const WriteOptions& options);
std::span<const Carry> voc_carries();
std::span<const Choice> voc_choices();

}  // namespace vetset::voc_parts
