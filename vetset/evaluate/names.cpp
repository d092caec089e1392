#include "vetset/evaluate/names.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "vetset/base/json.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

/// Whether the record is compared, by what says so: memberships of images, listings of categories.
template <class Rows, class IndexOf>
std::vector<bool> chosen(std::size_t records, std::span<const SplitIndex> splits, const Rows& rows,
                         const IndexOf& index_of) {
  if (splits.empty()) return std::vector<bool>(records, true);
  std::vector<bool> is_chosen(records, false);
  for (const auto& row : rows)
    if (std::find(splits.begin(), splits.end(), row.split) != splits.end()) is_chosen[to_size(index_of(row))] = true;
  return is_chosen;
}

bool comes_before(const Dataset& d, const Ids& ids, std::size_t a, std::size_t b) {
  const auto rank = [](std::int64_t id) { return id == Ids::absent ? 2 : id == Ids::odd ? 1 : 0; };
  if (rank(ids[a]) != rank(ids[b])) return rank(ids[a]) < rank(ids[b]);
  if (ids[a] == Ids::absent) return false;
  return ids[a] == Ids::odd ? d.id_json(ids, a) < d.id_json(ids, b) : ids[a] < ids[b];
}

bool same_id(const Dataset& d, const Ids& ids, std::size_t a, std::size_t b) {
  if (ids[a] != ids[b] || ids[a] == Ids::absent) return false;
  return ids[a] != Ids::odd || d.id_json(ids, a) == d.id_json(ids, b);
}

template <class SameDocument>
NumberedNames number(const Dataset& d, const Ids& ids, const std::vector<bool>& is_chosen,
                     const SameDocument& same_document) {
  NumberedNames names;
  names.number.assign(is_chosen.size(), no_number);
  std::vector<std::uint32_t> order;
  for (std::size_t i = 0; i < is_chosen.size(); ++i)
    if (is_chosen[i]) order.push_back(static_cast<std::uint32_t>(i));
  if (!ids.numbers.empty())
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return comes_before(d, ids, a, b); });
  for (const std::uint32_t record : order) {
    const bool again = !names.record.empty() && same_id(d, ids, names.record.back(), record) &&
                       same_document(names.record.back(), record);
    if (!again) names.record.push_back(record);
    names.number[record] = static_cast<std::uint32_t>(names.record.size() - 1);
  }
  return names;
}

std::string unquoted(const std::string& json) {
  JsonCursor in(json);
  return in.type() == JsonType::string ? std::string(in.read_string()) : json;
}

using Keys = std::vector<std::string>;

/// A way to match: the keys of a record of the truth, and those that a predicted name is looked up by, best first.
struct Way {
  std::string_view name;
  std::function<Keys(std::uint32_t record)> of_truth;
  std::function<Keys(const PredictedName&)> of_prediction;
};

/// What one way came to.
struct Tried {
  MatchedNames matched;
  std::size_t known = 0;
  std::optional<std::string> ambiguous = {};  // then: what could be two
};

class Matcher {
 public:
  Matcher(std::string_view what, const NumberedNames& truth, std::span<const PredictedName> names,
          std::function<std::string(std::uint32_t)> called)
      : what_(what), truth_(truth), names_(names), called_(std::move(called)), done_(names.size(), no_number) {}

  /// What is settled before any way is tried.
  void settle(std::size_t name, std::uint32_t number) { done_[name] = number; }

  Result<MatchedNames> match(const std::vector<Way>& ways, std::string_view by) const {
    const auto open = static_cast<std::size_t>(std::count(done_.begin(), done_.end(), no_number));
    if (open == 0 && by == "auto") return MatchedNames{.by = {}, .number = done_};
    if (by != "auto") {
      const auto way = std::find_if(ways.begin(), ways.end(), [&](const Way& w) { return w.name == by; });
      VETSET_ASSERT(way != ways.end(), "the caller has seen that there is such a way");
      Tried tried = attempt(*way);
      if (tried.ambiguous) return ambiguous(*tried.ambiguous);
      if (open > 0 && tried.known == 0) return nothing_known({*way});
      return std::move(tried.matched);
    }
    std::optional<Tried> best;
    std::optional<std::string> unclear;
    for (const Way& way : ways) {
      Tried tried = attempt(way);
      if (tried.ambiguous) {
        if (!unclear) unclear = std::move(tried.ambiguous);
        continue;
      }
      if (tried.known == open) return std::move(tried.matched);
      if (tried.known > 0 && (!best || tried.known > best->known)) best = std::move(tried);
    }
    if (best) return std::move(best->matched);
    if (unclear) return ambiguous(*unclear);
    return nothing_known(ways);
  }

