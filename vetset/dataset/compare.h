// Two datasets side by side, field by field: what serves the proof of a conversion and the diff of two versions.
// The pairing comes first (by what a writer said it wrote where, or by keys), then every field of every pair is
// compared once, and each difference is held against what the target format declares.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

enum class Field : std::uint16_t {
#define VETSET_FIELD(id, text, owner, unit) id,
#include "vetset/dataset/fields.def"
#undef VETSET_FIELD
  count
};
struct FieldInfo {
  Field field;
  std::string_view name;  // "annotation.box"
  Owner owner;
  std::string_view unit;  // of a difference's magnitude; empty where it has none
};
std::span<const FieldInfo> fields();
std::string_view name(Field);

/// What became of one field of one record.
enum class Outcome : std::uint8_t { kept, changed, lost, added };
std::string_view name(Outcome);

/// How a format carries a field. Declared once, in the format's own file.
enum class Verb : std::uint8_t {
  exact,       // comes back as it was
  quantised,   // comes back within a bound
  rekeyed,     // another value by a recorded map: ids, names, order
  encoded,     // another form of the same thing by a documented convention
  split,       // one record becomes several
  derived,     // the target requires it, the source did not state it: computed
  defaulted,   // the target requires it, the source did not state it: a fixed value
  aggregated,  // a coarser thing in its place
  dropped,     // no place for it
  refused,     // writing it would mislead: the record is left out, by decision
};
std::string_view name(Verb);

// Decisions: where a target would teach something else. One table for all formats (design §9).
enum class Decision : std::uint8_t {
  crowd,
  hole,
  parts,
  rotated,
  track,
  keypoints,
  score,
  mask,
  objects,
  classes,
  count
};
enum class Policy : std::uint8_t { unset, drop, object, fill, bridge, split, largest, envelope, box, polygon, tag };
std::string_view name(Decision);
std::string_view name(Policy);
struct Policies {
  std::array<Policy, static_cast<std::size_t>(Decision::count)> chosen{};
  Policy operator[](Decision d) const { return chosen[static_cast<std::size_t>(d)]; }
  Policy& operator[](Decision d) { return chosen[static_cast<std::size_t>(d)]; }
};
/// "crowd=drop,parts=bridge"; an unknown word is an error that lists the known ones. "all" is the caller's matter.
Result<Policies> parse_policies(std::string_view text);

/// One line of a declaration. The first line of a field whose `when` holds (or is null) is the one that counts;
/// a field without a line is `dropped`. What a verb covers:
///   exact       kept                     encoded, split, aggregated  kept, changed
///   quantised   kept, changed within     derived     kept, changed, added
///               the bound                defaulted   kept, added
///   rekeyed     anything                 dropped     kept, lost
///   refused     kept; anything else of a record that somebody decided about; an annotation's loss where the decision
///               was to drop
/// A record that the result has and the source lacks is `added`; a line that covers added ones covers it, whatever its
/// `when`. The spelling of numbers and lines (annotation.authored, annotation.lexemes, file.unread, file.number_style)
/// is compared within one format; between two it is dropped by nature, and what the target spells is not an addition.
struct Carry {
  Field field;
  Verb verb;
  /// Of which records: their index in the column of the field's owner in the source; relations and unread lines in
  /// their own columns, number styles by split, fields of the dataset 0.
  bool (*when)(const Dataset&, std::uint32_t index) = nullptr;
  /// The largest change covered, in the field's unit. `quantised` without one covers none; other verbs any.
  double (*bound)(const Dataset&, std::uint32_t index) = nullptr;
  std::string_view note = {};  // what people read: "normalised decimals", "an id is the class number"
};

