#include "vetset/evaluate/load.h"

#include <algorithm>
#include <optional>

#include "vetset/base/json.h"
#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

constexpr std::size_t numbers_of_box = 4;  // a polygon of so few is taken for a box

bool needs_masks(IouType type) { return type == IouType::segm || type == IouType::boundary; }

std::string size_text(std::uint32_t height, std::uint32_t width) {
  return std::to_string(width) + "x" + std::to_string(height);
}

/// The box around all points, those at 0, 0 included (loadRes).
Box hull(std::span<const double> points) {
  double left = points[0], right = points[0], top = points[1], bottom = points[1];
  for (std::size_t k = 0; k + 2 < points.size(); k += 3) {
    left = std::min(left, points[k]);
    right = std::max(right, points[k]);
    top = std::min(top, points[k + 1]);
    bottom = std::max(bottom, points[k + 1]);
  }
  return {left, top, right - left, bottom - top};
}

/// Calls `take(ring)` for every ring of polygons that wait as JSON, until it says no.
template <class Take>
void for_each_ring(const Predictions& p, const PredictedOutline& outline, const Take& take) {
  const std::string json(p.rows.mask_text.data() + outline.begin, outline.size);
  std::vector<double> ring;
  JsonCursor in(json);
  for (in.enter_array(); in.next_element();) {
    ring.clear();
    for (in.enter_array(); in.next_element();) ring.push_back(in.read_number().value);
    if (!take(std::span<const double>(ring))) return;
  }
}

void tell(const Predictions& p, std::size_t row, std::string_view code, Severity severity, const std::string& what,
          Findings& findings) {
  findings.add({.code = code,
                .severity = severity,
                .where = Place{.file = p.files.empty() ? std::string() : p.files.front().path},
                .message = place_of_row(p, row) + " " + what});
}
void leave_out(Predictions& p, std::size_t row, std::string_view code, const std::string& what, Findings& findings) {
  tell(p, row, code, Severity::error, what + "; it is left out", findings);
  p.rows.image[row] = no_number;
}

class Loader {
 public:
  Loader(Predictions& p, std::span<const ImageSize> sizes, IouType type, CocoMode mode, Findings& findings)
      : p_(p), rows_(p.rows), sizes_(sizes), type_(type), strict_(mode == CocoMode::strict), findings_(findings) {}

  Result<void> load(const Pool& pool) {
    if (strict_) VETSET_DO(check_branch());
    if (needs_masks(type_)) return load_masks();
    if (type_ == IouType::bbox) return load_boxes(pool);
    for (std::size_t row = 0; row < rows_.size(); ++row)
      if (is_used(row) && !says(row, Said::keypoints)) VETSET_DO(lacks(row, "keypoints"));
    return {};
  }

 private:
  bool says(std::size_t row, Said what) const { return rows_.said.empty() || has(rows_.said[row], what); }
  bool is_used(std::size_t row) const { return rows_.image[row] != no_number; }
  /// What loadRes takes all records for, after a look at the first.
  bool of_boxes() const { return has(p_.first_said, Said::box); }
  bool of_masks() const { return !of_boxes() && has(p_.first_said, Said::mask); }

  Error refusal(std::size_t row, const std::string& what) const {
    return {Code::refused, place_of_row(p_, row) + ": " + what};
  }

  /// All records must have what the first has.
  Result<void> check_branch() const {
    const Said needed = of_boxes() ? Said::box : of_masks() ? Said::mask : Said::keypoints;
    const char* const key = of_boxes() ? "bbox" : of_masks() ? "segmentation" : "keypoints";
    for (std::size_t row = 0; row < rows_.size(); ++row)
      if (!says(row, needed))
        return refusal(
            row, "has no '" + std::string(key) + "' as the first record has, where pycocotools stops with KeyError");
    return {};
  }

  Result<void> lacks(std::size_t row, const std::string& what) {
    if (strict_) return refusal(row, "has no '" + what + "', where pycocotools stops with KeyError");
    leave_out(row, "FMT401", "has no " + what);
    return {};
  }
  void leave_out(std::size_t row, std::string_view code, const std::string& what) {
    vetset::leave_out(p_, row, code, what, findings_);
  }

  // Masks.

