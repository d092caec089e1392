// A tree of named byte strings: a folder, an archive, or memory. Formats read and write trees, never the disk, so the
// same reader serves files, packages, tests and fuzzers.
//
// Paths are relative, UTF-8, '/'-separated, without "." or "..". A tree refuses what would leave it or cannot be held
// (links out of the tree, "..", absolute names, devices, two members of one name) and says so in `problems`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/limits.h"
#include "vetset/base/result.h"

namespace vetset {

/// Bytes read from a tree: mapped or owned, always followed by `padding` readable bytes. Moves, never copies.
class Bytes {
 public:
  static constexpr std::size_t padding = 64;

  Bytes() = default;
  /// Takes a string and pads it.
  static Bytes from(std::string text);
  /// `size` bytes that are the caller's to fill through `data`, and zeros as padding.
  static Bytes make(std::size_t size, char*& data);
  /// `size` bytes at `data`, kept alive by `owner`; the padding must be readable.
  Bytes(std::shared_ptr<const void> owner, const char* data, std::size_t size)
      : owner_(std::move(owner)), data_(data), size_(size) {}

  std::string_view text() const { return {data_, size_}; }
  operator std::string_view() const { return text(); }
  const char* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  static constexpr char nothing_[padding] = {};

  std::shared_ptr<const void> owner_;
  const char* data_ = nothing_;
  std::size_t size_ = 0;
};

/// Part of a file: `size` bytes from `offset`, cut off at its end.
struct Range {
  std::uint64_t offset = 0;
  std::uint64_t size = ~std::uint64_t{0};
};

/// A member that a tree will not show, and why: "links/a.jpg", "is a link out of the tree (/etc/passwd)".
struct TreeProblem {
  /// What kind of thing it is. The member_ kinds are of archives; an empty folder is told only to an audit.
  enum class Kind : std::uint8_t {
    name,
    link,
    device,
    unreadable,
    empty_folder,
    member_name,
    member_type,
    member_twice,
    archive_damage,
  };
  std::string path;
  std::string what;
  Kind kind = Kind::name;
};

/// What was learned of a file by reading it from its beginning to its end.
struct ReadThrough {
  std::uint64_t size = 0;
  std::uint64_t links = 1;  // names that it has on the disk
  bool changed = false;     // while it was read
};

/// Something that holds files.
class Tree {
 public:
  virtual ~Tree() = default;

  /// All paths that begin with `prefix`, sorted by their bytes. The views live as long as the tree.
  std::span<const std::string_view> list(std::string_view prefix = {}) const;
  /// Whether there is such a file. A tree of one file (open_file) also knows files that it does not list.
  virtual bool contains(std::string_view path) const;
  /// Whether any path lies below `folder` (given without a final '/').
  bool has_folder(std::string_view folder) const;
  /// What this tree refused to show, sorted by path.
  virtual std::span<const TreeProblem> problems() const = 0;

  virtual Result<std::uint64_t> size(std::string_view path) const = 0;
  virtual Result<Bytes> read(std::string_view path, Range range = {}) const = 0;
  /// Reads a file from its beginning to its end, opened once, and hands its bytes on in pieces, each of which lives
  /// until the next.
  virtual Result<ReadThrough> read_through(std::string_view path,
                                           const std::function<void(std::string_view)>& piece) const;

  /// What to call this tree in a message: "street.zip", "exports/street", "(memory)".
  virtual std::string_view name() const = 0;
  /// The file's place on the disk where it has one, so that it can be copied by reflink; empty otherwise.
  virtual std::string disk_path(std::string_view path) const;

 protected:
  /// Sorted by bytes, unique. Set once before the tree is shown to anyone.
  virtual std::span<const std::string_view> paths() const = 0;
};

/// Something that takes files. Each path is written once; folders come by themselves.
class TreeWriter {
 public:
  virtual ~TreeWriter() = default;
  virtual Result<void> write(std::string_view path, std::string_view bytes) = 0;
  /// A file written piece by piece, for what does not fit in memory. `finish` must be called.
  virtual Result<void> begin(std::string_view path) = 0;
  virtual Result<void> append(std::string_view bytes) = 0;
  virtual Result<void> finish() = 0;
  /// Copies a file as it is, by reflink where the disk can.
  virtual Result<void> copy(std::string_view path, const Tree& from, std::string_view from_path) = 0;
  /// Whether several threads may call `write` and `copy` at once.
  virtual bool concurrent() const { return false; }
};

/// Both, in memory. Not for several threads at once while written.
class MemoryTree final : public Tree, public TreeWriter {
 public:
  MemoryTree() = default;
  MemoryTree(std::initializer_list<std::pair<const std::string, std::string>> files);
  MemoryTree(const MemoryTree&) = delete;
  MemoryTree& operator=(const MemoryTree&) = delete;
  MemoryTree(MemoryTree&&) = default;
  MemoryTree& operator=(MemoryTree&&) = default;

