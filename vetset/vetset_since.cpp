// before: the dataset that a check is held to, from git, a package or a path, and what was found in it.
#include <algorithm>
#include <filesystem>

#include "vetset/base/git.h"
#include "vetset/check/words.h"
#include "vetset/vetset.h"
#include "vetset/vetset_files.h"

namespace vetset {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view git_prefix = "git:";

bool is_there(const std::string& path) {
  std::error_code failed;
  return fs::exists(path, failed) && !failed;
}

/// The folder that the dataset's paths begin at, and the archive in it that holds them, where one does.
struct Root {
  std::string folder, archive;
};
Result<Root> root_of(const std::string& path, const Source& source) {
  std::error_code failed;
  const fs::path whole = fs::canonical(path, failed);
  if (failed) return Error{Code::not_found, "there is no such file or folder", path};
  if (fs::is_directory(whole, failed)) return Root{whole.string(), {}};
  if (source.only.empty()) return Root{whole.parent_path().string(), whole.filename().string()};
  const std::string text = whole.string();
  if (!text.ends_with("/" + source.only))
    return Error{Code::unsupported, "a link to a dataset's file has no history of its own: name the file itself", path};
  return Root{text.substr(0, text.size() - source.only.size() - 1), {}};
}

Result<Source> of_revision(const std::string& path, const Source& now, const std::string& commit,
                           const std::string& called, const OpenOptions& opening) {
  VETSET_TRY(const Root root, root_of(path, now));
  VETSET_TRY(std::unique_ptr<Tree> tree, open_git(root.folder, commit, called));
  if (!root.archive.empty()) {
    VETSET_TRY(Bytes bytes, tree->read(root.archive));
    const TreeOptions limits{.limits = opening.common.limits};
    const bool zip = bytes.text().starts_with("PK");
    auto archive =
        zip ? open_zip_bytes(std::move(bytes), called, limits) : open_tar_bytes(std::move(bytes), called, limits);
    if (!archive) return std::move(archive).error();
    tree = *std::move(archive);
  }
  if (!now.only.empty() && !tree->contains(now.only))
    return Error{Code::not_found, "has no file '" + now.only + "'", called};
  return source_in(std::move(tree), opening.from, opening, now.only);
}

/// What the earlier side could not be asked, as what it would need is of the later one.
std::vector<std::string> not_asked(const CheckOptions& options) {
  std::vector<std::string> given;
  if (options.predicted != nullptr) given.emplace_back("predictions");
  if (options.probabilities != nullptr) given.emplace_back("probabilities");
  if (options.embeddings != nullptr) given.emplace_back("embeddings");
  return given;
}

}  // namespace

Result<Before> open_before(const std::string& path, const Source& source, const std::string& reference,
                           const OpenOptions& opening) {
  const bool only_git = reference.starts_with(git_prefix);
  const std::string revision = only_git ? reference.substr(git_prefix.size()) : reference;
  const bool is_path = !only_git && is_there(reference);
  Before result;
  result.called = revision;
  if (is_path && reference.find_first_of("/.") == std::string::npos) {
    VETSET_TRY(const Root root, root_of(path, source));
    if (git_commit(root.folder, revision))
      return Error{Code::usage, "'" + reference + "' is a path and a revision of git: write ./" + reference +
                                    " for the one, git:" + reference + " for the other"};
  }
  if (is_path) {
    while (result.called.size() > 1 && result.called.ends_with('/')) result.called.pop_back();
    result.called = base_name(result.called);
    OpenOptions earlier = opening;
    if (source.format == nullptr || reference.ends_with(".pkg")) earlier.from.clear();
    VETSET_TRY(result.source, open(reference, earlier));
  } else {
    VETSET_TRY(const Root root, root_of(path, source));
    auto commit = git_commit(root.folder, revision);
    if (!commit) {
      Error error = std::move(commit).error();
      if (!only_git) error.message = "'" + reference + "' is no path, and no revision: " + error.message;
      return error;
    }
    VETSET_TRY(result.source, of_revision(path, source, *commit, result.called, opening));
  }
  std::uint64_t absent = 0;
  for (const TreeProblem& problem : result.source.tree->problems())
    absent += problem.kind == TreeProblem::Kind::unreadable;
  if (absent > 0)
    result.notes.push_back(counted(absent, "file", "files") + " of " + result.called +
                           (absent == 1 ? " is a pointer" : " are pointers") +
                           " of git-lfs to what is not here: what is found there counts as new");
  return result;
}

Result<void> check_before(Before& before, const CheckOptions& options, std::shared_ptr<const OwnRules> own) {
  const std::vector<std::string> missing = not_asked(options);
  for (const std::string& what : missing)
    before.notes.push_back("the " + what + " are of the later side alone: what rules find by them counts as new");

  CheckOptions asked = options;
  asked.exceptions = {};
  asked.consumer.clear();
  asked.predicted = nullptr;
  asked.probabilities = nullptr;
  asked.embeddings = nullptr;
  asked.fail_on = {};
  asked.own = std::move(own);
  VETSET_TRY(const CheckReport report, check(before.source, asked));
  before.findings = all_of(before.source, report);
  before.findings.called = before.called;
  return {};
}

Result<Before> before(const std::string& path, const Source& source, const std::string& reference,
                      const CheckOptions& options, const OpenOptions& opening) {
  VETSET_TRY(Before result, open_before(path, source, reference, opening));
  VETSET_DO(check_before(result, options));
  return result;
}

}  // namespace vetset
