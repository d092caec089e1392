#include "cli/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vetset::cli {
namespace {

/// The first line that a descriptor gives, without its end.
Result<std::string> line_from(int fd) {
  std::string line;
  char c = 0;
  for (;;) {
    const ssize_t got = read(fd, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::io, "cannot read the passphrase: " + std::string(std::strerror(errno))};
    if (got == 0 || c == '\n') return line;
    line += c;
    if (line.size() > 4096) return Error{Code::usage, "expected a passphrase of at most 4096 bytes"};
  }
}

/// Asks on the terminal itself, without showing what is typed.
Result<std::string> ask(const std::string& question) {
  const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (tty < 0)
    return Error{Code::usage, "the key needs a passphrase and there is no terminal to ask on: use --passphrase-fd"};
  termios before{};
  tcgetattr(tty, &before);
  termios silent = before;
  silent.c_lflag &= static_cast<tcflag_t>(~static_cast<tcflag_t>(ECHO));
  tcsetattr(tty, TCSAFLUSH, &silent);
  [[maybe_unused]] const ssize_t asked = write(tty, question.data(), question.size());
  auto line = line_from(tty);
  tcsetattr(tty, TCSAFLUSH, &before);
  [[maybe_unused]] const ssize_t ended = write(tty, "\n", 1);
  close(tty);
  return line;
}

}  // namespace

Result<std::string> passphrase_for(const std::string& key_path, int fd) {
  if (fd >= 0) return line_from(fd);
  const int file = open(key_path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Error{Code::io, std::strerror(errno), key_path};
  char head[64] = {};
  [[maybe_unused]] const ssize_t got = read(file, head, sizeof head - 1);
  close(file);
  if (std::strstr(head, "ENCRYPTED") == nullptr) return std::string();
  return ask("passphrase of " + key_path + ": ");
}

Result<std::string> new_passphrase(int fd) {
  if (fd >= 0) return line_from(fd);
  if (isatty(STDIN_FILENO) == 0) return std::string();
  VETSET_TRY(std::string first, ask("passphrase of the new key (empty: none): "));
  if (first.empty()) return first;
  VETSET_TRY(const std::string second, ask("once more: "));
  if (first != second) return Error{Code::usage, "the two passphrases differ"};
  return first;
}

}  // namespace vetset::cli
