#include "vetset/runtime/ort_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace vetset::ort {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Entries of a folder whose names begin so, the highest version first: "libonnxruntime.so.1.32.0".
std::vector<std::string> entries(const std::string& folder, std::string_view prefix) {
  std::vector<std::string> found;
  std::error_code failed;
  for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed))
    if (it->path().filename().string().starts_with(prefix)) found.push_back(it->path().string());
  const auto numbers = [](const std::string& text) {
    std::vector<unsigned long> all;
    for (std::size_t i = 0; i < text.size();) {
      if (text[i] < '0' || text[i] > '9') {
        ++i;
        continue;
      }
      unsigned long n = 0;
      for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
        n = n * 10 + static_cast<unsigned long>(text[i] - '0');
      all.push_back(n);
    }
    return all;
  };
  const auto name = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  std::sort(found.begin(), found.end(), [&](const std::string& a, const std::string& b) {
    const auto x = numbers(name(a)), y = numbers(name(b));
    return x != y ? x > y : a < b;
  });
  return found;
}

/// Folders of packages below the prefix of a Python: lib/python3.11/site-packages, and Debian's dist-packages.
std::vector<std::string> package_folders(const std::string& prefix) {
  std::vector<std::string> folders;
  for (const char* lib : {"/lib", "/local/lib"})
    for (const std::string& python : entries(prefix + lib, "python3"))
      for (const char* packages : {"/site-packages", "/dist-packages"})
        if (std::error_code failed; fs::is_directory(python + packages, failed)) folders.push_back(python + packages);
  return folders;
}

/// The runtime of a folder of packages; empty where it has none.
std::string runtime_in(const std::string& packages) {
  for (std::string& file : entries(packages + "/onnxruntime/capi", "libonnxruntime.so")) return std::move(file);
  return {};
}

Place python_place(std::string what, const std::string& prefix) {
  Place place{.what = std::move(what), .path = prefix, .library = {}};
  for (const std::string& packages : package_folders(prefix)) {
    place.path = packages + "/onnxruntime";
    place.library = runtime_in(packages);
    if (!place.library.empty()) break;
  }
  return place;
}

/// The folder of packages that vetset itself is installed in: of the library that holds this function, or of the
/// program.
std::optional<Place> own_place() {
  Dl_info info = {};
  if (dladdr(reinterpret_cast<const void*>(&library_places), &info) == 0 || info.dli_fname == nullptr)
    return std::nullopt;
  std::error_code failed;
  const std::string file = fs::weakly_canonical(info.dli_fname, failed).string();
  if (const std::size_t at = file.rfind("-packages/"); at != std::string::npos) {
    const std::string packages = file.substr(0, at + 9);
    return Place{"Python that vetset is installed in", packages + "/onnxruntime", runtime_in(packages)};
  }
  return std::nullopt;
}

/// The prefix of the first Python on PATH; empty where there is none, or where it is a script, which says nothing of
/// what it starts.
std::string python_on_path() {
  const std::string path = environment("PATH");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string folder = path.substr(begin, end - begin);
    begin = end + 1;
    if (folder.empty()) continue;
    for (const char* name : {"/python3", "/python"}) {
      const std::string program = folder + name;
      if (access(program.c_str(), X_OK) != 0) continue;
      char magic[4] = {};
      std::ifstream(program, std::ios::binary).read(magic, 4);
      if (std::string_view(magic, 4) !=
          "\x7f"
          "ELF")
        continue;
      const std::string prefix = folder.substr(0, folder.rfind('/'));
      std::error_code failed;
      if (fs::exists(prefix + "/pyvenv.cfg", failed) || !package_folders(prefix).empty())
        return prefix.empty() ? "/usr" : prefix;
      const std::string real = fs::canonical(program, failed).parent_path().parent_path().string();
      if (!failed) return real;
    }
  }
  return {};
}

