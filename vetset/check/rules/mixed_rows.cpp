#include <algorithm>
#include <array>

#include "vetset/base/tree.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

enum class Row : std::uint8_t { box, polygon, points, count };
constexpr std::size_t row_kinds = static_cast<std::size_t>(Row::count);

Row row_of(const Dataset& d, const Annotation& a) {
  if (d.find_shape(a, ShapeKind::keypoints) != nullptr) return Row::points;
  if (d.find_shape(a, ShapeKind::polygon) != nullptr) return Row::polygon;
  return Row::box;
}

std::string counted_rows(Row row, std::uint64_t count) {
  switch (row) {
    case Row::box: return counted(count, "box", "boxes");
    case Row::polygon: return counted(count, "polygon", "polygons");
    case Row::points:
    case Row::count: break;
  }
  return counted(count, "row of keypoints", "rows of keypoints");
}

std::string list_of(const std::array<std::uint64_t, row_kinds>& counts) {
  std::string text;
  for (std::size_t k = 0; k < row_kinds; ++k)
    if (counts[k] != 0) text += (text.empty() ? "" : " and ") + counted_rows(static_cast<Row>(k), counts[k]);
  return text;
}

/// One label file an image, with rows of one kind: what a trainer takes the file for is decided by all rows together.
/// A document for many images (COCO) says of each record what it is.
bool has_label_file(const Dataset& d, const Image& image) {
  return image.file != none<FileIndex> && extension_of(d.path(image.file)) == "txt";
}

void check_mixed_rows(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.shapes.empty()) return;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::array<std::uint64_t, row_kinds> files{};  // by the kind of their rows, where that is one
  std::array<ImageIndex, row_kinds> first{};
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto i = to_index<ImageIndex>(n);
    if (!has_label_file(d, d.images[n])) continue;
    std::array<std::uint64_t, row_kinds> rows{};
    for (const AnnotationIndex a : annotations.of(i)) ++rows[static_cast<std::size_t>(row_of(d, d[a]))];
    const auto kinds = std::count_if(rows.begin(), rows.end(), [](std::uint64_t c) { return c != 0; });
    const auto most = static_cast<std::size_t>(std::max_element(rows.begin(), rows.end()) - rows.begin());
    if (kinds == 1 && files[most]++ == 0) first[most] = i;
    if (kinds < 2) continue;
    const auto odd = std::find_if(annotations.of(i).begin(), annotations.of(i).end(),
                                  [&](AnnotationIndex a) { return static_cast<std::size_t>(row_of(d, d[a])) != most; });
    report(*odd, "file mixes " + list_of(rows) + ": a trainer reads all rows as one kind, or drops the image",
           "make all rows boxes, or all polygons");
  }
  const auto kinds = std::count_if(files.begin(), files.end(), [](std::uint64_t c) { return c != 0; });
  if (kinds < 2) return;
  const auto fewest = static_cast<std::size_t>(
      std::min_element(files.begin(), files.end(),
                       [](std::uint64_t a, std::uint64_t b) { return (a == 0 ? ~0ULL : a) < (b == 0 ? ~0ULL : b); }) -
      files.begin());
  const std::uint64_t all = files[0] + files[1] + files[2];
  report.with(Severity::warning, EvidenceClass::proof, first[fewest],
              counted(files[fewest], "file has", "files have") + " rows of another kind than the other " +
                  grouped(all - files[fewest]) + ": one task cannot take both",
              "make all files one kind");
}

}  // namespace

extern const Rule mixed_rows{.code = "FMT422",
                             .name = "mixed-rows",
                             .title = "boxes and polygons are mixed, or a row's class is no class",
                             .severity = Severity::error,
                             .evidence = EvidenceClass::proof,
                             .check = check_mixed_rows};

}  // namespace vetset
