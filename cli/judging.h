// What verbs share that judge a dataset: which rules run, what they heed, and what is known already. A flag holds
// against a VETSET_* variable, that against vetset.toml, and that against the default.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "vetset/vetset.h"

namespace vetset::cli {

struct JudgingFlags {
  std::vector<std::string> select, ignore, severity, set;
  std::vector<std::string> rules;
  std::string fail_on, today, baseline, config, near, embeddings, embeddings_paths;
  bool pixels = false, no_cache = false;
};

/// Declares --select, --ignore, --severity, --set, --today, --config.
void define_judging(Arguments& arguments, JudgingFlags& flags);
/// Declares --fail-on and --baseline.
void define_gate(Arguments& arguments, JudgingFlags& flags);
/// Declares --pixels, --near, --no-cache, --embeddings and --embeddings-paths.
void define_pixels(Arguments& arguments, JudgingFlags& flags);

struct Judging {
  CheckOptions options;
  std::string config;                        // the vetset.toml that holds; empty: none
  std::vector<std::string> rule_files = {};  // of a team's own
  bool may_run_rules = false;                // whether these may be run
  std::string embeddings = {}, embeddings_paths = {};
};
/// Declares --rules.
void define_rules(Arguments& arguments, JudgingFlags& flags);
/// Options from flags, environment and vetset.toml for the dataset at `src`. Without `with_baseline`, none is read.
Result<Judging> judging(const std::string& src, const JudgingFlags& flags, bool with_baseline = true);

}  // namespace vetset::cli
