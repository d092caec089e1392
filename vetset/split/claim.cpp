#include "vetset/split/claim.h"

#include <algorithm>
#include <map>
#include <set>

namespace vetset {
namespace {

constexpr std::uint32_t nowhere = 0xffffffffU;

class Checker {
 public:
  Checker(const Dataset& d, std::span<const Facts> facts, const Links& links, const SplitLock* lock)
      : d_(d), facts_(facts), links_(links), lock_(lock) {}

  SplitCheck run(const Links* beyond) {
    name_splits();
    find_clusters();
    if (beyond != nullptr) look_beyond(*beyond);
    tell_search();
    if (lock_ != nullptr) compare_lock();
    return std::move(out_);
  }

 private:
  /// Documents of one name are one split, and so are two names for the very same images (a data.yaml whose val is its
  /// test). An image may be in several.
  void name_splits() {
    std::vector<std::string> names;
    std::vector<std::uint32_t> number;  // by row of a split: its place in `names`
    for (const Split& s : d_.splits) {
      const auto known = std::find(names.begin(), names.end(), s.name);
      number.push_back(static_cast<std::uint32_t>(known - names.begin()));
      if (known == names.end()) names.push_back(s.name);
    }
    std::vector<std::vector<std::uint32_t>> members(names.size());
    for (const Membership& m : d_.memberships)
      members[number[to_size(m.split)]].push_back(static_cast<std::uint32_t>(m.image));
    of_.resize(d_.images.size());
    std::map<std::vector<std::uint32_t>, std::size_t> first;
    for (std::size_t n = 0; n < names.size(); ++n) {
      std::sort(members[n].begin(), members[n].end());
      members[n].erase(std::unique(members[n].begin(), members[n].end()), members[n].end());
      const auto [at, fresh] = first.emplace(members[n], out_.names.size());
      if (!fresh && !members[n].empty()) {
        out_.names[at->second] += " = " + names[n];
        called_[at->second].push_back(names[n]);
        continue;
      }
      for (const std::uint32_t image : members[n]) of_[image].push_back(static_cast<std::uint32_t>(out_.names.size()));
      out_.names.push_back(names[n]);
      out_.images.push_back(members[n].size());
      called_.push_back({names[n]});
    }
    out_.touched.assign(out_.names.size(), 0);
    out_.unassigned = static_cast<std::uint64_t>(
        std::count_if(of_.begin(), of_.end(), [](const std::vector<std::uint32_t>& of) { return of.empty(); }));
  }

  bool crosses(const Link& link) const {
    const auto &a = of_[to_size(link.first)], &b = of_[to_size(link.second)];
    return !a.empty() && !b.empty() && a != b;
  }

  void find_clusters() {
    const Components groups = components(links_, d_.images.size());
    std::vector<std::set<std::uint32_t>> met(groups.sizes.size());
    for (std::size_t i = 0; i < of_.size(); ++i) met[groups.of[i]].insert(of_[i].begin(), of_[i].end());
    std::vector<std::uint32_t> cluster_of(met.size(), nowhere);
    for (std::size_t i = 0; i < of_.size(); ++i) {
      const std::uint32_t group = groups.of[i];
      if (met[group].size() < 2 || of_[i].empty()) continue;
      if (cluster_of[group] == nowhere) {
        cluster_of[group] = static_cast<std::uint32_t>(out_.clusters.size());
        out_.clusters.push_back({.by_split = std::vector<std::uint64_t>(out_.names.size())});
      }
      LeakCluster& cluster = out_.clusters[cluster_of[group]];
      cluster.images.push_back(to_index<ImageIndex>(i));
      for (const std::uint32_t s : of_[i]) ++cluster.by_split[s], ++out_.touched[s];
    }
    take_links(groups, cluster_of);
    for (LeakCluster& cluster : out_.clusters)
      if (cluster.pairs == 0) explain(cluster);
    std::stable_sort(out_.clusters.begin(), out_.clusters.end(), [](const LeakCluster& a, const LeakCluster& b) {
      if (a.example.kind != b.example.kind) return a.example.kind < b.example.kind;
      return a.images.size() > b.images.size();
    });
  }

  void take_links(const Components& groups, const std::vector<std::uint32_t>& cluster_of) {
    for (const Link& link : links_.links) {
      if (!has(grouping_kinds, link.kind) || !crosses(link)) continue;
      if (link.cut) {
        ++out_.crossing_cuts;
        continue;
      }
      ++out_.crossing[static_cast<std::size_t>(link.kind)];
      LeakCluster& cluster = out_.clusters[cluster_of[groups.of[to_size(link.first)]]];
      const bool stronger = cluster.pairs == 0 || std::pair(link.kind, link.distance) <
                                                      std::pair(cluster.example.kind, cluster.example.distance);
      if (stronger) cluster.example = pair_of(links_, link);
      cluster.kinds = cluster.kinds | link.kind;
      ++cluster.pairs;
    }
  }

