#include "vetset/package/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>

#include "vetset/base/fs.h"

namespace vetset {

Result<std::string> read_key_file(const std::string& path, std::uint64_t limit) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return system_error("cannot be opened", path, errno);
  struct stat seen{};
  if (fstat(file.get(), &seen) != 0 || !S_ISREG(seen.st_mode)) return Error{Code::not_found, "is not a file", path};
  if (static_cast<std::uint64_t>(seen.st_size) > limit)
    return Error{Code::limit, "expected a file of at most " + std::to_string(limit) + " bytes", path};
  std::string text(static_cast<std::size_t>(seen.st_size), '\0');
  VETSET_DO(read_at(file.get(), text.data(), text.size(), 0, path));
  return text;
}

Result<std::string> read_private_key(const std::string& path) {
  VETSET_TRY(std::string text, read_key_file(path));
  if (text.find("BEGIN PUBLIC KEY") != std::string::npos)
    return Error{Code::usage, "is a public key; expected the private one, which signs", path};
  struct stat seen{};
  if (stat(path.c_str(), &seen) == 0 && (seen.st_mode & 077) != 0)
    return Error{Code::usage, "others can read this private key; expected mode 0600 ('chmod 600 " + path + "')", path};
  return text;
}

Result<std::vector<PublicKey>> read_public_keys(const std::vector<std::string>& paths) {
  std::vector<PublicKey> keys;
  for (const std::string& path : paths) {
    VETSET_TRY(const std::string pem, read_key_file(path));
    auto key = read_public_key(pem);
    if (!key) return std::move(key).error().in(path);
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace vetset
