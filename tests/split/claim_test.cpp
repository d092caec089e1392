#include <doctest/doctest.h>

#include <algorithm>

#include "tests/split/made_dataset.h"
#include "vetset/split/claim.h"

namespace vetset {
namespace {

Link link(std::size_t a, std::size_t b, LinkKind kind, std::uint16_t distance = Link::no_distance) {
  return {.first = to_index<ImageIndex>(a), .second = to_index<ImageIndex>(b), .kind = kind, .distance = distance};
}

Links searched(std::vector<Link> list) {
  Links links;
  links.links = std::move(list);
  links.near = {.tier = NearTier::views, .radius = 31, .fingerprint = 1, .confirmation = 1, .images = 40};
  return links;
}

/// Forty images, split as `plan_split` splits them when it is given some links.
struct Placed {
  Made made = vetset::made(40);
  SplitReport report;
  Dataset split;

  explicit Placed(const Links& links) {
    auto r = plan_split(made.d, {.facts = made.facts, .links = &links}, usual());
    REQUIRE(r);
    report = *std::move(r);
    split = with_splits(made.d, report);
  }
  std::size_t first_of(std::uint32_t s) const {
    return static_cast<std::size_t>(std::find(report.of.begin(), report.of.end(), s) - report.of.begin());
  }
};

TEST_CASE("a split made by us holds, and its links are derived again") {
  const Links links = searched({link(0, 9, LinkKind::near, 4), link(1, 2, LinkKind::cropped, 30)});
  const Placed p(links);
  const SplitCheck check = check_splits(p.split, p.made.facts, links, nullptr, &p.report.lock);
  CHECK(check.holds());
  CHECK(check.clusters.empty());
  REQUIRE(check.lock);
  CHECK(check.lock->search == LockCheck::Search::same);
  CHECK_FALSE(check.lock->renamed);
  CHECK(check.names == std::vector<std::string>{"train", "val", "test"});
}

TEST_CASE("a planted leak of every kind is found, with the pair") {
  const Placed p(searched({}));
  const std::size_t a = p.first_of(0), b = p.first_of(2);
  for (std::size_t k = 0; k < link_kind_count; ++k) {
    const auto kind = static_cast<LinkKind>(k);
    CAPTURE(name(kind));
    Links links = searched({link(std::min(a, b), std::max(a, b), kind, 17)});
    links.links[0].score = 0.97F;
    links.links[0].text = 1;
    links.texts.emplace_back("clip 7");
    const SplitCheck check = check_splits(p.split, p.made.facts, links, nullptr, nullptr);
    if (!has(grouping_kinds, kind)) {
      CHECK(check.holds());  // a hint, no link
      continue;
    }
    CHECK_FALSE(check.holds());
    REQUIRE(check.clusters.size() == 1);
    const LeakCluster& cluster = check.clusters[0];
    CHECK(cluster.images.size() == 2);
    CHECK(cluster.pairs == 1);
    CHECK(has(cluster.kinds, kind));
    CHECK(cluster.example.first == to_index<ImageIndex>(std::min(a, b)));
    CHECK(cluster.example.second == to_index<ImageIndex>(std::max(a, b)));
    CHECK(cluster.example.first_split != cluster.example.second_split);
    const std::string how = kind == LinkKind::bytes    ? "the same file"
                            : kind == LinkKind::pixels ? "other bytes, the same pixels"
                            : kind == LinkKind::coefficients
                                ? "a JPEG rewritten without loss"
                                : std::string(name(kind)) + ": clip 7, 17 of 256 bits differ, correlation 0.97";
    CHECK(cluster.example.how == how);
    CHECK(check.crossing[k] == 1);
    CHECK(check.touched == std::vector<std::uint64_t>{1, 0, 1});
    const std::string json = to_json(check, p.split, "vetset test");
    CHECK(json.find("\"holds\":false") != std::string::npos);
    CHECK(json.find(std::string(p.split.path(cluster.example.second))) != std::string::npos);
  }
}

TEST_CASE("n copies of one image are one cluster, and its example is the strongest evidence") {
  const Placed p(searched({}));
  std::vector<std::size_t> train;
  for (std::size_t i = 0; i < 40 && train.size() < 5; ++i)
    if (p.report.of[i] == 0) train.push_back(i);
  const std::size_t test = p.first_of(2);
  std::vector<Link> list;
  for (const std::size_t i : train)
    list.push_back(link(std::min(i, test), std::max(i, test), i == train[3] ? LinkKind::near : LinkKind::cropped, 20));
  const SplitCheck check = check_splits(p.split, p.made.facts, searched(list), nullptr, nullptr);
  REQUIRE(check.clusters.size() == 1);
  CHECK(check.clusters[0].images.size() == 6);
  CHECK(check.clusters[0].pairs == 5);
  CHECK(check.clusters[0].example.kind == LinkKind::near);
  CHECK(check.touched == std::vector<std::uint64_t>{5, 0, 1});
}

TEST_CASE("a cut link that crosses is told and is no leak") {
  const Placed p(searched({}));
  Links links = searched({link(p.first_of(0), p.first_of(1), LinkKind::near, 40)});
  if (links.links[0].first > links.links[0].second) std::swap(links.links[0].first, links.links[0].second);
  links.links[0].cut = true;
  const SplitCheck check = check_splits(p.split, p.made.facts, links, nullptr, nullptr);
  CHECK(check.holds());
  CHECK(check.crossing_cuts == 1);
}

TEST_CASE("an image that is listed in two splits leaks by itself") {
  Placed p(searched({}));
  const std::size_t a = p.first_of(0);
  p.split.memberships.push_back({.split = to_index<SplitIndex>(2),
                                 .image = to_index<ImageIndex>(a),
                                 .order = static_cast<std::uint32_t>(p.split.members(to_index<SplitIndex>(2)).size())});
  const SplitCheck check = check_splits(p.split, p.made.facts, searched({}), nullptr, nullptr);
  REQUIRE(check.clusters.size() == 1);
  CHECK(check.clusters[0].example.first == check.clusters[0].example.second);
  CHECK(check.clusters[0].example.how == "one image, listed in both");
  CHECK(check.clusters[0].example.first_split != check.clusters[0].example.second_split);
}

TEST_CASE("two names for the very same images are one split, and the lock knows it by either") {
  Placed p(searched({}));
  p.split.splits.push_back({.name = "eval", .role = SplitRole::other});
  std::uint32_t order = 0;
  for (std::size_t i = 0; i < 40; ++i)
    if (p.report.of[i] == 2)
      p.split.memberships.push_back(
          {.split = to_index<SplitIndex>(3), .image = to_index<ImageIndex>(i), .order = order++});
  const SplitCheck check = check_splits(p.split, p.made.facts, searched({}), nullptr, &p.report.lock);
  CHECK(check.holds());
  CHECK(check.names == std::vector<std::string>{"train", "val", "test = eval"});
  CHECK(check.lock->moved.empty());
}

TEST_CASE("images of two splits that meet in one of none leak through it") {
  Placed p(searched({}));
  const std::size_t a = p.first_of(0), b = p.first_of(2);
  std::size_t middle = 0;
  while (middle == a || middle == b) ++middle;
  Column<Membership> kept;
  for (const Membership& m : p.split.memberships)
    if (m.image != to_index<ImageIndex>(middle)) kept.push_back(m);
  p.split.memberships = std::move(kept);
  const auto ordered = [](std::size_t i, std::size_t j) {
    return link(std::min(i, j), std::max(i, j), LinkKind::bytes);
  };
  const SplitCheck check =
      check_splits(p.split, p.made.facts, searched({ordered(a, middle), ordered(b, middle)}), nullptr, nullptr);
  CHECK(check.unassigned == 1);
  REQUIRE(check.clusters.size() == 1);
  CHECK(check.clusters[0].pairs == 0);
  CHECK(check.clusters[0].example.through == p.split.path(to_index<ImageIndex>(middle)));
  CHECK(check.clusters[0].images.size() == 2);
}

TEST_CASE("pairs just beyond the radius are shown for review and decide nothing") {
  const Placed p(searched({}));
  const std::size_t a = std::min(p.first_of(0), p.first_of(2)), b = std::max(p.first_of(0), p.first_of(2));
  const Links none = searched({});
  Links beyond = searched({link(a, b, LinkKind::near, 36)});
  beyond.near.radius = 39;
  const SplitCheck check = check_splits(p.split, p.made.facts, none, &beyond, nullptr);
  CHECK(check.holds());
  REQUIRE(check.margin.size() == 1);
  CHECK(check.margin[0].distance == 36);
  Links tied = none;
  tied.links = {link(a, b, LinkKind::cropped, 20)};
  CHECK(check_splits(p.split, p.made.facts, tied, &beyond, nullptr).margin.empty());  // told already
  beyond.links[0].distance = 31;  // within: the search itself would have it
  CHECK(check_splits(p.split, p.made.facts, none, &beyond, nullptr).margin.empty());
}

TEST_CASE("what contradicts a lock is told: a moved image, another set of links") {
  const Links links = searched({link(0, 9, LinkKind::near, 4), link(20, 21, LinkKind::sequence)});
  Placed p(links);
  using Search = LockCheck::Search;
  const auto search_of = [&](const Links& now) {
    const SplitCheck check = check_splits(p.split, p.made.facts, now, nullptr, &p.report.lock);
    REQUIRE(check.lock);
    CHECK(check.holds() == (check.lock->search != Search::different));
    return check.lock->search;
  };
  Links other = links;
  other.links[0].distance = 5;
  CHECK(search_of(other) == Search::different);
  other = links;
  other.links.erase(other.links.begin());
  CHECK(search_of(other) == Search::different);
  other = links;
  other.near.radius = 30;
  CHECK(search_of(other) == Search::other);
  other = links;
  other.near.fingerprint = 2;
  CHECK(search_of(other) == Search::other);
  other = links;
  other.links.pop_back();  // the sequence, by its names
  CHECK(search_of(other) == Search::different);
  for (std::size_t i = 0; i < 40; ++i) p.split.images[i].path = p.split.add_text("new_" + std::to_string(i) + ".jpg");
  CHECK(search_of(other) == Search::same);  // names are others now: what they say does not compare

  const std::size_t moved = p.first_of(2);
  for (Membership& m : p.split.memberships)
    if (m.image == to_index<ImageIndex>(moved)) m.split = to_index<SplitIndex>(0);
  const SplitCheck check = check_splits(p.split, p.made.facts, links, nullptr, &p.report.lock);
  CHECK_FALSE(check.holds());
  REQUIRE(check.lock->moved.size() == 1);
  CHECK(check.lock->moved[0].from == "test");
  CHECK(check.lock->moved[0].to == "train");
}

TEST_CASE("images that came or went since a lock are counted, and then links do not compare") {
  const Links links = searched({});
  const Placed p(links);
  Made more = made(42);
  auto grown = plan_split(more.d, {.facts = more.facts, .links = &links, .before = &p.report.lock}, usual());
  REQUIRE(grown);
  const Dataset split = with_splits(more.d, *grown);
  const SplitCheck check = check_splits(split, more.facts, links, nullptr, &p.report.lock);
  CHECK(check.holds());
  CHECK(check.lock->new_images == 2);
  CHECK(check.lock->absent == 0);
  CHECK(check.lock->search == LockCheck::Search::other_images);
  CHECK(check_splits(p.split, p.made.facts, links, nullptr, &grown->lock).lock->absent == 2);
}

TEST_CASE("an image that was kept out and is back contradicts the lock") {
  Placed p(searched({}));
  SplitLock lock = p.report.lock;
  for (LockedGroup& g : lock.groups)
    if (!g.images.empty() && g.images[0].path == p.split.path(to_index<ImageIndex>(3))) {
      g.quarantined.push_back({.image = g.images[0], .split = 0});
      g.images.clear();
    }
  const SplitCheck check = check_splits(p.split, p.made.facts, searched({}), nullptr, &lock);
  CHECK_FALSE(check.holds());
  REQUIRE(check.lock->moved.size() == 1);
  CHECK(check.lock->moved[0].from.empty());
}

}  // namespace
}  // namespace vetset
