#include "vetset/check/report/portrait.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace vetset {
namespace {

/// Splits by name, in the order in which they first occur, and those of each image; the last one is of images that are
/// in none.
class Parts {
 public:
  explicit Parts(const Dataset& d) : splits_(d.image_splits()) {
    for (const Split& split : d.splits) {
      const auto [known, is_new] = numbers_.try_emplace(split.name, names_.size());
      if (is_new) names_.push_back(split.name);
      part_of_.push_back(known->second);
    }
    names_.emplace_back();
  }
  const std::vector<std::string>& names() const { return names_; }
  /// Each once.
  std::vector<std::size_t> of(ImageIndex i) const {
    std::vector<std::size_t> parts;
    for (const SplitIndex split : splits_.of(i)) parts.push_back(part_of_[to_size(split)]);
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    if (parts.empty()) parts.push_back(names_.size() - 1);
    return parts;
  }

 private:
  Dataset::ImageSplits splits_;
  std::map<std::string_view, std::size_t> numbers_;
  std::vector<std::string> names_;
  std::vector<std::size_t> part_of_;  // by split
};

bool has_box(const Annotation& a) {
  return (a.box_origin == Origin::stated || a.box_origin == Origin::derived) && a.box.width > 0 && a.box.height > 0 &&
         std::isfinite(a.box.width * a.box.height);
}

std::size_t bin_of(double side) {
  return static_cast<std::size_t>(std::upper_bound(SizesOfSplit::bounds.begin(), SizesOfSplit::bounds.end(), side) -
                                  SizesOfSplit::bounds.begin());
}

std::vector<SizesOfSplit> sizes_by_split(const Dataset& d, const Parts& parts) {
  std::vector<SizesOfSplit> sizes(parts.names().size());
  for (std::size_t k = 0; k < sizes.size(); ++k) sizes[k].split = parts.names()[k];
  std::vector<std::vector<std::size_t>> of(d.images.size());
  for (std::size_t i = 0; i < of.size(); ++i) of[i] = parts.of(to_index<ImageIndex>(i));
  for (const Annotation& a : d.annotations) {
    if (!has_box(a) || a.image == none<ImageIndex>) continue;
    const std::size_t bin = bin_of(std::sqrt(a.box.width * a.box.height));
    for (const std::size_t part : of[to_size(a.image)]) ++sizes[part].boxes[bin], ++sizes[part].all;
  }
  std::erase_if(sizes, [](const SizesOfSplit& s) { return s.all == 0; });
  return sizes;
}

/// Rows with the most first; those beyond `most` are counted.
void keep_largest(CountGrid& grid, std::size_t most) {
  const auto sum = [&](std::size_t r) {
    return std::accumulate(grid.counts[r].begin(), grid.counts[r].end(), std::uint64_t{0});
  };
  std::vector<std::size_t> order(grid.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sum(a) > sum(b); });
  if (order.size() > most) {
    grid.more = order.size() - most;
    order.resize(most);
  }
  CountGrid sorted = grid;
  sorted.rows.clear();
  sorted.counts.clear();
  for (const std::size_t r : order) {
    sorted.rows.push_back(std::move(grid.rows[r]));
    sorted.counts.push_back(std::move(grid.counts[r]));
  }
  grid = std::move(sorted);
}

CountGrid class_by_size(const Dataset& d, std::size_t most) {
  CountGrid grid{.title = "Objects by class and size",
                 .rows_are = "class",
                 .note = "The side of a box is the square root of its area, in pixels of its image.",
                 .rows = {},
                 .columns = {"under 8", "8 to 16", "16 to 32", "32 to 64", "64 to 96", "96 to 192", "192 and more"},
                 .counts = {}};
  constexpr std::array<double, 6> sides = {8, 16, 32, 64, 96, 192};
  for (const Category& category : d.categories) grid.rows.push_back(category.name);
  grid.counts.assign(grid.rows.size(), std::vector<std::uint64_t>(grid.columns.size()));
  bool any = false;
  for (const Annotation& a : d.annotations) {
    if (!has_box(a) || to_size(a.category) >= grid.rows.size()) continue;
    const double side = std::sqrt(a.box.width * a.box.height);
    const auto column = std::upper_bound(sides.begin(), sides.end(), side) - sides.begin();
    ++grid.counts[to_size(a.category)][static_cast<std::size_t>(column)];
    any = true;
  }
  if (!any) return {};
  keep_largest(grid, most);
  return grid;
}

CountGrid split_by_light(const Dataset& d, std::span<const PixelFacts> pixels, const Parts& parts) {
  CountGrid grid{.title = "Images by split and light",
                 .rows_are = "split",
                 .note = "By the median of luma, as a share of white.",
                 .rows = {},
                 .columns = {"under 10 %", "10 to 25 %", "25 to 40 %", "40 to 60 %", "60 to 75 %", "75 % and more"},
                 .counts = {}};
  constexpr std::array<double, 5> cuts = {0.1, 0.25, 0.4, 0.6, 0.75};
  for (const std::string& name : parts.names()) grid.rows.push_back(name.empty() ? "in no split" : name);
  grid.counts.assign(grid.rows.size(), std::vector<std::uint64_t>(grid.columns.size()));
  bool any = false;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    if (!pixels[i].decoded()) continue;
    const auto column = std::upper_bound(cuts.begin(), cuts.end(), pixels[i].quality.luma[3] / 255.0) - cuts.begin();
    for (const std::size_t part : parts.of(to_index<ImageIndex>(i)))
      ++grid.counts[part][static_cast<std::size_t>(column)];
    any = true;
  }
  if (!any) return {};
  if (std::all_of(grid.counts.back().begin(), grid.counts.back().end(), [](std::uint64_t n) { return n == 0; })) {
    grid.rows.pop_back();
    grid.counts.pop_back();
  }
  return grid;
}

}  // namespace

Portrait portrait_of(const Dataset& d, std::span<const PixelFacts> pixels, std::size_t most_rows) {
  const Parts parts(d);
  Portrait portrait{.sizes = sizes_by_split(d, parts), .grids = {}};
  const auto add = [&](CountGrid grid) {
    if (!grid.rows.empty()) portrait.grids.push_back(std::move(grid));
  };
  add(class_by_size(d, most_rows));
  if (pixels.size() == d.images.size()) add(split_by_light(d, pixels, parts));
  return portrait;
}

}  // namespace vetset
