// What a conversion did, as people read it: a screenful grouped by what became of the fields, or every field with an
// example; and the questions that are open.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "vetset/dataset/statement.h"

namespace vetset::cli {

/// KEPT, CHANGED, LEFT BEHIND, DECIDED, RENAMED: fields by record, with counts where not all records are meant.
std::string ledger(const Terminal& t, const Proof& proof);
/// A line a field, with the first record of each change.
std::string whole_ledger(const Terminal& t, const Proof& proof);
/// The decisions that nobody took yet, an example each, and the answers there are.
std::string open_questions(const Terminal& t, const Proof& proof);

}  // namespace vetset::cli
