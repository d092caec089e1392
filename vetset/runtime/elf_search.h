// Finds shared libraries as glibc's loader does, without loading any: RPATH, LD_LIBRARY_PATH, RUNPATH, ld.so.cache, the
// system's folders. Works for another machine's root.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/runtime/doctor/root_files.h"
#include "vetset/runtime/elf_file.h"

namespace vetset {

/// One library of ld.so.cache.
struct CachedLibrary {
  std::string name, path;
  ElfMachine machine = ElfMachine::other;
};
/// The form of glibc 2.2 and newer, also behind the older one. Damaged: an error.
Result<std::vector<CachedLibrary>> read_ld_cache(std::string_view bytes);

/// A library that an object asks for, and where it was found.
struct FoundLibrary {
  enum class By : std::uint8_t { path, rpath, environment, runpath, cache, system };
  std::string path;
  By by = By::system;
};
std::string_view name(FoundLibrary::By);

/// One link of a closure.
struct NeededLibrary {
  std::string name;       // as it is asked for: "libcudnn.so.9"
  std::string needed_by;  // path of the first object that asks
  std::optional<FoundLibrary> found;
};

class LibrarySearch {
 public:
  /// `library_path`: what LD_LIBRARY_PATH holds, cut into folders. `files` must outlive it.
  LibrarySearch(const RootFiles& files, std::vector<std::string> library_path);

  /// An object by its path, read once; null where it is none.
  const ElfFile* elf(const std::string& path) const;
  /// Where the loader finds a name for an object; `rpaths`: of the objects that brought it in.
  std::optional<FoundLibrary> find(const std::string& name, const std::string& object,
                                   const std::vector<std::string>& rpaths = {}) const;
  /// All that an object needs, and what that needs, in the order of the loader; each name once.
  std::vector<NeededLibrary> closure(const std::string& object) const;
  /// Paths of all files of that name prefix in a folder of the search (LD_LIBRARY_PATH, cache, system).
  std::vector<std::string> like(std::string_view prefix) const;
  const std::vector<std::string>& library_path() const { return library_path_; }
  /// Why ld.so.cache could not be read; empty where it could, and where there is none.
  const std::string& cache_problem() const { return cache_problem_; }

 private:
  std::optional<FoundLibrary> in(const std::vector<std::string>& folders, const std::string& name, ElfMachine machine,
                                 const std::string& origin, FoundLibrary::By by) const;
  bool fits(const std::string& path, ElfMachine machine) const;

  const RootFiles& files_;
  std::vector<std::string> library_path_;
  std::vector<std::string> system_;
  std::vector<CachedLibrary> cache_;
  std::string cache_problem_;
  mutable std::map<std::string, std::unique_ptr<ElfFile>, std::less<>> read_;
};

}  // namespace vetset
