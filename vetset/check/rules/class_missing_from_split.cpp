#include <algorithm>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

void check_class_missing_from_split(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::vector<SplitClasses> splits = classes_by_split(d);
  // Splits that stand for no part of an experiment hold what they hold; a split without any label has them withheld.
  std::erase_if(splits, [](const SplitClasses& s) {
    return s.all == 0 || (s.role != SplitRole::train && s.role != SplitRole::val && s.role != SplitRole::test);
  });
  if (splits.size() < 2) return;
  for (const SplitClasses& split : splits) {
    std::vector<std::size_t> missing;
    std::size_t used = 0;
    for (std::size_t c = 0; c < d.categories.size(); ++c) {
      const bool elsewhere =
          std::any_of(splits.begin(), splits.end(), [&](const SplitClasses& s) { return s.objects[c] > 0; });
      used += elsewhere;
      if (elsewhere && split.objects[c] == 0) missing.push_back(c);
    }
    if (missing.empty()) continue;
    constexpr std::size_t shown = 3;
    std::string names;
    for (std::size_t k = 0; k < std::min(shown, missing.size()); ++k)
      names += (k == 0 ? "" : ", ") + quoted(d.categories[missing[k]].name);
    if (missing.size() > shown) names += " and " + counted(missing.size() - shown, "other", "others");
    report(to_index<CategoryIndex>(missing.front()),
           quoted(split.name) + " has nothing of " + grouped(missing.size()) + " of " +
               counted(used, "class", "classes") + ": " + names +
               (split.role == SplitRole::train ? "; they are evaluated and never learned"
                                               : "; they are not evaluated here"),
           "split again, stratified by class");
  }
}

}  // namespace

extern const Rule class_missing_from_split{.code = "COV203",
                                           .name = "class-missing-from-split",
                                           .title = "a class is in one split and not in another",
                                           .severity = Severity::warning,
                                           .evidence = EvidenceClass::proof,
                                           .check = check_class_missing_from_split};

}  // namespace vetset
