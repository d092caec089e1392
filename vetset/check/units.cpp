#include "vetset/check/units.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "vetset/base/union_find.h"
#include "vetset/check/words.h"
#include "vetset/dataset/groups.h"
#include "vetset/dataset/links.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

std::vector<std::uint32_t> by_keys(const Groups& groups, std::size_t images) {
  UnionFind joined(images);
  for (const Groups::Key& key : groups.keys) {
    std::map<std::string_view, std::uint32_t> first;
    for (std::size_t i = 0; i < key.of.size(); ++i) {
      if (key.of[i].empty()) continue;
      const auto image = static_cast<std::uint32_t>(i);
      joined.join(first.emplace(key.of[i], image).first->second, image);
    }
  }
  std::vector<std::uint32_t> of(images), number(images, 0xffffffffU);
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < images; ++i) {
    std::uint32_t& own = number[joined.root(static_cast<std::uint32_t>(i))];
    if (own == 0xffffffffU) own = next++;
    of[i] = own;
  }
  return of;
}

}  // namespace

IndependentGroups independent_groups(const Evidence& evidence) {
  const std::size_t images = evidence.dataset.images.size();
  IndependentGroups groups;
  if (evidence.links != nullptr) {
    groups.of = components(*evidence.links, images).of;
    groups.known = true;
  } else if (evidence.groups != nullptr) {
    groups.of = by_keys(*evidence.groups, images);
    groups.known = true;
  } else {
    groups.of.resize(images);
    for (std::size_t i = 0; i < images; ++i) groups.of[i] = static_cast<std::uint32_t>(i);
  }
  for (const std::uint32_t group : groups.of) groups.count = std::max(groups.count, group + 1);
  return groups;
}

std::vector<SplitPair> split_pairs(const Dataset& d) {
  // Splits of one name are one.
  std::map<std::string_view, std::uint64_t> sizes;
  for (const Membership& m : d.memberships)
    if (!d[m.split].name.empty()) ++sizes[d[m.split].name];
  std::vector<std::string_view> bases;
  for (const auto& [name, size] : sizes)
    if (split_role(name) == SplitRole::train) bases.push_back(name);
  if (bases.empty() && !sizes.empty()) {
    const auto largest =
        std::max_element(sizes.begin(), sizes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    bases.push_back(largest->first);
  }
  const auto is_base = [&](std::string_view name) {
    return std::find(bases.begin(), bases.end(), name) != bases.end();
  };
  std::vector<SplitPair> pairs;
  for (const auto& [name, size] : sizes) {
    if (is_base(name)) continue;
    SplitPair pair{.other = name, .base = bases.front(), .side = std::vector<Side>(d.images.size(), Side::neither)};
    for (const Membership& m : d.memberships) {
      const std::string_view of = d[m.split].name;
      const unsigned bit = of == name ? 1U : !of.empty() && is_base(of) ? 2U : 0U;
      Side& side = pair.side[to_size(m.image)];
      side = static_cast<Side>(static_cast<unsigned>(side) | bit);
    }
    for (const Side side : pair.side) {
      pair.others += static_cast<unsigned>(side) & 1U;
      pair.bases += static_cast<unsigned>(side) >> 1U;
    }
    if (pair.bases > 0) pairs.push_back(std::move(pair));
  }
  return pairs;
}

std::string needs_two_splits(const Evidence& evidence) {
  std::string_view first;
  for (const Membership& m : evidence.dataset.memberships) {
    const std::string_view name = evidence.dataset[m.split].name;
    if (name.empty() || name == first) continue;
    if (!first.empty()) return {};
    first = name;
  }
  return "needs two splits";
}

std::string q_text(double q) {
  return q < 0.001 ? std::string("q < 0.001") : "q = " + measure(std::round(q * 1000) / 1000);
}

std::vector<std::uint32_t> fewest_of(std::vector<std::pair<std::uint64_t, std::uint32_t>> keyed, std::size_t most) {
  if (keyed.size() > most) {
    std::nth_element(keyed.begin(), keyed.begin() + static_cast<std::ptrdiff_t>(most), keyed.end());
    keyed.resize(most);
  }
  std::vector<std::uint32_t> records;
  for (const auto& [key, record] : keyed) records.push_back(record);
  std::sort(records.begin(), records.end());
  return records;
}

}  // namespace vetset
