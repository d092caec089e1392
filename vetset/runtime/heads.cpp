// The heads of detectors: raw outputs to candidates.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "vetset/runtime/candidates.h"

namespace vetset {
namespace {

using Head = HeadSpec::Kind;

struct Keeper {
  const PostSpec& post;
  bool operator()(float score) const {
    const auto threshold = static_cast<float>(post.score_threshold);
    return post.at_least ? score >= threshold : score > threshold;
  }
};

Error unfit(const char* head, std::size_t output, const Values& v, const std::string& expected) {
  return Error{Code::refused, std::string("output ") + std::to_string(output) + " has the shape " +
                                  shape_text(v.shape) + " an image; the head " + head + " expects " + expected};
}

/// Columns of the raw output, whichever way it lies.
struct Grid {
  std::span<const float> data;
  std::size_t rows, row_step, column_step;
  float at(std::size_t row, std::size_t column) const { return data[row * row_step + column * column_step]; }
};

std::array<float, 4> corners(float x, float y, float w, float h) {
  const float half_w = w / 2, half_h = h / 2;
  return {x - half_w, y - half_h, x + half_w, y + half_h};
}

/// Ultralytics' two layouts: v8's 4 + classes + extra, and v5's with an objectness between.
Result<Candidates> yolo(std::span<const Values> outputs, const ModelSpec& spec) {
  const bool old = spec.head.kind == Head::yolo5;
  const Values& v = outputs[0];
  const HeadSpec& h = spec.head;
  const std::size_t extra = std::size_t{h.keypoints} * h.keypoint_values + h.mask_coefficients + (h.angle ? 1 : 0);
  const std::size_t before = old ? 5 : 4;
  const char* name = old ? "yolo5" : "yolo";
  if (v.shape.size() != 2) return unfit(name, 0, v, "two lengths");
  const std::size_t columns = static_cast<std::size_t>(v.shape[old ? 1 : 0]);
  const std::size_t rows = static_cast<std::size_t>(v.shape[old ? 0 : 1]);
  const std::size_t classes =
      spec.classes.empty() && columns > before + extra ? columns - before - extra : spec.classes.size();
  if (columns != before + classes + extra || classes == 0)
    return unfit(name, 0, v,
                 std::to_string(before) + " + " + std::to_string(classes) + " classes" +
                     (extra ? " + " + std::to_string(extra) : std::string()) + " values a candidate");
  const Grid g{v.data, rows, old ? columns : 1, old ? 1 : rows};
  const Keeper keep{spec.post};
  Candidates c;
  c.extra = extra - (h.angle ? 1 : 0);
  const auto add = [&](std::size_t row, float score, std::size_t label) {
    const float x = g.at(row, 0), y = g.at(row, 1), width = g.at(row, 2), height = g.at(row, 3);
    c.boxes.push_back(h.angle ? std::array<float, 4>{x, y, width, height} : corners(x, y, width, height));
    c.scores.push_back(score);
    c.labels.push_back(static_cast<std::uint32_t>(label));
    c.rows.push_back(static_cast<std::uint32_t>(row));
    for (std::size_t k = 0; k < c.extra; ++k) c.extras.push_back(g.at(row, before + classes + k));
    if (h.angle) c.angles.push_back(g.at(row, before + classes + extra - 1));
  };
  // The best class of each row first, column after column where they lie so: one pass over memory in its order.
  std::vector<float> best(rows, -1);
  std::vector<std::uint32_t> label(rows, 0);
  for (std::size_t k = 0; k < classes; ++k)
    for (std::size_t row = 0; row < rows; ++row) {
      float score = g.at(row, before + k);
      if (old) score *= g.at(row, 4);
      if (score > best[row]) {
        best[row] = score;
        label[row] = static_cast<std::uint32_t>(k);
      }
    }
  for (std::size_t row = 0; row < rows; ++row) {
    if (!keep(best[row]) || (old && !keep(g.at(row, 4)))) continue;
    if (!spec.post.multi_label || classes == 1) {
      add(row, best[row], label[row]);
      continue;
    }
    for (std::size_t k = 0; k < classes; ++k) {
      const float score = old ? g.at(row, before + k) * g.at(row, 4) : g.at(row, before + k);
      if (keep(score)) add(row, score, k);
    }
  }
  return c;
}

Result<Candidates> end_to_end(std::span<const Values> outputs, const ModelSpec& spec) {
  const Values& v = outputs[0];
  const HeadSpec& h = spec.head;
  const std::size_t extra = std::size_t{h.keypoints} * h.keypoint_values + h.mask_coefficients + (h.angle ? 1 : 0);
  if (v.shape.size() != 2 || static_cast<std::size_t>(v.shape[1]) != 6 + extra)
    return unfit("end_to_end", 0, v, std::to_string(6 + extra) + " values a candidate");
  const std::size_t columns = 6 + extra;
  const Keeper keep{spec.post};
  Candidates c;
  c.extra = extra - (h.angle ? 1 : 0);
  for (std::size_t row = 0; row < static_cast<std::size_t>(v.shape[0]); ++row) {
    const std::span<const float> r = v.data.subspan(row * columns, columns);
    if (!keep(r[4])) continue;
    if (!(r[5] >= 0 && r[5] < 1e6F))
      return Error{Code::refused, "candidate " + std::to_string(row) + " is of no class"};
    c.boxes.push_back({r[0], r[1], r[2], r[3]});
    c.scores.push_back(r[4]);
    c.labels.push_back(static_cast<std::uint32_t>(r[5]));
    c.rows.push_back(static_cast<std::uint32_t>(row));
    c.extras.insert(c.extras.end(), r.begin() + 6, r.begin() + 6 + static_cast<std::ptrdiff_t>(c.extra));
    if (h.angle) c.angles.push_back(r[columns - 1]);
  }
  return c;
}

/// Boxes, labels and scores that the graph has finished. `relative`: y1, x1, y2, x2 from 0 to 1.
Result<Candidates> finished(const Values& boxes, const Values& labels, const Values& scores, bool relative,
                            const PostSpec& post) {
  const char* name = relative ? "tensorflow" : "torchvision";
  if (boxes.shape.size() != 2 || boxes.shape[1] != 4) return unfit(name, 0, boxes, "N × 4");
  const std::size_t rows = static_cast<std::size_t>(boxes.shape[0]);
  if (labels.data.size() != rows) return unfit(name, 1, labels, std::to_string(rows) + " labels");
  if (scores.data.size() != rows) return unfit(name, 2, scores, std::to_string(rows) + " scores");
  const Keeper keep{post};
  Candidates c;
  c.frame = relative ? Candidates::Frame::relative : Candidates::Frame::input;
  for (std::size_t row = 0; row < rows; ++row) {
    if (!keep(scores.data[row])) continue;
    const float label = labels.data[row];
    if (!(label >= 1 && label < 1e6F))
      return Error{Code::refused, "candidate " + std::to_string(row) + " has a label below 1, which is the background"};
    const std::span<const float> b = boxes.data.subspan(row * 4, 4);
    c.boxes.push_back(relative ? std::array<float, 4>{b[1], b[0], b[3], b[2]}
                               : std::array<float, 4>{b[0], b[1], b[2], b[3]});
    c.scores.push_back(scores.data[row]);
    c.labels.push_back(static_cast<std::uint32_t>(label) - 1);
    c.rows.push_back(static_cast<std::uint32_t>(row));
  }
  return c;
}

Result<Candidates> detr(std::span<const Values> outputs, const ModelSpec& spec) {
  const bool sigmoid = spec.head.kind == Head::detr_sigmoid;
  const char* name = sigmoid ? "detr_sigmoid" : "detr";
  const Values &logits = outputs[0], &boxes = outputs[1];
  if (logits.shape.size() != 2 || logits.shape[1] < (sigmoid ? 1 : 2))
    return unfit(name, 0, logits, "queries × classes");
  const std::size_t queries = static_cast<std::size_t>(logits.shape[0]);
  const std::size_t columns = static_cast<std::size_t>(logits.shape[1]);
  if (boxes.shape.size() != 2 || boxes.shape[1] != 4 || boxes.shape[0] != logits.shape[0])
    return unfit(name, 1, boxes, std::to_string(queries) + " × 4");
  const Keeper keep{spec.post};
  Candidates c;
  c.frame = Candidates::Frame::relative;
  const auto add = [&](std::size_t q, float score, std::size_t label) {
    const std::span<const float> b = boxes.data.subspan(q * 4, 4);
    c.boxes.push_back(corners(b[0], b[1], b[2], b[3]));
    c.scores.push_back(score);
    c.labels.push_back(static_cast<std::uint32_t>(label));
    c.rows.push_back(static_cast<std::uint32_t>(q));
  };
  for (std::size_t q = 0; q < queries; ++q) {
    const std::span<const float> l = logits.data.subspan(q * columns, columns);
    if (sigmoid) {
      for (std::size_t k = 0; k < columns; ++k)
        if (const float score = 1 / (1 + std::exp(-l[k])); keep(score)) add(q, score, k);
      continue;
    }
    const float most = *std::max_element(l.begin(), l.end());
    float sum = 0;
    for (float value : l) sum += std::exp(value - most);
    const auto best = std::max_element(l.begin(), l.end() - 1);  // the last one is "no object"
    if (const float score = std::exp(*best - most) / sum; keep(score))
      add(q, score, static_cast<std::size_t>(best - l.begin()));
  }
  return c;
}

/// dog-qiuqiu/FastestDet: the score is obj^0.6 · cls^0.4; tanh offsets and sigmoid sizes, relative to the image.
Result<Candidates> fastestdet(std::span<const Values> outputs, const ModelSpec& spec) {
  const Values& v = outputs[0];
  if (v.shape.size() != 3 || v.shape[0] < 6) return unfit("fastestdet", 0, v, "5 + classes, height, width");
  const std::size_t classes = static_cast<std::size_t>(v.shape[0]) - 5;
  const std::size_t height = static_cast<std::size_t>(v.shape[1]), width = static_cast<std::size_t>(v.shape[2]);
  const Keeper keep{spec.post};
  Candidates c;
  c.frame = Candidates::Frame::relative;
  const std::size_t plane = height * width;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t cell = y * width + x;
      const auto at = [&](std::size_t channel) { return v.data[channel * plane + cell]; };
      std::size_t best = 0;
      for (std::size_t k = 1; k < classes; ++k)
        if (at(5 + k) > at(5 + best)) best = k;
      const float score = std::pow(at(0), 0.6F) * std::pow(at(5 + best), 0.4F);
      if (!keep(score)) continue;
      const float cx = (static_cast<float>(x) + std::tanh(at(1))) / static_cast<float>(width);
      const float cy = (static_cast<float>(y) + std::tanh(at(2))) / static_cast<float>(height);
      c.boxes.push_back(corners(cx, cy, 1 / (1 + std::exp(-at(3))), 1 / (1 + std::exp(-at(4)))));
      c.scores.push_back(score);
      c.labels.push_back(static_cast<std::uint32_t>(best));
      c.rows.push_back(static_cast<std::uint32_t>(cell));
    }
  return c;
}

/// FaceDetectorYN of OpenCV: cls, obj, box and landmarks for the strides 8, 16 and 32; the score is sqrt(cls · obj).
Result<Candidates> yunet(std::span<const Values> outputs, const ModelSpec& spec, std::uint32_t input_width) {
  constexpr std::array<std::uint32_t, 3> strides{8, 16, 32};
  const Keeper keep{spec.post};
  Candidates c;
  c.extra = std::size_t{spec.head.keypoints} * 2;
  std::uint32_t before = 0;
  for (std::size_t s = 0; s < strides.size(); ++s) {
    const Values &cls = outputs[s], &obj = outputs[3 + s], &box = outputs[6 + s], &points = outputs[9 + s];
    const std::size_t columns = input_width / strides[s], rows = cls.data.size();
    if (columns == 0 || rows % columns != 0) return unfit("yunet", s, cls, "a whole number of rows of cells");
    if (obj.data.size() != rows) return unfit("yunet", 3 + s, obj, std::to_string(rows) + " values");
    if (box.data.size() != rows * 4) return unfit("yunet", 6 + s, box, std::to_string(rows) + " × 4");
    if (points.data.size() != rows * c.extra)
      return unfit("yunet", 9 + s, points, std::to_string(rows) + " × " + std::to_string(c.extra));
    const auto stride = static_cast<float>(strides[s]);
    for (std::size_t i = 0; i < rows; ++i) {
      const float score = std::sqrt(std::clamp(cls.data[i], 0.0F, 1.0F) * std::clamp(obj.data[i], 0.0F, 1.0F));
      if (!keep(score)) continue;
      const auto column = static_cast<float>(i % columns), row = static_cast<float>(i / columns);
      const std::span<const float> b = box.data.subspan(i * 4, 4);
      c.boxes.push_back(
          corners((column + b[0]) * stride, (row + b[1]) * stride, std::exp(b[2]) * stride, std::exp(b[3]) * stride));
      c.scores.push_back(score);
      c.labels.push_back(0);
      c.rows.push_back(before + static_cast<std::uint32_t>(i));
      for (std::size_t k = 0; k < c.extra; ++k)
        c.extras.push_back((points.data[i * c.extra + k] + (k % 2 == 0 ? column : row)) * stride);
    }
    before += static_cast<std::uint32_t>(rows);
  }
  return c;
}

}  // namespace

Result<Candidates> candidates_of(std::span<const Values> outputs, const ModelSpec& spec, std::uint32_t input_width) {
  switch (spec.head.kind) {
    case Head::yolo:
    case Head::yolo5: return yolo(outputs, spec);
    case Head::end_to_end: return end_to_end(outputs, spec);
    case Head::torchvision: return finished(outputs[0], outputs[1], outputs[2], false, spec.post);
    case Head::tensorflow: return finished(outputs[0], outputs[1], outputs[2], true, spec.post);
    case Head::detr:
    case Head::detr_sigmoid: return detr(outputs, spec);
    case Head::fastestdet: return fastestdet(outputs, spec);
    case Head::yunet: return yunet(outputs, spec, input_width);
    case Head::none:
    case Head::logits:
    case Head::probabilities:
    case Head::embedding: break;
  }
  return Error{Code::refused, "the head is none of a detector"};
}

}  // namespace vetset
