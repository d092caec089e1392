// The comparison itself: every field of every pair judged once, each judgement held against the declaration, and all of
// them counted in lines.
#include "vetset/dataset/compare.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

#include "vetset/dataset/compare_fields.h"

namespace vetset {

namespace {

constexpr std::uint32_t nobody = RecordDifference::nobody;

bool is_spelling(Field field) {
  return field == Field::annotation_authored || field == Field::annotation_lexemes || field == Field::unread ||
         field == Field::number_style || field == Field::dataset_residue;
}

/// One kind of outcome of one field under one line of the declaration.
struct Line {
  Field field{};
  std::int32_t carry = -1;
  Verb verb = Verb::exact;
  Outcome outcome = Outcome::kept;
  bool declared = true;
  bool form = false;
  std::uint64_t count = 0;
  double largest = 0, bound = 0;
  std::uint32_t before = nobody, after = nobody;  // of the first record

  bool same_kind(const Line& other) const {
    return field == other.field && carry == other.carry && verb == other.verb && outcome == other.outcome &&
           declared == other.declared && form == other.form;
  }
  auto order() const { return std::tuple(field, outcome, declared, carry, verb, form); }
};

/// Lines of one range of records, in the order in which they were first met.
class Tally {
 public:
  /// Counts one more that was kept, where the one before was of the same field and line of the declaration.
  bool kept_again(Field field, std::int32_t carry, const Judgement& judgement) {
    if (judgement.outcome != Outcome::kept || last_ >= lines_.size()) return false;
    Line& line = lines_[last_];
    if (line.field != field || line.carry != carry || line.outcome != Outcome::kept || line.form != judgement.form)
      return false;
    ++line.count;
    line.largest = std::max(line.largest, judgement.magnitude);
    return true;
  }
  void add(const Line& one) {
    if (last_ >= lines_.size() || !lines_[last_].same_kind(one)) {  // most are of the kind before
      const auto same = [&](const Line& line) { return line.same_kind(one); };
      const auto known = std::find_if(lines_.begin(), lines_.end(), same);
      last_ = static_cast<std::size_t>(known - lines_.begin());
      if (known == lines_.end()) {
        lines_.push_back(one);
        return;
      }
    }
    Line& line = lines_[last_];
    line.count += one.count;
    line.largest = std::max(line.largest, one.largest);
    line.bound = std::max(line.bound, one.bound);
  }
  void add(const Tally& later) {
    for (const Line& line : later.lines_) add(line);
    records_.insert(records_.end(), later.records_.begin(), later.records_.end());
  }
  void keep(const Line& one) { records_.push_back({one.field, one.outcome, one.before, one.after, one.largest}); }
  std::vector<Line> take() && { return std::move(lines_); }
  std::vector<RecordDifference> take_records() { return std::move(records_); }

 private:
  std::vector<Line> lines_;
  std::size_t last_ = 0;  // the line that was added to
  std::vector<RecordDifference> records_;
};

class Comparison {
 public:
  Comparison(const Sides& sides, const CompareOptions& options, bool every_record)
      : s_(sides), options_(options), every_record_(every_record) {
    by_field_.resize(static_cast<std::size_t>(Field::count));
    for (std::size_t k = 0; k < options.carries.size(); ++k)
      by_field_[static_cast<std::size_t>(options.carries[k].field)].push_back(static_cast<std::int32_t>(k));
  }

  /// Counts one judgement of one record, `after` being the first of its copies.
  void count(Tally& tally, Field field, std::uint32_t before, std::uint32_t after, const Judgement& judgement) const {
    if (!judgement.counted) return;
    const bool foreign = is_spelling(field) && !s_.same_format;
    const std::int32_t carry = foreign ? -1 : before == nobody ? line_for_added(field) : line_for(field, before);
    if (tally.kept_again(field, carry, judgement)) return;
    Line line{.field = field,
              .carry = carry,
              .outcome = judgement.outcome,
              .form = judgement.form,
              .count = 1,
              .largest = judgement.magnitude,
              .before = before,
              .after = after};
    declare(line);
    if (every_record_ && !line.declared) tally.keep(line);
    tally.add(line);
  }

