// The outline of a mask as rings of corner points, from its runs alone: no pixel is visited, so the work follows the
// number of runs. Each vertical run has a top edge (walked to the right) and a bottom edge (to the left); on every
// vertical line between two columns the ends of these edges are joined, straight or by an upright piece, with the mask
// on the right hand. Where two pixels touch only at a corner the walk turns right, so that they stay apart.
#include <algorithm>
#include <limits>
#include <utility>

#include "vetset/dataset/geometry.h"

namespace vetset {
namespace {

/// Rows [top, bottom) of a column.
struct Run {
  std::uint32_t top = 0, bottom = 0;
};
/// Columns [left, right) that have the same runs.
struct Strip {
  std::uint32_t left = 0, right = 0;
  std::size_t begin = 0, end = 0;  // in `runs`
};

constexpr std::size_t no_edge = std::numeric_limits<std::size_t>::max();
std::size_t top_edge(std::size_t run) { return 2 * run; }
std::size_t bottom_edge(std::size_t run) { return 2 * run + 1; }

class Tracer {
 public:
  explicit Tracer(std::uint32_t height) : height_(height) {}

  /// Adds the ones at [begin, end), counted down the columns; begin is beyond all that was added before.
  void add(std::uint64_t begin, std::uint64_t end) {
    while (begin < end) {
      const auto column = static_cast<std::uint32_t>(begin / height_);
      const auto top = static_cast<std::uint32_t>(begin % height_);
      const std::uint64_t whole = (end - begin) / height_;
      if (top == 0 && whole > 0) {
        add_run(column, static_cast<std::uint32_t>(column + whole), {.top = 0, .bottom = height_});
        begin += whole * height_;
        continue;
      }
      const std::uint64_t size = std::min<std::uint64_t>(end - begin, height_ - top);
      add_run(column, column + 1, {.top = top, .bottom = static_cast<std::uint32_t>(top + size)});
      begin += size;
    }
  }

  std::vector<Outline> trace() {
    next_.assign(2 * runs_.size(), no_edge);
    strip_of_.resize(runs_.size());
    root_.resize(runs_.size());
    for (std::size_t run = 0; run < runs_.size(); ++run) root_[run] = run;
    for (std::size_t s = 0; s < strips_.size(); ++s) {
      const Strip& strip = strips_[s];
      std::fill(strip_of_.begin() + static_cast<std::ptrdiff_t>(strip.begin),
                strip_of_.begin() + static_cast<std::ptrdiff_t>(strip.end), s);
      const bool touches = s > 0 && strips_[s - 1].right == strip.left;
      const Strip empty{};
      if (touches) join_parts(strips_[s - 1], strip);
      join_line(touches ? strips_[s - 1] : empty, strip);
      const bool followed = s + 1 < strips_.size() && strips_[s + 1].left == strip.right;
      if (!followed) join_line(strip, empty);
    }
    return walk();
  }

 private:
  void add_run(std::uint32_t left, std::uint32_t right, Run run) {
    if (strips_.empty() || strips_.back().left != left)
      strips_.push_back({.left = left, .right = right, .begin = runs_.size(), .end = runs_.size()});
    runs_.push_back(run);
    strips_.back().end = runs_.size();
  }

  std::size_t root(std::size_t run) {
    while (root_[run] != run) run = root_[run] = root_[root_[run]];
    return run;
  }

  /// Runs of neighbouring columns that share an edge are of one part, named by its first run.
  void join_parts(const Strip& left, const Strip& right) {
    for (std::size_t l = left.begin, r = right.begin; l < left.end && r < right.end;) {
      if (std::max(runs_[l].top, runs_[r].top) < std::min(runs_[l].bottom, runs_[r].bottom)) {
        const std::size_t a = root(l), b = root(r);
        root_[std::max(a, b)] = std::min(a, b);
      }
      runs_[l].bottom < runs_[r].bottom ? ++l : ++r;
    }
  }

  /// The next end of an edge going down a line: its row, its edge, and whether the column turns to ones there.
  struct End {
    std::uint64_t y = std::numeric_limits<std::uint64_t>::max();
    std::size_t edge = no_edge;
    bool on = false;
  };
  End end_at(const Strip& strip, std::size_t step) const {
    const std::size_t run = strip.begin + step / 2;
    if (run >= strip.end) return {};
    if (step % 2 == 0) return {.y = runs_[run].top, .edge = top_edge(run), .on = true};
    return {.y = runs_[run].bottom, .edge = bottom_edge(run), .on = false};
  }

