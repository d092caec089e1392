#include "vetset/transform/combine.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "vetset/base/json.h"
#include "vetset/base/nearest.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/transform/classes.h"

namespace vetset {
namespace {

std::string quoted(std::string_view name) { return "'" + printable(name) + "'"; }

/// The members of a JSON object, as they stand.
std::vector<std::pair<std::string, std::string>> members_of(std::string_view object) {
  std::vector<std::pair<std::string, std::string>> members;
  if (object.empty()) return members;
  JsonCursor in(object);
  for (in.enter_object(); in.next_member();) {
    std::string key(in.key());
    members.emplace_back(std::move(key), std::string(in.skip()));
  }
  return members;
}

bool same_json(const std::string& a, const std::string& b) {
  const auto x = canonical_json(a), y = canonical_json(b);
  return x && y && *x == *y;
}

class Combining {
 public:
  Combining(std::vector<CombineInput> inputs, const CombineRules& rules) : inputs_(std::move(inputs)), rules_(rules) {}

  Result<Combined> take() {
    for (const CombineInput& input : inputs_) {
      parts_.push_back({.files = input.name + "/", .media_paths = input.media_paths});
      report_.sources.push_back({input.name, input.dataset.format, counts_of(input.dataset), {}, {}});
    }
    VETSET_DO(map_classes());
    join_splits();
    join_licences();
    name_images();
    keep_tracks_apart();
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      const Dataset& d = inputs_[s].dataset;
      if (!d.residue.empty())
        report_.lost.push_back("what " + d.format + " keeps of its own beside the labels of " + inputs_[s].name + " (" +
                               std::to_string(d.residue.size()) + " bytes)");
      parts_[s].dataset = std::move(inputs_[s].dataset);
    }
    Combined result{united(std::move(parts_), std::move(tables_)), std::move(report_)};
    for (std::size_t s = 0; s < result.report.sources.size(); ++s) {
      result.report.sources[s].image_ids = result.united.parts[s].image_ids;
      result.report.sources[s].annotation_ids = result.united.parts[s].annotation_ids;
    }
    result.report.after = counts_of(result.united.dataset);
    return result;
  }

 private:
  // Classes: by name in normal form C, after the map.

  Result<void> map_classes() {
    std::vector<bool> used(rules_.map.size());
    std::map<std::string, std::size_t> by_name;
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      const Dataset& d = inputs_[s].dataset;
      for (std::size_t c = 0; c < d.categories.size(); ++c) {
        const std::string name = mapped(s, d.categories[c].name, used);
        const auto [at, is_new] = by_name.emplace(nfc(name), tables_.categories.size());
        if (is_new) {
          tables_.categories.push_back(d.categories[c]);
          tables_.categories.back().name = name;
          report_.classes.push_back({name, {}, 0});
        } else {
          join_class(at->second, s, d.categories[c]);
        }
        parts_[s].categories.push_back(to_index<CategoryIndex>(at->second));
        report_.classes[at->second].from.emplace_back(s, d.categories[c].name);
      }
      for (const Annotation& a : d.annotations)
        if (a.category != none<CategoryIndex>)
          ++report_.classes[to_size(parts_[s].categories[to_size(a.category)])].objects;
    }
    for (std::size_t k = 0; k < used.size(); ++k)
      if (!used[k]) return nobody_has(rules_.map[k]);
    number_classes();
    std::map<std::string, std::string> folded;
    for (const Category& c : tables_.categories) {
      const auto [at, is_new] = folded.emplace(fold(c.name), c.name);
      if (!is_new) report_.alike.emplace_back(at->second, c.name);
    }
    return {};
  }

  std::string mapped(std::size_t source, const std::string& name, std::vector<bool>& used) const {
    const std::string wanted = nfc(name);
    std::string result = name;
    bool own = false;  // a line for one dataset goes before one for all
    for (std::size_t k = 0; k < rules_.map.size(); ++k) {
      const ClassMapLine& line = rules_.map[k];
      if ((!line.source.empty() && line.source != inputs_[source].name) || nfc(line.from) != wanted) continue;
      used[k] = true;
      if (own && line.source.empty()) continue;
      own = !line.source.empty();
      result = line.to;
    }
    return result;
  }
  Error nobody_has(const ClassMapLine& line) const {
    std::vector<std::string> known, sources;
    bool there = line.source.empty();
    for (const CombineInput& input : inputs_) {
      sources.push_back(input.name);
      there = there || input.name == line.source;
      if (line.source.empty() || line.source == input.name)
        for (const Category& c : input.dataset.categories) known.push_back(c.name);
    }
    if (!there)
      return {Code::usage, "no dataset is called " + quoted(line.source) + did_you_mean(line.source, sources),
              line.place};
    return {Code::usage,
            "no class is called " + quoted(line.from) + (line.source.empty() ? "" : " in " + line.source) +
                did_you_mean(line.from, known),
            line.place};
  }

