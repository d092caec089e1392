// COCO's evaluation of boxes once more, slowly and straight from its description: every area, threshold and limit by
// itself, one curve of all predictions each. It shares no code with the library.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "tests/evaluate/scene.h"

namespace vetset::plain {

struct Arrays {
  std::vector<double> precision, recall, scores;
};

inline double overlap(const Box& d, const Box& g, bool crowd) {
  const double w = std::min(d.x + d.width, g.x + g.width) - std::max(d.x, g.x);
  const double h = std::min(d.y + d.height, g.y + g.height) - std::max(d.y, g.y);
  if (w <= 0 || h <= 0) return 0;
  return w * h / (crowd ? d.width * d.height : d.width * d.height + g.width * g.height - w * h);
}

inline std::int64_t id_of(const std::vector<Thing>& things, std::size_t row) {
  return things[row].has_id ? things[row].id : static_cast<std::int64_t>(row) + 1;
}

/// Rows of one side in the order of the reference, by image and category.
inline std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::size_t>> listed(
    const std::vector<Thing>& things, const Scene& scene, const CocoSettings& s) {
  std::map<std::int64_t, std::size_t> by_id;
  for (std::size_t row = 0; row < things.size(); ++row) by_id[id_of(things, row)] = row;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::size_t>> lists;
  for (std::uint32_t image = 0; image < scene.images; ++image)
    for (std::size_t row = 0; row < things.size(); ++row) {
      if (things[row].image != image) continue;
      if (s.use_categories && things[row].category == no_number) continue;
      const std::size_t now = s.mode == CocoMode::strict ? by_id[id_of(things, row)] : row;
      lists[{things[now].image, things[now].category}].push_back(now);
    }
  return lists;
}

/// One image and class: scores, matches and marks of its predictions, marks of its objects.
struct Matched {
  std::vector<double> scores;
  std::vector<std::vector<int>> match, ignored;  // [T][D]; match is 0 or 1
  std::size_t counted = 0;
};

inline Matched match(const Scene& scene, std::vector<std::size_t> objects, std::vector<std::size_t> found,
                     const CocoAreaRange& range, const CocoSettings& s) {
  const bool strict = s.mode == CocoMode::strict;
  const auto outside = [&](const Thing& t) {
    const double area = t.area < 0 ? t.box.width * t.box.height : t.area;
    return area < range.low || area > range.high;
  };
  const auto ignored = [&](std::size_t g) {
    const Thing& t = scene.truth[g];
    return t.crowd || (!strict && t.ignore) || outside(t);
  };
  std::stable_sort(objects.begin(), objects.end(),
                   [&](std::size_t a, std::size_t b) { return ignored(a) < ignored(b); });
  std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
    const double x = scene.predictions[a].score, y = scene.predictions[b].score;
    return std::isnan(y) ? !std::isnan(x) : x > y;
  });
  if (found.size() > s.max_detections.back()) found.resize(s.max_detections.back());
  Matched out;
  for (const std::size_t d : found) out.scores.push_back(scene.predictions[d].score);
  for (const std::size_t g : objects) out.counted += ignored(g) ? 0U : 1U;
  for (const double threshold : s.iou_thresholds) {
    std::vector<int> match, mark;
    std::vector<double> taken(objects.size());
    for (const std::size_t d : found) {
      double best = std::min(threshold, 1 - 1e-10);
      int m = -1;
      for (std::size_t g = 0; g < objects.size(); ++g) {
        const Thing& object = scene.truth[objects[g]];
        if (taken[g] > 0 && !object.crowd) continue;
        if (m > -1 && !ignored(objects[static_cast<std::size_t>(m)]) && ignored(objects[g])) break;
        const double iou = overlap(scene.predictions[d].box, object.box, object.crowd);
        if (iou < best) continue;
        best = iou;
        m = static_cast<int>(g);
      }
      bool is_matched = false, is_ignored = false;
      if (m > -1) {
        const std::size_t g = static_cast<std::size_t>(m);
        is_matched = !strict || id_of(scene.truth, objects[g]) != 0;
        is_ignored = ignored(objects[g]);
        taken[g] = strict ? static_cast<double>(id_of(scene.predictions, d)) : 1;
      }
      match.push_back(is_matched ? 1 : 0);
      mark.push_back(is_ignored || (!is_matched && outside(scene.predictions[d])) ? 1 : 0);
    }
    out.match.push_back(match);
    out.ignored.push_back(mark);
  }
  return out;
}

