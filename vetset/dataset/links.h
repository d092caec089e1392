// What ties images together: the same bytes, the same pixels, near-duplicates, crops, frames of one sequence, bursts,
// keys. Each link keeps its kind and its evidence; their closure are the groups that no split may tear apart.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

enum class LinkKind : std::uint8_t {
  bytes,         // identical files (LEA301)
  pixels,        // other bytes, the same samples as shown (LEA302)
  coefficients,  // JPEG rewritten without loss (LEA302)
  near,          // near-duplicate, upright and whole (LEA304)
  flipped,       // a mirrored or turned near-duplicate (LEA305)
  cropped,       // one shows a part of the other, or is rotated by a few degrees (LEA306)
  augmented,     // siblings by name, confirmed by content (LEA307)
  sequence,      // frames of one sequence, by name and content (LEA308)
  burst,         // one camera, within two seconds (LEA309)
  place_time,    // one place within minutes (LEA310)
  key,           // a key that the user named (LEA311)
  tile,          // tiles of one parent (LEA312)
  embedding,     // near in an embedding that the user gave: a hint, joins no groups (LEA314)
};
inline constexpr std::size_t link_kind_count = 13;
std::string_view name(LinkKind);
std::optional<LinkKind> link_kind(std::string_view name);

/// Sets of kinds: bit k is LinkKind k.
using LinkKinds = std::uint32_t;
constexpr LinkKinds operator|(LinkKind a, LinkKind b) {
  return 1u << static_cast<unsigned>(a) | 1u << static_cast<unsigned>(b);
}
constexpr LinkKinds operator|(LinkKinds a, LinkKind b) { return a | 1u << static_cast<unsigned>(b); }
constexpr bool has(LinkKinds kinds, LinkKind kind) { return (kinds >> static_cast<unsigned>(kind) & 1) != 0; }
/// All that join groups: all but embeddings.
inline constexpr LinkKinds grouping_kinds =
    (1u << link_kind_count) - 1 - (1u << static_cast<unsigned>(LinkKind::embedding));

struct Link {
  static constexpr std::uint16_t no_distance = 0xFFFF;
  ImageIndex first{}, second{};  // first < second
  LinkKind kind{};
  std::uint8_t symmetry = 1;             // flipped: the EXIF orientation that turns the second into the first
  bool cut = false;                      // found, and left out of the groups: see Links::cuts
  std::uint16_t distance = no_distance;  // differing bits of 256
  float score = 0;                       // of the confirmation: correlation of aligned pixels, −1 to 1; or the cosine
  std::uint32_t text = 0;                // in Links::texts: "stem ana", "attribute:patient 7", "folder clip_1"
};

/// How near-duplicates were searched, for statements: enough to run the same search again.
enum class NearTier : std::uint8_t { none, basic, views, full };
std::string_view name(NearTier);
/// The tier of a name; nothing where none is called so.
std::optional<NearTier> near_tier(std::string_view name);
/// Copies of some of the dataset's own images, made by one transform and put to the same search.
struct PlantedCopies {
  std::string transform;
  std::uint32_t planted = 0, found = 0;

  /// Clopper and Pearson's interval of the share that is found, of 95 %.
  std::pair<double, double> interval() const;
};
struct NearSearch {
  NearTier tier = NearTier::none;
  unsigned radius = 0;              // bits of 256: every pair within it was looked at
  bool calibrated = false;          // the radius follows from this dataset's unrelated pairs; else it is the fixed one
  double expected_false = 0;        // pairs of unrelated images within the radius, before confirmation
  double expected_false_upper = 0;  // 95 % upper bound of it
  std::uint64_t null_pairs = 0;     // unrelated pairs that this was measured on
  int fingerprint = 0, confirmation = 0;  // revisions of the algorithms
  unsigned views = 0;                     // fingerprints an image
  bool symmetries = false;
  std::uint64_t images = 0;                                   // that were searched
  std::uint64_t candidates = 0, confirmed = 0, rejected = 0;  // pairs
  std::uint64_t undecodable = 0, flat = 0, hubs = 0;          // images that were not searched, by reason
  std::vector<PlantedCopies> planted = {};                    // empty: none were made
};

/// How embeddings were searched: each image's nearest one of training, against the distances inside training. Distances
/// are 1 − cosine.
struct EmbeddingSearch {
  std::string name = {};  // of the file
  Digest digest = {};     // of its bytes
  std::uint64_t dimension = 0;
  bool between_splits = false;   // of images outside training to those of training; else among all
  std::uint64_t references = 0;  // images of training (else: all) that have a row
  std::uint64_t null = 0;        // of them with a nearest one that is no copy
  std::uint64_t searched = 0;    // images whose nearest reference was looked for
  std::uint64_t below = 0;       // of them nearer than `quantile`
  double quantile = 0;           // the first percentile of distances inside training
  double null_median = 0, median = 0;
  static constexpr std::uint64_t fewest = 100;  // `null` below it has no first percentile: nothing is linked
};

/// An image that near-duplicate links do not reach, and why.
struct Aside {
  enum class Why : std::uint8_t { undecodable, flat, placeholder, hub };
  ImageIndex image{};
  Why why{};
  std::uint32_t degree = 0;  // of a hub: how many images it resembles; of a placeholder: how many share its pixels
};
std::string_view name(Aside::Why);

struct Links {
  std::vector<Link> links;  // by first, second, kind; equal files as a star around their first image, never n²
  std::vector<std::string> texts = {""};
  std::vector<Aside> aside;  // by image
  NearSearch near = {};
  std::optional<EmbeddingSearch> embedding = {};
  /// Chains that percolated: links that would have joined unlike images through many steps. Each is in `links`, cut.
  struct Cut {
    std::uint32_t link = 0;    // in `links`
    std::uint64_t images = 0;  // of the component before
    std::string why = {};      // "joins 812 images through a chain of 40 weak links"
  };
  std::vector<Cut> cuts = {};
  std::vector<std::string> notes = {};  // what a user should know about the search, sentences

  std::string_view text(const Link& link) const { return texts[link.text]; }
};

/// Groups: the closure of links of some kinds that are not cut. Numbered by their first image.
struct Components {
  std::vector<std::uint32_t> of;     // by image
  std::vector<std::uint32_t> sizes;  // by component
};
Components components(const Links& links, std::size_t images, LinkKinds kinds = grouping_kinds);

/// A JSON document (docs/schema/links-v1.json), one link a line, by the paths of images: the same for the same images
/// and settings, in whatever order they were read.
std::string links_document(const Links& links, const Dataset& d);
/// The root of the Merkle tree (RFC 6962) over those lines, for statements that rest on them.
Digest links_root(const Links& links, const Dataset& d);

}  // namespace vetset