  /// What a class of the union says is what the first dataset says of it; the others add what that one does not say.
  void join_class(std::size_t at, std::size_t source, const Category& other) {
    Category& c = tables_.categories[at];
    const auto differs = [&](std::string_view what) {
      report_.lost.push_back(std::string(what) + " of class " + c.name + " in " + inputs_[source].name +
                             ": another dataset says something else");
    };
    if (!c.supercategory)
      c.supercategory = other.supercategory;
    else if (other.supercategory && *other.supercategory != *c.supercategory)
      differs("supercategory '" + *other.supercategory + "'");
    const bool has = c.has_keypoints || c.point_count > 0;
    if (!has && (other.has_keypoints || other.point_count > 0)) {
      const std::string name = c.name;
      const auto super = c.supercategory;
      c = other;
      c.name = name;
      c.supercategory = super;
    } else if (has && other.has_keypoints && (other.keypoints != c.keypoints || other.skeleton != c.skeleton)) {
      differs("keypoints");
    }
  }

  /// Ids of the first dataset stay; the others' where they are free.
  void number_classes() {
    const std::size_t count = tables_.categories.size();
    if (std::none_of(inputs_.begin(), inputs_.end(),
                     [](const CombineInput& i) { return !i.dataset.category_ids.numbers.empty(); }))
      return;
    std::vector<std::optional<std::int64_t>> ids(count);
    std::set<std::int64_t> taken;
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      const Ids& own = inputs_[s].dataset.category_ids;
      for (std::size_t c = 0; c < own.numbers.size(); ++c) {
        auto& id = ids[to_size(parts_[s].categories[c])];
        const std::int64_t wanted = own.numbers[c];
        if (id || wanted == Ids::absent || wanted == Ids::odd || !taken.insert(wanted).second) continue;
        id = wanted;
      }
    }
    std::int64_t next = taken.empty() ? 1 : std::max<std::int64_t>(*taken.rbegin(), 0);
    for (auto& id : ids) {
      while (!id && !taken.insert(next).second) ++next;
      if (!id) id = next;
      tables_.category_ids.push_back(*id);
    }
  }

  // Splits: by name, or one a dataset.

  void join_splits() {
    std::map<std::string, std::size_t> by_name;
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      Dataset& d = inputs_[s].dataset;
      if (rules_.split_from_source) give_one_split(s, d);
      for (const Split& split : d.splits) {
        const auto [at, is_new] = by_name.emplace(split.name, tables_.splits.size());
        if (is_new)
          tables_.splits.push_back(
              {.name = split.name, .role = split.role, .info = split.info, .residue = split.residue});
        else
          join_split(tables_.splits[at->second], split, inputs_[s].name);
        parts_[s].splits.push_back(to_index<SplitIndex>(at->second));
      }
    }
  }
  void give_one_split(std::size_t s, Dataset& d) {
    Split whole{.name = inputs_[s].name, .role = split_role(inputs_[s].name)};
    for (const Split& split : d.splits) join_split(whole, split, inputs_[s].name);
    d.memberships = {};
    for (std::size_t i = 0; i < d.images.size(); ++i)
      d.memberships.push_back({SplitIndex{0}, to_index<ImageIndex>(i), static_cast<std::uint32_t>(i)});
    for (File& file : d.files) file.split = none<SplitIndex>;
    for (Licence& licence : d.licences) licence.split = none<SplitIndex>;
    const auto of_split = [](const auto& row) { return row.owner == Owner::split; };
    const auto without = [&](auto& rows) {
      rows.resize(static_cast<std::size_t>(std::remove_if(rows.begin(), rows.end(), of_split) - rows.begin()));
    };
    without(d.residues);
    without(d.attributes);
    d.category_listings = {};
    d.splits = {whole};
  }
  void join_split(Split& split, const Split& other, const std::string& source) {
    const auto join = [&](std::string& into, const std::string& from, std::string_view what) {
      if (into.empty()) {
        into = from;
        return;
      }
      auto members = members_of(into);
      for (auto& [key, value] : members_of(from)) {
        const auto there = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.first == key; });
        if (there == members.end())
          members.emplace_back(key, value);
        else if (!same_json(there->second, value))
          report_.lost.push_back(std::string(what) + key + " of " + source + ": " + cut(value) + "; kept is " +
                                 cut(there->second));
      }
      into.clear();
      JsonWriter out(into);
      out.begin_object();
      for (const auto& [key, value] : members) out.key(key).raw(value);
      out.end_object();
    };
    join(split.info, other.info, "info.");
    join(split.residue, other.residue, "");
  }
  static std::string cut(const std::string& json) {
    return printable(json.size() <= 60 ? json : json.substr(0, 57) + "...");
  }

  /// Licences of the same words are one.
  void join_licences() {
    for (std::size_t s = 0; s < inputs_.size(); ++s)
      for (const Licence& l : inputs_[s].dataset.licences) {
        const auto same = [&](const Licence& o) {
          return std::tie(o.name, o.url, o.has_name, o.has_url) == std::tie(l.name, l.url, l.has_name, l.has_url);
        };
        const auto there = std::find_if(tables_.licences.begin(), tables_.licences.end(), same);
        parts_[s].licences.push_back(
            to_index<LicenceIndex>(static_cast<std::size_t>(there - tables_.licences.begin())));
        if (there != tables_.licences.end()) continue;
        tables_.licences.push_back(l);
        tables_.licences.back().split = none<SplitIndex>;
      }
  }

  // Names of images.

  /// Names that several datasets have put every image below the name of its dataset.
  void name_images() {
    std::map<std::string, std::size_t> owner;
    std::set<std::string> shared;
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      const Dataset& d = inputs_[s].dataset;
      for (std::size_t i = 0; i < d.images.size(); ++i) {
        const std::string_view path = d.path(to_index<ImageIndex>(i));
        parts_[s].image_paths.emplace_back(path);
        std::string key = fold(nfc(path));
        const auto [at, is_new] = owner.emplace(key, s);
        if (is_new || at->second == s) continue;
        if (report_.first_shared.empty()) report_.first_shared = path;
        shared.insert(std::move(key));
      }
    }
    report_.shared_paths = shared.size();
    if (shared.empty()) return;
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      std::vector<std::string> inner = within_splits(inputs_[s].dataset);
      for (std::size_t i = 0; i < inner.size(); ++i) parts_[s].image_paths[i] = inputs_[s].name + "/" + inner[i];
    }
  }
  /// Paths without the folders of splits, where those tell no images apart.
  static std::vector<std::string> within_splits(const Dataset& d) {
    std::vector<std::string> paths, inner;
    for (std::size_t i = 0; i < d.images.size(); ++i) paths.emplace_back(d.path(to_index<ImageIndex>(i)));
    inner = paths;
    for (const Membership& m : d.memberships) {
      const std::string& folder = d[m.split].folder;
      const std::string& path = paths[to_size(m.image)];
      if (!folder.empty() && path.starts_with(folder + "/")) inner[to_size(m.image)] = path.substr(folder.size() + 1);
    }
    const std::set<std::string> apart(inner.begin(), inner.end());
    return apart.size() == inner.size() ? inner : paths;
  }

  /// Ids of tracks and groups mean nothing beyond their dataset.
  void keep_tracks_apart() {
    std::size_t with_tracks = 0;
    for (std::size_t s = 0; s < inputs_.size(); ++s) {
      const Dataset& d = inputs_[s].dataset;
      const bool has = !d.tracks.empty() || !d.track_ids.empty() || !d.group_ids.empty();
      if (has && with_tracks++ > 0) parts_[s].word = inputs_[s].name + "/";
    }
  }

  std::vector<CombineInput> inputs_;
  const CombineRules& rules_;
  std::vector<UnitePart> parts_;
  UniteTables tables_;
  CombineReport report_;
};

