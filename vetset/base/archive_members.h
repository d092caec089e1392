// The list of an archive's members: named, sorted, each name once, nothing that leaves the tree. For zip and tar.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/tree.h"

namespace vetset {

/// A member's name without "./" before it and '/' behind it.
std::string_view trimmed_member_name(std::string_view name);

class ArchiveMembers {
 public:
  struct Member {
    std::string_view path;
    std::uint64_t where = 0;  // an index or an offset: the archive knows
    std::uint64_t size = 0;
  };

  /// Takes a member as the archive names it; a leading "./" means nothing. One that cannot be a path is a problem.
  void add(std::string_view name, std::uint64_t where, std::uint64_t size);
  void problem(std::string_view name, std::string what, TreeProblem::Kind kind);
  /// A folder that the archive names.
  void add_folder(std::string_view name) { folders_.emplace_back(trimmed_member_name(name)); }
  /// Members taken so far, and problems.
  std::size_t count() const { return members_.size() + problems_.size(); }

  /// Sorts, and settles what two members say of one name: the first is kept. With `step_in` the single top folder of
  /// all members becomes the root, whatever macOS put beside it. An audit is told of folders without files.
  void finish(const TreeOptions& options);

  const Member* find(std::string_view path) const;
  std::span<const std::string_view> paths() const { return paths_; }
  std::span<const TreeProblem> problems() const { return problems_; }

 private:
  void keep_first_of_each_name();
  void refuse_files_that_are_folders();
  void step_in();
  void tell_empty_folders();

  std::deque<std::string> names_;  // what the views point into; it does not move
  std::vector<Member> members_;
  std::vector<std::string_view> paths_;
  std::vector<TreeProblem> problems_;
  std::vector<std::string> folders_;
};

}  // namespace vetset
