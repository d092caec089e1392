#include <algorithm>
#include <string>
#include <vector>

#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/taken.h"
#include "vetset/check/words.h"
#include "vetset/dataset/shown_path.h"

namespace vetset {
namespace {

constexpr std::string_view temporal = "temporal";

/// The key that "temporal:KEY" names; "" for "temporal" alone. Nothing: no such policy is set.
std::optional<std::string_view> temporal_key(const CheckSettings& settings) {
  for (const std::string_view word : settings.split_policy) {
    if (word == temporal) return std::string_view();
    if (word.starts_with(temporal) && word.size() > temporal.size() + 1 && word[temporal.size()] == ':')
      return word.substr(temporal.size() + 1);
  }
  return {};
}

std::string not_run_training_after_test(const Evidence& evidence) {
  return temporal_key(evidence.settings) ? "" : "needs split-policy=temporal";
}

struct Earliest {
  std::string_view split;
  ImageIndex image = none<ImageIndex>;
  std::uint64_t known = 0, early = 0;  // images of the split with a time; taken before the last of training
};

void check_training_after_test(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const SplitSets splits(d);
  const TakenTimes times = taken_times(evidence, *temporal_key(evidence.settings));
  const auto at = [&](ImageIndex i) { return times.of[to_size(i)]; };
  ImageIndex last = none<ImageIndex>;
  for (std::size_t n = 0; n < times.of.size(); ++n) {
    const auto i = to_index<ImageIndex>(n);
    if (times.of[n] && splits.rank(i) == 0 && (last == none<ImageIndex> || *times.of[n] > *at(last))) last = i;
  }
  std::vector<Earliest> found;
  for (const auto& [split, count] : splits.evaluations()) found.push_back({.split = split});
  for (std::size_t n = 0; n < times.of.size() && last != none<ImageIndex>; ++n) {
    const auto i = to_index<ImageIndex>(n);
    if (!times.of[n]) continue;
    for (Earliest& of : found) {
      const std::vector<std::string_view>& in = splits.of(i);
      if (std::find(in.begin(), in.end(), of.split) == in.end()) continue;
      ++of.known;
      of.early += *times.of[n] < *at(last);
      if (of.image == none<ImageIndex> || *times.of[n] < *at(of.image)) of.image = i;
    }
  }
  for (const Earliest& of : found) {
    if (last == none<ImageIndex> || of.known == 0) {
      report.with(Severity::note, EvidenceClass::proof, {},
                  "nothing says when images of " + quoted(last == none<ImageIndex> ? "train" : of.split) +
                      " were taken: the order cannot be judged",
                  "name the key: split-policy=temporal:KEY");
      continue;
    }
    if (of.early == 0) continue;
    report(ImagePair{last, of.image},
           "was taken " + time_text(*at(last)) + " and is trained on, after " + quoted(shown_path(d, of.image)) +
               " in " + quoted(of.split) + ", " + time_text(*at(of.image)) + "; older than it are " +
               grouped(of.early) + " of " + grouped(of.known) + " in " + quoted(of.split) + ", by " + times.by,
           "train on what is older than what is evaluated on");
  }
}

}  // namespace

extern const Rule training_after_test{.code = "LEA316",
                                      .name = "training-after-test",
                                      .title = "a split by time trains on images younger than those it is tested on",
                                      .severity = Severity::warning,
                                      .evidence = EvidenceClass::proof,
                                      .check = check_training_after_test,
                                      .not_run = not_run_training_after_test};

}  // namespace vetset