  /// All fields of records that have a counterpart, and the loss of those that have none.
  template <class Index, class Copies>
  void records(Tally& tally, Field record, std::span<const FieldCode<Index>> codes, std::size_t count_before,
               const Copies& copies) const {
    constexpr std::size_t grain = 8192;
    const std::size_t ranges = (count_before + grain - 1) / grain;
    std::vector<Tally> parts(ranges);
    const auto work = [&](std::size_t range) {
      const std::size_t begin = range * grain, end = std::min(count_before, begin + grain);
      for (std::size_t i = begin; i < end; ++i) {
        const std::span<const Index> after = copies(to_index<Index>(i));
        count(parts[range], record, static_cast<std::uint32_t>(i), after.empty() ? nobody : first(after),
              presence(after.size()));
      }
      for (const FieldCode<Index>& code : codes) {
        if (code.used != nullptr && !code.used(s_.before) && !code.used(s_.after)) continue;
        for (std::size_t i = begin; i < end; ++i) {
          const std::span<const Index> after = copies(to_index<Index>(i));
          if (!after.empty())
            count(parts[range], code.field, static_cast<std::uint32_t>(i), first(after),
                  code.judge(s_, to_index<Index>(i), after));
        }
      }
    };
    if (options_.pool != nullptr)
      options_.pool->for_each(ranges, work);
    else
      for (std::size_t r = 0; r < ranges; ++r) work(r);
    for (const Tally& part : parts) tally.add(part);
  }

  void added(Tally& tally, Field record, std::size_t after) const {
    count(tally, record, nobody, static_cast<std::uint32_t>(after), Judgement::of(Outcome::added));
  }

 private:
  template <class Index>
  static std::uint32_t first(std::span<const Index> after) {
    return static_cast<std::uint32_t>(after.front());
  }
  static Judgement presence(std::size_t copies) {
    if (copies == 1) return Judgement::of(Outcome::kept);
    return Judgement::of(copies == 0 ? Outcome::lost : Outcome::changed);
  }

  std::int32_t line_for(Field field, std::uint32_t before) const {
    for (const std::int32_t k : by_field_[static_cast<std::size_t>(field)])
      if (const Carry& c = options_.carries[static_cast<std::size_t>(k)];
          c.when == nullptr || c.when(s_.before, before))
        return k;
    return -1;
  }
  std::int32_t line_for_added(Field field) const {
    for (const std::int32_t k : by_field_[static_cast<std::size_t>(field)])
      if (const Verb v = options_.carries[static_cast<std::size_t>(k)].verb;
          v == Verb::derived || v == Verb::defaulted || v == Verb::rekeyed)
        return k;
    return -1;
  }

  void declare(Line& line) const {
    if (line.carry < 0) {
      const bool dropped = options_.declared_only || (is_spelling(line.field) && !s_.same_format);
      line.verb = dropped ? Verb::dropped : Verb::exact;
      line.declared = line.outcome == Outcome::kept || (dropped && line.outcome == Outcome::lost);
      return;
    }
    const Carry& carry = options_.carries[static_cast<std::size_t>(line.carry)];
    line.verb = carry.verb;
    if (line.outcome == Outcome::kept) return;
    if (carry.bound != nullptr && line.before != nobody) line.bound = carry.bound(s_.before, line.before);
    line.declared = covers(carry, line);
  }

  bool covers(const Carry& carry, const Line& line) const {
    const bool changed = line.outcome == Outcome::changed;
    const bool within = carry.bound == nullptr || line.largest <= line.bound;
    switch (carry.verb) {
      case Verb::exact: return false;
      case Verb::quantised: return changed && !line.form && line.largest <= line.bound;
      case Verb::rekeyed: return true;
      case Verb::encoded:
      case Verb::split:
      case Verb::aggregated: return changed && within;
      case Verb::derived: return (changed && within) || line.outcome == Outcome::added;
      case Verb::defaulted: return line.outcome == Outcome::added;
      case Verb::dropped: return line.outcome == Outcome::lost;
      case Verb::refused: return decided(line);
    }
    return false;
  }

