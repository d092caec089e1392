// What the driver's management library (NVML) says of the GPUs here. It makes no CUDA context: nothing is initialised
// that a later fork or a trainer would stumble over. Its functions are declared by hand, as nvml.h has had them since
// 2012.
#include <dlfcn.h>

#include <array>

#include "vetset/runtime/doctor/machine.h"

namespace vetset {
namespace {

template <class Function>
bool nvml_function(void* library, const char* name, Function& out) {
  out = reinterpret_cast<Function>(::dlsym(library, name));
  return out != nullptr;
}

}  // namespace

void ask_driver(Machine& machine) {
  void* const library = ::dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*handle)(unsigned, void**) = nullptr;
  int (*gpu_name)(void*, char*, unsigned) = nullptr;
  int (*capability)(void*, int*, int*) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
  if (nvml_function(library, "nvmlInit_v2", init) && nvml_function(library, "nvmlShutdown", shutdown) &&
      nvml_function(library, "nvmlDeviceGetCount_v2", count) &&
      nvml_function(library, "nvmlDeviceGetHandleByIndex_v2", handle) &&
      nvml_function(library, "nvmlDeviceGetName", gpu_name) &&
      nvml_function(library, "nvmlDeviceGetCudaComputeCapability", capability) &&
      nvml_function(library, "nvmlSystemGetDriverVersion", driver) && init() == 0) {
    std::array<char, 96> text = {};
    if (driver(text.data(), 80) == 0) machine.driver = Version::of(text.data());
    unsigned gpus = 0;
    if (count(&gpus) == 0 && gpus > 0) machine.gpus.clear();
    for (unsigned i = 0; i < gpus && i < 256; ++i) {
      void* device = nullptr;
      int major = 0, minor = 0;
      Gpu gpu;
      if (handle(i, &device) != 0) continue;
      if (gpu_name(device, text.data(), 95) == 0) gpu.name = text.data();
      if (capability(device, &major, &minor) == 0) gpu.arch = static_cast<std::uint32_t>(major * 10 + minor);
      machine.gpus.push_back(std::move(gpu));
    }
    shutdown();
  }
  ::dlclose(library);
}

}  // namespace vetset
