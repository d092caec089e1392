// vetset.toml: which rules run, what they heed, how grave they are, what is known already.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/check/settings.h"
#include "vetset/check/sift.h"
#include "vetset/dataset/links.h"

namespace vetset {

/// From which severity on the answer of a check is no; empty: never.
using FailOn = std::optional<Severity>;
/// "error", "warning", "note", "never".
Result<FailOn> parse_fail_on(std::string_view text);
/// "error", "warning", "note"; "off" is nothing.
Result<std::optional<Severity>> parse_severity(std::string_view text);

/// How near-duplicates are searched: "basic", "views", "full".
Result<NearTier> parse_near(std::string_view text);

/// What one file says; what it does not say is empty.
struct Config {
  std::string file;  // as it was found
  std::optional<std::vector<std::string>> select = {}, ignore = {};
  std::optional<FailOn> fail_on = {};
  std::optional<bool> pixels = {};
  std::optional<NearTier> near = {};
  std::string baseline = {};            // path, seen from the folder of `file`
  std::vector<std::string> rules = {};  // files of rules of a team's own, likewise
  std::vector<SeverityChoice> severities = {};
  std::vector<PathIgnore> paths = {};
  std::vector<Waiver> waivers = {};
  CheckSettings settings = {};
  std::vector<std::string> set = {};  // names of the settings it sets
};

/// Every mistake is an error with its line and column; a word that nobody knows comes with the one it resembles.
Result<Config> parse_config(std::string_view text, std::string_view file);

}  // namespace vetset