  bool decided(const Line& line) const {
    if (!options_.decided) return true;
    if (line.before == nobody || fields()[static_cast<std::size_t>(line.field)].owner != Owner::annotation)
      return false;
    const auto what = options_.decided(static_cast<AnnotationIndex>(line.before));
    if (line.field == Field::annotation) return what == CompareOptions::Decided::drop;
    return what != CompareOptions::Decided::nothing;
  }

  const Sides& s_;
  const CompareOptions& options_;
  bool every_record_;
  std::vector<std::vector<std::int32_t>> by_field_;
};

// What moved: records whose rank among the surviving ones is another. `after` are positions in the result, by rank in
// the source.
template <class Index>
struct Placed {
  Index before;
  std::uint64_t after;
};
template <class Index>
void displaced(std::vector<Placed<Index>>& placed, Column<Index>& out) {
  const auto by_after = [](const Placed<Index>& a, const Placed<Index>& b) { return a.after < b.after; };
  if (std::is_sorted(placed.begin(), placed.end(), by_after)) return;
  std::vector<Placed<Index>> now = placed;
  std::stable_sort(now.begin(), now.end(), by_after);
  for (std::size_t k = 0; k < now.size(); ++k)
    if (now[k].before != placed[k].before) out.push_back(now[k].before);
}
template <class Index>
void sort_unique(Column<Index>& column) {
  std::sort(column.begin(), column.end());
  column.resize(static_cast<std::size_t>(std::unique(column.begin(), column.end()) - column.begin()));
}

void find_displaced_categories(Sides& s) {
  std::vector<Placed<CategoryIndex>> placed;
  for (std::size_t c = 0; c < s.before.categories.size(); ++c)
    if (const CategoryIndex there = s.join.categories[c]; there != none<CategoryIndex>)
      placed.push_back({to_index<CategoryIndex>(c), to_size(there)});
  displaced(placed, s.displaced_categories);
  sort_unique(s.displaced_categories);
}

void find_displaced_images(Sides& s) {
  const auto place_all = [&](const auto& images, const auto& position) {
    std::vector<Placed<ImageIndex>> placed;
    for (const ImageIndex image : images)
      if (const ImageIndex there = s.join.images[to_size(image)]; there != none<ImageIndex>)
        placed.push_back({image, position(image, there)});
    displaced(placed, s.displaced_images);
  };
  if (s.before.memberships.empty()) {
    std::vector<ImageIndex> all;
    for (std::size_t i = 0; i < s.before.images.size(); ++i) all.push_back(to_index<ImageIndex>(i));
    place_all(all, [](ImageIndex, ImageIndex there) { return to_size(there); });
  }
  for (std::size_t split = 0; split < s.before.splits.size(); ++split) {
    std::vector<ImageIndex> members;
    for (const Membership& m : s.before.members(to_index<SplitIndex>(split))) members.push_back(m.image);
    const SplitIndex after = s.join.splits[split];
    if (after == none<SplitIndex>) {
      place_all(members, [](ImageIndex, ImageIndex there) { return to_size(there); });
      continue;
    }
    // Where the copy of each image stands in this split; it may have others elsewhere.
    std::vector<std::uint64_t> order(s.before.images.size(), ~std::uint64_t{0});
    for (const Membership& m : s.after.members(after))
      if (const ImageIndex source = s.join.image_sources[to_size(m.image)]; source != none<ImageIndex>)
        order[to_size(source)] = m.order;
    place_all(members, [&](ImageIndex here, ImageIndex) { return order[to_size(here)]; });
  }
  sort_unique(s.displaced_images);
}

/// Annotations whose rank within their image changed. One pass finds the images where anything moved, usually none.
void find_displaced_annotations(Sides& s) {
  const auto group = [&](std::size_t i) {
    const ImageIndex image = s.before.annotations[i].image;
    return image == none<ImageIndex> ? s.before.images.size() : to_size(image);
  };
  constexpr std::uint8_t moved = 1;
  std::vector<std::uint32_t> last(s.before.images.size() + 1, 0);
  std::vector<std::uint8_t> state(last.size(), 0);
  bool any = false;
  for (std::size_t i = 0; i < s.before.annotations.size(); ++i) {
    const auto copies = s.join.of(to_index<AnnotationIndex>(i));
    if (copies.empty()) continue;
    const auto there = static_cast<std::uint32_t>(copies.front());
    if (there < last[group(i)]) state[group(i)] = moved, any = true;
    last[group(i)] = there;
  }
  if (!any) return;
  std::map<std::size_t, std::vector<Placed<AnnotationIndex>>> placed;
  for (std::size_t i = 0; i < s.before.annotations.size(); ++i) {
    const auto copies = s.join.of(to_index<AnnotationIndex>(i));
    if (!copies.empty() && state[group(i)] == moved)
      placed[group(i)].push_back({to_index<AnnotationIndex>(i), to_size(copies.front())});
  }
  for (auto& [image, rows] : placed) displaced(rows, s.displaced_annotations);
  sort_unique(s.displaced_annotations);
}

/// A split holds what it held where the surviving images of all splits that became one are those it has now.
void find_split_members(Sides& s) {
  s.split_members_differ.resize(s.before.splits.size(), 0);
  std::vector<ImageIndex> expected, found;
  for (std::size_t j = 0; j < s.after.splits.size(); ++j) {
    expected.clear();
    found.clear();
    for (std::size_t i = 0; i < s.before.splits.size(); ++i)
      if (s.join.splits[i] == to_index<SplitIndex>(j))
        for (const Membership& m : s.before.members(to_index<SplitIndex>(i)))
          if (s.join.images[to_size(m.image)] != none<ImageIndex>) expected.push_back(m.image);
    for (const Membership& m : s.after.members(to_index<SplitIndex>(j)))
      found.push_back(s.join.image_sources[to_size(m.image)]);
    for (std::vector<ImageIndex>* side : {&expected, &found}) {
      std::sort(side->begin(), side->end());
      side->erase(std::unique(side->begin(), side->end()), side->end());
    }
    if (expected == found) continue;
    for (std::size_t i = 0; i < s.before.splits.size(); ++i)
      if (s.join.splits[i] == to_index<SplitIndex>(j)) s.split_members_differ[i] = 1;
  }
}

/// Tracks by their id; the k-th of an id stands for the k-th.
Column<TrackIndex> join_tracks(const Sides& s) {
  std::map<std::string_view, std::vector<TrackIndex>> by_id;
  for (std::size_t t = s.after.tracks.size(); t-- > 0;)
    by_id[s.after.text(s.after.tracks[t].id)].push_back(to_index<TrackIndex>(t));
  Column<TrackIndex> join(s.before.tracks.size(), none<TrackIndex>);
  for (std::size_t t = 0; t < s.before.tracks.size(); ++t) {
    const auto found = by_id.find(s.before.text(s.before.tracks[t].id));
    if (found == by_id.end() || found->second.empty()) continue;
    join[t] = found->second.back();
    found->second.pop_back();
  }
  return join;
}

template <class Index>
std::vector<bool> reached(const Column<Index>& join, std::size_t count) {
  std::vector<bool> yes(count, false);
  for (const Index i : join)
    if (i != none<Index>) yes[to_size(i)] = true;
  return yes;
}

template <class Index>
void compare_table(const Comparison& c, Tally& tally, Field record, std::span<const FieldCode<Index>> codes,
                   const Column<Index>& join, std::size_t count_after) {
  c.records<Index>(tally, record, codes, join.size(), [&](Index i) {
    return join[to_size(i)] == none<Index> ? std::span<const Index>() : join.slice(to_size(i), 1);
  });
  const std::vector<bool> seen = reached(join, count_after);
  for (std::size_t j = 0; j < count_after; ++j)
    if (!seen[j]) c.added(tally, record, j);
}

void compare_images(const Comparison& c, Tally& tally, const Sides& s) {
  // Copies of each image, the one that its annotations are compared with first.
  std::vector<std::vector<ImageIndex>> more(s.before.images.size());
  for (std::size_t j = 0; j < s.after.images.size(); ++j) {
    const ImageIndex source = s.join.image_sources[j];
    if (source == none<ImageIndex>)
      c.added(tally, Field::image, j);
    else if (s.join.images[to_size(source)] != to_index<ImageIndex>(j))
      more[to_size(source)].push_back(to_index<ImageIndex>(j));
  }
  for (std::size_t i = 0; i < more.size(); ++i)
    if (!more[i].empty()) more[i].insert(more[i].begin(), s.join.images[i]);
  c.records<ImageIndex>(tally, Field::image, image_fields(), s.before.images.size(), [&](ImageIndex i) {
    if (!more[to_size(i)].empty()) return std::span<const ImageIndex>(more[to_size(i)]);
    return s.join.images[to_size(i)] == none<ImageIndex> ? std::span<const ImageIndex>()
                                                         : s.join.images.slice(to_size(i), 1);
  });
}

void compare_annotations(const Comparison& c, Tally& tally, const Sides& s) {
  c.records<AnnotationIndex>(tally, Field::annotation, annotation_fields(), s.before.annotations.size(),
                             [&](AnnotationIndex i) { return s.join.of(i); });
  const std::vector<bool> seen = reached(s.join.annotations, s.after.annotations.size());
  for (std::size_t j = 0; j < seen.size(); ++j)
    if (!seen[j]) c.added(tally, Field::annotation, j);
}

/// Rows that are known by what they say: kept where the other side has an equal one left.
template <class Key>
void compare_rows(const Comparison& c, Tally& tally, Field field, std::span<const std::optional<Key>> before,
                  std::span<const std::optional<Key>> after) {
  std::map<Key, std::vector<std::uint32_t>> there;
  for (std::size_t j = after.size(); j-- > 0;)
    if (after[j]) there[*after[j]].push_back(static_cast<std::uint32_t>(j));
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto found = before[i] ? there.find(*before[i]) : there.end();
    const bool kept = found != there.end() && !found->second.empty();
    c.count(tally, field, static_cast<std::uint32_t>(i), kept ? found->second.back() : nobody,
            Judgement::of(kept ? Outcome::kept : Outcome::lost));
    if (kept) found->second.pop_back();
  }
  std::vector<std::uint32_t> left;
  for (const auto& [key, rows] : there) left.insert(left.end(), rows.begin(), rows.end());
  for (std::size_t j = 0; j < after.size(); ++j)
    if (!after[j]) left.push_back(static_cast<std::uint32_t>(j));
  std::sort(left.begin(), left.end());
  for (const std::uint32_t j : left) c.added(tally, field, j);
}

void compare_relations(const Comparison& c, Tally& tally, const Sides& s) {
  using Key = std::tuple<AnnotationIndex, AnnotationIndex, std::string_view, bool>;
  std::vector<std::optional<Key>> before, after;
  for (const Relation& r : s.before.relations) {
    const auto from = s.join.of(r.from), to = s.join.of(r.to);
    before.push_back(from.empty() || to.empty()
                         ? std::nullopt
                         : std::optional<Key>({from.front(), to.front(), s.before.text(r.type), r.directed}));
  }
  for (const Relation& r : s.after.relations) after.push_back(Key{r.from, r.to, s.after.text(r.type), r.directed});
  compare_rows<Key>(c, tally, Field::relation, before, after);
}

/// Lines that no reader understood: between two formats they are lost, within one they are known by their file (an
/// image's, or a split's document) and text.
void compare_unread(const Comparison& c, Tally& tally, const Sides& s) {
  if (!s.same_format) {
    for (std::size_t i = 0; i < s.before.unread.size(); ++i)
      c.count(tally, Field::unread, static_cast<std::uint32_t>(i), nobody, Judgement::of(Outcome::lost));
    return;
  }
  using Key = std::pair<FileIndex, std::string_view>;
  Column<FileIndex> files(s.before.files.size(), none<FileIndex>);
  for (std::size_t i = 0; i < s.before.images.size(); ++i)
    if (const ImageIndex there = s.join.images[i];
        there != none<ImageIndex> && s.before.images[i].file != none<FileIndex>)
      files[to_size(s.before.images[i].file)] = s.after[there].file;
  for (std::size_t i = 0; i < s.before.splits.size(); ++i)
    if (const SplitIndex there = s.join.splits[i]; there != none<SplitIndex> &&
                                                   s.before.splits[i].file != none<FileIndex> &&
                                                   files[to_size(s.before.splits[i].file)] == none<FileIndex>)
      files[to_size(s.before.splits[i].file)] = s.after[there].file;
  std::vector<std::optional<Key>> before, after;
  for (const Unread& u : s.before.unread)
    before.push_back(files[to_size(u.file)] == none<FileIndex>
                         ? std::nullopt
                         : std::optional<Key>({files[to_size(u.file)], s.before.text(u.text)}));
  for (const Unread& u : s.after.unread) after.push_back(Key{u.file, s.after.text(u.text)});
  compare_rows<Key>(c, tally, Field::unread, before, after);
}

// Lines for people.

template <class Index>
std::string print_with(std::span<const FieldCode<Index>> codes, Field field, const Dataset& d, std::uint32_t index) {
  for (const FieldCode<Index>& code : codes)
    if (code.field == field) return one_line(code.print(d, static_cast<Index>(index)));
  return {};
}

std::string where(const Dataset& d, Field field, Owner owner, std::uint32_t i) {
  if (field == Field::unread)
    return std::string(d.path(d.unread[i].file)) + ", line " + std::to_string(d.unread[i].order + 1);
  if (field == Field::number_style) owner = Owner::split;
  if (field == Field::relation) return "relation " + std::to_string(i + 1);
  switch (owner) {
    case Owner::dataset: return {};
    case Owner::split: return "split " + (d.splits[i].name.empty() ? std::to_string(i + 1) : d.splits[i].name);
    case Owner::licence: return "licence " + (d.licences[i].has_name ? d.licences[i].name : std::to_string(i + 1));
    case Owner::category: return "class " + d.categories[i].name;
    case Owner::image: return std::string(d.path(static_cast<ImageIndex>(i)));
    case Owner::track: return "track " + std::string(d.text(d.tracks[i].id));
    case Owner::annotation: break;
  }
  return place_name(d, static_cast<AnnotationIndex>(i));
}

std::string value(const Dataset& d, Field field, Owner owner, std::uint32_t i) {
  if (i == nobody) return {};
  if (field == Field::unread) return one_line(d.text(d.unread[i].text));
  if (field == Field::relation) return one_line(d.text(d.relations[i].type));
  if (field == Field::number_style) owner = Owner::split;
  switch (owner) {
    case Owner::dataset: return print_with(dataset_fields(), field, d, i);
    case Owner::split: return print_with(split_fields(), field, d, i);
    case Owner::licence: return print_with(licence_fields(), field, d, i);
    case Owner::category: return print_with(category_fields(), field, d, i);
    case Owner::image: return print_with(image_fields(), field, d, i);
    case Owner::track: return print_with(track_fields(), field, d, i);
    case Owner::annotation: return print_with(annotation_fields(), field, d, i);
  }
  return {};
}

Difference difference(const Line& line, const Sides& s, std::span<const Carry> carries) {
  const FieldInfo& info = fields()[static_cast<std::size_t>(line.field)];
  Difference d{
      .field = line.field, .verb = line.verb, .outcome = line.outcome, .declared = line.declared, .count = line.count};
  d.unit = line.form ? std::string_view("px^2") : info.unit;
  d.largest = d.unit.empty() ? 0 : line.largest;
  d.bound = line.bound;
  d.line = line.carry;
  if (line.carry >= 0) d.note = carries[static_cast<std::size_t>(line.carry)].note;
  d.index = line.outcome == Outcome::added && line.before == nobody ? line.after : line.before;
  if (line.outcome == Outcome::kept) return d;
  d.where = line.before != nobody ? where(s.before, line.field, info.owner, line.before)
                                  : where(s.after, line.field, info.owner, line.after);
  if (line.outcome != Outcome::added) d.before = value(s.before, line.field, info.owner, line.before);
  if (line.outcome != Outcome::lost) d.after = value(s.after, line.field, info.owner, line.after);
  return d;
}

}  // namespace

