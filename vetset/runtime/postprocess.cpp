// Outputs of one image of a batch, through the head and the suppression, to the image's own pixels.
#include "vetset/runtime/postprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "vetset/runtime/candidates.h"

namespace vetset {
namespace {

using Head = HeadSpec::Kind;

template <class T>
void convert(std::span<const std::byte> bytes, std::vector<float>& out) {
  out.resize(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<float>(value);
  }
}

/// `batched`: the first length counts images.
Result<Values> values_of(const Tensor& t, std::size_t index, bool batched, std::size_t number) {
  Values v;
  v.shape = t.shape();
  std::size_t elements = t.elements(), from = 0;
  if (batched) {
    if (v.shape.empty() || static_cast<std::uint64_t>(v.shape[0]) <= index)
      return Error{Code::refused, "output " + std::to_string(number) + " has the shape " + shape_text(t.shape()) +
                                      "; expected a batch with image " + std::to_string(index)};
    elements /= static_cast<std::size_t>(v.shape[0]);
    v.shape.erase(v.shape.begin());
    from = elements * index;
  }
  const std::size_t width = bytes_of(t.type());
  const std::span<const std::byte> part = t.bytes().subspan(from * width, elements * width);
  switch (t.type()) {
    case ElementType::float32: v.data = t.values<float>().subspan(from, elements); return v;
    case ElementType::float64: convert<double>(part, v.converted); break;
    case ElementType::int64: convert<std::int64_t>(part, v.converted); break;
    case ElementType::int32: convert<std::int32_t>(part, v.converted); break;
    case ElementType::uint8: convert<std::uint8_t>(part, v.converted); break;
    case ElementType::float16: {
      v.converted.resize(elements);
      for (std::size_t i = 0; i < elements; ++i) {
        std::uint16_t half;
        std::memcpy(&half, part.data() + i * 2, 2);
        v.converted[i] = float_of_half(half);
      }
      break;
    }
    default:
      return Error{Code::unsupported, "output " + std::to_string(number) + " holds " + to_string(t.type()) +
                                          "; expected floating numbers or integers"};
  }
  v.data = v.converted;
  return v;
}

/// The names that exports have; where one has several, they are tried in order.
std::vector<std::vector<std::string_view>> usual_names(const HeadSpec& h) {
  switch (h.kind) {
    case Head::torchvision: return {{"boxes"}, {"labels"}, {"scores"}};
    case Head::tensorflow: return {{"detection_boxes"}, {"detection_classes"}, {"detection_scores"}};
    case Head::detr:
    case Head::detr_sigmoid: return {{"logits", "pred_logits"}, {"pred_boxes"}};
    case Head::yunet:
      return {{"cls_8"},  {"cls_16"},  {"cls_32"},  {"obj_8"}, {"obj_16"}, {"obj_32"},
              {"bbox_8"}, {"bbox_16"}, {"bbox_32"}, {"kps_8"}, {"kps_16"}, {"kps_32"}};
    case Head::none: return {};
    case Head::yolo:
    case Head::yolo5:
    case Head::end_to_end:
      if (h.mask_coefficients) return {{"output0"}, {"output1"}};
      return {{"output0"}};
    case Head::logits:
    case Head::probabilities:
    case Head::fastestdet:
    case Head::embedding: break;
  }
  return {{}};
}

bool has_batch(const HeadSpec& h) { return h.kind != Head::torchvision; }

Result<ModelAnswer> classified(const Values& v, const ModelSpec& spec) {
  const std::size_t n = v.data.size();
  if (n == 0 || (!spec.classes.empty() && spec.classes.size() != n))
    return Error{Code::refused, "output 0 has " + std::to_string(n) + " values an image; the contract has " +
                                    std::to_string(spec.classes.size()) + " classes"};
  std::vector<float> scores(v.data.begin(), v.data.end());
  for (std::size_t i = 0; i < n; ++i)
    if (!std::isfinite(scores[i]))
      return Error{Code::refused, "class " + std::to_string(i) + " has a score that is no number"};
  if (spec.head.kind == Head::logits) {
    const float most = *std::max_element(scores.begin(), scores.end());
    float sum = 0;
    for (float& s : scores) sum += s = std::exp(s - most);
    for (float& s : scores) s /= sum;
  }
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  const std::size_t told = std::min<std::size_t>(n, spec.post.top);
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(told), order.end(),
      [&](std::uint32_t a, std::uint32_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  ModelAnswer answer;
  for (std::size_t i = 0; i < told; ++i) answer.classes.push_back({order[i], scores[order[i]]});
  return answer;
}

/// From the candidates' frame to the image's pixels, in float32 as the references do.
struct Back {
  Candidates::Frame frame;
  const Placement& p;
  float x(float v) const { return place(v, p.left, p.scale_x, p.image_width); }
  float y(float v) const { return place(v, p.top, p.scale_y, p.image_height); }
  float width(float v) const { return place(v, 0, p.scale_x, p.image_width); }
  float height(float v) const { return place(v, 0, p.scale_y, p.image_height); }

 private:
  float place(float v, double offset, double scale, std::uint32_t side) const {
    if (frame == Candidates::Frame::image) return v;
    if (frame == Candidates::Frame::relative) return v * static_cast<float>(side);
    return (v - static_cast<float>(offset)) / static_cast<float>(scale);
  }
};

constexpr float pi = 3.14159265358979323846F;

float remainder_of(float v, float by) {
  const float r = std::fmod(v, by);
  return r < 0 ? r + by : r;
}

/// The same rectangle with its angle from 0 to a right angle.
void regular(DetectedObject& d) {
  if (remainder_of(d.angle, pi) >= pi / 2) std::swap(d.box[2], d.box[3]);
  d.angle = remainder_of(d.angle, pi / 2);
}

}  // namespace

Result<std::vector<std::size_t>> head_outputs(const ModelSpec& spec, std::span<const TensorInfo> outputs) {
  const std::vector<std::vector<std::string_view>> usual = usual_names(spec.head);
  const auto position = [&](std::string_view name) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (outputs[i].name == name) return i;
    return std::nullopt;
  };
  std::vector<std::size_t> found;
  if (!spec.head.outputs.empty()) {
    if (spec.head.outputs.size() < usual.size())
      return Error{Code::refused, "head.outputs has " + std::to_string(spec.head.outputs.size()) +
                                      " names; this head needs " + std::to_string(usual.size())};
    for (const std::string& name : spec.head.outputs) {
      const std::optional<std::size_t> at = position(name);
      if (!at) {
        std::string all;
        for (const TensorInfo& o : outputs) all += (all.empty() ? "" : ", ") + o.name;
        return Error{Code::refused, "head.outputs names '" + name + "'; the model has " + all};
      }
      found.push_back(*at);
    }
    return found;
  }
  for (const std::vector<std::string_view>& names : usual)
    for (std::string_view name : names)
      if (const std::optional<std::size_t> at = position(name)) {
        found.push_back(*at);
        break;
      }
  if (found.size() == usual.size()) return found;
  if (outputs.size() < usual.size())
    return Error{Code::refused, "the model has " + std::to_string(outputs.size()) + " outputs; this head needs " +
                                    std::to_string(usual.size())};
  found.resize(usual.size());
  std::iota(found.begin(), found.end(), std::size_t{0});
  return found;
}

Result<ModelAnswer> postprocess(std::span<const Tensor* const> outputs, std::size_t index, const ModelSpec& spec,
                                const Placement& placement) {
  if (outputs.size() < usual_names(spec.head).size())
    return Error{Code::refused, std::to_string(outputs.size()) + " outputs given; this head needs " +
                                    std::to_string(usual_names(spec.head).size())};
  std::vector<Values> values;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    VETSET_TRY(Values v, values_of(*outputs[i], index, has_batch(spec.head), i));
    values.push_back(std::move(v));
  }
  if (spec.head.kind == Head::none) return ModelAnswer{};
  if (spec.head.kind == Head::logits || spec.head.kind == Head::probabilities) return classified(values[0], spec);
  ModelAnswer answer;
  if (spec.head.kind == Head::embedding) {
    answer.embedding.assign(values[0].data.begin(), values[0].data.end());
    return answer;
  }

