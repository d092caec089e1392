#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// What four numbers may mean.
enum class Corner : std::uint8_t { left_top_size, two_corners, centre_size };
struct Convention {
  Corner corner;
  bool fractions;  // of the image's sides, else pixels
  const char* name;
};
constexpr std::array<Convention, 6> conventions = {{
    {Corner::left_top_size, false, "left, top, width, height in pixels"},
    {Corner::two_corners, false, "left, top, right, bottom in pixels"},
    {Corner::centre_size, false, "centre and size in pixels"},
    {Corner::left_top_size, true, "left, top, width, height as fractions"},
    {Corner::two_corners, true, "left, top, right, bottom as fractions"},
    {Corner::centre_size, true, "centre and size as fractions"},
}};
constexpr std::size_t undeclared = conventions.size();

/// What the format says that its four numbers are.
std::size_t declared_by(std::string_view format) {
  if (format == "coco") return 0;
  if (format == "voc" || format == "csv") return 1;
  if (format == "yolo" || format == "darknet") return 5;
  return undeclared;
}

using Numbers = std::array<double, 4>;

/// The numbers as the file has them, from the box that was read from them.
Numbers stored(const Box& b, std::size_t declared, const Image& image) {
  switch (declared) {
    case 1: return {b.x, b.y, b.x + b.width, b.y + b.height};
    case 5:
      return {(b.x + b.width / 2) / image.width, (b.y + b.height / 2) / image.height, b.width / image.width,
              b.height / image.height};
    default: return {b.x, b.y, b.width, b.height};
  }
}

/// Whether a box read in that way lies in its image and is one: rounding to whole pixels aside, and not smaller than a
/// pixel, as fractions taken for pixels would be.
bool is_valid(const Numbers& n, const Convention& convention, const Image& image) {
  const double across = convention.fractions ? image.width : 1, down = convention.fractions ? image.height : 1;
  const double a = n[0] * across, b = n[1] * down, c = n[2] * across, e = n[3] * down;
  Box box{a, b, c, e};
  if (convention.corner == Corner::two_corners) box = {a, b, c - a, e - b};
  if (convention.corner == Corner::centre_size) box = {a - c / 2, b - e / 2, c, e};
  constexpr double rounding = 1.5;  // half a pixel for an edge, one more for those who count pixels from 1
  return box.width > 0 && box.height > 0 && std::max(box.width, box.height) >= 1 &&
         overreach(box, image.width, image.height) <= rounding;
}

struct Tally {
  std::uint64_t boxes = 0;
  std::array<std::uint64_t, conventions.size()> valid{};
};

void judge(const Dataset& d, FileIndex file, const Tally& tally, std::size_t declared, const Report& report) {
  constexpr std::uint64_t fewest = 20;  // boxes that can tell one share from the other
  if (tally.boxes < fewest) return;
  const auto share = [&](std::size_t k) {
    return static_cast<double>(tally.valid[k]) / static_cast<double>(tally.boxes);
  };
  if (share(declared) > 0.90) return;
  std::size_t best = declared;
  for (std::size_t k = 0; k < conventions.size(); ++k)
    if (share(k) >= 0.99 && (best == declared || share(k) > share(best))) best = k;
  if (best == declared) return;
  const auto percent = [&](std::size_t k) { return measure(std::floor(share(k) * 1000) / 10) + " %"; };
  const std::string message = percent(declared) + " of " + counted(tally.boxes, "box is", "boxes are") +
                              " a box inside the image when read as " + conventions[declared].name + ", " +
                              percent(best) + " when read as " + conventions[best].name;
  Where where;
  if (file != none<FileIndex>) where = Place{.file = std::string(d.path(file))};
  report(where, message, "write the numbers as the format has them");
}

/// A document has one convention; label files of one image each share theirs.
FileIndex document_of(const Dataset& d, const Image& image) {
  if (d.format != "coco" || image.file == none<FileIndex>) return none<FileIndex>;
  return image.file;
}

void check_wrong_convention(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const std::size_t declared = declared_by(d.format);
  if (declared == undeclared) return;
  std::map<FileIndex, Tally> tallies;
  for (const Annotation& a : d.annotations) {
    if (a.box_origin != Origin::stated || a.image == none<ImageIndex>) continue;
    const Image& image = d[a.image];
    if (image.width < 2 || image.height < 2) continue;
    const Numbers numbers = stored(a.box, declared, image);
    Tally& tally = tallies[document_of(d, image)];
    ++tally.boxes;
    for (std::size_t k = 0; k < conventions.size(); ++k) tally.valid[k] += is_valid(numbers, conventions[k], image);
  }
  for (const auto& [file, tally] : tallies) judge(d, file, tally, declared, report);
}

}  // namespace

extern const Rule wrong_convention{.code = "FMT409",
                                   .name = "wrong-convention",
                                   .title = "boxes make sense under another convention than the format's",
                                   .severity = Severity::warning,
                                   .evidence = EvidenceClass::calibrated,
                                   .check = check_wrong_convention};

}  // namespace vetset
