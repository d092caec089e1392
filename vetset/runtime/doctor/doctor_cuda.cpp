// Packages of one Python environment that bring CUDA and cuDNN twice, or in versions that do not go together.
#include <algorithm>
#include <optional>

#include "vetset/base/shell.h"
#include "vetset/runtime/doctor/doctor_case.h"
#include "vetset/runtime/doctor/requirements.h"

namespace vetset {
namespace {

const Distribution* first_of(const PythonEnvironment& e, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const Distribution* d = e.find(name)) return d;
  return nullptr;
}

/// "2.4.1+cu118" is of CUDA 11; without a word, of what is installed beside it.
unsigned torch_cuda(const PythonEnvironment& e) {
  const Distribution* torch = e.find("torch");
  if (torch == nullptr) return 0;
  if (const std::size_t at = torch->version.find("+cu"); at != std::string::npos)
    return Version::of(std::string_view(torch->version).substr(at + 3)).major() / 10;
  if (torch->version.find('+') != std::string::npos) return 0;  // cpu, rocm
  if (e.find("nvidia-cuda-runtime") != nullptr) return 13;
  for (const unsigned cuda : {12U, 11U})
    if (e.find("nvidia-cuda-runtime-cu" + std::to_string(cuda)) != nullptr) return cuda;
  return 0;
}

void check_two_cudas(const DoctorCase& c, const PythonEnvironment& e, const RuntimeFound& runtime) {
  c.look("two-cudas");
  const unsigned torch = torch_cuda(e);
  if (torch == 0 || runtime.cuda == 0 || torch == runtime.cuda) return;
  const std::string cure = runtime_for_cuda(torch);
  c.add(c.against("cuda"), "two-cudas", e.prefix,
        "torch " + e.find("torch")->version + " brings CUDA " + std::to_string(torch) + ", and " + runtime.package +
            " is built for CUDA " + std::to_string(runtime.cuda) + ": in one process only one of them works",
        cure.empty() ? std::string() : "pip install " + shell_word(cure));
}

/// The cuDNN that the loader finds by itself, against the one that torch loads from its wheel.
void check_two_cudnns(const DoctorCase& c, const PythonEnvironment& e, const RuntimeFound& runtime) {
  c.look("two-cudnns");
  const Distribution* wheel = first_of(e, {"nvidia-cudnn-cu13", "nvidia-cudnn-cu12", "nvidia-cudnn-cu11"});
  if (e.find("torch") == nullptr || wheel == nullptr || runtime.cudnn == 0) return;
  const std::string library = "libcudnn.so." + std::to_string(runtime.cudnn);
  const auto found = c.search.find(library, runtime.library);
  if (!found || c.environment_of(found->path) == &e) return;
  const std::string_view file = base_name(found->path);
  const Version system = Version::of(file.substr(std::min(file.size(), file.find(".so.") + 4)));
  const Version brought = Version::of(wheel->version);
  if (system.major() == brought.major() && system.minor() == brought.minor()) return;
  c.add(c.against("cuda"), "two-cudnns", found->path,
        "torch loads cuDNN " + to_string(brought) + " from its wheel, the loader finds " + to_string(system) + " in " +
            std::string(folder_of(found->path)) +
            ": whichever of torch and onnxruntime is imported first decides for both",
        "export LD_LIBRARY_PATH=" + shell_word(wheel->site + "/nvidia/cudnn/lib") +
            "${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}");
}

/// Wheels of one CUDA are made to go together: cuBLAS far ahead of the runtime beside it is a pair that nobody tested.
void check_mixed(const DoctorCase& c, const PythonEnvironment& e, const RuntimeFound& runtime) {
  c.look("cuda-mixed");
  const Distribution* cublas = first_of(e, {"nvidia-cublas", "nvidia-cublas-cu12", "nvidia-cublas-cu11"});
  const Distribution* cudart =
      first_of(e, {"nvidia-cuda-runtime", "nvidia-cuda-runtime-cu12", "nvidia-cuda-runtime-cu11"});
  if (cublas == nullptr || cudart == nullptr || runtime.cuda == 0) return;
  const Version a = Version::of(cublas->version), b = Version::of(cudart->version);
  if (a.major() != b.major() || a.minor() <= b.minor() + 1) return;
  const std::string major = std::to_string(b.major());
  c.add(c.against("cuda"), "cuda-mixed", cublas->folder,
        cublas->name + " " + cublas->version + " stands beside " + cudart->name + " " + cudart->version +
            ": such pairs have failed to load, without a word and on the processor",
        "pip install " + shell_word(cublas->name + ">=" + major + "." + std::to_string(b.minor()) + ",<" + major + "." +
                                    std::to_string(b.minor() + 2)));
}

}  // namespace

void check_cuda_packages(const DoctorCase& c) {
  for (const RuntimeFound& runtime : c.report.runtimes)
    if (const PythonEnvironment* e = c.environment_of(runtime.library)) {
      check_two_cudas(c, *e, runtime);
      check_two_cudnns(c, *e, runtime);
      check_mixed(c, *e, runtime);
    }
}

}  // namespace vetset
