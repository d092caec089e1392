// A writer that remembers what passed through it: how many files and bytes, and the digest of each file that was
// written rather than copied. So a proof need not read 100,000 label files once more to name them.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "vetset/base/tree.h"
#include "vetset/dataset/statement.h"

namespace vetset {

class RecordingWriter final : public TreeWriter {
 public:
  /// Writes to `out`, which must outlive it.
  explicit RecordingWriter(TreeWriter& out) : out_(out) {}
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;
  ~RecordingWriter() override;

  Result<void> write(std::string_view path, std::string_view bytes) override;
  Result<void> begin(std::string_view path) override;
  Result<void> append(std::string_view bytes) override;
  Result<void> finish() override;
  Result<void> copy(std::string_view path, const Tree& from, std::string_view from_path) override;
  bool concurrent() const override { return out_.concurrent(); }

  std::uint64_t files() const { return files_.load(); }
  std::uint64_t bytes() const { return bytes_.load(); }
  /// What was written, by path. Afterwards nothing of it is left here.
  std::vector<FileDigest> take_digests();

 private:
  /// Writers on several threads push here without a lock; the order is made when the list is taken.
  struct Node {
    FileDigest file;
    Node* next;
  };
  void record(FileDigest file);

  TreeWriter& out_;
  std::atomic<Node*> head_{nullptr};
  std::atomic<std::uint64_t> files_{0}, bytes_{0};
  FileDigest open_;  // between begin and finish
  Sha256 hash_;
};

}  // namespace vetset
