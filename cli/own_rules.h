// Rules of a team's own on the command line: a Python that has vetset runs them, and answers with what they found.
// Where there is none, they are told as not run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/judging.h"
#include "cli/predicted.h"

namespace vetset::cli {

/// Whose rules, and what they look at.
struct OwnRulesAsked {
  std::string src, from, images_dir, diff_from;
  const PredictedFlags* predicted = nullptr;  // null: none
  unsigned threads = 0;
};
struct OwnRulesFound {
  std::shared_ptr<const OwnRules> now = {}, then = {};  // of the dataset, of an earlier one; null: there are no files
};
/// Runs the rules of the files that `judged` names, where they may be run. What they print goes to stderr. An error:
/// files that cannot be read, or are no rules.
Result<OwnRulesFound> run_own_rules(const Judging& judged, const OwnRulesAsked& asked, const Source& source,
                                    const Source* earlier);

/// Their codes, names and pages, without running them; null where there are no files, or nothing to read them with.
Result<std::shared_ptr<const OwnRules>> describe_own_rules(const Judging& judged);

}  // namespace vetset::cli
