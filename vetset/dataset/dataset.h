// A dataset as every format sees it: files, splits, categories, images, annotations, and all that hangs on them. Plain
// values joined by index; never changed once read, an edit makes a new one. What a source said is kept as it said it;
// what it did not say is not there, or is marked as derived.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/column.h"
#include "vetset/base/number.h"
#include "vetset/dataset/geometry.h"

namespace vetset {

// A position in one of Dataset's columns. Distinct types, so that an image cannot stand for a category.
enum class FileIndex : std::uint32_t {};
enum class SplitIndex : std::uint32_t {};
enum class LicenceIndex : std::uint32_t {};
enum class CategoryIndex : std::uint32_t {};
enum class ImageIndex : std::uint32_t {};
enum class AnnotationIndex : std::uint32_t {};
enum class ShapeIndex : std::uint32_t {};
enum class TrackIndex : std::uint32_t {};

/// "No such record": the largest value of each index type.
template <class Index>
inline constexpr Index none = static_cast<Index>(0xffffffffU);
template <class Index>
constexpr std::size_t to_size(Index i) {
  return static_cast<std::size_t>(i);
}
/// The index of the next record of a column, `ImageIndex i = next_index<ImageIndex>(d.images.size())`.
template <class Index>
constexpr Index to_index(std::size_t i) {
  return static_cast<Index>(static_cast<std::uint32_t>(i));
}

/// Bytes in Dataset::texts.
struct Text {
  std::uint64_t begin = 0;
  std::uint32_t size = 0;
  bool empty() const { return size == 0; }
};

enum class Tristate : std::uint8_t { not_said = 0, no = 1, yes = 2 };

/// Three-state marks of an annotation; two bits each in `Flags`.
enum class Flag : std::uint8_t {
  crowd,
  difficult,
  occluded,
  truncated,
  outside,
  ignore,
  group_of,
  depiction,
  inside,
  verified,
  negative,
  generated,
  keyframe,
  locked,
};
inline constexpr unsigned flag_count = 14;
/// "crowd", as in JSON and Python.
std::string_view name(Flag);

class Flags {
 public:
  Tristate operator[](Flag f) const { return static_cast<Tristate>(bits_ >> shift(f) & 3U); }
  void set(Flag f, Tristate value) {
    bits_ = (bits_ & ~(3U << shift(f))) | static_cast<std::uint32_t>(value) << shift(f);
  }
  void set(Flag f, bool yes) { set(f, yes ? Tristate::yes : Tristate::no); }
  bool is(Flag f) const { return (*this)[f] == Tristate::yes; }
  bool operator==(const Flags&) const = default;

