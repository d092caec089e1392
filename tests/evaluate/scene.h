// A small ground truth with predictions, written down row by row.
#pragma once

#include <vector>

#include "vetset/evaluate/coco.h"

namespace vetset {

struct Thing {
  std::uint32_t image = 0, category = 0;
  Box box{};
  double score = 0;     // of a prediction
  std::int64_t id = 0;  // 0 and `has_id` false: the row + 1
  bool has_id = false;
  bool crowd = false, ignore = false, no_points = false;
  bool says_crowd = true, says_area = true, says_score = true;
  double area = -1;  // below 0: that of the box
};

/// Columns of such rows.
struct Scene {
  std::vector<Thing> truth = {}, predictions = {};
  std::size_t images = 1, categories = 1;
  Instances truth_columns = {}, predicted_columns = {};  // what `input` looks into

  /// Looks into this scene; build it anew after a change.
  CocoInput input() {
    fill(truth, truth_columns);
    fill(predictions, predicted_columns);
    return {.truth = truth_columns.view(),
            .predictions = predicted_columns.view(),
            .images = images,
            .categories = categories};
  }

  static void fill(const std::vector<Thing>& things, Instances& out) {
    out = {};
    for (std::size_t row = 0; row < things.size(); ++row) {
      const Thing& t = things[row];
      out.image.push_back(t.image);
      out.category.push_back(t.category);
      out.box.push_back(t.box);
      out.area.push_back(t.area < 0 ? t.box.width * t.box.height : t.area);
      out.score.push_back(t.score);
      out.id.push_back(t.has_id ? t.id : static_cast<std::int64_t>(row) + 1);
      const auto bit = [](bool is, auto which) { return is ? static_cast<unsigned>(which) : 0U; };
      out.said.push_back(static_cast<std::uint8_t>(bit(true, Said::box) | bit(t.says_score, Said::score) |
                                                   bit(t.says_area, Said::area) | bit(t.says_crowd, Said::crowd)));
      out.marks.push_back(static_cast<std::uint8_t>(bit(t.crowd, Mark::crowd) | bit(t.ignore, Mark::ignore) |
                                                    bit(t.no_points, Mark::no_keypoints)));
    }
  }
};

inline CocoSettings settings_of(CocoMode mode) { return CocoSettings::usual(IouType::bbox, mode); }

/// What of the arrays' value: thresholds × recalls × categories × areas × limits.
inline double precision_at(const CocoResult& r, std::size_t t, std::size_t recall, std::size_t k = 0, std::size_t a = 0,
                           std::size_t m = 2) {
  const CocoSettings& s = r.settings;
  return r.precision[(((t * s.recall_thresholds.size() + recall) * r.categories + k) * s.areas.size() + a) *
                         s.max_detections.size() +
                     m];
}
inline double recall_at(const CocoResult& r, std::size_t t, std::size_t k = 0, std::size_t a = 0, std::size_t m = 2) {
  const CocoSettings& s = r.settings;
  return r.recall[((t * r.categories + k) * s.areas.size() + a) * s.max_detections.size() + m];
}

}  // namespace vetset
