// A folder as a revision of its git repository holds it. Asked of git itself: nothing is checked out, and neither the
// working tree nor the repository is written to.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "vetset/base/tree.h"

namespace vetset {

/// The commit that a revision names ("HEAD~1", "main", "v1.0"), as hex digits. An error where `folder` lies in no
/// repository, where git is not here, or where it knows no such revision.
Result<std::string> git_commit(const std::string& folder, std::string_view revision);

/// The files below `folder` as they were in `commit`, called `name`. A file that git keeps as a pointer of git-lfs is
/// taken from the store of git-lfs, or from the folder where it is still the same. What git has never been told of
/// (images beside the labels that it keeps) is taken from the folder as it is now. What is nowhere is not listed, and
/// is a problem of the tree.
Result<std::unique_ptr<Tree>> open_git(const std::string& folder, const std::string& commit, std::string name);

}  // namespace vetset
