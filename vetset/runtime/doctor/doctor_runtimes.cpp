// Every ONNX Runtime there is, and whether each of its providers would load: the closure of its libraries is walked as
// the loader would.
#include <algorithm>
#include <array>
#include <optional>

#include "vetset/base/shell.h"
#include "vetset/runtime/doctor/doctor_case.h"
#include "vetset/runtime/doctor/requirements.h"

namespace vetset {
namespace {

struct NamedProvider {
  std::string_view name, title, library;
};
constexpr std::array provider_libraries{
    NamedProvider{"cuda", "CUDA", "libonnxruntime_providers_cuda.so"},
    NamedProvider{"tensorrt", "TensorRT", "libonnxruntime_providers_tensorrt.so"},
    NamedProvider{"openvino", "OpenVINO", "libonnxruntime_providers_openvino.so"},
    NamedProvider{"rocm", "ROCm", "libonnxruntime_providers_rocm.so"},
    NamedProvider{"migraphx", "MIGraphX", "libonnxruntime_providers_migraphx.so"},
};

/// "libcudnn.so.9" → "libcudnn.so."; names without a number give nothing.
std::string_view without_number(std::string_view library) {
  const std::size_t at = library.find(".so.");
  return at == std::string_view::npos ? std::string_view{} : library.substr(0, at + 4);
}

/// Names like the missing one under another number, wherever they lie: "libcublasLt.so.13" for "libcublasLt.so.12".
std::optional<std::string> other_number(const DoctorCase& c, std::string_view library) {
  const std::string_view stem = without_number(library);
  if (stem.empty()) return std::nullopt;
  std::vector<std::string> all = c.search.like(stem);
  for (const std::string& one : c.elsewhere(stem)) all.push_back(one);
  if (c.machine.libraries)
    for (const std::string& one : *c.machine.libraries)
      if (std::string_view(one).starts_with(stem)) all.push_back(one);
  for (const std::string& path : all) {
    const std::string_view file = base_name(path);
    const std::string number(file.substr(stem.size()));
    const std::string major = number.substr(0, number.find('.'));
    if (major.empty()) continue;
    const std::string found = std::string(stem) + major;
    const std::string_view wanted = library.substr(0, std::min(library.size(), library.find('.', stem.size())));
    if (found != wanted) return found;
  }
  return std::nullopt;
}

/// What stands against one provider, told once: the first library that is missing decides.
class ProviderCheck {
 public:
  ProviderCheck(const DoctorCase& c, RuntimeFound& runtime, const NamedProvider& provider, ProviderState& state)
      : c_(c), runtime_(runtime), provider_(provider), state_(state) {}

  void run() {
    std::vector<NeededLibrary> missing;
    for (NeededLibrary& one : c_.search.closure(state_.file))
      if (!there(one)) missing.push_back(std::move(one));
    add_unlinked(missing);
    const auto driver = [](const NeededLibrary& n) { return n.name.starts_with("libcuda.so"); };
    const bool no_driver = std::any_of(missing.begin(), missing.end(), driver);
    std::erase_if(missing, driver);
    if (!missing.empty())
      tell(missing);
    else if (no_driver)
      tell_driver();
  }

 private:
  bool there(const NeededLibrary& one) const {
    if (one.found) return true;
    if (one.name.starts_with("libonnxruntime_providers_shared.so") || one.name.starts_with("libonnxruntime.so"))
      return c_.files.is_file(std::string(folder_of(state_.file)) + '/' + one.name);  // loaded before
    if (c_.machine.libraries)
      return std::find(c_.machine.libraries->begin(), c_.machine.libraries->end(), one.name) !=
             c_.machine.libraries->end();
    // Of a root that holds no system the system's libraries are not judged; those of CUDA are in no system.
    return !c_.system_known() && (c_.options.target || package_of_library(one.name, runtime_.cuda).empty());
  }

