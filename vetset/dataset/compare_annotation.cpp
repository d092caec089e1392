// The fields of annotations but their shapes. Called for every annotation, so nothing here makes a string before it
// knows that two values differ.
#include <algorithm>
#include <string>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/dataset/compare_fields.h"
#include "vetset/dataset/compare_shapes.h"
#include "vetset/dataset/compare_spelling.h"

namespace vetset {

namespace {

using A = AnnotationIndex;

// Identity and place.

bool used_ids(const Dataset& d) { return !d.annotation_ids.numbers.empty(); }
bool has_id(const Dataset& d, A i) { return d.annotation_ids[to_size(i)] != Ids::absent; }
Judgement id_apart(const Sides& s, A i, A j) {
  return Judgement::same(
      same_id(s.before, s.before.annotation_ids, to_size(i), s.after, s.after.annotation_ids, to_size(j)));
}
std::string print_id(const Dataset& d, A i) { return d.id_json(d.annotation_ids, to_size(i)); }

Judgement judge_order(const Sides& s, A before, std::span<const A>) {
  return Judgement::same(!std::binary_search(s.displaced_annotations.begin(), s.displaced_annotations.end(), before));
}
std::string print_order(const Dataset& d, A i) { return "number " + std::to_string(d[i].order); }

std::string_view dangling_text(const Dataset& d, A i, Owner target) {
  if (d.dangling.empty()) return {};
  for (const Dangling& row : d.dangling_of(i))
    if (row.target == target) return d.text(row.json);
  return {};
}

bool has_image(const Dataset& d, A i) {
  return d[i].image != none<ImageIndex> || !dangling_text(d, i, Owner::image).empty();
}
Judgement image_apart(const Sides& s, A i, A j) {
  const ImageIndex a = s.before[i].image, b = s.after[j].image;
  if (a != none<ImageIndex> && b != none<ImageIndex>)
    return Judgement::same(s.join.image_sources[to_size(b)] == a || s.join.images[to_size(a)] == b);
  return Judgement::same(a == b && dangling_text(s.before, i, Owner::image) == dangling_text(s.after, j, Owner::image));
}
std::string print_image(const Dataset& d, A i) {
  return std::string(d[i].image != none<ImageIndex> ? d.path(d[i].image) : dangling_text(d, i, Owner::image));
}

bool has_category(const Dataset& d, A i) {
  return d[i].category != none<CategoryIndex> || !dangling_text(d, i, Owner::category).empty();
}
Judgement category_apart(const Sides& s, A i, A j) {
  const CategoryIndex a = s.before[i].category, b = s.after[j].category;
  if (a != none<CategoryIndex> && b != none<CategoryIndex>) return Judgement::same(s.join.categories[to_size(a)] == b);
  return Judgement::same(a == b &&
                         dangling_text(s.before, i, Owner::category) == dangling_text(s.after, j, Owner::category));
}
std::string print_category(const Dataset& d, A i) {
  if (d[i].category != none<CategoryIndex>) return d[d[i].category].name;
  return std::string(dangling_text(d, i, Owner::category));
}

bool has_kind(const Dataset& d, A i) { return d[i].kind != Kind::unspecified; }
Judgement kind_apart(const Sides& s, A i, A j) { return Judgement::same(s.before[i].kind == s.after[j].kind); }
std::string print_kind(const Dataset& d, A i) { return std::string(name(d[i].kind)); }

// Numbers.

bool used_areas(const Dataset& d) { return !d.areas.empty(); }
bool has_area(const Dataset& d, A i) { return !is_unstated(d.area(i)); }
Judgement area_apart(const Sides& s, A i, A j) { return Judgement::apart(distance(s.before.area(i), s.after.area(j))); }
std::string print_area(const Dataset& d, A i) { return print_numbers(std::span(&d.areas[to_size(i)], 1)); }

bool used_scores(const Dataset& d) { return !d.scores.empty(); }
bool has_score(const Dataset& d, A i) { return !is_unstated(d.score(i)); }
Judgement score_apart(const Sides& s, A i, A j) {
  return Judgement::apart(distance(s.before.score(i), s.after.score(j)));
}
std::string print_score(const Dataset& d, A i) { return print_numbers(std::span(&d.scores[to_size(i)], 1)); }

// Marks.

std::string_view word(Tristate value) {
  return value == Tristate::yes ? "yes" : value == Tristate::no ? "no" : "not said";
}

bool has_crowd(const Dataset& d, A i) { return d[i].flags[Flag::crowd] != Tristate::not_said; }
Judgement crowd_apart(const Sides& s, A i, A j) {
  return Judgement::same(s.before[i].flags[Flag::crowd] == s.after[j].flags[Flag::crowd]);
}
std::string print_crowd(const Dataset& d, A i) { return std::string(word(d[i].flags[Flag::crowd])); }

Flags but_crowd(Flags flags) {
  flags.set(Flag::crowd, Tristate::not_said);
  return flags;
}
bool has_flags(const Dataset& d, A i) { return but_crowd(d[i].flags) != Flags{}; }
Judgement flags_apart(const Sides& s, A i, A j) {
  return Judgement::same(but_crowd(s.before[i].flags) == but_crowd(s.after[j].flags));
}
std::string print_flags(const Dataset& d, A i) {
  std::string out;
  for (unsigned f = 0; f < flag_count; ++f) {
    const Flag flag = static_cast<Flag>(f);
    if (flag == Flag::crowd || d[i].flags[flag] == Tristate::not_said) continue;
    out += (out.empty() ? "" : ", ") + std::string(name(flag)) + ": " + std::string(word(d[i].flags[flag]));
  }
  return out;
}

// Tokens.

template <Column<Text> Dataset::* column>
bool used_tokens(const Dataset& d) {
  return !(d.*column).empty();
}
template <Column<Text> Dataset::* column>
std::string_view token(const Dataset& d, A i) {
  return (d.*column).empty() ? std::string_view() : d.text((d.*column)[to_size(i)]);
}
template <Column<Text> Dataset::* column>
bool has_token(const Dataset& d, A i) {
  return !token<column>(d, i).empty();
}
template <Column<Text> Dataset::* column>
Judgement token_apart(const Sides& s, A i, A j) {
  return Judgement::same(token<column>(s.before, i) == token<column>(s.after, j));
}
template <Column<Text> Dataset::* column>
std::string print_token(const Dataset& d, A i) {
  return std::string(token<column>(d, i));
}

bool used_layers(const Dataset& d) { return d.layers.size() > 1; }
std::string_view layer(const Dataset& d, A i) {
  return d[i].layer < d.layers.size() ? std::string_view(d.layers[d[i].layer]) : std::string_view();
}
bool has_layer(const Dataset& d, A i) { return d[i].layer != 0; }
Judgement layer_apart(const Sides& s, A i, A j) { return Judgement::same(layer(s.before, i) == layer(s.after, j)); }
std::string print_layer(const Dataset& d, A i) { return std::string(layer(d, i)); }

// What hangs on an annotation.

bool used_attributes(const Dataset& d) { return !d.attributes.empty(); }
bool has_attributes(const Dataset& d, A i) { return !d.attributes_of(Owner::annotation, to_size(i)).empty(); }
Judgement attributes_apart(const Sides& s, A i, A j) {
  return Judgement::same(same_rows(s.before.attributes_of(Owner::annotation, to_size(i)), s.before,
                                   s.after.attributes_of(Owner::annotation, to_size(j)), s.after));
}
std::string print_attributes(const Dataset& d, A i) {
  return print_rows(d, d.attributes_of(Owner::annotation, to_size(i)));
}

bool used_residues(const Dataset& d) { return !d.residues.empty(); }
bool has_residue(const Dataset& d, A i) { return !d.residues_of(Owner::annotation, to_size(i)).empty(); }
Judgement residue_apart(const Sides& s, A i, A j) {
  return Judgement::same(same_rows(s.before.residues_of(Owner::annotation, to_size(i)), s.before,
                                   s.after.residues_of(Owner::annotation, to_size(j)), s.after));
}
std::string print_residue(const Dataset& d, A i) { return print_rows(d, d.residues_of(Owner::annotation, to_size(i))); }

bool used_texts(const Dataset& d) { return !d.text_rows.empty(); }
bool has_texts(const Dataset& d, A i) { return !d.texts_of(i).empty(); }
Judgement texts_apart(const Sides& s, A i, A j) {
  const std::span<const TextRow> a = s.before.texts_of(i), b = s.after.texts_of(j);
  return Judgement::same(std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const TextRow& x, const TextRow& y) {
    return x.role == y.role && s.before.text(x.text) == s.after.text(y.text);
  }));
}
std::string print_texts(const Dataset& d, A i) {
  std::string out;
  for (const TextRow& row : d.texts_of(i))
    out += (out.empty() ? "" : " | ") + std::string(d.text(row.text).substr(0, 120));
  return out;
}

