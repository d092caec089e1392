// Which execution providers a session gets: what was asked for, or an error that says what is missing.
#include <algorithm>
#include <string>

#include "vetset/runtime/onnx_runtime.h"

namespace vetset::ort {
namespace {

struct Known {
  std::string_view name;        // as vetset has it
  std::string_view of_runtime;  // as the runtime has it
  std::string_view package;     // that brings a runtime with it
  std::string_view needs;       // beside the runtime
};
constexpr Known known_providers[] = {
    {"cpu", "CPUExecutionProvider", "onnxruntime", ""},
    {"cuda", "CUDAExecutionProvider", "onnxruntime-gpu", "a driver, CUDA's libraries and cuDNN"},
    {"tensorrt", "TensorrtExecutionProvider", "onnxruntime-gpu", "a driver, CUDA's libraries and TensorRT"},
    {"openvino", "OpenVINOExecutionProvider", "onnxruntime-openvino", "OpenVINO's libraries"},
};

const Known* known(std::string_view name) {
  for (const Known& one : known_providers)
    if (one.name == name) return &one;
  return nullptr;
}

bool holds(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Result<void> append_cuda(const Engine& engine, Options* options, bool deterministic) {
  const Api& api = engine.api();
  preload_cuda(engine.library.file);
  CudaOptions* made = nullptr;
  VETSET_DO(outcome(api, api.CreateCUDAProviderOptions(&made), "cuda"));
  const auto cuda = held(made, api.ReleaseCUDAProviderOptions);
  // TensorFloat-32 rounds to 10 bits of mantissa, which training did not.
  const char* const keys[] = {"use_tf32", "cudnn_conv_algo_search"};
  const char* const values[] = {"0", "HEURISTIC"};
  if (deterministic) VETSET_DO(outcome(api, api.UpdateCUDAProviderOptions(cuda.get(), keys, values, 2), "cuda"));
  return outcome(api, api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda.get()), "cuda");
}

Result<void> append_tensorrt(const Engine& engine, Options* options) {
  const Api& api = engine.api();
  preload_cuda(engine.library.file);
  TensorRTOptions* made = nullptr;
  VETSET_DO(outcome(api, api.CreateTensorRTProviderOptions(&made), "tensorrt"));
  const auto tensorrt = held(made, api.ReleaseTensorRTProviderOptions);
  return outcome(api, api.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, tensorrt.get()), "tensorrt");
}

Result<void> append(const Engine& engine, Options* options, const std::string& name, bool deterministic) {
  const Api& api = engine.api();
  if (name == "cpu") return {};  // always there, after the others
  if (name == "cuda") return append_cuda(engine, options, deterministic);
  if (name == "tensorrt") return append_tensorrt(engine, options);
  // OpenVINO's own default on some processors is bfloat16.
  const char* const keys[] = {"precision"};
  const char* const values[] = {"FP32"};
  return outcome(api, api.SessionOptionsAppendExecutionProvider(options, "OpenVINO", keys, values, 1), "openvino");
}

/// A provider that the build has and that does not load.
Error cannot_load(const std::string& name, const Engine& engine, const Error& why) {
  const Known* one = known(name);
  return {Code::unsupported,
          why.message + "; " + engine.name() + " has the provider '" + name + "', but it needs " +
              std::string(one == nullptr ? "" : one->needs) + ": 'vetset doctor' says which is missing",
          engine.library.file};
}

}  // namespace

std::string provider_name(std::string_view of_runtime) {
  for (const Known& one : known_providers)
    if (one.of_runtime == of_runtime) return std::string(one.name);
  std::string name(of_runtime);
  if (const std::size_t at = name.find("ExecutionProvider"); at != std::string::npos) name.resize(at);
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

std::vector<std::string> available_providers(const Engine& engine) {
  const Api& api = engine.api();
  char** names = nullptr;
  int count = 0;
  if (!outcome(api, api.GetAvailableProviders(&names, &count), "providers")) return {"cpu"};
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(provider_name(names[i]));
  (void)outcome(api, api.ReleaseAvailableProviders(names, count), "providers");
  return all;
}

Result<std::vector<std::vector<std::string>>> choices(const Engine& engine, const SessionOptions& asked) {
  const std::vector<std::string> available = available_providers(engine);
  if (asked.providers.empty()) return Error{Code::usage, "expected a provider, 'cpu' at least"};
  if (asked.providers == std::vector<std::string>{"auto"}) {
    std::vector<std::vector<std::string>> all;
    if (holds(available, "cuda")) all.push_back({"cuda", "cpu"});
    all.push_back({"cpu"});
    return all;
  }
  for (const std::string& name : asked.providers) {
    const Known* const one = known(name);
    if (one == nullptr)
      return Error{Code::usage,
                   "expected a provider of cpu, cuda, tensorrt, openvino, or auto alone; found '" + name + "'"};
    if (!holds(available, name))
      return Error{Code::unsupported,
                   "this build of " + engine.name() + " has no provider '" + name + "' (it has " + listed(available) +
                       "): 'pip install " + std::string(one->package) + "' brings one that has it",
                   engine.library.file};
  }
  return std::vector<std::vector<std::string>>{asked.providers};
}

Result<MadeOptions> made_options(const Engine& engine, const SessionOptions& asked,
                                 const std::vector<std::string>& choice) {
  const Api& api = engine.api();
  Options* made = nullptr;
  VETSET_DO(outcome(api, api.CreateSessionOptions(&made), "options of a session"));
  MadeOptions result{held(made, api.ReleaseSessionOptions), choice, {}};
  const auto set = [&](const char* key, const char* value) {
    return outcome(api, api.AddSessionConfigEntry(made, key, value), key);
  };
  const int level = asked.optimization >= 3 ? 99 : static_cast<int>(asked.optimization);
  VETSET_DO(outcome(api, api.SetSessionGraphOptimizationLevel(made, level), "optimization"));
  VETSET_DO(outcome(api, api.SetSessionLogSeverityLevel(made, log_warning), "logging"));
  VETSET_DO(outcome(api, api.SetDeterministicCompute(made, asked.deterministic), "determinism"));
  VETSET_DO(set("session.use_env_allocators", "1"));
  if (asked.threads == 0) {
    VETSET_DO(outcome(api, api.DisablePerSessionThreads(made), "threads"));
  } else {
    VETSET_DO(outcome(api, api.SetIntraOpNumThreads(made, static_cast<int>(asked.threads)), "threads"));
    VETSET_DO(outcome(api, api.SetInterOpNumThreads(made, 1), "threads"));
    VETSET_DO(set("session.intra_op.allow_spinning", "0"));
    VETSET_DO(set("session.inter_op.allow_spinning", "0"));
  }
  if (!holds(choice, "cpu")) VETSET_DO(set("session.disable_cpu_ep_fallback", "1"));
  if (engine.library.api_version >= 24) VETSET_DO(set("session.record_ep_graph_assignment_info", "1"));
  for (const std::string& name : choice)
    if (auto done = append(engine, made, name, asked.deterministic); !done)
      return cannot_load(name, engine, done.error());
  return result;
}

}  // namespace vetset::ort
