#include "vetset/dataset/diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "vetset/base/tree.h"
#include "vetset/dataset/compare_fields.h"
#include "vetset/dataset/compare_join.h"

namespace vetset {
namespace {

constexpr std::uint32_t nobody = RecordDifference::nobody;

/// Spelling and order: no trainer sees a difference.
bool is_spelled(Field field) {
  return field == Field::annotation_authored || field == Field::annotation_lexemes || field == Field::number_style ||
         field == Field::image_order || field == Field::annotation_order;
}
/// Told in another way: as renamed images and as moves between splits.
bool is_told_elsewhere(Field field) { return field == Field::image_path || field == Field::split_members; }

bool names(const std::string& word, Field field) {
  const std::string_view whole = name(field);
  return whole == word || (whole.starts_with(word) && whole.size() > word.size() && whole[word.size()] == '.');
}
bool names_any(const std::vector<std::string>& words, Field field) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& w) { return names(w, field); });
}
bool holds(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Differ {
 public:
  Differ(const Dataset& before, const Dataset& after, const DiffSettings& settings)
      : a_(before), b_(after), settings_(settings) {}

  Diff run() {
    diff_.format_before = settings_.format_before;
    diff_.format_after = settings_.format_after;
    diff_.before = {a_.images.size(), a_.annotations.size(), a_.categories.size()};
    diff_.after = {b_.images.size(), b_.annotations.size(), b_.categories.size()};
    join_ = join_with_images(a_, b_, join_images());
    list_classes();
    collect();
    moves();
    media();
    finish();
    return std::move(diff_);
  }

 private:
  using ImageChanges = std::map<std::pair<int, std::uint32_t>, Diff::ImageChange>;  // {0, of before}, {1, of after}

  /// By name; those of no namesake by their bytes, where only one on each side has them.
  Column<ImageIndex> join_images() {
    Column<ImageIndex> images = join_image_names(a_, b_);
    if (settings_.facts_before.empty() || settings_.facts_after.empty()) return images;
    std::vector<bool> taken(b_.images.size(), false);
    for (const ImageIndex j : images)
      if (j != none<ImageIndex>) taken[to_size(j)] = true;
    std::map<Digest, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> same;
    for (std::size_t i = 0; i < images.size(); ++i)
      if (images[i] == none<ImageIndex> && settings_.facts_before[i].has_digest)
        same[settings_.facts_before[i].digest].first.push_back(i);
    for (std::size_t j = 0; j < taken.size(); ++j)
      if (!taken[j] && settings_.facts_after[j].has_digest) same[settings_.facts_after[j].digest].second.push_back(j);
    for (const auto& [digest, sides] : same)
      if (sides.first.size() == 1 && sides.second.size() == 1)
        images[sides.first[0]] = to_index<ImageIndex>(sides.second[0]);
    return images;
  }

  bool is_asked(Field field) const {
    return (settings_.only.empty() || names_any(settings_.only, field)) && !names_any(settings_.ignore, field);
  }
  bool is_asked(std::string_view word) const {
    return (settings_.only.empty() || holds(settings_.only, word)) && !holds(settings_.ignore, word);
  }

  // Classes.

  void list_classes() {
    std::vector<bool> seen(b_.categories.size(), false);
    class_of_after_.assign(b_.categories.size(), nobody);
    for (std::size_t c = 0; c < a_.categories.size(); ++c) {
      diff_.classes.push_back({.name = a_.categories[c].name});
      const CategoryIndex there = join_.categories[c];
      if (there == none<CategoryIndex>) continue;
      class_of_after_[to_size(there)] = static_cast<std::uint32_t>(c);
    }
    for (std::size_t c = 0; c < b_.categories.size(); ++c) {
      if (class_of_after_[c] != nobody) continue;
      class_of_after_[c] = static_cast<std::uint32_t>(diff_.classes.size());
      diff_.classes.push_back({.name = b_.categories[c].name});
    }
    for (const Annotation& a : a_.annotations)
      if (a.category != none<CategoryIndex>) ++diff_.classes[to_size(a.category)].before;
    for (const Annotation& b : b_.annotations)
      if (b.category != none<CategoryIndex>) ++diff_.classes[class_of_after_[to_size(b.category)]].after;
  }
  Diff::ClassChange* class_of(const Dataset& d, std::uint32_t annotation) {
    const CategoryIndex c = d.annotations[annotation].category;
    if (c == none<CategoryIndex>) return nullptr;
    return &diff_.classes[&d == &a_ ? to_size(c) : class_of_after_[to_size(c)]];
  }

  // Fields.

  Join turned() const {
    Join join;
    const auto turn = [](const auto& column, std::size_t count) {
      auto out = std::decay_t<decltype(column)>(count, none<typename std::decay_t<decltype(column)>::value_type>);
      using Index = typename std::decay_t<decltype(column)>::value_type;
      for (std::size_t i = 0; i < column.size(); ++i)
        if (column[i] != none<Index>) out[to_size(column[i])] = to_index<Index>(i);
      return out;
    };
    join.splits = turn(join_.splits, b_.splits.size());
    join.categories = turn(join_.categories, b_.categories.size());
    join.licences = turn(join_.licences, b_.licences.size());
    join.images = turn(join_.images, b_.images.size());
    set_image_sources(join, a_.images.size());
    AnnotationPairs pairs;
    std::vector<std::uint32_t> of(b_.annotations.size(), nobody);
    for (std::size_t i = 0; i < a_.annotations.size(); ++i)
      for (const AnnotationIndex j : join_.of(to_index<AnnotationIndex>(i)))
        of[to_size(j)] = static_cast<std::uint32_t>(i);
    for (std::size_t j = 0; j < of.size(); ++j)
      if (of[j] != nobody) {
        pairs.before.push_back(to_index<AnnotationIndex>(j));
        pairs.after.push_back(to_index<AnnotationIndex>(of[j]));
      }
    set_annotations(join, b_.annotations.size(), pairs);
    return join;
  }

  /// What neither format's declaration covers, seen from the other side.
  std::vector<RecordDifference> uncovered() {
    const bool two = !settings_.carries_before.empty() || !settings_.carries_after.empty();
    ComparedRecords there = compare_records(
        a_, b_, join_, {.carries = settings_.carries_after, .declared_only = two, .pool = &settings_.pool});
    tell_covered(there.lines, settings_.format_after, settings_.format_before);
    if (!two || there.records.empty()) return std::move(there.records);
    const Join back = turned();
    ComparedRecords here = compare_records(
        b_, a_, back, {.carries = settings_.carries_before, .declared_only = true, .pool = &settings_.pool});
    std::set<std::tuple<Field, std::uint32_t, std::uint32_t>> open;
    for (const RecordDifference& r : here.records) open.emplace(r.field, r.after, r.before);
    std::map<Field, std::uint64_t> covered;
    std::vector<RecordDifference> left;
    for (const RecordDifference& r : there.records) {
      if (open.contains({r.field, r.before, r.after}) || !paired_fields(r))
        left.push_back(r);
      else
        ++covered[r.field];
    }
    for (const auto& [field, count] : covered)
      add_not_comparable(field, settings_.format_before, "cannot hold it so", count);
    return left;
  }
  /// Of tables without a joined pair the other direction names other rows; those count as they are.
  static bool paired_fields(const RecordDifference& r) {
    return r.field != Field::relation && r.field != Field::unread && r.field != Field::number_style;
  }

  void tell_covered(const std::vector<Difference>& lines, const std::string& lacking, const std::string& having) {
    for (const Difference& line : lines) {
      if (!line.declared || line.outcome == Outcome::kept || is_spelled(line.field) || is_told_elsewhere(line.field) ||
          !is_asked(line.field))
        continue;
      if (line.field == Field::split && line.outcome == Outcome::added) continue;  // made up: a trainer wants it
      if (line.outcome == Outcome::added)
        add_not_comparable(line.field, having, "has none", line.count);
      else if (line.outcome == Outcome::lost)
        add_not_comparable(line.field, lacking, "has none", line.count);
      else if (line.verb == Verb::quantised)
        add_not_comparable(line.field, lacking, "rounds", line.count);
      else
        add_not_comparable(line.field, lacking, line.note.empty() ? "has its own" : std::string(line.note), line.count);
    }
  }
  void add_not_comparable(Field field, const std::string& format, std::string why, std::uint64_t count) {
    for (Diff::NotComparable& n : diff_.not_comparable)
      if (n.field == field && n.format == format && n.why == why) {
        n.count += count;
        return;
      }
    diff_.not_comparable.push_back({field, format, std::move(why), count});
  }

  void collect() {
    for (const RecordDifference& r : uncovered()) {
      if (!is_asked(r.field) || is_told_elsewhere(r.field)) continue;
      const FieldInfo& info = fields()[static_cast<std::size_t>(r.field)];
      if (is_spelled(r.field)) {
        summarise(diff_.spelled, r, info);
        continue;
      }
      if (info.unit == "px" && r.outcome == Outcome::changed && r.magnitude <= settings_.tolerance) continue;
      if (settings_.format_before != settings_.format_after && r.field <= Field::split_categories &&
          r.field >= Field::split && (names_itself(a_) || names_itself(b_)))
        continue;
      if (one_document() && (r.field == Field::split_name || r.field == Field::split_role)) continue;
      summarise(diff_.fields, r, info);
      switch (info.owner) {
        case Owner::annotation: object(r); break;
        case Owner::image: image(r); break;
        case Owner::category: category(r); break;
        default: diff_.others.push_back({place(r), change(r)});
      }
    }
  }
  /// Two files that were named themselves: what they are called is no part of what they say.
  bool one_document() const { return a_.splits.size() == 1 && b_.splits.size() == 1; }

  static void summarise(std::vector<Diff::Summary>& lines, const RecordDifference& r, const FieldInfo& info) {
    for (Diff::Summary& line : lines)
      if (line.field == r.field && line.outcome == r.outcome) {
        ++line.count;
        if (!info.unit.empty()) line.largest = std::max(line.largest, r.magnitude);
        return;
      }
    lines.push_back({r.field, r.outcome, 1, info.unit.empty() ? 0 : r.magnitude, info.unit});
  }

  Diff::FieldChange change(const RecordDifference& r) const {
    Diff::FieldChange c{.field = r.field, .outcome = r.outcome};
    if (r.outcome != Outcome::added && r.before != nobody) c.before = printed_value(a_, r.field, r.before);
    if (r.outcome != Outcome::lost && r.after != nobody) c.after = printed_value(b_, r.field, r.after);
    return c;
  }
  std::string place(const RecordDifference& r) const {
    return r.before != nobody ? printed_place(a_, r.field, r.before) : printed_place(b_, r.field, r.after);
  }

  Diff::ImageChange& change_of(ImageIndex before, ImageIndex after) {
    const bool here = before != none<ImageIndex>;
    Diff::ImageChange& c = images_[{here ? 0 : 1, static_cast<std::uint32_t>(here ? before : after)}];
    if (c.path.empty())
      c.path = here                        ? std::string(a_.path(before))
               : after != none<ImageIndex> ? std::string(b_.path(after))
                                           : std::string("(no image)");
    return c;
  }
  Diff::ImageChange& image_of(const RecordDifference& r) {
    if (r.before != nobody) return change_of(a_.annotations[r.before].image, none<ImageIndex>);
    const ImageIndex there = b_.annotations[r.after].image;
    return change_of(there == none<ImageIndex> ? there : join_.image_sources[to_size(there)], there);
  }

  void image(const RecordDifference& r) {
    Diff::ImageChange& c = r.before != nobody ? change_of(static_cast<ImageIndex>(r.before), none<ImageIndex>)
                                              : change_of(none<ImageIndex>, static_cast<ImageIndex>(r.after));
    if (r.field == Field::image)
      c.outcome = r.outcome;
    else
      c.fields.push_back(change(r));
  }

  static std::string short_name(const std::string& place) {
    const std::size_t comma = place.rfind(", ");
    return comma == std::string::npos ? place : place.substr(comma + 2);
  }

  void object(const RecordDifference& r) {
    Diff::ImageChange& c = image_of(r);
    const bool whole = r.field == Field::annotation;
    if (whole) {
      (r.outcome == Outcome::added ? c.added : r.outcome == Outcome::lost ? c.removed : c.changed) += 1;
      Diff::ClassChange* const k = r.before != nobody ? class_of(a_, r.before) : class_of(b_, r.after);
      if (k != nullptr)
        ++(r.outcome == Outcome::added ? k->added : r.outcome == Outcome::lost ? k->removed : k->changed);
      if (c.objects.size() >= Diff::most_objects) return;
      Diff::ObjectChange o{.outcome = r.outcome};
      const Dataset& d = r.before != nobody ? a_ : b_;
      const std::uint32_t i = r.before != nobody ? r.before : r.after;
      o.name = short_name(place_name(d, to_index<AnnotationIndex>(i)));
      (r.before != nobody ? o.was : o.is) = printed_value(d, Field::annotation_category, i);
      if (d.annotations[i].box_origin != Origin::none) o.box = printed_value(d, Field::annotation_box, i);
      c.objects.push_back(std::move(o));
      return;
    }
    // Fields of one object come field by field; they are gathered by the object.
    const auto [at, fresh] = objects_.emplace(r.before, nobody);
    if (fresh) {
      ++c.changed;
      if (Diff::ClassChange* const k = class_of(a_, r.before)) ++k->changed;
      if (c.objects.size() < Diff::most_objects) {
        at->second = static_cast<std::uint32_t>(c.objects.size());
        Diff::ObjectChange o{.outcome = Outcome::changed};
        o.name = short_name(place_name(a_, to_index<AnnotationIndex>(r.before)));
        o.was = printed_value(a_, Field::annotation_category, r.before);
        o.is = printed_value(b_, Field::annotation_category, r.after);
        c.objects.push_back(std::move(o));
      }
    }
    if (at->second != nobody) c.objects[at->second].fields.push_back(change(r));
  }

  void category(const RecordDifference& r) {
    Diff::ClassChange& c = diff_.classes[r.before != nobody ? r.before : class_of_after_[r.after]];
    if (r.field == Field::category)
      c.outcome = r.outcome;
    else
      c.fields.push_back(change(r));
  }

  // Images as wholes.

  static std::string listed(const Dataset& d, const std::vector<SplitIndex>& splits) {
    std::set<std::string> unique;
    for (const SplitIndex s : splits) unique.insert(d[s].name);
    std::string out;
    for (const std::string& name : unique) out += (out.empty() ? "" : ", ") + name;
    return out;
  }
  /// Whether a single document is the only split, called as its file.
  static bool names_itself(const Dataset& d) { return d.splits.size() == 1 && d.splits[0].origin == SplitOrigin::file; }
  /// Images that are in other splits, of those that both versions have.
  void moves() {
    const Dataset::ImageSplits here = a_.image_splits(), there = b_.image_splits();
    Column<SplitIndex> back(b_.splits.size(), none<SplitIndex>);
    for (std::size_t s = 0; s < join_.splits.size(); ++s)
      if (join_.splits[s] != none<SplitIndex>) back[to_size(join_.splits[s])] = to_index<SplitIndex>(s);
    bool asked = is_asked(Field::split_members) && !a_.splits.empty() && !b_.splits.empty() && !one_document();
    const bool two = a_.format != b_.format;
    if (asked && two && (names_itself(a_) || names_itself(b_))) {
      add_not_comparable(Field::split_members, names_itself(a_) ? settings_.format_before : settings_.format_after,
                         "has one document for all", a_.images.size());
      asked = false;
    }
    const bool rename = is_asked(Field::image_path);
    for (std::size_t i = 0; i < a_.images.size(); ++i) {
      const ImageIndex j = join_.images[i];
      if (j == none<ImageIndex>) continue;
      const auto index = to_index<ImageIndex>(i);
      if (rename && a_.path(index) != b_.path(j) && (!two || base_name(a_.path(index)) != base_name(b_.path(j)))) {
        change_of(index, j).renamed_to = b_.path(j);
        ++diff_.images_renamed;
      }
      if (!asked) continue;
      std::vector<SplitIndex> was, is;  // as splits of the first version; of two formats only those that both have
      for (const SplitIndex s : here.of(index))
        if (!two || join_.splits[to_size(s)] != none<SplitIndex>) was.push_back(s);
      bool only_there = false;
      for (const SplitIndex s : there.of(j))
        if (back[to_size(s)] != none<SplitIndex>)
          is.push_back(back[to_size(s)]);
        else if (!two)
          only_there = true;
      std::sort(was.begin(), was.end());
      std::sort(is.begin(), is.end());
      if (was == is && !only_there) continue;
      Diff::ImageChange& c = change_of(index, j);
      c.moved = true;
      c.splits_before = listed(a_, {here.of(index).begin(), here.of(index).end()});
      c.splits_after = listed(b_, {there.of(j).begin(), there.of(j).end()});
      ++diff_.images_moved;
    }
  }

  void media() {
    if (settings_.facts_before.empty() || settings_.facts_after.empty() || !is_asked("media")) return;
    for (std::size_t i = 0; i < a_.images.size(); ++i) {
      const ImageIndex j = join_.images[i];
      if (j == none<ImageIndex>) continue;
      const Facts &a = settings_.facts_before[i], &b = settings_.facts_after[to_size(j)];
      if (!a.has_digest || !b.has_digest) continue;
      ++diff_.media_compared;
      if (a.digest == b.digest) continue;
      change_of(to_index<ImageIndex>(i), j).media = true;
      ++diff_.media_changed;
    }
  }

  void finish() {
    for (auto& [key, c] : images_) {
      diff_.images_added += c.outcome == Outcome::added ? 1U : 0U;
      diff_.images_removed += c.outcome == Outcome::lost ? 1U : 0U;
      diff_.objects_added += c.added;
      diff_.objects_removed += c.removed;
      diff_.objects_changed += c.changed;
      diff_.images_changed += c.outcome == Outcome::kept || c.outcome == Outcome::changed ? 1U : 0U;
      diff_.images.push_back(std::move(c));
    }
    const auto by_field = [](const auto& x, const auto& y) {
      return std::tie(x.field, x.outcome) < std::tie(y.field, y.outcome);
    };
    std::stable_sort(diff_.fields.begin(), diff_.fields.end(), by_field);
    std::stable_sort(diff_.spelled.begin(), diff_.spelled.end(), by_field);
    std::stable_sort(diff_.not_comparable.begin(), diff_.not_comparable.end(),
                     [](const auto& x, const auto& y) { return x.field < y.field; });
    diff_.equal = diff_.fields.empty() && diff_.images.empty();
  }

  const Dataset& a_;
  const Dataset& b_;
  const DiffSettings& settings_;
  Join join_;
  std::vector<std::uint32_t> class_of_after_;
  ImageChanges images_;
  std::unordered_map<std::uint32_t, std::uint32_t> objects_;  // of before: its place among the objects of its image
  Diff diff_;
};

}  // namespace

Result<void> check_field_words(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "media") continue;
    const auto all = fields();
    if (std::any_of(all.begin(), all.end(), [&](const FieldInfo& f) { return names(word, f.field); })) continue;
    return Error{Code::usage, "no field is called '" + word +
                                  "'; known are the records annotation, image, category, split, licence and track, "
                                  "their fields, like annotation.box or image.size, and media"};
  }
  return {};
}

Diff diff_datasets(const Dataset& before, const Dataset& after, const DiffSettings& settings) {
  return Differ(before, after, settings).run();
}

}  // namespace vetset
