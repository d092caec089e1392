#include "vetset/check/contract_levels.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "vetset/base/number.h"
#include "vetset/base/union_find.h"
#include "vetset/check/words.h"
#include "vetset/dataset/image_keys.h"

namespace vetset {
namespace {

/// Kinds of links by the words of group_by; the rest are keys of images.
bool is_link_word(std::string_view word) {
  return word == "near_dup" || word == "near_duplicates" || word == "links" || link_kind(word).has_value();
}

std::string kinds_said(const Links& links) {
  std::set<std::string_view> seen;
  for (const Link& link : links.links)
    if (!link.cut && has(grouping_kinds, link.kind)) seen.insert(name(link.kind));
  std::string out;
  for (const std::string_view kind : seen) out += (out.empty() ? "" : ", ") + std::string(kind);
  return out;
}

std::string_view bare_key(std::string_view key) {
  for (const std::string_view prefix : {"attribute:", "image.attribute.", "attribute."})
    if (key.starts_with(prefix)) return key.substr(prefix.size());
  return key;
}

}  // namespace

ContractGrouping contract_grouping(std::string_view word) {
  if (is_link_word(word)) return {.links = true};
  return {.key = bare_key(word)};
}

ContractUnits contract_units(const ContractInput& input) {
  const Dataset& d = input.dataset;
  const std::size_t n = d.images.size();
  ContractUnits units;
  std::string by;
  UnionFind sets(n);
  if (input.contract.of_groups) {
    if (input.links != nullptr) {
      const Components parts = components(*input.links, n);
      std::vector<std::uint32_t> first(parts.sizes.size(), Factor::unknown);
      for (std::uint32_t i = 0; i < n; ++i) {
        std::uint32_t& leader = first[parts.of[i]];
        if (leader == Factor::unknown)
          leader = i;
        else
          sets.join(leader, i);
      }
      by = kinds_said(*input.links);
    }
    std::vector<std::string_view> keys;
    for (const std::string& key : input.contract.group_by)
      if (const ContractGrouping grouping = contract_grouping(key); !grouping.links) keys.push_back(grouping.key);
    const auto values = image_values(d, keys);
    for (std::size_t k = 0; k < keys.size(); ++k) {
      std::unordered_map<std::string_view, std::uint32_t> first;
      for (std::uint32_t i = 0; i < n; ++i) {
        if (values[k][i].empty()) continue;
        const auto [place, is_new] = first.emplace(values[k][i], i);
        if (!is_new) sets.join(place->second, i);
      }
      by += (by.empty() ? "" : ", ") + ("key " + std::string(keys[k]));
    }
  }
  units.of.resize(n);
  std::unordered_map<std::uint32_t, std::uint32_t> number;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto root = static_cast<std::uint32_t>(sets.root(i));
    units.of[i] = number.emplace(root, static_cast<std::uint32_t>(number.size())).first->second;
  }
  units.count = static_cast<std::uint32_t>(number.size());
  const std::string images = counted(n, "image", "images");
  if (!input.contract.of_groups)
    units.said = images + ", each for itself (unit: image)";
  else if (input.links == nullptr && by.empty())
    units.said = images + ", each taken for itself: nobody looked what belongs together (--pixels does)";
  else
    units.said = counted(units.count, "group", "groups") + " of " + images +
                 (by.empty() ? ": nothing ties them" : ", tied by " + by);
  return units;
}

LevelTable::LevelTable(const ContractInput& input, const ContractUnits& units)
    : input_(input), unit_count_(units.count) {
  const Dataset& d = input.dataset;
  image_rows_.resize(d.images.size());
  std::iota(image_rows_.begin(), image_rows_.end(), 0U);
  std::stable_sort(image_rows_.begin(), image_rows_.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return units.of[a] < units.of[b]; });
  place_of_image_.resize(d.images.size());
  for (std::uint32_t k = 0; k < image_rows_.size(); ++k) {
    place_of_image_[image_rows_[k]] = k;
    image_units_.push_back(units.of[image_rows_[k]]);
  }
  for (std::uint32_t a = 0; a < d.annotations.size(); ++a)
    if (d.annotations[a].image != none<ImageIndex>) object_rows_.push_back(a);
  const auto unit_of = [&](std::uint32_t a) { return units.of[to_size(d.annotations[a].image)]; };
  std::stable_sort(object_rows_.begin(), object_rows_.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return unit_of(a) < unit_of(b); });
  for (const std::uint32_t a : object_rows_) object_units_.push_back(unit_of(a));
}

const LevelColumn& LevelTable::column(std::string_view name) {
  if (const auto known = columns_.find(name); known != columns_.end()) return known->second;
  return columns_.emplace(std::string(name), make(name)).first->second;
}

const LevelColumn& LevelTable::by_object(std::string_view name) {
  const LevelColumn& own = column(name);
  if (own.of == FactorOf::annotation) return own;
  if (const auto known = object_columns_.find(name); known != object_columns_.end()) return known->second;
  LevelColumn lifted{
      .name = own.name, .of = FactorOf::annotation, .names = own.names, .levels = {}, .missing = own.missing};
  lifted.levels.reserve(object_rows_.size());
  for (const std::uint32_t a : object_rows_) {
    const std::uint32_t image = place_of_image_[to_size(input_.dataset.annotations[a].image)];
    lifted.levels.push_back(own.levels.empty() ? own.unknown() : own.levels[image]);
    lifted.unknowns += lifted.levels.back() == own.unknown() ? 1U : 0U;
  }
  return object_columns_.emplace(std::string(name), std::move(lifted)).first->second;
}

