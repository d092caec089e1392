#include "vetset/base/git.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/git_process.h"

namespace vetset {
namespace {

namespace fs = std::filesystem;

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

/// What a pointer of git-lfs stands for.
struct LfsPointer {
  std::string digest;  // SHA-256, hex
  std::uint64_t size = 0;
};
std::optional<LfsPointer> lfs_pointer(std::string_view text) {
  if (!text.starts_with("version https://git-lfs.github.com/spec/")) return std::nullopt;
  LfsPointer pointer;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("oid sha256:")) pointer.digest = line.substr(11);
    if (line.starts_with("size "))
      for (const char digit : line.substr(5))
        if (digit >= '0' && digit <= '9') pointer.size = pointer.size * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  if (!parse_digest(pointer.digest)) return std::nullopt;
  return pointer;
}

/// A pointer of git-lfs has some 130 bytes; labels that are so short are no pointers.
bool may_be_pointer(std::string_view path, std::uint64_t size) {
  if (size < 100 || size > 300) return false;
  const std::string_view extension = extension_of(path);
  return extension != "txt" && extension != "json" && extension != "xml" && extension != "yaml" && extension != "yml" &&
         extension != "csv";
}

class GitTree final : public Tree {
 public:
  GitTree(std::string folder, std::string name)
      : folder_(std::move(folder)), name_(std::move(name)), objects_(folder_) {}

  Result<void> list_commit(const std::string& commit) {
    VETSET_TRY(const std::string prefix, ask_git(folder_, {"rev-parse", "--show-prefix"}));
    std::string below = first_line(prefix);
    if (below.ends_with('/')) below.pop_back();
    auto listed = ask_git(folder_, {"ls-tree", "-r", "-z", "-l", "--full-tree", commit + ":" + below});
    if (!listed) return Error{Code::not_found, "has no folder '" + below + "'", name_};
    VETSET_TRY(const std::string common, ask_git(folder_, {"rev-parse", "--path-format=absolute", "--git-common-dir"}));
    store_ = first_line(common) + "/lfs/objects/";
    for (std::size_t begin = 0; begin < listed->size();) {
      const std::size_t end = std::min(listed->find('\0', begin), listed->size());
      add_entry(std::string_view(*listed).substr(begin, end - begin));
      begin = end + 1;
    }
    return {};
  }

  /// What git was never told of, as it lies in the folder now.
  Result<void> list_unknown() {
    VETSET_TRY(const std::string listed, ask_git(folder_, {"ls-files", "-z", "--others"}));
    for (std::size_t begin = 0; begin < listed.size();) {
      const std::size_t end = std::min(listed.find('\0', begin), listed.size());
      const std::string path = listed.substr(begin, end - begin);
      begin = end + 1;
      if (path_problem(path) || files_.contains(path)) continue;
      std::error_code failed;
      const fs::path file = fs::path(folder_) / path;
      if (fs::is_regular_file(file, failed) && !failed)
        files_.emplace(path, Entry{.object = {}, .disk = file.string(), .size = fs::file_size(file, failed)});
    }
    return {};
  }

  void finish() {
    for (const auto& [path, entry] : files_) paths_.emplace_back(path);
    std::sort(problems_.begin(), problems_.end(),
              [](const TreeProblem& a, const TreeProblem& b) { return a.path < b.path; });
  }

  std::span<const TreeProblem> problems() const override { return problems_; }
  std::string_view name() const override { return name_; }

  Result<std::uint64_t> size(std::string_view path) const override {
    VETSET_TRY(const Entry* entry, find(path));
    return entry->size;
  }

  Result<Bytes> read(std::string_view path, Range range) const override {
    VETSET_TRY(const Entry* entry, find(path));
    if (!entry->disk.empty()) {
      VETSET_TRY(const std::unique_ptr<Tree> file, open_file(entry->disk));
      return file->read(file->list().front(), range);
    }
    VETSET_TRY(std::string bytes, objects_.read(entry->object));
    const Range part = within(range, bytes.size());
    if (part.offset != 0 || part.size != bytes.size()) bytes = bytes.substr(part.offset, part.size);
    return Bytes::from(std::move(bytes));
  }