  CrossingPair pair_of(const Links& links, const Link& link) const {
    CrossingPair pair{.first = link.first,
                      .second = link.second,
                      .first_split = {},
                      .second_split = {},
                      .kind = link.kind,
                      .distance = link.distance,
                      .score = link.score,
                      .how = evidence_of(links, link),
                      .through = {}};
    name_ends(pair);
    return pair;
  }
  /// The splits of a pair's ends: where one is in several, one that the other is not in.
  void name_ends(CrossingPair& pair) const {
    const auto &a = of_[to_size(pair.first)], &b = of_[to_size(pair.second)];
    std::uint32_t left = a.front(), right = b.back();
    for (const std::uint32_t s : a)
      for (const std::uint32_t t : b)
        if (s != t) left = s, right = t;
    pair.first_split = out_.names[left];
    pair.second_split = out_.names[right];
  }

  /// No link crosses: an image is listed twice, or images of two splits meet in one that is in none.
  void explain(LeakCluster& cluster) {
    CrossingPair& pair = cluster.example;
    for (const ImageIndex i : cluster.images)
      if (of_[to_size(i)].size() > 1) {
        pair = {.first = i,
                .second = i,
                .first_split = {},
                .second_split = {},
                .kind = LinkKind::bytes,
                .how = {},
                .through = {}};
        pair.how = "one image, listed in both";
        cluster.kinds = 1U << static_cast<unsigned>(LinkKind::bytes);
        name_ends(pair);
        return;
      }
    pair = {.first = cluster.images.front(),
            .second = cluster.images.front(),
            .first_split = {},
            .second_split = {},
            .kind = {},
            .how = {},
            .through = {}};
    for (const ImageIndex i : cluster.images)
      if (of_[to_size(i)] != of_[to_size(pair.first)]) {
        pair.second = i;
        break;
      }
    name_ends(pair);
    for (const Link& link : links_.links) {
      const bool touches = link.first == pair.first || link.second == pair.first;
      if (link.cut || !touches || !has(grouping_kinds, link.kind)) continue;
      const ImageIndex other = link.first == pair.first ? link.second : link.first;
      if (!of_[to_size(other)].empty()) continue;
      pair.kind = link.kind;
      pair.distance = link.distance;
      pair.score = link.score;
      pair.how = evidence_of(links_, link);
      pair.through = d_.path(other);
      cluster.kinds = cluster.kinds | link.kind;
      return;
    }
  }

  void look_beyond(const Links& beyond) {
    out_.margin_radius = beyond.near.radius;
    std::set<std::pair<ImageIndex, ImageIndex>> linked;  // a larger radius tells some of these by another view
    for (const Link& link : links_.links) linked.emplace(link.first, link.second);
    for (const Link& link : beyond.links) {
      const bool of_pixels =
          link.kind == LinkKind::near || link.kind == LinkKind::flipped || link.kind == LinkKind::cropped;
      if (!of_pixels || link.cut || link.distance == Link::no_distance || !crosses(link)) continue;
      if (link.distance > links_.near.radius && !linked.contains({link.first, link.second}))
        out_.margin.push_back(pair_of(beyond, link));
    }
  }

  void tell_search() {
    out_.near = links_.near;
    for (const Aside& aside : links_.aside) ++out_.aside[static_cast<std::size_t>(aside.why)];
    out_.notes = links_.notes;
    std::vector<std::uint8_t> left_out;
    std::vector<Digest> ids;
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      if (!facts_[i].has_digest) ++out_.without_file;
      ids.push_back(facts_[i].has_digest ? facts_[i].digest
                                         : sha256("path " + std::string(d_.path(to_index<ImageIndex>(i)))));
      left_out.push_back(of_[i].empty() ? 1 : 0);
    }
    out_.edges = edges_of(links_, ids, left_out);
  }

