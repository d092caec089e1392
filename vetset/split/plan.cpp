// From images to groups to splits: who belongs together, where a lock has them, and the report of what came of it.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/base/union_find.h"
#include "vetset/split/split.h"

namespace vetset {
namespace {

constexpr std::uint32_t nobody = 0xffffffffU;

/// Where a lock has an image, or where it was pinned.
struct Known {
  std::uint32_t group = nobody;  // of the lock; nobody: it was pinned
  std::uint32_t split = nobody;
  bool quarantined = false;
};

class Planner {
 public:
  Planner(const Dataset& d, const SplitInput& input, const SplitSettings& settings)
      : d_(d),
        facts_(input.facts),
        keys_(input.keys),
        input_(input),
        before_(input.before),
        together_(d.images.size()),
        known_(d.images.size()) {
    report_.settings = settings;
  }

  Result<SplitReport> run() {
    report_.images = d_.images.size();
    name_images();
    link_files();
    link_keys();
    if (input_.links != nullptr)
      for (const Link& link : input_.links->links)
        if (!link.cut && has(grouping_kinds, link.kind))
          together_.join(static_cast<std::uint32_t>(link.first), static_cast<std::uint32_t>(link.second));
    if (before_ != nullptr) link_lock();
    if (input_.pins != nullptr) VETSET_DO(take_pins(*input_.pins));
    make_groups();
    place();
    tell_parts();
    tell_largest();
    if (input_.links != nullptr) tell_links(*input_.links);
    write_lock();
    return std::move(report_);
  }

 private:
  struct Group {
    Digest id;
    std::vector<std::uint32_t> images;
    std::uint32_t pinned = nobody;
    bool open = false;  // holds an image that is not in quarantine
  };

  /// What an image is known by: its bytes, else its path.
  void name_images() {
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const bool digest = i < facts_.size() && facts_[i].has_digest;
      if (!digest) ++report_.without_file;
      ids_.push_back(digest ? facts_[i].digest : sha256("path " + std::string(d_.path(to_index<ImageIndex>(i)))));
    }
  }

  void link_files() {
    std::vector<std::uint32_t> order(d_.images.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return ids_[a] < ids_[b]; });
    for (std::size_t k = 1; k < order.size(); ++k) {
      if (ids_[order[k]] != ids_[order[k - 1]]) continue;
      together_.join(order[k], order[k - 1]);
      report_.identical_images += k == 1 || ids_[order[k - 1]] != ids_[order[k - 2]] ? 2U : 1U;
    }
  }

  void link_keys() {
    for (const Keys& keys : keys_) {
      std::unordered_map<std::string_view, std::uint32_t> first;
      for (std::uint32_t i = 0; i < keys.of.size(); ++i)
        if (!keys.of[i].empty())
          if (const auto [at, fresh] = first.emplace(keys.of[i], i); !fresh) together_.join(at->second, i);
      report_.keys.push_back({.key = keys.rule.text,
                              .images = keys.of.size() - keys.without,
                              .without = keys.without,
                              .values = first.size(),
                              .unused_rows = keys.unused_rows});
    }
  }

  /// Images that the lock knows, by digest, else by a path that no other file has taken with it.
  void link_lock() {
    std::map<Digest, Known> by_digest;
    std::map<std::string_view, std::pair<Known, const LockedImage*>> by_path;
    for (std::uint32_t g = 0; g < before_->groups.size(); ++g) {
      const LockedGroup& group = before_->groups[g];
      const auto learn = [&](const LockedImage& image, const Known& known) {
        if (image.digest) by_digest.emplace(*image.digest, known);
        by_path.emplace(image.path, std::pair(known, &image));
      };
      for (const LockedImage& image : group.images) learn(image, {.group = g, .split = group.split});
      for (const LockedGroup::Quarantined& q : group.quarantined)
        learn(q.image, {.group = g, .split = q.split, .quarantined = true});
    }
    std::set<Digest> here;
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (facts_[i].has_digest) here.insert(facts_[i].digest);

    std::vector<std::uint32_t> first(before_->groups.size(), nobody);
    for (std::uint32_t i = 0; i < d_.images.size(); ++i) {
      if (const auto found = by_digest.find(ids_[i]); facts_[i].has_digest && found != by_digest.end()) {
        known_[i] = found->second;
      } else if (const auto named = by_path.find(d_.path(to_index<ImageIndex>(i))); named != by_path.end()) {
        const LockedImage& was = *named->second.second;
        if (!was.digest || !here.contains(*was.digest)) known_[i] = named->second.first;
      }
      if (known_[i].group == nobody) continue;
      std::uint32_t& member = first[known_[i].group];
      if (member == nobody) member = i;
      together_.join(member, i);
    }
    report_.locked = true;
  }

