#include "vetset/runtime/model_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace vetset {
namespace {

using Faults = std::vector<ModelFault>;
constexpr ModelGrade note = ModelGrade::note, warning = ModelGrade::warning, error = ModelGrade::error;

std::string many(std::uint64_t n, const std::string& one) {
  return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
}

std::uint64_t count_of(const OnnxFile& file, std::string_view op) {
  std::uint64_t n = 0;
  for (const OnnxOperator& used : file.operators)
    if (used.name == op) n += used.count;
  return n;
}

bool quantized(const OnnxFile& file) {
  return count_of(file, "QuantizeLinear") + count_of(file, "QLinearConv") + count_of(file, "QLinearMatMul") +
             count_of(file, "DynamicQuantizeLinear") + count_of(file, "ConvInteger") + count_of(file, "MatMulInteger") >
         0;
}

void check_external(const OnnxFile& file, const OnnxGraph&, Faults& out) {
  for (const OnnxExternal& one : file.external) {
    if (!one.problem.empty())
      out.push_back({"weights-file", error, "the file of weights '" + one.path + "' " + one.problem,
                     "put it beside the model, or save the model with its weights inside"});
    else
      out.push_back({"weights-beside", note, many(one.tensors, "tensor") + " of weights in '" + one.path + "'",
                     "keep both files together; a digest of the model alone does not cover it"});
  }
}

void check_weights(const OnnxFile&, const OnnxGraph& graph, Faults& out) {
  for (const OnnxOddWeights& odd : graph.odd) {
    std::string held = odd.nan > 0 ? std::to_string(odd.nan) + " NaN" : "";
    if (odd.infinite > 0) held += (held.empty() ? "" : " and ") + std::to_string(odd.infinite) + " infinite values";
    // Masks of attention are infinite on purpose; NaN never is.
    out.push_back({"weights-not-finite", odd.nan > 0 ? error : warning, "the weights '" + odd.name + "' hold " + held,
                   odd.nan > 0
                       ? "training diverged or a cast to float16 overflowed: go back to the last good checkpoint"
                       : "fine where they mask; else a cast to float16 overflowed: export in float32"});
  }
}

/// Domains that every build of ONNX Runtime has; com.microsoft's kernels differ by build.
constexpr std::array<std::string_view, 4> usual_domains = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"};

void check_opset(const OnnxFile& file, const OnnxGraph&, Faults& out) {
  if (file.opset() == 0) {
    out.push_back({"no-opset", error, "the model names no version of ONNX's operators",
                   "export again; some writers forget opset_import"});
    return;
  }
  if (file.opset() < 7)
    out.push_back({"old-opset", warning,
                   "opset " + std::to_string(file.opset()) + ": runtimes promise to run 7 and newer",
                   "onnx.version_converter.convert_version(model, 17), or export again"});
  std::set<std::string> own;
  for (const OnnxFunction& function : file.functions) own.insert(function.domain);
  std::map<std::string, std::string> foreign;
  for (const OnnxOperator& used : file.operators) {
    const bool usual = std::find(usual_domains.begin(), usual_domains.end(), used.domain) != usual_domains.end();
    if (!usual && !own.contains(used.domain)) {
      std::string& all = foreign[used.domain];
      all += (all.empty() ? "" : ", ") + used.name;
    }
  }
  for (const auto& [domain, names] : foreign)
    out.push_back({"foreign-operators", warning, "operators of '" + domain + "': " + names,
                   domain == "trt.plugins" || names.find("TRT") != std::string::npos
                       ? "made for TensorRT alone: export without its plugins (nms=False) for other runtimes"
                       : "the runtime must have them registered; export without custom operators to be free of that"});
}

void check_axes(const OnnxFile& file, const OnnxGraph&, Faults& out) {
  for (const OnnxValue& input : file.inputs) {
    if (!input.has_shape) {
      out.push_back({"no-shape", warning, "'" + input.name + "' has no shape", "export with named axes"});
      continue;
    }
    if (input.shape.size() != 4) continue;
    if (input.shape[0].size > 0)
      out.push_back({"fixed-batch", note,
                     "'" + input.name + "' takes batches of " + std::to_string(input.shape[0].size) + " alone",
                     "export with a free first axis where batches pay (they seldom do on a CPU)"});
    for (std::size_t axis = 1; axis < 4; ++axis)
      if (input.shape[axis].size < 0 && input.shape[axis].name.empty()) {
        out.push_back(
            {"unnamed-axis", note, "axis " + std::to_string(axis) + " of '" + input.name + "' is free and has no name",
             "name it at export (dynamic_axes={'" + input.name + "': {" + std::to_string(axis) + ": 'height'}})"});
        break;
      }
  }
}

void check_precision(const OnnxFile& file, const OnnxGraph&, Faults& out) {
  std::map<std::int32_t, std::uint64_t> bytes;
  for (const OnnxInitialiser& one : file.initialisers) bytes[one.type] += one.bytes;
  const bool half = bytes.contains(10) || bytes.contains(16);
  if (quantized(file))
    out.push_back({"quantized", note, "8-bit integers: " + precision_of(file),
                   "hold its accuracy to the float model with 'vetset evaluate' before it serves"});
  if (half && bytes.contains(1) && bytes[1] > 4096 && !quantized(file))
    out.push_back({"mixed-precision", note, "weights of " + precision_of(file),
                   "results differ from training's in about the third digit: prove parity before it serves"});
  else if (half)
    out.push_back({"half-precision", note,
                   "weights of " + precision_of(file) + "; most CPUs compute it slower than float32",
                   "export in float32 for CPUs; keep float16 for GPUs"});
  for (const OnnxValue& input : file.inputs)
    if (input.type == 11)
      out.push_back({"double-input", warning, "'" + input.name + "' takes float64",
                     "twice the memory and no better answers: export in float32"});
}

void check_head(const OnnxFile& file, const OnnxGraph&, Faults& out) {
  const std::uint64_t nms = count_of(file, "NonMaxSuppression");
  std::uint64_t plugins = 0;
  for (const OnnxOperator& used : file.operators)
    if (used.name.find("NMS") != std::string::npos && used.name != "NonMaxSuppression") plugins += used.count;
  if (nms > 0)
    out.push_back({"suppression-inside", note,
                   "the graph suppresses overlapping boxes by itself (" + many(nms, "NonMaxSuppression node") + ")",
                   "its thresholds are fixed at export: do not suppress again, and do not expect boxes below them"});
  if (plugins > 0)
    out.push_back({"suppression-plugin", error, "the graph suppresses boxes with a plugin that only TensorRT has",
                   "export without nms for any other runtime"});
}

/// "4 Resize: nearest, asymmetric, floor"
void check_resize(const OnnxFile& file, const OnnxGraph& graph, Faults& out) {
  std::map<std::string, std::uint64_t> kinds;
  std::uint64_t risky = 0, corners = 0;
  for (const OnnxNode& node : graph.nodes) {
    if (node.op != "Resize" && node.op != "Upsample") continue;
    const std::string mode(node.attribute("mode").empty() ? "nearest" : node.attribute("mode"));
    std::string coordinates(node.attribute("coordinate_transformation_mode"));
    if (coordinates.empty()) coordinates = node.op == "Upsample" || file.opset() < 11 ? "asymmetric" : "half_pixel";
    std::string kind = node.op + " " + mode + ", " + coordinates;
    if (mode == "nearest" && file.opset() >= 11)
      kind += ", " + std::string(node.attribute("nearest_mode").empty() ? "round_prefer_floor"
                                                                        : node.attribute("nearest_mode"));
    ++kinds[kind];
    if (mode != "nearest" && coordinates == "asymmetric") ++risky;
    if (coordinates == "align_corners" || coordinates == "tf_crop_and_resize") ++corners;
  }
  for (const auto& [kind, count] : kinds)
    out.push_back({"resize-inside", note, std::to_string(count) + " x " + kind,
                   "runtimes differ here more than anywhere else: prove parity on each that serves it"});
  if (risky > 0)
    out.push_back(
        {"resize-asymmetric", warning,
         many(risky, "Resize node") + " interpolates with asymmetric coordinates, which PyTorch and OpenCV do not",
         file.opset() < 11 ? "opset 10 and older have no others: export with opset 11 or newer"
                           : "check the exporter's setting against the framework that trained it"});
  if (corners > 0)
    out.push_back({"resize-corners", note, many(corners, "Resize node") + " with align_corners or crop_and_resize",
                   "right only where training did the same (align_corners=True)"});
}

void check_leftovers(const OnnxFile& file, const OnnxGraph& graph, Faults& out) {
  for (const OnnxValue& input : file.inputs)
    if (!std::binary_search(graph.consumed.begin(), graph.consumed.end(), input.name) &&
        std::find(graph.given.begin(), graph.given.end(), input.name) == graph.given.end())
      out.push_back({"unused-input", warning, "nothing uses the input '" + input.name + "'",
                     "callers must send it all the same: export without it"});
  std::uint64_t training = 0;
  for (const OnnxNode& node : graph.nodes)
    if (node.op == "BatchNormalization" && node.attribute("training_mode") == "1") ++training;
  if (training > 0)
    out.push_back({"training-mode", error,
                   many(training, "BatchNormalization node") + " computes statistics of each batch",
                   "call model.eval() before the export"});
  for (const OnnxNode& node : graph.nodes)
    if (node.domain.empty() &&
        (node.op == "RandomNormal" || node.op == "RandomUniform" || node.op == "RandomNormalLike" ||
         node.op == "RandomUniformLike" || node.op == "Multinomial" || node.op == "Bernoulli")) {
      out.push_back({"random", warning, "the graph draws random numbers (" + node.op + ")",
                     "answers change from run to run: export the model in evaluation mode"});
      break;
    }
}

}  // namespace

