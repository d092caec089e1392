// Parts of the COCO format that its files share: keys, names of documents, slices as they are read, records as they
// are written. For vetset/formats/coco/*.cpp and their tests alone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/json.h"
#include "vetset/dataset/rotated.h"
#include "vetset/formats/format.h"

namespace vetset {

/// Keys that the model has a place for; every other key of a record is residue.
enum class CocoKey : std::uint8_t {
  other,
  id,
  image_id,
  category_id,
  bbox,
  area,
  iscrowd,
  segmentation,
  keypoints,
  caption,
  attributes,
  score,
  track_id,
  file_name,
  width,
  height,
  license,
  name,
  supercategory,
  skeleton,
  url,
};
CocoKey coco_key(std::string_view key);
/// A set of keys, one bit each.
constexpr std::uint32_t coco_bit(CocoKey key) { return 1U << static_cast<unsigned>(key); }
/// The modelled keys that a residue holds: what stands there is written, not the model's own value.
std::uint32_t coco_keys_of(const Dataset& d, std::span<const Residue> rows);

/// What a JSON file is, from its first bytes.
enum class CocoDocument : std::uint8_t { other, dataset, panoptic, results };
struct CocoSniff {
  CocoDocument kind = CocoDocument::other;
  int score = 0;
  std::string evidence = {};
};
CocoSniff sniff_coco(const Tree& tree, std::string_view path);
Detection detect_coco(const Tree& tree);
/// Paths that a tool keeps for itself, or that a copy from another system left: not data.
bool is_coco_litter(std::string_view path);

/// The split that a document's path tells of: "annotations/instances_train2017.json" → "train2017",
/// "valid/_annotations.coco.json" → "valid"; empty where it tells of none.
struct CocoSplitName {
  std::string name;
  SplitRole role = SplitRole::unspecified;
  SplitOrigin origin = SplitOrigin::none;
};
CocoSplitName coco_split_of(std::string_view document);

/// One spelling for each field of numbers of a document.
using CocoStyles = std::array<NumberStyle, static_cast<std::size_t>(StyledField::count)>;
/// Counts how numbers are spelled, and tells the style that most of them follow.
class CocoStyleVote {
 public:
  void count(std::string_view number);
  NumberStyle winner() const;

