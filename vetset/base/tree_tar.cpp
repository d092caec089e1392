// An uncompressed tar file as a tree: POSIX.1-2017 ustar and pax, and GNU's long names and base-256 numbers. Sparse
// members, links and devices are named as problems.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>

#include "vetset/base/archive_members.h"
#include "vetset/base/fs.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

constexpr std::uint64_t block_size = 512;
constexpr std::uint64_t longest_extension = 1 << 20;  // a pax header or a long name

/// The bytes of the archive, on the disk, in memory, or in a tree.
class TarSource {
 public:
  TarSource(Fd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}
  explicit TarSource(Bytes bytes) : bytes_(std::move(bytes)), size_(bytes_.size()) {}
  TarSource(const Tree& tree, std::string_view path, std::uint64_t size) : tree_(&tree), path_(path), size_(size) {}

  std::uint64_t size() const { return size_; }
  /// The range must lie within the archive.
  Result<void> read(char* data, Range range, std::string_view name) const {
    if (fd_) return read_at(fd_.get(), data, range.size, range.offset, name);
    if (tree_ == nullptr) {
      std::memcpy(data, bytes_.data() + range.offset, range.size);
      return {};
    }
    VETSET_TRY(const Bytes bytes, tree_->read(path_, range));
    if (bytes.size() != range.size) return Error{Code::io, "became shorter while it was read", path_};
    std::memcpy(data, bytes.data(), range.size);
    return {};
  }

 private:
  Fd fd_;
  Bytes bytes_;
  const Tree* tree_ = nullptr;
  std::string path_;  // in tree_
  std::uint64_t size_;
};

/// One 512-byte header block.
struct Header {
  std::array<char, block_size> bytes;

  std::string_view field(std::size_t begin, std::size_t size) const { return {bytes.data() + begin, size}; }
  /// A field up to its first NUL.
  std::string_view text(std::size_t begin, std::size_t size) const {
    const std::string_view whole = field(begin, size);
    return whole.substr(0, whole.find('\0'));
  }
  char type() const { return bytes[156]; }
  bool is_zero() const {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
  }
  std::string name() const {
    const bool posix = field(257, 6) == std::string_view("ustar\0", 6);
    return join_path(posix ? text(345, 155) : std::string_view(), text(0, 100));
  }
};

/// Whether a number is GNU's binary one, for what eleven octal digits cannot hold.
bool is_binary(std::string_view field) { return (static_cast<unsigned char>(field[0]) & 0x80) != 0; }

