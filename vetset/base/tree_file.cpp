// One file on the disk as a tree that lists nothing else, but finds what lies around it by name.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "vetset/base/fs.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

class FileTree final : public Tree {
 public:
  FileTree(Fd root, std::string root_path, std::string file, std::string name)
      : root_(std::move(root)), root_path_(std::move(root_path)), file_(std::move(file)), name_(std::move(name)) {
    paths_[0] = file_;
  }

  /// Asks each folder once: a document may name 100,000 images that are not there.
  bool contains(std::string_view path) const override {
    if (path == file_) return true;
    if (path_problem(path)) return false;
    {
      const std::lock_guard lock(mutex_);
      const std::string folder(folder_of(path));
      auto known = folders_.find(folder);
      if (known == folders_.end()) known = folders_.emplace(folder, names_in(folder)).first;
      if (!known->second.contains(std::string(base_name(path)))) return false;
    }
    return bool(size(path));
  }
  std::span<const TreeProblem> problems() const override { return {}; }
  std::string_view name() const override { return name_; }
  std::string disk_path(std::string_view path) const override { return root_path_ + '/' + std::string(path); }

  Result<std::uint64_t> size(std::string_view path) const override {
    VETSET_TRY(const Fd file, open_below(path));
    return size_of(file, path);
  }

  Result<Bytes> read(std::string_view path, Range range) const override {
    VETSET_TRY(const Fd file, open_below(path));
    VETSET_TRY(const std::uint64_t whole, size_of(file, path));
    range = within(range, whole);
    char* data = nullptr;
    VETSET_TRY(Bytes bytes, make_bytes(range.size, data, path));
    VETSET_DO(read_at(file.get(), data, range.size, range.offset, path));
    return bytes;
  }

 private:
  std::span<const std::string_view> paths() const override { return paths_; }

  /// What lies in a folder, by name.
  std::unordered_set<std::string> names_in(const std::string& folder) const {
    std::unordered_set<std::string> names;
    auto opened = open_below(folder.empty() ? "." : folder, O_DIRECTORY);
    if (!opened) return names;
    DIR* entries = fdopendir(opened->get());
    if (entries == nullptr) return names;
    opened->release();
    while (const dirent* entry = readdir(entries)) names.insert(entry->d_name);
    closedir(entries);
    return names;
  }

  /// Opens a file that lies below the root, whatever links say.
  Result<Fd> open_below(std::string_view path, std::uint64_t more_flags = 0) const {
    const std::string text(path);
    if (const auto problem = path_problem(path); problem && path != ".")
      return Error{Code::not_found, "the path " + *problem, text};
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | more_flags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    Fd file(static_cast<int>(syscall(SYS_openat2, root_.get(), text.c_str(), &how, sizeof how)));
    if (file.get() < 0 && errno == ENOSYS)  // before Linux 5.6: no links at the end; the folders are the user's own
      file = Fd(openat(root_.get(), text.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    if (file.get() < 0) {
      const bool absent = errno == ENOENT || errno == ENOTDIR;
      return Error{absent ? Code::not_found : Code::io, absent ? std::string("no such file") : errno_text(errno), text};
    }
    return file;
  }

  static Result<std::uint64_t> size_of(const Fd& file, std::string_view path) {
    struct stat seen{};
    if (fstat(file.get(), &seen) != 0) return Error{Code::io, errno_text(errno), std::string(path)};
    if (!S_ISREG(seen.st_mode)) return Error{Code::not_found, "is not a file", std::string(path)};
    return static_cast<std::uint64_t>(seen.st_size);
  }

  Fd root_;
  std::string root_path_, file_, name_;
  std::string_view paths_[1];
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, std::unordered_set<std::string>> folders_;  // under mutex_
};

}  // namespace

Result<std::unique_ptr<Tree>> open_file(const std::string& path, unsigned levels) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::canonical(path, failed);
  if (failed)
    return Error{failed == std::errc::no_such_file_or_directory ? Code::not_found : Code::io, failed.message(), path};
  std::filesystem::path root = whole.parent_path();
  for (unsigned i = 0; i < levels && root.has_relative_path(); ++i) root = root.parent_path();
  Fd folder(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return Error{Code::io, errno_text(errno), root.string()};
  auto tree = std::make_unique<FileTree>(std::move(folder), root.string(),
                                         whole.lexically_relative(root).generic_string(), whole.filename().string());
  VETSET_TRY([[maybe_unused]] const std::uint64_t readable, tree->size(tree->list()[0]));
  return std::unique_ptr<Tree>(std::move(tree));
}

}  // namespace vetset
