// Where a dataset is repaired: a copy, made at the first change, with a list of what was done to which record and why.
// Records keep their indices until `finish`, so findings about the dataset stay valid meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/dataset/compare.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// What is done to an image file; the file's bytes are none of a dataset, so the bench only says it.
enum class MediaChange : std::uint8_t {
  none,
  turn,       // the pixels stand as the orientation says, which is dropped; without loss
  turn_anew,  // the same, where that takes coding the picture again
  untag,      // the orientation is dropped, the pixels stay as they are stored
};
std::string_view name(MediaChange);

class Workbench {
 public:
  /// One thing done to one record.
  struct Edit {
    std::string_view code, repair;  // of the rule, of the repair
    Owner owner{};                  // annotation, image, category; split: a membership; dataset: a file
    std::uint32_t index = 0;
    bool dropped = false;
    ImageIndex same_file = none<ImageIndex>;  // of an image that was dropped: the one whose file has the same bytes
    std::string what;                         // "cut from 12 px past the right edge"
    bool added = false;                       // a record that was not there: `index` counts those, from 0
    MediaChange media = MediaChange::none;    // of an image
  };
  /// Whether an image's file can be changed so. Null: no file can be.
  std::function<bool(ImageIndex, MediaChange)> rewritable = {};

  /// `original` must outlive the bench.
  explicit Workbench(const Dataset& original) : original_(original) {}

  const Dataset& original() const { return original_; }
  const Dataset& dataset() const { return changed_ ? copy_ : original_; }
  const std::vector<Edit>& edits() const { return edits_; }
  /// Whose edits those are that follow.
  void begin(std::string_view code, std::string_view repair) { code_ = code, repair_ = repair; }
  bool is_dropped(AnnotationIndex i) const { return dropped_annotations_.contains(i); }
  bool is_dropped(ImageIndex i) const { return dropped_images_.contains(i); }
  bool is_rewritten(ImageIndex i) const { return rewritten_.contains(i); }

  /// A new box, pixels. An area that was stated is computed again from what the record then says, here and below.
  void set_box(AnnotationIndex i, const Box& box, std::string what);
  /// New rings in the place of the polygon's; rings without points are left out, keep their role otherwise. A box that
  /// was derived from the outline is derived again, a stated one is `box` where given.
  void set_rings(AnnotationIndex i, const std::vector<std::pair<std::vector<double>, RingRole>>& rings, const Box* box,
                 std::string what);
  /// The same outline said otherwise: a box and an area that were stated stay, a derived box is derived again.
  void respell_rings(AnnotationIndex i, const std::vector<std::pair<std::vector<double>, RingRole>>& rings,
                     std::string what);
  /// The box as an outline of four corners, from the top left one clockwise.
  void box_to_polygon(AnnotationIndex i, std::string what);
  /// Also where the record named a class that there is not.
  void set_category(AnnotationIndex i, CategoryIndex category, std::string what);
  /// Other runs, and another size, for an annotation's first mask.
  void set_mask(AnnotationIndex i, std::uint32_t height, std::uint32_t width, std::span<const std::uint32_t> counts,
                std::string what);
  /// An object that is not there yet, on `image`: class, shapes and track are those of `like`. With `box`, that one,
  /// and no shapes.
  void add(AnnotationIndex like, ImageIndex image, const std::optional<Box>& box, std::string what);
  void set_area(AnnotationIndex i, double area, std::string what);
  void set_residue(AnnotationIndex i, std::string_view json, std::string what);
  void set_id(AnnotationIndex i, std::int64_t id, std::string what);
  void set_id(ImageIndex i, std::int64_t id, std::string what);
  void set_size(ImageIndex i, std::uint32_t width, std::uint32_t height, std::string what);
  void set_path(ImageIndex i, std::string_view path, std::string what);
  void set_state(ImageIndex i, ImageState state, std::string what);
  /// `rewritable` must have said yes. The size is that of the new picture.
  void rewrite(ImageIndex i, MediaChange change, std::uint32_t width, std::uint32_t height, std::string what);
  /// Takes the image out of one split, or a repeated line out of its list.
  void leave_split(std::size_t membership, std::string what);
  void merge(CategoryIndex from, CategoryIndex into, std::string what);
  void drop_mark(FileIndex file, std::string what);
  void drop(AnnotationIndex i, std::string what);
  /// With its annotations. `same_file`: an image that stays, whose file is the same.
  void drop(ImageIndex i, std::string what, ImageIndex same_file = none<ImageIndex>);

  struct Finished {
    Dataset dataset;
    Join join;                           // original → dataset
    std::vector<AnnotationIndex> added;  // in the order of `Edit::index`
    bool renumbered = false;             // classes were merged, and the numbers of the others counted anew
  };
  /// The repaired dataset. The bench is empty afterwards.
  Finished finish() &&;

 private:
  Dataset& change();
  void note(Owner owner, std::uint32_t index, std::string what, bool dropped = false);
  void reshaped(AnnotationIndex i);
  void append_added();

  const Dataset& original_;
  Dataset copy_;
  bool changed_ = false;
  std::string_view code_, repair_;
  std::vector<Edit> edits_;
  std::set<AnnotationIndex> dropped_annotations_, respelled_;
  std::set<ImageIndex> dropped_images_, rewritten_;
  std::set<std::size_t> left_memberships_;
  std::vector<std::pair<CategoryIndex, CategoryIndex>> merged_;
  struct Addition {
    AnnotationIndex like;
    ImageIndex image;
    std::optional<Box> box;
  };
  std::vector<Addition> additions_;
};

}  // namespace vetset
