// A folder on the disk as a tree. It is walked once, without a stat per file; files are opened as they are read.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>

#include "vetset/base/fs.h"
#include "vetset/base/near_folders.h"
#include "vetset/base/sort_names.h"
#include "vetset/base/sort_runs.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

/// Keeps the text of many paths in few blocks, where it does not move. A NUL stands before and behind each.
class Arena {
 public:
  std::string_view keep(std::string_view text) {
    if (text.size() >= left_) {
      const std::size_t size = std::max(block_size, text.size() + 2);
      blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
      free_ = blocks_.back().text.get();
      *free_++ = '\0';
      left_ = size - 1;
    }
    char* kept = free_;
    std::memcpy(kept, text.data(), text.size());
    kept[text.size()] = '\0';
    free_ += text.size() + 1;
    left_ -= text.size() + 1;
    return {kept, text.size()};
  }

  /// To be called once all is kept.
  void seal() {
    std::sort(blocks_.begin(), blocks_.end(), [](const Block& a, const Block& b) { return a.text < b.text; });
  }
  /// Whether the view is one that `keep` gave: known by where it lies, without a look at any other.
  bool gave(std::string_view view) const {
    const std::less<const char*> before;
    const auto above = std::upper_bound(blocks_.begin(), blocks_.end(), view.data(),
                                        [&](const char* at, const Block& b) { return before(at, b.text.get()); });
    if (above == blocks_.begin()) return false;
    const Block& block = *(above - 1);
    const char* const end = block.text.get() + block.size;
    if (!before(block.text.get(), view.data()) || !before(view.data(), end)) return false;
    return view.size() < static_cast<std::size_t>(end - view.data()) && view.data()[-1] == '\0' &&
           view.data()[view.size()] == '\0';
  }

 private:
  static constexpr std::size_t block_size = 256 * 1024;
  struct Block {
    std::unique_ptr<char[]> text;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  char* free_ = nullptr;
  std::size_t left_ = 0;
};

/// What a walk finds.
struct Listing {
  Arena arena;
  std::vector<std::string_view> paths;  // sorted by bytes
  std::map<std::string_view, std::string, std::less<>>
      targets;  // what is reached through a link → where it really lies
  std::vector<TreeProblem> problems;
};

/// realpath(3) as a string; empty where there is nothing, with errno set.
std::string real_path(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) != nullptr ? resolved : std::string();
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

/// One walk over a folder. Links are followed where they stay inside it, but never by an audit. A folder that is
/// reached through a link is not left by another link to a folder, so links cannot make a finite folder endless.
class Walk {
 public:
  Walk(int root, std::string root_path, const TreeOptions& options, Listing& out)
      : root_(root), root_path_(std::move(root_path)), limits_(options.limits), audit_(options.audit), out_(out) {}

  Result<void> run() {
    waiting_.push_back({});
    while (!waiting_.empty()) {
      const Folder folder = std::move(waiting_.back());
      waiting_.pop_back();
      VETSET_DO(enter(folder));
    }
    sort_runs(out_.paths.begin(), out_.paths.end(), std::less<>());
    out_.arena.seal();
    std::sort(out_.problems.begin(), out_.problems.end(),
              [](const TreeProblem& a, const TreeProblem& b) { return a.path < b.path; });
    return {};
  }

 private:
  struct Folder {
    std::string path;   // as the tree shows it; "" is the root
    std::string place;  // where it lies, from the root; the same but below a link
    bool linked = false;
  };
  enum class Type { file, folder, link, other, gone };
  using Kind = TreeProblem::Kind;