 private:
  Tried attempt(const Way& way) const {
    constexpr std::uint32_t several = no_number - 1;
    Tried tried{.matched = {.by = std::string(way.name), .number = done_}};
    std::unordered_map<std::string, std::uint32_t> numbers;
    for (std::size_t record = 0; record < truth_.number.size(); ++record) {
      const std::uint32_t number = truth_.number[record];
      if (number == no_number) continue;
      for (std::string& key : way.of_truth(static_cast<std::uint32_t>(record))) {
        const auto [at, is_new] = numbers.try_emplace(std::move(key), number);
        if (!is_new && at->second != number) at->second = several;
      }
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (done_[i] != no_number) continue;
      for (const std::string& key : way.of_prediction(names_[i])) {
        const auto found = numbers.find(key);
        if (found == numbers.end()) continue;
        if (found->second == several) {
          tried.ambiguous = unclear(way, names_[i], key);
          return tried;
        }
        tried.matched.number[i] = found->second;
        ++tried.known;
        break;
      }
    }
    return tried;
  }

  std::string unclear(const Way& way, const PredictedName& name, const std::string& key) const {
    std::vector<std::string> both;
    std::uint32_t first = no_number;
    for (std::size_t record = 0; record < truth_.number.size() && both.size() < 2; ++record) {
      const std::uint32_t number = truth_.number[record];
      if (number == no_number || number == first) continue;
      const Keys keys = way.of_truth(static_cast<std::uint32_t>(record));
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
      both.push_back(called_(static_cast<std::uint32_t>(record)));
      first = number;
    }
    return std::string(what_) + " " + quoted_text_of(name) + " of the predictions could be two of the truth by " +
           std::string(way.name) + ": " + both.front() + " and " + both.back();
  }

  Error ambiguous(const std::string& text) const {
    return {Code::refused, text + "; say how to match, or compare one split"};
  }

  Error nothing_known(const std::vector<Way>& ways) const {
    const auto some = [](std::size_t count, const auto& text) {
      std::string list;
      constexpr std::size_t most = 3;
      for (std::size_t i = 0; i < std::min(count, most); ++i) list += (i == 0 ? "" : ", ") + text(i);
      return list + (count > most ? " …" : count == 0 ? "none" : "");
    };
    std::string tried;
    for (const Way& way : ways) tried += (tried.empty() ? "" : ", ") + std::string(way.name);
    return {Code::refused,
            "no " + std::string(what_) + " of the predictions is in the truth (by " + tried + "): predictions say " +
                some(names_.size(), [&](std::size_t i) { return quoted_text_of(names_[i]); }) + ", the truth has " +
                some(truth_.size(), [&](std::size_t i) { return called_(truth_.record[i]); })};
  }

  std::string_view what_;
  const NumberedNames& truth_;
  std::span<const PredictedName> names_;
  std::function<std::string(std::uint32_t)> called_;
  std::vector<std::uint32_t> done_;
};

Keys id_key(const Dataset& d, const Ids& ids, std::uint32_t record) {
  if (ids[record] == Ids::absent) return {};
  return {d.id_json(ids, record)};
}
Keys id_key(const PredictedName& name) {
  if (name.id == Ids::absent) return {};
  return {name.id == Ids::odd ? name.token : std::to_string(name.id)};
}

/// Digits without leading zeros: 000000000139 is what a program that reads it as a number calls 139.
std::optional<std::string> as_number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const std::size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
  return "#" + std::string(text.substr(first));
}

Error unknown_way(std::string_view what, std::string_view by, const std::vector<Way>& ways) {
  std::string known = "auto";
  for (const Way& way : ways) known += ", " + std::string(way.name);
  return {Code::usage, std::string(what) + " cannot be matched by '" + std::string(by) + "', expected one of " + known};
}
bool has_way(const std::vector<Way>& ways, std::string_view by) {
  return by == "auto" || std::any_of(ways.begin(), ways.end(), [&](const Way& way) { return way.name == by; });
}

}  // namespace

std::string text_of(const PredictedName& name) {
  if (!name.name.empty()) return name.name;
  if (name.id == Ids::odd) return unquoted(name.token);
  return name.id == Ids::absent ? "(no name)" : std::to_string(name.id);
}

std::string quoted_text_of(const PredictedName& name) {
  const std::string text = text_of(name);
  return name.name.empty() && name.id == Ids::odd && as_number(text) ? name.token : text;
}

NumberedNames number_images(const Dataset& d, std::span<const SplitIndex> splits) {
  const auto is_chosen = chosen(d.images.size(), splits, d.memberships, [](const Membership& m) { return m.image; });
  return number(d, d.image_ids, is_chosen,
                [&](std::uint32_t a, std::uint32_t b) { return d.images[a].file == d.images[b].file; });
}

