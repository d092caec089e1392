#include "vetset/base/near_folders.h"

#include <fcntl.h>

#include <cstring>

namespace vetset {

Fd NearFolders::open(int root, const char* path, int flags, unsigned mode) const {
  const char* const slash = std::strrchr(path, '/');
  if (slash == nullptr || slash == path) return open_below(root, path, flags, mode);
  const auto folder = find(root, {path, static_cast<std::size_t>(slash - path)});
  return folder ? open_below(folder->fd.get(), slash + 1, flags, mode) : open_below(root, path, flags, mode);
}

/// Null where it is not open: asked for the first time, or not to be opened, which opening the file itself will tell.
std::shared_ptr<const NearFolders::Folder> NearFolders::find(int root, std::string_view path) const {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& folder : open_)
      if (folder && folder->path == path) return folder;
    if (asked_ != path) return asked_ = path, nullptr;
  }
  auto folder = std::make_shared<Folder>();
  folder->path = path;
  folder->fd = open_below(root, folder->path.c_str(), O_PATH | O_DIRECTORY);
  if (!folder->fd) return nullptr;
  std::shared_ptr<const Folder> closed = folder;  // what it takes the place of, once the lock is given back
  const std::lock_guard lock(mutex_);
  open_[oldest_].swap(closed);
  oldest_ = (oldest_ + 1) % open_.size();
  return folder;
}

}  // namespace vetset