 private:
  static constexpr unsigned shift(Flag f) { return 2 * static_cast<unsigned>(f); }
  std::uint32_t bits_ = 0;
};

/// What an annotation is, from a tag on a whole image to a panoptic segment.
enum class Kind : std::uint8_t {
  unspecified,
  tag,
  box,
  rotated_box,
  quad,
  polygon,
  polyline,
  point,
  keypoints,
  ellipse,
  circle,
  cuboid_2d,
  cuboid_3d,
  mask,
  segment,
  caption,
  text,
  relation,
};
std::string_view name(Kind);

/// Where the numbers of a box come from.
enum class Origin : std::uint8_t {
  none,      // no box: `box` is all zeros and says nothing
  stated,    // in the source, as pixels or convertible to them
  derived,   // computed from the shape
  unplaced,  // stated as fractions of an image whose size is not known; the numbers are in `authored`
};

/// The hot row; everything rarer is a column beside it.
struct Annotation {
  Box box;  // pixels; meaning by box_origin
  ImageIndex image = none<ImageIndex>;
  CategoryIndex category = none<CategoryIndex>;
  ShapeIndex shape = none<ShapeIndex>;  // the first of its shapes
  Flags flags;
  Kind kind = Kind::unspecified;
  Origin box_origin = Origin::none;
  std::uint16_t layer = 0;  // annotator or model: index in Dataset::layers; 0 where not said
  std::uint32_t order = 0;  // number of the record in its file, from 0
};
static_assert(sizeof(Annotation) == 56);

enum class ShapeKind : std::uint8_t {
  nothing,    // the key was there with null in it
  polygon,    // rings: outer ones are united, holes cut out
  polyline,   // rings that are open lines
  mask,       // one entry of `masks`
  keypoints,  // numbers: x y v a point, or x y where `two` is set
  numbers,    // the parameters of an ellipse, circle, point, cuboid, rotated box or quad, as `Kind` says
  raster,     // a value in an image file: numbers[0]; the file in attributes
};
std::string_view name(ShapeKind);
/// How the source spelled a shape, so that its own format can spell it again.
enum class Spelling : std::uint8_t { usual, flat_list, empty_list, null, counts_list, counts_string, integers };

/// One geometry of an annotation; several are chained by `next`.
struct Shape {
  std::uint64_t begin = 0;  // first ring, mask or number
  std::uint32_t count = 0;  // of rings, masks or numbers
  ShapeIndex next = none<ShapeIndex>;
  ShapeKind kind = ShapeKind::nothing;
  Spelling spelling = Spelling::usual;
  bool two = false;  // keypoints without visibility
};

enum class RingRole : std::uint8_t { outer, hole };
struct Ring {
  std::uint64_t begin = 0;  // first number in `coordinates`
  std::uint32_t count = 0;  // of numbers, x and y; odd only in faulty data
  RingRole role = RingRole::outer;
  bool closed = true;
};
struct Mask {
  std::uint64_t begin = 0;  // first count in `runs`
  std::uint32_t count = 0;
  std::uint32_t height = 0, width = 0;  // runs go down the columns, zeros first
};

/// What a file says of the label state of an image.
enum class ImageState : std::uint8_t { not_said, labelled, labelled_empty, unlabelled, skipped };
std::string_view name(ImageState);
enum class SizeOrigin : std::uint8_t { none, stated, header };

struct Image {
  Text path;                            // as the source names it
  Text media;                           // its path in the tree; empty where it was not found
  std::uint32_t width = 0, height = 0;  // pixels, of the frame the annotations live in; 0 where not known
  FileIndex file = none<FileIndex>;     // the label file or document that speaks of it
  LicenceIndex licence = none<LicenceIndex>;
  ImageState state = ImageState::not_said;
  SizeOrigin size_origin = SizeOrigin::none;
};

struct Category {
  std::string name;
  std::optional<std::string> supercategory = {};
  std::vector<std::string> keypoints = {};                           // names of the points, in order
  std::vector<std::pair<std::int64_t, std::int64_t>> skeleton = {};  // edges as written
  std::vector<std::uint32_t> flip = {};                              // point i becomes point flip[i] in a mirror
  std::uint32_t point_count = 0;                                     // where points are counted but not named
  bool has_keypoints = false, has_skeleton = false;                  // whether the source had the key
  bool points_have_visibility = true;
};

/// What a file says of itself and how it spells.
struct File {
  Text path;
  Text bytes;  // all that the file held, where that is kept
  SplitIndex split = none<SplitIndex>;
  bool bom = false, crlf = false, final_newline = true;
};
enum class SplitRole : std::uint8_t { unspecified, train, val, test, other };
enum class SplitOrigin : std::uint8_t { none, file, folder, list, key };
std::string_view name(SplitRole);

/// Fields whose numbers are spelled in one way throughout a document.
enum class StyledField : std::uint8_t { box, coordinates, area, keypoints, score, count };

/// A part of the dataset, by intent (train, val, test) and by place (one document, folder or list). Two documents of
/// one name are two rows.
struct Split {
  std::string name;
  SplitRole role = SplitRole::unspecified;
  SplitOrigin origin = SplitOrigin::none;
  FileIndex file = none<FileIndex>;  // the document or list
  std::string folder = {};           // of its images, where the source says so
  std::string info = {};             // JSON object of what the document says of itself; empty: the key is absent
  std::string residue = {};          // JSON object of top-level keys that are not modelled; empty: none
  bool has_licences = false, has_categories = false, has_images = true, has_annotations = true;  // the key is there
  NumberStyle styles[static_cast<std::size_t>(StyledField::count)] = {};
};
struct Membership {
  SplitIndex split{};
  ImageIndex image{};
  std::uint32_t order = 0;  // in its split, from 0
};
/// Which document lists which category, where the documents differ; empty: all splits list all, in order.
struct CategoryListing {
  SplitIndex split{};
  CategoryIndex category{};
};

struct Licence {
  std::string name = {}, url = {};
  bool has_name = false, has_url = false;
  SplitIndex split = none<SplitIndex>;
};

/// Ids as the source gave them: integers, or any other JSON token as text. Empty: no record has one.
struct Ids {
  static constexpr std::int64_t absent = INT64_MIN;   // this record has none
  static constexpr std::int64_t odd = INT64_MIN + 1;  // not an integer of 64 bits: look it up in `tokens`
  struct Token {
    std::uint32_t owner = 0;
    Text json;  // "\"a7\"", "1.0", "12345678901234567890"
  };
  Column<std::int64_t> numbers;
  Column<Token> tokens;  // sorted by owner
  std::int64_t operator[](std::size_t i) const { return numbers.empty() ? absent : numbers[i]; }
};

/// Whose a sparse row is.
enum class Owner : std::uint8_t { dataset, split, licence, category, image, annotation, track };
std::string_view name(Owner);

/// Keys of a record that the model has no place for, as a JSON object in source order.
struct Residue {
  Owner owner{};
  std::uint32_t index = 0;
  Text json;
};
struct Attribute {
  Owner owner{};
  std::uint32_t index = 0;
  Text key;
  Text value;  // JSON
};
/// A caption, a transcription, a turn of a conversation.
enum class TextRole : std::uint8_t { caption, transcription, description, prefix, suffix, turn, comment };
std::string_view name(TextRole);
struct TextRow {
  AnnotationIndex annotation{};
  TextRole role{};
  Text text;
};
/// A reference that names no record: what was written instead.
struct Dangling {
  AnnotationIndex annotation{};
  Owner target{};  // image, category
  Text json;
};
/// A number spelled otherwise than its document's style says.
struct Lexeme {
  AnnotationIndex annotation{};
  StyledField field{};
  std::uint32_t slot = 0;  // number of the number within that field of that record
  Text text;
};
/// A line that could not be read, or says nothing, kept so that its own format can write it back.
struct Unread {
  FileIndex file{};
  std::uint32_t order = 0;  // number of the line in its file, from 0, counting records and unread lines
  Text text;
};

struct Track {
  Text id;
  CategoryIndex category = none<CategoryIndex>;
  ImageIndex video = none<ImageIndex>;
};
struct TrackState {
  TrackIndex track{};
  AnnotationIndex annotation = none<AnnotationIndex>;
  std::uint32_t frame = 0;
  Tristate keyframe = Tristate::not_said, outside = Tristate::not_said;
};
struct Relation {
  AnnotationIndex from{}, to{};
  Text type;
  bool directed = true;
};

/// Where a record stands: its file, and the byte it begins at.
struct Position {
  std::uint64_t packed = ~std::uint64_t{0};
  static Position at(FileIndex file, std::uint64_t offset) {
    return {static_cast<std::uint64_t>(file) << 40 | (offset & 0xffffffffffULL)};
  }
  bool known() const { return packed != ~std::uint64_t{0}; }
  FileIndex file() const { return static_cast<FileIndex>(packed >> 40); }
  std::uint64_t offset() const { return packed & 0xffffffffffULL; }
};

struct Dataset {
  std::string format = {};   // id of the format it was read from; empty for one made by hand
  std::string residue = {};  // what the format keeps of its own and nobody else reads (YAML keys)

