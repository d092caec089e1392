// What ties the images of a source, searched for a verb that needs it: split, its check, and the price of leaks.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vetset/split/keys.h"
#include "vetset/split/lock.h"
#include "vetset/vetset.h"

namespace vetset {

struct LinkedImages {
  std::vector<Facts> facts;             // with digests of all files
  std::vector<PixelFacts> pixels = {};  // where `keep_pixels` asks for them and they were looked at
  Links links;
  std::optional<Links> beyond = {};  // within the radius and the margin
};
struct SearchRequest {
  NearTier near = NearTier::views;  // none: bytes and keys alone, nothing is decoded
  std::optional<unsigned> radius = {};
  bool needs_files = false;  // an error where no image is at hand and no key says anything
  bool keep_pixels = false;
  unsigned margin = 0;  // above 0: searched once more, so many bits beyond the radius
  ScanRequest scan = {};
  Common common = {};
};
Result<LinkedImages> search_linked(const Source& source, std::span<const Keys> keys, const SearchRequest& request);

/// Keys as they are typed, with the tables that they name.
Result<std::vector<Keys>> keys_called(const Dataset& d, const std::vector<std::string>& words, KeyUse use,
                                      const Limits& limits);

/// The same as groups: only which images have a key in common.
Groups groups_of(std::span<const Keys> keys);
Result<Groups> groups_called(const Dataset& d, const std::vector<std::string>& words, const Limits& limits);

/// What `links` of the façade does, with keys that are read already.
Result<Links> links_of(const Source& source, const Scan& seen, const Groups& groups, const LinkSettings& settings,
                       const Common& common);

/// The split.lock that is named, in the dataset, or beside it; nothing where there is none.
Result<std::optional<SplitLock>> lock_of(const Source& source, const std::string& named, const Limits& limits);

/// A file that the user names beside the dataset: a lock, a table of keys.
Result<Bytes> read_named(const std::string& path, const Limits& limits);

}  // namespace vetset
