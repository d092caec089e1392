#include <algorithm>
#include <map>
#include <vector>

#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/groups.h"
#include "vetset/dataset/shown_path.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

std::string not_run_group_in_two_splits(const Evidence& evidence) {
  return evidence.groups == nullptr ? "needs keys to group by" : "";
}

void check_group_in_two_splits(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const SplitNames splits(d);
  const SplitSets sets(d);
  Touched touched(sets);
  for (const Groups::Key& key : evidence.groups->keys) {
    std::map<std::string_view, std::vector<ImageIndex>> groups;
    for (std::size_t i = 0; i < key.of.size(); ++i)
      if (!key.of[i].empty()) groups[key.of[i]].push_back(to_index<ImageIndex>(i));
    for (const auto& [value, images] : groups) {
      const std::vector<std::string_view> first = splits.of(images.front());
      for (const ImageIndex other : images) {
        const auto pair = different_splits(first, splits.of(other));
        if (!pair) continue;
        report(ImagePair{images.front(), other},
               key.name + " " + quoted(value) + " is in " + quoted(pair->first) + " here and in " +
                   quoted(pair->second) + " with " + quoted(shown_path(d, other)) + "; it has " +
                   counted(images.size(), "image", "images"),
               "keep the group in one split");
        touched.add(images);
        break;
      }
    }
  }
  touched.tell(report, 2);
}

}  // namespace

extern const Rule group_in_two_splits{.code = "LEA311",
                                      .name = "group-in-two-splits",
                                      .title = "images that a key keeps together are in two splits",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::proof,
                                      .check = check_group_in_two_splits,
                                      .not_run = not_run_group_in_two_splits};

}  // namespace vetset
