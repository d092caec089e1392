#include "vetset/dataset/stats.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "vetset/base/json.h"

namespace vetset {
namespace {

constexpr std::size_t most_objects = 64;  // the last bin of objects an image

/// The number at a share of a sorted list, between neighbours by their distance (as numpy's default does).
double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double part = at - static_cast<double>(below);
  return sorted[below] + (sorted[below + 1] - sorted[below]) * part;
}

bool has_box(const Annotation& a) {
  const Box& b = a.box;
  return (a.box_origin == Origin::stated || a.box_origin == Origin::derived) && std::isfinite(b.x) &&
         std::isfinite(b.y) && std::isfinite(b.width) && std::isfinite(b.height);
}

std::size_t cell_of(double at, std::uint32_t size) {
  const double cell = std::floor(at / size * static_cast<double>(Stats::cells));
  if (!(cell > 0)) return 0;
  return std::min(static_cast<std::size_t>(std::min(cell, 1e6)), Stats::cells - 1);
}

class Counter {
 public:
  explicit Counter(const Dataset& d) : d_(d), splits_(d.image_splits()) {}

  Stats count() {
    stats_.counts = counts_of(d_);
    name_splits();
    for (const Category& category : d_.categories)
      stats_.classes.push_back({category.name, 0, 0, std::vector<std::uint64_t>(stats_.splits.size())});
    count_images();
    count_boxes();
    if (stats_.splits.back().images == 0) drop_last_split();
    return std::move(stats_);
  }

 private:
  /// Splits of one name are one; the last one takes the images that are in none.
  void name_splits() {
    for (const Split& split : d_.splits) {
      const auto known = std::find_if(stats_.splits.begin(), stats_.splits.end(),
                                      [&](const SplitStats& s) { return s.name == split.name; });
      rows_.push_back(static_cast<std::size_t>(known - stats_.splits.begin()));
      if (known == stats_.splits.end()) stats_.splits.push_back({.name = split.name, .role = split.role});
    }
    stats_.splits.push_back({});
  }

  void drop_last_split() {
    stats_.splits.pop_back();
    for (ClassStats& c : stats_.classes) c.by_split.pop_back();
  }

  /// Rows of `splits` that an image is in, each once.
  std::vector<std::size_t> rows_of(ImageIndex i) const {
    std::vector<std::size_t> rows;
    for (const SplitIndex s : splits_.of(i)) rows.push_back(rows_[to_size(s)]);
    if (rows.empty()) rows.push_back(stats_.splits.size() - 1);
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
  }

