#include "vetset/split/lock.h"

#include <algorithm>

#include "vetset/base/json.h"

namespace vetset {
namespace {

void write_image(JsonWriter& out, const LockedImage& image) {
  out.begin_object().key("path").value(image.path).key("digest");
  if (image.digest)
    out.value(image.digest->text());
  else
    out.null();
}

constexpr std::uint64_t most_links = 1ULL << 53;

void write_search(JsonWriter& out, const LockedSearch& search) {
  out.begin_object().key("near").value(name(search.near)).key("radius").value(search.radius);
  out.key("fingerprint").value(search.fingerprint).key("confirmation").value(search.confirmation);
  out.key("root").value(search.edges.root.text()).key("links");
  write_edges(out, search.edges);
  out.end_object();
}

/// Reads one document, and remembers the first thing that is not as it should be.
class LockReader {
 public:
  LockReader(const Json& document, std::string_view name) : document_(document), name_(name) {}

  Result<SplitLock> read() {
    const Json* version = document_.find("vetset-split-lock");
    if (version == nullptr)
      return Error{Code::malformed, "is no split.lock: expected the key \"vetset-split-lock\"", std::string(name_)};
    if (version->type() != JsonType::number || version->number() != SplitLock::version)
      return Error{Code::unsupported,
                   "is of version " + std::string(version->text()) + ", this vetset reads version " +
                       std::to_string(SplitLock::version),
                   std::string(name_)};
    for (const Json& n : list(document_, "names")) lock_.names.push_back(text(n, "a name of a split"));
    for (const Json& r : list(document_, "ratios"))
      lock_.ratios.push_back(static_cast<std::uint32_t>(whole(r, 1'000'000, "a ratio")));
    lock_.seed = whole(document_, "seed", 0xffffffffU);
    lock_.folds = static_cast<std::uint32_t>(whole(document_, "folds", 1000));
    const Json* stratified = document_.find("stratified");
    lock_.stratified = stratified == nullptr || stratified->type() != JsonType::boolean || stratified->boolean();
    if (document_.find("factors") != nullptr)
      for (const Json& f : list(document_, "factors")) lock_.factors.push_back(text(f, "a factor"));
    if (const Json* search = document_.find("search"); search != nullptr && search->type() != JsonType::null)
      read_search(*search);
    for (const Json& k : list(document_, "group_by")) lock_.group_by.push_back(text(k, "a way to group"));
    for (const Json& g : list(document_, "groups")) read_group(g);
    if (lock_.names.empty() || lock_.names.size() != lock_.ratios.size())
      complain("names and ratios of splits: expected as many of one as of the other, and some");
    std::sort(lock_.groups.begin(), lock_.groups.end(),
              [](const LockedGroup& a, const LockedGroup& b) { return a.id < b.id; });
    for (std::size_t g = 1; g < lock_.groups.size(); ++g)
      if (lock_.groups[g].id == lock_.groups[g - 1].id) complain("two groups have the id " + lock_.groups[g].id.text());
    if (!error_.empty()) return Error{Code::malformed, error_, std::string(name_)};
    return std::move(lock_);
  }

 private:
  void complain(std::string what) {
    if (error_.empty()) error_ = std::move(what);
  }
  std::span<const Json> list(const Json& in, std::string_view key) {
    const Json* found = in.find(key);
    if (found != nullptr && found->type() == JsonType::array) return found->elements();
    complain("expected a list of \"" + std::string(key) + "\"");
    return {};
  }
  std::string text(const Json& value, std::string_view what) {
    if (value.type() == JsonType::string) return std::string(value.text());
    complain("expected " + std::string(what) + " as text");
    return {};
  }
  std::uint64_t whole(const Json& value, std::uint64_t largest, std::string_view what) {
    const double number = value.type() == JsonType::number ? value.number() : -1;
    if (number >= 0 && number <= static_cast<double>(largest) &&
        number == static_cast<double>(static_cast<std::uint64_t>(number)))
      return static_cast<std::uint64_t>(number);
    complain("expected " + std::string(what) + " as a whole number from 0 to " + std::to_string(largest));
    return 0;
  }
  std::uint64_t whole(const Json& in, std::string_view key, std::uint64_t largest) {
    if (const Json* found = in.find(key)) return whole(*found, largest, "\"" + std::string(key) + "\"");
    complain("expected the key \"" + std::string(key) + "\"");
    return 0;
  }
  Digest digest(const Json& value) {
    const auto parsed = parse_digest(value.text());
    if (value.type() == JsonType::string && parsed) return *parsed;
    complain("expected \"sha256:\" and 64 hexadecimal digits");
    return {};
  }
  std::uint32_t split(const Json& in) {
    const std::string_view name = in.text_or("split", "");
    const auto found = std::find(lock_.names.begin(), lock_.names.end(), name);
    if (found == lock_.names.end()) {
      complain("no split is called \"" + std::string(name) + "\"");
      return 0;
    }
    return static_cast<std::uint32_t>(found - lock_.names.begin());
  }
  LockedImage image(const Json& in) {
    LockedImage read{.path = std::string(in.text_or("path", "")), .digest = {}};
    if (read.path.empty()) complain("an image has no path");
    if (const Json* d = in.find("digest"); d != nullptr && d->type() != JsonType::null) read.digest = digest(*d);
    return read;
  }
  void read_search(const Json& in) {
    LockedSearch search;
    const std::string_view tier = in.text_or("near", "");
    if (const auto known = near_tier(tier))
      search.near = *known;
    else
      complain("no tier of a search is called \"" + std::string(tier) + "\"");
    search.radius = static_cast<unsigned>(whole(in, "radius", 256));
    search.fingerprint = static_cast<int>(whole(in, "fingerprint", 1'000'000));
    search.confirmation = static_cast<int>(whole(in, "confirmation", 1'000'000));
    if (const Json* root = in.find("root")) search.edges.root = digest(*root);
    for (EdgesOfKind& kind : search.edges.kinds) kind.root = MerkleTree().root();
    for (const Json& k : list(in, "links")) {
      const std::optional<LinkKind> kind = link_kind(k.text_or("kind", ""));
      const Json* root = k.find("root");
      if (!kind || root == nullptr) {
        complain("expected the kind and the root of links");
        return;
      }
      search.edges.kinds[static_cast<std::size_t>(*kind)] = {
          .links = whole(k, "links", most_links), .rows = whole(k, "rows", most_links), .root = digest(*root)};
    }
    lock_.search = search;
  }
  void read_group(const Json& in) {
    LockedGroup group;
    if (const Json* id = in.find("id"))
      group.id = digest(*id);
    else
      complain("a group has no id");
    group.split = split(in);
    for (const Json& i : list(in, "images")) group.images.push_back(image(i));
    if (in.find("quarantined") != nullptr)
      for (const Json& q : list(in, "quarantined")) group.quarantined.push_back({.image = image(q), .split = split(q)});
    lock_.groups.push_back(std::move(group));
  }

