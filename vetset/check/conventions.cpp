#include "vetset/check/conventions.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace vetset {
namespace {

using Corner = Convention::Corner;

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
Numbers stored(const Box& b, const Convention& declared, const Image& image) {
  Numbers n = {b.x, b.y, b.width, b.height};
  if (declared.corner == Corner::two_corners) n = {b.x, b.y, b.x + b.width, b.y + b.height};
  if (declared.corner == Corner::centre_size) n = {b.x + b.width / 2, b.y + b.height / 2, b.width, b.height};
  if (declared.fractions) n = {n[0] / image.width, n[1] / image.height, n[2] / image.width, n[3] / image.height};
  return n;
}

Box box_of(const Numbers& n, const Convention& convention, const Image& image) {
  const double across = convention.fractions ? image.width : 1, down = convention.fractions ? image.height : 1;
  const double a = n[0] * across, b = n[1] * down, c = n[2] * across, e = n[3] * down;
  if (convention.corner == Corner::two_corners) return {a, b, c - a, e - b};
  if (convention.corner == Corner::centre_size) return {a - c / 2, b - e / 2, c, e};
  return {a, b, c, e};
}

/// Whether a box read in that way lies in its image and is one: rounding to whole pixels aside, and not smaller than a
/// pixel, as fractions taken for pixels would be.
bool is_valid(const Box& box, const Image& image) {
  constexpr double rounding = 1.5;  // half a pixel for an edge, one more for those who count pixels from 1
  return box.width > 0 && box.height > 0 && std::max(box.width, box.height) >= 1 &&
         overreach(box, image.width, image.height) <= rounding;
}

struct Tally {
  std::uint64_t boxes = 0;
  std::array<std::uint64_t, conventions.size()> valid{};
};

}  // namespace

FileIndex document_of(const Dataset& d, const Image& image) {
  if (d.format != "coco" || image.file == none<FileIndex>) return none<FileIndex>;
  return image.file;
}

std::vector<Misread> misread_boxes(const Dataset& d) {
  std::vector<Misread> found;
  const std::size_t declared = declared_by(d.format);
  if (declared == undeclared) return found;
  std::map<FileIndex, Tally> tallies;
  for (const Annotation& a : d.annotations) {
    if (a.box_origin != Origin::stated || a.image == none<ImageIndex>) continue;
    const Image& image = d[a.image];
    if (image.width < 2 || image.height < 2) continue;
    const Numbers numbers = stored(a.box, conventions[declared], image);
    Tally& tally = tallies[document_of(d, image)];
    ++tally.boxes;
    for (std::size_t k = 0; k < conventions.size(); ++k)
      tally.valid[k] += is_valid(box_of(numbers, conventions[k], image), image);
  }
  constexpr std::uint64_t fewest = 20;  // boxes that can tell one share from the other
  for (const auto& [file, tally] : tallies) {
    if (tally.boxes < fewest) continue;
    const auto share = [&valid = tally.valid, boxes = tally.boxes](std::size_t k) {
      return static_cast<double>(valid[k]) / static_cast<double>(boxes);
    };
    if (share(declared) > 0.90) continue;
    std::size_t best = declared;
    for (std::size_t k = 0; k < conventions.size(); ++k)
      if (share(k) >= 0.99 && (best == declared || share(k) > share(best))) best = k;
    if (best != declared)
      found.push_back({file, &conventions[declared], &conventions[best], tally.boxes, share(declared), share(best)});
  }
  return found;
}

Box reread(const Box& box, const Convention& declared, const Convention& fitting, const Image& image) {
  return box_of(stored(box, declared, image), fitting, image);
}

}  // namespace vetset