  Result<void> take_pins(const Keys& pins) {
    const std::vector<std::string>& names = report_.settings.names;
    report_.unused_pins = pins.unused_rows;
    for (std::uint32_t i = 0; i < pins.of.size(); ++i) {
      if (pins.of[i].empty()) continue;
      const auto named = std::find(names.begin(), names.end(), pins.of[i]);
      const std::string image(d_.path(to_index<ImageIndex>(i)));
      if (named == names.end()) {
        std::string known;
        for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
        return Error{Code::usage, "'" + image + "' is pinned to '" + pins.of[i] + "', expected one of " + known,
                     pins.rule.argument};
      }
      const auto split = static_cast<std::uint32_t>(named - names.begin());
      ++report_.pinned;
      if (!in_lock(i)) {
        known_[i].split = split;
      } else if (known_[i].split != split || known_[i].quarantined) {
        return Error{Code::usage, "'" + image + "' is pinned to " + pins.of[i] + ", and the lock has it in " +
                                      (known_[i].quarantined ? "quarantine" : names[known_[i].split]) +
                                      ": what was placed stays"};
      }
    }
    return {};
  }

  bool in_lock(std::uint32_t image) const { return known_[image].group != nobody; }
  bool is_known(std::uint32_t image) const { return known_[image].split != nobody; }