/// An octal number padded with spaces or NUL, or GNU's binary one; nothing where it is neither or exceeds 63 bits.
std::optional<std::uint64_t> tar_number(std::string_view field) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  std::uint64_t value = 0;
  if (is_binary(field)) {
    for (std::size_t i = 0; i < field.size(); ++i) {
      const auto byte = static_cast<unsigned char>(i == 0 ? field[i] & 0x7F : field[i]);
      if (value > most >> 8) return std::nullopt;
      value = value << 8 | byte;
    }
    return value;
  }
  while (field.starts_with(' ')) field.remove_prefix(1);
  while (field.ends_with(' ') || field.ends_with('\0')) field.remove_suffix(1);
  for (const char c : field) {
    if (c < '0' || c > '7' || value > most >> 3) return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// The sum of all bytes, the checksum's own counted as spaces. Some old writers took bytes as signed.
bool checksum_holds(const Header& header) {
  const auto stated = tar_number(header.field(148, 8));
  std::uint64_t sum = 0;
  std::int64_t signed_sum = 0;
  for (std::size_t i = 0; i < header.bytes.size(); ++i) {
    const char c = i >= 148 && i < 156 ? ' ' : header.bytes[i];
    sum += static_cast<unsigned char>(c);
    signed_sum += static_cast<signed char>(c);
  }
  return stated && (*stated == sum || static_cast<std::int64_t>(*stated) == signed_sum);
}

std::uint64_t padded(std::uint64_t size) { return (size + block_size - 1) / block_size * block_size; }

/// Reads the headers of an archive from its beginning to its end.
class TarScan {
 public:
  TarScan(const TarSource& source, std::string name, const TreeOptions& options)
      : source_(source), name_(std::move(name)), limits_(options.limits), audit_(options.audit) {}

  Result<ArchiveMembers> run() && {
    for (;;) {
      if (offset_ == source_.size()) {
        damaged("ends without the block of zeros that ends a tar archive: it may be cut off");
        return std::move(members_);
      }
      VETSET_TRY(const Header header, read_header());
      if (header.is_zero()) {
        if (audit_) VETSET_DO(expect_zeros(offset_, source_.size(), "holds bytes behind the end of the archive"));
        return std::move(members_);
      }
      if (!checksum_holds(header)) return broken("a header whose checksum does not hold");
      if (members_.count() >= limits_.members)
        return Error{Code::limit, "holds more than " + std::to_string(limits_.members) + " members", name_};
      VETSET_DO(take(header));
    }
  }

 private:
  Error broken(const std::string& what) const {
    return {Code::malformed, "at byte " + std::to_string(offset_) + ": " + what, name_};
  }

  void damaged(std::string what) { members_.problem(name_, std::move(what), TreeProblem::Kind::archive_damage); }

  /// Bytes of the archive that belong to no member: what is hidden there, no list of members shows.
  Result<void> expect_zeros(std::uint64_t begin, std::uint64_t end, const std::string& otherwise) {
    std::array<char, 4096> bytes;
    for (std::uint64_t size = 0; begin < end; begin += size) {
      size = std::min<std::uint64_t>(bytes.size(), end - begin);
      VETSET_DO(source_.read(bytes.data(), {begin, size}, name_));
      if (std::any_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), [](char c) { return c != 0; }))
        return damaged(otherwise + ", from byte " + std::to_string(begin) + " on"), Result<void>();
    }
    return {};
  }

  Result<Header> read_header() const {
    if (source_.size() - offset_ < block_size)
      return broken("the archive is cut off within a header, expected 512 bytes, found " +
                    std::to_string(source_.size() - offset_));
    Header header;
    VETSET_DO(source_.read(header.bytes.data(), {offset_, block_size}, name_));
    return header;
  }

  /// Takes what the header describes, and moves to the next one.
  Result<void> take(const Header& header) {
    auto size = tar_number(header.field(124, 12));
    if (!size) return broken("a size that is no octal number");
    const char type = header.type();
    const bool extension = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    if (!extension && next_size_) size = next_size_;
    if (type >= '1' && type <= '6') size = 0;  // what a link or a folder says of its size is about something else
    std::uint64_t data = offset_ + block_size;
    if (type == 'S') {
      VETSET_TRY(data, skip_sparse_map(header, data));
    }
    if (*size > source_.size() - data)
      return broken("the archive is cut off: a member of " + std::to_string(*size) + " bytes, but " +
                    std::to_string(source_.size() - data) + " bytes are left");
    if (extension) {
      VETSET_DO(take_extension(type, {data, *size}));
    } else {
      take_member(header, {data, *size});
      next_name_.clear();
      next_size_.reset();
      next_sparse_ = false;
    }
    offset_ = std::min(data + padded(*size), source_.size());
    if (audit_) VETSET_DO(expect_zeros(data + *size, offset_, "holds bytes between two members"));
    return {};
  }

  void take_member(const Header& header, Range data) {
    using Kind = TreeProblem::Kind;
    const std::string name = next_name_.empty() ? header.name() : next_name_;
    const char type = header.type();
    const bool file = type == '0' || type == '\0' || type == '7';
    if (type == '5' || (file && name.ends_with('/'))) {
      const std::string_view folder = trimmed_member_name(name);
      if (folder == "." || folder.empty()) return;
      if (auto why = path_problem(folder)) return members_.problem(name, std::move(*why), Kind::member_name);
      return members_.add_folder(name);
    }
    const auto refuse = [&](std::string what) { members_.problem(name, std::move(what), Kind::member_type); };
    if (next_sparse_ || type == 'S') return refuse("is a sparse member, which is not supported");
    if (file && audit_ && !next_size_ && is_binary(header.field(124, 12)))
      members_.problem(name, "states its size in binary, expected octal digits", Kind::archive_damage);
    if (file) return members_.add(name, data.offset, data.size);
    if (type == '1') return refuse("is a hard link, which an archive of data should not hold");
    if (type == '2') return refuse("is a symbolic link, which an archive of data should not hold");
    if (type == '3' || type == '4' || type == '6')
      return refuse("is neither a file nor a folder but a pipe or a device");
    refuse("has the type " + std::to_string(static_cast<unsigned char>(type)) +
           ", which no tar specification gives to a file");
  }

  Result<void> take_extension(char type, Range range) {
    if (type == 'K') return {};  // the target of a link, which is refused anyway
    if (range.size > longest_extension)
      return broken("an extended header of " + std::to_string(range.size) + " bytes, expected at most " +
                    std::to_string(longest_extension));
    std::string text(range.size, '\0');
    VETSET_DO(source_.read(text.data(), range, name_));
    if (type != 'L') return take_pax(text, type == 'g');
    next_name_ = text.substr(0, text.find('\0'));
    return {};
  }

  /// Records "LENGTH KEY=VALUE\n", LENGTH counting all of the record.
  Result<void> take_pax(std::string_view text, bool global) {
    while (!text.empty()) {
      std::size_t length = 0;
      const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), length);
      const auto digits = static_cast<std::size_t>(end - text.data());
      if (failed != std::errc() || length > text.size() || length < digits + 3 || text[digits] != ' ' ||
          text[length - 1] != '\n')
        return broken("a pax header with a record that is not \"LENGTH KEY=VALUE\"");
      const std::string_view record = text.substr(digits + 1, length - digits - 2);
      const std::size_t equals = record.find('=');
      if (equals == std::string_view::npos) return broken("a pax header with a record that has no '='");
      VETSET_DO(take_pax_record(record.substr(0, equals), record.substr(equals + 1), global));
      text.remove_prefix(length);
    }
    return {};
  }

  Result<void> take_pax_record(std::string_view key, std::string_view value, bool global) {
    const bool sparse = key.starts_with("GNU.sparse.");
    if (global && (key == "path" || key == "size" || sparse))
      return broken("a global pax header that sets the " + std::string(key) + " of all members");
    if (sparse) next_sparse_ = true;
    if (key == "path") next_name_ = value;
    if (key != "size") return {};
    std::uint64_t size = 0;
    const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), size);
    if (failed != std::errc() || end != value.data() + value.size()) return broken("a pax size that is no number");
    next_size_ = size;
    return {};
  }

  /// GNU keeps the map of a sparse member in further blocks before its data.
  Result<std::uint64_t> skip_sparse_map(const Header& header, std::uint64_t data) const {
    for (char more = header.bytes[482]; more != 0;) {
      if (source_.size() - data < block_size) return broken("the archive is cut off within the map of a sparse member");
      VETSET_DO(source_.read(&more, {data + 504, 1}, name_));
      data += block_size;
    }
    return data;
  }

  const TarSource& source_;
  std::string name_;
  const Limits& limits_;
  bool audit_;
  ArchiveMembers members_;
  std::uint64_t offset_ = 0;
  std::string next_name_;  // what extended headers say of the member that follows
  std::optional<std::uint64_t> next_size_;
  bool next_sparse_ = false;
};

