// Writing a tree into a folder.
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <set>

#include "vetset/base/fs.h"
#include "vetset/base/near_folders.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

constexpr std::size_t buffer_size = 1 << 20;
constexpr std::size_t worth_a_write = 1 << 14;  // from here on a copy costs more than a call
constexpr std::uint64_t piece_size = 4 << 20;   // of a copy out of an archive

Error cannot_write(std::string_view path, int number) { return system_error("cannot be written", path, number); }

/// A path as the system takes it, on the stack where it is of a usual length.
class PathText {
 public:
  explicit PathText(std::string_view path) {
    if (path.size() >= sizeof short_)
      long_ = path;
    else
      short_[path.copy(short_, path.size())] = '\0';
  }
  const char* c_str() const { return long_.empty() ? short_ : long_.c_str(); }

 private:
  char short_[256];
  std::string long_;
};

/// Files are created, never opened: what exists is not written to, and a link is not followed.
class FolderWriter final : public TreeWriter {
 public:
  FolderWriter(Fd root, Copies copies) : root_(std::move(root)), copies_(copies) {}

  bool concurrent() const override { return true; }

  Result<void> write(std::string_view path, std::string_view bytes) override {
    VETSET_TRY(Fd fd, create(path));
    return keep(path, std::move(fd), write_all(fd.get(), bytes, path));
  }

  Result<void> begin(std::string_view path) override {
    VETSET_ASSERT(!begun_, "one file is begun at a time");
    VETSET_TRY(begun_, create(path));
    begun_path_ = path;
    buffer_.reserve(buffer_size);
    return {};
  }

  Result<void> append(std::string_view bytes) override {
    VETSET_ASSERT(begun_, "append comes between begin and finish");
    const bool large = bytes.size() >= worth_a_write;
    Result<void> done;
    if (large || buffer_.size() + bytes.size() > buffer_size) done = flush();
    if (done && large) done = write_all(begun_.get(), bytes, begun_path_);
    if (!done) failed_ = done.error();  // `finish` takes the file away
    if (done && !large) buffer_ += bytes;
    return done;
  }

  Result<void> finish() override {
    VETSET_ASSERT(begun_, "finish comes after begin");
    Result<void> flushed = failed_ ? Result<void>(*std::exchange(failed_, std::nullopt)) : flush();
    Fd fd = std::move(begun_);
    return keep(begun_path_, std::move(fd), std::move(flushed));
  }

