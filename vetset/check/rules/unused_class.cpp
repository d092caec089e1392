#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

void check_unused_class(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.annotations.empty()) return;
  std::vector<std::uint64_t> counts(d.categories.size());
  for (const Annotation& a : d.annotations)
    if (a.category != none<CategoryIndex>) ++counts[to_size(a.category)];
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] == 0)
      report(to_index<CategoryIndex>(c), "class " + quoted(d.categories[c].name) + " is defined and never used",
             "drop it, if no index depends on it");
}

}  // namespace

extern const Rule unused_class{.code = "LBL110",
                               .name = "unused-class",
                               .title = "a class is defined and never used",
                               .severity = Severity::note,
                               .evidence = EvidenceClass::proof,
                               .check = check_unused_class};

}  // namespace vetset
