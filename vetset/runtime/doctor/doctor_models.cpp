// Models against the runtimes that are there: versions of ONNX, operators of others, files of weights; engines of
// TensorRT, which fit one version of it and one GPU.
#include <algorithm>
#include <array>
#include <cstring>

#include "vetset/base/shell.h"
#include "vetset/base/unicode.h"
#include "vetset/runtime/doctor/doctor_case.h"
#include "vetset/runtime/doctor/requirements.h"
#include "vetset/runtime/onnx_file.h"

namespace vetset {
namespace {

constexpr std::array known_domains{"",
                                   "ai.onnx.ml",
                                   "ai.onnx.training",
                                   "ai.onnx.preview.training",
                                   "com.microsoft",
                                   "com.microsoft.nchwc",
                                   "com.microsoft.experimental",
                                   "com.ms.internal.nhwc",
                                   "com.microsoft.dml"};

void check_versions(const DoctorCase& c, const std::string& path, const OnnxFile& model) {
  c.look("model-version");
  for (const RuntimeFound& runtime : c.report.runtimes) {
    const OnnxLimits* limits = runtime.version ? onnx_limits(runtime.version) : nullptr;
    if (limits == nullptr) continue;
    const bool ir = model.ir_version > limits->ir, opset = model.opset() > limits->opset;
    if (!ir && !opset) continue;
    const std::string newer = runtime_for_model(model.ir_version, model.opset());
    const std::string package = runtime.package.empty() ? "onnxruntime" : runtime.package;
    std::string cure = newer.empty() ? std::string() : "pip install " + shell_word(package + ">=" + newer);
    if (!opset)
      cure = "python -c \"import onnx; m = onnx.load(" + std::string("'") + printable(path) +
             "'); m.ir_version = " + std::to_string(limits->ir) + "; onnx.save(m, '" + printable(path) + "')\"";
    c.add(DoctorGrade::broken, "model-version", path,
          std::string("the model is of ") +
              (ir ? "IR version " + std::to_string(model.ir_version) : "opset " + std::to_string(model.opset())) +
              ", and ONNX Runtime " + to_string(runtime.version) + " reads up to " +
              std::to_string(ir ? limits->ir : limits->opset),
          std::move(cure));
  }
}

void check_domains(const DoctorCase& c, const std::string& path, const OnnxFile& model) {
  c.look("model-operators");
  std::string told;
  for (const OnnxOperator& op : model.operators) {
    if (std::find(known_domains.begin(), known_domains.end(), op.domain) != known_domains.end() || op.domain == told)
      continue;
    const auto own = [&](const OnnxFunction& f) { return f.domain == op.domain && f.name == op.name; };
    if (std::any_of(model.functions.begin(), model.functions.end(), own)) continue;
    told = op.domain;
    c.add(DoctorGrade::broken, "model-operators", path,
          "the model uses " + printable(op.domain) + "." + printable(op.name) +
              ", which ONNX Runtime does not have by itself",
          op.domain.starts_with("ai.onnx.contrib") || op.domain.starts_with("com.microsoft.extensions")
              ? "pip install onnxruntime-extensions"
              : "session_options.register_custom_ops_library('…')");
  }
}

void check_weights(const DoctorCase& c, const std::string& path, const OnnxFile& model) {
  c.look("model-weights");
  for (const OnnxExternal& file : model.external)
    if (!file.problem.empty())
      c.add(DoctorGrade::broken, "model-weights", path,
            "the file of weights '" + printable(file.path) + "' " + file.problem);
  const std::uint64_t memory = c.machine.memory_limit > 0 ? c.machine.memory_limit : c.machine.memory;
  if (memory > 0 && model.weight_bytes > memory)
    c.add(DoctorGrade::broken, "model-weights", path,
          "the weights take " + std::to_string(model.weight_bytes >> 20) + " MB, and the machine grants " +
              std::to_string(memory >> 20) + " MB");
}

/// The plan inside an engine's file: at its beginning, or after Ultralytics' JSON, whose length comes first.
std::string_view plan_of(std::string_view bytes) {
  constexpr std::string_view mark = "ftrt";
  if (bytes.starts_with(mark)) return bytes;
  std::uint32_t size = 0;
  if (bytes.size() < 8) return {};
  std::memcpy(&size, bytes.data(), sizeof size);
  if (size < bytes.size() - 4 && bytes.substr(4 + std::size_t{size}).starts_with(mark))
    return bytes.substr(4 + std::size_t{size});
  return {};
}

/// "_sm89." in the name that ONNX Runtime gives its engines.
std::uint32_t arch_in_name(std::string_view file) {
  const std::size_t at = file.rfind("_sm");
  return at == std::string_view::npos ? 0 : Version::of(file.substr(at + 3)).major();
}

void check_engine(const DoctorCase& c, const std::string& path, std::string_view bytes) {
  c.look("engine");
  const std::string_view plan = plan_of(bytes);
  // The version stands at bytes 24 to 27, as trtexec --getPlanVersionOnly reads it.
  if (plan.size() < 28 || plan.substr(4, 4) != std::string_view("\0\0\0\0", 4)) {
    c.add(DoctorGrade::broken, "engine", path, "this is no engine of TensorRT that is known here",
          "trtexec --onnx=model.onnx --saveEngine=" + shell_word(path));
    return;
  }
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<std::uint8_t>(plan[i])}; };
  const Version built{{byte(24), byte(25), byte(26)}};
  Version here;
  for (const PythonEnvironment& e : c.report.environments)
    for (const char* name : {"tensorrt", "tensorrt-cu13", "tensorrt-cu12", "tensorrt-cu11"})
      if (const Distribution* d = e.find(name); d != nullptr && !here) here = Version::of(d->version);
  for (const std::string& one : c.search.like("libnvinfer.so."))
    if (const Version v = Version::of(base_name(c.files.real(one).value_or(one)).substr(14));
        v.parts.size() > here.parts.size())
      here = v;
  const std::string again = "trtexec --onnx=model.onnx --saveEngine=" + shell_word(path);
  const bool differs =
      here && (here.major() != built.major() || (here.parts.size() > 1 && here.minor() != built.minor()));
  if (differs)
    c.add(DoctorGrade::broken, "engine", path,
          "the engine was built by TensorRT " + to_string(built) + ", and here is " + to_string(here) +
              ": an engine fits one version only",
          again);
  if (const std::uint32_t arch = arch_in_name(base_name(path)); arch != 0)
    for (const Gpu& gpu : c.gpus())
      if (gpu.arch != 0 && gpu.arch != arch) {
        c.add(DoctorGrade::broken, "engine", path,
              "the engine was built for sm_" + std::to_string(arch) + ", and the GPU is sm_" +
                  std::to_string(gpu.arch) + ": an engine fits one kind of GPU only",
              again);
        break;
      }
}

}  // namespace

Result<void> check_models(const DoctorCase& c) {
  for (const std::string& path : c.options.models) {
    const std::string extension = extension_of(path).size() < 8 ? std::string(extension_of(path)) : std::string();
    if (extension == "engine" || extension == "plan" || extension == "trt") {
      VETSET_TRY(const auto tree, open_file(path));
      VETSET_TRY(const Bytes bytes, tree->read(base_name(path)));
      check_engine(c, path, bytes.text());
      continue;
    }
    c.look("model-readable");
    const auto model = read_onnx_file(path);
    if (!model && (model.error().code == Code::not_found || model.error().code == Code::io)) return model.error();
    if (!model) {
      c.add(DoctorGrade::broken, "model-readable", path, "the model cannot be read: " + model.error().message);
      continue;
    }
    check_versions(c, path, *model);
    check_domains(c, path, *model);
    check_weights(c, path, *model);
  }
  return {};
}

}  // namespace vetset