  Result<void> copy(std::string_view path, const Tree& from, std::string_view from_path) override {
    const std::string source = from.disk_path(from_path);
    if (source.empty()) return copy_pieces(path, from, from_path);
    const Fd in(open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status{};
    if (!in || fstat(in.get(), &status) != 0) return system_error("cannot be opened", from_path, errno);
    if (!S_ISREG(status.st_mode)) return Error{Code::io, "is no longer a file", std::string(from_path)};
    if (copies_ == Copies::linked) return link_file(path, source);
    VETSET_TRY(Fd out, create(path));
    return keep(path, std::move(out),
                copy_file(in.get(), out.get(), static_cast<std::uint64_t>(status.st_size), path, from_path));
  }

 private:
  Result<Fd> create(std::string_view path) {
    if (auto problem = path_problem(path))
      return Error{Code::malformed, "cannot be written: " + *problem, std::string(path)};
    VETSET_DO(make_folders(folder_of(path)));
    Fd fd = near_.open(root_.get(), PathText(path).c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (!fd && errno == EEXIST) return Error{Code::refused, "is written a second time", std::string(path)};
    if (!fd) return cannot_write(path, errno);
    return fd;
  }

  /// The same file under a second name; what cannot be linked is an error, as a copy was not asked for.
  Result<void> link_file(std::string_view path, const std::string& source) {
    if (auto problem = path_problem(path))
      return Error{Code::malformed, "cannot be written: " + *problem, std::string(path)};
    VETSET_DO(make_folders(folder_of(path)));
    if (linkat(AT_FDCWD, source.c_str(), root_.get(), std::string(path).c_str(), 0) == 0) return {};
    if (errno == EEXIST) return Error{Code::refused, "is written a second time", std::string(path)};
    return system_error("cannot be linked to " + source, path, errno);
  }

  /// The mutex guards only what is known to exist.
  Result<void> make_folders(std::string_view folder) {
    if (folder.empty()) return {};
    {
      const std::lock_guard lock(mutex_);
      if (folders_.contains(folder)) return {};
    }
    VETSET_DO(make_folders(folder_of(folder)));
    if (mkdirat(root_.get(), std::string(folder).c_str(), 0777) != 0 && errno != EEXIST)
      return system_error("the folder cannot be made", folder, errno);
    const std::lock_guard lock(mutex_);
    folders_.emplace(folder);
    return {};
  }

  /// Closes a new file, and takes it away again where its writing failed.
  Result<void> keep(std::string_view path, Fd&& fd, Result<void> written) {
    if (!fd.close() && written) written = cannot_write(path, errno);
    if (!written) unlinkat(root_.get(), std::string(path).c_str(), 0);
    return written;
  }

  Result<void> flush() {
    const Result<void> written = write_all(begun_.get(), buffer_, begun_path_);
    buffer_.clear();
    return written;
  }

  Result<void> copy_pieces(std::string_view path, const Tree& from, std::string_view from_path) {
    VETSET_TRY(const std::uint64_t size, from.size(from_path));
    if (size <= piece_size) {
      VETSET_TRY(const Bytes bytes, from.read(from_path));
      return write(path, bytes);
    }
    VETSET_TRY(Fd fd, create(path));
    Result<void> written;
    for (std::uint64_t offset = 0; written && offset < size; offset += piece_size)
      written = append_piece(fd.get(), path, from.read(from_path, {offset, piece_size}));
    return keep(path, std::move(fd), std::move(written));
  }

  static Result<void> append_piece(int fd, std::string_view path, Result<Bytes> piece) {
    if (!piece) return std::move(piece).error();
    return write_all(fd, *piece, path);
  }

  /// By reflink, else inside the kernel, else through memory. What a disk has refused once is not asked for again.
  Result<void> copy_file(int in, int out, std::uint64_t size, std::string_view path, std::string_view from_path) {
    if (size == 0) return {};
    if (reflinks_.load(std::memory_order_relaxed)) {
      if (ioctl(out, FICLONE, in) == 0) return {};
      if (errno == ENOSPC || errno == EDQUOT) return cannot_write(path, errno);
      reflinks_.store(false, std::memory_order_relaxed);
    }
    std::uint64_t done = 0;
    while (done < size && in_kernel_.load(std::memory_order_relaxed)) {
      const ssize_t copied = copy_file_range(in, nullptr, out, nullptr, size - done, 0);
      if (copied > 0) {
        done += static_cast<std::uint64_t>(copied);
      } else if (copied == 0) {
        break;  // cut off, or a file system that lies: reading will tell
      } else if (errno == ENOSPC || errno == EDQUOT || errno == EROFS || errno == EIO) {
        return cannot_write(path, errno);
      } else if (errno != EINTR) {
        in_kernel_.store(false, std::memory_order_relaxed);
      }
    }
    return copy_through_memory(in, out, {done, size - done}, path, from_path);
  }

  static Result<void> copy_through_memory(int in, int out, Range rest, std::string_view path,
                                          std::string_view from_path) {
    if (rest.size == 0) return {};
    const auto buffer = std::make_unique_for_overwrite<char[]>(std::min<std::uint64_t>(rest.size, buffer_size));
    while (rest.size > 0) {
      const std::uint64_t part = std::min<std::uint64_t>(rest.size, buffer_size);
      VETSET_DO(read_at(in, buffer.get(), part, rest.offset, from_path));
      VETSET_DO(write_all(out, {buffer.get(), part}, path));
      rest = {rest.offset + part, rest.size - part};
    }
    return {};
  }

  Fd root_;
  NearFolders near_;
  Copies copies_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> folders_;
  std::atomic<bool> reflinks_ = true;
  std::atomic<bool> in_kernel_ = true;
  Fd begun_;
  std::string begun_path_;
  std::string buffer_;
  std::optional<Error> failed_;  // what an append of the begun file met
};

/// Whether a folder can be read and holds nothing.
bool is_empty_folder(const std::string& path) {
  DIR* stream = opendir(path.c_str());
  if (stream == nullptr) return false;
  bool empty = true;
  while (const dirent* entry = readdir(stream)) {
    const std::string_view name = entry->d_name;
    empty = empty && (name == "." || name == "..");
  }
  closedir(stream);
  return empty;
}

}  // namespace

Result<std::unique_ptr<TreeWriter>> write_folder(const std::string& path) { return write_folder(path, Copies::own); }

Result<std::unique_ptr<TreeWriter>> write_folder(const std::string& path, Copies copies) {
  Fd root(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return system_error("the folder cannot be written to", path, errno);
  if (!is_empty_folder(path)) return Error{Code::refused, "is not empty, expected an empty folder to write to", path};
  return std::unique_ptr<TreeWriter>(std::make_unique<FolderWriter>(std::move(root), copies));
}

}  // namespace vetset
