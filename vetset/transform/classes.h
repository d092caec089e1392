// Which class becomes which, from what people type: old=new, a,b=c, names to drop, to keep, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/edit.h"

namespace vetset {

/// Applied in this order; each step speaks of the classes as the one before left them. A backslash takes the meaning
/// from a following ',' '=' or backslash, where a name has one.
struct ClassWords {
  std::vector<std::string> rename = {};  // "old=new"; all at once, so that two can change names
  std::vector<std::string> merge = {};   // "a", "b=c": a and b become c, which may be there already
  std::vector<std::string> drop = {}, keep = {};
  std::vector<std::string> order = {};                   // these first; the others behind them, as they were
  std::optional<std::vector<std::string>> exactly = {};  // the result has these, in this order, and no others
  std::string exactly_from = {};                         // what to call that list: "classes.txt"
  bool empty() const {
    return rename.empty() && merge.empty() && drop.empty() && keep.empty() && order.empty() && !exactly;
  }
};

/// What became of classes: one line a class of the result, and one a class that went.
struct ClassChange {
  std::vector<std::string> from;  // names it had; empty: a new class
  std::string to;                 // empty: dropped
  std::uint64_t objects = 0;      // of all in `from`
  bool changed() const { return to.empty() || from.size() != 1 || from.front() != to; }
};
struct PlannedClasses {
  ClassPlan plan;
  std::vector<ClassChange> changes;  // of the result in order, then those that go
};
/// A name that no class has is an error that names the nearest one.
Result<PlannedClasses> plan_classes(const Dataset& d, const ClassWords& words);

/// Words that were cut at commas, with those put together again whose comma a backslash took.
std::vector<std::string> with_commas_kept(const std::vector<std::string>& words);
/// "old=new" at its first '=' that no backslash takes; `second` is nothing where there is none.
struct WordPair {
  std::string first;
  std::optional<std::string> second;
};
WordPair word_pair(std::string_view word);

}  // namespace vetset
