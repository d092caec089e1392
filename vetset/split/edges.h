// Links as the documents of a split speak of them: by the content of the images, in an order that no dataset's order
// decides, so that another copy of the data gives the same Merkle root. And the few that hold a large group together.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/dataset/links.h"

namespace vetset {

/// The links of one kind that join groups. Rows under the root are sorted, "<kind> <digest> <digest> <distance>" with
/// the lower digest first and "-" for no distance. What is alike by definition (bytes, pixels, a burst …) is a chain of
/// its members by digest; resemblance is told of one image of each set that has the same pixels.
struct EdgesOfKind {
  std::uint64_t links = 0;  // as they were found
  std::uint64_t rows = 0;   // as they are listed
  Digest root;              // RFC 6962
  bool operator==(const EdgesOfKind&) const = default;
};
struct Edges {
  std::array<EdgesOfKind, link_kind_count> kinds = {};  // without keys, which the lock's groups stand for
  Digest root;                                          // over the rows of all kinds
  bool operator==(const Edges&) const = default;
};
/// `ids` name the images; those of `left_out` (empty: none) have no edges.
Edges edges_of(const Links& links, std::span<const Digest> ids, std::span<const std::uint8_t> left_out = {});

/// Whether links of a kind follow from the names of files, which another layout of the data may not keep.
bool is_by_name(LinkKind kind);

/// What joins two images, as it is told: "near-duplicates, 12 of 256 bits differ, correlation 0.98".
std::string evidence_of(const Links& links, const Link& link);

/// A link without which its group would be two.
struct Bridge {
  std::uint32_t link = 0;    // in Links::links
  std::uint64_t images = 0;  // of the smaller part
};
/// Those of one group that part it most evenly, first; at most `most`. `inside` says which images are of the group.
std::vector<Bridge> bridges_of(const Links& links, std::span<const std::uint8_t> inside, std::size_t most);

}  // namespace vetset
