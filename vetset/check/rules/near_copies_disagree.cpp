#include <map>
#include <optional>
#include <vector>

#include "vetset/check/agreement.h"
#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/shown_path.h"

namespace vetset {
namespace {

/// How the labels of two near-duplicates differ, and how much: 1 nothing in common, 0 all.
struct Disagreement {
  const Link* link = nullptr;
  double amount = 0;
  std::string how;
};

/// Pairs of one group of near-duplicates.
struct NearGroup {
  std::uint64_t pairs = 0, disagreeing = 0;
  Disagreement worst;
};

class NearLabels {
 public:
  explicit NearLabels(const Evidence& evidence)
      : e_(evidence), d_(evidence.dataset), annotations_(evidence.dataset.image_annotations()) {}

  std::optional<Disagreement> judge(const Link& link) const {
    const auto first = annotations_.of(link.first), second = annotations_.of(link.second);
    const ClassCounts ours = classes_of(d_, first), theirs = classes_of(d_, second);
    if (!same_classes(ours, theirs))
      return Disagreement{&link, 1 - jaccard(ours, theirs),
                          list_of(d_, ours) + " here, " + list_of(d_, theirs) + " there"};
    if (!comparable(link)) return {};
    const Image &a = d_[link.first], &b = d_[link.second];
    const BoxAgreement boxes = compare_boxes(d_, first, second, static_cast<double>(a.width) / b.width,
                                             static_cast<double>(a.height) / b.height);
    if (!boxes.whole || !(boxes.f1() < e_.settings.label_agreement)) return {};
    return Disagreement{&link, 1 - boxes.f1(),
                        grouped(boxes.matched) + " of " + grouped(boxes.first) + " and " +
                            counted(boxes.second, "box", "boxes") + " agree (F1 " + measure(boxes.f1()) + ")"};
  }

  /// What are copies is another rule's: LBL101.
  bool are_copies(const Link& link) const {
    const auto a = to_size(link.first), b = to_size(link.second);
    if (a < e_.pixels.size() && e_.pixels[a].decoded() && e_.pixels[b].decoded() &&
        e_.pixels[a].pixels == e_.pixels[b].pixels)
      return true;
    return a < e_.facts.size() && e_.facts[a].has_digest && e_.facts[b].has_digest &&
           e_.facts[a].digest == e_.facts[b].digest;
  }

 private:
  static double jaccard(const ClassCounts& a, const ClassCounts& b) {
    std::size_t common = 0;
    for (const auto& [category, count] : a) common += b.count(category);
    return static_cast<double>(common) / static_cast<double>(a.size() + b.size() - common);
  }

  /// Whether places of one are places of the other: both upright and of known size.
  bool comparable(const Link& link) const {
    const Image &a = d_[link.first], &b = d_[link.second];
    if (a.width == 0 || a.height == 0 || b.width == 0 || b.height == 0) return false;
    const auto turned = [&](ImageIndex i) {
      return to_size(i) < e_.facts.size() && e_.facts[to_size(i)].orientation > 1;
    };
    return !turned(link.first) && !turned(link.second);
  }

  const Evidence& e_;
  const Dataset& d_;
  Dataset::ImageAnnotations annotations_;
};

void check_near_copies_disagree(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (d.annotations.empty() || evidence.links == nullptr) return;
  const NearLabels labels(evidence);
  const Components groups = components(*evidence.links, d.images.size(), only(LinkKind::near));
  const Components sequences = components(*evidence.links, d.images.size(), LinkKind::sequence | LinkKind::burst);
  std::map<std::uint32_t, NearGroup> found;
  for (const Link& link : evidence.links->links) {
    if (link.kind != LinkKind::near || link.cut || labels.are_copies(link)) continue;
    if (sequences.of[to_size(link.first)] == sequences.of[to_size(link.second)]) continue;  // what it shows has moved
    NearGroup& group = found[groups.of[to_size(link.first)]];
    ++group.pairs;
    std::optional<Disagreement> how = labels.judge(link);
    if (!how) continue;
    ++group.disagreeing;
    if (group.worst.link == nullptr || how->amount > group.worst.amount) group.worst = *std::move(how);
  }
  for (const auto& [component, group] : found) {
    if (group.worst.link == nullptr) continue;
    const Link& link = *group.worst.link;
    std::string message = "is a near-duplicate of " + quoted(shown_path(d, link.second)) + " (" +
                          strength_of(*evidence.links, link) + ") and labelled otherwise: " + group.worst.how;
    if (group.disagreeing > 1)
      message += "; so are " + grouped(group.disagreeing) + " of the " + grouped(group.pairs) +
                 " pairs of their group of " + counted(groups.sizes[component], "image", "images");
    report.scored(group.worst.amount, ImagePair{link.first, link.second}, std::move(message),
                  "look at both: an object that moved, or a label that is wrong");
  }
}

}  // namespace

extern const Rule near_copies_disagree{.code = "LBL102",
                                       .name = "near-copies-disagree",
                                       .title = "near-duplicates are labelled in two ways",
                                       .severity = Severity::warning,
                                       .evidence = EvidenceClass::calibrated,
                                       .needs = Needs::pixels | Needs::links,
                                       .check = check_near_copies_disagree,
                                       .not_run = near_not_searched};

}  // namespace vetset