/// Which record of `after` stands for which record of `before`. One annotation may stand as several, one image too.
struct Join {
  Column<SplitIndex> splits;  // by split of `before`; none: not there
  Column<CategoryIndex> categories;
  Column<LicenceIndex> licences;
  Column<ImageIndex> images;
  Column<ImageIndex> image_sources;        // by image of `after`: whose copy it is; none: of nobody
  Column<std::uint32_t> annotation_begin;  // flat: those of annotation i are annotations[begin[i]..begin[i+1])
  Column<AnnotationIndex> annotations;
  std::span<const AnnotationIndex> of(AnnotationIndex i) const {
    return annotations.slice(annotation_begin[to_size(i)],
                             annotation_begin[to_size(i) + 1] - annotation_begin[to_size(i)]);
  }
};

/// Where a writer put each record: the map by which the result is joined with its source.
struct Emission {
  struct Record {
    std::uint32_t from = 0;   // index in the source's column
    Text file;                // path in the output tree, in `texts`
    std::uint32_t order = 0;  // number of the record in that file, among its kind, from 0
  };
  Column<char> texts;
  Column<Record> annotations;  // in writing order; an annotation may occur several times or never
  Column<Record> images;       // for formats whose images are records of a document (COCO)
  struct Name {
    ImageIndex image{};
    SplitIndex split = none<SplitIndex>;  // of the source; none: in no split
    Text path;                            // of the image in the output
  };
  Column<Name> names;                                      // every image written, in writing order
  Column<CategoryIndex> categories;                        // the k-th category of the output
  std::vector<std::pair<SplitIndex, std::string>> splits;  // the name a split has in the output
  bool in_place = false;  // every record of the output stands at the index that it has in the source
  Text add_text(std::string_view bytes);
  std::string_view text(Text t) const {
    return t.size == 0 ? std::string_view() : std::string_view(texts.data() + t.begin, t.size);
  }
};

/// Joins by a writer's emission map. Records that the map names and `after` lacks stay unpaired.
Join join_emitted(const Dataset& before, const Dataset& after, const Emission& emission);
/// Joins two datasets that know nothing of each other: splits and categories by name, images by path (then by the
/// unique base name), annotations by id where both sides' are unique, else by equal rows, then by class and box within
/// an image.
Join join_by_key(const Dataset& before, const Dataset& after);

/// How messages and proofs name an annotation: "a/img.jpg, annotation 7"; by its number in its file where it has no id.
std::string place_name(const Dataset& d, AnnotationIndex i);

/// One line of a comparison: a field, what became of it in how many records, and where it is first seen.
struct Difference {
  Field field{};
  Verb verb = Verb::exact;  // of the declaration that covers these records
  Outcome outcome = Outcome::kept;
  bool declared = true;        // false: the declaration does not cover it
  std::uint64_t count = 0;     // records with this outcome
  std::uint64_t of = 0;        // records present on both sides that have the field on either; for the record itself all
  double largest = 0;          // magnitude, in `unit`; infinite where the two cannot be measured against each other
  std::string_view unit = {};  // the field's, or "px^2" where a shape took another form and areas are compared
  double bound = 0;            // largest bound that applied, for `quantised`
  std::string_view note = {};  // of the declaration
  std::int32_t line = -1;      // number of the declaration's line in CompareOptions::carries; -1: none
  // The first record, in the order of `before`; left empty for what was kept.
  std::string where = {};               // "a/img.jpg, annotation 7"
  std::string before = {}, after = {};  // its values, cut to a line
  std::uint32_t index = 0;              // in the owner's column of `before` (of `after` where outcome is added)
};

struct CompareOptions {
  std::span<const Carry> carries = {};  // empty: everything must be exact
  bool declared_only = false;           // a field without a line is `dropped` (true), or exact (false: diff)
  const Pool* pool = nullptr;
  /// What was decided about an annotation, for `refused`; without it every refusal counts as decided.
  enum class Decided : std::uint8_t { nothing, something, drop };
  std::function<Decided(AnnotationIndex)> decided = {};
};
/// Lines in the order of fields.def, then of outcomes; `kept` lines come too, so that what was kept is counted.
std::vector<Difference> compare(const Dataset& before, const Dataset& after, const Join& join,
                                const CompareOptions& options);

}  // namespace vetset
