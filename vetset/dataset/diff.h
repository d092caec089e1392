// What became of a dataset between two versions of it, or between two formats: images, objects, classes, splits, record
// by record. Spelling and order are told and do not count; what a format cannot hold is told and does not count either.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/dataset/compare.h"
#include "vetset/dataset/facts.h"

namespace vetset {

struct DiffSettings {
  /// Names of fields or of their records: "annotation.area", "annotation", "media". Empty `only`: all.
  std::vector<std::string> only = {}, ignore = {};
  double tolerance = 0;  // pixels that coordinates may be apart
  /// What the formats carry, where they are two; both empty within one format: everything must be equal.
  std::span<const Carry> carries_before = {}, carries_after = {};
  std::string format_before = {}, format_after = {};           // what people call them
  std::span<const Facts> facts_before = {}, facts_after = {};  // with digests, one an image; empty: no media
  Pool pool = Pool(1);
};

struct Diff {
  /// One field that is not what it was.
  struct FieldChange {
    Field field{};
    Outcome outcome{};  // changed, lost, added
    std::string before = {}, after = {};
  };
  struct ObjectChange {
    Outcome outcome{};              // lost: removed
    std::string name = {};          // "annotation 7", "record 3"; of the version that has it, else of the first
    std::string was = {}, is = {};  // classes
    std::string box = {};           // of what was added or removed
    std::vector<FieldChange> fields = {};
  };
  struct ImageChange {
    Outcome outcome = Outcome::kept;  // of the image itself; kept: what changed is on it
    std::string path = {};            // in the first version, in the second where it was added
    std::string renamed_to = {};      // empty: it was not
    bool moved = false;               // it is in other splits
    std::string splits_before = {}, splits_after = {};
    bool media = false;  // the file holds other bytes
    std::vector<FieldChange> fields = {};
    std::vector<ObjectChange> objects = {};             // the first `most_objects`
    std::uint64_t added = 0, removed = 0, changed = 0;  // objects
  };
  struct ClassChange {
    std::string name = {}, renamed_to = {};
    Outcome outcome = Outcome::kept;                    // of the class
    std::uint64_t before = 0, after = 0;                // objects
    std::uint64_t added = 0, removed = 0, changed = 0;  // of them
    std::vector<FieldChange> fields = {};
  };
  /// Splits, licences, the dataset: whatever is neither an image nor a class.
  struct OtherChange {
    std::string where = {};
    FieldChange change = {};
  };
  /// A field in which the two cannot be held against each other.
  struct NotComparable {
    Field field{};
    std::string format = {};  // which cannot hold it, or not as it was
    std::string why = {};     // "has none", "within rounding" …
    std::uint64_t count = 0;
  };
  struct Summary {
    Field field{};
    Outcome outcome{};
    std::uint64_t count = 0;
    double largest = 0;
    std::string_view unit = {};
  };
  static constexpr std::size_t most_objects = 1000;

  bool equal = true;
  std::string format_before, format_after;
  struct Size {
    std::uint64_t images = 0, objects = 0, classes = 0;
  };
  Size before, after;
  std::uint64_t images_added = 0, images_removed = 0, images_renamed = 0, images_moved = 0, images_changed = 0;
  std::uint64_t objects_added = 0, objects_removed = 0, objects_changed = 0;
  std::uint64_t media_changed = 0, media_compared = 0;
  std::vector<ClassChange> classes;  // all, in the order of the first version, then new ones
  std::vector<ImageChange> images;   // those with a change, in the order of the first version, then new ones
  std::vector<OtherChange> others;
  std::vector<Summary> fields;   // differences by field
  std::vector<Summary> spelled;  // written otherwise, meaning the same
  std::vector<NotComparable> not_comparable;
};

/// Whether `word` names a field, the fields of a record, or "media".
Result<void> check_field_words(const std::vector<std::string>& words);
Diff diff_datasets(const Dataset& before, const Dataset& after, const DiffSettings& settings);

/// JSON, schema docs/schema/diff-v1.json.
std::string to_json(const Diff& diff, std::string_view name_before, std::string_view name_after);
/// For a pull request: a summary, the classes, the changed images, of at most about `most_bytes`.
std::string to_markdown(const Diff& diff, std::string_view name_before, std::string_view name_after,
                        std::size_t most_bytes = 60'000);

}  // namespace vetset
