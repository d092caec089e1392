// A runtime that executes exported models. ONNX Runtime through its C interface, loaded when first needed, so that
// users bring the build that fits their machine (CPU, CUDA, TensorRT, OpenVINO).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/tensor.h"

namespace vetset {

struct RuntimeOptions {
  std::string library = {};  // libonnxruntime.so; empty: VETSET_ORT_LIB, the active Python's wheel, the system's
  unsigned threads = 0;      // of the pool that all sessions share; 0: what the machine and its cgroup give
};

struct SessionOptions {
  /// Execution providers in order of preference: "cpu", "cuda", "tensorrt", "openvino". One that was asked for and
  /// cannot be had is an error, never a silent fall-back; nodes that the named ones cannot run go to the CPU only where
  /// "cpu" is named, too. "auto" alone takes what loads, CUDA before the CPU, and says what it took.
  std::vector<std::string> providers = {"cpu"};
  unsigned threads = 0;       // 0: the shared pool; else this session's own
  unsigned optimization = 3;  // 0 none, 1 basic, 2 extended, 3 all: as ONNX Runtime's GraphOptimizationLevel
  bool deterministic = true;  // the runtime's deterministic kernels
};

/// A loaded model. `run` may be called from several threads at once.
class Session {
 public:
  virtual ~Session() = default;
  virtual const std::vector<TensorInfo>& inputs() const = 0;
  virtual const std::vector<TensorInfo>& outputs() const = 0;
  /// Really in use, in order: those that run a node, where the runtime tells (1.24 and newer), else those taken.
  virtual const std::vector<std::string>& providers() const = 0;
  /// What the runtime said while it loaded the model, and what "auto" passed over.
  virtual const std::vector<std::string>& notes() const = 0;
  /// One tensor for each of `inputs()`, in that order; gives one for each of `outputs()`. Errors name the input whose
  /// type or shape does not fit, and carry the runtime's own words.
  virtual Result<std::vector<Tensor>> run(std::span<const Tensor> inputs) const = 0;
  /// The same into buffers that the caller keeps, bound once (IoBinding): `outputs` must have the full shapes.
  virtual Result<void> run_into(std::span<const Tensor> inputs, std::span<Tensor> outputs) const = 0;
};

class Runtime {
 public:
  /// The one runtime of this process: loaded on the first call, the same library ever after. An error names every
  /// place that was looked in and the command that installs a runtime.
  static Result<std::shared_ptr<Runtime>> load(const RuntimeOptions& options = {});

  virtual ~Runtime() = default;
  virtual const std::string& name() const = 0;             // "ONNX Runtime"
  virtual const std::string& version() const = 0;          // "1.32.0"
  virtual const std::string& library() const = 0;          // its file
  virtual std::vector<std::string> providers() const = 0;  // that this build has, as vetset names them
  virtual unsigned threads() const = 0;                    // of the shared pool
  /// What the runtime warned of outside the loading of a model; the last hundred.
  virtual std::vector<std::string> notes() const = 0;
  /// A model from its file (external data is looked for beside it), or from bytes in memory.
  virtual Result<std::shared_ptr<const Session>> open(const std::string& file, const SessionOptions& options) = 0;
  virtual Result<std::shared_ptr<const Session>> open_bytes(std::string_view model, const SessionOptions& options) = 0;
};

}  // namespace vetset