std::string place_name(const Dataset& d, AnnotationIndex i) {
  const std::string id = d.id_json(d.annotation_ids, to_size(i));
  return (d[i].image == none<ImageIndex> ? "" : std::string(d.path(d[i].image)) + ", ") +
         (id.empty() ? "record " + std::to_string(d[i].order + 1) : "annotation " + id);
}

namespace {

ComparedRecords compared(const Dataset& before, const Dataset& after, const Join& join, const CompareOptions& options,
                         bool every_record) {
  Sides s{.before = before, .after = after, .join = join, .same_format = before.format == after.format};
  find_displaced_categories(s);
  find_displaced_images(s);
  find_displaced_annotations(s);
  find_split_members(s);

  const Comparison c(s, options, every_record);
  Tally tally;
  const std::array<Whole, 1> whole{};
  for (const FieldCode<Whole>& code : dataset_fields()) c.count(tally, code.field, 0, 0, code.judge(s, Whole{}, whole));
  compare_table<SplitIndex>(c, tally, Field::split, split_fields(), join.splits, after.splits.size());
  compare_table<LicenceIndex>(c, tally, Field::licence, licence_fields(), join.licences, after.licences.size());
  compare_table<CategoryIndex>(c, tally, Field::category, category_fields(), join.categories, after.categories.size());
  compare_images(c, tally, s);
  compare_annotations(c, tally, s);
  compare_table<TrackIndex>(c, tally, Field::track, track_fields(), join_tracks(s), after.tracks.size());
  compare_relations(c, tally, s);
  compare_unread(c, tally, s);

  std::vector<RecordDifference> records = tally.take_records();
  std::vector<Line> lines = std::move(tally).take();
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.order() < b.order(); });
  std::vector<std::uint64_t> of(static_cast<std::size_t>(Field::count), 0);
  for (const Line& line : lines) of[static_cast<std::size_t>(line.field)] += line.count;
  std::vector<Difference> differences;
  for (const Line& line : lines) {
    differences.push_back(difference(line, s, options.carries));
    differences.back().of = of[static_cast<std::size_t>(line.field)];
  }
  return {std::move(differences), std::move(records)};
}

}  // namespace

std::vector<Difference> compare(const Dataset& before, const Dataset& after, const Join& join,
                                const CompareOptions& options) {
  return compared(before, after, join, options, false).lines;
}

ComparedRecords compare_records(const Dataset& before, const Dataset& after, const Join& join,
                                const CompareOptions& options) {
  return compared(before, after, join, options, true);
}

std::string printed_value(const Dataset& d, Field field, std::uint32_t index) {
  return value(d, field, fields()[static_cast<std::size_t>(field)].owner, index);
}
std::string printed_place(const Dataset& d, Field field, std::uint32_t index) {
  return where(d, field, fields()[static_cast<std::size_t>(field)].owner, index);
}

}  // namespace vetset
