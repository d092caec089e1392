#include "vetset/scan/overlays.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "vetset/base/union_find.h"
#include "vetset/image/fingerprint.h"
#include "vetset/scan/alike.h"
#include "vetset/scan/shown.h"

namespace vetset {
namespace {

constexpr std::size_t fewest_images = 24, most_images = 48, planes_at_once = 8;
constexpr std::size_t most_sources = 64;      // the largest ones
constexpr std::uint32_t longest_side = 1024;  // larger planes are made smaller
constexpr int unit = 64, steep = 24;          // of gradients; luma between neighbours of one pixel, doubled
constexpr double agreeing = 0.7;              // of the images, their gradients added as vectors
constexpr std::uint32_t cell = 16, least_in_cell = 8, least_in_all = 48;
constexpr double widest = 0.15;     // of the frame: what is larger is a view that stands still
constexpr double most_cells = 0.2;  // likewise, all regions together
constexpr std::uint32_t beside_border = 3;

struct Source {
  std::string_view folder;
  std::uint32_t width = 0, height = 0, images = 0;
  std::vector<std::uint32_t> chosen;  // one of each group of linked images
};

/// Sources with enough images that have nothing to do with each other, the largest first.
std::vector<Source> sources_of(const Dataset& d, std::span<const PixelFacts> pixels, const Links& links,
                               std::uint64_t& too_few) {
  const Components groups = components(links, d.images.size());
  std::map<std::tuple<std::string_view, std::uint32_t, std::uint32_t>, Source> by_key;
  std::set<std::pair<const Source*, std::uint32_t>> taken;
  for (std::uint32_t i = 0; i < pixels.size(); ++i) {
    const PixelFacts& p = pixels[i];
    if (!has_content(p)) continue;
    const std::string_view path = d.path(to_index<ImageIndex>(i));
    const std::size_t slash = path.rfind('/');
    const std::string_view folder = slash == path.npos ? std::string_view() : path.substr(0, slash);
    Source& source = by_key[{folder, p.width, p.height}];
    source.folder = folder, source.width = p.width, source.height = p.height;
    ++source.images;
    if (taken.emplace(&source, groups.of[i]).second) source.chosen.push_back(i);
  }
  std::vector<Source> sources;
  for (auto& [key, source] : by_key) {
    if (source.chosen.size() >= fewest_images)
      sources.push_back(std::move(source));
    else if (source.images >= fewest_images)
      ++too_few;
  }
  std::stable_sort(sources.begin(), sources.end(),
                   [](const Source& a, const Source& b) { return a.chosen.size() > b.chosen.size(); });
  if (sources.size() > most_sources) sources.resize(most_sources);
  return sources;
}

/// Evenly over all of them, in order.
std::vector<std::uint32_t> sampled(const std::vector<std::uint32_t>& all) {
  if (all.size() <= most_images) return all;
  std::vector<std::uint32_t> some;
  for (std::size_t k = 0; k < most_images; ++k) some.push_back(all[k * all.size() / most_images]);
  return some;
}

/// The length of a vector to the next whole number, without a root for each pixel: of what 8-bit luma can give.
int length_of(int x, int y) { return static_cast<int>(std::lround(std::sqrt(static_cast<double>(x * x + y * y)))); }

/// Regions of cells that touch, each the smallest rectangle around its lines.
class Regions {
 public:
  Regions(std::uint32_t width, std::uint32_t height)
      : across_((width + cell - 1) / cell), down_((height + cell - 1) / cell), cells_(std::size_t{across_} * down_) {}

  void add(std::uint32_t x, std::uint32_t y) {
    Cell& c = cells_[std::size_t{y / cell} * across_ + x / cell];
    ++c.count;
    c.left = std::min(c.left, x), c.right = std::max(c.right, x + 1);
    c.top = std::min(c.top, y), c.bottom = std::max(c.bottom, y + 1);
  }

