// Every field of fields.def as code: whether two paired records say the same in it, how far they are apart, and how the
// value reads. For the files of the comparison only.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/compare.h"

namespace vetset {

/// The two datasets, their join, and what is computed once for all fields.
struct Sides {
  const Dataset& before;
  const Dataset& after;
  const Join& join;
  bool same_format = false;
  Column<ImageIndex> displaced_images;  // sorted: whose rank among the surviving ones of a split changed
  Column<AnnotationIndex> displaced_annotations;
  Column<CategoryIndex> displaced_categories;
  Column<std::uint8_t> split_members_differ;  // by split of `before`
};

/// What became of one field of one pair of records.
struct Judgement {
  static constexpr double unmeasurable = std::numeric_limits<double>::infinity();

  bool counted = false;  // neither side says anything: not counted
  bool form = false;     // the shape took another form; `magnitude` is a difference of areas
  Outcome outcome = Outcome::kept;
  double magnitude = 0;

  static Judgement nothing() { return {}; }
  static Judgement of(Outcome outcome) { return {.counted = true, .outcome = outcome}; }
  static Judgement same(bool kept) {
    return {.counted = true, .outcome = kept ? Outcome::kept : Outcome::changed, .magnitude = kept ? 0 : unmeasurable};
  }
  static Judgement apart(double magnitude) {
    return {.counted = true, .outcome = magnitude == 0 ? Outcome::kept : Outcome::changed, .magnitude = magnitude};
  }
};

/// A field of records of one kind.
template <class Index>
struct FieldCode {
  Field field;
  bool (*used)(const Dataset&);  // whether any record can have it; null: look
  Judgement (*judge)(const Sides&, Index before, std::span<const Index> after);
  std::string (*print)(const Dataset&, Index);
};

enum class Whole : std::uint32_t {};  // the dataset as its own only record

std::span<const FieldCode<Whole>> dataset_fields();
std::span<const FieldCode<SplitIndex>> split_fields();
std::span<const FieldCode<LicenceIndex>> licence_fields();
std::span<const FieldCode<CategoryIndex>> category_fields();
std::span<const FieldCode<ImageIndex>> image_fields();
std::span<const FieldCode<AnnotationIndex>> annotation_fields();
std::span<const FieldCode<TrackIndex>> track_fields();

/// One field of one record that is not what it was, and that no declaration covers.
struct RecordDifference {
  static constexpr std::uint32_t nobody = 0xffffffffU;

  Field field{};
  Outcome outcome{};
  std::uint32_t before = nobody, after = nobody;  // in the columns of the field's owner
  double magnitude = 0;
};
/// `compare`, and beside its lines every record that makes up the undeclared ones.
struct ComparedRecords {
  std::vector<Difference> lines;
  std::vector<RecordDifference> records;
};
ComparedRecords compare_records(const Dataset& before, const Dataset& after, const Join& join,
                                const CompareOptions& options);
/// How a field of a record reads; where it stands.
std::string printed_value(const Dataset& d, Field field, std::uint32_t index);
std::string printed_place(const Dataset& d, Field field, std::uint32_t index);

/// Fields that both sides say or not: lost, added, or what `differ` finds between the record and each of its copies.
template <class Index, bool (*present)(const Dataset&, Index), Judgement (*differ)(const Sides&, Index, Index)>
Judgement judge_said(const Sides& s, Index before, std::span<const Index> after) {
  const bool was = present(s.before, before);
  bool is = false;
  for (const Index a : after) is = is || present(s.after, a);
  if (!was) return is ? Judgement::of(Outcome::added) : Judgement::nothing();
  if (!is) return Judgement::of(Outcome::lost);
  Judgement worst = Judgement::of(Outcome::kept);
  for (const Index a : after)
    if (const Judgement j = differ(s, before, a); j.outcome != Outcome::kept && !(worst.magnitude > j.magnitude))
      worst = j;
  return worst;
}

/// Two JSON texts that mean the same.
bool same_json(std::string_view a, std::string_view b);
/// Numbers equal as numbers: NaN equals NaN, and -0 equals 0.
inline bool same_number(double a, double b) { return a == b || (a != a && b != b); }
/// How far two numbers are apart; infinite where only one is a number.
double distance(double a, double b);
/// "3, 4.5, …" of at most `most` numbers.
std::string print_numbers(std::span<const double> numbers, std::size_t most = 8);
/// Cut to one line of at most 120 bytes, at a character.
std::string one_line(std::string_view text);
bool same_rows(std::span<const Residue> a, const Dataset& in_a, std::span<const Residue> b, const Dataset& in_b);
bool same_rows(std::span<const Attribute> a, const Dataset& in_a, std::span<const Attribute> b, const Dataset& in_b);
std::string print_rows(const Dataset& d, std::span<const Residue> rows);
std::string print_rows(const Dataset& d, std::span<const Attribute> rows);
bool same_id(const Dataset& a, const Ids& ids_a, std::size_t i, const Dataset& b, const Ids& ids_b, std::size_t j);

}  // namespace vetset
