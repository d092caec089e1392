#include "vetset/base/publish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "vetset/base/fs.h"

namespace vetset {
namespace {

/// A path on the disk, taken apart: "out/street/" → "out", "street".
struct Place {
  std::string parent;
  std::string name;
  std::string whole() const { return parent == "/" ? parent + name : parent + '/' + name; }
};

Place place_of(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

/// Where a target really lies, so that a link, "." and ".." are replaced by what they stand for.
std::string resolved(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::canonical(path, failed);
  return failed ? path : real.string();
}

/// What every temporary name of a target begins with: ".street.vetset-".
std::string temporary_prefix(const Place& target) { return '.' + target.name + ".vetset-"; }

/// Hidden, beside the target, and of this process alone: ".street.vetset-4711-0".
std::string temporary_name(const Place& target) {
  static std::atomic<unsigned> count = 0;
  return Place{target.parent, temporary_prefix(target) + std::to_string(getpid()) + '-' + std::to_string(count++)}
      .whole();
}

void remove_everything(const std::string& path) {
  std::error_code ignored;  // what cannot be removed stays, hidden, with our name on it
  std::filesystem::remove_all(path, ignored);
}

/// Which process a temporary name of a target belongs to; 0 where it is none of its names.
pid_t owner_of(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return 0;
  name.remove_prefix(prefix.size());
  pid_t owner = 0;
  const char* const end = name.data() + name.size();
  const auto [dash, failed] = std::from_chars(name.data(), end, owner);
  if (failed != std::errc() || dash == end || *dash != '-' || owner <= 0) return 0;
  unsigned number = 0;
  const auto [rest, wrong] = std::from_chars(dash + 1, end, number);
  return wrong == std::errc() && rest == end ? owner : 0;
}

/// What processes that were killed left beside a target. A process that lives keeps its own, and so does one of another
/// machine or container as far as its number is taken here too.
void remove_orphans(const Place& target) {
  const std::string prefix = temporary_prefix(target);
  std::vector<std::string> orphans;
  std::error_code ignored;
  for (std::filesystem::directory_iterator at(target.parent, ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    const std::string name = at->path().filename().string();
    const pid_t owner = owner_of(name, prefix);
    if (owner != 0 && owner != getpid() && kill(owner, 0) != 0 && errno == ESRCH) orphans.push_back(name);
  }
  for (const std::string& name : orphans) remove_everything(Place{target.parent, name}.whole());
}

/// Where a file waits for its name: beside a folder that it goes into, if it can be renamed from there.
Place waiting_place(const Place& target, const std::string& beside) {
  if (beside.empty()) return target;
  const Place outer = place_of(resolved(beside));
  struct stat there{}, here{};
  const bool can = stat(outer.parent.c_str(), &there) == 0 && stat(target.parent.c_str(), &here) == 0 &&
                   there.st_dev == here.st_dev && access(outer.parent.c_str(), W_OK | X_OK) == 0;
  return can ? outer : target;
}

Result<void> flush_folder(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) return system_error("the folder cannot be flushed to disk", path, errno);
  return {};
}

/// Refuses what would be lost if the target were replaced.
Result<void> check_target(const std::string& target, const StagingOptions& options) {
  struct stat status{};
  if (stat(target.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return system_error("cannot be written to", target, errno);
  }
  if (!S_ISDIR(status.st_mode)) return Error{Code::refused, "is a file, expected a folder or nothing", target};
  std::error_code failed;
  const bool empty = std::filesystem::is_empty(target, failed);
  if (failed) return system_error("the folder cannot be read", target, failed.value());
  if (!empty && !options.replace) return Error{Code::refused, "is a folder that holds files already", target};
  return {};
}

}  // namespace

Result<void> Staging::check(const std::string& target, const StagingOptions& options) {
  if (target.empty()) return Error{Code::usage, "the name of the folder to write is empty"};
  return check_target(target, options);
}

Result<Staging> Staging::make(const std::string& target, const StagingOptions& options) {
  VETSET_DO(check(target, options));
  const Place place = place_of(resolved(target));
  struct stat status{};
  if (stat(place.parent.c_str(), &status) != 0)
    return system_error("the folder that is to hold " + place.name + " cannot be used", place.parent, errno);
  Staging staging;
  staging.target_ = place.whole();
  staging.replace_ = options.replace;
  remove_orphans(place);
  std::string path = temporary_name(place);
  while (mkdir(path.c_str(), 0777) != 0) {
    if (errno != EEXIST) return system_error("no folder can be made here to write " + place.name, place.parent, errno);
    path = temporary_name(place);
  }
  staging.path_ = std::move(path);
  VETSET_TRY(staging.writer_, write_folder(staging.path_, options.link ? Copies::linked : Copies::own));
  return staging;
}

Staging::Staging(Staging&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::exchange(other.path_, {})),
      replace_(other.replace_),
      writer_(std::move(other.writer_)) {}

Staging::~Staging() {
  writer_.reset();
  if (!path_.empty()) remove_everything(path_);
}

Result<std::unique_ptr<Tree>> Staging::tree(const TreeOptions& options) const { return open_folder(path_, options); }

Result<void> Staging::flush() const {
  const Fd fd(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || syncfs(fd.get()) != 0) return system_error("cannot be flushed to disk", path_, errno);
  return {};
}

Result<void> Staging::publish() {
  VETSET_ASSERT(!path_.empty(), "a staging is published once");
  VETSET_DO(flush());
  VETSET_DO(rename_to_target());
  writer_.reset();
  path_.clear();
  return flush_folder(place_of(target_).parent);
}

Result<void> Staging::rename_to_target() const {
  // Takes the place of nothing or of an empty folder; the system refuses where somebody has put files there since.
  if (rename(path_.c_str(), target_.c_str()) == 0) return {};
  if (errno != ENOTEMPTY && errno != EEXIST)
    return system_error("the finished folder cannot be given its name", target_, errno);
  if (!replace_) return Error{Code::refused, "was filled by somebody else meanwhile", target_};
  if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) {
    remove_everything(path_);  // now the old one
    return {};
  }
  // A disk that cannot exchange two names in one step.
  const std::string aside = temporary_name(place_of(target_));
  if (rename(target_.c_str(), aside.c_str()) != 0)
    return system_error("the old folder cannot be put aside", target_, errno);
  if (rename(path_.c_str(), target_.c_str()) != 0) {
    const int number = errno;
    if (rename(aside.c_str(), target_.c_str()) != 0)
      return system_error("the old folder is now " + aside + "; the new one cannot be given its name", target_, number);
    return system_error("the finished folder cannot be given its name", target_, number);
  }
  remove_everything(aside);
  return {};
}

Result<PendingFile> PendingFile::write(const std::string& path, std::string_view bytes,
                                       const std::string& waits_beside) {
  const Place place = place_of(resolved(path));
  const Place waits = waiting_place(place, waits_beside);
  PendingFile file;
  file.target_ = place.whole();
  file.folder_ = place.parent;
  remove_orphans(waits);
  std::string temporary = temporary_name(waits);
  Fd fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!fd) return system_error("cannot be written", path, errno);
  file.path_ = std::move(temporary);
  VETSET_DO(write_all(fd.get(), bytes, path));
  if (fsync(fd.get()) != 0) return system_error("cannot be flushed to disk", path, errno);
  if (!fd.close()) return system_error("cannot be written", path, errno);
  return file;
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), target_(std::move(other.target_)), folder_(std::move(other.folder_)) {}

PendingFile::~PendingFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

Result<void> PendingFile::publish() {
  VETSET_ASSERT(!path_.empty(), "a file is published once");
  if (rename(path_.c_str(), target_.c_str()) != 0) return system_error("cannot be written", target_, errno);
  path_.clear();
  return flush_folder(folder_);
}

Result<void> write_file_atomically(const std::string& path, std::string_view bytes) {
  VETSET_TRY(PendingFile file, PendingFile::write(path, bytes));
  return file.publish();
}

void remove_remains(const std::string& target) { remove_orphans(place_of(resolved(target))); }

Result<std::uint64_t> free_bytes(const std::string& path) {
  std::string existing = path.empty() ? "." : path;
  struct statvfs disk{};
  while (statvfs(existing.c_str(), &disk) != 0) {
    const std::string parent = place_of(existing).parent;
    if (errno != ENOENT || parent == existing) return system_error("free space is not known", path, errno);
    existing = parent;
  }
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

}  // namespace vetset
