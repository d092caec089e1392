// The GPU's side: is the driver new enough for the CUDA that a runtime is built for, and does the compiled code know
// the GPU at all.
#include <algorithm>

#include "vetset/base/shell.h"
#include "vetset/runtime/doctor/doctor_case.h"
#include "vetset/runtime/doctor/requirements.h"

namespace vetset {
namespace {

std::string gpu_text(const Gpu& gpu) {
  const std::string arch = "sm_" + std::to_string(gpu.arch);
  return gpu.name == "--target" || gpu.name.empty() ? arch : gpu.name + " (" + arch + ")";
}

void check_driver(const DoctorCase& c, const RuntimeFound& runtime) {
  if (runtime.cuda == 0) return;
  c.look("driver-too-old");
  const Version least = driver_for_cuda(runtime.cuda);
  if (!c.machine.driver || !least || c.machine.driver >= least) return;
  const unsigned can = cuda_of_driver(c.machine.driver);
  const std::string older = can != 0 ? runtime_for_cuda(can) : std::string();
  c.add(c.against("cuda"), "driver-too-old", runtime.library,
        "the NVIDIA driver " + driver_text(c.machine.driver) + " is too old for CUDA " + std::to_string(runtime.cuda) +
            " of " + (runtime.package.empty() ? "this ONNX Runtime" : runtime.package) + ", which needs " +
            driver_text(least) + " or newer",
        older.empty() ? "apt-get install nvidia-driver-" + std::to_string(least.major())
                      : "pip install " + shell_word(older));
}

/// A library for newer drivers (cuda-compat) in the way: it works on data-centre GPUs and newer than the driver only.
void check_compat(const DoctorCase& c) {
  c.look("cuda-compat");
  if (!c.machine.driver || c.report.runtimes.empty()) return;
  const auto found = c.search.find("libcuda.so.1", c.report.runtimes.front().library);
  if (!found || found->path.find("/compat/") == std::string::npos) return;
  const std::string_view file = base_name(found->path);
  const Version compat = Version::of(file.substr(std::min(file.size(), file.find(".so.") + 4)));
  const auto gpus = c.gpus();
  const bool consumer =
      std::any_of(gpus.begin(), gpus.end(), [](const Gpu& g) { return g.name.find("GeForce") != std::string::npos; });
  if (compat && compat < c.machine.driver)
    c.add(c.against("cuda"), "cuda-compat", found->path,
          "the compatibility library " + driver_text(compat) + " stands before the driver's own, " +
              driver_text(c.machine.driver) + ", which is newer: CUDA does not start (error 803)",
          "rm /etc/ld.so.conf.d/*compat*.conf && ldconfig");
  else if (consumer)
    c.add(c.against("cuda"), "cuda-compat", found->path,
          "the compatibility library " + driver_text(compat) + " works on data-centre GPUs only (error 804)",
          "rm /etc/ld.so.conf.d/*compat*.conf && ldconfig");
}

void check_architecture(const DoctorCase& c, const RuntimeFound& runtime) {
  for (const ProviderState& provider : runtime.providers) {
    if (provider.gpu.empty()) continue;
    c.look("gpu-architecture");
    const ElfFile* file = c.search.elf(provider.file);
    for (const Gpu& gpu : c.gpus()) {
      if (gpu.arch == 0 || file == nullptr || runs_on(file->gpu, gpu.arch)) continue;
      const bool newer =
          std::all_of(file->gpu.begin(), file->gpu.end(), [&](const GpuCode& g) { return g.arch < gpu.arch; });
      c.add(DoctorGrade::broken, "gpu-architecture", provider.file,
            "no code for " + gpu_text(gpu) + ": it holds " + provider.gpu +
                ", so the first operator ends in cudaErrorNoKernelImageForDevice",
            newer ? std::string("pip install -U onnxruntime-gpu")
                  : "pip install " + shell_word(gpu.arch < 75 ? "onnxruntime-gpu<1.27" : "onnxruntime-gpu"));
      break;
    }
  }
}

void check_devices(const DoctorCase& c) {
  const bool wants = std::any_of(c.report.runtimes.begin(), c.report.runtimes.end(),
                                 [](const RuntimeFound& r) { return r.cuda != 0; });
  if (!wants) return;
  c.look("gpu-hidden");
  const auto hides = [&](const char* name) {
    const auto it = c.machine.environment.find(name);
    return it != c.machine.environment.end() &&
           (it->second.empty() || it->second == "void" || it->second == "none" || it->second == "-1");
  };
  for (const char* name : {"NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"})
    if (hides(name))
      c.add(c.against("cuda"), "gpu-hidden", name, std::string(name) + " hides every GPU from this process",
            std::string("unset ") + name);
  if (c.files.is_here() && !c.options.target && c.machine.driver && !c.machine.gpu_devices)
    c.add(c.against("cuda"), "gpu-hidden", "/dev/nvidia0", "a driver is loaded, and no device of it is here",
          "docker run --gpus all …");
}

}  // namespace

void check_gpu(const DoctorCase& c) {
  for (const RuntimeFound& runtime : c.report.runtimes) {
    check_driver(c, runtime);
    check_architecture(c, runtime);
  }
  check_compat(c);
  check_devices(c);
}

}  // namespace vetset