std::string_view name(ModelGrade grade) {
  switch (grade) {
    case ModelGrade::note: return "note";
    case ModelGrade::warning: return "warning";
    case ModelGrade::error: return "error";
  }
  return "error";
}

std::string precision_of(const OnnxFile& file) {
  std::map<std::int32_t, std::uint64_t> bytes;
  for (const OnnxInitialiser& one : file.initialisers)
    if (one.type != 7 && one.type != 6 && one.type != 9) bytes[one.type] += one.bytes;  // shapes and masks
  std::vector<std::pair<std::uint64_t, std::int32_t>> by_size;
  for (const auto& [type, size] : bytes)
    if (size > 0) by_size.emplace_back(size, type);
  std::sort(by_size.begin(), by_size.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::string text;
  for (const auto& [size, type] : by_size) text += (text.empty() ? "" : ", ") + onnx_type_name(type);
  if (text.empty()) text = "no weights";
  return quantized(file) ? text + ", quantized" : text;
}

std::vector<ModelFault> check_model(const OnnxFile& file, const OnnxGraph& graph) {
  Faults out;
  for (const auto check : {check_external, check_weights, check_opset, check_axes, check_precision, check_head,
                           check_resize, check_leftovers})
    check(file, graph, out);
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.grade > b.grade; });
  return out;
}

}  // namespace vetset