  Column<char> texts;
  Column<File> files;
  std::vector<Split> splits;
  Column<Membership> memberships;  // by split, then order
  Column<CategoryListing> category_listings;
  std::vector<Licence> licences;
  std::vector<Category> categories;
  Column<Image> images;
  Column<Annotation> annotations;
  std::vector<std::string> layers;  // [0] is the unnamed one where any is named

  Column<Shape> shapes;
  Column<Ring> rings;
  Column<double> coordinates;
  Column<Mask> masks;
  Column<std::uint32_t> runs;

  // Dense: empty, or one value a record.
  Ids licence_ids, category_ids, image_ids, annotation_ids;
  Column<Position> image_positions, annotation_positions;
  Column<double> areas, scores;       // as stated; unstated() where not said
  Column<Text> authored;              // an annotation's row as written, where its numbers are not pixels
  Column<Text> track_ids, group_ids;  // JSON tokens, empty where not said

  // Sparse: sorted by owner, in source order within one.
  Column<Residue> residues;
  Column<Attribute> attributes;
  Column<TextRow> text_rows;
  Column<Dangling> dangling;
  Column<Lexeme> lexemes;
  Column<Unread> unread;
  Column<Track> tracks;
  Column<TrackState> track_states;
  Column<Relation> relations;

  std::string_view text(Text t) const {
    return t.size == 0 ? std::string_view() : std::string_view(texts.data() + t.begin, t.size);
  }
  Text add_text(std::string_view bytes);