  /// Newer providers open cuDNN only when they need it, so that it is in no list of theirs.
  void add_unlinked(std::vector<NeededLibrary>& missing) const {
    if (provider_.name != "cuda" || runtime_.cudnn == 0) return;
    const ElfFile* file = c_.search.elf(state_.file);
    const auto names_it = [](const std::string& n) { return n.starts_with("libcudnn"); };
    if (file == nullptr || std::any_of(file->needed.begin(), file->needed.end(), names_it)) return;
    const std::string name = "libcudnn.so." + std::to_string(runtime_.cudnn);
    NeededLibrary one{name, state_.file, c_.search.find(name, state_.file)};
    if (!there(one)) missing.push_back(std::move(one));
  }

  std::string title() const {
    return "the " + std::string(provider_.title) + " provider of " +
           (runtime_.package.empty() ? std::string("ONNX Runtime") : runtime_.package) +
           (runtime_.version ? " " + to_string(runtime_.version) : "");
  }
  std::string effect() const { return " is listed as available, and cannot load: "; }

  void add(std::string_view check, const std::string& cause, std::string cure) const {
    state_.loads = false;
    c_.add(c_.against(provider_.name), check, state_.file, title() + effect() + cause, std::move(cure));
  }

  void tell(const std::vector<NeededLibrary>& missing) const {
    const NeededLibrary& first = missing.front();
    const std::string more = missing.size() > 1 ? " (and " + std::to_string(missing.size() - 1) + " more)" : "";
    // Lying in a wheel or a toolkit, outside of the search?
    std::vector<std::string> folders;
    bool all_there = true;
    for (const NeededLibrary& one : missing) {
      const std::vector<std::string> at = c_.elsewhere(one.name);
      all_there = all_there && !at.empty();
      if (!at.empty())
        if (std::string folder(folder_of(at.front()));
            std::find(folders.begin(), folders.end(), folder) == folders.end())
          folders.push_back(std::move(folder));
    }
    if (all_there) {
      std::string path;
      for (const std::string& folder : folders) path += (path.empty() ? "" : ":") + folder;
      return add("library-not-searched",
                 first.name + more + " is installed in " + folders.front() + ", where the loader does not look",
                 "export LD_LIBRARY_PATH=" + shell_word(path) + "${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}");
    }
    for (const NeededLibrary& one : missing) {
      const unsigned cuda = cuda_of_library(one.name);
      const auto other = c_.elsewhere(one.name).empty() ? other_number(c_, one.name) : std::nullopt;
      if (!other) continue;
      const unsigned here = cuda_of_library(*other);
      if (cuda != 0 && here != 0 && here != cuda)
        return add("cuda-major",
                   "it is built for CUDA " + std::to_string(cuda) + " (" + one.name + "), and here is CUDA " +
                       std::to_string(here) + " (" + *other + ")",
                   cuda_cure(here));
      if (one.name.starts_with("libcudnn.so"))
        return add("cudnn-major",
                   "it is built for cuDNN " + number_of(one.name) + ", and here is cuDNN " + number_of(*other),
                   "pip install " + shell_word(package_of_library(one.name, runtime_.cuda)));
      if (one.name.starts_with("libnvinfer.so"))
        return add("tensorrt-major",
                   "it is built for TensorRT " + number_of(one.name) + ", and here is TensorRT " + number_of(*other),
                   "pip install " +
                       shell_word("tensorrt-cu" + std::to_string(runtime_.cuda) + "==" + number_of(one.name) + ".*"));
    }
    add("library-missing", first.name + more + " is nowhere " + std::string(c_.here()) + asked_by(first),
        missing_cure(missing));
  }

  std::string asked_by(const NeededLibrary& one) const {
    return one.needed_by == state_.file ? "" : ", asked for by " + std::string(base_name(one.needed_by));
  }

  static std::string number_of(std::string_view library) {
    return std::to_string(Version::of(library.substr(std::min(library.size(), library.find(".so.") + 4))).major());
  }

