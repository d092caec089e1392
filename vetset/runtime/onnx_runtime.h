// What the parts of the ONNX Runtime backend share: the loaded library with its one environment, and what makes the
// options of a session. For files of this room only.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/ort_api.h"
#include "vetset/runtime/ort_library.h"
#include "vetset/runtime/runtime.h"

namespace vetset::ort {

/// Collects what the runtime logs: to who loads a model on this thread, else to the last hundred lines of the process.
class Notes {
 public:
  static void take(void* self, int severity, const char* category, const char* logid, const char* where,
                   const char* message);
  std::vector<std::string> lines() const;

  /// While it lives, what is logged on this thread goes to `lines`.
  class Here {
   public:
    explicit Here(std::vector<std::string>& lines);
    ~Here();
    Here(const Here&) = delete;
    Here& operator=(const Here&) = delete;

   private:
    std::vector<std::string>* before_;
  };

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// The library and its environment; lives as long as the process.
struct Engine {
  Library library;
  Env* env = nullptr;
  MemoryInfo* cpu_memory = nullptr;  // of tensors that we bring
  unsigned threads = 1;              // of the shared pool
  Notes notes;

  const Api& api() const { return library.api; }
  std::string name() const { return "ONNX Runtime " + library.version; }
};

/// "cuda" of "CUDAExecutionProvider"; other names without their ending, in lower case.
std::string provider_name(std::string_view of_runtime);
/// As vetset names them, in the runtime's order.
std::vector<std::string> available_providers(const Engine& engine);

struct MadeOptions {
  Held<Options> options;
  std::vector<std::string> providers;  // taken, in order
  std::vector<std::string> notes;
};
/// Options of a session; `choice` is one of those that `choices` gives.
Result<MadeOptions> made_options(const Engine& engine, const SessionOptions& asked,
                                 const std::vector<std::string>& choice);
/// The lists of providers to try, the first that loads wins: one, but for "auto".
Result<std::vector<std::vector<std::string>>> choices(const Engine& engine, const SessionOptions& asked);

/// A session of options made above. `declared` is what the file says of itself. `bytes` in the place of a file where
/// `file` is empty.
Result<std::shared_ptr<const Session>> open_session(const Engine& engine, const std::string& file,
                                                    std::string_view bytes, const SessionOptions& asked);

}  // namespace vetset::ort
