#include "vetset/scan/contact_sheet.h"

#include <algorithm>
#include <array>
#include <set>

#include "vetset/base/unicode.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

constexpr std::size_t most_evidence = 8;

std::string_view plural_of(LinkKind kind) {
  static constexpr std::array<std::string_view, link_kind_count> words = {
      "identical files", "identical pixels",   "the same JPEG data",    "near-duplicates", "flipped or turned copies",
      "crops",           "augmented copies",   "one sequence",          "one burst",       "one place and time",
      "one key",         "tiles of one image", "alike in the embedding"};
  return words[static_cast<std::size_t>(kind)];
}

/// Where an image lies: on the training side or the evaluation side, and in which splits.
class Sides {
 public:
  explicit Sides(const Dataset& d) : names_(d) {
    for (const Split& split : d.splits)
      if (split.role == SplitRole::train) train_.insert(split.name);
    for (const Split& split : d.splits)
      if (first_.empty() && !split.name.empty()) first_ = split.name;
  }
  std::vector<std::string_view> of(ImageIndex i) const { return names_.of(i); }
  /// Training is left; where no split is called so, the first split is.
  bool left(const std::vector<std::string_view>& splits) const {
    for (const std::string_view split : splits)
      if (train_.empty() ? split == first_ : train_.contains(split)) return true;
    return splits.empty();
  }

 private:
  SplitNames names_;
  std::set<std::string, std::less<>> train_;
  std::string first_;
};

struct Member {
  ImageIndex image{};
  std::vector<std::string_view> splits = {};
};

std::string evidence_of(const Dataset& d, const Links& links, const Link& link) {
  std::string text = std::string(d.path(link.first)) + " and " + std::string(d.path(link.second)) + ": " +
                     std::string(name(link.kind));
  if (!links.text(link).empty()) text += ", " + std::string(links.text(link));
  if (link.distance != Link::no_distance) text += ", " + std::to_string(link.distance) + " of 256 bits differ";
  if (link.score > 0) {
    const int hundredths = static_cast<int>(link.score * 100.0F + 0.5F);
    text += ", correlation " + std::to_string(hundredths / 100) + "." + std::to_string(hundredths / 10 % 10) +
            std::to_string(hundredths % 10);
  }
  return link.cut ? text + ", cut" : text;
}

std::string listed(const std::set<std::string_view>& names) {
  std::string text;
  for (const std::string_view one : names) text += (text.empty() ? "" : ", ") + std::string(one);
  return text;
}

/// Links between splits first, then the surer kind, then the closer pair.
bool tells_more(const Link* a, bool a_crosses, const Link* b, bool b_crosses) {
  if (a_crosses != b_crosses) return a_crosses;
  if (a->kind != b->kind) return a->kind < b->kind;
  if (a->distance != b->distance) return a->distance < b->distance;
  return std::pair(a->first, a->second) < std::pair(b->first, b->second);
}

SheetCluster cluster_of(const Dataset& d, const Links& links, const std::vector<const Link*>& own,
                        std::vector<Member> members, const Sides& sides, const SheetOptions& options) {
  const auto splits_of = [&](ImageIndex i) -> const std::vector<std::string_view>& {
    return std::lower_bound(members.begin(), members.end(), i,
                            [](const Member& m, ImageIndex image) { return m.image < image; })
        ->splits;
  };
  const auto crosses = [&](const Link* link) {
    return different_splits(splits_of(link->first), splits_of(link->second)).has_value();
  };
  std::vector<const Link*> order = own;
  std::sort(order.begin(), order.end(),
            [&](const Link* a, const Link* b) { return tells_more(a, crosses(a), b, crosses(b)); });

  SheetCluster cluster{.title = std::string(plural_of(order.front()->kind))};
  for (const Link* link : order) {
    if (cluster.evidence.size() < most_evidence)
      cluster.evidence.push_back(evidence_of(d, links, *link));
    else
      ++cluster.more_evidence;
  }
  // The ends of the most telling links come first, so that a pair stands opposite each other.
  std::vector<ImageIndex> shown;
  std::set<ImageIndex> seen;
  const auto show = [&](ImageIndex i) {
    if (seen.insert(i).second) shown.push_back(i);
  };
  for (const Link* link : order) show(link->first), show(link->second);
  for (const Member& member : members) show(member.image);

  std::set<std::string_view> left_names, right_names;
  for (const ImageIndex i : shown) {
    const bool left = sides.left(splits_of(i));
    auto& side = left ? cluster.left : cluster.right;
    auto& names = left ? left_names : right_names;
    names.insert(splits_of(i).begin(), splits_of(i).end());
    if (side.size() < options.images)
      side.push_back(i);
    else
      ++(left ? cluster.more_left : cluster.more_right);
  }
  if (cluster.left.empty()) {  // one side alone is no leak across
    std::swap(cluster.left, cluster.right);
    std::swap(cluster.more_left, cluster.more_right);
    std::swap(left_names, right_names);
  }
  cluster.left_splits = listed(left_names);
  cluster.right_splits = listed(right_names);
  return cluster;
}

}  // namespace

Sheet sheet_of(const Dataset& d, const Links& links, std::string title, const SheetOptions& options) {
  const Components groups = components(links, d.images.size(), options.kinds);
  std::vector<std::vector<const Link*>> own(groups.sizes.size());
  for (const Link& link : links.links)
    if (has(options.kinds, link.kind) && groups.of[to_size(link.first)] == groups.of[to_size(link.second)])
      own[groups.of[to_size(link.first)]].push_back(&link);
  std::vector<std::vector<Member>> members(groups.sizes.size());
  const Sides sides(d);
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const std::uint32_t group = groups.of[i];
    if (!own[group].empty())
      members[group].push_back({.image = to_index<ImageIndex>(i), .splits = sides.of(to_index<ImageIndex>(i))});
  }
  Sheet sheet{.title = std::move(title)};
  for (std::size_t group = 0; group < own.size(); ++group) {
    if (own[group].empty()) continue;
    SheetCluster cluster = cluster_of(d, links, own[group], std::move(members[group]), sides, options);
    ++(cluster.leak() ? sheet.leaks : sheet.others);
    if (cluster.leak() || !options.leaks_only) sheet.clusters.push_back(std::move(cluster));
  }
  const auto images = [](const SheetCluster& c) { return c.left.size() + c.right.size() + c.more_left + c.more_right; };
  std::stable_sort(sheet.clusters.begin(), sheet.clusters.end(), [&](const SheetCluster& a, const SheetCluster& b) {
    return std::pair(!a.leak(), images(b)) < std::pair(!b.leak(), images(a));
  });
  if (sheet.clusters.size() > options.clusters) {
    sheet.more = sheet.clusters.size() - options.clusters;
    sheet.clusters.resize(options.clusters);
  }
  return sheet;
}

Result<SheetFormat> sheet_format(std::string_view path) {
  const std::string lower = fold(path);
  if (lower.ends_with(".html") || lower.ends_with(".htm")) return SheetFormat::html;
  if (lower.ends_with(".png")) return SheetFormat::png;
  return Error{Code::usage, "a contact sheet is HTML or PNG: expected a name that ends in .html or .png, found '" +
                                printable(path) + "'"};
}

std::string summary_of(const Sheet& sheet) {
  const auto counted = [](std::size_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
  };
  return counted(sheet.leaks, "leak between splits", "leaks between splits") + ", " +
         counted(sheet.others, "cluster inside one split", "clusters inside one split");
}

}  // namespace vetset