  std::string cuda_cure(unsigned here) const {
    const std::string runtime = runtime_for_cuda(here);
    return runtime.empty() ? std::string() : "pip install " + shell_word(runtime);
  }

  std::string missing_cure(const std::vector<NeededLibrary>& missing) const {
    std::string packages, debian;
    for (const NeededLibrary& one : missing) {
      const std::string pip = package_of_library(one.name, runtime_.cuda);
      const std::string word = shell_word(pip);
      if (!pip.empty() && (" " + packages + " ").find(" " + word + " ") == std::string::npos)
        packages += (packages.empty() ? "" : " ") + word;
      if (pip.empty() && debian.empty()) debian = system_package_of_library(one.name);
    }
    if (!packages.empty()) return "pip install " + packages;
    return debian.empty() ? std::string() : "apt-get install " + debian;
  }

  void tell_driver() const {
    c_.look("driver-missing");
    if (c_.machine.driver) return;  // known from elsewhere: a profile, a container's host
    state_.loads = c_.files.is_here() ? false : state_.loads;
    // A container gets the driver from its host.
    if (!c_.files.is_here() && !c_.options.target) return;
    c_.add(c_.against(provider_.name), "driver-missing", state_.file,
           title() + effect() + "there is no NVIDIA driver here (libcuda.so.1), so models run on the processor",
           c_.machine.container.empty() ? "apt-get install nvidia-driver" : "docker run --gpus all …");
    state_.loads = false;
  }

