// The fields of the dataset, its splits, licences, categories, images and tracks. Those of annotations, which are many,
// have their own file.
#include "vetset/dataset/compare_fields.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "vetset/base/json.h"
#include "vetset/base/number.h"

namespace vetset {

bool same_json(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (a.empty() || b.empty()) return false;
  const auto canonical_a = canonical_json(a), canonical_b = canonical_json(b);
  return canonical_a && canonical_b && *canonical_a == *canonical_b;
}

double distance(double a, double b) {
  if (same_number(a, b)) return 0;
  const double apart = std::fabs(a - b);
  return std::isnan(apart) ? Judgement::unmeasurable : apart;
}

std::string one_line(std::string_view text) {
  constexpr std::size_t longest = 120;
  std::string line;
  for (const char c : text.substr(0, longest)) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  if (text.size() <= longest) return line;
  while (!line.empty() && (static_cast<unsigned char>(text[line.size()]) & 0xC0U) == 0x80U) line.pop_back();
  return line + "…";
}

std::string print_numbers(std::span<const double> numbers, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size() && i < most; ++i) {
    if (i > 0) out += ", ";
    append_json_number(out, numbers[i]);
  }
  if (numbers.size() > most) out += ", …";
  return out;
}

bool same_rows(std::span<const Residue> a, const Dataset& in_a, std::span<const Residue> b, const Dataset& in_b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const Residue& x, const Residue& y) {
    return same_json(in_a.text(x.json), in_b.text(y.json));
  });
}

namespace {

using KeyValue = std::pair<std::string_view, std::string_view>;

/// Attributes by key: their order in a record means nothing.
std::vector<KeyValue> sorted(std::span<const Attribute> rows, const Dataset& d) {
  std::vector<KeyValue> pairs;
  for (const Attribute& row : rows) pairs.emplace_back(d.text(row.key), d.text(row.value));
  std::stable_sort(pairs.begin(), pairs.end(), [](const KeyValue& x, const KeyValue& y) { return x.first < y.first; });
  return pairs;
}

}  // namespace

bool same_rows(std::span<const Attribute> a, const Dataset& in_a, std::span<const Attribute> b, const Dataset& in_b) {
  const std::vector<KeyValue> x = sorted(a, in_a), y = sorted(b, in_b);
  return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const KeyValue& p, const KeyValue& q) {
    return p.first == q.first && same_json(p.second, q.second);
  });
}

std::string print_rows(const Dataset& d, std::span<const Residue> rows) {
  std::string out;
  for (const Residue& row : rows) out += (out.empty() ? "" : " ") + std::string(d.text(row.json).substr(0, 200));
  return out;
}

std::string print_rows(const Dataset& d, std::span<const Attribute> rows) {
  std::string out;
  for (const Attribute& row : rows) {
    if (out.size() > 200) break;
    out +=
        (out.empty() ? "" : ", ") + std::string(d.text(row.key)) + ": " + std::string(d.text(row.value).substr(0, 100));
  }
  return out;
}

bool same_id(const Dataset& a, const Ids& ids_a, std::size_t i, const Dataset& b, const Ids& ids_b, std::size_t j) {
  const std::int64_t x = ids_a[i], y = ids_b[j];
  if (x != Ids::odd || y != Ids::odd) return x == y;
  return a.id_json(ids_a, i) == b.id_json(ids_b, j);
}

