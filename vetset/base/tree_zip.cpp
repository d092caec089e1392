// A zip file as a tree, by libzip. Members are read at random; one that is read in ranges is unpacked once, from its
// beginning to its end.
#include <sys/stat.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "vetset/base/archive_members.h"
#include "vetset/base/fs.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

struct CloseZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct CloseMember {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Zip = std::unique_ptr<zip_t, CloseZip>;
using MemberFile = std::unique_ptr<zip_file_t, CloseMember>;
using Member = ArchiveMembers::Member;

constexpr std::uint64_t ratio_counts_from = 1 << 20;  // a small file of one repeated line is no attack

/// What the directory says a member is, from the rights of the system that packed it.
std::string special_member(zip_t* zip, zip_uint64_t index) {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip_file_get_external_attributes(zip, index, 0, &system, &attributes) != 0) return {};
  const mode_t mode = attributes >> 16;
  if (S_ISLNK(mode)) return "is a symbolic link, which an archive of data should not hold";
  if (S_ISFIFO(mode) || S_ISCHR(mode) || S_ISBLK(mode) || S_ISSOCK(mode))
    return "is neither a file nor a folder but a pipe, a socket or a device";
  return {};
}

/// Why a member will not be unpacked; empty where it will.
std::string refusal(zip_t* zip, const zip_stat_t& status, const Limits& limits) {
  constexpr zip_uint64_t needed =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if ((status.valid & needed) != needed) return "has no size or method in the archive's directory";
  if (std::string special = special_member(zip, status.index); !special.empty()) return special;
  if (status.encryption_method != ZIP_EM_NONE) return "is encrypted";
  if (zip_compression_method_supported(status.comp_method, 0) == 0)
    return "is packed by method " + std::to_string(status.comp_method) + ", which is not supported";
  if (status.size > ratio_counts_from &&
      status.size / std::max<std::uint64_t>(limits.unpacked_ratio, 1) > status.comp_size)
    return "unpacks from " + std::to_string(status.comp_size) + " to " + std::to_string(status.size) +
           " bytes, more than " + std::to_string(limits.unpacked_ratio) + " times as many";
  return {};
}

/// Reads the archive's directory.
Result<ArchiveMembers> members_of(zip_t* zip, std::uint64_t archive_size, const std::string& name,
                                  const TreeOptions& options) {
  const auto count = static_cast<zip_uint64_t>(std::max<zip_int64_t>(zip_get_num_entries(zip, 0), 0));
  if (count > options.limits.members)
    return Error{Code::limit,
                 "holds " + std::to_string(count) + " members, more than " + std::to_string(options.limits.members),
                 name};
  ArchiveMembers members;
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
  for (zip_uint64_t i = 0; i < count; ++i) {
    zip_stat_t status;
    zip_stat_init(&status);
    if (zip_stat_index(zip, i, 0, &status) != 0 || (status.valid & ZIP_STAT_NAME) == 0) {
      members.problem("(member " + std::to_string(i + 1) + ")", "has no name that can be read",
                      TreeProblem::Kind::member_name);
      continue;
    }
    const std::string_view path = status.name;
    if (path.ends_with('/')) {
      if (auto why = path_problem(trimmed_member_name(path)))
        members.problem(path, std::move(*why), TreeProblem::Kind::member_name);
      else
        members.add_folder(path);
      continue;
    }
    if (std::string why = refusal(zip, status, options.limits); !why.empty()) {
      members.problem(path, std::move(why), TreeProblem::Kind::member_type);
      continue;
    }
    if (status.size > options.limits.unpacked_bytes - unpacked)
      return Error{Code::limit, "unpacks to more than " + std::to_string(options.limits.unpacked_bytes) + " bytes",
                   name};
    unpacked += status.size;
    if (status.comp_size > archive_size - packed)
      return Error{Code::malformed,
                   "its members are larger than the archive or overlap, from " + std::string(path) + " on", name};
    packed += status.comp_size;
    members.add(path, i, status.size);
  }
  members.finish(options);
  return members;
}

class ZipTree final : public Tree {
 public:
  ZipTree(std::string name, Bytes held, Zip zip, ArchiveMembers members)
      : name_(std::move(name)), held_(std::move(held)), zip_(std::move(zip)), members_(std::move(members)) {}

  std::span<const TreeProblem> problems() const override { return members_.problems(); }
  std::string_view name() const override { return name_; }

  Result<std::uint64_t> size(std::string_view path) const override {
    const Member* member = members_.find(path);
    if (member == nullptr) return no_such_file(path, name_);
    return std::uint64_t{member->size};
  }

  /// The mutex is one of the few outside pool.cpp: libzip takes one call at a time on an open archive.
  Result<Bytes> read(std::string_view path, Range range) const override {
    const Member* member = members_.find(path);
    if (member == nullptr) return no_such_file(path, name_);
    const Range part = within(range, member->size);
    char* data = nullptr;
    VETSET_TRY(Bytes bytes, make_bytes(part.size, data, path));
    const std::lock_guard lock(mutex_);
    if (Result<void> read = read_part(*member, data, part); !read) {
      last_ = {};  // its position is no longer known
      return std::move(read).error();
    }
    return bytes;
  }