// Images of the same bytes.

bool near(double a, double b) { return a == b || (a - b <= 0.01 && b - a <= 0.01); }
bool near(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return near(x, y); });
}

bool same_shape(const Dataset& d, const Shape& a, const Shape& b) {
  if (a.kind != b.kind || a.count != b.count) return false;
  switch (a.kind) {
    case ShapeKind::nothing: return true;
    case ShapeKind::polygon:
    case ShapeKind::polyline:
      for (std::uint32_t k = 0; k < a.count; ++k) {
        const Ring &x = d.rings_of(a)[k], &y = d.rings_of(b)[k];
        if (x.role != y.role || !near(d.coordinates_of(x), d.coordinates_of(y))) return false;
      }
      return true;
    case ShapeKind::mask: {
      const Mask &x = d.masks[a.begin], &y = d.masks[b.begin];
      const auto p = d.counts_of(x), q = d.counts_of(y);
      return x.height == y.height && x.width == y.width && std::equal(p.begin(), p.end(), q.begin(), q.end());
    }
    case ShapeKind::keypoints:
    case ShapeKind::numbers:
    case ShapeKind::raster: return near(d.numbers_of(a), d.numbers_of(b));
  }
  return false;
}

bool same_object(const Dataset& d, const Annotation& a, const Annotation& b) {
  if (a.category != b.category || a.kind != b.kind) return false;
  const double p[] = {a.box.x, a.box.y, a.box.width, a.box.height}, q[] = {b.box.x, b.box.y, b.box.width, b.box.height};
  if (!near(std::span(p), std::span(q))) return false;
  if (a.flags.is(Flag::crowd) != b.flags.is(Flag::crowd)) return false;
  ShapeIndex s = a.shape, t = b.shape;
  for (; s != none<ShapeIndex> && t != none<ShapeIndex>; s = d[s].next, t = d[t].next)
    if (!same_shape(d, d[s], d[t])) return false;
  return s == t;
}

