// Non-maximum suppression in its named variants. Float32 throughout, in the order that the references compute.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "vetset/runtime/candidates.h"
#include "vetset/runtime/postprocess.h"

namespace vetset {
namespace {

using Box4 = std::array<float, 4>;
using Suppression = PostSpec::Suppression;

std::vector<std::uint32_t> by_falling_score(std::span<const float> scores) {
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] > scores[b]; });
  return order;
}

float area(const Box4& b) { return (b[2] - b[0]) * (b[3] - b[1]); }

float overlap(const Box4& a, float area_a, const Box4& b, float area_b) {
  const float w = std::max(0.0F, std::min(a[2], b[2]) - std::max(a[0], b[0]));
  const float h = std::max(0.0F, std::min(a[3], b[3]) - std::max(a[1], b[1]));
  const float shared = w * h;
  return shared / (area_a + area_b - shared);
}

/// As torchvision's nms kernel: the overlap in float32 against the threshold in double.
std::vector<std::uint32_t> greedy(std::span<const Box4> boxes, std::span<const std::uint32_t> order, double threshold,
                                  std::span<const std::uint32_t> labels) {
  std::vector<float> areas(boxes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) areas[i] = area(boxes[i]);
  std::vector<bool> dropped(boxes.size());
  std::vector<std::uint32_t> kept;
  for (std::size_t n = 0; n < order.size(); ++n) {
    const std::uint32_t i = order[n];
    if (dropped[i]) continue;
    kept.push_back(i);
    for (std::size_t m = n + 1; m < order.size(); ++m) {
      const std::uint32_t j = order[m];
      if (dropped[j] || (!labels.empty() && labels[i] != labels[j])) continue;
      if (static_cast<double>(overlap(boxes[i], areas[i], boxes[j], areas[j])) > threshold) dropped[j] = true;
    }
  }
  return kept;
}

/// Soft-NMS (Bodla et al. 2017): what overlaps loses score instead of being dropped.
std::vector<std::uint32_t> soft(Candidates& c, const PostSpec& post) {
  std::vector<std::uint32_t> left(c.size()), kept;
  std::iota(left.begin(), left.end(), 0U);
  const auto threshold = static_cast<float>(post.score_threshold);
  while (!left.empty() && kept.size() < post.detections) {
    const auto best = std::max_element(left.begin(), left.end(), [&](std::uint32_t a, std::uint32_t b) {
      return c.scores[a] < c.scores[b];  // the first of equals stays
    });
    const std::uint32_t i = *best;
    left.erase(best);
    kept.push_back(i);
    const float area_i = area(c.boxes[i]);
    std::vector<std::uint32_t> next;
    for (std::uint32_t j : left) {
      if (c.labels[i] == c.labels[j]) {
        const float shared = overlap(c.boxes[i], area_i, c.boxes[j], area(c.boxes[j]));
        if (post.suppression == Suppression::soft_gaussian)
          c.scores[j] *= std::exp(-(shared * shared) / static_cast<float>(post.soft_sigma));
        else if (static_cast<double>(shared) > post.iou_threshold)
          c.scores[j] *= 1 - shared;
      }
      if (post.at_least ? c.scores[j] >= threshold : c.scores[j] > threshold) next.push_back(j);
    }
    left = std::move(next);
  }
  return kept;
}

struct Spread {
  float a, b, c;
};
Spread spread(const Box4& box, float angle) {
  const float a = box[2] * box[2] / 12, b = box[3] * box[3] / 12;
  const float cosine = std::cos(angle), sine = std::sin(angle);
  return {a * cosine * cosine + b * sine * sine, a * sine * sine + b * cosine * cosine, (a - b) * cosine * sine};
}

}  // namespace

std::vector<std::uint32_t> suppressed(std::span<const Box4> boxes, std::span<const float> scores,
                                      double iou_threshold) {
  return greedy(boxes, by_falling_score(scores), iou_threshold, {});
}

float gaussian_overlap(const Box4& p, float angle_p, const Box4& q, float angle_q) {
  constexpr float eps = 1e-7F;
  const Spread s = spread(p, angle_p), t = spread(q, angle_q);
  const float a = s.a + t.a, b = s.b + t.b, c = s.c + t.c;
  const float dx = p[0] - q[0], dy = p[1] - q[1];
  const float whole = a * b - c * c;
  const float t1 = (a * dy * dy + b * dx * dx) / (whole + eps) * 0.25F;
  const float t2 = (c * -dx * dy) / (whole + eps) * 0.5F;
  const float each = std::sqrt(std::max(s.a * s.b - s.c * s.c, 0.0F) * std::max(t.a * t.b - t.c * t.c, 0.0F));
  const float t3 = std::log(whole / (4 * each + eps) + eps) * 0.5F;
  const float distance = std::clamp(t1 + t2 + t3, eps, 100.0F);
  return 1 - std::sqrt(1 - std::exp(-distance) + eps);
}

std::vector<std::uint32_t> suppressed_rotated(std::span<const Box4> boxes, std::span<const float> angles,
                                              std::span<const std::uint32_t> order, double iou_threshold) {
  std::vector<std::uint32_t> kept;
  const auto threshold = static_cast<float>(iou_threshold);  // PyTorch compares in the tensor's type
  for (std::size_t n = 0; n < order.size(); ++n) {
    bool alone = true;
    for (std::size_t m = 0; alone && m < n; ++m)
      alone = !(gaussian_overlap(boxes[order[m]], angles[order[m]], boxes[order[n]], angles[order[n]]) > threshold);
    if (alone) kept.push_back(order[n]);
  }
  return kept;
}

std::vector<std::uint32_t> kept_of(Candidates& c, const PostSpec& post) {
  std::vector<std::uint32_t> order = by_falling_score(c.scores), kept;
  if (order.size() > post.candidates) order.resize(post.candidates);
  const bool moved = post.suppression == Suppression::class_offset;
  std::vector<Box4> boxes;
  if (moved) {  // in float32, as the reference moves them: the last bits of large coordinates go
    boxes = c.boxes;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const float offset = static_cast<float>(c.labels[i]) * static_cast<float>(post.class_offset);
      const std::size_t coordinates = c.angles.empty() ? 4 : 2;
      for (std::size_t k = 0; k < coordinates; ++k) boxes[i][k] += offset;
    }
  }
  const std::span<const Box4> compared = moved ? boxes : c.boxes;
  if (post.suppression == Suppression::none) {
    kept = std::move(order);
  } else if (!c.angles.empty()) {
    kept = suppressed_rotated(compared, c.angles, order, post.iou_threshold);
  } else if (post.suppression == Suppression::soft_linear || post.suppression == Suppression::soft_gaussian) {
    kept = soft(c, post);
  } else {
    const bool by_class = post.suppression == Suppression::by_class;
    kept = greedy(compared, order, post.iou_threshold,
                  by_class ? std::span<const std::uint32_t>(c.labels) : std::span<const std::uint32_t>());
  }
  if (kept.size() > post.detections) kept.resize(post.detections);
  return kept;
}

}  // namespace vetset
