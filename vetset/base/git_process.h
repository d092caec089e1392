// Running git: one question and its answer, or a running `cat-file` that hands out objects. For files of this room
// only.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/fs.h"
#include "vetset/base/result.h"

namespace vetset {

/// What git writes when it is called so in a folder. Where it fails, the error holds what it says.
Result<std::string> ask_git(const std::string& folder, const std::vector<std::string>& words);

/// `git cat-file --batch`: objects one by one. Several threads may ask; they wait for each other.
class GitObjects {
 public:
  explicit GitObjects(std::string folder) : folder_(std::move(folder)) {}
  ~GitObjects();
  GitObjects(const GitObjects&) = delete;
  GitObjects& operator=(const GitObjects&) = delete;

  Result<std::string> read(std::string_view object) const;

 private:
  Result<void> start() const;
  Result<void> take(char* to, std::size_t size) const;
  Result<std::string> line() const;

  std::string folder_;
  mutable std::mutex lock_;
  mutable Fd channel_;  // both ways
  mutable int child_ = -1;
  mutable std::string ahead_;  // read and not taken yet
};

}  // namespace vetset