LevelColumn LevelTable::of_class() const {
  const Dataset& d = input_.dataset;
  LevelColumn c{.name = "class", .of = FactorOf::annotation, .names = {}, .levels = {}};
  std::map<std::string_view, std::uint16_t> levels;  // classes that nobody used are levels, too
  for (const Category& category : d.categories) levels.emplace(category.name, std::uint16_t{0});
  if (levels.size() > most_levels) {
    c.missing = "has " + grouped(levels.size()) + " classes, more than combinations are made of";
    return c;
  }
  for (auto& [level, place] : levels) {
    place = static_cast<std::uint16_t>(c.names.size());
    c.names.emplace_back(level);
  }
  std::vector<std::uint16_t> by_category;
  for (const Category& category : d.categories) by_category.push_back(levels[category.name]);
  for (const std::uint32_t a : object_rows_) {
    const CategoryIndex k = d.annotations[a].category;
    c.levels.push_back(k == none<CategoryIndex> ? c.unknown() : by_category[to_size(k)]);
    c.unknowns += k == none<CategoryIndex> ? 1U : 0U;
  }
  if (c.unknowns == c.levels.size()) c.missing = "no object has a class";
  return c;
}

LevelColumn LevelTable::make(std::string_view name) const {
  if (name == "class") return of_class();
  if (name == "split") return of_factor({.name = "split", .from = "split", .levels = {}});
  const ContractFactor* f = input_.contract.find(name);
  VETSET_ASSERT(f != nullptr, "a contract names factors that it declares");
  return of_factor(*f);
}

LevelColumn LevelTable::of_factor(const ContractFactor& f) const {
  LevelColumn c{.name = f.name, .of = FactorOf::image, .names = f.levels, .levels = {}};
  auto taken = factor({input_.dataset, input_.facts, input_.pixels}, f.from);
  if (!taken) {
    c.missing = taken.error().message;
    c.levels.assign(image_rows_.size(), c.unknown());
    c.unknowns = c.levels.size();
    return c;
  }
  c.of = taken->of;
  const std::size_t n = taken->size();
  std::vector<std::uint32_t> level(n, Factor::unknown);  // by record; others: one past the levels
  constexpr std::uint32_t other = Factor::unknown - 1;
  if (!f.bins.empty()) {
    if (taken->numeric) {
      for (std::size_t i = 0; i < n; ++i) {
        if (!taken->known(i)) continue;
        level[i] = other;
        for (const ContractFactor::Bin& bin : f.bins)
          if (taken->numbers[i] >= bin.low && taken->numbers[i] < bin.high) level[i] = bin.level;
      }
    } else {  // few numbers come as levels by their text
      for (std::size_t i = 0; i < n; ++i) {
        if (!taken->known(i)) continue;
        const std::string& text = taken->names[taken->levels[i]];
        const NumberText number = read_loose_number(text);
        if (number.length == 0 || number.length != text.size()) continue;
        level[i] = other;
        for (const ContractFactor::Bin& bin : f.bins)
          if (number.value >= bin.low && number.value < bin.high) level[i] = bin.level;
      }
    }
  } else {
    if (taken->numeric) {
      std::vector<std::string> texts(n);
      for (std::size_t i = 0; i < n; ++i)
        if (taken->known(i)) append_number(texts[i], taken->numbers[i]);
      std::map<std::string, std::uint32_t> places;
      for (const std::string& t : texts)
        if (!t.empty()) places.emplace(t, 0U);
      taken->names.clear();
      for (auto& [text, place] : places) {
        place = static_cast<std::uint32_t>(taken->names.size());
        taken->names.push_back(text);
      }
      taken->levels.assign(n, Factor::unknown);
      for (std::size_t i = 0; i < n; ++i)
        if (!texts[i].empty()) taken->levels[i] = places[texts[i]];
      taken->numeric = false;
    }
    if (f.levels.empty()) c.names = taken->names;
    std::vector<std::uint32_t> named(taken->names.size(), other);
    for (std::uint32_t k = 0; k < named.size(); ++k) {
      const auto place = std::find(c.names.begin(), c.names.end(), taken->names[k]);
      if (place != c.names.end()) named[k] = static_cast<std::uint32_t>(place - c.names.begin());
    }
    for (std::size_t i = 0; i < n; ++i)
      if (taken->known(i)) level[i] = named[taken->levels[i]];
  }
  const bool has_other = f.other == ContractFactor::Other::level;
  if (has_other) c.names.emplace_back("other");
  const std::vector<std::uint32_t>& rows = records(c.of);
  c.levels.reserve(rows.size());
  if (c.names.size() > most_levels) {
    c.missing = "'" + f.name + "' has " + grouped(c.names.size()) + " levels, more than combinations are made of";
    c.names.clear();
    level.assign(n, Factor::unknown);
  }
  for (const std::uint32_t record : rows) {
    const std::uint32_t l = level[record];
    c.others += l == other ? 1U : 0U;
    if (l == Factor::unknown || (l == other && !has_other)) {
      c.levels.push_back(c.unknown());
      ++c.unknowns;
    } else {
      c.levels.push_back(static_cast<std::uint16_t>(l == other ? c.names.size() - 1 : l));
    }
  }
  if (c.missing.empty() && c.unknowns == c.levels.size() && c.others == 0)
    c.missing = rows.empty() ? "there is nothing to look at" : "nothing says its " + f.from;
  return c;
}

}  // namespace vetset