  /// Joins the edges that end on the line between two neighbouring columns. An upright piece lies wherever one column
  /// has ones and the other has not: it goes down where the ones are on its left, and up where they are on its right.
  void join_line(const Strip& left, const Strip& right) {
    std::size_t left_step = 0, right_step = 0;
    bool left_on = false, right_on = false;
    std::size_t upright = no_edge;  // the edge at the upper end of the piece that is open
    for (;;) {
      const End l = end_at(left, left_step), r = end_at(right, right_step);
      const std::uint64_t y = std::min(l.y, r.y);
      if (l.edge == no_edge && r.edge == no_edge) return;
      const bool left_turns = l.y == y, right_turns = r.y == y;
      if (left_turns && right_turns) {
        if (left_on == right_on) {
          l.on ? link(l.edge, r.edge) : link(r.edge, l.edge);
        } else if (left_on) {
          link(upright, l.edge);
          upright = r.edge;
        } else {
          link(r.edge, upright);
          upright = l.edge;
        }
      } else {
        const End& turning = left_turns ? l : r;
        if (left_on == right_on) {
          upright = turning.edge;
        } else {
          left_on ? link(upright, turning.edge) : link(turning.edge, upright);
        }
      }
      if (left_turns) {
        left_on = l.on;
        ++left_step;
      }
      if (right_turns) {
        right_on = r.on;
        ++right_step;
      }
    }
  }
  void link(std::size_t from, std::size_t to) { next_[from] = to; }

  /// Where a walk along an edge begins and ends.
  std::pair<double, double> begin_of(std::size_t edge) const {
    const Strip& strip = strips_[strip_of_[edge / 2]];
    const Run& run = runs_[edge / 2];
    return edge % 2 == 0 ? std::pair<double, double>(strip.left, run.top)
                         : std::pair<double, double>(strip.right, run.bottom);
  }
  std::pair<double, double> end_of(std::size_t edge) const {
    const Strip& strip = strips_[strip_of_[edge / 2]];
    const Run& run = runs_[edge / 2];
    return edge % 2 == 0 ? std::pair<double, double>(strip.right, run.top)
                         : std::pair<double, double>(strip.left, run.bottom);
  }

  std::vector<Outline> walk() {
    std::vector<Outline> outlines;
    std::vector<std::uint32_t> part_of(runs_.size());
    std::uint32_t parts = 0;
    for (std::size_t first = 0; first < next_.size(); ++first) {
      if (next_[first] == no_edge) continue;
      Outline outline;
      for (std::size_t edge = first; next_[edge] != no_edge;) {
        const std::size_t following = std::exchange(next_[edge], no_edge);
        const auto [x, y] = end_of(edge);
        const double to_y = begin_of(following).second;
        if (y != to_y) outline.ring.insert(outline.ring.end(), {x, y, x, to_y});
        edge = following;
      }
      // The last corner is the one where the first edge begins.
      std::rotate(outline.ring.begin(), outline.ring.end() - 2, outline.ring.end());
      outline.hole = signed_area(outline.ring) < 0;
      const std::size_t part = root(first / 2);
      if (!outline.hole) part_of[part] = parts++;
      outline.part = part_of[part];
      outlines.push_back(std::move(outline));
    }
    return outlines;
  }

  std::uint32_t height_;
  std::vector<Run> runs_;
  std::vector<Strip> strips_;
  std::vector<std::size_t> strip_of_;  // of each run
  std::vector<std::size_t> root_;      // union-find over runs; a root is the first run of its part
  std::vector<std::size_t> next_;      // the edge that follows each edge
};

}  // namespace

Result<std::vector<Outline>> outlines(std::span<const std::uint32_t> counts, std::uint32_t height, std::uint32_t width,
                                      const Limits& limits) {
  const std::uint64_t pixels = std::uint64_t{height} * width;
  if (pixels > limits.mask_pixels)
    return Error{Code::limit, "a mask of " + std::to_string(height) + "x" + std::to_string(width) +
                                  " pixels, expected at most " + std::to_string(limits.mask_pixels)};
  std::uint64_t total = 0;
  for (const std::uint32_t count : counts) total += count;
  if (total != pixels)
    return Error{Code::malformed, "the counts of a mask make " + std::to_string(total) + " pixels, expected " +
                                      std::to_string(height) + "x" + std::to_string(width) + " = " +
                                      std::to_string(pixels)};
  if (pixels == 0) return std::vector<Outline>();
  Tracer tracer(height);
  std::uint64_t at = 0, begin = 0, end = 0;  // [begin, end): ones that a run of no zeros may yet continue
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (i % 2 == 1 && counts[i] > 0) {
      if (at != end) {
        tracer.add(begin, end);
        begin = at;
      }
      end = at + counts[i];
    }
    at += counts[i];
  }
  tracer.add(begin, end);
  return tracer.trace();
}

}  // namespace vetset
