#include "vetset/runtime/model_guess.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "vetset/base/json.h"

namespace vetset {
namespace {

using Kind = HeadSpec::Kind;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

/// Numbers of "[640, 640]".
std::vector<std::int64_t> numbers_of(std::string_view text) {
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] < '0' || text[i] > '9') {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (const auto n = whole_number(text.substr(i, end - i))) all.push_back(*n);
    i = end;
  }
  return all;
}

std::uint32_t small(std::int64_t n) { return n > 0 && n < 1'000'000 ? static_cast<std::uint32_t>(n) : 0; }

std::int64_t size_at(const OnnxValue& value, std::size_t axis) {
  return axis < value.shape.size() ? value.shape[axis].size : -1;
}

std::string shaped(const OnnxValue& value) { return "'" + value.name + "' is " + to_string(value); }

/// One Python string literal, unquoted; advances `at` behind it.
std::optional<std::string> python_string(std::string_view text, std::size_t& at) {
  if (at >= text.size() || (text[at] != '\'' && text[at] != '"')) return std::nullopt;
  const char quote = text[at++];
  std::string out;
  while (at < text.size() && text[at] != quote) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    if (++at >= text.size()) return std::nullopt;
    const char escaped = text[at++];
    switch (escaped) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case 'x':
      case 'u': {  // JSON's escape, once it has four digits
        const std::size_t digits = escaped == 'x' ? 2 : 4;
        if (at + digits > text.size()) return std::nullopt;
        const std::string json = "\"\\u" + std::string(4 - digits, '0') + std::string(text.substr(at, digits)) + '"';
        JsonCursor cursor(json);
        out += cursor.read_string();
        if (cursor.failed()) return std::nullopt;
        at += digits;
        break;
      }
      default: out += escaped; break;
    }
  }
  if (at >= text.size()) return std::nullopt;
  ++at;
  return out;
}

void guess_size(const OnnxFile& file, ModelGuess& g) {
  if (file.inputs.empty()) return;
  const OnnxValue& input = file.inputs.front();
  if (input.shape.size() != 4) return;
  const bool last =
      size_at(input, 1) != 3 && size_at(input, 1) != 1 && (size_at(input, 3) == 3 || size_at(input, 3) == 1);
  g.height = small(size_at(input, last ? 1 : 2));
  g.width = small(size_at(input, last ? 2 : 3));
}

/// Exports of Ultralytics carry what a contract needs; those of ultralytics/yolov5 names and stride alone.
bool guess_ultralytics(const OnnxFile& file, ModelGuess& g) {
  const std::string_view task = file.meta("task");
  const bool ultralytics = file.meta("author") == "Ultralytics" || (!task.empty() && !file.meta("names").empty());
  if (!ultralytics && (file.meta("stride").empty() || file.meta("names").empty())) return false;
  g.sure = true;
  g.names = python_names(file.meta("names"));
  g.classes = static_cast<std::uint32_t>(g.names.size());
  if (const auto stride = numbers_of(file.meta("stride")); !stride.empty()) g.stride = small(stride.back());
  if (!ultralytics) {
    g.preset = "yolov5";
    g.evidence.push_back("metadata has stride and names as ultralytics/yolov5 writes them");
    g.trained_with = "yolov5";
    return true;
  }
  g.trained_with = "ultralytics";
  g.trained_version = file.meta("version");
  g.evidence.push_back("metadata: task " + std::string(task) +
                       (g.trained_version.empty() ? "" : ", Ultralytics " + g.trained_version));
  if (const auto size = numbers_of(file.meta("imgsz")); size.size() == 2 && (g.height == 0 || g.width == 0)) {
    g.height = small(size[0]);
    g.width = small(size[1]);
  }
  if (const auto points = numbers_of(file.meta("kpt_shape")); points.size() == 2) {
    g.keypoints = small(points[0]);
    g.keypoint_values = small(points[1]);
  }
  // Exports older than the key say it by their shape alone.
  const bool rows_of_six = !file.outputs.empty() && file.outputs[0].shape.size() == 3 &&
                           size_at(file.outputs[0], 2) == 6 && size_at(file.outputs[0], 1) <= 1000;
  const bool told_in_graph =
      file.meta("end2end") == "True" || file.meta("args").find("'nms': True") != std::string_view::npos;
  const bool in_graph = told_in_graph || (task == "detect" && rows_of_six && g.classes != 2);
  if (task == "detect") g.preset = in_graph ? "ultralytics/end-to-end" : "ultralytics/detect";
  if (task == "segment" || task == "pose" || task == "obb" || task == "classify")
    g.preset = "ultralytics/" + std::string(task);
  if (in_graph) {
    g.head = Kind::end_to_end;
    g.evidence.push_back(file.meta("end2end") == "True" ? "metadata: end2end, the head needs no suppression"
                         : told_in_graph                ? "metadata: exported with nms=True"
                                                        : "output0 has six numbers a box: corners, score, class");
  }
  if (task == "segment" && file.outputs.size() == 2) g.mask_coefficients = small(size_at(file.outputs[1], 1));
  return !g.preset.empty();
}

