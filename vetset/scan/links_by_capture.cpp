// Links by what cameras write: photos of one camera within two seconds, photos of one place within minutes.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <map>
#include <string>

#include "vetset/scan/find_links.h"

namespace vetset {
namespace {

constexpr std::int64_t burst_ms = 2'000, place_ms = 10 * 60 * 1'000;
constexpr double place_metres = 25;
/// So many photos of one camera at the very same moment: its clock stands still and says nothing.
constexpr std::size_t most_at_once = 30;

std::string seconds_text(std::int64_t ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%lld s", static_cast<long long>(ms / 1000),
                static_cast<long long>(ms % 1000 / 100));
  return text;
}

struct Moment {
  std::int64_t ms = 0;
  std::uint32_t image = 0;
  auto operator<=>(const Moment&) const = default;
};

void link_moments(Links& out, const Moment& a, const Moment& b, LinkKind kind, std::string text) {
  out.links.push_back({.first = static_cast<ImageIndex>(std::min(a.image, b.image)),
                       .second = static_cast<ImageIndex>(std::max(a.image, b.image)),
                       .kind = kind,
                       .text = static_cast<std::uint32_t>(out.texts.size())});
  out.texts.push_back(std::move(text));
}

std::string camera_of(const Capture& c) {
  std::string name = c.make;
  for (const std::string* part : {&c.model, &c.serial})
    if (!part->empty()) name += (name.empty() ? "" : " ") + *part;
  return name;
}

/// Copies of a picture carry its EXIF; that they were taken together says nothing. The first speaks for all.
std::vector<bool> copies_of(std::span<const PixelFacts> pixels) {
  std::vector<bool> copies(pixels.size());
  std::map<Hash128, std::size_t> first;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    if (pixels[i].capture.time_ms && pixels[i].decoded()) copies[i] = !first.try_emplace(pixels[i].pixels, i).second;
  return copies;
}

void link_bursts(std::span<const PixelFacts> pixels, const std::vector<bool>& copies, Links& out) {
  std::map<std::string, std::vector<Moment>> by_camera;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const Capture& c = pixels[i].capture;
    if (copies[i] || !c.time_ms || (c.make.empty() && c.model.empty())) continue;
    by_camera[c.make + '\n' + c.model + '\n' + c.serial].push_back({*c.time_ms, static_cast<std::uint32_t>(i)});
  }
  std::uint64_t stopped = 0;
  for (auto& [key, moments] : by_camera) {
    std::sort(moments.begin(), moments.end());
    std::vector<Moment> told;
    for (std::size_t begin = 0, end = 0; begin < moments.size(); begin = end) {
      while (end < moments.size() && moments[end].ms == moments[begin].ms) ++end;
      if (end - begin > most_at_once) {
        stopped += end - begin;
        continue;
      }
      told.insert(told.end(), moments.begin() + static_cast<std::ptrdiff_t>(begin),
                  moments.begin() + static_cast<std::ptrdiff_t>(end));
    }
    for (std::size_t k = 1; k < told.size(); ++k) {
      const std::int64_t apart = told[k].ms - told[k - 1].ms;
      if (apart > burst_ms) continue;
      link_moments(out, told[k - 1], told[k], LinkKind::burst,
                   camera_of(pixels[told[k].image].capture) + ", " + seconds_text(apart) + " apart");
    }
  }
  if (stopped > 0)
    out.notes.push_back(std::to_string(stopped) +
                        " images share the moment at which a camera says they were taken with more than " +
                        std::to_string(most_at_once) + " others: that clock is not believed");
}

/// Metres between two points that are near each other.
double metres_between(const Capture& a, const Capture& b) {
  constexpr double degree = 111'195;  // of a great circle, in metres
  constexpr double radians = 0.017453292519943295;
  double east = *a.longitude - *b.longitude;
  if (east > 180) east -= 360;
  if (east < -180) east += 360;
  const double x = east * degree * std::cos((*a.latitude + *b.latitude) / 2 * radians);
  const double y = (*a.latitude - *b.latitude) * degree;
  return std::sqrt(x * x + y * y);
}

bool has_place(const Capture& c) {
  if (!c.time_ms || !c.latitude || !c.longitude) return false;
  return *c.latitude != 0 || *c.longitude != 0;  // 0, 0 is what a receiver writes that knows nothing
}

/// Cells of less than 25 m across, so that all of one cell are near; of the cells around it, one match ties the whole
/// cell, as those of one cell within ten minutes are tied among themselves.
void link_places(std::span<const PixelFacts> pixels, const std::vector<bool>& copies, Links& out) {
  std::vector<Moment> moments;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const Capture& c = pixels[i].capture;
    if (copies[i] || !has_place(c)) continue;
    moments.push_back(
        {*c.time_ms - std::int64_t{c.utc_offset_minutes.value_or(0)} * 60'000, static_cast<std::uint32_t>(i)});
  }
  std::sort(moments.begin(), moments.end());
  constexpr double side = 15.0 / 111'195;  // of a cell, in degrees of latitude
  using Cell = std::pair<std::int64_t, std::int64_t>;
  std::map<Cell, std::deque<Moment>> cells;
  for (const Moment& m : moments) {
    const Capture& c = pixels[m.image].capture;
    const auto row = static_cast<std::int64_t>(std::floor(*c.latitude / side));
    // Columns are as wide as rows are high, by the latitude of the row, so cells of a row line up.
    const auto column = [&](std::int64_t r) {
      const double shrink = std::max(0.01, std::cos(static_cast<double>(r) * side * 0.017453292519943295));
      return static_cast<std::int64_t>(std::floor(*c.longitude * shrink / side));
    };
    for (std::int64_t r = row - 2; r <= row + 2; ++r)
      for (std::int64_t k = column(r) - 2; k <= column(r) + 2; ++k) {
        const auto found = cells.find({r, k});
        if (found == cells.end()) continue;
        std::deque<Moment>& before = found->second;
        while (!before.empty() && m.ms - before.front().ms > place_ms) before.pop_front();
        for (auto other = before.rbegin(); other != before.rend(); ++other) {
          const double metres = metres_between(c, pixels[other->image].capture);
          if (metres > place_metres) continue;
          link_moments(
              out, *other, m, LinkKind::place_time,
              std::to_string(static_cast<int>(metres + 0.5)) + " m and " + seconds_text(m.ms - other->ms) + " apart");
          break;
        }
      }
    cells[{row, column(row)}].push_back(m);
  }
}

}  // namespace

Links links_by_capture(std::span<const PixelFacts> pixels) {
  Links out;
  const std::vector<bool> copies = copies_of(pixels);
  link_bursts(pixels, copies, out);
  link_places(pixels, copies, out);
  return out;
}

Links links_by_key(const Groups& groups) {
  Links out;
  for (const Groups::Key& key : groups.keys) {
    struct Held {
      std::uint32_t first = 0, text = 0;  // text 0: only one image so far
    };
    std::map<std::string_view, Held> held;
    for (std::size_t i = 0; i < key.of.size(); ++i) {
      if (key.of[i].empty()) continue;
      const auto [at, fresh] = held.try_emplace(key.of[i], Held{.first = static_cast<std::uint32_t>(i)});
      if (fresh) continue;
      if (at->second.text == 0) {
        at->second.text = static_cast<std::uint32_t>(out.texts.size());
        out.texts.push_back(key.name + " " + key.of[i]);
      }
      out.links.push_back({.first = static_cast<ImageIndex>(at->second.first),
                           .second = to_index<ImageIndex>(i),
                           .kind = LinkKind::key,
                           .text = at->second.text});
    }
  }
  return out;
}

}  // namespace vetset
