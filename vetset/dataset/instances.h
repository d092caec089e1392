// Instances in lean columns: the objects of a ground truth, or what a model said of images. What metrics, matching and
// comparisons of labels work on; a Dataset is what everything else works on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vetset/base/column.h"
#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/finding.h"

namespace vetset {

/// Bits of what a record says and of what is true of it.
enum class Said : std::uint8_t { box = 1, mask = 2, keypoints = 4, score = 8, area = 16, crowd = 32 };
enum class Mark : std::uint8_t {
  crowd = 1,            // iscrowd is yes
  ignore = 2,           // an authored `ignore` is yes
  no_keypoints = 4,     // num_keypoints is 0; where that is not said, no point is labelled
  polygon_of_four = 8,  // the first polygon has four numbers: pycocotools takes it for a box, and fails
};
template <class Bit>
constexpr bool has(std::uint8_t bits, Bit bit) {
  return (bits & static_cast<std::uint8_t>(bit)) != 0;
}

/// A mask as COCO's compressed string in a column of characters; no height and width: none.
struct MaskText {
  std::uint64_t begin = 0;
  std::uint32_t size = 0;
  std::uint32_t height = 0, width = 0;
};

inline constexpr std::uint32_t no_number = 0xffffffffU;

/// Columns that somebody else holds (`Instances`, NumPy, Arrow). Each is empty or has `count` values; keypoints have
/// 3 × `points` numbers an instance: x, y in pixels and the visibility.
struct InstancesView {
  std::size_t count = 0;
  std::span<const std::uint32_t> image, category;  // numbers; no_number: of none, so left out
  std::span<const Box> box;                        // pixels
  std::span<const double> area;                    // pixels²
  std::span<const double> score;
  std::span<const std::int64_t> id;
  std::span<const std::uint8_t> said, marks;  // bits of Said and Mark
  std::span<const MaskText> mask;
  std::span<const char> mask_text;
  std::span<const double> keypoints;
  std::uint32_t points = 0;

  std::string_view text(const MaskText& m) const { return {mask_text.data() + m.begin, m.size}; }
};

/// The same, owned.
struct Instances {
  Column<std::uint32_t> image, category;
  Column<Box> box;
  Column<double> area, score;
  Column<std::int64_t> id;
  Column<std::uint8_t> said, marks;
  Column<MaskText> mask;
  Column<char> mask_text;
  Column<double> keypoints;
  std::uint32_t points = 0;

  std::size_t size() const { return image.size(); }
  InstancesView view() const;
};

/// What is taken of a dataset besides boxes, areas and scores. Masks are drawn from polygons as pycocotools' annToRLE
/// draws them, at the size of the image: several polygons united, holes cut out.
struct InstancesWanted {
  bool masks = false, keypoints = false;
  std::span<const SplitIndex> splits = {};  // empty: all images
};
/// The annotations of a dataset: row i is annotation i, `image` and `category` are its indices, `id` is as in `Ids`
/// (empty: no record has one). Rows without a place (box, polygon, mask, keypoints) or of other splits have no image. A
/// box that is not stated is that of the shapes; an area that is not, the shapes', else the box's: the bits of `Said`
/// are unset then. What cannot be used (a mask that is not valid, a polygon in an image of unknown size) has no mask,
/// and becomes a finding with its annotation; so does a mask of another size than its image, which is there.
Result<Instances> instances_of(const Dataset& d, const InstancesWanted& wanted, const Pool& pool, Findings& findings);

}  // namespace vetset
