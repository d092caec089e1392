// Libraries of packages beyond the runtimes: what they need and nobody has, what one process would have twice, what a
// variable puts in another's place.
#include <algorithm>
#include <map>
#include <set>

#include "vetset/base/shell.h"
#include "vetset/runtime/doctor/doctor_case.h"
#include "vetset/runtime/doctor/requirements.h"

namespace vetset {
namespace {

bool is_provider(std::string_view path) { return base_name(path).starts_with("libonnxruntime_providers_"); }

/// Told once a package: the first library of it that needs something which is nowhere, also not in the environment,
/// where packages load their own libraries before.
void check_missing(const DoctorCase& c, const PythonEnvironment& e) {
  c.look("library-missing");
  if (!c.system_known()) return;
  struct Lack {
    std::string path, library;
    std::size_t count = 0;
  };
  std::map<std::string, Lack, std::less<>> lacks;
  std::set<std::string, std::less<>> brought;
  for (const std::string& path : c.libraries(e)) {
    brought.emplace(base_name(path));
    if (const ElfFile* file = c.search.elf(path); file != nullptr && !file->soname.empty())
      brought.insert(file->soname);
  }
  std::set<std::string, std::less<>> runtimes;
  for (const RuntimeFound& r : c.report.runtimes) runtimes.insert(r.library);
  for (const std::string& path : c.libraries(e)) {
    const ElfFile* file = c.search.elf(path);
    if (file == nullptr || is_provider(path) || runtimes.count(path) > 0) continue;
    for (const std::string& name : file->needed) {
      if (brought.count(name) > 0 || name.starts_with("libcuda.so") || name.starts_with("libpython")) continue;
      const bool told = c.machine.libraries && std::find(c.machine.libraries->begin(), c.machine.libraries->end(),
                                                         name) != c.machine.libraries->end();
      if (told || c.search.find(name, path) || !c.elsewhere(name).empty()) continue;
      Lack& lack = lacks[c.package_at(path)];
      if (lack.count++ == 0) lack = {path, name, 1};
      break;
    }
  }
  for (const auto& [package, lack] : lacks) {
    const std::string debian = system_package_of_library(lack.library), pip = package_of_library(lack.library, 12);
    const std::string several =
        lack.count > 1 ? " (" + std::to_string(lack.count) + " of its libraries lack something)" : "";
    c.add(DoctorGrade::degraded, "library-missing", lack.path,
          package + " has parts that cannot be loaded: " + std::string(base_name(lack.path)) + " needs " +
              lack.library + ", which is nowhere " + std::string(c.here()) + several,
          !pip.empty()      ? "pip install " + shell_word(pip)
          : !debian.empty() ? "apt-get install " + debian
                            : "pip uninstall " + shell_word(package));
  }
}

/// Protocol buffers register their messages by name: two copies whose symbols are visible end a process in a crash.
void check_protobuf(const DoctorCase& c, const PythonEnvironment& e) {
  c.look("protobuf-twice");
  std::map<std::string, std::string, std::less<>> owners;  // package, its library
  for (const std::string& path : c.libraries(e)) {
    const ElfFile* file = c.search.elf(path);
    if (file == nullptr || !file->dynamic || owners.count(c.package_at(path)) > 0) continue;
    const auto bytes = c.files.read(path);
    bool exports = false;
    if (bytes)
      each_elf_symbol(bytes->text(), [&](std::string_view name, bool defined) {
        exports = defined && (name.starts_with("_ZN6google8protobuf8internal26fixed_address_empty_stringE") ||
                              name.starts_with("_ZN6google8protobuf11MessageLite") ||
                              name.starts_with("_ZN6google8protobuf14DescriptorPool"));
        return !exports;
      });
    if (exports) owners.emplace(c.package_at(path), path);
  }
  if (owners.size() < 2) return;
  std::string names;
  for (const auto& [package, path] : owners)
    names += (names.empty() ? "" : " and ") + package + " (" + std::string(base_name(path)) + ")";
  c.add(DoctorGrade::degraded, "protobuf-twice", owners.begin()->second,
        names +
            " each export their own protobuf: in one process the second one crashes or reads with the first one's code",
        "pip install -U " + shell_word(owners.rbegin()->first));
}

/// LD_LIBRARY_PATH comes before RUNPATH: a library in it takes the place of the one that a wheel brought.
void check_shadows(const DoctorCase& c) {
  c.look("library-shadowed");
  if (c.search.library_path().empty()) return;
  const LibrarySearch without(c.files, {});
  std::set<std::string, std::less<>> told;
  for (const RuntimeFound& runtime : c.report.runtimes) {
    std::vector<std::string> objects{runtime.library};
    for (const ProviderState& p : runtime.providers)
      if (!p.file.empty()) objects.push_back(p.file);
    for (const std::string& object : objects)
      for (const NeededLibrary& one : c.search.closure(object)) {
        if (!one.found || one.found->by != FoundLibrary::By::environment) continue;
        const auto own = without.find(one.name, one.needed_by);
        if (!own || own->path == one.found->path || !told.insert(one.name).second) continue;
        c.add(DoctorGrade::degraded, "library-shadowed", one.found->path,
              "LD_LIBRARY_PATH puts " + one.found->path + " in the place of " + own->path + " (by " +
                  std::string(name(own->by)) + "), which " + std::string(base_name(one.needed_by)) + " would take",
              "unset LD_LIBRARY_PATH");
      }
  }
}

}  // namespace

void check_libraries(const DoctorCase& c) {
  for (const PythonEnvironment& e : c.report.environments) {
    check_missing(c, e);
    check_protobuf(c, e);
  }
  check_shadows(c);
  c.look("loader-cache");
  if (!c.search.cache_problem().empty())
    c.add(DoctorGrade::degraded, "loader-cache", "/etc/ld.so.cache", "the loader's cache " + c.search.cache_problem(),
          "ldconfig");
}

}  // namespace vetset
