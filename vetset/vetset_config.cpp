// Settings and baselines as files: where vetset.toml is looked for, and what it does to the options of a check.
#include <algorithm>
#include <filesystem>

#include "vetset/base/publish.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

namespace fs = std::filesystem;

/// What a path is, or would be, without links and dots; empty where the system does not know.
fs::path absolute_of(const fs::path& path) {
  std::error_code failed;
  fs::path whole = fs::weakly_canonical(path, failed);
  return failed ? fs::path() : whole;
}

bool is_there(const fs::path& path) {
  std::error_code failed;
  return fs::exists(path, failed) && !failed;
}

/// The nearest folder, from this one upward, that holds a repository; empty where there is none.
fs::path repository_of(fs::path folder) {
  for (; !folder.empty(); folder = folder.parent_path()) {
    if (is_there(folder / ".git")) return folder;
    if (folder == folder.root_path()) break;
  }
  return {};
}

Result<std::string> read_text(const std::string& file) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(file));
  VETSET_TRY(const Bytes bytes, tree->read(tree->list().front()));
  return std::string(bytes.text());
}

}  // namespace

Result<std::optional<Config>> find_config(const std::string& path) {
  const fs::path start = absolute_of(path);
  if (start.empty()) return std::optional<Config>();
  std::error_code failed;
  const bool is_folder = fs::is_directory(start, failed);
  const fs::path last = repository_of(start);
  // Without a repository: in the dataset and beside it, and no further, where it may be anybody's.
  const fs::path end = !last.empty() ? last : is_folder ? start.parent_path() : start;
  fs::path folder = is_folder ? start : start.parent_path();
  for (;; folder = folder.parent_path()) {
    if (is_there(folder / "vetset.toml")) {
      fs::path shown = fs::relative(folder / "vetset.toml", fs::current_path(failed), failed);
      if (failed || shown.empty()) shown = folder / "vetset.toml";
      VETSET_TRY(Config config, read_config(shown.string()));
      return std::optional<Config>(std::move(config));
    }
    if (folder == end || folder == folder.root_path() || folder.empty()) return std::optional<Config>();
  }
}

Result<Config> read_config(const std::string& file) {
  VETSET_TRY(const std::string text, read_text(file));
  return parse_config(text, file);
}

Result<void> apply(const Config& config, CheckOptions& options) {
  if (config.select) options.select = *config.select;
  if (config.ignore) options.ignore = *config.ignore;
  if (config.fail_on) options.fail_on = *config.fail_on;
  if (config.pixels) options.pixels = *config.pixels;
  if (config.near) options.near = *config.near;
  if (const fs::path beside = fs::path(config.file).parent_path() / "contract.yaml";
      options.contract.empty() && is_there(beside))
    options.contract = beside.string();
  // Who runs them says so in its place; who does not, tells that they were not run.
  if (!config.rules.empty())
    options.own = unread_own_rules(config.rules, "was not run: only 'vetset check' and 'vetset explain' run rules");
  options.severities.insert(options.severities.end(), config.severities.begin(), config.severities.end());
  Exceptions& exceptions = options.exceptions;
  exceptions.paths.insert(exceptions.paths.end(), config.paths.begin(), config.paths.end());
  exceptions.waivers.insert(exceptions.waivers.end(), config.waivers.begin(), config.waivers.end());
  for (const std::string& name : config.set) {
    const Setting* setting = find_setting(name);
    VETSET_ASSERT(setting != nullptr, "a config holds settings that there are");
    copy_setting(options.settings, config.settings, *setting);
  }
  return {};
}

std::string baseline_path(const Config& config) {
  return (fs::path(config.file).parent_path() / config.baseline).lexically_normal().string();
}

std::vector<std::string> rule_files(const Config& config) {
  std::vector<std::string> files;
  for (const std::string& file : config.rules)
    files.push_back((fs::path(config.file).parent_path() / file).lexically_normal().string());
  return files;
}

bool may_run_rules(const Config& config, const std::string& dataset) {
  std::error_code failed;
  const fs::path folder = absolute_of(config.file).parent_path(), here = absolute_of(fs::current_path(failed));
  const fs::path data = absolute_of(dataset);
  if (failed || folder.empty() || here.empty() || data.empty()) return false;
  const auto is_in = [](const fs::path& inner, const fs::path& outer) {
    const fs::path way = inner.lexically_relative(outer);
    return !way.empty() && *way.begin() != "..";
  };
  return is_in(here, folder) && !is_in(folder, data);
}

Result<Baseline> read_baseline(const std::string& file) {
  VETSET_TRY(const std::string text, read_text(file));
  auto baseline = parse_baseline(text);
  if (!baseline) return std::move(baseline).error().in(file);
  return baseline;
}

Baseline all_of(const Source& source, const CheckReport& report) {
  Baseline baseline = baseline_of(source.dataset, report.findings);
  for (const RuleResult& result : report.rules) {
    const auto kept = static_cast<std::uint64_t>(std::count_if(
        report.findings.begin(), report.findings.end(), [&](const Finding& f) { return f.code == result.rule->code; }));
    if (result.count > kept) baseline.beyond.emplace_back(result.rule->code, result.count - kept);
  }
  return baseline;
}

Result<void> write_baseline(const std::string& file, const Source& source, const CheckReport& report) {
  return write_file_atomically(file, to_json(all_of(source, report), "vetset " + std::string(version())));
}

std::string path_prefix(const Source& source, const std::string& path) {
  fs::path root = absolute_of(path);
  if (root.empty()) return {};
  if (!source.only.empty()) {
    // The tree begins so many folders above the file that was named.
    const std::string whole = root.string();
    if (!whole.ends_with("/" + source.only)) return {};
    root = whole.substr(0, whole.size() - source.only.size() - 1);
  }
  std::error_code failed;
  fs::path from = repository_of(root);
  if (from.empty()) from = fs::current_path(failed);
  const std::string below = root.lexically_relative(from).generic_string();
  if (failed || below.empty() || below == "." || below == ".." || below.starts_with("../")) return {};
  return below + "/";
}

}  // namespace vetset