  VETSET_TRY(Candidates c, candidates_of(values, spec, placement.input_width));
  const std::size_t masks_from = std::size_t{spec.head.keypoints} * spec.head.keypoint_values;
  if (spec.head.mask_coefficients) {
    const Values& p = values[1];
    if (p.shape.size() != 3 || p.shape[0] != static_cast<std::int64_t>(spec.head.mask_coefficients))
      return Error{Code::refused, "output 1 has the shape " + shape_text(p.shape) + " an image; expected " +
                                      std::to_string(spec.head.mask_coefficients) + " prototypes"};
  }
  const Back back{c.frame, placement};
  const auto width = static_cast<float>(placement.image_width), height = static_cast<float>(placement.image_height);
  for (std::uint32_t i : kept_of(c, spec.post)) {
    DetectedObject d;
    d.score = c.scores[i];
    d.label = c.labels[i];
    d.candidate = c.rows[i];
    if (!spec.classes.empty() && d.label >= spec.classes.size())
      return Error{Code::refused, "candidate " + std::to_string(d.candidate) + " is of class " +
                                      std::to_string(d.label) + "; the contract has " +
                                      std::to_string(spec.classes.size())};
    const std::array<float, 4>& b = c.boxes[i];
    if (!c.angles.empty()) {
      d.box = {back.x(b[0]), back.y(b[1]), back.width(b[2]), back.height(b[3])};
      d.angle = c.angles[i];
      regular(d);
    } else {
      d.box = {back.x(b[0]), back.y(b[1]), back.x(b[2]), back.y(b[3])};
      if (spec.post.clip)
        for (std::size_t k = 0; k < 4; ++k) d.box[k] = std::clamp(d.box[k], 0.0F, k % 2 == 0 ? width : height);
    }
    for (float v : d.box)
      if (!std::isfinite(v) || !std::isfinite(d.angle))
        return Error{Code::refused, "candidate " + std::to_string(d.candidate) + " has a box that is no number"};
    const std::span<const float> extras = c.extra ? c.extras_of(i) : std::span<const float>();
    for (std::size_t k = 0; k < spec.head.keypoints; ++k) {
      const std::span<const float> point = extras.subspan(k * spec.head.keypoint_values, spec.head.keypoint_values);
      float x = back.x(point[0]), y = back.y(point[1]);
      if (spec.post.clip) x = std::clamp(x, 0.0F, width), y = std::clamp(y, 0.0F, height);
      d.keypoints.insert(d.keypoints.end(), {x, y, point.size() > 2 ? point[2] : 1.0F});
    }
    if (spec.head.mask_coefficients)
      d.mask = mask_of(values[1], extras.subspan(masks_from, spec.head.mask_coefficients), d.box,
                       MaskFrame{placement.image_width, placement.image_height, placement.input_width,
                                 placement.input_height, placement.scale_x, placement.scale_y, placement.left,
                                 placement.top, spec.post.mask_at_input, spec.post.mask_threshold});
    // What has a box and no pixel is no object: the references drop it, too.
    if (spec.head.mask_coefficients && std::find(d.mask.begin(), d.mask.end(), 1) == d.mask.end()) continue;
    answer.detections.push_back(std::move(d));
  }
  return answer;
}

}  // namespace vetset