  const DoctorCase& c_;
  RuntimeFound& runtime_;
  const NamedProvider& provider_;
  ProviderState& state_;
};

/// The version in a file's name, "libonnxruntime.so.1.32.0", else of its package.
Version runtime_version(const DoctorCase& c, const std::string& library, const Distribution* package) {
  const std::string file(base_name(c.files.real(library).value_or(library)));
  const std::size_t at = file.find(".so.");
  Version v = at == std::string::npos ? Version{} : Version::of(std::string_view(file).substr(at + 4));
  if (v.parts.size() < 2 && package != nullptr) v = Version::of(package->version);
  return v.parts.size() < 2 ? Version{} : v;
}

/// CUDA that a wheel says it is built for (build_and_package_info.py).
unsigned stated_cuda(const DoctorCase& c, const std::string& folder) {
  for (const std::string& line : parts(c.files.text(folder + "/build_and_package_info.py"), '\n'))
    if (line.starts_with("cuda_version"))
      if (const std::size_t quote = line.find_first_of("'\""); quote != std::string::npos)
        return Version::of(std::string_view(line).substr(quote + 1)).major();
  return 0;
}

void check_runtime(const DoctorCase& c, const std::string& library) {
  RuntimeFound runtime;
  runtime.library = library;
  const std::string folder(folder_of(library));
  const PythonEnvironment* environment = c.environment_of(library);
  const Distribution* package = nullptr;
  if (environment != nullptr)
    for (const Distribution& d : environment->packages)
      if (library.starts_with(d.site + "/onnxruntime/") &&
          (d.name.starts_with("onnxruntime") || d.name.starts_with("ort-nightly")) &&
          d.name != "onnxruntime-extensions" && d.name != "onnxruntime-genai" && d.name != "onnxruntime-tools")
        if (package == nullptr ||
            c.files.is_file(folder + "/libonnxruntime_providers_cuda.so") == (d.name.find("gpu") != std::string::npos))
          package = &d;
  if (package != nullptr) runtime.package = package->name;
  runtime.version = runtime_version(c, library, package);
  runtime.providers.push_back({.name = "cpu", .file = {}, .loads = true, .gpu = {}});
  for (const NeededLibrary& one : c.search.closure(library)) {
    const bool told = c.machine.libraries && std::find(c.machine.libraries->begin(), c.machine.libraries->end(),
                                                       one.name) != c.machine.libraries->end();
    if (one.found || told || !c.system_known()) continue;
    const std::string debian = system_package_of_library(one.name);
    c.add(DoctorGrade::broken, "library-missing", library,
          "ONNX Runtime cannot load: " + one.name + " is nowhere " + std::string(c.here()),
          debian.empty() ? std::string() : "apt-get install " + debian);
    runtime.providers.front().loads = false;
    break;
  }
  for (const NamedProvider& known : provider_libraries) {
    ProviderState state{
        .name = std::string(known.name), .file = folder + '/' + std::string(known.library), .loads = true, .gpu = {}};
    const ElfFile* file = c.search.elf(state.file);
    if (file == nullptr) continue;
    for (const std::string& needed : file->needed)
      if (const unsigned cuda = cuda_of_library(needed); cuda != 0) runtime.cuda = std::max(runtime.cuda, cuda);
    for (const std::string& needed : file->needed)
      if (needed.starts_with("libcudnn.so.")) runtime.cudnn = Version::of(std::string_view(needed).substr(12)).major();
    if (known.name == "cuda" && runtime.cuda == 0) runtime.cuda = stated_cuda(c, folder);
    if (known.name == "cuda" && runtime.cudnn == 0)
      if (const GpuRuntimeNeeds* needs = gpu_runtime_needs(runtime.version); needs != nullptr && runtime.version)
        runtime.cudnn = needs->cudnn;
    state.gpu = to_string(file->gpu);
    ProviderCheck(c, runtime, known, state).run();
    runtime.providers.push_back(std::move(state));
  }
  for (const std::string& wanted : c.options.providers) {
    const auto has = [&](const ProviderState& p) { return p.name == wanted; };
    if (std::any_of(runtime.providers.begin(), runtime.providers.end(), has)) continue;
    const bool gpu = wanted == "cuda" || wanted == "tensorrt";
    c.add(DoctorGrade::broken, "provider-absent", library, "this ONNX Runtime has no provider '" + wanted + "'",
          gpu ? "pip uninstall -y onnxruntime && pip install 'onnxruntime-gpu[cuda,cudnn]'"
              : "pip install onnxruntime-" + wanted);
  }
  c.report.runtimes.push_back(std::move(runtime));
}

}  // namespace

void check_runtimes(const DoctorCase& c) {
  for (const char* check : {"library-missing", "library-not-searched", "cuda-major", "cudnn-major", "tensorrt-major"})
    c.look(check);
  std::vector<std::string> found;
  const auto add = [&](const std::string& path) {
    const auto real = c.files.real(path);
    if (real && c.search.elf(*real) != nullptr && std::find(found.begin(), found.end(), *real) == found.end())
      found.push_back(*real);
  };
  if (const auto it = c.machine.environment.find("VETSET_ORT_LIB"); it != c.machine.environment.end()) add(it->second);
  for (const PythonEnvironment& e : c.report.environments)
    for (const std::string& site : e.sites) {
      const std::string folder = site + "/onnxruntime/capi";
      std::string best;  // the library itself; in wheels before 1.20 the Python module holds the runtime
      for (const std::string& file : c.files.names(folder)) {
        if (file.starts_with("libonnxruntime.so.")) best = file;
        if (best.empty() && file.starts_with("onnxruntime_pybind11_state") && file.ends_with(".so")) best = file;
      }
      if (!best.empty()) add(folder + '/' + best);
    }
  for (const std::string& path : c.search.like("libonnxruntime.so")) add(path);
  for (const char* usual : {"/opt/onnxruntime/lib/libonnxruntime.so", "/usr/local/lib/libonnxruntime.so"}) add(usual);
  for (const std::string& library : found) check_runtime(c, library);
  const bool models = std::any_of(c.options.models.begin(), c.options.models.end(),
                                  [](const std::string& model) { return model.ends_with(".onnx"); });
  if (found.empty() && (models || !c.options.providers.empty()))
    c.add(DoctorGrade::broken, "runtime-absent", c.machine.name, "no ONNX Runtime was found",
          "pip install onnxruntime");
}

}  // namespace vetset
