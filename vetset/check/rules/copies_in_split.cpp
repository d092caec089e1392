#include <algorithm>
#include <map>
#include <vector>

#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/repeated.h"
#include "vetset/dataset/shown_path.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

/// Copies of one file in one split: the first of them, and all.
struct Copies {
  std::vector<ImageIndex> images;
};
using CopiesBySplit = std::map<std::string_view, std::vector<Copies>>;

/// Splits of one dataset by name; without splits all images are one, called "".
CopiesBySplit find_copies(const Dataset& d, std::span<const Facts> facts, const SplitNames& splits) {
  CopiesBySplit found;
  for (const std::vector<ImageIndex>& images : equal_files(facts)) {
    std::map<std::string_view, Copies> here;
    for (const ImageIndex i : images) {
      // One file under two records is one image.
      const auto add = [&](std::string_view split) {
        std::vector<ImageIndex>& copies = here[split].images;
        if (std::none_of(copies.begin(), copies.end(),
                         [&](ImageIndex other) { return d.text(d[other].media) == d.text(d[i].media); }))
          copies.push_back(i);
      };
      const std::vector<std::string_view> names = splits.of(i);
      if (names.empty()) add("");
      for (const std::string_view name : names) add(name);
    }
    for (auto& [split, copies] : here)
      if (copies.images.size() > 1) found[split].push_back(std::move(copies));
  }
  return found;
}

std::map<std::string_view, std::uint64_t> sizes(const Dataset& d, const SplitNames& splits) {
  std::map<std::string_view, std::uint64_t> counts;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const std::vector<std::string_view> names = splits.of(to_index<ImageIndex>(i));
    if (names.empty()) ++counts[""];
    for (const std::string_view name : names) ++counts[name];
  }
  return counts;
}

/// Images of one split that links tie together, whatever the links are.
struct TiedSplit {
  std::uint64_t images = 0;
  std::map<std::uint32_t, std::vector<ImageIndex>> members;  // by component
};

/// What intervals should count: groups, not images. One finding a split, at its largest group.
void report_effective_sizes(const Evidence& evidence, const SplitNames& splits, const Report& report) {
  const Dataset& d = evidence.dataset;
  const Components groups = components(*evidence.links, d.images.size());
  std::map<std::string_view, TiedSplit> tied;
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    const auto i = to_index<ImageIndex>(n);
    std::vector<std::string_view> names = splits.of(i);
    if (names.empty()) names.emplace_back();
    for (const std::string_view name : names) {
      ++tied[name].images;
      tied[name].members[groups.of[n]].push_back(i);
    }
  }
  for (const auto& [split, of] : tied) {
    if (of.members.size() == of.images) continue;
    const auto largest = std::max_element(of.members.begin(), of.members.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    const std::vector<ImageIndex>& images = largest->second;
    report.with(Severity::note, EvidenceClass::calibrated, ImagePair{images[0], images[1]},
                (split.empty() ? std::string("the dataset's ") : quoted(split) + " has ") +
                    counted(of.images, "image", "images") + (split.empty() ? " count" : " that count") + " as " +
                    grouped(of.members.size()) + ": the others are tied to one of them; the largest group has " +
                    grouped(images.size()) + ", this one and " + quoted(shown_path(d, images[1])) + " among them",
                "make intervals by group; weigh a group as one");
  }
}

void check_copies_in_split(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const SplitNames splits(d);
  if (evidence.links != nullptr) report_effective_sizes(evidence, splits, report);
  const CopiesBySplit found = find_copies(d, evidence.facts, splits);
  if (found.empty()) return;
  const auto counts = sizes(d, splits);
  for (const auto& [split, groups] : found) {
    std::uint64_t extra = 0;
    for (const Copies& copies : groups) extra += copies.images.size() - 1;
    const std::uint64_t all = counts.at(split);
    const std::string whole = (split.empty() ? std::string("the dataset") : quoted(split)) + " has " +
                              counted(all, "image", "images") + ", " + grouped(all - extra) + " different";
    for (const Copies& copies : groups) {
      const std::size_t more = copies.images.size() - 2;
      report(ImagePair{copies.images[0], copies.images[1]},
             "is byte for byte " + quoted(shown_path(d, copies.images[1])) +
                 (more > 0 ? " and " + counted(more, "other", "others") : "") + "; " + whole,
             "keep one, or weigh them as one");
    }
  }
}

}  // namespace

extern const Rule copies_in_split{.code = "LEA319",
                                  .name = "copies-in-split",
                                  .title = "one split has one picture, or one scene, several times",
                                  .severity = Severity::note,
                                  .evidence = EvidenceClass::proof,
                                  .needs = Needs::headers | Needs::digests,
                                  .check = check_copies_in_split};

}  // namespace vetset