NumberedNames number_categories(const Dataset& d, std::span<const SplitIndex> splits) {
  const auto listed = d.category_listings.empty() ? std::span<const SplitIndex>() : splits;
  const auto is_chosen = chosen(d.categories.size(), listed, d.category_listings,
                                [](const CategoryListing& listing) { return listing.category; });
  return number(d, d.category_ids, is_chosen,
                [&](std::uint32_t a, std::uint32_t b) { return d.categories[a].name == d.categories[b].name; });
}

Result<MatchedNames> match_images(const Dataset& d, const NumberedNames& truth, std::span<const PredictedName> names,
                                  std::string_view by) {
  const auto path = [&](std::uint32_t i) { return d.path(to_index<ImageIndex>(i)); };
  const std::vector<Way> ways = {
      {"id", [&](std::uint32_t i) { return id_key(d, d.image_ids, i); },
       [](const PredictedName& name) { return id_key(name); }},
      {"path", [&](std::uint32_t i) { return Keys{std::string(path(i))}; },
       [](const PredictedName& name) { return Keys{text_of(name)}; }},
      {"name", [&](std::uint32_t i) { return Keys{std::string(base_name(path(i)))}; },
       [](const PredictedName& name) { return Keys{std::string(base_name(text_of(name)))}; }},
      {"stem",
       [&](std::uint32_t i) {
         const std::string_view stem = stem_of(path(i));
         Keys keys{std::string(stem)};
         if (auto number = as_number(stem)) keys.push_back(*std::move(number));
         return keys;
       },
       [](const PredictedName& name) {
         const std::string text = text_of(name);
         if (name.name.empty() && name.id != Ids::odd) return Keys{as_number(text).value_or(text)};
         return Keys{std::string(base_name(text)), std::string(stem_of(text))};
       }},
  };
  if (!has_way(ways, by)) return unknown_way("images", by, ways);
  return Matcher("image", truth, names,
                 [&](std::uint32_t i) {
                   const std::string id = d.id_json(d.image_ids, i);
                   return std::string(path(i)) + (id.empty() ? "" : " (id " + id + ")");
                 })
      .match(ways, by);
}

Result<MatchedNames> match_categories(const Dataset& d, const NumberedNames& truth,
                                      std::span<const PredictedName> names, std::string_view by,
                                      std::span<const std::pair<std::string, std::string>> renamed) {
  const auto called = [&](std::uint32_t c) {
    const std::string id = d.id_json(d.category_ids, c);
    return "'" + d.categories[c].name + "'" + (id.empty() ? "" : " (id " + id + ")");
  };
  Matcher matcher("class", truth, names, called);
  for (const auto& [from, to] : renamed) {
    std::uint32_t number = no_number;
    for (const bool by_id : {false, true})
      for (const std::uint32_t c : truth.record)
        if (number == no_number && (by_id ? d.id_json(d.category_ids, c) : d.categories[c].name) == to)
          number = truth.number[c];
    if (number == no_number) return Error{Code::usage, "no class of the truth is called '" + to + "'"};
    bool found = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool is_it = names[i].name == from || (!id_key(names[i]).empty() && unquoted(id_key(names[i])[0]) == from);
      if (is_it) matcher.settle(i, number);
      found = found || is_it;
    }
    if (!found) return Error{Code::usage, "no class of the predictions is called '" + from + "'"};
  }
  Way id{"id", [&](std::uint32_t c) { return id_key(d, d.category_ids, c); },
         [](const PredictedName& name) { return id_key(name); }};
  Way name{"name", [&](std::uint32_t c) { return Keys{d.categories[c].name}; },
           [](const PredictedName& one) { return Keys{text_of(one)}; }};
  const auto position = [&](std::int64_t first) {
    return [&truth, first](std::uint32_t c) { return Keys{std::to_string(truth.number[c] + first)}; };
  };
  const Way index{"index", position(0), id.of_prediction}, index1{"index1", position(1), id.of_prediction};
  const std::vector<Way> all = {id, name, index, index1};
  if (!has_way(all, by)) return unknown_way("classes", by, all);
  if (by != "auto") return matcher.match(all, by);
  // Names are what two datasets share; where predictions have none, ids are all there is.
  const bool named = std::any_of(names.begin(), names.end(), [](const PredictedName& n) { return !n.name.empty(); });
  auto matched = named ? matcher.match({name, id}, by) : matcher.match({id, name}, by);
  const auto last = static_cast<std::int64_t>(truth.size());
  const bool numbered = std::any_of(
      names.begin(), names.end(), [&](const PredictedName& n) { return n.name.empty() && n.id >= 0 && n.id <= last; });
  if (matched || !numbered) return matched;
  Error error = std::move(matched).error();
  error.message += "; where predictions count the truth's classes from 0 or 1: --match-classes index, or index1";
  return error;
}

}  // namespace vetset