  /// Groups by id: what they are, not the order in which they come, decides where they go.
  void make_groups() {
    std::map<std::uint32_t, std::uint32_t> of_root;
    for (std::uint32_t i = 0; i < d_.images.size(); ++i) {
      const auto [at, fresh] = of_root.emplace(together_.root(i), static_cast<std::uint32_t>(groups_.size()));
      if (fresh) groups_.push_back({.id = ids_[i], .images = {}});
      groups_[at->second].images.push_back(i);
    }
    report_.of.assign(d_.images.size(), SplitReport::nowhere);
    for (Group& g : groups_) {
      bool named = false;
      for (const std::uint32_t i : g.images) {
        const Digest& id = in_lock(i) ? before_->groups[known_[i].group].id : ids_[i];
        const bool better = in_lock(i) && !named;
        if (i == g.images.front() || better || (named == in_lock(i) && id < g.id)) g.id = id;
        named = named || in_lock(i);
      }
      pin(g);
    }
    std::sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) { return a.id < b.id; });
    report_.groups = groups_.size();
  }

  /// What is taught from gives way to what is tested on; of two that are tested on, the earlier.
  std::uint32_t rank(std::uint32_t split) const {
    return split_role(report_.settings.names[split]) == SplitRole::train ? 0 : split + 1;
  }
  void pin(Group& g) {
    for (const std::uint32_t i : g.images)
      if (is_known(i) && !known_[i].quarantined && (g.pinned == nobody || rank(known_[i].split) > rank(g.pinned)))
        g.pinned = known_[i].split;
    for (const std::uint32_t i : g.images) {
      if (!is_known(i)) {
        ++report_.placed;
      } else if (known_[i].quarantined || known_[i].split != g.pinned) {
        report_.quarantined.push_back(
            {.image = to_index<ImageIndex>(i),
             .path = std::string(d_.path(to_index<ImageIndex>(i))),
             .from = known_[i].split,
             .against = g.pinned == nobody ? before_->groups[known_[i].group].split : g.pinned,
             .now = !known_[i].quarantined});
        continue;
      } else {
        ++(in_lock(i) ? report_.kept : report_.placed);
      }
      g.open = true;
    }
  }

  bool in_quarantine(std::uint32_t i, const Group& g) const {
    return is_known(i) && (known_[i].quarantined || known_[i].split != g.pinned);
  }

  void place() {
    take_labels();
    SplitTask searched = task_;
    const std::uint32_t classes = first_factor_;
    if (!report_.settings.stratify)
      for (SplitGroup& g : searched.groups)
        std::erase_if(g.labels, [&](const LabelCount& l) { return l.label < classes; });
    assignment_ = assign_groups(searched);
    for (std::size_t g = 0; g < groups_.size(); ++g)
      for (const std::uint32_t i : groups_[g].images)
        if (!in_quarantine(i, groups_[g])) report_.of[i] = assignment_[g];
  }

  /// Labels of the images: the classes of their objects, none at all, then the values of every factor.
  void take_labels() {
    const auto classes = static_cast<std::uint32_t>(d_.categories.size());
    first_factor_ = classes + 1;
    std::vector<std::vector<std::uint32_t>> levels;  // by factor, image
    std::uint32_t labels = first_factor_;
    for (const Keys& factor : input_.factors) {
      std::map<std::string_view, std::uint32_t> numbers;
      for (const std::string& value : factor.of)
        if (!value.empty()) numbers.emplace(value, 0);
      SplitReport::Factor told{.key = factor.rule.text, .without = factor.without, .values = {}, .balances = {}};
      for (auto& [value, number] : numbers) number = labels++, told.values.emplace_back(value);
      levels.emplace_back();
      for (const std::string& value : factor.of) levels.back().push_back(value.empty() ? nobody : numbers.at(value));
      report_.factors.push_back(std::move(told));
    }
    std::vector<std::vector<std::uint32_t>> measured;  // by factor, level; nobody: it does not occur
    for (const Factor& factor : input_.measured) measured.push_back(labels_of(factor, labels));
    task_ = {.ratios = report_.settings.ratios, .labels = labels, .groups = {}, .seed = report_.settings.seed};
    const Dataset::ImageAnnotations objects = d_.image_annotations();
    std::vector<std::int64_t> counts(labels);
    for (const Group& g : groups_) {
      SplitGroup group{.place = hash_of(g.id)};
      if (g.pinned != nobody) group.pinned = g.pinned;
      std::set<std::uint32_t> met;
      const auto count = [&](std::uint32_t label) { ++counts[label], met.insert(label); };
      for (const std::uint32_t i : g.images) {
        if (in_quarantine(i, g)) continue;
        ++group.images;
        const auto rows = objects.of(to_index<ImageIndex>(i));
        if (rows.empty() && !d_.annotations.empty()) count(classes);
        for (const AnnotationIndex a : rows)
          if (const CategoryIndex c = d_[a].category; c != none<CategoryIndex>) count(static_cast<std::uint32_t>(c));
        for (const auto& of : levels)
          if (of[i] != nobody) count(of[i]);
        for (std::size_t f = 0; f < measured.size(); ++f) {
          const Factor& factor = input_.measured[f];
          const auto count_level = [&](std::size_t record) {
            if (factor.known(record)) count(measured[f][factor.levels[record]]);
          };
          if (factor.of == FactorOf::image) count_level(i);
          if (factor.of == FactorOf::annotation)
            for (const AnnotationIndex a : rows) count_level(to_size(a));
        }
      }
      for (const std::uint32_t label : met) group.labels.push_back({.label = label, .count = counts[label]});
      for (const std::uint32_t label : met) counts[label] = 0;
      task_.groups.push_back(std::move(group));
    }
  }

  /// Labels of the levels that occur, from the next free one on; and a place for them in the report.
  std::vector<std::uint32_t> labels_of(const Factor& factor, std::uint32_t& next) {
    std::vector<std::uint32_t> numbers(factor.names.size(), nobody);
    SplitReport::Factor told{
        .key = factor.name, .of_objects = factor.of == FactorOf::annotation, .values = {}, .balances = {}};
    for (std::size_t i = 0; i < factor.levels.size(); ++i) {
      told.without += factor.known(i) ? 0U : 1U;
      if (factor.known(i)) numbers[factor.levels[i]] = 0;
    }
    for (std::size_t k = 0; k < numbers.size(); ++k)
      if (numbers[k] != nobody) numbers[k] = next++, told.values.push_back(factor.names[k]);
    report_.factors.push_back(std::move(told));
    return numbers;
  }

  /// With the seed, so that another seed begins elsewhere.
  std::uint64_t hash_of(const Digest& id) const {
    const Digest hash = sha256("vetset split " + std::to_string(report_.settings.seed) + " " + id.hex());
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < 8; ++k) bits = bits << 8 | hash.bytes[k];
    return bits;
  }

  void tell_parts() {
    report_.parts.resize(report_.settings.names.size());
    const std::vector<LabelBalance> balances = balance_of(task_, assignment_);
    report_.balances.assign(balances.begin(), balances.begin() + first_factor_);
    auto next = balances.begin() + first_factor_;
    for (SplitReport::Factor& factor : report_.factors) {
      const auto end = next + static_cast<std::ptrdiff_t>(factor.values.size());
      factor.balances.assign(next, end);
      next = end;
    }
    for (const Category& c : d_.categories) report_.classes.push_back(c.name);
    report_.classes.emplace_back();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (groups_[g].images.size() > 1) report_.grouped_images += groups_[g].images.size();
      if (!groups_[g].open) continue;
      SplitReport::Part& part = report_.parts[assignment_[g]];
      part.images += static_cast<std::uint64_t>(task_.groups[g].images);
      ++part.groups;
    }
    double sum = 0;
    std::uint64_t all = 0;
    for (std::size_t s = 0; s < report_.parts.size(); ++s) {
      SplitReport::Part& part = report_.parts[s];
      std::uint64_t used = 0;
      for (std::uint32_t l = 0; l < report_.balances.size(); ++l) {
        const LabelBalance& b = report_.balances[l];
        if (l + 1 < report_.balances.size()) part.objects += static_cast<std::uint64_t>(b.counts[s]);
        if (b.total == 0 || report_.settings.ratios[s] == 0) continue;
        ++used;
        part.mean_deviation += b.deviations[s];
        if (b.deviations[s] > part.worst_deviation) part.worst_deviation = b.deviations[s], part.worst_class = l;
      }
      sum += part.mean_deviation;
      all += used;
      if (used > 0) part.mean_deviation /= static_cast<double>(used);
    }
    if (all > 0) report_.deviation = sum / static_cast<double>(all);
    std::sort(report_.quarantined.begin(), report_.quarantined.end(),
              [](const auto& a, const auto& b) { return std::tie(a.path, a.image) < std::tie(b.path, b.image); });
  }

  void tell_largest() {
    const Group* largest = nullptr;
    for (const Group& g : groups_)
      if (largest == nullptr || g.images.size() > largest->images.size()) largest = &g;
    if (largest == nullptr) return;
    report_.largest = {.id = largest->id,
                       .images = largest->images.size(),
                       .example = std::string(d_.path(to_index<ImageIndex>(largest->images.front()))),
                       .linked_by = {}};
    std::set<Digest> files;
    for (const std::uint32_t i : largest->images) files.insert(ids_[i]);
    std::vector<std::string>& how = report_.largest.linked_by;
    if (files.size() < largest->images.size()) how.emplace_back("identical files");
    for (const Keys& keys : keys_) {
      std::map<std::string_view, std::uint64_t> values;
      for (const std::uint32_t i : largest->images)
        if (!keys.of[i].empty()) ++values[keys.of[i]];
      for (const auto& [value, count] : values)
        if (count > 1 && how.size() < 10) how.push_back(keys.rule.text + " " + std::string(value));
    }
    if (input_.links == nullptr || largest->images.size() < 2) return;
    std::vector<std::uint8_t> inside(d_.images.size());
    for (const std::uint32_t i : largest->images) inside[i] = 1;
    std::array<std::uint64_t, link_kind_count> kinds{};
    for (const Link& link : input_.links->links)
      if (!link.cut && has(grouping_kinds, link.kind) && inside[to_size(link.first)] != 0)
        ++kinds[static_cast<std::size_t>(link.kind)];
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      const auto kind = static_cast<LinkKind>(k);
      if (kinds[k] > 0 && kind != LinkKind::bytes && kind != LinkKind::key)
        how.push_back(std::to_string(kinds[k]) + " " + std::string(name(kind)));
    }
    constexpr std::size_t most_bridges = 10;
    for (const Bridge& bridge : bridges_of(*input_.links, inside, most_bridges)) {
      SplitReport::Joint joint = joint_of(input_.links->links[bridge.link]);
      joint.images = bridge.images;
      report_.largest.bridges.push_back(std::move(joint));
    }
  }

  SplitReport::Joint joint_of(const Link& link) const {
    return {.first = std::string(d_.path(link.first)),
            .second = std::string(d_.path(link.second)),
            .how = evidence_of(*input_.links, link)};
  }

  void tell_links(const Links& links) {
    constexpr std::size_t most_cuts = 100;
    std::vector<std::uint8_t> left_out(d_.images.size());
    for (std::size_t i = 0; i < left_out.size(); ++i) left_out[i] = report_.of[i] == SplitReport::nowhere ? 1 : 0;
    SplitReport::Linked told{
        .near = links.near, .edges = edges_of(links, ids_, left_out), .cuts = links.cuts.size(), .notes = links.notes};
    for (const Aside& aside : links.aside) ++told.aside[static_cast<std::size_t>(aside.why)];
    for (const Links::Cut& cut : links.cuts) {
      if (told.first_cuts.size() == most_cuts) break;
      told.first_cuts.push_back(joint_of(links.links[cut.link]));
      told.first_cuts.back().images = cut.images;
      told.first_cuts.back().why = cut.why;
    }
    report_.lock.search = LockedSearch{.near = links.near.tier,
                                       .radius = links.near.radius,
                                       .fingerprint = links.near.fingerprint,
                                       .confirmation = links.near.confirmation,
                                       .edges = told.edges};
    report_.linked = std::move(told);
  }

  LockedImage locked(std::uint32_t i) const {
    LockedImage image{.path = std::string(d_.path(to_index<ImageIndex>(i))), .digest = {}};
    if (facts_[i].has_digest) image.digest = facts_[i].digest;
    return image;
  }
  /// What is here, and what the earlier lock had and is gone: should it come back, it is where it was.
  void write_lock() {
    SplitLock& lock = report_.lock;
    lock.names = report_.settings.names;
    lock.ratios = report_.settings.ratios;
    lock.seed = report_.settings.seed;
    lock.stratified = report_.settings.stratify;
    for (const Keys& factor : input_.factors) lock.factors.push_back(factor.rule.text);
    for (const Factor& factor : input_.measured) lock.factors.push_back(factor.name);
    lock.folds = report_.settings.folds;
    for (const Keys& keys : keys_) lock.group_by.push_back(keys.rule.text);
    std::vector<std::uint32_t> place_of(before_ == nullptr ? 0 : before_->groups.size(), nobody);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      LockedGroup group{.id = groups_[g].id, .split = assignment_[g]};
      if (!groups_[g].open && before_ != nullptr)
        group.split = before_->groups[known_[groups_[g].images[0]].group].split;
      for (const std::uint32_t i : groups_[g].images) {
        if (in_quarantine(i, groups_[g]))
          group.quarantined.push_back({.image = locked(i), .split = known_[i].split});
        else
          group.images.push_back(locked(i));
        if (in_lock(i)) place_of[known_[i].group] = static_cast<std::uint32_t>(g);
      }
      lock.groups.push_back(std::move(group));
    }
    if (before_ != nullptr) keep_absent(place_of);
    const auto by_path = [](const LockedImage& a, const LockedImage& b) {
      return std::tie(a.path, a.digest) < std::tie(b.path, b.digest);
    };
    for (LockedGroup& g : lock.groups) {
      std::sort(g.images.begin(), g.images.end(), by_path);
      std::sort(g.quarantined.begin(), g.quarantined.end(),
                [&](const auto& a, const auto& b) { return by_path(a.image, b.image); });
    }
    std::sort(lock.groups.begin(), lock.groups.end(),
              [](const LockedGroup& a, const LockedGroup& b) { return a.id < b.id; });
    take_root();
  }
  void keep_absent(const std::vector<std::uint32_t>& place_of) {
    std::set<std::string_view> paths;
    std::set<Digest> digests(ids_.begin(), ids_.end());
    for (std::uint32_t i = 0; i < known_.size(); ++i)
      if (in_lock(i)) paths.insert(d_.path(to_index<ImageIndex>(i)));
    const auto gone = [&](const LockedImage& image) {
      return image.digest ? !digests.contains(*image.digest) && !paths.contains(image.path)
                          : !paths.contains(image.path);
    };
    for (std::size_t g = 0; g < before_->groups.size(); ++g) {
      const LockedGroup& old = before_->groups[g];
      LockedGroup fresh{.id = old.id, .split = old.split};
      LockedGroup& to = place_of[g] == nobody ? fresh : report_.lock.groups[place_of[g]];
      for (const LockedImage& image : old.images) {
        if (!gone(image)) continue;
        ++report_.absent;
        if (to.split == old.split)
          to.images.push_back(image);
        else
          to.quarantined.push_back({.image = image, .split = old.split});
      }
      for (const LockedGroup::Quarantined& q : old.quarantined)
        if (gone(q.image)) to.quarantined.push_back(q);
      if (&to == &fresh) report_.lock.groups.push_back(std::move(fresh));
    }
  }

  void take_root() {
    std::vector<std::string> lines;
    for (std::uint32_t i = 0; i < d_.images.size(); ++i) {
      const std::uint32_t split = report_.of[i];
      lines.push_back(std::string(d_.path(to_index<ImageIndex>(i))) + "\n" +
                      (split == SplitReport::nowhere ? "-" : report_.settings.names[split]) + " " + ids_[i].hex());
    }
    std::sort(lines.begin(), lines.end());
    MerkleTree tree;
    for (const std::string& line : lines) {
      const std::size_t end = line.find('\n');
      tree.add(line.substr(end + 1) + " " + line.substr(0, end));
    }
    report_.assignment = tree.root();
  }

  const Dataset& d_;
  std::span<const Facts> facts_;
  std::span<const Keys> keys_;
  const SplitInput& input_;
  const SplitLock* before_;
  UnionFind together_;
  std::vector<Digest> ids_;         // by image
  std::vector<Known> known_;        // by image
  std::uint32_t first_factor_ = 0;  // labels from here on are values of factors
  std::vector<Group> groups_;       // by id
  SplitTask task_;                  // its groups are groups_
  std::vector<std::uint32_t> assignment_;
  SplitReport report_;
};

}  // namespace

