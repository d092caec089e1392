#include "vetset/transform/dedup.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "vetset/base/json.h"
#include "vetset/base/nearest.h"

namespace vetset {
namespace {

constexpr std::string_view keep_words[] = {"split", "quality", "first"};
constexpr std::string_view action_words[] = {"drop", "link", "weigh"};
constexpr LinkKinds equal_kinds = LinkKind::bytes | LinkKind::pixels | LinkKind::coefficients;

template <class Word, std::size_t n>
Result<Word> parse_word(std::string_view text, const std::string_view (&words)[n]) {
  for (std::size_t k = 0; k < n; ++k)
    if (text == words[k]) return static_cast<Word>(k);
  std::string known;
  for (std::size_t k = 0; k < n; ++k) known += (k == 0 ? "" : k + 1 == n ? " or " : ", ") + std::string(words[k]);
  return Error{Code::usage, "expected " + known + ", found '" + std::string(text) + "'" +
                                did_you_mean(text, std::vector<std::string>(std::begin(words), std::end(words)))};
}

/// The splits of an image that decide: how much it is worth keeping there, and which they are.
struct Placement {
  std::uint8_t rank = 2;             // 0 test, 1 val, 2 anything else
  std::vector<std::string> names{};  // sorted
};

std::vector<Placement> placements(const Dataset& d) {
  std::vector<Placement> of(d.images.size());
  for (const Membership& m : d.memberships) {
    const Split& split = d.splits[to_size(m.split)];
    Placement& p = of[to_size(m.image)];
    p.rank = std::min(p.rank, static_cast<std::uint8_t>(split.role == SplitRole::test  ? 0
                                                        : split.role == SplitRole::val ? 1
                                                                                       : 2));
    p.names.push_back(split.name);
  }
  for (Placement& p : of) std::sort(p.names.begin(), p.names.end());
  return of;
}

class Planner {
 public:
  Planner(const Dataset& d, const Links& links, std::span<const Facts> facts, std::span<const PixelFacts> pixels,
          const DedupRules& rules)
      : d_(d), links_(links), facts_(facts), pixels_(pixels), rules_(rules), places_(placements(d)) {}

  DedupPlan plan() {
    choose_ties();
    order_images();
    choose_copies();
    list_clusters();
    return std::move(plan_);
  }

 private:
  bool between_splits(ImageIndex a, ImageIndex b) const {
    return places_[to_size(a)].names != places_[to_size(b)].names;
  }

  /// The strongest link of each pair. Equal images are a star around their first: all are tied to each other here.
  void choose_ties() {
    const Components equal = components(links_, d_.images.size(), equal_kinds & rules_.kinds);
    std::vector<std::vector<std::uint32_t>> members(equal.sizes.size());
    for (std::uint32_t i = 0; i < equal.of.size(); ++i) members[equal.of[i]].push_back(i);
    ties_.resize(d_.images.size());
    const auto tie = [&](std::uint32_t a, std::uint32_t b, LinkKind kind, std::uint16_t distance) {
      if (a == b || (rules_.across_splits && !between_splits(ImageIndex{a}, ImageIndex{b}))) return;
      ties_[a].push_back({b, kind, distance});
      ties_[b].push_back({a, kind, distance});
    };
    for (const std::vector<std::uint32_t>& all : members)
      if (all.size() > 1 && all.size() <= most_tied)
        for (std::size_t x = 0; x < all.size(); ++x)
          for (std::size_t y = x + 1; y < all.size(); ++y) tie(all[x], all[y], kind_of_equal(all[x], all[y]), 0);
    for (const Link& link : links_.links) {
      if (link.cut || !has(rules_.kinds, link.kind)) continue;
      const std::uint32_t a = equal.of[to_size(link.first)], b = equal.of[to_size(link.second)];
      if (a == b && members[a].size() <= most_tied) continue;
      if (members[a].size() * members[b].size() > most_tied) {
        tie(static_cast<std::uint32_t>(link.first), static_cast<std::uint32_t>(link.second), link.kind, link.distance);
        continue;
      }
      for (const std::uint32_t x : members[a])
        for (const std::uint32_t y : members[b]) tie(x, y, link.kind, link.distance);
    }
    for (auto& of : ties_)
      std::sort(of.begin(), of.end(), [](const Tie& a, const Tie& b) {
        return std::tuple(a.kind, a.distance, a.image) < std::tuple(b.kind, b.distance, b.image);
      });
  }