  const Json& document_;
  std::string_view name_;
  SplitLock lock_;
  std::string error_;
};

}  // namespace

void write_planted(JsonWriter& out, const NearSearch& near) {
  out.key("planted_copies").begin_array();
  for (const PlantedCopies& p : near.planted) {
    const auto [lower, upper] = p.interval();
    out.begin_object().key("transform").value(p.transform).key("planted").value(p.planted).key("found").value(p.found);
    out.key("lower").value(lower).key("upper").value(upper).end_object();
  }
  out.end_array();
}

void write_edges(JsonWriter& out, const Edges& edges) {
  out.begin_array();
  for (std::size_t k = 0; k < link_kind_count; ++k) {
    const EdgesOfKind& kind = edges.kinds[k];
    if (kind.rows == 0) continue;
    out.begin_object().key("kind").value(name(static_cast<LinkKind>(k))).key("links").value(kind.links);
    out.key("rows").value(kind.rows).key("root").value(kind.root.text()).end_object();
  }
  out.end_array();
}

const LockedGroup* SplitLock::find(const Digest& id) const {
  const auto found = std::lower_bound(groups.begin(), groups.end(), id,
                                      [](const LockedGroup& g, const Digest& wanted) { return g.id < wanted; });
  return found == groups.end() || found->id != id ? nullptr : &*found;
}

std::string to_json(const SplitLock& lock) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-split-lock").value(SplitLock::version);
  out.key("algorithm").value(SplitLock::algorithm).key("seed").value(lock.seed);
  out.key("stratified").value(lock.stratified).key("folds").value(lock.folds);
  out.key("names").begin_array();
  for (const std::string& name : lock.names) out.value(name);
  out.end_array().key("ratios").begin_array();
  for (const std::uint32_t ratio : lock.ratios) out.value(ratio);
  out.end_array().key("group_by").begin_array();
  for (const std::string& key : lock.group_by) out.value(key);
  out.end_array();
  if (!lock.factors.empty()) {
    out.key("factors").begin_array();
    for (const std::string& factor : lock.factors) out.value(factor);
    out.end_array();
  }
  if (lock.search) write_search((out.key("search"), out), *lock.search);
  out.key("groups").begin_array();
  for (const LockedGroup& group : lock.groups) {
    out.begin_object().key("id").value(group.id.text()).key("split").value(lock.names[group.split]);
    out.key("images").begin_array();
    for (const LockedImage& image : group.images) {
      write_image(out, image);
      out.end_object();
    }
    out.end_array();
    if (!group.quarantined.empty()) {
      out.key("quarantined").begin_array();
      for (const LockedGroup::Quarantined& q : group.quarantined) {
        write_image(out, q.image);
        out.key("split").value(lock.names[q.split]).end_object();
      }
      out.end_array();
    }
    out.end_object();
  }
  out.end_array().end_object();
  return canonical_written(text);
}

Result<SplitLock> parse_lock(std::string_view text, std::string_view name, const Limits& limits) {
  const auto document = Json::parse(text, limits);
  if (!document) {
    Error error = document.error();
    error.message = "is no split.lock: " + error.message;
    return std::move(error).in(name);
  }
  if (document->type() != JsonType::object)
    return Error{Code::malformed, "is no split.lock: expected a JSON object", std::string(name)};
  return LockReader(*document, name).read();
}

Previous previous_of(const SplitLock& lock) {
  Previous previous{.name = "split.lock"};
  for (const LockedGroup& group : lock.groups) {
    for (const LockedImage& image : group.images)
      previous.images.push_back({.path = image.path, .digest = image.digest, .split = lock.names[group.split]});
    for (const LockedGroup::Quarantined& q : group.quarantined)
      previous.images.push_back({.path = q.image.path, .digest = q.image.digest, .split = {}});
  }
  std::sort(previous.images.begin(), previous.images.end(),
            [](const Previous::Image& a, const Previous::Image& b) { return a.path < b.path; });
  return previous;
}

}  // namespace vetset
