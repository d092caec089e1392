// What the folder tree, the folder writer and publication ask of the system. For files of this room only.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "vetset/base/result.h"
#include "vetset/base/tree.h"

namespace vetset {

/// An open file, closed at the end of its life.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  /// Closes now, and says whether the system could keep what was written.
  bool close();
  /// Gives the file to someone else to close.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// "No space left on device", in no language but this one.
std::string errno_text(int number);

/// An Error from errno: "cannot be opened: Permission denied", with the path as its file.
Error system_error(std::string what, std::string_view path, int number);

/// Opens a path below a folder; no part of it may be a link, so that a path checked once stays below.
Fd open_below(int folder, const char* path, int flags, unsigned mode = 0);

/// `size` bytes at `offset` of an open file. Fewer are an error: the file was cut off while it was read.
Result<void> read_at(int fd, char* data, std::uint64_t size, std::uint64_t offset, std::string_view path);

/// How files of another folder come into one that is written.
enum class Copies : std::uint8_t { own, linked };
/// As `write_folder`; `linked` gives files that lie on a disk a second name in place of a copy.
Result<std::unique_ptr<TreeWriter>> write_folder(const std::string& path, Copies copies);

/// Writes all of it, at the file's own position.
Result<void> write_all(int fd, std::string_view bytes, std::string_view path);

/// Room for `size` bytes, or Code::limit where memory has none.
Result<Bytes> make_bytes(std::uint64_t size, char*& data, std::string_view path);

/// Cuts a range off at the end of a file of `size` bytes.
Range within(Range range, std::uint64_t size);

/// "there is no such file in street.zip"
Error no_such_file(std::string_view path, std::string_view tree);

}  // namespace vetset