  LinkKind kind_of_equal(std::uint32_t a, std::uint32_t b) const {
    if (facts_[a].has_digest && facts_[b].has_digest && facts_[a].digest == facts_[b].digest) return LinkKind::bytes;
    const bool pixels = !pixels_.empty() && pixels_[a].decoded() && pixels_[a].pixels == pixels_[b].pixels;
    return pixels ? LinkKind::pixels : LinkKind::coefficients;
  }

  /// What is kept first: a smaller key.
  void order_images() {
    order_.resize(d_.images.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::vector<bool> labelled(d_.images.size());  // somebody's work, which a better file does not replace
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      labelled[i] = d_.images[i].state == ImageState::labelled || d_.images[i].state == ImageState::labelled_empty;
    for (const Annotation& a : d_.annotations)
      if (a.image != none<ImageIndex>) labelled[to_size(a.image)] = true;
    const auto key = [&](std::uint32_t i) {
      const int rank = rules_.keep == KeepRule::split ? places_[i].rank * 2 + (labelled[i] ? 0 : 1) : 0;
      if (rules_.keep == KeepRule::first || pixels_.empty())
        return std::tuple(rank, std::int64_t{0}, 0, std::int64_t{0}, i);
      const PixelFacts& p = pixels_[i];
      const int compressed = p.quality.jpeg_quality == 0 ? -101 : -int{p.quality.jpeg_quality};
      return std::tuple(rank, -static_cast<std::int64_t>(std::uint64_t{p.width} * p.height), compressed,
                        -static_cast<std::int64_t>(std::llround(static_cast<double>(p.quality.sharpness))), i);
    };
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
    place_.resize(order_.size());
    for (std::uint32_t k = 0; k < order_.size(); ++k) place_[order_[k]] = k;
  }

  void choose_copies() {
    gone_.resize(d_.images.size());
    std::vector<bool> kept(d_.images.size());
    for (const std::uint32_t i : order_) {
      const auto of = std::find_if(ties_[i].begin(), ties_[i].end(), [&](const Tie& t) { return kept[t.image]; });
      if (of == ties_[i].end()) {
        kept[i] = true;
        continue;
      }
      gone_[i] = true;
      plan_.copies.push_back({.image = ImageIndex{i},
                              .of = ImageIndex{of->image},
                              .kind = of->kind,
                              .distance = of->distance,
                              .same_file = of->kind == LinkKind::bytes});
    }
    std::sort(plan_.copies.begin(), plan_.copies.end(),
              [](const DedupPlan::Copy& a, const DedupPlan::Copy& b) { return a.image < b.image; });
  }

  void list_clusters() {
    std::vector<bool> seen(d_.images.size());
    for (std::uint32_t first = 0; first < ties_.size(); ++first) {
      if (seen[first] || ties_[first].empty()) continue;
      std::vector<std::uint32_t> images = {first};
      seen[first] = true;
      for (std::size_t k = 0; k < images.size(); ++k)
        for (const Tie& t : ties_[images[k]])
          if (!seen[t.image]) {
            seen[t.image] = true;
            images.push_back(t.image);
          }
      std::sort(images.begin(), images.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::pair(bool{gone_[a]}, place_[a]) < std::pair(bool{gone_[b]}, place_[b]);
      });
      DedupPlan::Cluster cluster;
      for (const std::uint32_t i : images) {
        cluster.images.push_back(ImageIndex{i});
        cluster.kept += gone_[i] ? 0U : 1U;
      }
      plan_.clusters.push_back(std::move(cluster));
    }
  }