  Result<void> enter(const Folder& folder) {
    Fd fd = open_below(root_, folder.place.empty() ? "." : folder.place.c_str(), O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (!fd && folder.path.empty()) return system_error("the folder cannot be read", root_path_, errno);
    if (!fd)
      return problem(folder.path, "is a folder that cannot be read: " + errno_text(errno), Kind::unreadable),
             Result<void>();
    const std::unique_ptr<DIR, CloseFolder> stream(fdopendir(fd.get()));
    if (!stream) return system_error("the folder cannot be read", folder.path, errno);
    fd.release();  // closed with the stream
    path_ = folder.path.empty() ? std::string() : folder.path + '/';
    const std::size_t prefix = path_.size(), first = out_.paths.size();
    for (bool empty = true;;) {
      errno = 0;
      const dirent* entry = readdir(stream.get());
      if (entry == nullptr && errno == 0) {
        sort_names(std::span(out_.paths).subspan(first), prefix);
        if (empty && audit_ && !folder.path.empty()) problem(folder.path, "is an empty folder", Kind::empty_folder);
        return {};
      }
      if (entry == nullptr) return system_error("the folder cannot be read to its end", folder.path, errno);
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      empty = false;
      path_.resize(prefix);
      path_ += name;
      VETSET_DO(meet(folder, *entry));
    }
  }

  /// Takes up the entry at path_.
  Result<void> meet(const Folder& folder, const dirent& entry) {
    if (auto why = path_problem(path_)) return problem(path_, std::move(*why), Kind::name), Result<void>();
    if (out_.paths.size() >= limits_.members)
      return Error{Code::limit, "holds more than " + std::to_string(limits_.members) + " files", root_path_};
    switch (type_of(entry, folder)) {
      case Type::file: add_file(folder.linked ? join_path(folder.place, entry.d_name) : std::string()); break;
      case Type::folder: waiting_.push_back({path_, join_path(folder.place, entry.d_name), folder.linked}); break;
      case Type::link: follow(folder, join_path(folder.place, entry.d_name)); break;
      case Type::other:
        problem(path_, "is neither a file nor a folder but a pipe, a socket or a device", Kind::device);
        break;
      case Type::gone: problem(path_, "was removed while the folder was read", Kind::unreadable); break;
    }
    return {};
  }

  Type type_of(const dirent& entry, const Folder& folder) const {
    switch (entry.d_type) {
      case DT_REG: return Type::file;
      case DT_DIR: return Type::folder;
      case DT_LNK: return Type::link;
      case DT_UNKNOWN: break;  // some file systems do not say
      default: return Type::other;
    }
    struct stat status{};
    if (fstatat(root_, join_path(folder.place, entry.d_name).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return Type::gone;
    if (S_ISLNK(status.st_mode)) return Type::link;
    return type_of(status);
  }

  static Type type_of(const struct stat& status) {
    if (S_ISREG(status.st_mode)) return Type::file;
    return S_ISDIR(status.st_mode) ? Type::folder : Type::other;
  }

  void follow(const Folder& folder, const std::string& place) {
    const auto refuse = [&](std::string what) { problem(path_, std::move(what), Kind::link); };
    const std::string target = real_path(root_path_ + '/' + place);
    if (target.empty()) return refuse("is a link that leads nowhere: " + errno_text(errno));
    if (target != root_path_ && !target.starts_with(root_path_ == "/" ? root_path_ : root_path_ + '/'))
      return refuse("is a link out of the folder (to " + printable(target) + ")");
    if (audit_) return refuse("is a link (to " + printable(target.substr(root_path_.size())) + ")");
    struct stat status{};
    if (lstat(target.c_str(), &status) != 0) return refuse("is a link that leads nowhere: " + errno_text(errno));
    std::string inside = target == root_path_ ? std::string() : target.substr(root_path_.size() + (root_path_ != "/"));
    switch (type_of(status)) {
      case Type::file: return add_file(std::move(inside));
      case Type::folder: break;
      default: return refuse("is a link to a pipe, a socket or a device");
    }
    if (inside.empty() || place.starts_with(inside + '/')) return refuse("is a link to a folder that holds it");
    if (folder.linked) return refuse("is a link to a folder, inside a folder that is reached through a link");
    waiting_.push_back({path_, std::move(inside), true});
  }

  void add_file(std::string target) {
    const std::string_view kept = out_.arena.keep(path_);
    out_.paths.push_back(kept);
    if (!target.empty()) out_.targets.emplace(kept, std::move(target));
  }

  void problem(std::string_view path, std::string what, Kind kind) {
    out_.problems.push_back({printable(path), std::move(what), kind});
  }

  int root_;
  std::string root_path_;
  const Limits& limits_;
  bool audit_;
  Listing& out_;
  std::vector<Folder> waiting_;
  std::string path_;  // of the entry being looked at
};

/// A file that is read by ranges, kept open from one range to the next.
struct OpenFile {
  std::string_view path;
  Fd fd;
  struct stat status{};
};

bool same_time(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

bool same_content(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && same_time(a.st_mtim, b.st_mtim);
}

class FolderTree final : public Tree {
 public:
  FolderTree(std::string name, std::string real, Fd root, Listing listing)
      : name_(std::move(name)), real_(std::move(real)), root_(std::move(root)), listing_(std::move(listing)) {}

  std::span<const TreeProblem> problems() const override { return listing_.problems; }
  std::string_view name() const override { return name_; }

  Result<std::uint64_t> size(std::string_view path) const override {
    std::string buffer;
    const char* const place = place_of(path, buffer);
    if (place == nullptr) return no_such_file(path, name_);
    struct stat status{};
    if (fstatat(root_.get(), place, &status, AT_SYMLINK_NOFOLLOW) != 0)
      return system_error("cannot be found any more", path, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<Bytes> read(std::string_view path, Range range) const override {
    if (range.offset == 0 && range.size == Range{}.size) return read_whole(path);
    bool opened = false;
    VETSET_TRY(const std::shared_ptr<const OpenFile> file, open_for_ranges(path, range.offset == 0, opened));
    if (!opened) VETSET_DO(check_unchanged(*file));
    const Range part = within(range, static_cast<std::uint64_t>(file->status.st_size));
    char* data = nullptr;
    VETSET_TRY(Bytes bytes, make_bytes(part.size, data, path));
    VETSET_DO(read_at(file->fd.get(), data, part.size, part.offset, path));
    return bytes;
  }

  Result<ReadThrough> read_through(std::string_view path,
                                   const std::function<void(std::string_view)>& piece) const override {
    VETSET_TRY(const Fd fd, open_file(path));
    struct stat before{}, after{};
    VETSET_DO(look_at(fd, path, before));
    const auto size = static_cast<std::uint64_t>(before.st_size);
    ReadThrough seen;
    char buffer[1 << 16];
    while (seen.size < size) {
      const ssize_t got = pread(fd.get(), buffer, sizeof buffer, static_cast<off_t>(seen.size));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error("cannot be read", path, errno);
      if (got == 0) break;
      piece({buffer, static_cast<std::size_t>(got)});
      seen.size += static_cast<std::uint64_t>(got);
    }
    VETSET_DO(look_at(fd, path, after));
    seen.links = after.st_nlink;
    seen.changed = seen.size != size || !same_content(before, after) || !same_time(before.st_ctim, after.st_ctim);
    return seen;
  }

  bool contains(std::string_view path) const override { return listing_.arena.gave(path) || Tree::contains(path); }

  std::string disk_path(std::string_view path) const override {
    std::string buffer;
    const char* const place = place_of(path, buffer);
    return place != nullptr ? join_path(real_, place) : std::string();
  }

 private:
  std::span<const std::string_view> paths() const override { return listing_.paths; }

  /// Where a file of this tree lies, from the root, with links resolved when the folder was walked; null for what is
  /// none. `buffer` may come to hold it.
  const char* place_of(std::string_view path, std::string& buffer) const {
    const bool ours = listing_.arena.gave(path);
    if (!ours && !Tree::contains(path)) return nullptr;
    if (!listing_.targets.empty())
      if (const auto target = listing_.targets.find(path); target != listing_.targets.end())
        return target->second.c_str();
    if (ours) return path.data();
    buffer = path;
    return buffer.c_str();
  }

  Result<Fd> open_file(std::string_view path) const {
    std::string buffer;
    const char* const place = place_of(path, buffer);
    if (place == nullptr) return no_such_file(path, name_);
    Fd fd = near_.open(root_.get(), place, O_RDONLY | O_NONBLOCK);
    if (!fd) return system_error("cannot be opened", path, errno);
    return fd;
  }

  static Result<void> look_at(const Fd& fd, std::string_view path, struct stat& status) {
    if (fstat(fd.get(), &status) != 0) return system_error("cannot be read", path, errno);
    if (!S_ISREG(status.st_mode)) return Error{Code::io, "is no longer a file", std::string(path)};
    return {};
  }

  /// A file that ends within its first page comes as one: it is not asked for its size.
  Result<Bytes> read_whole(std::string_view path) const {
    VETSET_TRY(const Fd fd, open_file(path));
    char page[4096];
    const ssize_t got = pread(fd.get(), page, sizeof page, 0);
    const std::size_t begun = got > 0 ? static_cast<std::size_t>(got) : 0;
    std::uint64_t size = begun;
    if (begun == 0 || begun == sizeof page) {
      struct stat status{};
      VETSET_DO(look_at(fd, path, status));
      size = static_cast<std::uint64_t>(status.st_size);
    }
    char* data = nullptr;
    VETSET_TRY(Bytes bytes, make_bytes(size, data, path));
    const std::size_t known = std::min<std::uint64_t>(begun, size);
    std::memcpy(data, page, known);
    VETSET_DO(read_at(fd.get(), data + known, size - known, known, path));
    return bytes;
  }

  static Result<void> check_unchanged(const OpenFile& file) {
    struct stat now{};
    if (fstat(file.fd.get(), &now) != 0) return system_error("cannot be read", file.path, errno);
    if (!same_content(file.status, now))
      return Error{Code::io, "was changed while it was read", std::string(file.path)};
    return {};
  }

  /// A range from the start opens the file anew: what follows it must be of the same content.
  /// The mutex guards which file is open, not the reading. It is one of the few outside pool.cpp: a tree is shared by
  /// threads, and what it keeps open is its own affair.
  Result<std::shared_ptr<const OpenFile>> open_for_ranges(std::string_view path, bool from_start, bool& opened) const {
    if (!from_start) {
      const std::lock_guard lock(mutex_);
      if (last_ && last_->path == path) return std::shared_ptr<const OpenFile>(last_);
    }
    auto file = std::make_shared<OpenFile>();
    VETSET_TRY(file->path, listed(path));
    VETSET_TRY(file->fd, open_file(path));
    VETSET_DO(look_at(file->fd, path, file->status));
    opened = true;
    std::shared_ptr<const OpenFile> other = file;  // closed, where nobody reads it, once the lock is given back
    const std::lock_guard lock(mutex_);
    last_.swap(other);
    return std::shared_ptr<const OpenFile>(std::move(file));
  }

  /// The path as a view that lives as long as the tree.
  Result<std::string_view> listed(std::string_view path) const {
    if (listing_.arena.gave(path)) return path;
    const auto known = std::lower_bound(listing_.paths.begin(), listing_.paths.end(), path);
    if (known == listing_.paths.end() || *known != path) return no_such_file(path, name_);
    return *known;
  }

  std::string name_;
  std::string real_;
  Fd root_;
  Listing listing_;
  NearFolders near_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const OpenFile> last_;
};

}  // namespace

Result<std::unique_ptr<Tree>> open_folder(const std::string& path, const TreeOptions& options) {
  Fd root(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK));
  if (!root) return system_error("the folder cannot be opened", path, errno);
  std::string real = real_path(path);
  if (real.empty()) return system_error("the folder cannot be opened", path, errno);
  Listing listing;
  VETSET_DO(Walk(root.get(), real, options, listing).run());
  std::string name = path;
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return std::unique_ptr<Tree>(
      std::make_unique<FolderTree>(std::move(name), std::move(real), std::move(root), std::move(listing)));
}

}  // namespace vetset
