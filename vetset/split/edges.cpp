#include "vetset/split/edges.h"

#include <algorithm>
#include <numeric>

#include "vetset/base/number.h"

namespace vetset {
namespace {

constexpr std::uint32_t nobody = 0xffffffffU;

bool joins(const Link& link) { return !link.cut && has(grouping_kinds, link.kind); }

/// Kinds of which a link between two says how far they are apart; of the others all members are alike.
bool has_ends(LinkKind kind) {
  return kind == LinkKind::near || kind == LinkKind::flipped || kind == LinkKind::cropped ||
         kind == LinkKind::augmented;
}

class EdgeList {
 public:
  EdgeList(const Links& links, std::span<const Digest> ids, std::span<const std::uint8_t> left_out)
      : ids_(ids), left_out_(left_out) {
    for (const Link& link : links.links)
      if (joins(link) && is_here(to_size(link.first)) && is_here(to_size(link.second))) here_.links.push_back(link);
    // One image stands for all that have its pixels: which one was searched with, the order of a dataset decides.
    const Components same = components(here_, ids.size(), LinkKind::bytes | LinkKind::pixels | LinkKind::coefficients);
    std::vector<std::uint32_t> lowest(same.sizes.size(), nobody);
    for (std::uint32_t i = 0; i < ids.size(); ++i)
      if (std::uint32_t& at = lowest[same.of[i]]; at == nobody || ids[i] < ids[at]) at = i;
    for (const std::uint32_t set : same.of) pictures_.push_back(ids[lowest[set]]);
  }

  Edges list() const {
    Edges edges;
    MerkleTree all;
    for (std::size_t k = 0; k < link_kind_count; ++k) {
      const auto kind = static_cast<LinkKind>(k);
      MerkleTree own;
      if (has(grouping_kinds, kind) && kind != LinkKind::key)
        for (const std::string& row : has_ends(kind) ? pairs(kind) : chains(kind)) own.add(row), all.add(row);
      edges.kinds[k] = {.links = count(kind), .rows = own.size(), .root = own.root()};
    }
    edges.root = all.root();
    return edges;
  }

 private:
  bool is_here(std::size_t image) const { return left_out_.empty() || left_out_[image] == 0; }
  std::uint64_t count(LinkKind kind) const {
    return static_cast<std::uint64_t>(
        std::count_if(here_.links.begin(), here_.links.end(), [&](const Link& link) { return link.kind == kind; }));
  }

  std::vector<std::string> pairs(LinkKind kind) const {
    std::vector<std::string> rows;
    for (const Link& link : here_.links)
      if (link.kind == kind)
        rows.push_back(row(kind, pictures_[to_size(link.first)], pictures_[to_size(link.second)], link.distance));
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
  }

  /// The members of each set by digest, every one with the next.
  std::vector<std::string> chains(LinkKind kind) const {
    const Components sets = components(here_, ids_.size(), 1U << static_cast<unsigned>(kind));
    const bool of_files = kind <= LinkKind::coefficients;
    std::vector<std::pair<std::uint32_t, Digest>> members;
    for (std::uint32_t i = 0; i < ids_.size(); ++i)
      if (sets.sizes[sets.of[i]] > 1) members.emplace_back(sets.of[i], of_files ? ids_[i] : pictures_[i]);
    std::sort(members.begin(), members.end());
    std::vector<std::string> rows;
    for (std::size_t m = 1; m < members.size(); ++m)
      if (members[m].first == members[m - 1].first)
        rows.push_back(row(kind, members[m - 1].second, members[m].second, Link::no_distance));
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  static std::string row(LinkKind kind, const Digest& a, const Digest& b, std::uint16_t distance) {
    return std::string(name(kind)) + " " + std::min(a, b).hex() + " " + std::max(a, b).hex() + " " +
           (distance == Link::no_distance ? std::string("-") : std::to_string(distance));
  }

  std::span<const Digest> ids_;
  std::span<const std::uint8_t> left_out_;
  Links here_;                    // only links that count
  std::vector<Digest> pictures_;  // by image: the lowest digest of those with its pixels
};

/// Tarjan's bridges, without recursion: groups of a million images are deep.
class BridgeSearch {
 public:
  BridgeSearch(const Links& links, std::span<const std::uint8_t> inside) : links_(links) {
    number_.assign(inside.size(), nobody);
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < inside.size(); ++i)
      if (inside[i] != 0) number_[i] = count++;
    begin_.assign(count + 1, 0);
    // Two images that are linked in several ways are one edge.
    for (std::uint32_t k = 0; k < links.links.size(); ++k) {
      const Link& link = links.links[k];
      if (!joins(link) || number_[to_size(link.first)] == nobody || number_[to_size(link.second)] == nobody) continue;
      const bool again = !edges_.empty() && links.links[edges_.back()].first == link.first &&
                         links.links[edges_.back()].second == link.second;
      if (!again) edges_.push_back(k);
    }
    for (const std::uint32_t e : edges_) ++begin_[from(e) + 1], ++begin_[to(e) + 1];
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    around_.resize(begin_.back());
    std::vector<std::uint32_t> next(begin_.begin(), begin_.end());
    for (std::uint32_t e = 0; e < edges_.size(); ++e) {
      around_[next[from(edges_[e])]++] = e;
      around_[next[to(edges_[e])]++] = e;
    }
  }

