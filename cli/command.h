// One command of the program. One `Command` value per command, in its own file; commands.def lists them.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "cli/arguments.h"
#include "cli/terminal.h"

namespace vetset::cli {

/// What the process returns (design: the same for every command; `verify` alone tells its no apart).
enum Exit : int { yes = 0, no = 1, could_not = 2, our_defect = 3, no_trust = 4, no_policy = 5, in_part = 6 };

struct Example {
  std::string_view command;  // "vetset check export.zip"
  std::string_view what;     // "the first look at an export"
};

struct Command {
  std::string_view name;
  std::string_view summary;  // one line of `vetset --help`
  std::string_view about;    // what `vetset NAME --help` says below it
  std::span<const Example> examples;
  bool first;  // shown among the verbs that people see first
  /// Declares the command's arguments and gives what runs once they are read.
  std::function<int(Terminal&)> (*define)(Arguments&);
};
std::span<const Command* const> commands();

}  // namespace vetset::cli