namespace {

// What many fields are made of.

template <class Index, Ids Dataset::* ids>
bool has_id(const Dataset& d, Index i) {
  return (d.*ids)[to_size(i)] != Ids::absent;
}
template <class Index, Ids Dataset::* ids>
Judgement id_apart(const Sides& s, Index i, Index j) {
  return Judgement::same(same_id(s.before, s.before.*ids, to_size(i), s.after, s.after.*ids, to_size(j)));
}
template <class Index, Ids Dataset::* ids>
std::string print_id(const Dataset& d, Index i) {
  return d.id_json(d.*ids, to_size(i));
}

template <class Index, Owner owner>
bool has_residue(const Dataset& d, Index i) {
  return !d.residues_of(owner, to_size(i)).empty();
}
template <class Index, Owner owner>
Judgement residue_apart(const Sides& s, Index i, Index j) {
  return Judgement::same(
      same_rows(s.before.residues_of(owner, to_size(i)), s.before, s.after.residues_of(owner, to_size(j)), s.after));
}
template <class Index, Owner owner>
std::string print_residue(const Dataset& d, Index i) {
  return print_rows(d, d.residues_of(owner, to_size(i)));
}
bool has_residues(const Dataset& d) { return !d.residues.empty(); }

// The dataset.

bool has_info(const Dataset& d, Whole) { return !d.attributes_of(Owner::dataset, 0).empty(); }
Judgement info_apart(const Sides& s, Whole, Whole) {
  return Judgement::same(same_rows(s.before.attributes_of(Owner::dataset, 0), s.before,
                                   s.after.attributes_of(Owner::dataset, 0), s.after));
}
std::string print_info(const Dataset& d, Whole) { return print_rows(d, d.attributes_of(Owner::dataset, 0)); }

bool has_own(const Dataset& d) { return !d.residue.empty() || !d.residues_of(Owner::dataset, 0).empty(); }
/// What a format keeps of its own is nobody else's: between two formats it can only be lost.
Judgement judge_own(const Sides& s, Whole, std::span<const Whole>) {
  const bool was = has_own(s.before), is = has_own(s.after);
  if (!s.same_format) return was ? Judgement::of(Outcome::lost) : Judgement::nothing();
  if (!was) return is ? Judgement::of(Outcome::added) : Judgement::nothing();
  if (!is) return Judgement::of(Outcome::lost);
  return Judgement::same(
      same_json(s.before.residue, s.after.residue) &&
      same_rows(s.before.residues_of(Owner::dataset, 0), s.before, s.after.residues_of(Owner::dataset, 0), s.after));
}
std::string print_own(const Dataset& d, Whole) {
  return d.residue + (d.residue.empty() ? "" : " ") + print_rows(d, d.residues_of(Owner::dataset, 0));
}

// Splits.

bool has_split_name(const Dataset& d, SplitIndex i) { return !d[i].name.empty(); }
Judgement split_name_apart(const Sides& s, SplitIndex i, SplitIndex j) {
  return Judgement::same(s.before[i].name == s.after[j].name);
}
std::string print_split_name(const Dataset& d, SplitIndex i) { return d[i].name; }

bool has_role(const Dataset& d, SplitIndex i) { return d[i].role != SplitRole::unspecified; }
Judgement role_apart(const Sides& s, SplitIndex i, SplitIndex j) {
  return Judgement::same(s.before[i].role == s.after[j].role);
}
std::string print_role(const Dataset& d, SplitIndex i) { return std::string(name(d[i].role)); }

bool has_split_info(const Dataset& d, SplitIndex i) { return !d[i].info.empty(); }
Judgement split_info_apart(const Sides& s, SplitIndex i, SplitIndex j) {
  return Judgement::same(same_json(s.before[i].info, s.after[j].info));
}
std::string print_split_info(const Dataset& d, SplitIndex i) { return d[i].info; }

bool has_split_residue(const Dataset& d, SplitIndex i) { return !d[i].residue.empty(); }
Judgement split_residue_apart(const Sides& s, SplitIndex i, SplitIndex j) {
  return Judgement::same(same_json(s.before[i].residue, s.after[j].residue));
}
std::string print_split_residue(const Dataset& d, SplitIndex i) { return d[i].residue; }

Judgement judge_members(const Sides& s, SplitIndex before, std::span<const SplitIndex> after) {
  if (s.before.members(before).empty() && s.after.members(after.front()).empty()) return Judgement::nothing();
  return Judgement::same(s.split_members_differ[to_size(before)] == 0);
}
std::string print_members(const Dataset& d, SplitIndex i) { return std::to_string(d.members(i).size()) + " images"; }

/// The categories that a split lists, in order: all where the dataset does not tell documents apart.
std::vector<CategoryIndex> listed(const Dataset& d, SplitIndex split) {
  std::vector<CategoryIndex> all;
  if (d.category_listings.empty())
    for (std::size_t c = 0; c < d.categories.size(); ++c) all.push_back(to_index<CategoryIndex>(c));
  for (const CategoryListing& row : d.category_listings)
    if (row.split == split) all.push_back(row.category);
  return all;
}
Judgement judge_listing(const Sides& s, SplitIndex before, std::span<const SplitIndex> after) {
  if (s.before.category_listings.empty() && s.after.category_listings.empty()) return Judgement::nothing();
  std::vector<CategoryIndex> expected;
  for (const CategoryIndex c : listed(s.before, before))
    if (const CategoryIndex there = s.join.categories[to_size(c)]; there != none<CategoryIndex>)
      expected.push_back(there);
  return Judgement::same(expected == listed(s.after, after.front()));
}
std::string print_listing(const Dataset& d, SplitIndex i) {
  std::string out;
  for (const CategoryIndex c : listed(d, i)) {
    if (out.size() > 120) break;
    out += (out.empty() ? "" : ", ") + d[c].name;
  }
  return out;
}

/// Which keys a document has, though there may be nothing in them. How it spells numbers is compared number by number.
bool has_document(const Dataset& d, SplitIndex i) { return d[i].file != none<FileIndex>; }
bool same_keys(const Split& a, const Split& b) {
  return a.has_licences == b.has_licences && a.has_categories == b.has_categories && a.has_images == b.has_images &&
         a.has_annotations == b.has_annotations;
}
Judgement judge_style(const Sides& s, SplitIndex before, std::span<const SplitIndex> after) {
  if (!has_document(s.before, before)) return Judgement::nothing();
  if (!s.same_format) {
    const NumberStyle* styles = s.before[before].styles;
    const bool styled = std::any_of(styles, styles + static_cast<std::size_t>(StyledField::count),
                                    [](const NumberStyle& style) { return !(style == NumberStyle{}); });
    return styled ? Judgement::of(Outcome::lost) : Judgement::nothing();
  }
  return Judgement::same(same_keys(s.before[before], s.after[after.front()]));
}
std::string print_style(const Dataset& d, SplitIndex i) {
  std::string out;
  const auto add = [&](bool there, std::string_view key) {
    if (there) out += (out.empty() ? "" : ", ") + std::string(key);
  };
  add(d[i].has_licences, "licences");
  add(d[i].has_categories, "categories");
  add(d[i].has_images, "images");
  add(d[i].has_annotations, "annotations");
  return out;
}

// Licences.

bool has_licence_id(const Dataset& d) { return !d.licence_ids.numbers.empty(); }
bool has_name(const Dataset& d, LicenceIndex i) {
  return d.licences[to_size(i)].has_name || d.licences[to_size(i)].has_url;
}
Judgement licence_apart(const Sides& s, LicenceIndex i, LicenceIndex j) {
  const Licence &a = s.before.licences[to_size(i)], &b = s.after.licences[to_size(j)];
  return Judgement::same(a.has_name == b.has_name && a.has_url == b.has_url && a.name == b.name && a.url == b.url);
}
std::string print_licence(const Dataset& d, LicenceIndex i) {
  const Licence& l = d.licences[to_size(i)];
  return l.name + (l.has_url ? " (" + l.url + ")" : "");
}

// Categories.

bool has_category_id(const Dataset& d) { return !d.category_ids.numbers.empty(); }
bool always(const Dataset&, CategoryIndex) { return true; }
Judgement category_name_apart(const Sides& s, CategoryIndex i, CategoryIndex j) {
  return Judgement::same(s.before[i].name == s.after[j].name);
}
std::string print_category_name(const Dataset& d, CategoryIndex i) { return d[i].name; }

Judgement judge_category_order(const Sides& s, CategoryIndex before, std::span<const CategoryIndex>) {
  return Judgement::same(!std::binary_search(s.displaced_categories.begin(), s.displaced_categories.end(), before));
}
std::string print_category_order(const Dataset&, CategoryIndex i) { return "number " + std::to_string(to_size(i)); }

bool has_super(const Dataset& d, CategoryIndex i) { return d[i].supercategory.has_value(); }
Judgement super_apart(const Sides& s, CategoryIndex i, CategoryIndex j) {
  return Judgement::same(s.before[i].supercategory == s.after[j].supercategory);
}
std::string print_super(const Dataset& d, CategoryIndex i) { return d[i].supercategory.value_or(""); }

bool has_points(const Dataset& d, CategoryIndex i) {
  return d[i].has_keypoints || d[i].point_count > 0 || !d[i].keypoints.empty();
}
Judgement points_apart(const Sides& s, CategoryIndex i, CategoryIndex j) {
  const Category &a = s.before[i], &b = s.after[j];
  return Judgement::same(a.has_keypoints == b.has_keypoints && a.keypoints == b.keypoints &&
                         a.point_count == b.point_count && a.points_have_visibility == b.points_have_visibility);
}
std::string print_points(const Dataset& d, CategoryIndex i) {
  std::string out = std::to_string(std::max<std::size_t>(d[i].point_count, d[i].keypoints.size())) + " points";
  for (std::size_t k = 0; k < d[i].keypoints.size() && out.size() < 120; ++k)
    out += (k == 0 ? ": " : ", ") + d[i].keypoints[k];
  return out;
}

bool has_skeleton(const Dataset& d, CategoryIndex i) { return d[i].has_skeleton || !d[i].skeleton.empty(); }
Judgement skeleton_apart(const Sides& s, CategoryIndex i, CategoryIndex j) {
  return Judgement::same(s.before[i].skeleton == s.after[j].skeleton &&
                         s.before[i].has_skeleton == s.after[j].has_skeleton);
}
std::string print_skeleton(const Dataset& d, CategoryIndex i) {
  std::string out = std::to_string(d[i].skeleton.size()) + " edges";
  for (std::size_t k = 0; k < d[i].skeleton.size() && k < 8; ++k)
    out +=
        (k == 0 ? ": " : ", ") + std::to_string(d[i].skeleton[k].first) + "-" + std::to_string(d[i].skeleton[k].second);
  return out;
}

bool has_flip(const Dataset& d, CategoryIndex i) { return !d[i].flip.empty(); }
Judgement flip_apart(const Sides& s, CategoryIndex i, CategoryIndex j) {
  return Judgement::same(s.before[i].flip == s.after[j].flip);
}
std::string print_flip(const Dataset& d, CategoryIndex i) {
  std::string out;
  for (const std::uint32_t point : d[i].flip) out += (out.empty() ? "" : ", ") + std::to_string(point);
  return out;
}

// Images.

bool has_image_id(const Dataset& d) { return !d.image_ids.numbers.empty(); }
bool has_attributes(const Dataset& d) { return !d.attributes.empty(); }

bool has_path(const Dataset& d, ImageIndex i) { return !d[i].path.empty(); }
Judgement path_apart(const Sides& s, ImageIndex i, ImageIndex j) {
  return Judgement::same(s.before.path(i) == s.after.path(j));
}
std::string print_path(const Dataset& d, ImageIndex i) { return std::string(d.path(i)); }

Judgement judge_image_order(const Sides& s, ImageIndex before, std::span<const ImageIndex>) {
  return Judgement::same(!std::binary_search(s.displaced_images.begin(), s.displaced_images.end(), before));
}
std::string print_image_order(const Dataset&, ImageIndex i) { return "number " + std::to_string(to_size(i)); }

/// A size that was measured is not in the labels; so it is neither lost nor invented.
bool has_size(const Dataset& d, ImageIndex i) { return d[i].size_origin == SizeOrigin::stated; }
Judgement size_apart(const Sides& s, ImageIndex i, ImageIndex j) {
  const Image &a = s.before[i], &b = s.after[j];
  return Judgement::apart(std::max(distance(a.width, b.width), distance(a.height, b.height)));
}
std::string print_size(const Dataset& d, ImageIndex i) {
  return std::to_string(d[i].width) + "×" + std::to_string(d[i].height) +
         (d[i].size_origin == SizeOrigin::header ? " (measured)" : "");
}

bool has_state(const Dataset& d, ImageIndex i) { return d[i].state != ImageState::not_said; }
Judgement state_apart(const Sides& s, ImageIndex i, ImageIndex j) {
  return Judgement::same(s.before[i].state == s.after[j].state);
}
std::string print_state(const Dataset& d, ImageIndex i) { return std::string(name(d[i].state)); }

bool has_licence(const Dataset& d, ImageIndex i) { return d[i].licence != none<LicenceIndex>; }
/// Of licences that say the same, one is as good as the other.
Judgement image_licence_apart(const Sides& s, ImageIndex i, ImageIndex j) {
  const LicenceIndex a = s.before[i].licence, b = s.after[j].licence;
  if (b == none<LicenceIndex>) return Judgement::same(false);
  return Judgement::same(s.join.licences[to_size(a)] == b || licence_apart(s, a, b).outcome == Outcome::kept);
}
std::string print_image_licence(const Dataset& d, ImageIndex i) {
  return has_licence(d, i) ? print_licence(d, d[i].licence) : "";
}

bool has_image_attributes(const Dataset& d, ImageIndex i) { return !d.attributes_of(Owner::image, to_size(i)).empty(); }
Judgement image_attributes_apart(const Sides& s, ImageIndex i, ImageIndex j) {
  return Judgement::same(same_rows(s.before.attributes_of(Owner::image, to_size(i)), s.before,
                                   s.after.attributes_of(Owner::image, to_size(j)), s.after));
}
std::string print_image_attributes(const Dataset& d, ImageIndex i) {
  return print_rows(d, d.attributes_of(Owner::image, to_size(i)));
}

// Tracks.

std::span<const TrackState> states_of(const Dataset& d, TrackIndex track) {
  const auto less = [](const TrackState& state, TrackIndex t) { return state.track < t; };
  const TrackState* begin = std::lower_bound(d.track_states.begin(), d.track_states.end(), track, less);
  const TrackState* end = begin;
  while (end != d.track_states.end() && end->track == track) ++end;
  return {begin, end};
}
bool has_states(const Dataset& d, TrackIndex i) { return !states_of(d, i).empty(); }
Judgement states_apart(const Sides& s, TrackIndex i, TrackIndex j) {
  const std::span<const TrackState> a = states_of(s.before, i), b = states_of(s.after, j);
  return Judgement::same(
      std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const TrackState& x, const TrackState& y) {
        return x.frame == y.frame && x.keyframe == y.keyframe && x.outside == y.outside;
      }));
}
std::string print_states(const Dataset& d, TrackIndex i) { return std::to_string(states_of(d, i).size()) + " frames"; }

