#include "vetset/runtime/doctor/root_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "vetset/base/fs.h"

namespace vetset {
namespace {

constexpr std::size_t most_links = 40;         // as Linux
constexpr std::size_t longest_text = 1 << 20;  // of /proc and settings
constexpr std::size_t most_names = 200'000;    // in one folder

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

std::vector<std::string> parts(std::string_view text, char sign) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(sign), text.size());
    if (end > 0) all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

RootFiles::RootFiles(std::string root) : root_(std::move(root)) {
  while (!root_.empty() && root_.back() == '/') root_.pop_back();
}

std::optional<std::string> RootFiles::real(std::string_view path) const {
  std::vector<std::string> left = parts(path, '/'), done;
  std::reverse(left.begin(), left.end());
  const auto here = [&] {
    std::string all;
    for (const std::string& part : done) all += '/' + part;
    return all;
  };
  for (std::size_t links = 0; !left.empty();) {
    const std::string part = std::move(left.back());
    left.pop_back();
    if (part == ".") continue;
    if (part == "..") {
      if (!done.empty()) done.pop_back();
      continue;
    }
    done.push_back(part);
    const std::string on_disk = root_ + here();
    struct stat s = {};
    if (::lstat(on_disk.c_str(), &s) != 0) return std::nullopt;
    if (!S_ISLNK(s.st_mode)) continue;
    char target[4096];
    const ssize_t size = ::readlink(on_disk.c_str(), target, sizeof target);
    if (size <= 0 || static_cast<std::size_t>(size) == sizeof target || ++links > most_links) return std::nullopt;
    const std::string_view text(target, static_cast<std::size_t>(size));
    if (text.front() == '/')
      done.clear();
    else
      done.pop_back();
    std::vector<std::string> more = parts(text, '/');
    left.insert(left.end(), std::make_move_iterator(more.rbegin()), std::make_move_iterator(more.rend()));
    if (left.size() + done.size() > 4096) return std::nullopt;
  }
  return done.empty() ? std::string("/") : here();
}

bool RootFiles::is_file(std::string_view path) const {
  const auto found = real(path);
  struct stat s = {};
  return found && ::stat((root_ + *found).c_str(), &s) == 0 && S_ISREG(s.st_mode);
}

bool RootFiles::is_folder(std::string_view path) const {
  const auto found = real(path);
  struct stat s = {};
  return found && ::stat((root_ + *found).c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}

std::vector<std::string> RootFiles::names(std::string_view folder) const {
  std::vector<std::string> all;
  const auto found = real(folder);
  if (!found) return all;
  std::error_code failed;
  for (std::filesystem::directory_iterator it(root_ + *found, failed), end; !failed && it != end;
       it.increment(failed)) {
    all.push_back(it->path().filename().string());
    if (all.size() >= most_names) break;
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string RootFiles::text(std::string_view path) const {
  std::string out;
  const auto found = real(path);
  if (!found) return out;
  struct stat s = {};
  const std::string on_disk = root_ + *found;
  if (::stat(on_disk.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return out;
  const Fd fd(::open(on_disk.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  char piece[1 << 14];
  while (fd && out.size() < longest_text) {
    const ssize_t size = ::read(fd.get(), piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    out.append(piece, static_cast<std::size_t>(size));
  }
  return out;
}

std::string RootFiles::line(std::string_view path) const {
  const std::string all = text(path);
  return std::string(trimmed(std::string_view(all).substr(0, all.find('\n'))));
}

Result<Bytes> RootFiles::read(std::string_view path) const {
  const auto found = real(path);
  if (!found || *found == "/") return Error{Code::not_found, "there is no such file", std::string(path)};
  VETSET_TRY(const auto tree, open_file(root_ + *found));
  return tree->read(base_name(*found));
}

}  // namespace vetset
