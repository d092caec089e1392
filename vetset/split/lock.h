// split.lock: which image is in which split, kept so that a dataset that grows keeps every old image where it was.
// Canonical JSON, schema docs/schema/split-lock-v1.json. Knows images by digest, else by path; no path of a machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/limits.h"
#include "vetset/base/result.h"
#include "vetset/dataset/previous.h"
#include "vetset/split/edges.h"

namespace vetset {

class JsonWriter;

struct LockedImage {
  std::string path;              // as the dataset named it
  std::optional<Digest> digest;  // of its file; nothing where it was not at hand
};
/// Images that belong together.
struct LockedGroup {
  Digest id;                             // stays the same when the group grows
  std::uint32_t split = 0;               // its place in SplitLock::names
  std::vector<LockedImage> images = {};  // by path
  /// Images that turned out to belong to this group while another split had them: kept out of the dataset.
  struct Quarantined {
    LockedImage image;
    std::uint32_t split = 0;  // where it had been
  };
  std::vector<Quarantined> quarantined = {};  // by path
};
/// How links were searched, enough to do it again, and what was found.
struct LockedSearch {
  NearTier near = NearTier::none;
  unsigned radius = 0;
  int fingerprint = 0, confirmation = 0;  // revisions of the algorithms
  Edges edges;                            // between the images that are in splits
};
struct SplitLock {
  static constexpr int version = 1;
  static constexpr int algorithm = 1;  // of the assignment; another number may place new groups otherwise

  std::vector<std::string> names;
  std::vector<std::uint32_t> ratios;  // parts of their sum
  std::uint64_t seed = 0;
  bool stratified = true;              // by class
  std::vector<std::string> factors;    // what else was to be even, as typed
  std::uint32_t folds = 0;             // 0: names are splits
  std::vector<std::string> group_by;   // as typed
  std::optional<LockedSearch> search;  // nothing: bytes and keys alone
  std::vector<LockedGroup> groups;     // by id

  const LockedGroup* find(const Digest& id) const;
};

std::string to_json(const SplitLock& lock);
/// `name` is what messages call it.
Result<SplitLock> parse_lock(std::string_view text, std::string_view name, const Limits& limits = {});
/// The kinds that there are links of, as a list: for all documents that carry them.
void write_edges(JsonWriter& out, const Edges& edges);
/// "planted_copies": what share of copies, made on purpose, the search finds; with Clopper and Pearson's 95 % interval.
void write_planted(JsonWriter& out, const NearSearch& near);
/// What a lock says of images, for the rules.
Previous previous_of(const SplitLock& lock);

}  // namespace vetset
