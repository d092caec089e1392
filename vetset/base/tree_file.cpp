// One file on the disk as a tree that lists nothing else, but finds what lies around it by name.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "vetset/base/tree.h"

namespace vetset {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

class FileTree final : public Tree {
 public:
  FileTree(Descriptor root, std::string root_path, std::string file, std::string name)
      : root_(std::move(root)), root_path_(std::move(root_path)), file_(std::move(file)), name_(std::move(name)) {
    paths_[0] = file_;
  }

  bool contains(std::string_view path) const override { return path == file_ || bool(size(path)); }
  std::span<const TreeProblem> problems() const override { return {}; }
  std::string_view name() const override { return name_; }
  std::string disk_path(std::string_view path) const override { return root_path_ + '/' + std::string(path); }

  Result<std::uint64_t> size(std::string_view path) const override {
    VETSET_TRY(const Descriptor file, open_below(path));
    return size_of(file, path);
  }

  Result<Bytes> read(std::string_view path, Range range) const override {
    VETSET_TRY(const Descriptor file, open_below(path));
    VETSET_TRY(const std::uint64_t whole, size_of(file, path));
    const std::uint64_t from = std::min(range.offset, whole);
    const auto wanted = static_cast<std::size_t>(std::min(range.size, whole - from));
    auto buffer = std::shared_ptr<char[]>(new char[wanted + Bytes::padding]);
    std::size_t have = 0;
    while (have < wanted) {
      const ssize_t got = pread(file.fd(), buffer.get() + have, wanted - have, static_cast<off_t>(from + have));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0)
        return Error{Code::io, got < 0 ? std::strerror(errno) : "the file became shorter while it was read",
                     std::string(path)};
      have += static_cast<std::size_t>(got);
    }
    std::memset(buffer.get() + wanted, 0, Bytes::padding);
    const char* data = buffer.get();
    return Bytes(std::shared_ptr<const void>(std::move(buffer)), data, wanted);
  }

 private:
  std::span<const std::string_view> paths() const override { return paths_; }

  /// Opens a regular file that lies below the root, whatever links say.
  Result<Descriptor> open_below(std::string_view path) const {
    const std::string text(path);
    if (const auto problem = path_problem(path)) return Error{Code::not_found, "the path " + *problem, text};
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    Descriptor file(static_cast<int>(syscall(SYS_openat2, root_.fd(), text.c_str(), &how, sizeof how)));
    if (file.fd() < 0 && errno == ENOSYS)  // before Linux 5.6: no links at the end; the folders are the user's own
      file = Descriptor(openat(root_.fd(), text.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    if (file.fd() < 0) {
      const bool absent = errno == ENOENT || errno == ENOTDIR;
      return Error{absent ? Code::not_found : Code::io, absent ? "no such file" : std::strerror(errno), text};
    }
    return file;
  }

  static Result<std::uint64_t> size_of(const Descriptor& file, std::string_view path) {
    struct stat seen{};
    if (fstat(file.fd(), &seen) != 0) return Error{Code::io, std::strerror(errno), std::string(path)};
    if (!S_ISREG(seen.st_mode)) return Error{Code::not_found, "is not a file", std::string(path)};
    return static_cast<std::uint64_t>(seen.st_size);
  }

  Descriptor root_;
  std::string root_path_, file_, name_;
  std::string_view paths_[1];
};

}  // namespace

Result<std::unique_ptr<Tree>> open_file(const std::string& path, unsigned levels) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::canonical(path, failed);
  if (failed)
    return Error{failed == std::errc::no_such_file_or_directory ? Code::not_found : Code::io, failed.message(), path};
  std::filesystem::path root = whole.parent_path();
  for (unsigned i = 0; i < levels && root.has_relative_path(); ++i) root = root.parent_path();
  Descriptor folder(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd() < 0) return Error{Code::io, std::strerror(errno), root.string()};
  auto tree = std::make_unique<FileTree>(std::move(folder), root.string(),
                                         whole.lexically_relative(root).generic_string(), whole.filename().string());
  VETSET_TRY([[maybe_unused]] const std::uint64_t readable, tree->size(tree->list()[0]));
  return std::unique_ptr<Tree>(std::move(tree));
}

}  // namespace vetset
