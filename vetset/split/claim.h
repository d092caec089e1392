// Whether the splits of a dataset are free of leaks, asked anew: which links cross them, cluster by cluster, and
// whether what a split.lock recorded can be derived again from the data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/links.h"
#include "vetset/split/lock.h"

namespace vetset {

/// Two images of different splits that are linked.
struct CrossingPair {
  ImageIndex first{}, second{};  // one image twice: it is listed in two splits
  std::string first_split, second_split;
  LinkKind kind{};
  std::uint16_t distance = Link::no_distance;
  float score = 0;
  std::string how;      // "near, 12 of 256 bits differ, correlation 0.98"
  std::string through;  // where no link joins the two directly: the image in no split that both are linked to
};
/// Images that belong together and are in several splits.
struct LeakCluster {
  std::vector<ImageIndex> images;       // that are in splits, in order
  std::vector<std::uint64_t> by_split;  // how many, as SplitCheck::names
  LinkKinds kinds = 0;                  // of the links that cross
  std::uint64_t pairs = 0;              // that cross: links, not all that follow from them
  CrossingPair example;                 // the strongest evidence
};
/// What a lock says, held against the data.
struct LockCheck {
  struct Moved {
    ImageIndex image{};
    std::string from, to;  // the lock's split and the one it is in; `from` empty: it was kept out
  };
  std::vector<Moved> moved;                  // by image; also those that were in quarantine and are back
  std::uint64_t absent = 0, new_images = 0;  // in the lock and not here; here and not in the lock
  enum class Search : std::uint8_t {
    not_recorded,  // the lock speaks of files and keys alone
    other,         // it was searched otherwise now, so what was found does not compare
    other_images,  // as many images are not the same
    same,          // the same links were found: the claim is derived again
    different,     // the same images and search, and other links
  };
  Search search = Search::not_recorded;
  std::string why;               // of `other`
  std::vector<LinkKind> unlike;  // kinds that have another root
  bool renamed = false;          // images have other names, so what names decide was not compared
};
std::string_view name(LockCheck::Search);

struct SplitCheck {
  std::vector<std::string> names;                            // of splits, each once, in the order of the dataset
  std::vector<std::uint64_t> images;                         // by split
  std::vector<std::uint64_t> touched;                        // by split: images that a leak touches
  std::uint64_t unassigned = 0;                              // images in no split
  std::vector<LeakCluster> clusters;                         // by the strength of their evidence, then by size
  std::array<std::uint64_t, link_kind_count> crossing = {};  // links, by kind
  std::uint64_t crossing_cuts = 0;                           // links that were cut and cross
  std::vector<CrossingPair> margin;  // near-duplicates just beyond the radius, for people to look at
  unsigned margin_radius = 0;        // up to which they were searched; 0: not
  std::uint64_t without_file = 0;
  NearSearch near;
  std::array<std::uint64_t, 4> aside = {};  // images that no near-duplicate was searched of, by Aside::Why
  Edges edges;
  std::vector<std::string> notes;
  std::optional<LockCheck> lock;
  Links links = {};  // all that were found, for pictures; not in the document

  /// No leak was found, and nothing contradicts the lock.
  bool holds() const;
};

/// `beyond` (null: not searched) are links within a larger radius. `facts` one an image, with digests.
SplitCheck check_splits(const Dataset& d, std::span<const Facts> facts, const Links& links, const Links* beyond,
                        const SplitLock* lock);

/// docs/schema/split-check-v1.json, canonical.
std::string to_json(const SplitCheck& check, const Dataset& d, std::string_view program);

}  // namespace vetset
