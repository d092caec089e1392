#include <map>
#include <vector>

#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/repeated.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

/// Images of equal bytes, against the first of each set of splits seen before. Whether any are apart.
bool judge_group(const Dataset& d, const SplitNames& splits, std::span<const ImageIndex> images, const Report& report) {
  bool found = false;
  std::map<std::vector<std::string_view>, ImageIndex> before;
  for (const ImageIndex i : images) {
    const std::vector<std::string_view> names = splits.of(i);
    for (const auto& [other, first] : before) {
      const auto pair = different_splits(other, names);
      if (!pair || d.text(d[first].media) == d.text(d[i].media)) continue;  // one file under two records is FMT418's
      report(ImagePair{first, i},
             "in " + quoted(pair->first) + ", is byte for byte " + quoted(d.path(i)) + " in " + quoted(pair->second),
             "keep it in one split");
      found = true;
      break;
    }
    before.emplace(names, i);
  }
  return found;
}

void check_file_in_two_splits(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.splits.size() < 2) return;
  const SplitNames splits(d);
  const SplitSets sets(d);
  Touched touched(sets);
  for (const std::vector<ImageIndex>& images : equal_files(evidence.facts))
    if (judge_group(d, splits, images, report)) touched.add(images);
  touched.tell(report, 2);
}

}  // namespace

extern const Rule file_in_two_splits{.code = "LEA301",
                                     .name = "file-in-two-splits",
                                     .title = "the same file is in two splits: the test is no test",
                                     .severity = Severity::error,
                                     .evidence = EvidenceClass::proof,
                                     .needs = Needs::headers | Needs::digests,
                                     .check = check_file_in_two_splits};

}  // namespace vetset