  StaticLines::Found find(std::uint64_t frame) {
    UnionFind joined(cells_.size());
    std::size_t filled = 0;
    for (std::uint32_t k = 0; k < cells_.size(); ++k) {
      if (!is_filled(k)) continue;
      ++filled;
      // Letters stand apart: two cells on is still the same line of text.
      for (std::uint32_t dy = 0; dy <= 1; ++dy)
        for (int dx = -2; dx <= 2; ++dx) {
          const int x = static_cast<int>(k % across_) + dx;
          const std::uint32_t y = k / across_ + dy;
          if (x < 0 || x >= static_cast<int>(across_) || y >= down_ || (dy == 0 && dx <= 0)) continue;
          const std::uint32_t other = y * across_ + static_cast<std::uint32_t>(x);
          if (is_filled(other)) joined.join(k, other);
        }
    }
    StaticLines::Found found;
    std::map<std::uint32_t, Cell> wholes;
    for (std::uint32_t k = 0; k < cells_.size(); ++k) {
      if (!is_filled(k)) continue;
      Cell& whole = wholes[joined.root(k)];
      const Cell& c = cells_[k];
      whole.count += c.count;
      whole.left = std::min(whole.left, c.left), whole.right = std::max(whole.right, c.right);
      whole.top = std::min(whole.top, c.top), whole.bottom = std::max(whole.bottom, c.bottom);
    }
    for (const auto& [root, c] : wholes) {
      if (c.count < least_in_all) continue;
      const std::uint64_t area = std::uint64_t{c.right - c.left} * (c.bottom - c.top);
      if (static_cast<double>(area) > widest * static_cast<double>(frame)) found.whole_view = true;
      found.regions.push_back({c.left, c.top, c.right - c.left, c.bottom - c.top});
    }
    if (static_cast<double>(filled) > most_cells * static_cast<double>(cells_.size())) found.whole_view = true;
    if (found.whole_view) found.regions.clear();
    std::sort(found.regions.begin(), found.regions.end(),
              [](const Region& a, const Region& b) { return std::tuple(a.y, a.x) < std::tuple(b.y, b.x); });
    return found;
  }

 private:
  struct Cell {
    std::uint32_t count = 0;
    std::uint32_t left = ~0U, top = ~0U, right = 0, bottom = 0;
  };
  bool is_filled(std::uint32_t k) const { return cells_[k].count >= least_in_cell; }