 private:
  std::uint64_t shortest_ = 0, with_point_ = 0;
  std::array<std::uint64_t, 20> fixed_{}, at_least_{};
};
/// The styles of the first `records` annotations; says how many it has seen.
struct CocoStyleSample {
  std::array<CocoStyleVote, static_cast<std::size_t>(StyledField::count)> votes;
  std::size_t records = 0;
  void take(std::string_view slice_text, std::size_t most);
  CocoStyles styles() const;
};

/// A number list as text: pushes the values, and remembers those that are not spelled in the style.
struct CocoNumbers {
  struct Odd {
    std::uint32_t slot = 0;
    std::string_view text;
  };
  NumberStyle style;
  std::uint32_t slot = 0;
  std::vector<Odd> odd;
  /// From '[' to past ']'; null where it is anything but a list of JSON numbers (then `out` may have grown).
  const char* read_list(const char* at, const char* end, Column<double>& out);
  /// One number; null where there is none.
  const char* read_one(const char* at, const char* end, double& value);
};

/// A reference that is no plain index: what was written, and the integer it stands for where it stands for one.
struct CocoReference {
  std::uint32_t record = 0;
  Owner target{};
  std::string json;
  std::optional<std::int64_t> number = {};
};
/// A finding about a record whose index is known later. No record: a place.
struct CocoNote {
  std::string_view code;
  Severity severity = Severity::error;
  std::uint32_t record = 0xffffffffU;
  std::uint64_t offset = 0;
  std::string message;
};
/// What one slice says. References wait in the index fields of the records as the numbers that were written; those
/// that do not fit there stand in `references`.
struct CocoPart {
  struct Broken {
    std::uint64_t offset = 0;
    std::string what;
  };
  std::optional<Broken> broken = {};  // where the slice stops to be JSON
  Dataset dataset;
  std::vector<CocoReference> references;
  std::vector<CocoNote> notes;
};
CocoPart read_coco_annotations(const JsonSlice& slice, FileIndex file, const CocoStyles& styles, const Limits& limits);
CocoPart read_coco_images(const JsonSlice& slice, FileIndex file, const Limits& limits);
/// Categories and licences of one slice: `dataset.categories` or `dataset.licences`, their ids and residues.
CocoPart read_coco_categories(const JsonSlice& slice, const Limits& limits);
CocoPart read_coco_licences(const JsonSlice& slice, const Limits& limits);
/// Reads one segmentation that is no plain list of numbers: RLE, null, NaN among the coordinates. Says what is wrong
/// with it, and then leaves the dataset as it was; the mask of an RLE spelled in an unusual way is kept all the same,
/// and `verbatim` is set.
struct CocoSegmentation {
  std::optional<Shape> shape = {};
  bool verbatim = false;
  std::string_view code = {};  // of the finding, where there is one
  std::string what = {};
};
CocoSegmentation read_coco_segmentation(std::string_view json, Dataset& d, CocoNumbers& numbers, const Limits& limits);

/// What all readers of records do alike.
class CocoRecord {
 public:
  CocoRecord(CocoPart& part, const JsonSlice& slice, const Limits& limits);
  JsonCursor& in() { return *in_; }
  /// The record whose members are read now.
  void begin();
  void keep_member() { keep(in_->raw_member()); }  // the open member, once its value was read, as it is
  void skip_member() { in_->skip(), keep_member(); }
  void keep(std::string_view member);
  void end(Owner owner, std::uint32_t index);  // files the residue
  void note(std::string_view code, Severity severity, std::string message);
  /// Whether a modelled key is met the second time.
  bool again(CocoKey key);
  bool repeated() const { return repeated_; }
  std::uint64_t offset() const { return base_; }
  /// The id under the cursor.
  void read_id(Ids& ids, std::size_t record);
  /// A string, or what stands there kept verbatim: nothing then.
  std::optional<std::string_view> read_text();
  /// Reads the record that `raw` is again, with the last of each repeated key only. The text must outlive the reading.
  static std::string last_members(std::string_view raw, const Limits& limits);
  /// Says where, once the cursor has failed.
  void fail();
  void restart(JsonCursor& other) { in_ = &other; }
  void set_index(std::uint32_t index) { index_ = index; }

 private:
  CocoPart& part_;
  const JsonSlice& slice_;
  JsonCursor own_;
  JsonCursor* in_;
  std::string extra_;
  std::uint32_t seen_ = 0;
  std::uint32_t index_ = 0;
  std::uint64_t base_ = 0;
  std::uint32_t odd_ = 0;
  bool repeated_ = false;
};

Result<Reading> read_coco(const Tree& tree, const ReadOptions& options);

/// Records of one document by their ids. Numbers that are written as floats ("1.0") are found as integers, as Python
/// does.
class CocoIndex {
 public:
  /// Of ids[begin] up to the end. `repeated` gets the later ones of records that share an id, in order.
  CocoIndex(const Dataset& d, const Ids& ids, std::size_t begin, std::size_t end, std::vector<std::uint32_t>* repeated);
  static constexpr std::uint32_t nothing = 0xffffffffU;
  std::uint32_t find(std::int64_t id) const;
  std::uint32_t find(std::string_view json) const;