  struct Tie {
    std::uint32_t image = 0;
    LinkKind kind{};
    std::uint16_t distance = 0;
  };
  /// Equal images beyond this many are tied by their star alone; memory stays linear.
  static constexpr std::size_t most_tied = 4096;

  const Dataset& d_;
  const Links& links_;
  std::span<const Facts> facts_;
  std::span<const PixelFacts> pixels_;
  const DedupRules& rules_;
  std::vector<Placement> places_;
  std::vector<std::vector<Tie>> ties_;  // by image
  std::vector<std::uint32_t> order_;    // images, what is kept first
  std::vector<std::uint32_t> place_;    // by image: its place in `order_`
  std::vector<bool> gone_;
  DedupPlan plan_;
};

}  // namespace

std::string_view name(KeepRule rule) { return keep_words[static_cast<std::size_t>(rule)]; }
std::string_view name(DedupAction action) { return action_words[static_cast<std::size_t>(action)]; }
Result<KeepRule> parse_keep_rule(std::string_view text) { return parse_word<KeepRule>(text, keep_words); }
Result<DedupAction> parse_dedup_action(std::string_view text) { return parse_word<DedupAction>(text, action_words); }

Result<LinkKinds> parse_link_kinds(std::span<const std::string> words) {
  LinkKinds kinds = 0;
  std::vector<std::string> known = {"same", "copies", "all"};
  for (std::size_t k = 0; k < link_kind_count; ++k) known.emplace_back(name(static_cast<LinkKind>(k)));
  for (const std::string& word : words) {
    if (word == "same") {
      kinds |= same_kinds;
    } else if (word == "copies") {
      kinds |= alike_kinds;
    } else if (word == "all") {
      kinds |= grouping_kinds;
    } else if (const auto kind = link_kind(word)) {
      kinds = kinds | *kind;
    } else {
      std::string all;
      for (const std::string& w : known) all += (all.empty() ? "" : ", ") + w;
      return Error{Code::usage, "'" + word + "' is no kind of link; known are: " + all + did_you_mean(word, known)};
    }
  }
  return kinds;
}

DedupPlan plan_dedup(const Dataset& d, const Links& links, std::span<const Facts> facts,
                     std::span<const PixelFacts> pixels, const DedupRules& rules) {
  return Planner(d, links, facts, pixels, rules).plan();
}

void mark_clusters(Dataset& d, const DedupPlan& plan, DedupAction action) {
  const bool weigh = action == DedupAction::weigh;
  const Text key = d.add_text(weigh ? weight_attribute : cluster_attribute);
  std::vector<Attribute> added;
  for (const DedupPlan::Cluster& cluster : plan.clusters) {
    std::string json;
    if (weigh)
      append_canonical_number(json, 1.0 / static_cast<double>(cluster.images.size()));
    else
      append_canonical_string(json, d.path(cluster.images.front()));
    const Text value = d.add_text(json);
    for (const ImageIndex i : cluster.images)
      added.push_back({.owner = Owner::image, .index = static_cast<std::uint32_t>(i), .key = key, .value = value});
  }
  const std::string_view name = weigh ? weight_attribute : cluster_attribute;
  std::vector<Attribute> all;
  for (const Attribute& a : d.attributes)
    if (a.owner != Owner::image || d.text(a.key) != name) all.push_back(a);  // that of an earlier run goes
  all.insert(all.end(), added.begin(), added.end());
  std::stable_sort(all.begin(), all.end(), [](const Attribute& a, const Attribute& b) {
    return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
  });
  d.attributes = {};
  for (const Attribute& a : all) d.attributes.push_back(a);
}

}  // namespace vetset