  std::string disk_path(std::string_view path) const override {
    const auto found = files_.find(path);
    return found == files_.end() ? std::string() : found->second.disk;
  }

 private:
  struct Entry {
    std::string object, disk;  // one of them
    std::uint64_t size = 0;
  };

  std::span<const std::string_view> paths() const override { return paths_; }

  Result<const Entry*> find(std::string_view path) const {
    const auto found = files_.find(path);
    if (found == files_.end()) return no_such_file(path, name_);
    return &found->second;
  }

  /// "100644 blob <object> <size>\t<path>"
  void add_entry(std::string_view line) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return;
    const std::string path(line.substr(tab + 1));
    const std::string_view mode = line.substr(0, 6);
    if (mode == "120000" || mode == "160000") {
      problems_.push_back({path, mode == "120000" ? "is a link" : "is another repository", TreeProblem::Kind::link});
      return;
    }
    if (const auto problem = path_problem(path)) {
      problems_.push_back({path, *problem, TreeProblem::Kind::name});
      return;
    }
    const std::size_t last = line.rfind(' ', tab);
    const std::string_view digits = line.substr(last + 1, tab - last - 1);
    Entry entry{.object = std::string(line.substr(12, line.find(' ', 12) - 12)), .disk = {}};
    for (const char digit : digits)
      if (digit >= '0' && digit <= '9') entry.size = entry.size * 10 + static_cast<std::uint64_t>(digit - '0');
    if (may_be_pointer(path, entry.size) && !resolve(path, entry)) return;
    files_.emplace(path, std::move(entry));
  }

  /// Where the file lies that a pointer stands for; false where it lies nowhere.
  bool resolve(const std::string& path, Entry& entry) {
    const auto text = objects_.read(entry.object);
    if (!text) return true;  // its reader will hear why
    const auto pointer = lfs_pointer(*text);
    if (!pointer) return true;
    const std::string stored =
        store_ + pointer->digest.substr(0, 2) + "/" + pointer->digest.substr(2, 2) + "/" + pointer->digest;
    std::error_code failed;
    entry = {.object = {}, .disk = stored, .size = pointer->size};
    if (fs::is_regular_file(stored, failed) && !failed) return true;
    const std::string here = (fs::path(folder_) / path).string();
    if (fs::is_regular_file(here, failed) && fs::file_size(here, failed) == pointer->size && !failed)
      if (const auto file = open_file(here))
        if (const auto bytes = (*file)->read((*file)->list().front());
            bytes && sha256(*bytes).hex() == pointer->digest) {
          entry.disk = here;
          return true;
        }
    problems_.push_back({path, "is a pointer of git-lfs to a file that is not here", TreeProblem::Kind::unreadable});
    return false;
  }

  std::string folder_, name_, store_;
  GitObjects objects_;
  std::map<std::string, Entry, std::less<>> files_;
  std::vector<std::string_view> paths_;
  std::vector<TreeProblem> problems_;
};

}  // namespace

Result<std::string> git_commit(const std::string& folder, std::string_view revision) {
  if (revision.empty() || revision.starts_with('-'))
    return Error{Code::usage, "expected a revision of git, found '" + std::string(revision) + "'"};
  VETSET_TRY([[maybe_unused]] const std::string inside, ask_git(folder, {"rev-parse", "--show-prefix"}));
  auto commit = ask_git(folder, {"rev-parse", "--verify", "--quiet", std::string(revision) + "^{commit}"});
  if (!commit) {
    if (commit.error().message.size() > 5) return commit;
    return Error{Code::not_found, "git knows no revision '" + std::string(revision) + "' here"};
  }
  return first_line(*commit);
}

Result<std::unique_ptr<Tree>> open_git(const std::string& folder, const std::string& commit, std::string name) {
  auto tree = std::make_unique<GitTree>(folder, std::move(name));
  VETSET_DO(tree->list_commit(commit));
  VETSET_DO(tree->list_unknown());
  tree->finish();
  return std::unique_ptr<Tree>(std::move(tree));
}

}  // namespace vetset
