// What a check will do, decided before it runs: what a call says, and what vetset.toml says.
#pragma once

#include <string>
#include <vector>

#include "vetset/vetset.h"

namespace vetset::python {

/// `_core.CheckPlan`: rules in Python learn from it whether they are asked for.
struct Plan {
  CheckOptions options;
  std::vector<std::string> rule_files;
  bool may_run_rules = false;
  std::string config;  // the vetset.toml that holds; empty: none
};

}  // namespace vetset::python
