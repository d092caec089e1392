#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {
namespace {

using Names = std::set<std::string_view>;

Names split_names(const Dataset& d, const Dataset::ImageSplits& splits, ImageIndex i) {
  Names names;
  for (const SplitIndex s : splits.of(i))
    if (!d[s].name.empty()) names.insert(d[s].name);
  return names;
}

/// Two splits, one of each image, that are not the same; none where the images share theirs.
std::optional<std::pair<std::string_view, std::string_view>> leak(const Names& first, const Names& second) {
  for (const std::string_view a : first)
    for (const std::string_view b : second)
      if (a != b) return std::pair(a, b);
  return {};
}

/// Images of equal bytes, against the first of each set of splits seen before.
void judge_group(const Dataset& d, const Dataset::ImageSplits& splits, std::span<const ImageIndex> images,
                 const Report& report) {
  std::map<Names, ImageIndex> before;
  for (const ImageIndex i : images) {
    const Names names = split_names(d, splits, i);
    for (const auto& [other, first] : before) {
      const auto pair = leak(other, names);
      if (!pair || d.text(d[first].media) == d.text(d[i].media)) continue;  // one file under two records is FMT418's
      report(ImagePair{first, i},
             "in " + quoted(pair->first) + ", is byte for byte " + quoted(d.path(i)) + " in " + quoted(pair->second),
             "keep it in one split");
      break;
    }
    before.emplace(names, i);
  }
}

void check_file_in_two_splits(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.splits.size() < 2) return;
  std::vector<ImageIndex> images;  // those with a digest, equal ones together, each group in dataset order
  for (std::size_t i = 0; i < evidence.facts.size(); ++i)
    if (evidence.facts[i].has_digest) images.push_back(to_index<ImageIndex>(i));
  const auto digest = [&](ImageIndex i) -> const Digest& { return evidence.facts[to_size(i)].digest; };
  std::stable_sort(images.begin(), images.end(), [&](ImageIndex a, ImageIndex b) { return digest(a) < digest(b); });
  const Dataset::ImageSplits splits = d.image_splits();
  for (std::size_t begin = 0, end = 0; begin < images.size(); begin = end) {
    for (end = begin + 1; end < images.size() && digest(images[end]) == digest(images[begin]);) ++end;
    if (end - begin > 1) judge_group(d, splits, std::span(images).subspan(begin, end - begin), report);
  }
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
