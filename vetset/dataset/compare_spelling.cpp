#include "vetset/dataset/compare_spelling.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "vetset/base/json.h"
#include "vetset/dataset/compare_shapes.h"

namespace vetset {

namespace {

using A = AnnotationIndex;
constexpr std::size_t styled_fields = static_cast<std::size_t>(StyledField::count);

/// How the document of an annotation spells a field; nothing where it is not known which document that is.
std::optional<NumberStyle> style_of(const Dataset& d, A i, StyledField field) {
  FileIndex file = none<FileIndex>;
  if (!d.annotation_positions.empty() && d.annotation_positions[to_size(i)].known())
    file = d.annotation_positions[to_size(i)].file();
  else if (d[i].image != none<ImageIndex>)
    file = d[d[i].image].file;
  if (file == none<FileIndex> || d[file].split == none<SplitIndex>) return std::nullopt;
  return d[d[file].split].styles[static_cast<std::size_t>(field)];
}

/// Where one side's style is not known, it is taken to be the other's.
struct Styles {
  NumberStyle before, after;
  bool differ() const { return before != after; }
};
Styles styles_of(const Sides& s, A i, A j, StyledField field) {
  const auto before = style_of(s.before, i, field), after = style_of(s.after, j, field);
  return {before.value_or(after.value_or(NumberStyle{})), after.value_or(before.value_or(NumberStyle{}))};
}

std::span<const Lexeme> lexemes(const Dataset& d, A i) {
  return d.lexemes.empty() ? std::span<const Lexeme>() : d.lexemes_of(i);
}

std::vector<double> numbers_of(const Dataset& d, A i, StyledField field) {
  const Box& box = d[i].box;
  std::vector<double> numbers;
  switch (field) {
    case StyledField::box:
      if (d[i].box_origin == Origin::stated) numbers = {box.x, box.y, box.width, box.height};
      break;
    case StyledField::area:
      if (!is_unstated(d.area(i))) numbers = {d.area(i)};
      break;
    case StyledField::score:
      if (!is_unstated(d.score(i))) numbers = {d.score(i)};
      break;
    case StyledField::coordinates:
    case StyledField::keypoints:
    case StyledField::count:
      for (ShapeIndex at = d[i].shape; at != none<ShapeIndex>; at = d[at].next) {
        const Shape& shape = d[at];
        if (field == StyledField::keypoints && shape.kind == ShapeKind::keypoints) {
          const auto points = d.numbers_of(shape);
          numbers.insert(numbers.end(), points.begin(), points.end());
        }
        if (field == StyledField::coordinates && shape.kind == ShapeKind::polygon)
          for (const Ring& ring : d.rings_of(shape)) {
            const auto ring_numbers = d.coordinates_of(ring);
            numbers.insert(numbers.end(), ring_numbers.begin(), ring_numbers.end());
          }
      }
      break;
  }
  return numbers;
}

/// The numbers of a field as they stand in the document.
std::vector<std::string> spelled(const Dataset& d, A i, StyledField field, NumberStyle style) {
  std::vector<std::string> out;
  for (const double number : numbers_of(d, i, field)) append_json_number(out.emplace_back(), number, style);
  for (const Lexeme& lexeme : lexemes(d, i))
    if (lexeme.field == field && lexeme.slot < out.size()) out[lexeme.slot] = d.text(lexeme.text);
  return out;
}

bool spells(std::span<const Lexeme> rows, StyledField field) {
  return std::any_of(rows.begin(), rows.end(), [&](const Lexeme& row) { return row.field == field; });
}

/// Numbers that differ are another field's matter: spelling is compared where there are as many on both sides.
bool same_numbers_spelled(const Sides& s, A i, A j) {
  for (std::size_t f = 0; f < styled_fields; ++f) {
    const auto field = static_cast<StyledField>(f);
    // A record of no known document was not spelled yet, but for its lexemes.
    if (!style_of(s.before, i, field) && !spells(lexemes(s.before, i), field)) continue;
    const Styles styles = styles_of(s, i, j, field);
    if (!styles.differ() && !spells(lexemes(s.before, i), field) && !spells(lexemes(s.after, j), field)) continue;
    if (numbers_of(s.before, i, field) != numbers_of(s.after, j, field)) continue;
    if (spelled(s.before, i, field, styles.before) != spelled(s.after, j, field, styles.after)) return false;
  }
  return true;
}

bool has_spelling(const Dataset& d, A i) { return !lexemes(d, i).empty() || has_spelled_shape(d, i); }

bool same_styles(const Sides& s, A i, A j) {
  for (std::size_t f = 0; f < styled_fields; ++f)
    if (styles_of(s, i, j, static_cast<StyledField>(f)).differ()) return false;
  return true;
}

}  // namespace

Judgement judge_lexemes(const Sides& s, A before, std::span<const A> after) {
  const bool was = has_spelling(s.before, before);
  if (!s.same_format) return was ? Judgement::of(Outcome::lost) : Judgement::nothing();
  bool any = was, same = true;
  for (const A a : after) {
    const bool known = style_of(s.before, before, StyledField::box).has_value();
    const bool matters = was || (known && (has_spelling(s.after, a) || !same_styles(s, before, a)));
    any = any || matters;
    if (matters) same = same && same_numbers_spelled(s, before, a) && same_shape_spelling(s, before, a);
  }
  return any ? Judgement::same(same) : Judgement::nothing();
}

std::string print_lexemes(const Dataset& d, A i) {
  std::string out = print_shape_spelling(d, i);
  for (std::size_t f = 0; f < styled_fields && out.size() < 120; ++f)
    for (const std::string& number : spelled(d, i, static_cast<StyledField>(f),
                                             style_of(d, i, static_cast<StyledField>(f)).value_or(NumberStyle{}))) {
      if (out.size() > 120) break;
      out += (out.empty() ? "" : ", ") + number;
    }
  return out;
}

}  // namespace vetset
