// Values against values, answers against answers.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "vetset/base/number.h"
#include "vetset/dataset/rle.h"
#include "vetset/dataset/rotated.h"
#include "vetset/infer/journal.h"
#include "vetset/infer/parity.h"

namespace vetset {
namespace {

double value_at(const Tensor& t, std::size_t i) {
  switch (t.type()) {
    case ElementType::float32: return static_cast<double>(t.values<float>()[i]);
    case ElementType::float64: return t.values<double>()[i];
    case ElementType::float16: return static_cast<double>(float_of_half(t.values<std::uint16_t>()[i]));
    case ElementType::uint8:
    case ElementType::boolean: return t.values<std::uint8_t>()[i];
    case ElementType::int8: return t.values<std::int8_t>()[i];
    case ElementType::uint16: return t.values<std::uint16_t>()[i];
    case ElementType::int16: return t.values<std::int16_t>()[i];
    case ElementType::uint32: return t.values<std::uint32_t>()[i];
    case ElementType::int32: return t.values<std::int32_t>()[i];
    case ElementType::int64: return static_cast<double>(t.values<std::int64_t>()[i]);
    case ElementType::uint64: return static_cast<double>(t.values<std::uint64_t>()[i]);
    case ElementType::undefined:
    case ElementType::string:
    case ElementType::bfloat16: break;
  }
  return 0;
}

std::string shown(const Tensor& t, std::size_t i) {
  std::string text;
  if (t.type() == ElementType::float32 || t.type() == ElementType::float16)
    append_float(text, static_cast<float>(value_at(t, i)));
  else
    append_number(text, value_at(t, i));
  return text;
}

std::string form(const Tensor& t) { return to_string(t.type()) + " " + shape_text(t.shape()); }

std::string place_of(std::size_t i, std::span<const std::int64_t> shape, std::span<const std::string_view> axes) {
  std::vector<std::string> parts(shape.size());
  for (std::size_t k = shape.size(); k-- > 0;) {
    const auto length = static_cast<std::size_t>(shape[k]);
    const std::string_view axis = axes.size() == shape.size() ? axes[k] : std::string_view("axis");
    parts[k] =
        (axis == "axis" ? "axis " + std::to_string(k) + " at" : std::string(axis)) + " " + std::to_string(i % length);
    if (axis.empty()) parts[k].clear();
    i /= length;
  }
  std::string text;
  for (const std::string& p : parts)
    if (!p.empty()) text += (text.empty() ? "" : ", ") + p;
  return text;
}

double area(const std::array<float, 4>& b) {
  return static_cast<double>(b[2] - b[0]) * static_cast<double>(b[3] - b[1]);
}
double overlap(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const double w = std::min(a[2], b[2]) - std::max(a[0], b[0]), h = std::min(a[3], b[3]) - std::max(a[1], b[1]);
  const double shared = std::max(w, 0.0) * std::max(h, 0.0);
  const double all = area(a) + area(b) - shared;
  return all > 0 ? shared / all : 0;
}
double furthest(std::span<const float> a, std::span<const float> b) {
  double most = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

constexpr double hair = 0.05;  // pixels: boxes without an area, keypoints, corners

Corners corners_of(const std::array<float, 4>& box, float angle) {
  return vetset::corners_of(
      RotatedBox{box[0], box[1], box[2], box[3], static_cast<double>(angle) * 180 / 3.14159265358979323846});
}
/// Whichever corner is told first.
bool same_corners(const Corners& a, const Corners& b) {
  for (std::size_t i = 0; i < 8; i += 2) {
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < 8; k += 2)
      nearest = std::min(nearest, std::max(std::abs(a[i] - b[k]), std::abs(a[i + 1] - b[k + 1])));
    if (nearest > 2 * hair) return false;
  }
  return true;
}

bool same_mask(const std::vector<std::uint8_t>& rows, std::string_view text, const Placement& p, double least) {
  MaskCounts counts;
  if (!counts_of_coco_string(text, p.image_height, p.image_width, counts)) return false;
  std::vector<std::uint8_t> columns(rows.size());
  if (!bitmap_of_counts(counts, columns)) return false;
  std::uint64_t both = 0, either = 0;
  for (std::uint32_t y = 0; y < p.image_height; ++y)
    for (std::uint32_t x = 0; x < p.image_width; ++x) {
      const bool a = rows[std::size_t{y} * p.image_width + x] != 0;
      const bool b = columns[std::size_t{x} * p.image_height + y] != 0;
      both += a && b;
      either += a || b;
    }
  return static_cast<double>(both) >= least * static_cast<double>(either);
}

std::string class_name(std::uint32_t label, const ModelSpec& spec) {
  return label < spec.classes.size() ? spec.classes[label].name : "class " + std::to_string(label);
}
bool same_class(std::uint32_t label, const RecordedObject& o, const ModelSpec& spec) {
  return o.name.empty() ? o.label == static_cast<std::int64_t>(label) : o.name == class_name(label, spec);
}

std::string told(std::string_view name, float score, const std::array<float, 4>* box) {
  std::string text(name);
  text += ", score ";
  append_float(text, score);
  if (box == nullptr) return text;
  text += ", box";
  for (std::size_t k = 0; k < 4; ++k) {
    text += ' ';
    append_fixed(text, static_cast<double>((*box)[k]), 2);
  }
  return text;
}
std::string told(const RecordedObject& o, const ModelSpec& spec, bool boxed) {
  const bool known = o.name.empty() && o.label >= 0;
  std::string text =
      told(known ? class_name(static_cast<std::uint32_t>(o.label), spec) : o.name, o.score, boxed ? &o.box : nullptr);
  MaskCounts counts;
  if (o.mask && counts_of_coco_string(*o.mask, counts)) {
    std::uint64_t area = 0;
    for (std::size_t i = 1; i < counts.size(); i += 2) area += counts[i];
    text += ", mask of " + std::to_string(area) + " pixels";
  }
  return text;
}
std::string told(const DetectedObject& d, const ModelSpec& spec) {
  std::string text = told(class_name(d.label, spec), d.score, &d.box);
  if (!d.mask.empty()) text += ", mask of " + std::to_string(std::count(d.mask.begin(), d.mask.end(), 1)) + " pixels";
  return text;
}

/// How well they fit, from 0 to 1; below 0: not at all.
double fit(const DetectedObject& d, const RecordedObject& o, const Placement& p, const ParityLimits& limits) {
  if (o.angle) return same_corners(corners_of(d.box, d.angle), corners_of(o.box, *o.angle)) ? 1 : -1;
  const double shared = overlap(d.box, o.box);
  if (shared < limits.overlap && furthest(d.box, o.box) > hair) return -1;
  if (!o.keypoints.empty() && furthest(d.keypoints, o.keypoints) > hair + limits.score) return -1;
  if (o.mask && !same_mask(d.mask, *o.mask, p, limits.overlap)) return -1;
  return shared;
}

Sameness compare_classes(const ModelAnswer& here, const RecordedImage& there, const ModelSpec& spec,
                         const ParityLimits& limits, double& most, ParityDifference& first) {
  const std::size_t count = std::max(here.classes.size(), there.objects.size());
  Sameness so_far = Sameness::equal;
  for (std::size_t i = 0; i < count; ++i) {
    const bool here_is = i < here.classes.size(), there_is = i < there.objects.size();
    const double apart =
        here_is && there_is ? std::abs(static_cast<double>(here.classes[i].score - there.objects[i].score)) : 0;
    most = std::max(most, apart);
    if (here_is && there_is && apart <= limits.score && same_class(here.classes[i].label, there.objects[i], spec)) {
      if (apart > 0) so_far = Sameness::near;
      continue;
    }
    first.place = "class " + std::to_string(i + 1) + " of those told";
    first.here = here_is ? told(class_name(here.classes[i].label, spec), here.classes[i].score, nullptr) : "none";
    first.there = there_is ? told(there.objects[i], spec, false) : "none";
    return Sameness::other;
  }
  return so_far;
}

}  // namespace

Sameness compare_values(const Tensor& here, const Tensor& there, const ValueLimits& limits,
                        std::span<const std::string_view> axes, double& most, ParityDifference& first) {
  if (here.type() != there.type() || here.shape() != there.shape()) {
    first.what = "form";
    first.here = form(here);
    first.there = form(there);
    return Sameness::other;
  }
  if (here.bytes().empty() || std::memcmp(here.bytes().data(), there.bytes().data(), here.bytes().size()) == 0)
    return Sameness::equal;
  std::size_t step = 1;
  for (std::size_t k = limits.channel_axis + 1; k < here.shape().size(); ++k)
    step *= static_cast<std::size_t>(here.shape()[k]);
  const std::size_t channels =
      limits.channel_axis < here.shape().size() ? static_cast<std::size_t>(here.shape()[limits.channel_axis]) : 1;
  std::optional<std::size_t> wrong, unlike;
  std::size_t count = 0;
  for (std::size_t i = 0; i < here.elements(); ++i) {
    const double a = value_at(here, i), b = value_at(there, i);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    const double apart = std::abs(a - b);
    if (!unlike) unlike = i;
    ++count;
    if (std::isfinite(apart)) most = std::max(most, apart);
    const double absolute = limits.by_channel.empty()
                                ? limits.absolute
                                : limits.by_channel[std::min(limits.by_channel.size() - 1, i / step % channels)];
    if (!(apart <= absolute + limits.relative * std::abs(b)) && !wrong) wrong = i;
  }
  if (!unlike) return Sameness::equal;  // zeros of two signs
  if (!wrong && static_cast<double>(count) <= limits.share * static_cast<double>(here.elements()))
    return Sameness::near;
  const std::size_t at = wrong.value_or(*unlike);
  first.place = place_of(at, here.shape(), axes);
  first.here = shown(here, at);
  first.there = shown(there, at);
  return Sameness::other;
}

Sameness compare_answers(const ModelAnswer& here, const RecordedImage& there, const ModelSpec& spec,
                         const Placement& placement, bool same_outputs, const ParityLimits& limits, double& most,
                         ParityDifference& first) {
  if (spec.task == ModelTask::embed) {
    const double apart = furthest(here.embedding, there.embedding);
    most = std::max(most, std::isfinite(apart) ? apart : 0);
    if (apart == 0) return Sameness::equal;
    if (apart <= limits.outputs) return Sameness::near;
    first.what = "vector";
    first.here = std::to_string(here.embedding.size()) + " numbers";
    first.there = std::to_string(there.embedding.size()) + " numbers, the furthest ";
    append_number(first.there, apart);
    return Sameness::other;
  }
  if (spec.task == ModelTask::classify) return compare_classes(here, there, spec, limits, most, first);
  std::vector<bool> taken(here.detections.size());
  bool near = false;
  const auto at_threshold = [&](float score) {
    constexpr double rounding = 1e-6;
    if (same_outputs && score == static_cast<float>(spec.post.score_threshold)) return false;
    return std::abs(static_cast<double>(score) - spec.post.score_threshold) <=
           (same_outputs ? rounding : limits.at_threshold);
  };
  for (const RecordedObject& o : there.objects) {
    std::optional<std::size_t> best, nearest;
    double fits = -1, shared = -1;
    for (std::size_t i = 0; i < here.detections.size(); ++i) {
      const DetectedObject& d = here.detections[i];
      if (taken[i]) continue;
      if (const double s = overlap(d.box, o.box); s > shared) shared = s, nearest = i;
      if (!same_class(d.label, o, spec) || std::abs(static_cast<double>(d.score - o.score)) > limits.score) continue;
      if (const double f = fit(d, o, placement, limits); f > fits) fits = f, best = i;
    }
    if (best) {
      taken[*best] = true;
      const DetectedObject& d = here.detections[*best];
      const double apart = std::abs(static_cast<double>(d.score - o.score));
      most = std::max(most, apart);
      near = near || apart > 0 || d.box != o.box;
      continue;
    }
    if (at_threshold(o.score)) {
      near = true;
      continue;
    }
    first.what = "object";
    first.there = told(o, spec, true);
    first.here = nearest && shared > 0 ? told(here.detections[*nearest], spec) : "none there";
    if (nearest && first.here == first.there)
      first.what = o.mask ? "mask" : o.keypoints.empty() ? "object" : "keypoints";
    return Sameness::other;
  }
  for (std::size_t i = 0; i < here.detections.size(); ++i) {
    if (taken[i]) continue;
    near = true;
    if (at_threshold(here.detections[i].score)) continue;
    first.what = "object";
    first.here = told(here.detections[i], spec);
    first.there = "none there";
    return Sameness::other;
  }
  return near ? Sameness::near : Sameness::equal;
}

}  // namespace vetset
