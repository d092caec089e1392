#include <map>
#include <set>
#include <vector>

#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/repeated.h"
#include "vetset/dataset/shown_path.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

/// One finding for all images of equal bytes: the first pair that lies apart, and how many there are. Whether there is.
bool judge_group(const Dataset& d, const SplitNames& splits, std::span<const ImageIndex> images, const Report& report) {
  std::map<std::vector<std::string_view>, ImageIndex> before;  // the first image of each set of splits
  std::set<std::string_view> in;
  for (const ImageIndex i : images) {
    const std::vector<std::string_view> names = splits.of(i);
    in.insert(names.begin(), names.end());
  }
  for (const ImageIndex i : images) {
    const std::vector<std::string_view> names = splits.of(i);
    for (const auto& [other, first] : before) {
      const auto pair = different_splits(other, names);
      if (!pair || d.text(d[first].media) == d.text(d[i].media)) continue;  // one file under two records is FMT418's
      std::string message = "in " + quoted(pair->first) + ", is byte for byte " + quoted(shown_path(d, i)) + " in " +
                            quoted(pair->second);
      if (images.size() > 2)
        message += "; " + counted(images.size(), "file", "files") + " are the same, in " +
                   counted(in.size(), "split", "splits");
      report(ImagePair{first, i}, std::move(message), "keep it in one split");
      return true;
    }
    before.emplace(names, i);
  }
  return false;
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