  std::vector<Bridge> find() {
    const std::size_t count = begin_.size() - 1;
    time_.assign(count, 0);
    low_.assign(count, 0);
    below_.assign(count, 1);
    for (std::uint32_t v = 0; v < count; ++v)
      if (time_[v] == 0) visit(v);
    for (Bridge& b : found_) b.images = std::min<std::uint64_t>(b.images, count - b.images);
    return std::move(found_);
  }

 private:
  std::uint32_t from(std::uint32_t link) const { return number_[to_size(links_.links[link].first)]; }
  std::uint32_t to(std::uint32_t link) const { return number_[to_size(links_.links[link].second)]; }

  struct Step {
    std::uint32_t at, by, next;  // an image, the edge it was reached by, the next of its edges
  };
  void visit(std::uint32_t start) {
    std::vector<Step> path = {{start, nobody, begin_[start]}};
    time_[start] = low_[start] = ++clock_;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next < begin_[step.at + 1]) {
        const std::uint32_t edge = around_[step.next++];
        if (edge == step.by) continue;
        const std::uint32_t a = from(edges_[edge]), b = to(edges_[edge]), other = a == step.at ? b : a;
        if (time_[other] != 0) {
          low_[step.at] = std::min(low_[step.at], time_[other]);
          continue;
        }
        time_[other] = low_[other] = ++clock_;
        path.push_back({other, edge, begin_[other]});
        continue;
      }
      const Step done = step;
      path.pop_back();
      if (path.empty()) break;
      const std::uint32_t parent = path.back().at;
      low_[parent] = std::min(low_[parent], low_[done.at]);
      below_[parent] += below_[done.at];
      if (low_[done.at] > time_[parent]) found_.push_back({.link = edges_[done.by], .images = below_[done.at]});
    }
  }

  const Links& links_;
  std::vector<std::uint32_t> number_;          // by image of the dataset: its number in the group
  std::vector<std::uint32_t> edges_;           // links, one a pair
  std::vector<std::uint32_t> begin_, around_;  // edges of each image
  std::vector<std::uint32_t> time_, low_;
  std::vector<std::uint64_t> below_;  // images reached through each
  std::uint32_t clock_ = 0;
  std::vector<Bridge> found_;
};

}  // namespace

Edges edges_of(const Links& links, std::span<const Digest> ids, std::span<const std::uint8_t> left_out) {
  return EdgeList(links, ids, left_out).list();
}

bool is_by_name(LinkKind kind) {
  return kind == LinkKind::augmented || kind == LinkKind::sequence || kind == LinkKind::tile;
}

std::string evidence_of(const Links& links, const Link& link) {
  switch (link.kind) {
    case LinkKind::bytes: return "the same file";
    case LinkKind::pixels: return "other bytes, the same pixels";
    case LinkKind::coefficients: return "a JPEG rewritten without loss";
    default: break;
  }
  std::string text(name(link.kind));
  if (const std::string_view said = links.text(link); !said.empty()) text += ": " + std::string(said);
  if (link.distance != Link::no_distance) text += ", " + std::to_string(link.distance) + " of 256 bits differ";
  if (link.score > 0) {
    text += ", correlation ";
    append_fixed(text, static_cast<double>(link.score), 2);
  }
  return text;
}

std::vector<Bridge> bridges_of(const Links& links, std::span<const std::uint8_t> inside, std::size_t most) {
  std::vector<Bridge> all = BridgeSearch(links, inside).find();
  std::sort(all.begin(), all.end(), [](const Bridge& a, const Bridge& b) {
    return a.images != b.images ? a.images > b.images : a.link < b.link;
  });
  if (all.size() > most) all.resize(most);
  return all;
}

}  // namespace vetset