class TarTree final : public Tree {
 public:
  TarTree(std::string name, TarSource source, ArchiveMembers members)
      : name_(std::move(name)), source_(std::move(source)), members_(std::move(members)) {}

  std::span<const TreeProblem> problems() const override { return members_.problems(); }
  std::string_view name() const override { return name_; }

  Result<std::uint64_t> size(std::string_view path) const override {
    const auto* member = members_.find(path);
    if (member == nullptr) return no_such_file(path, name_);
    return std::uint64_t{member->size};
  }

  Result<Bytes> read(std::string_view path, Range range) const override {
    const auto* member = members_.find(path);
    if (member == nullptr) return no_such_file(path, name_);
    const Range part = within(range, member->size);
    char* data = nullptr;
    VETSET_TRY(Bytes bytes, make_bytes(part.size, data, path));
    VETSET_DO(source_.read(data, {member->where + part.offset, part.size}, path));
    return bytes;
  }

 private:
  std::span<const std::string_view> paths() const override { return members_.paths(); }

  std::string name_;
  TarSource source_;
  ArchiveMembers members_;
};

Result<std::unique_ptr<Tree>> open_tar_source(TarSource source, std::string_view name, const TreeOptions& options) {
  VETSET_TRY(ArchiveMembers members, TarScan(source, std::string(name), options).run());
  members.finish(options);
  return std::unique_ptr<Tree>(std::make_unique<TarTree>(std::string(name), std::move(source), std::move(members)));
}

}  // namespace

Result<std::unique_ptr<Tree>> open_tar(const std::string& path, const TreeOptions& options) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!fd || fstat(fd.get(), &status) != 0) return system_error("cannot be opened", path, errno);
  if (!S_ISREG(status.st_mode)) return Error{Code::unsupported, "is not a file, expected a tar archive", path};
  return open_tar_source(TarSource(std::move(fd), static_cast<std::uint64_t>(status.st_size)), path, options);
}

Result<std::unique_ptr<Tree>> open_tar_bytes(Bytes bytes, std::string_view name, const TreeOptions& options) {
  return open_tar_source(TarSource(std::move(bytes)), name, options);
}

Result<std::unique_ptr<Tree>> open_tar_in(const Tree& tree, std::string_view path, const TreeOptions& options) {
  VETSET_TRY(const std::uint64_t size, tree.size(path));
  return open_tar_source(TarSource(tree, path, size), path, options);
}

}  // namespace vetset