  void count_images() {
    const Dataset::ImageAnnotations by_image = d_.image_annotations();
    std::vector<std::vector<bool>> split_has_class(stats_.splits.size(), std::vector<bool>(d_.categories.size()));
    std::vector<std::uint32_t> last_image(d_.categories.size(), 0xffffffffU);
    std::vector<double> objects, megapixels;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> sizes;
    for (std::size_t n = 0; n < d_.images.size(); ++n) {
      const auto i = to_index<ImageIndex>(n);
      const auto annotations = by_image.of(i);
      const std::vector<std::size_t> rows = rows_of(i);
      objects.push_back(static_cast<double>(annotations.size()));
      const std::size_t bin = std::min(annotations.size(), most_objects);
      if (stats_.objects_per_image.size() <= bin) stats_.objects_per_image.resize(bin + 1);
      ++stats_.objects_per_image[bin];
      for (const std::size_t row : rows) {
        ++stats_.splits[row].images;
        stats_.splits[row].objects += annotations.size();
        if (annotations.empty()) ++stats_.splits[row].empty_images;
      }
      for (const AnnotationIndex a : annotations) {
        if (d_[a].category == none<CategoryIndex>) continue;
        const std::size_t c = to_size(d_[a].category);
        if (last_image[c] != n) ++stats_.classes[c].images;
        last_image[c] = static_cast<std::uint32_t>(n);
        for (const std::size_t row : rows) {
          ++stats_.classes[c].by_split[row];
          split_has_class[row][c] = true;
        }
      }
      const Image& image = d_[i];
      if (image.width == 0 || image.height == 0) {
        ++stats_.unsized_images;
        continue;
      }
      ++sizes[{image.width, image.height}];
      megapixels.push_back(static_cast<double>(image.width) * image.height / 1e6);
    }
    for (std::size_t row = 0; row < stats_.splits.size(); ++row)
      stats_.splits[row].classes =
          static_cast<std::uint64_t>(std::count(split_has_class[row].begin(), split_has_class[row].end(), true));
    stats_.objects_spread = spread_of(std::move(objects));
    stats_.image_megapixels = spread_of(std::move(megapixels));
    stats_.image_sizes.assign(sizes.begin(), sizes.end());
    std::stable_sort(stats_.image_sizes.begin(), stats_.image_sizes.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  }

  void count_boxes() {
    std::vector<double> sides;
    std::map<Kind, std::uint64_t> kinds;
    for (const Annotation& a : d_.annotations) {
      ++kinds[a.kind];
      if (a.category == none<CategoryIndex>)
        ++stats_.unclassed;
      else
        ++stats_.classes[to_size(a.category)].objects;
      if (!has_box(a)) {
        ++stats_.without_box;
        continue;
      }
      const double area = std::max(a.box.width, 0.0) * std::max(a.box.height, 0.0);
      sides.push_back(std::sqrt(area));
      ++(area < Stats::small_side * Stats::small_side     ? stats_.small
         : area < Stats::medium_side * Stats::medium_side ? stats_.medium
                                                          : stats_.large);
      if (a.box.width > 0 && a.box.height > 0) {
        std::size_t bin = 0;
        while (bin + 1 < Stats::aspects.size() && a.box.width / a.box.height >= Stats::aspects[bin]) ++bin;
        ++stats_.by_aspect[bin];
      }
      if (a.image == none<ImageIndex> || d_[a.image].width == 0 || d_[a.image].height == 0) continue;
      const Image& image = d_[a.image];
      ++stats_.heat[cell_of(a.box.y + a.box.height / 2, image.height)][cell_of(a.box.x + a.box.width / 2, image.width)];
    }
    stats_.box_sides = spread_of(std::move(sides));
    for (const auto& [kind, count] : kinds) stats_.kinds.emplace_back(name(kind), count);
  }

  const Dataset& d_;
  const Dataset::ImageSplits splits_;
  std::vector<std::size_t> rows_;  // of the dataset's splits, in stats_.splits
  Stats stats_;
};

void add_spread(JsonWriter& out, std::string_view key, const Spread& s) {
  out.key(key).begin_object().key("count").value(s.count);
  if (s.count > 0) {
    out.key("least").value(s.least).key("lower_quartile").value(s.lower).key("median").value(s.median);
    out.key("upper_quartile").value(s.upper).key("most").value(s.most).key("mean").value(s.mean);
  }
  out.end_object();
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  Spread spread{.count = values.size()};
  if (values.empty()) return spread;
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += value;
  spread.least = values.front();
  spread.lower = quantile(values, 0.25);
  spread.median = quantile(values, 0.5);
  spread.upper = quantile(values, 0.75);
  spread.most = values.back();
  spread.mean = sum / static_cast<double>(values.size());
  return spread;
}

Stats stats_of(const Dataset& d) { return Counter(d).count(); }

std::string to_json(const Stats& s, std::string_view program, std::string_view source, std::string_view format) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-stats").value(1).key("program").value(program).key("source").value(source);
  out.key("format").value(format).key("counts").begin_object();
  out.key("images").value(s.counts.images).key("annotations").value(s.counts.annotations);
  out.key("categories").value(s.counts.categories).key("splits").value(s.counts.splits).end_object();
  out.key("unclassed").value(s.unclassed).key("without_box").value(s.without_box);
  out.key("unsized_images").value(s.unsized_images).key("splits").begin_array();
  for (const SplitStats& split : s.splits) {
    out.begin_object().key("name").value(split.name).key("role").value(name(split.role));
    out.key("images").value(split.images).key("empty_images").value(split.empty_images);
    out.key("objects").value(split.objects).key("classes").value(split.classes).end_object();
  }
  out.end_array().key("classes").begin_array();
  for (const ClassStats& c : s.classes) {
    out.begin_object().key("name").value(c.name).key("objects").value(c.objects).key("images").value(c.images);
    out.key("by_split").begin_array();
    for (const std::uint64_t count : c.by_split) out.value(count);
    out.end_array().end_object();
  }
  out.end_array().key("kinds").begin_object();
  for (const auto& [kind, count] : s.kinds) out.key(kind).value(count);
  out.end_object().key("objects_per_image").begin_array();
  for (const std::uint64_t images : s.objects_per_image) out.value(images);
  out.end_array();
  add_spread(out, "objects_spread", s.objects_spread);
  out.key("box_sizes").begin_object().key("small").value(s.small).key("medium").value(s.medium);
  out.key("large").value(s.large).end_object();
  add_spread(out, "box_sides", s.box_sides);
  out.key("aspects").begin_array();
  for (std::size_t i = 0; i < s.by_aspect.size(); ++i) {
    out.begin_object();
    if (i + 1 < s.by_aspect.size()) out.key("below").value(Stats::aspects[i]);
    out.key("boxes").value(s.by_aspect[i]).end_object();
  }
  out.end_array().key("image_sizes").begin_array();
  for (const auto& [size, images] : s.image_sizes) {
    out.begin_object().key("width").value(size.first).key("height").value(size.second);
    out.key("images").value(images).end_object();
  }
  out.end_array();
  add_spread(out, "image_megapixels", s.image_megapixels);
  out.key("heat").begin_array();
  for (const auto& row : s.heat) {
    out.begin_array();
    for (const std::uint64_t count : row) out.value(count);
    out.end_array();
  }
  out.end_array().end_object();
  Result<std::string> canonical = canonical_json(text);
  VETSET_ASSERT(canonical, "what JsonWriter wrote is JSON");
  return *std::move(canonical);
}

}  // namespace vetset
