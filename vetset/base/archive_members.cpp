#include "vetset/base/archive_members.h"

#include <algorithm>

#include "vetset/base/unicode.h"

namespace vetset {
namespace {

std::string_view top_of(std::string_view path) { return path.substr(0, path.find('/')); }

/// What macOS adds to every archive it makes.
bool is_macos_litter(std::string_view path) { return top_of(path) == "__MACOSX" || path == ".DS_Store"; }

bool by_path(const ArchiveMembers::Member& a, const ArchiveMembers::Member& b) { return a.path < b.path; }

}  // namespace

std::string_view trimmed_member_name(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  while (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  return name;
}

void ArchiveMembers::add(std::string_view name, std::uint64_t where, std::uint64_t size) {
  const std::string_view path = trimmed_member_name(name);
  if (auto why = path_problem(path)) return problem(name, std::move(*why), TreeProblem::Kind::member_name);
  members_.push_back({names_.emplace_back(path), where, size});
}

void ArchiveMembers::problem(std::string_view name, std::string what, TreeProblem::Kind kind) {
  problems_.push_back({printable(name), std::move(what), kind});
}

void ArchiveMembers::finish(const TreeOptions& options) {
  std::stable_sort(members_.begin(), members_.end(), by_path);
  keep_first_of_each_name();
  refuse_files_that_are_folders();
  if (options.audit) tell_empty_folders();
  if (options.step_in) step_in();
  paths_.resize(members_.size());
  std::transform(members_.begin(), members_.end(), paths_.begin(), [](const Member& m) { return m.path; });
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const TreeProblem& a, const TreeProblem& b) { return a.path < b.path; });
}

void ArchiveMembers::keep_first_of_each_name() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (kept > 0 && members_[kept - 1].path == members_[i].path)
      problem(members_[i].path, "is there a second time; the first is taken", TreeProblem::Kind::member_twice);
    else
      members_[kept++] = members_[i];
  }
  members_.resize(kept);
}

void ArchiveMembers::refuse_files_that_are_folders() {
  std::vector<const Member*> refused;
  std::string_view last;
  for (const Member& member : members_) {
    if (folder_of(member.path) == last) continue;
    last = folder_of(member.path);
    for (std::string_view folder = last; !folder.empty(); folder = folder_of(folder))
      if (const Member* file = find(folder)) refused.push_back(file);
  }
  if (refused.empty()) return;
  std::sort(refused.begin(), refused.end());
  refused.erase(std::unique(refused.begin(), refused.end()), refused.end());
  std::vector<Member> kept;
  for (const Member& member : members_) {
    if (std::binary_search(refused.begin(), refused.end(), &member))
      problem(member.path, "is a file and a folder at once; the folder is taken", TreeProblem::Kind::member_twice);
    else
      kept.push_back(member);
  }
  members_ = std::move(kept);
}

void ArchiveMembers::tell_empty_folders() {
  std::sort(folders_.begin(), folders_.end());
  folders_.erase(std::unique(folders_.begin(), folders_.end()), folders_.end());
  for (const std::string& folder : folders_) {
    const std::string below = folder + '/';
    const auto member = std::lower_bound(members_.begin(), members_.end(), Member{below}, by_path);
    const auto deeper = std::lower_bound(folders_.begin(), folders_.end(), below);
    if ((member == members_.end() || !member->path.starts_with(below)) &&
        (deeper == folders_.end() || !deeper->starts_with(below)))
      problem(folder, "is a folder without a file", TreeProblem::Kind::empty_folder);
  }
}

void ArchiveMembers::step_in() {
  std::string_view top;
  for (const Member& member : members_) {
    if (is_macos_litter(member.path)) continue;
    if (folder_of(member.path).empty()) return;  // a file at the top
    if (top.empty()) top = top_of(member.path);
    if (top_of(member.path) != top) return;
  }
  if (top.empty()) return;
  std::erase_if(members_, [&](const Member& m) { return top_of(m.path) != top; });
  for (Member& member : members_) member.path.remove_prefix(top.size() + 1);  // one prefix: the order stays
}

const ArchiveMembers::Member* ArchiveMembers::find(std::string_view path) const {
  const auto member = std::lower_bound(members_.begin(), members_.end(), Member{path}, by_path);
  return member != members_.end() && member->path == path ? &*member : nullptr;
}

}  // namespace vetset