  Result<void> load_masks() {
    rows_.mask.resize(rows_.size());
    std::vector<std::uint32_t> outline_of;
    if (!p_.outlines.empty()) {
      outline_of.assign(rows_.size(), no_number);
      for (std::size_t k = 0; k < p_.outlines.size(); ++k)
        outline_of[static_cast<std::size_t>(p_.outlines[k].row)] = static_cast<std::uint32_t>(k);
    }
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      if (!is_used(row)) continue;
      if (!outline_of.empty() && outline_of[row] != no_number) {
        VETSET_DO(draw_outline(row, p_.outlines[outline_of[row]]));
      } else if (!says(row, Said::mask)) {
        VETSET_DO(draw_box(row));
      } else {
        compare_size(row);
      }
    }
    return {};
  }

  void compare_size(std::size_t row) {
    const MaskText& mask = rows_.mask[row];
    const ImageSize& size = sizes_[rows_.image[row]];
    if (size.height == 0 || size.width == 0 || (mask.height == size.height && mask.width == size.width)) return;
    const std::string what = "has a mask of " + size_text(mask.height, mask.width) + " pixels, its image has " +
                             size_text(size.height, size.width);
    if (!strict_) return leave_out(row, "FMT412", what);
    tell(p_, row, "FMT412", Severity::warning, what + ": pycocotools matches it with nothing", findings_);
  }

  std::optional<ImageSize> size_of(std::size_t row) {
    const ImageSize size = sizes_[rows_.image[row]];
    const std::uint64_t pixels = std::uint64_t{size.height} * size.width;
    if (pixels > 0 && pixels <= Limits{}.mask_pixels) return size;
    return std::nullopt;
  }

  void keep_mask(std::size_t row, const MaskCounts& counts, ImageSize size) {
    const std::string text = coco_string_of(counts);
    rows_.mask[row] = {.begin = rows_.mask_text.size(),
                       .size = static_cast<std::uint32_t>(text.size()),
                       .height = size.height,
                       .width = size.width};
    rows_.mask_text.append(text);
  }

  /// Without a segmentation, loadRes takes the rectangle.
  Result<void> draw_box(std::size_t row) {
    if (!says(row, Said::box)) return lacks(row, "segmentation");
    const auto size = size_of(row);
    if (!size) return no_size(row);
    counts_of_box(rows_.box[row], size->height, size->width, counts_);
    keep_mask(row, counts_, *size);
    return {};
  }

  Result<void> no_size(std::size_t row) {
    constexpr const char* what = "cannot be drawn: the size of its image is not known, or too large";
    if (strict_) return refusal(row, what);
    leave_out(row, "FMT412", what);
    return {};
  }

  Result<void> draw_outline(std::size_t row, const PredictedOutline& outline) {
    if (strict_ && of_masks())
      return refusal(row, "has polygons without a bbox, where pycocotools stops: it takes only run lengths");
    const auto size = size_of(row);
    if (!size) return no_size(row);
    std::vector<MaskCounts> parts;
    std::optional<Error> refused;
    for_each_ring(p_, outline, [&](std::span<const double> ring) {
      const bool small = ring.size() <= numbers_of_box;
      if (small && !strict_) return true;
      if (small && parts.empty()) {
        refused = refusal(row, "has a polygon of " + std::to_string(ring.size()) +
                                   " numbers, where pycocotools stops: it takes four for a box");
        return false;
      }
      MaskCounts part;
      counts_of_polygon(ring, size->height, size->width, part);
      parts.push_back(std::move(part));
      return true;
    });
    if (refused) return *std::move(refused);
    const std::vector<MaskCountsView> views(parts.begin(), parts.end());
    if (views.empty()) return lacks(row, "segmentation");
    merged_counts(views, false, counts_);
    keep_mask(row, counts_, *size);
    return {};
  }

  // Boxes.

  Result<void> load_boxes(const Pool& pool) {
    std::vector<std::uint32_t> masked;
    // Where the first record is a mask without a box, every area is that of a mask, whatever is compared.
    const bool of_mask_areas = strict_ && of_masks();
    if (of_mask_areas) rows_.area.resize(rows_.size());
    const bool of_points = strict_ && !of_boxes() && !of_masks();
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      if (!is_used(row) || (says(row, Said::box) && !of_mask_areas && !of_points)) continue;
      if (!of_points && !rows_.mask.empty() && rows_.mask[row].size > 0) {
        masked.push_back(static_cast<std::uint32_t>(row));
      } else if (says(row, Said::keypoints) && rows_.points > 0) {
        const std::size_t width = std::size_t{3} * rows_.points;
        rows_.box[row] = hull(rows_.keypoints.slice(row * width, width));
      } else if (strict_ || !says(row, Said::mask)) {
        VETSET_DO(lacks(row, "bbox"));
      } else {
        VETSET_DO(box_of_outline(row));
      }
    }
    constexpr std::size_t grain = 1024;
    std::vector<std::optional<Error>> failed((masked.size() + grain - 1) / grain);
    pool.for_each(failed.size(), [&](std::size_t k) {
      MaskCounts counts;
      for (std::size_t i = k * grain; i < std::min(masked.size(), (k + 1) * grain) && !failed[k]; ++i) {
        const MaskText& mask = rows_.mask[masked[i]];
        const std::string_view text(rows_.mask_text.data() + mask.begin, mask.size);
        if (auto read = counts_of_coco_string(text, mask.height, mask.width, counts); !read) {
          failed[k] =
              refusal(masked[i], read.error().message + (strict_ ? "; refused: pycocotools computes with it" : ""));
          continue;
        }
        if (!says(masked[i], Said::box)) rows_.box[masked[i]] = box_of_mask(counts, mask.height);
        if (of_mask_areas) rows_.area[masked[i]] = static_cast<double>(area(counts));
      }
    });
    for (const std::optional<Error>& error : failed)
      if (error) return *error;
    return {};
  }

  /// The box around polygons is that of their points.
  Result<void> box_of_outline(std::size_t row) {
    const auto outline = std::lower_bound(p_.outlines.begin(), p_.outlines.end(), row,
                                          [](const PredictedOutline& o, std::size_t r) { return o.row < r; });
    if (outline == p_.outlines.end() || outline->row != row) return lacks(row, "bbox");
    std::vector<double> points;
    for_each_ring(p_, *outline, [&](std::span<const double> ring) {
      points.insert(points.end(), ring.begin(), ring.end());
      return true;
    });
    const std::optional<Box> box = envelope(points);
    if (!box) return lacks(row, "bbox");
    rows_.box[row] = *box;
    return {};
  }

  Predictions& p_;
  Instances& rows_;
  std::span<const ImageSize> sizes_;
  IouType type_;
  bool strict_;
  Findings& findings_;
  MaskCounts counts_;
};

}  // namespace