const OnnxValue* output(const OnnxFile& file, std::string_view name) {
  for (const OnnxValue& value : file.outputs)
    if (value.name == name) return &value;
  return nullptr;
}

/// By the names that exporters give to several outputs.
bool guess_by_names(const OnnxFile& file, ModelGuess& g) {
  const auto found = [&](std::string_view preset, std::string evidence) {
    g.preset = preset;
    g.evidence.push_back(std::move(evidence));
    return true;
  };
  if (output(file, "cls_8") != nullptr && output(file, "obj_8") != nullptr && output(file, "bbox_8") != nullptr &&
      output(file, "kps_8") != nullptr) {
    g.classes = 1;
    g.keypoints = 5;
    return found("yunet", "outputs cls, obj, bbox and kps at strides 8, 16 and 32");
  }
  if (output(file, "detection_boxes") != nullptr && output(file, "detection_scores") != nullptr)
    return found("tensorflow/detection", "outputs detection_boxes, detection_classes, detection_scores");
  if (const OnnxValue* logits =
          output(file, "pred_logits") != nullptr ? output(file, "pred_logits") : output(file, "logits");
      logits != nullptr && (output(file, "pred_boxes") != nullptr || output(file, "boxes") != nullptr)) {
    const std::int64_t columns = size_at(*logits, 2);
    g.classes = columns > 1 ? small(columns - 1) : 0;
    return found("detr", "outputs " + logits->name + " and boxes a query");
  }
  if (file.outputs.size() >= 3) {
    const auto& boxes = file.outputs[0];
    const auto named =
        output(file, "boxes") != nullptr && output(file, "labels") != nullptr && output(file, "scores") != nullptr;
    const auto shaped_so = boxes.shape.size() == 2 && size_at(boxes, 1) == 4 && file.outputs[1].shape.size() == 1 &&
                           file.outputs[2].shape.size() == 1;
    if (named || shaped_so) return found("torchvision/detection", "outputs boxes, labels and scores of one image");
  }
  return false;
}

/// Cells of three grids at strides 8, 16, 32; 0 where the size is free.
std::int64_t cells(const ModelGuess& g) {
  std::int64_t n = 0;
  for (const std::int64_t stride : {8, 16, 32})
    n += (static_cast<std::int64_t>(g.width) / stride) * (static_cast<std::int64_t>(g.height) / stride);
  return n;
}