  void compare_lock() {
    LockCheck check;
    struct Place {
      std::string path;
      std::uint32_t split = nowhere;  // of the lock; nowhere: in quarantine
      bool met = false;
      bool copy = false;  // of a file that stands for it
    };
    std::vector<Place> places;
    std::map<Digest, std::uint32_t> by_digest;
    std::map<std::string_view, std::uint32_t> by_path;
    const auto learn = [&](const LockedImage& image, std::uint32_t split) {
      const auto place = static_cast<std::uint32_t>(places.size());
      const bool copy = image.digest && !by_digest.emplace(*image.digest, place).second;
      places.push_back({.path = image.path, .split = split, .copy = copy});
    };
    for (const LockedGroup& group : lock_->groups) {
      for (const LockedImage& image : group.images) learn(image, group.split);
      for (const LockedGroup::Quarantined& q : group.quarantined) learn(q.image, nowhere);
    }
    for (std::uint32_t p = 0; p < places.size(); ++p) by_path.emplace(places[p].path, p);
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const auto image = to_index<ImageIndex>(i);
      Place* place = nullptr;
      if (const auto named = by_path.find(d_.path(image)); named != by_path.end()) place = &places[named->second];
      if (facts_[i].has_digest) {
        const auto found = by_digest.find(facts_[i].digest);
        place = found == by_digest.end() ? nullptr : &places[found->second];
      }
      if (place == nullptr) {
        ++check.new_images;
        continue;
      }
      place->met = true;
      check.renamed = check.renamed || !by_path.contains(d_.path(image));
      if (of_[i].empty()) continue;
      const std::string was = place->split == nowhere ? std::string() : lock_->names[place->split];
      for (const std::uint32_t s : of_[i])
        if (std::find(called_[s].begin(), called_[s].end(), was) == called_[s].end()) {
          check.moved.push_back({.image = image, .from = was, .to = out_.names[s]});
          break;
        }
    }
    for (std::uint32_t p = 0; p < places.size(); ++p)
      if (!places[p].met && !places[p].copy && places[p].split != nowhere) ++check.absent;
    compare_search(check);
    out_.lock = std::move(check);
  }

  std::uint64_t images_in_splits() const { return d_.images.size() - out_.unassigned; }
  std::uint64_t images_of_lock() const {
    std::uint64_t count = 0;
    for (const LockedGroup& group : lock_->groups) count += group.images.size();
    return count;
  }

  void compare_search(LockCheck& check) const {
    using Search = LockCheck::Search;
    if (!lock_->search) return;
    const LockedSearch& was = *lock_->search;
    const NearSearch& now = links_.near;
    const auto tell_other = [&](const std::string& what, const std::string& then, const std::string& today) {
      check.search = Search::other;
      check.why = what + " " + today + ", the lock " + then;
    };
    if (was.near != now.tier)
      tell_other("the tier is", std::string(name(was.near)), std::string(name(now.tier)));
    else if (was.near != NearTier::none && was.radius != now.radius)
      tell_other("the radius is", std::to_string(was.radius), std::to_string(now.radius));
    else if (was.fingerprint != now.fingerprint || was.confirmation != now.confirmation)
      tell_other("the detector is of revision",
                 std::to_string(was.fingerprint) + "." + std::to_string(was.confirmation),
                 std::to_string(now.fingerprint) + "." + std::to_string(now.confirmation));
    else if (check.absent + check.new_images > 0 || images_in_splits() != images_of_lock())
      check.search = Search::other_images;
    else
      check.search = Search::same;
    if (check.search != Search::same) return;
    for (std::size_t k = 0; k < link_kind_count; ++k) {
      const auto kind = static_cast<LinkKind>(k);
      if (!has(grouping_kinds, kind) || kind == LinkKind::key || (check.renamed && is_by_name(kind))) continue;
      const EdgesOfKind &a = was.edges.kinds[k], &b = out_.edges.kinds[k];
      if (a.rows != b.rows || a.root != b.root) check.unlike.push_back(kind);
    }
    if (!check.unlike.empty()) check.search = Search::different;
  }

  const Dataset& d_;
  std::span<const Facts> facts_;
  const Links& links_;
  const SplitLock* lock_;
  std::vector<std::vector<std::string>> called_;  // by split: all its names
  std::vector<std::vector<std::uint32_t>> of_;    // by image: its splits, sorted
  SplitCheck out_;
};

}  // namespace

std::string_view name(LockCheck::Search search) {
  static constexpr std::string_view words[] = {"not-recorded", "other", "other-images", "same", "different"};
  return words[static_cast<std::size_t>(search)];
}

bool SplitCheck::holds() const {
  return clusters.empty() && (!lock || (lock->moved.empty() && lock->search != LockCheck::Search::different));
}

SplitCheck check_splits(const Dataset& d, std::span<const Facts> facts, const Links& links, const Links* beyond,
                        const SplitLock* lock) {
  return Checker(d, facts, links, lock).run(beyond);
}

}  // namespace vetset
