// Where ONNX Runtime's shared library is: brought by the user, never by vetset. Nothing is started to find it.
#pragma once

#include <string>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/ort_api.h"

namespace vetset::ort {

/// A place that was looked in.
struct Place {
  std::string what;     // "--runtime", "VETSET_ORT_LIB", "Python of VIRTUAL_ENV", "system"
  std::string path;     // a file, a folder, or a name for the system's loader
  std::string library;  // the file found there; empty: none
  bool told = false;    // named by the user: what is there must be it
};

/// In the order that they are tried: `told` (of the flag), VETSET_ORT_LIB, the Python that vetset is installed in, that
/// of VIRTUAL_ENV, of CONDA_PREFIX and of PATH, the system's loader. Where something is told, it is the only place.
std::vector<Place> library_places(const std::string& told);

struct Library {
  Api api = {};
  void* const* table = nullptr;
  unsigned api_version = 0;
  std::string version;  // "1.32.0"
  std::string file;     // as the loader has it
};

/// The first that loads. An error names every place and how to install a runtime.
Result<Library> load_library(const std::string& told);

/// Processors that this process may use without being throttled: its affinity mask, and the quota of its cgroups.
unsigned granted_processors();

/// Loads libraries of CUDA that lie in the wheels of the Python whose runtime this is (nvidia/*/lib), so that providers
/// find them.
void preload_cuda(const std::string& library_file);

}  // namespace vetset::ort
