// Repairs of what is there twice: objects, memberships, files; and of images nobody has labelled.
#include <algorithm>
#include <array>
#include <map>

#include "vetset/check/repair.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void drop_second(const Evidence&, const Finding& finding, Workbench& bench) {
  const auto* pair = std::get_if<AnnotationPair>(&finding.where);
  if (pair != nullptr && !bench.is_dropped(pair->first)) bench.drop(pair->second, finding.message);
}

double box_area(const Annotation& a) { return a.box.width * a.box.height; }

/// Of two objects of one class in one place the smaller goes.
void drop_smaller(const Evidence& evidence, const Finding& finding, Workbench& bench) {
  const auto* pair = std::get_if<AnnotationPair>(&finding.where);
  if (pair == nullptr || bench.is_dropped(pair->first) || bench.is_dropped(pair->second)) return;
  const Dataset& d = bench.dataset();
  const auto is_changed = [&](AnnotationIndex a) { return !(d[a].box == evidence.dataset[a].box); };
  if (is_changed(pair->first) || is_changed(pair->second)) return;  // the next round tells whether they still meet
  const bool first_is_smaller = box_area(d[pair->first]) < box_area(d[pair->second]);
  bench.drop(first_is_smaller ? pair->first : pair->second, finding.message);
}

/// How dear a split is: what is evaluated on must not lose its images to what is trained on.
int rank(SplitRole role) {
  switch (role) {
    case SplitRole::test: return 3;
    case SplitRole::val: return 2;
    case SplitRole::other:
    case SplitRole::unspecified: return 1;
    case SplitRole::train: break;
  }
  return 0;
}

/// Where an image is in train and in what is evaluated on, train gives way; a list that names it twice, once.
void leave_all_but_one(const Dataset& d, const std::vector<std::size_t>& own, Workbench& bench) {
  int best = 0;
  for (const std::size_t m : own) best = std::max(best, rank(d[d.memberships[m].split].role));
  for (std::size_t k = 0; k < own.size(); ++k) {
    const SplitIndex split = d.memberships[own[k]].split;
    const bool repeated = std::any_of(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(k),
                                      [&](std::size_t m) { return d.memberships[m].split == split; });
    const bool gives_way = rank(d[split].role) == 0 && best > 1;
    if (repeated || gives_way)
      bench.leave_split(own[k], repeated ? "listed once in " + quoted(d[split].name)
                                         : "taken out of " + quoted(d[split].name) + ", as it is evaluated on, too");
  }
}

void leave_train(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  const Dataset& d = evidence.dataset;
  if (findings.empty()) return;
  // A finding may speak for all that two splits share, by the first of it.
  std::map<ImageIndex, std::vector<std::size_t>> memberships;
  for (std::size_t m = 0; m < d.memberships.size(); ++m) memberships[d.memberships[m].image].push_back(m);
  for (const auto& [image, own] : memberships)
    if (own.size() > 1) leave_all_but_one(d, own, bench);
}

int rank_of(const Dataset& d, const Dataset::ImageSplits& splits, ImageIndex i) {
  int best = 0;
  for (const SplitIndex s : splits.of(i)) best = std::max(best, rank(d[s].role));
  return best;
}

/// Whether two images say the same: class and box of every object, in any order.
bool same_labels(const Dataset& d, const Dataset::ImageAnnotations& annotations, ImageIndex a, ImageIndex b) {
  const auto rows = [&](ImageIndex i) {
    std::vector<std::array<double, 5>> all;
    for (const AnnotationIndex n : annotations.of(i))
      all.push_back({static_cast<double>(d[n].category), d[n].box.x, d[n].box.y, d[n].box.width, d[n].box.height});
    std::sort(all.begin(), all.end());
    return all;
  };
  return rows(a) == rows(b);
}

void drop_copies(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench, bool same) {
  const Dataset& d = evidence.dataset;
  const Dataset::ImageSplits splits = d.image_splits();
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  for (const Finding& finding : findings) {
    const auto* pair = std::get_if<ImagePair>(&finding.where);
    if (pair == nullptr || bench.is_dropped(pair->first) || bench.is_dropped(pair->second)) continue;
    const int first = rank_of(d, splits, pair->first), second = rank_of(d, splits, pair->second);
    if (first == second || same_labels(d, annotations, pair->first, pair->second) != same) continue;
    const auto [goes, stays] = first < second ? *pair : ImagePair{pair->second, pair->first};
    bench.drop(goes,
               "the same file is " + quoted(d.path(stays)) + ", which is evaluated on" +
                   (same ? "" : " and labelled otherwise"),
               stays);
  }
}

void drop_equal_copies(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  drop_copies(evidence, findings, bench, true);
}
void drop_unequal_copies(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  drop_copies(evidence, findings, bench, false);
}

void declare_empty(const Evidence&, const Finding& finding, Workbench& bench) {
  const auto* i = std::get_if<ImageIndex>(&finding.where);
  if (i != nullptr && bench.dataset()[*i].state != ImageState::labelled_empty)
    bench.set_state(*i, ImageState::labelled_empty, "declared to show no object: " + finding.message);
}

}  // namespace

extern const Repair drop_repeated{"LBL105", "drop-repeated", "drop an object that is written down twice", true,
                                  each<drop_second>};
extern const Repair drop_overlapping{"LBL104", "drop-overlapping",
                                     "of two objects of one class in one place, drop the smaller", false,
                                     each<drop_smaller>};
extern const Repair one_split{"FMT418", "one-split", "take an image that is evaluated on out of train", true,
                              leave_train};
extern const Repair drop_copy_from_train{"LEA301", "drop-copy-from-train",
                                         "drop the copy of a file that is evaluated on, labelled alike, from train",
                                         true, drop_equal_copies};
extern const Repair drop_relabelled_copy{"LEA301", "drop-relabelled-copy",
                                         "drop the copy of a file that is evaluated on, labelled otherwise, from train",
                                         false, drop_unequal_copies};
extern const Repair mark_as_background{"LBL111", "mark-as-background",
                                       "declare images without labels to show no object", false, each<declare_empty>};

}  // namespace vetset
