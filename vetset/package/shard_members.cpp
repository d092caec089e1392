#include "vetset/package/shard_members.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace vetset {
namespace {

/// Members of a tar do not overlap. A table may say so, but it shall not make a reader hash the same bytes without end.
constexpr std::size_t most_open = 8;

auto stretch_of(const ShardMember& m) { return std::pair(m.offset, m.size); }

}  // namespace

std::uint64_t member_name_hash(std::string_view name) {
  const Digest digest = sha256(name);
  std::uint64_t number = 0;
  std::memcpy(&number, digest.bytes.data(), sizeof number);
  return number;
}

void ShardMembers::add(std::string_view shard, ShardMember member) {
  auto number = numbers_.find(shard);
  if (number == numbers_.end()) number = numbers_.emplace(shard, static_cast<std::uint32_t>(numbers_.size())).first;
  member.shard = number->second;
  members_.push_back(member);
}

void ShardMembers::arrange() {
  std::sort(members_.begin(), members_.end(), [](const ShardMember& a, const ShardMember& b) {
    return std::tie(a.shard, a.offset, a.size, a.row) < std::tie(b.shard, b.offset, b.size, b.row);
  });
  shards_.resize(numbers_.size());
  for (std::size_t begin = 0; begin < members_.size();) {
    std::size_t end = begin;
    while (end < members_.size() && members_[end].shard == members_[begin].shard) ++end;
    shards_[members_[begin].shard].members = members_.slice(begin, end - begin);
    begin = end;
  }
}

ShardMembers::Shard* ShardMembers::find(std::string_view path) {
  const auto number = numbers_.find(path);
  return number == numbers_.end() ? nullptr : &shards_[number->second];
}

std::vector<MemberFault> ShardMembers::take_faults() {
  std::vector<MemberFault> all;
  for (Shard& shard : shards_)
    all.insert(all.end(), std::make_move_iterator(shard.faults.begin()), std::make_move_iterator(shard.faults.end()));
  std::sort(all.begin(), all.end(), [](const MemberFault& a, const MemberFault& b) { return a.row < b.row; });
  *this = {};
  return all;
}

void MemberWatch::fault(const Open& stretch, const std::string& actual, std::string_view words) {
  for (std::size_t m = stretch.first; m <= stretch.last; ++m)
    shard_.faults.push_back({.row = shard_.members[m].row, .actual = actual, .words = std::string(words)});
}

bool MemberWatch::is_named(const ShardMember& member) const {
  const std::string_view name(before_.data(), 100);
  return at_ >= before_.size() && member_name_hash(name.substr(0, name.find('\0'))) == member.name;
}

/// Opens the members that begin at `at_`.
void MemberWatch::begin_here() {
  const std::span<const ShardMember> members = shard_.members;
  while (next_ < members.size() && members[next_].offset == at_) {
    const ShardMember& member = members[next_];
    std::size_t last = next_;
    while (last + 1 < members.size() && stretch_of(members[last + 1]) == stretch_of(member)) ++last;
    const std::uint64_t end = at_ + std::min(member.size, ~std::uint64_t{0} - at_);
    Open stretch{.first = next_, .last = last, .end = end, .hash = {}};
    next_ = last + 1;
    if (open_.size() >= most_open)
      fault(stretch, {}, "lies across the images of other samples");
    else if (!is_named(member))
      fault(stretch, {}, "no member of that name begins there");
    else
      open_.push_back(std::move(stretch));
  }
}

void MemberWatch::feed(std::string_view part) {
  std::erase_if(open_, [&](Open& stretch) {
    const std::uint64_t left = stretch.end - at_;
    stretch.hash.add(part.substr(0, std::min<std::uint64_t>(left, part.size())));
    if (left > part.size()) return false;
    const Digest actual = stretch.hash.finish();
    for (std::size_t m = stretch.first; m <= stretch.last; ++m)
      if (shard_.members[m].digest != actual)
        shard_.faults.push_back({.row = shard_.members[m].row, .actual = actual.hex()});
    return true;
  });
  const std::size_t kept = std::min(part.size(), before_.size());
  std::memmove(before_.data(), before_.data() + kept, before_.size() - kept);
  std::memcpy(before_.data() + before_.size() - kept, part.data() + part.size() - kept, kept);
  at_ += part.size();
}

void MemberWatch::add(std::string_view piece) {
  while (!piece.empty()) {
    begin_here();
    std::uint64_t length = piece.size();
    if (next_ < shard_.members.size()) length = std::min(length, shard_.members[next_].offset - at_);
    feed(piece.substr(0, length));
    piece.remove_prefix(length);
  }
}

void MemberWatch::finish() {
  for (const Open& stretch : open_) fault(stretch, {}, "the shard ends before the image does");
  open_.clear();
  for (; next_ < shard_.members.size(); ++next_)
    shard_.faults.push_back({.row = shard_.members[next_].row, .words = "the shard ends before the image begins"});
  shard_.read = true;
}

}  // namespace vetset