// Spelling: compared within one format, dropped between two. A row that nobody wrote yet gets its spelling from the
// writer: that is no addition.

Judgement judge_authored(const Sides& s, A before, std::span<const A> after) {
  if (!has_token<&Dataset::authored>(s.before, before)) return Judgement::nothing();
  if (!s.same_format) return Judgement::of(Outcome::lost);
  return judge_said<A, has_token<&Dataset::authored>, token_apart<&Dataset::authored>>(s, before, after);
}

template <Column<Text> Dataset::* column>
constexpr FieldCode<A> token_field(Field field) {
  return {field, used_tokens<column>, judge_said<A, has_token<column>, token_apart<column>>, print_token<column>};
}

}  // namespace

std::span<const FieldCode<AnnotationIndex>> annotation_fields() {
  static constexpr FieldCode<A> all[] = {
      {Field::annotation_id, used_ids, judge_said<A, has_id, id_apart>, print_id},
      {Field::annotation_order, nullptr, judge_order, print_order},
      {Field::annotation_image, nullptr, judge_said<A, has_image, image_apart>, print_image},
      {Field::annotation_category, nullptr, judge_said<A, has_category, category_apart>, print_category},
      {Field::annotation_kind, nullptr, judge_said<A, has_kind, kind_apart>, print_kind},
      {Field::annotation_box, nullptr, judge_box, print_box},
      {Field::annotation_polygon, used_shapes, judge_polygon, print_polygon},
      {Field::annotation_mask, used_masks, judge_mask, print_mask},
      {Field::annotation_keypoints, used_shapes, judge_keypoints, print_keypoints},
      {Field::annotation_shape, used_shapes, judge_other_shapes, print_other_shapes},
      {Field::annotation_area, used_areas, judge_said<A, has_area, area_apart>, print_area},
      {Field::annotation_crowd, nullptr, judge_said<A, has_crowd, crowd_apart>, print_crowd},
      {Field::annotation_flags, nullptr, judge_said<A, has_flags, flags_apart>, print_flags},
      {Field::annotation_score, used_scores, judge_said<A, has_score, score_apart>, print_score},
      token_field<&Dataset::track_ids>(Field::annotation_track),
      token_field<&Dataset::group_ids>(Field::annotation_group),
      {Field::annotation_layer, used_layers, judge_said<A, has_layer, layer_apart>, print_layer},
      {Field::annotation_attributes, used_attributes, judge_said<A, has_attributes, attributes_apart>,
       print_attributes},
      {Field::annotation_texts, used_texts, judge_said<A, has_texts, texts_apart>, print_texts},
      {Field::annotation_residue, used_residues, judge_said<A, has_residue, residue_apart>, print_residue},
      {Field::annotation_authored, used_tokens<&Dataset::authored>, judge_authored, print_token<&Dataset::authored>},
      {Field::annotation_lexemes, nullptr, judge_lexemes, print_lexemes},
  };
  return all;
}

}  // namespace vetset