 private:
  /// A member that is open, and how far it has been unpacked.
  struct Unpacking {
    const Member* member = nullptr;
    MemberFile file;
    std::uint64_t position = 0;
  };

  std::span<const std::string_view> paths() const override { return members_.paths(); }

  Result<void> read_part(const Member& member, char* data, Range part) const {
    if (last_.member != &member || last_.position > part.offset) VETSET_DO(open_member(member));
    VETSET_DO(skip_to(part.offset));
    VETSET_DO(unpack(data, part.size));
    if (last_.position < member.size) return {};
    VETSET_DO(check_end());
    last_ = {};
    return {};
  }

  Result<void> open_member(const Member& member) const {
    last_ = {&member, MemberFile(zip_fopen_index(zip_.get(), member.where, 0)), 0};
    if (last_.file) return {};
    return Error{Code::malformed, std::string("cannot be unpacked: ") + zip_strerror(zip_.get()), place(member)};
  }

  Result<void> skip_to(std::uint64_t offset) const {
    std::array<char, 16384> skipped;
    while (last_.position < offset)
      VETSET_DO(unpack(skipped.data(), std::min<std::uint64_t>(skipped.size(), offset - last_.position)));
    return {};
  }

  Result<void> unpack(char* data, std::uint64_t size) const {
    while (size > 0) {
      const zip_int64_t got = zip_fread(last_.file.get(), data, std::min<std::uint64_t>(size, 1U << 30));
      if (got < 0) return unpack_error();
      if (got == 0)
        return Error{
            Code::malformed,
            "ends after " + std::to_string(last_.position) + " bytes, expected " + std::to_string(last_.member->size),
            place(*last_.member)};
      data += got;
      size -= static_cast<std::uint64_t>(got);
      last_.position += static_cast<std::uint64_t>(got);
    }
    return {};
  }

  /// libzip compares the checksum where it meets the end.
  Result<void> check_end() const {
    char beyond = 0;
    const zip_int64_t got = zip_fread(last_.file.get(), &beyond, 1);
    if (got == 0) return {};
    if (got < 0) return unpack_error();
    return Error{Code::malformed, "is longer than the " + std::to_string(last_.member->size) + " bytes it claims",
                 place(*last_.member)};
  }

  Error unpack_error() const {
    return {Code::malformed, std::string("cannot be unpacked: ") + zip_file_strerror(last_.file.get()),
            place(*last_.member)};
  }

  std::string place(const Member& member) const { return name_ + ":" + std::string(member.path); }

  std::string name_;
  Bytes held_;  // the archive itself, where it lies in memory
  Zip zip_;
  ArchiveMembers members_;
  mutable std::mutex mutex_;
  mutable Unpacking last_;
};

Result<std::unique_ptr<Tree>> open_zip_source(zip_source_t* source, std::string_view name, Bytes held,
                                              std::uint64_t size, const TreeOptions& options) {
  if (size == 0) {  // which libzip takes for an archive of nothing
    zip_source_free(source);
    return Error{Code::malformed, "is empty, expected a zip file", std::string(name)};
  }
  zip_error_t why;
  zip_error_init(&why);
  Zip zip(zip_open_from_source(source, ZIP_RDONLY, &why));
  if (!zip) {
    Error error{Code::malformed, std::string("cannot be read as a zip file: ") + zip_error_strerror(&why),
                std::string(name)};
    zip_error_fini(&why);
    zip_source_free(source);
    return error;
  }
  VETSET_TRY(ArchiveMembers members, members_of(zip.get(), size, std::string(name), options));
  return std::unique_ptr<Tree>(
      std::make_unique<ZipTree>(std::string(name), std::move(held), std::move(zip), std::move(members)));
}

}  // namespace

Result<std::unique_ptr<Tree>> open_zip(const std::string& path, const TreeOptions& options) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return system_error("cannot be opened", path, errno);
  if (!S_ISREG(status.st_mode)) return Error{Code::unsupported, "is not a file, expected a zip file", path};
  zip_source_t* source = zip_source_file_create(path.c_str(), 0, -1, nullptr);
  if (source == nullptr) return Error{Code::io, "cannot be opened", path};
  return open_zip_source(source, path, {}, static_cast<std::uint64_t>(status.st_size), options);
}

Result<std::unique_ptr<Tree>> open_zip_bytes(Bytes bytes, std::string_view name, const TreeOptions& options) {
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  if (source == nullptr) return Error{Code::limit, "there is not enough memory to open it", std::string(name)};
  const std::uint64_t size = bytes.size();
  return open_zip_source(source, name, std::move(bytes), size, options);
}

}  // namespace vetset
