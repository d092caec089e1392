// Masks whose pixels a predicted mask of the same class speaks against (LBL140).
#include <algorithm>
#include <optional>

#include "vetset/check/suspects.h"
#include "vetset/dataset/instance_masks.h"
#include "vetset/dataset/overlap.h"

namespace vetset {
namespace {

constexpr std::uint32_t band = 2;      // pixels on either side of an outline are nobody's fault
constexpr double half = 0.5;           // IoU of boxes from which on two masks are of one object
constexpr double least_flagged = 0.2;  // share of an object's pixels
constexpr double least_score = 0.05;

/// Pixels that exactly one of two masks has, without those near the outline of the first.
struct Disagreement {
  std::uint64_t pixels = 0, of = 0;  // of their union, likewise without the band
};

class Comparer {
 public:
  Disagreement compare(MaskCountsView given, MaskCountsView predicted, std::uint32_t height, std::uint32_t width) {
    band_of(given, height, width);
    const MaskCountsView both[] = {given, predicted};
    merged_counts(both, false, union_);
    merged_counts(both, true, shared_);
    cut_counts(union_, shared_, apart_);
    cut_counts(apart_, band_, left_);
    Disagreement made{.pixels = area(left_)};
    cut_counts(union_, band_, left_);
    made.of = area(left_);
    return made;
  }

 private:
  /// The pixels within the band inside and outside of an outline.
  void band_of(MaskCountsView given, std::uint32_t height, std::uint32_t width) {
    boundary_of_counts(given, height, width, band, inside_);
    const MaskCounts all = {0, height * width};
    cut_counts(all, given, outside_);
    boundary_of_counts(outside_, height, width, band, outer_);
    const MaskCountsView both[] = {inside_, outer_};
    merged_counts(both, false, band_);
  }

  MaskCounts union_, shared_, apart_, left_, inside_, outside_, outer_, band_;
};

/// The predicted mask of a row, at the size of the image; nothing where there is none.
bool read_mask(const Predictions& p, std::uint64_t row, std::uint32_t height, std::uint32_t width, MaskCounts& out) {
  if (p.rows.mask.empty() || !has(p.rows.said[row], Said::mask)) return false;
  const MaskText& mask = p.rows.mask[row];
  if (mask.height != height || mask.width != width) return false;
  return bool(counts_of_coco_string(p.rows.view().text(mask), height, width, out));
}

bool has_pixels(const Annotation& a) { return a.shape != none<ShapeIndex> && !a.flags.is(Flag::crowd); }

void look_at(const SuspectSources& sources, ImageIndex image, std::span<const AnnotationIndex> annotations,
             std::uint64_t& looked_at, std::vector<Suspect>& out) {
  const Dataset& d = sources.dataset;
  MaskDrawer drawer(d);
  Comparer comparer;
  MaskCounts predicted;
  for (const AnnotationIndex a : annotations) {
    if (!has_pixels(d[a])) continue;
    const std::optional<Box> box = box_of(d, d[a]);
    if (!box) continue;
    const PredictedObject* best = nullptr;
    double most = half;
    for (const PredictedObject& p : sources.predicted->of(image)) {
      if (p.category != d[a].category) continue;
      const double shared = p.score * iou(*box, p.box);
      if (iou(*box, p.box) >= half && (best == nullptr || shared > most)) best = &p, most = shared;
    }
    if (best == nullptr) continue;
    const MaskDrawer::Drawn drawn = drawer.draw(d[a]);
    if (drawn.height == 0 || drawn.width == 0 || !drawn.fault.empty()) continue;
    if (!read_mask(*sources.predicted->given, best->row, drawn.height, drawn.width, predicted)) continue;
    ++looked_at;
    const Disagreement apart = comparer.compare(drawer.counts(), predicted, drawn.height, drawn.width);
    if (apart.of == 0) continue;
    const double share = static_cast<double>(apart.pixels) / static_cast<double>(apart.of);
    const double score = share * best->score;
    if (score < least_score) continue;
    out.push_back({.code = "LBL140",
                   .image = image,
                   .annotation = a,
                   .score = score,
                   .proposed = best->category,
                   .box = best->box,
                   .confidence = best->score,
                   .given = d[a].category,
                   .flagged = best->score >= half && share >= least_flagged,
                   .row = best->row});
  }
}

}  // namespace

Result<void> doubt_masks(const SuspectSources& sources, Suspects& made, const Pool& pool) {
  const Dataset& d = sources.dataset;
  const PredictedObjects& predicted = *sources.predicted;
  if (predicted.given == nullptr || predicted.given->rows.mask.empty()) return {};
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::vector<std::vector<Suspect>> found(d.images.size());
  std::vector<std::uint64_t> looked_at(d.images.size());
  pool.for_each(d.images.size(), [&](std::size_t i) {
    const auto image = to_index<ImageIndex>(i);
    if (predicted.judged[i]) look_at(sources, image, annotations.of(image), looked_at[i], found[i]);
  });
  for (std::size_t i = 0; i < found.size(); ++i) {
    made.rows.insert(made.rows.end(), found[i].begin(), found[i].end());
    made.looked_at += looked_at[i];
  }
  return {};
}

}  // namespace vetset
