#include "vetset/vetset_linked.h"

#include <algorithm>

namespace vetset {

namespace {
constexpr std::size_t planted_images = 64;  // copied by known transforms, for what a statement says of its search
}

Result<LinkedImages> search_linked(const Source& source, std::span<const Keys> keys, const SearchRequest& request) {
  const Pool pool(request.common.threads);
  const Progress& progress = request.common.progress;
  bool by_pixels = request.near != NearTier::none;
  Scan seen;
  if (by_pixels) {
    ScanRequest asked = request.scan;
    asked.common = request.common;
    VETSET_TRY(seen, scan(source, asked));
  } else {
    VETSET_TRY(seen.facts, scan(source.dataset, source.media(), pool, progress,
                                {.digests = Digests::all, .headers = false, .tail = false}));
  }
  const auto any = [](const auto& list, auto&& is) { return std::any_of(list.begin(), list.end(), is); };
  const bool has_files = any(seen.facts, [](const Facts& f) { return f.has_digest; });
  if (!has_files && keys.empty() && request.needs_files)
    return Error{Code::refused,
                 "no image is at hand, so nothing says whether two are alike; --images-dir says where they are"};
  // A search of nothing is none: no document is to say that it was made.
  by_pixels = by_pixels && any(seen.pixels, [](const PixelFacts& p) { return p.decoded(); });
  LinkSettings settings{.near = by_pixels ? request.near : NearTier::none,
                        .radius = request.radius,
                        .sequences = by_pixels,
                        .capture = by_pixels,
                        .planted = planted_images};
  const Groups groups = groups_of(keys);
  const auto search = [&] { return links_of(source, seen, groups, settings, request.common); };
  LinkedImages found;
  VETSET_TRY(found.links, search());
  if (by_pixels && request.margin > 0) {
    settings.radius = std::min(found.links.near.radius + request.margin, 128U);
    settings.planted = 0;
    VETSET_TRY(found.beyond, search());
  }
  found.facts = std::move(seen.facts);
  if (request.keep_pixels) found.pixels = std::move(seen.pixels);
  return found;
}

Groups groups_of(std::span<const Keys> keys) {
  Groups groups;
  for (const Keys& k : keys) groups.keys.push_back({.name = k.rule.text, .of = k.of});
  return groups;
}

Result<Groups> groups_called(const Dataset& d, const std::vector<std::string>& words, const Limits& limits) {
  VETSET_TRY(const std::vector<Keys> keys, keys_called(d, words, KeyUse::grouping, limits));
  return groups_of(keys);
}

Result<Links> links_of(const Source& source, const Scan& seen, const Groups& groups, const LinkSettings& settings,
                       const Common& common) {
  return find_links(source.dataset, source.media(), seen.facts, seen.pixels, groups.keys.empty() ? nullptr : &groups,
                    settings, Pool(common.threads), common.progress);
}

Result<std::vector<Keys>> keys_called(const Dataset& d, const std::vector<std::string>& words, KeyUse use,
                                      const Limits& limits) {
  std::vector<Keys> keys;
  for (const std::string& text : words) {
    VETSET_TRY(KeyRule rule, parse_key_rule(text));
    Bytes table;
    if (rule.kind == KeyRule::Kind::file) {
      VETSET_TRY(table, read_named(rule.argument, limits));
    }
    VETSET_TRY(Keys found, keys_of(d, std::move(rule), table, use));
    keys.push_back(std::move(found));
  }
  return keys;
}

Result<Bytes> read_named(const std::string& path, const Limits& limits) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  VETSET_TRY(const std::uint64_t size, tree->size(base_name(path)));
  if (size > limits.record_bytes)
    return Error{Code::limit, "is larger than " + std::to_string(limits.record_bytes) + " bytes", path};
  auto bytes = tree->read(base_name(path));
  if (!bytes) return std::move(bytes).error().in(path);
  return bytes;
}

}  // namespace vetset