template <class Index, bool (*present)(const Dataset&, Index), Judgement (*differ)(const Sides&, Index, Index)>
constexpr auto said = judge_said<Index, present, differ>;

}  // namespace

std::span<const FieldCode<Whole>> dataset_fields() {
  static constexpr FieldCode<Whole> all[] = {
      {Field::dataset_info, nullptr, said<Whole, has_info, info_apart>, print_info},
      {Field::dataset_residue, nullptr, judge_own, print_own},
  };
  return all;
}

std::span<const FieldCode<SplitIndex>> split_fields() {
  static constexpr FieldCode<SplitIndex> all[] = {
      {Field::split_name, nullptr, said<SplitIndex, has_split_name, split_name_apart>, print_split_name},
      {Field::split_role, nullptr, said<SplitIndex, has_role, role_apart>, print_role},
      {Field::split_info, nullptr, said<SplitIndex, has_split_info, split_info_apart>, print_split_info},
      {Field::split_residue, nullptr, said<SplitIndex, has_split_residue, split_residue_apart>, print_split_residue},
      {Field::split_members, nullptr, judge_members, print_members},
      {Field::split_categories, nullptr, judge_listing, print_listing},
      {Field::number_style, nullptr, judge_style, print_style},
  };
  return all;
}

std::span<const FieldCode<LicenceIndex>> licence_fields() {
  using L = LicenceIndex;
  static constexpr FieldCode<L> all[] = {
      {Field::licence_id, has_licence_id, said<L, has_id<L, &Dataset::licence_ids>, id_apart<L, &Dataset::licence_ids>>,
       print_id<L, &Dataset::licence_ids>},
      {Field::licence_name, nullptr, said<L, has_name, licence_apart>, print_licence},
      {Field::licence_residue, has_residues, said<L, has_residue<L, Owner::licence>, residue_apart<L, Owner::licence>>,
       print_residue<L, Owner::licence>},
  };
  return all;
}