Result<SplitReport> plan_split(const Dataset& d, const SplitInput& input, const SplitSettings& settings) {
  if (settings.names.size() != settings.ratios.size())
    return Error{Code::usage, std::to_string(settings.ratios.size()) + " ratios for " +
                                  std::to_string(settings.names.size()) + " splits: expected as many"};
  if (d.images.empty()) return Error{Code::refused, "the dataset has no images to split"};
  VETSET_DO(check_names(settings.names));
  if (input.before != nullptr && input.before->names != settings.names) {
    std::string names;
    for (const std::string& name : input.before->names) names += (names.empty() ? "" : ", ") + name;
    return Error{Code::usage, "the lock has the splits " + names + "; expected the same ones in the same order"};
  }
  // What nearly every image has a value of its own for says who it is, not of which sort.
  constexpr std::size_t always_few = 50;
  for (const Keys& factor : input.factors) {
    std::set<std::string_view> values(factor.of.begin(), factor.of.end());
    if (values.size() > always_few && values.size() > d.images.size() / 2)
      return Error{Code::usage, "'" + factor.rule.text + "' has " + std::to_string(values.size()) + " values for " +
                                    std::to_string(d.images.size()) + " images: expected a few that many images share"};
  }
  for (const Factor& factor : input.measured)
    if (factor.names.size() > always_few && factor.names.size() > factor.size() / 2)
      return Error{Code::usage, "'" + factor.name + "' has " + std::to_string(factor.names.size()) + " values for " +
                                    std::to_string(factor.size()) +
                                    (factor.of == FactorOf::image ? " images" : " objects") +
                                    ": expected a few that many share"};
  return Planner(d, input, settings).run();
}

}  // namespace vetset
