// The images inside shards, held to their digests in the same read that measures the shard.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/column.h"
#include "vetset/base/digest.h"

namespace vetset {

/// Where a table says that the image of a sample lies, and what it is.
struct ShardMember {
  std::uint64_t offset = 0, size = 0;  // of the image's bytes in the shard
  Digest digest;
  std::uint64_t name = 0;   // `member_name_hash` of the tar member
  std::uint32_t row = 0;    // of the sample in its table
  std::uint32_t shard = 0;  // set by `add`
};
std::uint64_t member_name_hash(std::string_view name);

/// A sample whose image is not what its row says.
struct MemberFault {
  std::uint32_t row = 0;
  std::string actual = {};  // digest of the bytes that are there; empty: they were not hashed
  std::string words = {};
};

class ShardMembers {
 public:
  struct Shard {
    std::span<const ShardMember> members;  // sorted by offset
    bool read = false;
    std::vector<MemberFault> faults;
  };

  void reserve(std::uint64_t members) { members_.reserve(members); }
  void add(std::string_view shard, ShardMember member);
  /// No more will be added.
  void arrange();
  /// The shard of that path; null where no member lies in it. Different shards may be written to at once.
  Shard* find(std::string_view path);
  /// All faults by row; whoever asks takes them. Nothing else is kept here afterwards.
  std::vector<MemberFault> take_faults();

 private:
  Column<ShardMember> members_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<Shard> shards_;
};

/// Hashes the members of one shard while its bytes pass by.
class MemberWatch {
 public:
  /// Both must outlive it.
  explicit MemberWatch(ShardMembers::Shard& shard) : shard_(shard) {}
  /// The next bytes of the shard.
  void add(std::string_view piece);
  /// The shard has no more.
  void finish();

 private:
  /// One stretch of bytes, and the members that are said to be just it.
  struct Open {
    std::size_t first, last;  // of shard_.members
    std::uint64_t end;
    Sha256 hash;
  };
  void begin_here();
  void feed(std::string_view part);
  bool is_named(const ShardMember& member) const;
  void fault(const Open& stretch, const std::string& actual, std::string_view words);

  ShardMembers::Shard& shard_;
  std::size_t next_ = 0;  // the first member that has not begun
  std::uint64_t at_ = 0;  // of the next byte
  std::vector<Open> open_;
  std::array<char, 512> before_{};  // the bytes that end at `at_`: where a member begins, its header
};

}  // namespace vetset