std::span<const FieldCode<CategoryIndex>> category_fields() {
  using C = CategoryIndex;
  static constexpr FieldCode<C> all[] = {
      {Field::category_id, has_category_id,
       said<C, has_id<C, &Dataset::category_ids>, id_apart<C, &Dataset::category_ids>>,
       print_id<C, &Dataset::category_ids>},
      {Field::category_name, nullptr, said<C, always, category_name_apart>, print_category_name},
      {Field::category_order, nullptr, judge_category_order, print_category_order},
      {Field::category_supercategory, nullptr, said<C, has_super, super_apart>, print_super},
      {Field::category_keypoints, nullptr, said<C, has_points, points_apart>, print_points},
      {Field::category_skeleton, nullptr, said<C, has_skeleton, skeleton_apart>, print_skeleton},
      {Field::category_flip, nullptr, said<C, has_flip, flip_apart>, print_flip},
      {Field::category_residue, has_residues,
       said<C, has_residue<C, Owner::category>, residue_apart<C, Owner::category>>, print_residue<C, Owner::category>},
  };
  return all;
}

std::span<const FieldCode<ImageIndex>> image_fields() {
  using I = ImageIndex;
  static constexpr FieldCode<I> all[] = {
      {Field::image_path, nullptr, said<I, has_path, path_apart>, print_path},
      {Field::image_id, has_image_id, said<I, has_id<I, &Dataset::image_ids>, id_apart<I, &Dataset::image_ids>>,
       print_id<I, &Dataset::image_ids>},
      {Field::image_order, nullptr, judge_image_order, print_image_order},
      {Field::image_size, nullptr, said<I, has_size, size_apart>, print_size},
      {Field::image_state, nullptr, said<I, has_state, state_apart>, print_state},
      {Field::image_licence, nullptr, said<I, has_licence, image_licence_apart>, print_image_licence},
      {Field::image_residue, has_residues, said<I, has_residue<I, Owner::image>, residue_apart<I, Owner::image>>,
       print_residue<I, Owner::image>},
      {Field::image_attributes, has_attributes, said<I, has_image_attributes, image_attributes_apart>,
       print_image_attributes},
  };
  return all;
}

std::span<const FieldCode<TrackIndex>> track_fields() {
  static constexpr FieldCode<TrackIndex> all[] = {
      {Field::track_states, nullptr, said<TrackIndex, has_states, states_apart>, print_states},
  };
  return all;
}

}  // namespace vetset