/// A curve of all predictions, lifted from the right and read at each threshold of recall.
inline void accumulate(const std::vector<Matched>& images, std::size_t t, std::uint32_t limit, const CocoSettings& s,
                       double& recall, std::vector<double>& precision, std::vector<double>& scores) {
  struct Counted {
    double score;
    int match, ignored;
  };
  std::vector<Counted> all;
  std::size_t objects = 0;
  for (const Matched& image : images) {
    objects += image.counted;
    for (std::size_t d = 0; d < std::min<std::size_t>(image.scores.size(), limit); ++d)
      all.push_back({image.scores[d], image.match[t][d], image.ignored[t][d]});
  }
  if (objects == 0) return;
  std::stable_sort(all.begin(), all.end(), [](const Counted& a, const Counted& b) {
    return std::isnan(b.score) ? !std::isnan(a.score) : a.score > b.score;
  });
  std::vector<double> curve, recalls;
  double right = 0, wrong = 0;
  for (const Counted& d : all) {
    right += d.match != 0 && d.ignored == 0 ? 1 : 0;
    wrong += d.match == 0 && d.ignored == 0 ? 1 : 0;
    recalls.push_back(right / static_cast<double>(objects));
    curve.push_back(right / (wrong + right + std::ldexp(1.0, -52)));
  }
  recall = recalls.empty() ? 0 : recalls.back();
  for (std::size_t i = curve.size(); i-- > 1;) curve[i - 1] = std::max(curve[i - 1], curve[i]);
  precision.assign(s.recall_thresholds.size(), 0);
  scores.assign(s.recall_thresholds.size(), 0);
  for (std::size_t r = 0; r < s.recall_thresholds.size(); ++r) {
    std::size_t i = 0;
    while (i < recalls.size() && recalls[i] < s.recall_thresholds[r]) ++i;
    if (i == recalls.size()) break;
    precision[r] = curve[i];
    scores[r] = all[i].score;
  }
}

inline Arrays evaluate(const Scene& scene, const CocoSettings& s) {
  const std::size_t T = s.iou_thresholds.size(), R = s.recall_thresholds.size(), A = s.areas.size(),
                    M = s.max_detections.size(), K = s.use_categories ? scene.categories : 1;
  Arrays out{std::vector<double>(T * R * K * A * M, -1), std::vector<double>(T * K * A * M, -1),
             std::vector<double>(T * R * K * A * M, -1)};
  auto truth = listed(scene.truth, scene, s), found = listed(scene.predictions, scene, s);
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t a = 0; a < A; ++a) {
      std::vector<Matched> images;
      for (std::uint32_t image = 0; image < scene.images; ++image) {
        std::vector<std::size_t> objects, detections;
        for (std::uint32_t c = 0; c < scene.categories; ++c) {
          if (s.use_categories && c != k) continue;
          objects.insert(objects.end(), truth[{image, c}].begin(), truth[{image, c}].end());
          detections.insert(detections.end(), found[{image, c}].begin(), found[{image, c}].end());
        }
        if (!objects.empty() || !detections.empty()) images.push_back(match(scene, objects, detections, s.areas[a], s));
      }
      for (std::size_t t = 0; t < T; ++t)
        for (std::size_t m = 0; m < M; ++m) {
          std::vector<double> precision(R, -1), scores(R, -1);
          accumulate(images, t, s.max_detections[m], s, out.recall[((t * K + k) * A + a) * M + m], precision, scores);
          for (std::size_t r = 0; r < R; ++r) {
            out.precision[(((t * R + r) * K + k) * A + a) * M + m] = precision[r];
            out.scores[(((t * R + r) * K + k) * A + a) * M + m] = scores[r];
          }
        }
    }
  return out;
}

}  // namespace vetset::plain
