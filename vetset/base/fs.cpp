#include "vetset/base/fs.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>

namespace vetset {

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

bool Fd::close() { return ::close(std::exchange(fd_, -1)) == 0; }

std::string errno_text(int number) {
  const char* text = strerrordesc_np(number);
  return text != nullptr ? text : "error " + std::to_string(number);
}

Error system_error(std::string what, std::string_view path, int number) {
  const Code code = number == ENOENT || number == ENOTDIR ? Code::not_found : Code::io;
  return {code, std::move(what) + ": " + errno_text(number), std::string(path)};
}

Fd open_below(int folder, const char* path, int flags, unsigned mode) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.mode = mode;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // Without links only these lead out of the folder, and to be kept below it costs a lock of the whole machine.
  if (path[0] == '/' || std::strstr(path, "..") != nullptr) how.resolve |= RESOLVE_BENEATH;
  for (;;) {
    const long fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
    if (fd >= 0) return Fd(static_cast<int>(fd));
    if (errno == EINTR || errno == EAGAIN) continue;
    if (errno != ENOSYS && errno != EPERM) return Fd();
    // A kernel before 5.6, or a sandbox that does not know the call: only the last part is kept from being a link.
    return Fd(openat(folder, path, flags | O_CLOEXEC | O_NOFOLLOW, mode));
  }
}

Result<void> read_at(int fd, char* data, std::uint64_t size, std::uint64_t offset, std::string_view path) {
  while (size > 0) {
    const ssize_t got = pread(fd, data, std::min<std::uint64_t>(size, 1U << 30), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot be read", path, errno);
    if (got == 0) return Error{Code::io, "became shorter while it was read", std::string(path)};
    data += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<void> write_all(int fd, std::string_view bytes, std::string_view path) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), std::min<std::size_t>(bytes.size(), 1U << 30));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("cannot be written", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<Bytes> make_bytes(std::uint64_t size, char*& data, std::string_view path) {
  try {
    if (size < std::numeric_limits<std::size_t>::max() / 4) return Bytes::make(size, data);
  } catch (const std::bad_alloc&) {
  }
  return Error{Code::limit, "needs " + std::to_string(size) + " bytes of memory, which are not there",
               std::string(path)};
}

Range within(Range range, std::uint64_t size) {
  const std::uint64_t begin = std::min(range.offset, size);
  return {begin, std::min(range.size, size - begin)};
}

Error no_such_file(std::string_view path, std::string_view tree) {
  return {Code::not_found, "there is no such file in " + std::string(tree), std::string(path)};
}

}  // namespace vetset
