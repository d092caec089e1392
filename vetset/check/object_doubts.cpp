#include "vetset/check/object_doubts.h"

#include <algorithm>
#include <cmath>

namespace vetset {
namespace {

constexpr double overlap_weight = 0.9;  // ObjectLab's alpha
constexpr double half = 0.5;            // a detection that lies half in a region belongs to it
constexpr double same_place = 0.7;      // IoU from which on two boxes are of one object, whatever else

double area_of(const Box& b) { return std::max(0.0, b.width) * std::max(0.0, b.height); }

double shared_area(const Box& a, const Box& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/// The overlaps of every box with every detection, and what follows from them.
class Image {
 public:
  Image(std::span<const GivenBox> given, std::span<const DetectedBox> detected)
      : given_(given), detected_(detected), overlap_(given.size() * detected.size()) {
    for (std::size_t g = 0; g < given.size(); ++g)
      for (std::size_t p = 0; p < detected.size(); ++p)
        overlap_[g * detected.size() + p] = iou(given[g].box, detected[p].box);
    in_region_.assign(detected.size(), false);
    own_.assign(detected.size(), {});
    for (std::size_t p = 0; p < detected.size(); ++p) look_at(p);
  }

  void doubt(ObjectDoubts& out) const {
    out.overlooked.assign(detected_.size(), 0);
    out.swapped.assign(given_.size(), {});
    out.misplaced.assign(given_.size(), {});
    out.spurious.assign(given_.size(), 0);
    std::vector<double> claimed(detected_.size(), 0);  // by a box that it shows to be misplaced
    for (std::size_t g = 0; g < given_.size(); ++g) {
      if (given_[g].region) continue;
      const double support = supported(g);
      out.swapped[g] = swapped(g, support);
      out.misplaced[g] = misplaced(g);
      out.spurious[g] = spurious(g);
      if (const Doubt& moved = out.misplaced[g]; moved.detection != Doubt::nothing)
        claimed[moved.detection] = std::max(claimed[moved.detection], shared(g, moved.detection));
    }
    for (std::size_t p = 0; p < detected_.size(); ++p) out.overlooked[p] = overlooked(p, claimed[p]);
  }

 private:
  /// The two boxes of its own class that a detection resembles most, and the most that any box shares with it.
  struct Own {
    std::size_t first = 0;
    double best = 0, second = 0, any = 0;
  };

  double shared(std::size_t g, std::size_t p) const { return overlap_[g * detected_.size() + p]; }

  void look_at(std::size_t p) {
    Own& own = own_[p];
    const double area = area_of(detected_[p].box);
    for (std::size_t g = 0; g < given_.size(); ++g) {
      if (given_[g].region) {
        if (area > 0 && shared_area(given_[g].box, detected_[p].box) >= half * area) in_region_[p] = true;
        continue;
      }
      const double overlap = shared(g, p);
      own.any = std::max(own.any, overlap);
      if (given_[g].category != detected_[p].category) continue;
      if (overlap > own.best) {
        own.second = own.best;
        own.best = overlap;
        own.first = g;
      } else {
        own.second = std::max(own.second, overlap);
      }
    }
  }
  /// How well another box of the detection's own class explains it.
  double explained_elsewhere(std::size_t g, std::size_t p) const {
    return own_[p].best > 0 && own_[p].first == g ? own_[p].second : own_[p].best;
  }
  /// How well detections of its class speak for a box as it is.
  double supported(std::size_t g) const {
    double best = 0;
    for (std::size_t p = 0; p < detected_.size(); ++p)
      if (detected_[p].category == given_[g].category)
        best = std::max(best, detected_[p].confidence * shared(g, p) * (1 - explained_elsewhere(g, p)));
    return best;
  }

  Doubt swapped(std::size_t g, double support) const {
    Doubt made;
    for (std::size_t p = 0; p < detected_.size(); ++p) {
      if (detected_[p].category == given_[g].category || in_region_[p]) continue;
      const double speaks =
          detected_[p].confidence * std::min(1.0, shared(g, p) / same_place) * (1 - explained_elsewhere(g, p));
      if (speaks > made.score) made = {speaks, static_cast<std::uint32_t>(p)};
    }
    made.score *= 1 - support;
    return made;
  }

  /// The detection of its class that lies nearest, where nothing else of that class explains it: the farther it is
  /// from the box, the more it says.
  Doubt misplaced(std::size_t g) const {
    Doubt made;
    double nearest = 0;
    for (std::size_t p = 0; p < detected_.size(); ++p) {
      if (detected_[p].category != given_[g].category || in_region_[p] || shared(g, p) <= 0) continue;
      const double weight = detected_[p].confidence * (1 - explained_elsewhere(g, p));
      const double near = weight * similarity(given_[g].box, detected_[p].box);
      if (near <= nearest) continue;
      nearest = near;
      made = {weight * (1 - similarity(given_[g].box, detected_[p].box)), static_cast<std::uint32_t>(p)};
    }
    return made;
  }

  double spurious(std::size_t g) const {
    double seen = 0;
    for (std::size_t p = 0; p < detected_.size(); ++p)
      seen = std::max(seen, detected_[p].confidence * std::min(1.0, shared(g, p) / half));
    return 1 - seen;
  }

  double overlooked(std::size_t p, double claimed) const {
    if (in_region_[p]) return 0;
    const double free = 1 - std::min(1.0, own_[p].any / half);
    return detected_[p].confidence * free * (claimed > 0 ? half : 1);
  }

  std::span<const GivenBox> given_;
  std::span<const DetectedBox> detected_;
  std::vector<double> overlap_;
  std::vector<bool> in_region_;
  std::vector<Own> own_;
};

}  // namespace

double similarity(const Box& a, const Box& b) {
  const double size = std::sqrt(area_of(a));
  const double x = (a.x + a.width / 2) - (b.x + b.width / 2), y = (a.y + a.height / 2) - (b.y + b.height / 2);
  const double distance = std::sqrt(x * x + y * y);
  const double near = size > 0 ? std::exp(-distance / size) : distance == 0 ? 1.0 : 0.0;
  return overlap_weight * iou(a, b) + (1 - overlap_weight) * near;
}

void doubt_objects(std::span<const GivenBox> given, std::span<const DetectedBox> detected, ObjectDoubts& out) {
  Image(given, detected).doubt(out);
}

}  // namespace vetset
