// A tree by what is there: a folder, or an archive known by its first bytes.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "vetset/base/fs.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

using namespace std::string_view_literals;

/// Archives and packed files that people have, but that are not read as they are.
struct Packed {
  std::string_view magic;
  std::string_view what;
};
constexpr Packed packed[] = {
    {"\x1F\x8B"sv, "a gzip file (.gz, .tgz)"},
    {"\xFD"
     "7zXZ\0"sv,
     "an xz file (.xz)"},
    {"\x28\xB5\x2F\xFD"sv, "a zstd file (.zst)"},
    {"BZh"sv, "a bzip2 file (.bz2)"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7-zip archive"},
    {"Rar!\x1A\x07"sv, "a RAR archive"},
};

bool is_zip(std::string_view head) {
  return head.starts_with("PK\x03\x04"sv) || head.starts_with("PK\x05\x06"sv) || head.starts_with("PK\x06\x06"sv);
}

bool is_tar(std::string_view head) { return head.size() == 512 && head.substr(257, 5) == "ustar"; }

}  // namespace

Result<std::unique_ptr<Tree>> open_tree(const std::string& path, const TreeOptions& options) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return Error{Code::not_found, "there is no such file or folder", path};
    return system_error("cannot be opened", path, errno);
  }
  if (S_ISDIR(status.st_mode)) return open_folder(path, options);
  if (!S_ISREG(status.st_mode))
    return Error{Code::unsupported, "is a pipe, a socket or a device, expected a folder, a zip or a tar file", path};
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return system_error("cannot be opened", path, errno);
  std::array<char, 512> bytes;
  const ssize_t got = pread(fd.get(), bytes.data(), bytes.size(), 0);
  if (got < 0) return system_error("cannot be read", path, errno);
  const std::string_view head(bytes.data(), static_cast<std::size_t>(got));
  if (is_zip(head)) return open_zip(path, options);
  if (is_tar(head)) return open_tar(path, options);
  for (const Packed& kind : packed)
    if (head.starts_with(kind.magic))
      return Error{Code::unsupported, "is " + std::string(kind.what) + ": unpack it first, or pack it as zip or tar",
                   path};
  return Error{Code::unsupported,
               head.empty() ? "is an empty file, expected a folder, a zip or a tar file"
                            : "is a single file, expected a folder, a zip or a tar file",
               path};
}

}  // namespace vetset