bool guess_by_shape(const OnnxFile& file, const OnnxGraph& graph, ModelGuess& g) {
  if (file.outputs.empty() || file.outputs.size() > 2) return false;
  const OnnxValue& first = file.outputs[0];
  const auto found = [&](std::string_view preset, const std::string& evidence) {
    g.preset = preset;
    g.evidence.push_back(shaped(first) + ": " + evidence);
    return true;
  };
  const std::int64_t a = size_at(first, 1), b = size_at(first, 2);
  if (first.shape.size() == 4 && a > 5 && b > 1 && b * 16 == g.height && size_at(first, 3) * 16 == g.width) {
    g.classes = small(a - 5);
    return found("fastestdet", "objectness, 4 numbers and " + std::to_string(a - 5) + " classes a cell of 16 pixels");
  }
  if (first.shape.size() == 3 && a > 0 && b > 0) {
    const std::int64_t n = cells(g);
    if (b == n && a > 4 && a < b) {
      std::int64_t classes = a - 4;
      if (file.outputs.size() == 2 && file.outputs[1].shape.size() == 4) {
        g.mask_coefficients = small(size_at(file.outputs[1], 1));
        classes -= g.mask_coefficients;
        g.classes = small(classes);
        return found("ultralytics/segment", std::to_string(n) + " candidates and prototypes of masks");
      }
      g.classes = small(classes);
      return found("ultralytics/detect", "4 numbers and " + std::to_string(classes) + " classes for each of " +
                                             std::to_string(n) + " candidates");
    }
    if (a == 3 * n && b > 5) {
      g.classes = small(b - 5);
      return found("yolov5", "4 numbers, objectness and " + std::to_string(b - 5) + " classes for each of 3 x " +
                                 std::to_string(n) + " candidates");
    }
    if (b == 6 && a <= 1000) {
      g.head = Kind::end_to_end;
      return found("ultralytics/end-to-end", "corners, score and class for " + std::to_string(a) + " boxes");
    }
  }
  const bool flat = first.shape.size() == 2 || (first.shape.size() == 4 && b == 1 && size_at(first, 3) == 1);
  if (flat && a > 1 && file.outputs.size() == 1 && !file.inputs.empty() && file.inputs.front().shape.size() == 4) {
    const OnnxNode* last = graph.giver(first.name);
    // What only changes the shape says nothing of the values.
    for (int steps = 0;
         last != nullptr && steps < 4 && !last->inputs.empty() &&
         (last->op == "Reshape" || last->op == "Flatten" || last->op == "Squeeze" || last->op == "Identity");
         ++steps)
      last = graph.giver(last->inputs.front());
    const bool softmax = last != nullptr && last->op == "Softmax";
    g.classes = small(a);
    g.head = softmax ? Kind::probabilities : Kind::logits;
    return found("torchvision/classify",
                 std::to_string(a) + (softmax ? " numbers from a softmax" : " numbers, no softmax at the end"));
  }
  return false;
}

}  // namespace

std::vector<std::pair<std::int64_t, std::string>> python_names(std::string_view text) {
  std::vector<std::pair<std::int64_t, std::string>> names;
  std::size_t at = 0;
  const auto blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == ',' || text[at] == '\n')) ++at;
  };
  blanks();
  if (at >= text.size() || (text[at] != '{' && text[at] != '[')) return {};
  const bool list = text[at++] == '[';
  for (;;) {
    blanks();
    if (at < text.size() && text[at] == (list ? ']' : '}')) break;
    auto id = static_cast<std::int64_t>(names.size());
    if (!list) {
      const std::size_t colon = text.find(':', at);
      if (colon == std::string_view::npos) return {};
      const auto number = whole_number(text.substr(at, colon - at));
      if (!number) return {};
      id = *number;
      at = colon + 1;
      blanks();
    }
    auto name = python_string(text, at);
    if (!name) return {};
    names.emplace_back(id, std::move(*name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

ModelGuess guess_model(const OnnxFile& file, const OnnxGraph& graph) {
  ModelGuess g;
  guess_size(file, g);
  if (guess_ultralytics(file, g)) return g;
  if (guess_by_names(file, g)) return g;
  guess_by_shape(file, graph, g);
  return g;
}

}  // namespace vetset
