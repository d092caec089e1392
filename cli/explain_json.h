// What `vetset explain --json` prints. Schema: docs/schema/explain-v1.json.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "vetset/check/rule.h"

namespace vetset::cli {

/// A rule with its thresholds and its page, and the findings that were asked for, each as `check --json` has it. `rule`
/// is null where a finding is of none; `page` is Markdown.
std::string explained_json(const Rule* rule, std::string_view page, const CheckSettings& settings,
                           std::span<const std::string> findings);

}  // namespace vetset::cli
