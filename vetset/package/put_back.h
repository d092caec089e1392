// Replacing files below a folder: each is written whole beside its place, flushed, and only then given its name. No
// part of a path may be a link, so that nothing outside the folder is reached.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/fs.h"
#include "vetset/base/result.h"

namespace vetset {

class PutBack {
 public:
  /// Below an existing folder. What is written and not published when it ends is removed.
  static Result<PutBack> open(const std::string& folder);
  PutBack(PutBack&&) noexcept = default;
  PutBack& operator=(PutBack&&) = delete;
  ~PutBack();

  /// Writes a file beside its place, and makes the folders that it needs. What stands in its place is untouched, and
  /// its rights are taken over where it is a file. `name` is put_back's own, below the folder.
  Result<void> write(const std::string& path, std::string_view bytes);
  /// How many files wait for their names.
  std::size_t waiting() const { return waiting_.size(); }
  /// Flushes what was written, and gives every file its name. The first that cannot have it ends that.
  Result<void> publish();
  /// Removes a file, and the folders that are empty then.
  Result<void> remove(const std::string& path);

 private:
  struct Waiting {
    std::string folder, temporary, name;
  };
  explicit PutBack(std::string folder, Fd root) : folder_(std::move(folder)), root_(std::move(root)) {}
  Result<Fd> open_folder_of(std::string_view folder, bool make) const;
  void take_away(const Waiting& file) const;

  std::string folder_;
  Fd root_;
  std::vector<Waiting> waiting_;
};

}  // namespace vetset
