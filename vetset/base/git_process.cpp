#include "vetset/base/git_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace vetset {
namespace {

/// The environment without what a hook of git says of its own repository, and without anything that would ask a person,
/// a network or a file system monitor.
std::vector<std::string> environment_for_git() {
  std::vector<std::string> result;
  constexpr std::string_view left_out[] = {
      "GIT_DIR=", "GIT_WORK_TREE=", "GIT_INDEX_FILE=", "GIT_PREFIX=", "GIT_NO_LAZY_FETCH=", "LC_ALL=", "LANGUAGE="};
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool out = std::any_of(std::begin(left_out), std::end(left_out),
                                 [&](std::string_view name) { return text.starts_with(name); });
    if (!out) result.emplace_back(text);
  }
  result.insert(result.end(), {"GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"});
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

/// Starts git with these files as its input, output and complaints.
Result<int> start_git(const std::string& folder, const std::vector<std::string>& words, int in, int out, int err) {
  std::vector<std::string> line = {"git", "-C", folder, "-c", "core.fsmonitor=false"};
  line.insert(line.end(), words.begin(), words.end());
  std::vector<std::string> environment = environment_for_git();
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, err, 2);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, "git", &files, nullptr, pointers(line).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  if (failed == ENOENT) return Error{Code::not_found, "needs git, which is not here"};
  if (failed != 0) return Error{Code::io, "git cannot be started: " + errno_text(failed)};
  return int{child};
}

struct Pipe {
  Fd read, write;
};
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return Error{Code::io, "no pipe can be made: " + errno_text(errno)};
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

/// How it ended: its exit status, or -1 where it did not end by itself.
int wait_for(int child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Reads both until both end, so that neither can stop the child.
Result<void> read_both(int out, int err, std::string& output, std::string& complaint) {
  std::array<pollfd, 2> ends{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<std::string*, 2> texts{&output, &complaint};
  std::array<char, 65536> buffer{};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (poll(ends.data(), ends.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return Error{Code::io, "git cannot be heard: " + errno_text(errno)};
    }
    for (std::size_t k = 0; k < ends.size(); ++k) {
      if (ends[k].fd < 0 || ends[k].revents == 0) continue;
      const ssize_t size = read(ends[k].fd, buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0)
        ends[k].fd = -1;
      else
        texts[k]->append(buffer.data(), static_cast<std::size_t>(size));
    }
  }
  return {};
}

/// The first line of what git complained of, without its "fatal: ".
std::string first_complaint(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  for (const std::string_view head : {"fatal: ", "error: "})
    if (text.starts_with(head)) text.remove_prefix(head.size());
  return std::string(text);
}

}  // namespace

Result<std::string> ask_git(const std::string& folder, const std::vector<std::string>& words) {
  VETSET_TRY(Pipe out, make_pipe());
  VETSET_TRY(Pipe err, make_pipe());
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  VETSET_TRY(const int child, start_git(folder, words, nothing.get(), out.write.get(), err.write.get()));
  out.write.close();
  err.write.close();
  std::string output, complaint;
  const auto heard = read_both(out.read.get(), err.read.get(), output, complaint);
  const int status = wait_for(child);
  VETSET_DO(heard);
  if (status != 0) return Error{Code::not_found, "git: " + first_complaint(complaint)};
  return output;
}

GitObjects::~GitObjects() {
  if (child_ < 0) return;
  channel_.close();  // the end of its input is the end of git
  wait_for(child_);
}

Result<void> GitObjects::start() const {
  if (child_ >= 0) return {};
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
    return Error{Code::io, "no channel to git can be made: " + errno_text(errno)};
  channel_ = Fd(ends[0]);
  const Fd other(ends[1]);
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  const Fd nothing(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  VETSET_TRY(child_, start_git(folder_, {"cat-file", "--batch"}, other.get(), other.get(), nothing.get()));
  return {};
}

Result<void> GitObjects::take(char* to, std::size_t size) const {
  const std::size_t kept = std::min(size, ahead_.size());
  std::memcpy(to, ahead_.data(), kept);
  ahead_.erase(0, kept);
  for (std::size_t done = kept; done < size;) {
    const ssize_t got = recv(channel_.get(), to + done, size - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Error{Code::io, "git ended while it was read from"};
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::string> GitObjects::line() const {
  for (;;) {
    if (const std::size_t end = ahead_.find('\n'); end != std::string::npos) {
      std::string line = ahead_.substr(0, end);
      ahead_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = recv(channel_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Error{Code::io, "git ended while it was read from"};
    ahead_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string> GitObjects::read(std::string_view object) const {
  const std::lock_guard held(lock_);
  VETSET_DO(start());
  const std::string question = std::string(object) + "\n";
  for (std::size_t done = 0; done < question.size();) {
    const ssize_t sent = send(channel_.get(), question.data() + done, question.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return Error{Code::io, "git ended while it was asked"};
    done += static_cast<std::size_t>(sent);
  }
  VETSET_TRY(const std::string head, line());  // "<object> blob <size>", or "<object> missing"
  const std::size_t last = head.rfind(' ');
  if (last == std::string::npos || head.find(" blob ") == std::string::npos)
    return Error{Code::not_found, "git has no such file any more: " + head};
  std::size_t size = 0;
  for (const char digit : std::string_view(head).substr(last + 1)) {
    if (digit < '0' || digit > '9') return Error{Code::io, "git answered with '" + head + "'"};
    size = size * 10 + static_cast<std::size_t>(digit - '0');
  }
  std::string bytes(size + 1, '\0');  // a line end follows the bytes
  VETSET_DO(take(bytes.data(), bytes.size()));
  bytes.pop_back();
  return bytes;
}

}  // namespace vetset
