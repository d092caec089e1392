// ONNX Runtime as a Runtime: one library and one environment a process, with pools of threads that all sessions share
// and do not spin, and one arena of memory. Neither is ever torn down: sessions may outlive whoever loaded it.
#include "vetset/runtime/onnx_runtime.h"

#include <mutex>
#include <utility>

namespace vetset {
namespace ort {
namespace {

thread_local std::vector<std::string>* lines_here = nullptr;
constexpr std::size_t kept_lines = 100;

}  // namespace

void Notes::take(void* self, int severity, const char*, const char*, const char*, const char* message) {
  if (message == nullptr || severity < log_warning) return;
  std::string line = plain_words(message);
  if (lines_here != nullptr) {
    if (lines_here->size() < kept_lines) lines_here->push_back(std::move(line));
    return;
  }
  auto& notes = *static_cast<Notes*>(self);
  const std::lock_guard lock(notes.mutex_);
  if (notes.lines_.size() == kept_lines) notes.lines_.erase(notes.lines_.begin());
  notes.lines_.push_back(std::move(line));
}

std::vector<std::string> Notes::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

Notes::Here::Here(std::vector<std::string>& lines) : before_(std::exchange(lines_here, &lines)) {}
Notes::Here::~Here() { lines_here = before_; }

namespace {

/// The environment with its pools and its arena.
Result<void> start(Engine& engine, unsigned threads) {
  const Api& api = engine.api();
  engine.threads = threads == 0 ? granted_processors() : threads;
  Threading* made = nullptr;
  VETSET_DO(outcome(api, api.CreateThreadingOptions(&made), "threads of the runtime"));
  const auto pools = held(made, api.ReleaseThreadingOptions);
  // Never 0, which pins threads to processors and fails where some are not ours.
  VETSET_DO(outcome(api, api.SetGlobalIntraOpNumThreads(pools.get(), static_cast<int>(engine.threads)), "threads"));
  VETSET_DO(outcome(api, api.SetGlobalInterOpNumThreads(pools.get(), 1), "threads"));
  VETSET_DO(outcome(api, api.SetGlobalSpinControl(pools.get(), 0), "threads"));
  VETSET_DO(outcome(api,
                    api.CreateEnvWithCustomLoggerAndGlobalThreadPools(&Notes::take, &engine.notes, log_warning,
                                                                      "vetset", pools.get(), &engine.env),
                    "cannot start " + engine.name()));
  VETSET_DO(outcome(api, api.CreateCpuMemoryInfo(arena_allocator, default_memory, &engine.cpu_memory), "memory"));
  ArenaCfg* arena = nullptr;
  VETSET_DO(outcome(api, api.CreateArenaCfgV2(nullptr, nullptr, 0, &arena), "memory"));
  const auto held_arena = held(arena, api.ReleaseArenaCfg);
  return outcome(api, api.CreateAndRegisterAllocator(engine.env, engine.cpu_memory, held_arena.get()), "memory");
}

class OnnxRuntime final : public Runtime {
 public:
  explicit OnnxRuntime(const Engine& engine) : engine_(engine) {}

  const std::string& name() const override { return name_; }
  const std::string& version() const override { return engine_.library.version; }
  const std::string& library() const override { return engine_.library.file; }
  std::vector<std::string> providers() const override { return available_providers(engine_); }
  unsigned threads() const override { return engine_.threads; }
  std::vector<std::string> notes() const override { return engine_.notes.lines(); }
  Result<std::shared_ptr<const Session>> open(const std::string& file, const SessionOptions& options) override {
    return open_session(engine_, file, {}, options);
  }
  Result<std::shared_ptr<const Session>> open_bytes(std::string_view model, const SessionOptions& options) override {
    return open_session(engine_, {}, model, options);
  }

 private:
  const Engine& engine_;
  std::string name_ = "ONNX Runtime";
};

/// The one of this process, once it is loaded.
struct Loaded {
  std::mutex mutex;
  std::string told;  // the library that was asked for
  std::shared_ptr<Runtime> runtime;
};

}  // namespace
}  // namespace ort

Result<std::shared_ptr<Runtime>> Runtime::load(const RuntimeOptions& options) {
  static auto* const loaded = new ort::Loaded;  // never torn down
  const std::lock_guard lock(loaded->mutex);
  if (loaded->runtime) {
    if (!options.library.empty() && options.library != loaded->told && options.library != loaded->runtime->library())
      return Error{Code::refused,
                   "this process runs models with " + loaded->runtime->library() +
                       " already; another runtime needs another process",
                   options.library};
    return loaded->runtime;
  }
  VETSET_TRY(ort::Library library, ort::load_library(options.library));
  auto engine = std::make_unique<ort::Engine>();
  engine->library = std::move(library);
  VETSET_DO(ort::start(*engine, options.threads));
  loaded->told = options.library;
  loaded->runtime = std::make_shared<ort::OnnxRuntime>(*engine.release());
  return loaded->runtime;
}

}  // namespace vetset