 private:
  Column<std::uint32_t> dense_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> sparse_;
  std::vector<std::pair<std::string, std::uint32_t>> tokens_;
};
/// The integer that a JSON number means, however it is spelled: "7", "7.0", "7e0".
std::optional<std::int64_t> coco_integer(std::string_view json);

/// Finds the images of one document in the tree; sets Image::media, and tells by which rule.
void find_coco_images(const Tree& tree, const ReadOptions& options, std::string_view document,
                      const CocoSplitName& split, std::span<const ImageIndex> images, Reading& reading);

/// The role that a split's name, or its leading word ("train2017"), says.
SplitRole coco_role_of(std::string_view name);

/// One document to be written: its path, its split, and the records it gets, in order.
struct CocoTarget {
  std::string path;
  SplitIndex split = none<SplitIndex>;
  std::string split_name;
  std::vector<CategoryIndex> categories;
  std::vector<LicenceIndex> licences;
  Column<ImageIndex> images;
  Column<AnnotationIndex> annotations;
};
/// What is decided before the first byte is written.
struct CocoPlan {
  bool native = false;    // from COCO: written as it was
  bool residues = false;  // keys that the model does not know are written
  bool keep_licence_ids = false, keep_category_ids = false, keep_image_ids = false, keep_annotation_ids = false;
  std::vector<CocoTarget> documents;
  std::vector<std::string> file_names;  // by image; empty where native: as authored
  std::vector<std::string> media;       // by image: where its file goes; empty where native: where it was
};
/// Whether the dataset is written as the COCO documents it was read from.
inline bool is_native_coco(const Dataset& d) { return d.format == "coco"; }
/// Whether residue is written: another format's means nothing here.
inline bool writes_coco_residue(const Dataset& d) { return is_native_coco(d) || d.format.empty(); }
CocoPlan plan_coco(const Dataset& d, const WriteOptions& options);
/// The document that a split of another format becomes.
std::string coco_document_of(std::string_view split);

/// Writes the records of one document.
struct CocoRecordWriter {
  const Dataset& d;
  const CocoPlan& plan;
  const Policies& policies;
  CocoStyles styles{};

  void image(std::string& out, ImageIndex i) const;
  void category(std::string& out, CategoryIndex i) const;
  void licence(std::string& out, LicenceIndex i) const;
  void annotation(std::string& out, AnnotationIndex i) const;
  /// A prediction: a box, a compressed mask or keypoints, as the task says, and a score.
  void result(std::string& out, AnnotationIndex i, std::string_view task) const;

 private:
  void id(std::string& out, const Ids& ids, std::size_t i, bool keep) const;
  void residue(std::string& out, Owner owner, std::size_t i) const;
  std::uint32_t residue_keys(Owner owner, std::size_t i) const;
  void attributes(std::string& out, Owner owner, std::size_t i) const;
  void reference(std::string& out, AnnotationIndex i, Owner target) const;
  bool segmentation(std::string& out, AnnotationIndex i, std::span<const Lexeme> lexemes) const;
  void polygon(std::string& out, const Annotation& a, std::span<const Lexeme> lexemes) const;
  void keypoints(std::string& out, AnnotationIndex i, std::uint32_t held, std::span<const Lexeme> lexemes) const;
};
/// JSON text; a lone surrogate goes out as the escape it came as.
void append_coco_string(std::string& out, std::string_view text);
Result<Emission> write_coco(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options);

// What the writer makes of an annotation; its declarations ask the same.
/// polygon, mask or nothing (null): what its segmentation is written from; none where there is no such shape.
std::optional<ShapeKind> coco_segmentation_of(const Dataset& d, const Annotation& a);
const Shape* coco_keypoints_of(const Dataset& d, const Annotation& a);
bool has_coco_holes(const Dataset& d, const Annotation& a);
bool has_coco_open_rings(const Dataset& d, const Annotation& a);
/// Whether only the envelope of its shape can be written.
bool is_coco_rotated(const Annotation& a);
/// The box that is written; none where there is none.
std::optional<Box> coco_box_of(const Dataset& d, const Annotation& a);
std::optional<double> coco_area_of(const Dataset& d, AnnotationIndex i, const Policies& policies = {});
/// The corners of a turned box, where they are written as its segmentation.
std::optional<Corners> coco_outline_of(const Dataset& d, const Annotation& a, const Policies& policies);
/// The kind that a reader of the written record will see.
Kind coco_kind_of(const Dataset& d, AnnotationIndex i);
/// Whether COCO would teach something else of it: a region with holes, a rotated box.
bool asks_coco_holes(const Dataset& d, AnnotationIndex i);
bool asks_coco_rotation(const Dataset& d, AnnotationIndex i);
/// Whether the annotation is left out: by decision, or because it has no image.
bool coco_leaves_out(const Dataset& d, AnnotationIndex i, const Policies& policies);
std::span<const Carry> coco_carries();
std::span<const Carry> coco_carries_for(const WriteOptions& options);

}  // namespace vetset