  std::uint32_t across_, down_;
  std::vector<Cell> cells_;
};

Plane fitted(Plane plane) {
  const std::uint32_t longer = std::max(plane.width, plane.height);
  if (longer <= longest_side) return plane;
  const auto side = [&](std::uint32_t pixels) {
    return std::max(1U, static_cast<std::uint32_t>(std::uint64_t{pixels} * longest_side / longer));
  };
  return resampled(plane, {0, 0, plane.width, plane.height}, side(plane.width), side(plane.height));
}

}  // namespace

StaticLines::StaticLines(std::uint32_t width, std::uint32_t height)
    : width_(width), height_(height), across_(std::size_t{width} * height), down_(across_.size()) {}

void StaticLines::add(std::span<const Plane> planes, const Pool& pool) {
  struct Inner {
    std::uint32_t left, top, right, bottom;
  };
  std::vector<Inner> inner;
  for (const Plane& plane : planes) {
    const auto borders = uniform_borders(plane);
    const auto beyond = [](std::uint32_t border) { return border == 0 ? 1U : border + beside_border; };
    const auto before = [&](std::uint32_t side, std::uint32_t border) { return side - std::min(side, beyond(border)); };
    inner.push_back({beyond(borders[0]), beyond(borders[1]), before(width_, borders[2]), before(height_, borders[3])});
    ++planes_;
  }
  pool.for_each(height_, [&](std::size_t row) {
    const auto y = static_cast<std::uint32_t>(row);
    for (std::size_t k = 0; k < planes.size(); ++k) {
      if (y < inner[k].top || y >= inner[k].bottom) continue;
      const auto above = planes[k].row(y - 1), here = planes[k].row(y), below = planes[k].row(y + 1);
      for (std::uint32_t x = inner[k].left; x < inner[k].right; ++x) {
        const int dx = here[x + 1] - here[x - 1], dy = below[x] - above[x];
        if (dx * dx + dy * dy < steep * steep) continue;
        const int length = length_of(dx, dy);
        across_[row * width_ + x] = static_cast<std::int16_t>(across_[row * width_ + x] + dx * unit / length);
        down_[row * width_ + x] = static_cast<std::int16_t>(down_[row * width_ + x] + dy * unit / length);
      }
    }
  });
}

StaticLines::Found StaticLines::find() const {
  Regions regions(width_, height_);
  const double least = agreeing * unit * planes_;
  for (std::uint32_t y = 0; y < height_; ++y)
    for (std::uint32_t x = 0; x < width_; ++x) {
      const int a = across_[std::size_t{y} * width_ + x], b = down_[std::size_t{y} * width_ + x];
      if (static_cast<double>(a) * a + static_cast<double>(b) * b >= least * least) regions.add(x, y);
    }
  return regions.find(std::uint64_t{width_} * height_);
}

Result<OverlaySearch> find_overlays(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                                    std::span<const PixelFacts> pixels, const Links& links, const Pool& pool,
                                    const Progress& progress) {
  constexpr std::string_view telling = "comparing images of one source";
  OverlaySearch out;
  const std::vector<Source> sources = sources_of(d, pixels, links, out.too_few);
  out.sources = sources.size();
  for (std::size_t s = 0; s < sources.size(); ++s) {
    if (progress.stopped()) return Error{Code::cancelled, "stopped while " + std::string(telling)};
    progress.tell(telling, s, sources.size());
    const Source& source = sources[s];
    const std::vector<std::uint32_t> images = sampled(source.chosen);
    std::optional<StaticLines> lines;
    std::uint32_t compared = 0, width = 0, height = 0;
    for (std::size_t first = 0; first < images.size(); first += planes_at_once) {
      std::vector<Plane> planes(std::min(planes_at_once, images.size() - first));
      pool.for_each(planes.size(), [&](std::size_t k) {
        const std::uint32_t image = images[first + k];
        if (auto luma = shown_luma(d, media, facts[image], to_index<ImageIndex>(image)))
          planes[k] = fitted(*std::move(luma));
      });
      std::erase_if(planes, [&](const Plane& p) { return p.empty() || p.width < 3 || p.height < 3; });
      if (planes.empty()) continue;
      if (!lines) {
        width = planes.front().width, height = planes.front().height;
        lines.emplace(width, height);
      }
      std::erase_if(planes, [&](const Plane& p) { return p.width != width || p.height != height; });
      lines->add(planes, pool);
      compared += static_cast<std::uint32_t>(planes.size());
    }
    if (!lines || compared < fewest_images) continue;
    const StaticLines::Found found = lines->find();
    if (found.whole_view) ++out.fixed_views;
    for (const Region& r : found.regions) {
      const auto back = [&](std::uint32_t at, std::uint32_t whole, std::uint32_t small) {
        return static_cast<std::uint32_t>(std::uint64_t{at} * whole / small);
      };
      out.found.push_back({.example = to_index<ImageIndex>(images.front()),
                           .folder = std::string(source.folder),
                           .images = source.images,
                           .compared = compared,
                           .x = back(r.x, source.width, width),
                           .y = back(r.y, source.height, height),
                           .width = back(r.width, source.width, width),
                           .height = back(r.height, source.height, height)});
    }
  }
  progress.tell(telling, sources.size(), sources.size());
  std::sort(out.found.begin(), out.found.end(), [](const Overlay& a, const Overlay& b) {
    return std::tuple(a.example, a.y, a.x) < std::tuple(b.example, b.y, b.x);
  });
  return out;
}

}  // namespace vetset