bool has_mask(const Predictions& p) {
  for (const MaskText& mask : p.rows.mask)
    if (mask.height > 0 && mask.width > 0) return true;
  return std::any_of(p.outlines.begin(), p.outlines.end(), [&](const PredictedOutline& outline) {
    bool found = false;
    for_each_ring(p, outline, [&](std::span<const double> ring) { return !(found = ring.size() > numbers_of_box); });
    return found;
  });
}

std::string place_of_row(const Predictions& predictions, std::uint64_t row) {
  const bool all = predictions.records == predictions.rows.size();
  const std::string number = (all ? "record " : "usable record ") + std::to_string(row + 1);
  return predictions.files.size() == 1 ? predictions.files.front().path + ", " + number : number;
}

void leave_out_bad_masks(Predictions& predictions, Findings& findings) {
  const InstancesView rows = predictions.rows.view();
  MaskCounts counts;
  for (std::size_t row = 0; row < rows.mask.size(); ++row) {
    const MaskText& mask = rows.mask[row];
    if (mask.height == 0 && mask.width == 0) continue;
    auto read = counts_of_coco_string(rows.text(mask), mask.height, mask.width, counts);
    if (read) continue;
    if (rows.image[row] != no_number)
      leave_out(predictions, row, "FMT412", "has no valid mask: " + read.error().message, findings);
    predictions.rows.mask[row] = {};
  }
}

Result<void> load_coco_rows(Predictions& predictions, std::span<const ImageSize> sizes, IouType type, CocoMode mode,
                            const Pool& pool, Findings& findings) {
  return Loader(predictions, sizes, type, mode, findings).load(pool);
}

}  // namespace vetset
