// The fuzz target of run-length masks. Bytes are a size, and then text of a compressed mask, numbers of a polygon, or
// counts with zeros among them; what comes out must have its size, come back from its text, and overlap as its pixels
// do.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string_view>
#include <vector>

#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

void hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

std::uint64_t sum(MaskCountsView counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

struct Size {
  std::uint32_t height, width;
  std::uint64_t pixels() const { return std::uint64_t{height} * width; }
};

std::vector<std::uint8_t> bitmap_of(MaskCountsView counts, Size size) {
  std::vector<std::uint8_t> columns(size.pixels());
  hold(static_cast<bool>(bitmap_of_counts(counts, columns)), "valid counts do not fill their bitmap");
  return columns;
}

/// What holds of any mask, however it was made.
void use(const MaskCounts& counts, Size size) {
  hold(sum(counts) == size.pixels(), "counts do not make their size");
  MaskCounts out;
  hold(counts_of_coco_string(coco_string_of(counts), out) && out == counts, "counts do not come back from their text");
  const std::vector<std::uint8_t> columns = bitmap_of(counts, size);
  counts_of_bitmap(columns, size.height, size.width, out);
  hold(bitmap_of(out, size) == columns, "a bitmap does not come back from its counts");
  const std::uint64_t ones = std::accumulate(columns.begin(), columns.end(), std::uint64_t{0});
  hold(area(counts) == ones, "an area is not that of the pixels");
  MaskSpans spans, plain;
  spans.assign(counts, size.height, size.width);
  plain.assign(out, size.height, size.width);
  hold(spans.area() == ones && spans.box() == plain.box(), "spans do not have the pixels of their counts");
  hold(mask_iou(spans, plain, false) == (ones > 0 ? 1 : 0), "a mask does not overlap itself");
  MaskCounts boundary;
  boundary_of_counts(counts, size.height, size.width, 1 + static_cast<std::uint32_t>(ones % 9), boundary);
  const std::vector<std::uint8_t> edge = bitmap_of(boundary, size);
  for (std::size_t i = 0; i < edge.size(); ++i) hold(edge[i] <= columns[i], "a boundary lies outside of its mask");
  const MaskCountsView both[] = {out, boundary};
  MaskCounts united;
  merged_counts(both, false, united);
  hold(united == out, "a mask united with its boundary is another");
}

void run(Size size, std::uint8_t kind, std::string_view bytes) {
  MaskCounts counts;
  if (kind % 3 == 0) {
    if (counts_of_coco_string(bytes, size.height, size.width, counts)) use(counts, size);
    return;
  }
  if (kind % 3 == 1) {
    std::vector<double> ring(std::min<std::size_t>(bytes.size() / sizeof(double), 64));
    if (!ring.empty()) std::memcpy(ring.data(), bytes.data(), ring.size() * sizeof(double));
    counts_of_polygon(ring, size.height, size.width, counts);
    return use(counts, size);
  }
  std::uint64_t left = size.pixels();
  for (const char byte : bytes) {
    counts.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(left, static_cast<unsigned char>(byte))));
    left -= counts.back();
  }
  counts.push_back(static_cast<std::uint32_t>(left));
  use(counts, size);
}

}  // namespace
}  // namespace vetset

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const vetset::Size of{.height = data[0], .width = data[1]};
  vetset::run(of, data[2], {reinterpret_cast<const char*>(data) + 3, size - 3});
  return 0;
}
