#include "vetset/transform/classes.h"

#include <algorithm>

#include "vetset/base/nearest.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

constexpr std::size_t gone = static_cast<std::size_t>(-1);

std::string quoted(std::string_view name) { return "'" + printable(name) + "'"; }

std::string counted(std::uint64_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

class Planner {
 public:
  explicit Planner(const Dataset& d) : d_(d), objects_(d.categories.size()) {
    for (const Category& c : d.categories) names_.push_back(c.name);
    for (std::size_t c = 0; c < names_.size(); ++c) stands_for_.push_back(c);
    for (const Annotation& a : d.annotations)
      if (a.category != none<CategoryIndex>) ++objects_[to_size(a.category)];
  }

  Result<PlannedClasses> plan(const ClassWords& words) {
    VETSET_DO(rename(words.rename));
    VETSET_DO(merge(words.merge));
    if (!words.drop.empty() && !words.keep.empty())
      return Error{Code::usage, "--keep-classes and --drop-classes exclude each other; expected one of them"};
    VETSET_DO(drop(words.drop));
    VETSET_DO(keep(words.keep));
    order_.clear();
    for (std::size_t c = 0; c < names_.size(); ++c)
      if (stands_for_[c] == c) order_.push_back(c);
    VETSET_DO(order(words.order));
    if (words.exactly) VETSET_DO(exactly(words));
    PlannedClasses planned = finish();
    const bool asked_for_order = !words.order.empty() || words.exactly;
    const bool places = numbers_are_places(d_);
    planned.plan.renumber = places || asked_for_order;
    if (!places) planned.plan.first_number = lowest_id();
    return planned;
  }

 private:
  /// Classes of that name, as they are called now.
  Result<std::vector<std::size_t>> find(std::string_view name) const {
    const std::string wanted = nfc(name);
    std::vector<std::size_t> found;
    std::vector<std::string> known;
    for (std::size_t c = 0; c < names_.size(); ++c) {
      if (stands_for_[c] != c) continue;
      known.push_back(names_[c]);
      if (nfc(names_[c]) == wanted) found.push_back(c);
    }
    if (!found.empty()) return found;
    std::string hint = did_you_mean(name, known);
    for (std::size_t c = 0; c < names_.size() && hint.empty(); ++c)
      if (nfc(d_.categories[c].name) == wanted)
        hint = stands_for_[c] == gone ? "; it was dropped before"
                                      : "; it is called " + quoted(names_[stands_for_[c]]) + " by now";
    if (hint.empty() && known.size() <= 10)
      for (const std::string& other : known) hint += (hint.empty() ? "; there are: " : ", ") + printable(other);
    return Error{Code::usage, "no class is called " + quoted(name) + hint};
  }

  Result<void> rename(const std::vector<std::string>& words) {
    std::vector<std::string> renamed = names_;
    std::vector<bool> touched(names_.size());
    for (const std::string& word : with_commas_kept(words)) {
      const WordPair pair = word_pair(word);
      if (!pair.second || pair.second->empty())
        return Error{Code::usage, "expected old=new after --rename, found " + quoted(word)};
      VETSET_TRY(const std::vector<std::size_t> classes, find(pair.first));
      for (const std::size_t c : classes) {
        if (touched[c]) return Error{Code::usage, quoted(pair.first) + " is renamed twice"};
        touched[c] = true;
        renamed[c] = *pair.second;
      }
    }
    for (std::size_t a = 0; a < names_.size(); ++a)
      for (std::size_t b = 0; b < a; ++b)
        if (renamed[a] == renamed[b] && names_[a] != names_[b])
          return Error{Code::usage, quoted(names_[b]) + " and " + quoted(names_[a]) + " would both be called " +
                                        quoted(renamed[a]) + "; expected --merge " + names_[b] + "," + names_[a] + "=" +
                                        renamed[a]};
    names_ = std::move(renamed);
    return {};
  }

  Result<void> merge(const std::vector<std::string>& words) {
    std::vector<std::string> group;
    for (const std::string& word : with_commas_kept(words)) {
      const WordPair pair = word_pair(word);
      group.push_back(pair.first);
      if (!pair.second) continue;
      if (pair.second->empty())
        return Error{Code::usage, "expected a name behind '=' in --merge, found " + quoted(word)};
      VETSET_DO(merge(group, *pair.second));
      group.clear();
    }
    if (group.empty()) return {};
    return Error{Code::usage, "expected a,b=c after --merge, found " + quoted(group.back()) + " without '='"};
  }
  Result<void> merge(const std::vector<std::string>& group, const std::string& target) {
    std::vector<std::size_t> members;
    const bool there = [&] {
      const auto found = find(target);
      if (found) members = *found;
      return static_cast<bool>(found);
    }();
    for (const std::string& name : group) {
      VETSET_TRY(const std::vector<std::size_t> found, find(name));
      members.insert(members.end(), found.begin(), found.end());
    }
    const std::size_t first = members.front();
    if (!there) names_[first] = target;
    for (std::size_t& other : stands_for_)
      if (other != gone && std::find(members.begin(), members.end(), other) != members.end()) other = first;
    return {};
  }

  void forget(std::size_t c) {
    for (std::size_t& other : stands_for_)
      if (other == c) other = gone;
  }
  Result<void> drop(const std::vector<std::string>& words) {
    for (const std::string& word : with_commas_kept(words)) {
      VETSET_TRY(const std::vector<std::size_t> found, find(word_pair(word).first));
      for (const std::size_t c : found) forget(c);
    }
    return {};
  }
  Result<void> keep(const std::vector<std::string>& words) {
    if (words.empty()) return {};
    std::vector<bool> kept(names_.size());
    for (const std::string& word : with_commas_kept(words)) {
      VETSET_TRY(const std::vector<std::size_t> found, find(word_pair(word).first));
      for (const std::size_t c : found) kept[c] = true;
    }
    for (std::size_t c = 0; c < names_.size(); ++c)
      if (stands_for_[c] == c && !kept[c]) forget(c);
    return {};
  }

  Result<void> order(const std::vector<std::string>& words) {
    std::vector<std::size_t> first;
    for (const std::string& word : with_commas_kept(words)) {
      VETSET_TRY(const std::vector<std::size_t> found, find(word_pair(word).first));
      for (const std::size_t c : found) {
        if (std::find(first.begin(), first.end(), c) != first.end())
          return Error{Code::usage, quoted(names_[c]) + " stands twice in --order"};
        first.push_back(c);
      }
    }
    for (const std::size_t c : order_)
      if (std::find(first.begin(), first.end(), c) == first.end()) first.push_back(c);
    order_ = std::move(first);
    return {};
  }

  Result<void> exactly(const ClassWords& words) {
    std::vector<std::size_t> result;
    std::vector<bool> listed(names_.size());
    for (const std::string& name : *words.exactly) {
      const auto found = find(name);
      if (!found) {
        result.push_back(names_.size() + added_.size());
        added_.push_back(name);
        continue;
      }
      for (const std::size_t c : *found) {
        if (listed[c]) return Error{Code::usage, quoted(name) + " stands twice in " + words.exactly_from};
        listed[c] = true;
        result.push_back(c);
      }
    }
    for (const std::size_t c : order_) {
      if (listed[c]) continue;
      if (const std::uint64_t n = objects_of(c); n > 0)
        return Error{Code::usage, "class " + quoted(names_[c]) + " (" + counted(n, "object") +
                                      ") is not among those of " + words.exactly_from +
                                      "; expected --rename, --merge or --drop-classes to say what becomes of it"};
      forget(c);
    }
    order_ = std::move(result);
    return {};
  }

  std::uint64_t objects_of(std::size_t c) const {
    std::uint64_t n = 0;
    for (std::size_t other = 0; other < stands_for_.size(); ++other)
      if (stands_for_[other] == c) n += objects_[other];
    return n;
  }

  PlannedClasses finish() const {
    PlannedClasses planned;
    planned.plan.become.resize(names_.size(), none<CategoryIndex>);
    for (const std::size_t c : order_) {
      const auto place = to_index<CategoryIndex>(planned.plan.classes.size());
      if (c >= names_.size()) {
        planned.plan.classes.push_back({added_[c - names_.size()]});
        planned.changes.push_back({{}, added_[c - names_.size()], 0});
        continue;
      }
      planned.plan.classes.push_back({names_[c], to_index<CategoryIndex>(c)});
      ClassChange change{{}, names_[c], objects_of(c)};
      for (std::size_t other = 0; other < names_.size(); ++other) {
        if (stands_for_[other] != c) continue;
        planned.plan.become[other] = place;
        change.from.push_back(d_.categories[other].name);
      }
      planned.changes.push_back(std::move(change));
    }
    for (std::size_t c = 0; c < names_.size(); ++c)
      if (stands_for_[c] == gone) planned.changes.push_back({{d_.categories[c].name}, {}, objects_[c]});
    return planned;
  }

  std::int64_t lowest_id() const {
    std::optional<std::int64_t> lowest;
    for (const std::int64_t id : d_.category_ids.numbers)
      if (id != Ids::absent && id != Ids::odd) lowest = std::min(lowest.value_or(id), id);
    return lowest && *lowest > 0 ? 1 : 0;
  }

  const Dataset& d_;
  std::vector<std::uint64_t> objects_;
  std::vector<std::string> names_;       // by class of the source, as they are called now
  std::vector<std::size_t> stands_for_;  // by class of the source: the one it became part of; itself; gone
  std::vector<std::size_t> order_;       // of the result; beyond the source's classes: added_
  std::vector<std::string> added_;
};

}  // namespace

std::vector<std::string> with_commas_kept(const std::vector<std::string>& words) {
  std::vector<std::string> whole;
  bool open = false;
  for (const std::string& word : words) {
    if (open)
      whole.back() += "," + word;
    else
      whole.push_back(word);
    std::size_t slashes = 0;
    while (slashes < word.size() && word[word.size() - 1 - slashes] == '\\') ++slashes;
    open = slashes % 2 == 1;
  }
  return whole;
}

WordPair word_pair(std::string_view word) {
  WordPair pair;
  std::string* part = &pair.first;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool taken =
        word[i] == '\\' && i + 1 < word.size() && (word[i + 1] == '\\' || word[i + 1] == ',' || word[i + 1] == '=');
    if (word[i] == '=' && !pair.second) {
      part = &pair.second.emplace();
      continue;
    }
    *part += taken ? word[++i] : word[i];
  }
  return pair;
}

Result<PlannedClasses> plan_classes(const Dataset& d, const ClassWords& words) { return Planner(d).plan(words); }

}  // namespace vetset
