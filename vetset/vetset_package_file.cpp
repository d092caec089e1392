#include "vetset/vetset_package_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "vetset/base/fs.h"
#include "vetset/base/tar_write.h"
#include "vetset/package/manifest.h"

namespace vetset {
namespace {

/// What stands first in a package of one file: whoever reads it as a stream has all but the images before them.
int rank(std::string_view path) {
  if (path == paths_of(Form::directory).manifest) return 0;
  if (path.starts_with("tables/")) return 2;
  if (path.starts_with(paths_of(Form::directory).attestations)) return 3;
  return path.starts_with("media/") ? 4 : 1;
}

Result<void> write_members(const Tree& tree, int file, const std::string& name, const Progress& progress) {
  constexpr std::uint64_t piece = 8 << 20;
  std::vector<std::string_view> paths(tree.list().begin(), tree.list().end());
  std::stable_sort(paths.begin(), paths.end(),
                   [](std::string_view a, std::string_view b) { return rank(a) < rank(b); });
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (progress.stopped()) return Error{Code::cancelled, "stopped"};
    progress.tell("writing " + name, i, paths.size());
    VETSET_TRY(const std::uint64_t size, tree.size(paths[i]));
    VETSET_TRY(const std::string header, tar_header(paths[i], size));
    VETSET_DO(write_all(file, header, name));
    for (std::uint64_t at = 0; at < size; at += piece) {
      VETSET_TRY(const Bytes bytes, tree.read(paths[i], {.offset = at, .size = piece}));
      VETSET_DO(write_all(file, bytes, name));
    }
    VETSET_DO(write_all(file, tar_padding(size), name));
  }
  return write_all(file, tar_end(), name);
}

}  // namespace

Result<std::uint64_t> write_package_file(const Tree& tree, const std::string& target, const Progress& progress) {
  const std::filesystem::path place(target);  // hidden, and named so that remove_remains finds it
  const std::string unfinished =
      (place.parent_path() / ("." + place.filename().string() + ".vetset-" + std::to_string(getpid()) + "-0")).string();
  Fd file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return system_error("cannot be made", unfinished, errno);
  Result<void> done = write_members(tree, file.get(), target, progress);
  struct stat seen{};
  if (done && (fsync(file.get()) != 0 || fstat(file.get(), &seen) != 0 || !file.close() ||
               std::rename(unfinished.c_str(), target.c_str()) != 0))
    done = system_error("cannot be written", target, errno);
  if (!done) {
    std::remove(unfinished.c_str());
    return done.error();
  }
  return static_cast<std::uint64_t>(seen.st_size);
}

}  // namespace vetset
