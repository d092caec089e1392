// Finding and loading the module that knows Parquet: linked in (as in the Python module), or beside the program.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "vetset/base/parquet.h"
#include "vetset/base/tree.h"

extern "C" __attribute__((weak)) const vetset::ParquetModule* vetset_parquet_module();

namespace vetset {
namespace {

constexpr const char* file_name = "libvetset_tables.so";

/// Where the module may lie: where the environment says, beside the program, or in the Python package that brought it.
std::vector<std::string> places() {
  if (const char* told = std::getenv("VETSET_TABLES_MODULE"); told != nullptr && *told != '\0') return {told};
  char program[4096];
  const ssize_t size = readlink("/proc/self/exe", program, sizeof program);
  if (size <= 0 || size == sizeof program) return {file_name};
  const std::string folder(folder_of(std::string_view(program, static_cast<std::size_t>(size))));
  std::vector<std::string> all = {folder + "/" + file_name, folder + "/../lib/vetset/" + file_name};
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/../lib", failed))
    if (entry.path().filename().string().starts_with("python"))
      all.push_back(entry.path().string() + "/site-packages/vetset/_libs/" + file_name);
  return all;
}

Result<const ParquetModule*> load() {
  if (vetset_parquet_module != nullptr) return vetset_parquet_module();
  std::string why;
  for (const std::string& place : places()) {
    void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* const words = dlerror();
      if (access(place.c_str(), F_OK) == 0 || why.empty()) why = words == nullptr ? place : words;
      continue;
    }
    void* const found = dlsym(library, "vetset_parquet_module");
    if (found != nullptr) return reinterpret_cast<const ParquetModule* (*)()>(found)();
    why = place + " is another library";
  }
  return Error{Code::unsupported, "packages need the module " + std::string(file_name) +
                                      ", which this build or installation lacks (" + why + ")"};
}

}  // namespace

Result<const ParquetModule*> parquet_module() {
  static const Result<const ParquetModule*> module = load();
  return module;
}

}  // namespace vetset
