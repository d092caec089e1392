// Which of several pictures of the same thing stay: the plan of `vetset dedup`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/links.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

enum class KeepRule : std::uint8_t {
  split,    // those of test before those of val before all others; then those with labels; then by quality
  quality,  // most pixels, then least compressed, then sharpest
  first,    // in the dataset's order
};
std::string_view name(KeepRule);
Result<KeepRule> parse_keep_rule(std::string_view text);

enum class DedupAction : std::uint8_t {
  drop,   // leave copies out
  link,   // keep all, and say in an attribute which belong together
  weigh,  // keep all, each with its share of one as its weight
};
std::string_view name(DedupAction);
Result<DedupAction> parse_dedup_action(std::string_view text);

/// Kinds that say "the same picture, shown the same way".
inline constexpr LinkKinds same_kinds = LinkKind::bytes | LinkKind::pixels | LinkKind::coefficients | LinkKind::near;
/// Mirrored, turned and cropped ones, too. Frames of a sequence, bursts and keys say only that images belong together.
inline constexpr LinkKinds alike_kinds = same_kinds | LinkKind::flipped | LinkKind::cropped;
/// What counts where nothing is said. Within a split a mirrored picture is most often an augmentation that somebody
/// made on purpose; across splits it leaks.
constexpr LinkKinds usual_kinds(bool across_splits) { return across_splits ? alike_kinds : same_kinds; }
/// "bytes,near": names of kinds; "same" stands for `same_kinds`, "copies" for `alike_kinds`, "all" for all that join
/// groups.
Result<LinkKinds> parse_link_kinds(std::span<const std::string> words);

struct DedupRules {
  KeepRule keep = KeepRule::split;
  DedupAction action = DedupAction::drop;
  LinkKinds kinds = same_kinds;
  bool across_splits = false;  // only copies in another split than what they are a copy of
};

struct DedupPlan {
  struct Copy {
    ImageIndex image{}, of{};  // `of` stays; the two are linked
    LinkKind kind{};           // the strongest of their links
    std::uint16_t distance = Link::no_distance;
    bool same_file = false;
  };
  /// Images that links tie together, the one that stays first. With `across_splits` only those that span splits.
  struct Cluster {
    std::vector<ImageIndex> images;  // in the order in which they are kept
    std::uint64_t kept = 0;          // the first so many stay when copies are dropped
  };
  std::vector<Cluster> clusters;  // by their first image in the dataset
  std::vector<Copy> copies;       // that `drop` leaves out, by image; each is a copy of one that stays
};
/// A copy goes only where it is itself linked to an image that stays: what resembles a copy of a copy stays.
DedupPlan plan_dedup(const Dataset& d, const Links& links, std::span<const Facts> facts,
                     std::span<const PixelFacts> pixels, const DedupRules& rules);

/// Attributes that `link` and `weigh` write.
inline constexpr std::string_view cluster_attribute = "duplicate_of", weight_attribute = "weight";
/// Adds them to every image of a cluster: the path of the one that is kept first, or one over the cluster's size.
void mark_clusters(Dataset& d, const DedupPlan& plan, DedupAction action);

}  // namespace vetset