  const Image& operator[](ImageIndex i) const { return images[to_size(i)]; }
  const Category& operator[](CategoryIndex i) const { return categories[to_size(i)]; }
  const Annotation& operator[](AnnotationIndex i) const { return annotations[to_size(i)]; }
  const Shape& operator[](ShapeIndex i) const { return shapes[to_size(i)]; }
  const File& operator[](FileIndex i) const { return files[to_size(i)]; }
  const Split& operator[](SplitIndex i) const { return splits[to_size(i)]; }

  std::string_view path(ImageIndex i) const { return text(images[to_size(i)].path); }
  std::string_view path(FileIndex i) const { return text(files[to_size(i)].path); }
  /// The first shape of that kind on an annotation; null where there is none.
  const Shape* find_shape(const Annotation& a, ShapeKind kind) const;
  std::span<const Ring> rings_of(const Shape& s) const { return rings.slice(s.begin, s.count); }
  std::span<const double> coordinates_of(const Ring& r) const { return coordinates.slice(r.begin, r.count); }
  std::span<const double> numbers_of(const Shape& s) const { return coordinates.slice(s.begin, s.count); }
  std::span<const std::uint32_t> counts_of(const Mask& m) const { return runs.slice(m.begin, m.count); }
  double area(AnnotationIndex i) const { return areas.empty() ? unstated() : areas[to_size(i)]; }
  double score(AnnotationIndex i) const { return scores.empty() ? unstated() : scores[to_size(i)]; }
  std::string_view authored_text(AnnotationIndex i) const {
    return authored.empty() ? std::string_view() : text(authored[to_size(i)]);
  }
  /// An id as JSON: "7", "\"a7\""; empty where the record has none.
  std::string id_json(const Ids& ids, std::size_t i) const;
  /// Rows of one owner, in source order.
  std::span<const Residue> residues_of(Owner owner, std::size_t index) const;
  std::span<const Attribute> attributes_of(Owner owner, std::size_t index) const;
  std::span<const TextRow> texts_of(AnnotationIndex i) const;
  std::span<const Dangling> dangling_of(AnnotationIndex i) const;
  std::span<const Lexeme> lexemes_of(AnnotationIndex i) const;
  /// Memberships of one split, by order.
  std::span<const Membership> members(SplitIndex i) const;
  /// Splits of each image, flat: those of image i are splits[begin[i]..begin[i+1]).
  struct ImageSplits {
    Column<std::uint32_t> begin;
    Column<SplitIndex> splits;
    std::span<const SplitIndex> of(ImageIndex i) const {
      return splits.slice(begin[to_size(i)], begin[to_size(i) + 1] - begin[to_size(i)]);
    }
  };
  ImageSplits image_splits() const;
  /// Annotations of each image, in dataset order, flat as above. Those without an image are left out.
  struct ImageAnnotations {
    Column<std::uint32_t> begin;
    Column<AnnotationIndex> annotations;
    std::span<const AnnotationIndex> of(ImageIndex i) const {
      return annotations.slice(begin[to_size(i)], begin[to_size(i) + 1] - begin[to_size(i)]);
    }
  };
  ImageAnnotations image_annotations() const;

  /// Appends what a reader made of one slice: its annotations and all that hangs on them (shapes, dense columns, sparse
  /// rows), with indices moved. Images, categories, files and splits of `part` must be empty; dense columns that one
  /// side lacks are filled up.
  void append_annotations(Dataset&& part);
  /// Whether all indices point to something and all columns have their length; says the first thing that does not hold.
  /// For tests, fuzzing and the borders of the library.
  std::optional<std::string> inconsistency() const;
};

/// The role that a split's name says ("valid" → val); `other` for any other name, `unspecified` for none.
SplitRole split_role(std::string_view name);

/// Box, area of all its shapes by the convention of their kind: a mask's pixel count, a polygon's united shoelace areas
/// minus holes. Nothing where it has no such shape.
std::optional<double> shape_area(const Dataset& d, const Annotation& a);
std::optional<Box> shape_box(const Dataset& d, const Annotation& a);

}  // namespace vetset