bool same_labels(const Dataset& d, std::span<const AnnotationIndex> a, std::span<const AnnotationIndex> b) {
  if (a.size() != b.size()) return false;
  std::vector<bool> taken(b.size());
  for (const AnnotationIndex i : a) {
    std::size_t k = 0;
    while (k < b.size() && (taken[k] || !same_object(d, d[i], d[b[k]]))) ++k;
    if (k == b.size()) return false;
    taken[k] = true;
  }
  return true;
}

void write_ids(JsonWriter& out, std::string_view key, const IdPlan& plan) {
  out.key(key).begin_object().key(plan.counted ? "counted_from" : "added").value(plan.by).end_object();
}
void write_counts(JsonWriter& out, std::string_view key, const Counts& c) {
  out.key(key).begin_object().key("images").value(c.images).key("annotations").value(c.annotations);
  out.key("categories").value(c.categories).key("splits").value(c.splits).end_object();
}

}  // namespace

Result<std::vector<ClassMapLine>> parse_class_map(std::string_view text, std::string_view file) {
  std::vector<ClassMapLine> lines;
  std::string source;
  std::uint32_t number = 0;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      source = line.substr(1, line.size() - 2);
      continue;
    }
    const WordPair pair = word_pair(line);
    if (pair.first.empty() || !pair.second || pair.second->empty())
      return Error{Code::malformed, "expected old=new, found " + quoted(line), std::string(file), number, 1};
    lines.push_back({source, pair.first, *pair.second, std::string(file) + ":" + std::to_string(number)});
  }
  return lines;
}

Result<Combined> combined(std::vector<CombineInput> inputs, const CombineRules& rules) {
  return Combining(std::move(inputs), rules).take();
}

std::vector<ImageCopy> equal_images(const Dataset& d, const std::vector<std::optional<Digest>>& digests) {
  std::vector<ImageCopy> copies;
  const Dataset::ImageAnnotations objects = d.image_annotations();
  std::map<Digest, ImageIndex> first;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (!digests[i]) continue;
    const auto image = to_index<ImageIndex>(i);
    const auto [at, is_new] = first.emplace(*digests[i], image);
    if (!is_new) copies.push_back({at->second, image, same_labels(d, objects.of(at->second), objects.of(image))});
  }
  return copies;
}

std::string combine_document(const CombineReport& report, std::string_view program) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-combine").value(1).key("program").value(program);
  out.key("sources").begin_array();
  for (const CombineReport::Source& s : report.sources) {
    out.begin_object().key("name").value(s.name).key("format").value(s.format);
    write_counts(out, "counts", s.counts);
    write_ids(out, "image_ids", s.image_ids);
    write_ids(out, "annotation_ids", s.annotation_ids);
    out.end_object();
  }
  out.end_array().key("classes").begin_array();
  for (const CombineReport::Class& c : report.classes) {
    out.begin_object().key("name").value(c.name).key("objects").value(c.objects).key("from").begin_array();
    for (const auto& [source, name] : c.from)
      out.begin_object().key("source").value(report.sources[source].name).key("name").value(name).end_object();
    out.end_array().end_object();
  }
  out.end_array().key("alike").begin_array();
  for (const auto& [a, b] : report.alike) out.begin_array().value(a).value(b).end_array();
  out.end_array().key("paths").begin_object().key("shared").value(report.shared_paths);
  out.key("below_source").value(report.shared_paths > 0).end_object();
  std::uint64_t equal = 0;
  for (const CombineReport::Copy& copy : report.copies) equal += copy.equal ? 1U : 0U;
  out.key("copies").begin_object().key("equal").value(equal).key("other_labels").value(report.copies.size() - equal);
  out.key("dropped").value(report.dropped).key("first").begin_array();
  for (std::size_t k = 0; k < std::min(report.copies.size(), listed_files); ++k)
    out.begin_object()
        .key("image")
        .value(report.copies[k].first)
        .key("copy")
        .value(report.copies[k].copy)
        .key("equal_labels")
        .value(report.copies[k].equal)
        .end_object();
  out.end_array().end_object().key("lost").begin_array();
  for (const std::string& lost : report.lost) out.value(lost);
  out.end_array();
  write_counts(out, "after", report.after);
  out.end_object();
  return canonical_written(text);
}

}  // namespace vetset
