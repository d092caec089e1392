// Output that appears all at once: written in a hidden folder beside its target, flushed, then renamed. A crash, a full
// disk or Ctrl-C leaves what was there before.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "vetset/base/tree.h"

namespace vetset {

struct StagingOptions {
  bool replace = false;  // put the new folder in the place of one that holds something
  bool link = false;     // hard links in place of copies of files
};

/// A folder that is not there yet. What is not published when it ends is removed.
class Staging {
 public:
  /// For a target that does not exist or is an empty folder (or any folder, with `replace`); the folder that will hold
  /// it must exist.
  static Result<Staging> make(const std::string& target, const StagingOptions& = {});
  /// Whether `make` would take the target; for those who have work to do before.
  static Result<void> check(const std::string& target, const StagingOptions& = {});
  Staging(Staging&&) noexcept;
  Staging& operator=(Staging&&) = delete;
  ~Staging();

  /// Takes the files. Lives as long as the staging.
  TreeWriter& writer() { return *writer_; }
  /// What is written so far, as a tree that can be read back.
  Result<std::unique_ptr<Tree>> tree(const TreeOptions& = {}) const;
  /// Where the files are until they are published, and where they will be.
  const std::string& path() const { return path_; }
  const std::string& target() const { return target_; }

  /// Asks the disk to keep everything written, in one call for all files.
  Result<void> flush() const;
  /// Flushes, and gives the folder its name. Afterwards nothing is left to write to. It can fail with the folder in its
  /// place, where the system cannot promise that it is there after a power cut.
  Result<void> publish();
  bool is_published() const { return path_.empty(); }

 private:
  Staging() = default;
  Result<void> rename_to_target() const;

  std::string target_;
  std::string path_;  // empty once published
  bool replace_ = false;
  std::unique_ptr<TreeWriter> writer_;
};

/// A file that is written and flushed, and has not got its name yet. What is not published when it ends is removed. So
/// that everything that can fail for want of space has been done when several files and a folder appear together.
class PendingFile {
 public:
  /// Until then it lies hidden beside its target; or, where the folder around `waits_beside` is on the same disk and
  /// may be written, there: for a target within a folder that shows a stranger what lies in it.
  static Result<PendingFile> write(const std::string& path, std::string_view bytes,
                                   const std::string& waits_beside = {});
  PendingFile(PendingFile&&) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();
  /// Gives the file its name, in place of what was there.
  Result<void> publish();

 private:
  PendingFile() = default;
  std::string path_, target_, folder_;  // path_ empty once published
};

/// Writes a file whole or not at all, in place of what was there.
Result<void> write_file_atomically(const std::string& path, std::string_view bytes);

/// Removes what runs that were killed left hidden beside a target. Staging and PendingFile do so themselves; for those
/// who list the folder around the target first.
void remove_remains(const std::string& target);

/// Bytes that this user may still write on the disk that holds `path`, or would hold it.
Result<std::uint64_t> free_bytes(const std::string& path);

}  // namespace vetset
