// --undo: taking back what a list of edits says, for the verbs that write one.
#pragma once

#include <string>
#include <string_view>

#include "cli/writing.h"

namespace vetset::cli {

struct UndoWords {
  std::string_view verb;    // "fix"
  std::string_view edit;    // "repair": "3 repairs taken back"
  std::string_view before;  // "that were repaired": which labels the result should have
};
/// Reads the list, takes it back from the source of `writing`, and writes the result to `target`. Returns the exit
/// status.
int run_undo(Terminal& t, const WritingFlags& writing, const std::string& list, const std::string& target,
             const UndoWords& words);

}  // namespace vetset::cli
