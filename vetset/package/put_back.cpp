#include "vetset/package/put_back.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "vetset/base/publish.h"
#include "vetset/base/tree.h"

namespace vetset {

Result<PutBack> PutBack::open(const std::string& folder) {
  Fd root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return system_error("the folder cannot be opened", folder, errno);
  return PutBack(folder, std::move(root));
}

PutBack::~PutBack() {
  for (const Waiting& file : waiting_) take_away(file);
}

void PutBack::take_away(const Waiting& file) const {
  if (const auto folder = open_folder_of(file.folder, false)) unlinkat(folder->get(), file.temporary.c_str(), 0);
}

Result<Fd> PutBack::open_folder_of(std::string_view folder, bool make) const {
  constexpr int flags = O_RDONLY | O_DIRECTORY;
  if (folder.empty()) {
    Fd root(fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
    if (!root) return system_error("the folder cannot be opened", folder_, errno);
    return root;
  }
  Fd fd = open_below(root_.get(), std::string(folder).c_str(), flags);
  if (fd) return fd;
  if (errno == ELOOP || errno == ENOTDIR)
    return Error{Code::refused, "the folder " + std::string(folder) + " is a link or a file now", std::string(folder)};
  if (errno != ENOENT || !make) return system_error("the folder cannot be opened", folder, errno);
  VETSET_TRY(const Fd parent, open_folder_of(folder_of(folder), make));
  if (mkdirat(parent.get(), std::string(base_name(folder)).c_str(), 0777) != 0 && errno != EEXIST)
    return system_error("the folder cannot be made", folder, errno);
  fd = open_below(root_.get(), std::string(folder).c_str(), flags);
  if (!fd) return system_error("the folder cannot be opened", folder, errno);
  return fd;
}

Result<void> PutBack::write(const std::string& path, std::string_view bytes) {
  VETSET_TRY(const Fd folder, open_folder_of(folder_of(path), true));
  const std::string name(base_name(path));
  struct stat there{};
  const bool stands = fstatat(folder.get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0;
  if (stands && S_ISDIR(there.st_mode)) return Error{Code::refused, "a folder is in its place", path};
  remove_remains(folder_ + "/" + path);  // of a run that was killed
  const std::string temporary =
      "." + name + ".vetset-" + std::to_string(getpid()) + "-" + std::to_string(waiting_.size());
  Fd file(openat(folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file) return system_error("cannot be written", path, errno);
  waiting_.push_back({std::string(folder_of(path)), temporary, name});
  VETSET_DO(write_all(file.get(), bytes, path));
  struct stat made{};
  if (stands && S_ISREG(there.st_mode) && fstat(file.get(), &made) == 0 &&
      (made.st_mode & 0777) != (there.st_mode & 0777) && fchmod(file.get(), there.st_mode & 0777) != 0)
    return system_error("its rights cannot be set", path, errno);
  if (!file.close()) return system_error("cannot be written", path, errno);
  return {};
}

Result<void> PutBack::publish() {
  if (waiting_.empty()) return {};
  if (syncfs(root_.get()) != 0) return system_error("cannot be flushed to disk", folder_, errno);
  while (!waiting_.empty()) {
    const Waiting& file = waiting_.back();
    VETSET_TRY(const Fd folder, open_folder_of(file.folder, false));
    if (renameat2(folder.get(), file.temporary.c_str(), folder.get(), file.name.c_str(), 0) != 0)
      return system_error("cannot be given its name", join_path(file.folder, file.name), errno);
    waiting_.pop_back();
  }
  if (syncfs(root_.get()) != 0) return system_error("cannot be flushed to disk", folder_, errno);
  return {};
}

Result<void> PutBack::remove(const std::string& path) {
  {
    VETSET_TRY(const Fd folder, open_folder_of(folder_of(path), false));
    if (unlinkat(folder.get(), std::string(base_name(path)).c_str(), 0) != 0 && errno != ENOENT)
      return system_error("cannot be removed", path, errno);
  }
  for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder)) {
    const auto parent = open_folder_of(folder_of(folder), false);
    if (!parent || unlinkat(parent->get(), std::string(base_name(folder)).c_str(), AT_REMOVEDIR) != 0) break;
  }
  return {};
}

}  // namespace vetset