Result<Library> library_of(const std::string& file, const std::string& named) {
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const words = dlerror();
    return Error{Code::unsupported,
                 "the system cannot load it: " + std::string(words == nullptr ? "no reason given" : words), named};
  }
  struct Base {
    void* const* (*GetApi)(std::uint32_t);
    const char* (*GetVersionString)();
  };
  const auto base = reinterpret_cast<const Base* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (base == nullptr) {
    dlclose(handle);
    return Error{Code::unsupported, "expected ONNX Runtime's library, found one without OrtGetApiBase", named};
  }
  Library library;
  library.version = base()->GetVersionString();
  // A runtime says on stderr when it is asked for more than it has, so it is asked for no more than its minor version,
  // which is its newest API.
  unsigned newest = newest_api;
  if (library.version.starts_with("1.")) {
    unsigned minor = 0;
    for (std::size_t i = 2; i < library.version.size() && library.version[i] >= '0' && library.version[i] <= '9'; ++i)
      minor = std::min(1000U, minor * 10 + static_cast<unsigned>(library.version[i] - '0'));
    newest = std::min(newest, minor);
  }
  for (unsigned version = newest; version >= oldest_api && library.table == nullptr; --version) {
    library.table = base()->GetApi(version);
    library.api_version = version;
  }
  if (library.table == nullptr) {
    dlclose(handle);
    return Error{Code::unsupported,
                 "expected ONNX Runtime 1." + std::to_string(oldest_api) + " or newer, found " + library.version,
                 named};
  }
  library.api = api_of(library.table, library.api_version);
  Dl_info info = {};
  library.file =
      dladdr(reinterpret_cast<const void*>(base), &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : file;
  return library;
}

}  // namespace

std::vector<Place> library_places(const std::string& told) {
  if (!told.empty()) return {{"--runtime", told, told, true}};
  if (const std::string named = environment("VETSET_ORT_LIB"); !named.empty())
    return {{"VETSET_ORT_LIB", named, named, true}};
  std::vector<Place> places;
  if (auto own = own_place()) places.push_back(std::move(*own));
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (const std::string prefix = environment(variable); !prefix.empty())
      places.push_back(python_place("Python of " + std::string(variable), prefix));
  if (const std::string prefix = python_on_path(); !prefix.empty())
    places.push_back(python_place("Python on PATH", prefix));
  if (const std::string home = environment("HOME"); !home.empty())
    if (Place place = python_place("Python packages of the user", home + "/.local"); !place.library.empty())
      places.push_back(std::move(place));
  for (const char* name : {"libonnxruntime.so.1", "libonnxruntime.so"}) places.push_back({"system", name, name});
  return places;
}

Result<Library> load_library(const std::string& told) {
  std::string looked;
  for (const Place& place : library_places(told)) {
    if (place.told) {
      std::error_code failed;
      std::string file = place.library;
      if (fs::is_directory(file, failed)) {
        const auto within = entries(file, "libonnxruntime.so");
        if (within.empty())  // old wheels hold it inside their Python module
          return Error{Code::not_found, place.what + ": expected libonnxruntime.so in this folder, found none", file};
        file = within.front();
      }
      if (file.find('/') != std::string::npos && !fs::exists(file, failed))
        return Error{Code::not_found, place.what + ": there is no such library", file};
      return library_of(file, file);
    }
    std::string why = place.library.empty() ? "not there" : "";
    if (std::error_code failed; !why.empty() && fs::is_directory(place.path + "/capi", failed))
      why = "is too old to have a library of its own: 'pip install --upgrade onnxruntime'";
    if (why.empty()) {
      auto library = library_of(place.library, place.library);
      if (library) return library;
      why = library.error().message;
      // A loader's "not found" of a bare name says no more than that it is not there.
      if (place.what == "system" && why.find("cannot open shared object file") != std::string::npos) why = "not there";
    }
    looked += (looked.empty() ? "" : "; ") + place.what + ": " + place.path + ": " + why;
  }
  return Error{Code::unsupported,
               "no ONNX Runtime was found; 'pip install onnxruntime' brings one, --runtime or VETSET_ORT_LIB names "
               "one. Looked in " +
                   looked};
}

void preload_cuda(const std::string& library_file) {
  const std::size_t at = library_file.rfind("/onnxruntime/capi/");
  if (at == std::string::npos) return;
  const std::string packages = library_file.substr(0, at);
  // In the order of what needs what; each wheel has its own folder.
  constexpr std::string_view names[] = {"libcudart.so",  "libnvJitLink.so",   "libnvrtc.so",  "libcublasLt.so",
                                        "libcublas.so",  "libcufft.so",       "libcurand.so", "libcudnn.so",
                                        "libnvinfer.so", "libnvonnxparser.so"};
  std::vector<std::string> folders;
  for (const std::string& wheel : entries(packages + "/nvidia", "")) folders.push_back(wheel + "/lib");
  folders.push_back(packages + "/tensorrt_libs");
  std::sort(folders.begin(), folders.end());
  for (const std::string_view name : names)
    for (const std::string& folder : folders)
      for (const std::string& file : entries(folder, name)) dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
}

}  // namespace vetset::ort
