// Paths, what all trees share, and the tree in memory.
#include "vetset/base/tree.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

#include "vetset/base/fs.h"
#include "vetset/base/unicode.h"

namespace vetset {

// Bytes

Bytes Bytes::from(std::string text) {
  const std::size_t size = text.size();
  text.append(padding, '\0');
  auto owner = std::make_shared<const std::string>(std::move(text));
  const char* data = owner->data();
  return Bytes(std::move(owner), data, size);
}

Bytes Bytes::make(std::size_t size, char*& data) {
  auto owner = std::make_shared_for_overwrite<char[]>(size + padding);
  data = owner.get();
  std::memset(data + size, 0, padding);
  return Bytes(std::move(owner), data, size);
}

// Paths

namespace {

/// Why one part of a path between two '/' cannot stand.
std::optional<std::string> part_problem(std::string_view part) {
  if (part.empty()) return "has an empty part between two '/'";
  if (part == ".") return "has a part \".\"";
  if (part == "..") return "leaves its folder by \"..\"";
  return std::nullopt;
}

/// The code points U+0080 to U+009F: a terminal takes some of them as commands.
bool is_c1_control(std::string_view path, std::size_t i) {
  if (static_cast<unsigned char>(path[i]) != 0xC2 || i + 1 == path.size()) return false;
  const auto next = static_cast<unsigned char>(path[i + 1]);
  return next >= 0x80 && next <= 0x9F;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

bool has_drive(std::string_view path) {
  return path.size() > 2 && is_letter(path[0]) && path[1] == ':' && (path[2] == '/' || path[2] == '\\');
}

std::optional<std::string> path_problem(std::string_view path) {
  if (path.empty()) return "is an empty name";
  if (path.front() == '/') return "is an absolute path";
  if (has_drive(path)) return "is an absolute path";
  bool ascii = true;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    if (c == 0) return "holds a NUL byte";
    if (c < 0x20 || c == 0x7F || is_c1_control(path, i)) return "holds a control character";
    if (c == '\\') return "holds a '\\', which some systems take for '/'";
    ascii = ascii && c < 0x80;
  }
  if (!ascii && invalid_utf8(path)) return "is not UTF-8";
  for (std::size_t begin = 0;;) {
    const std::size_t end = path.find('/', begin);
    if (auto problem = part_problem(path.substr(begin, end - begin))) return problem;
    if (end == std::string_view::npos) return std::nullopt;
    begin = end + 1;
  }
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

namespace {

/// Where the extension's dot stands in a base name; npos for "README" and ".hidden".
std::size_t extension_dot(std::string_view base) {
  const std::size_t dot = base.rfind('.');
  return dot == 0 ? std::string_view::npos : dot;
}

}  // namespace

std::string_view stem_of(std::string_view path) {
  const std::string_view base = base_name(path);
  return base.substr(0, extension_dot(base));
}

std::string_view extension_of(std::string_view path) {
  const std::string_view base = base_name(path);
  const std::size_t dot = extension_dot(base);
  return dot == std::string_view::npos ? std::string_view() : base.substr(dot + 1);
}

std::string join_path(std::string_view folder, std::string_view rest) {
  std::string path(folder);
  if (!folder.empty() && !rest.empty()) path += '/';
  return path.append(rest);
}

// What all trees share

std::span<const std::string_view> Tree::list(std::string_view prefix) const {
  const std::span<const std::string_view> all = paths();
  if (prefix.empty()) return all;
  const auto begin = std::lower_bound(all.begin(), all.end(), prefix);
  const auto end =
      std::partition_point(begin, all.end(), [&](std::string_view path) { return path.starts_with(prefix); });
  return {begin, end};
}

bool Tree::contains(std::string_view path) const {
  const std::span<const std::string_view> all = paths();
  return std::binary_search(all.begin(), all.end(), path);
}

bool Tree::has_folder(std::string_view folder) const {
  if (folder.empty()) return !paths().empty();
  return !list(std::string(folder) + '/').empty();
}

Result<ReadThrough> Tree::read_through(std::string_view path,
                                       const std::function<void(std::string_view)>& piece) const {
  constexpr std::uint64_t piece_size = 8 << 20;
  ReadThrough seen;
  for (;;) {
    VETSET_TRY(const Bytes bytes, read(path, {.offset = seen.size, .size = piece_size}));
    piece(bytes);
    seen.size += bytes.size();
    if (bytes.size() < piece_size) return seen;
  }
}

std::string Tree::disk_path(std::string_view) const { return {}; }

// The tree in memory

MemoryTree::MemoryTree(std::initializer_list<std::pair<const std::string, std::string>> files) : files_(files) {}

Result<std::uint64_t> MemoryTree::size(std::string_view path) const {
  const auto file = files_.find(path);
  if (file == files_.end()) return no_such_file(path, name());
  return std::uint64_t{file->second.size()};
}

Result<Bytes> MemoryTree::read(std::string_view path, Range range) const {
  const auto file = files_.find(path);
  if (file == files_.end()) return no_such_file(path, name());
  const std::string& text = file->second;
  const Range part = within(range, text.size());
  char* data = nullptr;
  VETSET_TRY(Bytes bytes, make_bytes(part.size, data, path));
  std::memcpy(data, text.data() + part.offset, part.size);
  return bytes;
}

Result<void> MemoryTree::write(std::string_view path, std::string_view bytes) {
  if (auto problem = path_problem(path))
    return Error{Code::malformed, "cannot be written: " + *problem, std::string(path)};
  if (files_.contains(path)) return Error{Code::refused, "is written a second time", std::string(path)};
  const std::string below = std::string(path) + '/';
  const auto after = files_.lower_bound(below);
  if (after != files_.end() && after->first.starts_with(below))
    return Error{Code::refused, "cannot be a file: it is a folder already", std::string(path)};
  for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder))
    if (files_.contains(folder))
      return Error{Code::refused, "cannot be written below " + std::string(folder) + ", which is a file",
                   std::string(path)};
  files_.emplace(path, bytes);
  stale_ = true;
  return {};
}

Result<void> MemoryTree::begin(std::string_view path) {
  VETSET_ASSERT(open_.empty(), "one file is begun at a time");
  VETSET_DO(write(path, {}));
  open_ = path;
  return {};
}

Result<void> MemoryTree::append(std::string_view bytes) {
  VETSET_ASSERT(!open_.empty(), "append comes between begin and finish");
  files_.find(open_)->second += bytes;
  return {};
}

Result<void> MemoryTree::finish() {
  VETSET_ASSERT(!open_.empty(), "finish comes after begin");
  open_.clear();
  return {};
}

Result<void> MemoryTree::copy(std::string_view path, const Tree& from, std::string_view from_path) {
  VETSET_TRY(const Bytes bytes, from.read(from_path));
  return write(path, bytes);
}

void MemoryTree::replace(std::string_view path, std::string_view bytes) {
  files_[std::string(path)] = bytes;
  stale_ = true;
}

void MemoryTree::remove(std::string_view path) {
  const auto file = files_.find(path);
  if (file != files_.end()) files_.erase(file);
  stale_ = true;
}

// Readers may come from several threads once the writing is over, and the first of them sorts the names.
std::span<const std::string_view> MemoryTree::paths() const {
  static std::mutex sorting;
  const std::atomic_ref<bool> stale(stale_);
  if (stale.load(std::memory_order_acquire)) {
    const std::lock_guard lock(sorting);
    if (stale.load(std::memory_order_relaxed)) {
      paths_.clear();
      paths_.reserve(files_.size());
      for (const auto& [path, text] : files_) paths_.push_back(path);
      stale.store(false, std::memory_order_release);
    }
  }
  return paths_;
}

}  // namespace vetset
