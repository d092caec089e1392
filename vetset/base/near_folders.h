// Files below a folder, opened from the folder they lie in: a walk from the root for each of 100,000 neighbours is a
// tenth of what opening them costs. Keeps a few folders open, those that were last asked for twice in a row.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "vetset/base/fs.h"

namespace vetset {

class NearFolders {
 public:
  /// As `open_below(root, path, …)`; may be called by many threads. `root` must stay open.
  Fd open(int root, const char* path, int flags, unsigned mode = 0) const;

 private:
  struct Folder {
    std::string path;
    Fd fd;
  };
  std::shared_ptr<const Folder> find(int root, std::string_view path) const;

  /// Guards which folders are open, not what is done in them. One of the few outside pool.cpp: trees and their writers
  /// are shared by threads, and what they keep open is their own affair.
  mutable std::mutex mutex_;
  mutable std::array<std::shared_ptr<const Folder>, 4> open_;
  mutable std::size_t oldest_ = 0;
  mutable std::string asked_;  // for last, and not open
};

}  // namespace vetset