  std::span<const TreeProblem> problems() const override { return problems_; }
  Result<std::uint64_t> size(std::string_view path) const override;
  Result<Bytes> read(std::string_view path, Range range = {}) const override;
  std::string_view name() const override { return "(memory)"; }

  Result<void> write(std::string_view path, std::string_view bytes) override;
  Result<void> begin(std::string_view path) override;
  Result<void> append(std::string_view bytes) override;
  Result<void> finish() override;
  Result<void> copy(std::string_view path, const Tree& from, std::string_view from_path) override;
  /// Puts a file in place of what was there; for tests that tamper.
  void replace(std::string_view path, std::string_view bytes);
  void remove(std::string_view path);

 private:
  std::span<const std::string_view> paths() const override;

  std::map<std::string, std::string, std::less<>> files_;
  std::vector<TreeProblem> problems_;
  mutable std::vector<std::string_view> paths_;  // rebuilt from files_ when stale_
  mutable bool stale_ = true;
  std::string open_;  // the path between begin and finish
};

struct TreeOptions {
  Limits limits = {};
  bool step_in = true;  // an archive's or folder's single top folder becomes the root (archives only)
  bool audit = false;   // no link is followed; links, empty folders and bytes of an archive that belong to no member
                        // are problems
};

/// A folder on the disk. Hidden tool folders (".git", "__MACOSX", ".vetset") and files (".DS_Store") are listed too:
/// it is the reader who looks away.
Result<std::unique_ptr<Tree>> open_folder(const std::string& path, const TreeOptions& = {});
/// A zip file, members read at random.
Result<std::unique_ptr<Tree>> open_zip(const std::string& path, const TreeOptions& = {});
/// An uncompressed tar file (ustar, pax, GNU long names), members read at random.
Result<std::unique_ptr<Tree>> open_tar(const std::string& path, const TreeOptions& = {});
/// The same over bytes in memory, for members of archives, tests and fuzzers.
Result<std::unique_ptr<Tree>> open_zip_bytes(Bytes bytes, std::string_view name, const TreeOptions& = {});
Result<std::unique_ptr<Tree>> open_tar_bytes(Bytes bytes, std::string_view name, const TreeOptions& = {});
/// A tar file that lies in a tree, which must outlive it: only what is asked for is read.
Result<std::unique_ptr<Tree>> open_tar_in(const Tree& tree, std::string_view path, const TreeOptions& = {});
/// One file and, unlisted, what lies beside and below it: `path` in the folder `levels` above it. For an annotation
/// file whose images may be anywhere around, in a folder too large to walk.
Result<std::unique_ptr<Tree>> open_file(const std::string& path, unsigned levels = 0);
/// Folder, zip or tar, by what is there. A single file that is no archive is an error: the façade knows what to do.
Result<std::unique_ptr<Tree>> open_tree(const std::string& path, const TreeOptions& = {});

/// Writes into an existing, empty folder, below which nothing can be reached by a crafted path. Several threads may
/// write at once.
Result<std::unique_ptr<TreeWriter>> write_folder(const std::string& path);

/// Why `path` cannot be a member of a tree, or nothing where it can: empty, absolute, "..", '\\', NUL, control
/// characters, not UTF-8.
std::optional<std::string> path_problem(std::string_view path);

/// Whether a path begins at a drive of another system: "C:/a", "D:\\a".
bool has_drive(std::string_view path);

// Parts of a path, as views into it.
std::string_view base_name(std::string_view path);                      // "a/b.c.jpg" → "b.c.jpg"
std::string_view folder_of(std::string_view path);                      // "a/b.c.jpg" → "a"; no '/' → ""
std::string_view stem_of(std::string_view path);                        // "a/b.c.jpg" → "b.c"
std::string_view extension_of(std::string_view path);                   // "a/b.c.JPG" → "JPG"; none → ""
std::string join_path(std::string_view folder, std::string_view rest);  // "" joins to rest

}  // namespace vetset
