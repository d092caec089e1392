// Which pixel base the corners of a dataset have. The order of the evidence: what someone pinned, what cannot be, who
// wrote the files, what is unlikely; where nothing tells, the devkit's own.
#include <cmath>

#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {

std::string_view name(Corners corners) {
  switch (corners) {
    case Corners::from_zero: return "from 0";
    case Corners::from_one: return "from 1";
    case Corners::from_zero_inclusive: return "from 0, last pixel inside";
  }
  return {};
}

std::optional<Corners> corners_named(std::string_view text) {
  for (const Corners corners : {Corners::from_zero, Corners::from_one, Corners::from_zero_inclusive})
    if (text == name(corners)) return corners;
  return std::nullopt;
}

Box box_of(const CornerNumbers& c, Corners base) {
  const double begin = base == Corners::from_one ? 1 : 0, inside = base == Corners::from_zero ? 0 : 1;
  return {c.xmin - begin, c.ymin - begin, c.xmax - c.xmin + inside, c.ymax - c.ymin + inside};
}

CornerNumbers corners_of(const Box& b, Corners base) {
  const double begin = base == Corners::from_one ? 1 : 0, inside = base == Corners::from_zero ? 0 : 1;
  const double x = b.x + begin, y = b.y + begin;
  return {x, y, x + (b.width - inside), y + (b.height - inside)};
}

void CornerVote::count(const CornerNumbers& c, std::uint32_t width, std::uint32_t height) {
  ++boxes;
  const auto any = [&](auto test) { return test(c.xmin) || test(c.ymin) || test(c.xmax) || test(c.ymax); };
  if (any([](double n) { return n != std::floor(n); })) ++fractions;
  if (c.xmin == 0 || c.ymin == 0) ++zeros;
  if (c.xmin == 1 || c.ymin == 1) ++ones;
  if (c.xmin == c.xmax || c.ymin == c.ymax) ++no_extent;
  if (width == 0 || height == 0) return;
  if (c.xmax == width || c.ymax == height) ++at_size;
  if (c.xmax == width - 1.0 || c.ymax == height - 1.0) ++before_size;
}

void CornerVote::count_file(std::string_view database, bool has_path) {
  if (database.find("VOC") != std::string_view::npos || database.find("PASCAL") != std::string_view::npos)
    ++devkit;
  else if (has_path || database == "Unknown" || database.find("roboflow") != std::string_view::npos)
    ++exporter;
}

void CornerVote::add(const CornerVote& other) {
  boxes += other.boxes;
  fractions += other.fractions;
  zeros += other.zeros;
  ones += other.ones;
  at_size += other.at_size;
  before_size += other.before_size;
  no_extent += other.no_extent;
  devkit += other.devkit;
  exporter += other.exporter;
}

CornerChoice decide(const CornerVote& v) {
  const auto of_boxes = [&](std::uint64_t n) {
    return std::to_string(n) + " of " + std::to_string(v.boxes) + (v.boxes == 1 ? " box" : " boxes");
  };
  if (const auto pinned = corners_named(v.pinned)) return {*pinned, "labelmap.txt says so"};
  if (v.fractions > 0) return {Corners::from_zero, of_boxes(v.fractions) + " with fractions of a pixel"};
  if (v.zeros > 0) {
    constexpr std::uint64_t enough = 3;
    if (v.at_size == 0 && v.zeros >= enough && v.before_size >= enough)
      return {Corners::from_zero_inclusive, of_boxes(v.zeros) + " begin at 0, " + std::to_string(v.before_size) +
                                                " end one pixel before the edge of the image, none at it"};
    return {Corners::from_zero, of_boxes(v.zeros) + " with a coordinate 0"};
  }
  if (v.devkit > 0 && v.devkit >= v.exporter)
    return {Corners::from_one, std::to_string(v.devkit) + " files name a VOC database as their source"};
  if (v.exporter > 0)
    return {Corners::from_zero, std::to_string(v.exporter) + (v.exporter == 1 ? " file was" : " files were") +
                                    " written by a drawing tool, which has a <path> or no database"};
  if (v.no_extent > 0)
    return {Corners::from_zero, of_boxes(v.no_extent) + " with equal corners, which pixels inside cannot be"};
  if (v.ones > 0 && v.at_size > 0)
    return {Corners::from_one, "no coordinate is 0, " + of_boxes(v.ones) + " begin at 1, " + std::to_string(v.at_size) +
                                   " end at the size of the image"};
  return {Corners::from_one, "nothing tells; this is the devkit's convention (--from voc:zero-based for the other)"};
}

}  // namespace vetset::voc_parts
