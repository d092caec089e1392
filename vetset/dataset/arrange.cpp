#include "vetset/dataset/arrange.h"

#include <algorithm>
#include <utility>

namespace vetset {
namespace {

constexpr std::uint32_t nobody = 0xffffffffU;

template <class Row>
void reorder(Column<Row>& rows, std::span<const AnnotationIndex> sequence) {
  if (rows.empty()) return;
  Column<Row> out;
  out.reserve(sequence.size());
  for (const AnnotationIndex i : sequence) out.push_back(rows[to_size(i)]);
  rows = std::move(out);
}

/// Lets each row name its owner's new index; `move` gives false for rows that go.
template <class Row, class Move, class Owner>
void rename(Column<Row>& rows, const Move& move, const Owner& owner) {
  Column<Row> out;
  for (Row row : rows)
    if (move(row)) out.push_back(row);
  std::stable_sort(out.begin(), out.end(), [&](const Row& a, const Row& b) { return owner(a) < owner(b); });
  rows = std::move(out);
}

}  // namespace

void arrange_annotations(Dataset& d, std::span<const AnnotationIndex> sequence,
                         std::span<const AnnotationIndex> instead) {
  std::vector<std::uint32_t> place(d.annotations.size(), nobody);
  for (std::size_t k = 0; k < sequence.size(); ++k) place[to_size(sequence[k])] = static_cast<std::uint32_t>(k);
  const auto own = [&](AnnotationIndex& i) {  // what a record says itself goes with it
    i = AnnotationIndex{place[to_size(i)]};
    return i != none<AnnotationIndex>;
  };
  const auto pointed = [&](AnnotationIndex& i) {  // who points to it may point to another now
    if (i != none<AnnotationIndex>) i = AnnotationIndex{place[to_size(instead[to_size(i)])]};
  };
  reorder(d.annotation_ids.numbers, sequence);
  rename(
      d.annotation_ids.tokens, [&](Ids::Token& token) { return (token.owner = place[token.owner]) != nobody; },
      [](const Ids::Token& token) { return token.owner; });
  reorder(d.annotations, sequence);
  reorder(d.annotation_positions, sequence);
  reorder(d.areas, sequence);
  reorder(d.scores, sequence);
  for (Column<Text>* column : {&d.authored, &d.track_ids, &d.group_ids}) reorder(*column, sequence);
  const auto owned = [&](auto& row) {
    return row.owner != Owner::annotation || (row.index = place[row.index]) != nobody;
  };
  const auto owner = [](const auto& row) { return std::pair(row.owner, row.index); };
  rename(d.residues, owned, owner);
  rename(d.attributes, owned, owner);
  const auto annotated = [&](auto& row) { return own(row.annotation); };
  const auto annotation = [](const auto& row) { return row.annotation; };
  rename(d.text_rows, annotated, annotation);
  rename(d.dangling, annotated, annotation);
  rename(d.lexemes, annotated, annotation);
  for (TrackState& state : d.track_states) pointed(state.annotation);
  rename(
      d.relations,
      [&](Relation& row) {
        pointed(row.from);
        pointed(row.to);
        return row.from != none<AnnotationIndex> && row.to != none<AnnotationIndex>;
      },
      [](const Relation& row) { return row.from; });
}

FileIndex file_of(const Dataset& d, AnnotationIndex i) {
  if (!d.annotation_positions.empty() && d.annotation_positions[to_size(i)].known())
    return d.annotation_positions[to_size(i)].file();
  return d[i].image == none<ImageIndex> ? none<FileIndex> : d[d[i].image].file;
}

void insert_licence(Dataset& d, LicenceIndex at) {
  const auto first = static_cast<std::uint32_t>(at);
  for (Image& image : d.images)
    if (image.licence != none<LicenceIndex> && image.licence >= at)
      image.licence = LicenceIndex{static_cast<std::uint32_t>(image.licence) + 1};
  for (Residue& row : d.residues)
    if (row.owner == Owner::licence && row.index >= first) ++row.index;
  for (Attribute& row : d.attributes)
    if (row.owner == Owner::licence && row.index >= first) ++row.index;
  if (!d.licence_ids.numbers.empty()) {
    Column<std::int64_t>& numbers = d.licence_ids.numbers;
    numbers.push_back(Ids::absent);
    std::rotate(numbers.begin() + first, numbers.end() - 1, numbers.end());
    for (Ids::Token& token : d.licence_ids.tokens)
      if (token.owner >= first) ++token.owner;
  }
  d.licences.insert(d.licences.begin() + first, Licence{});
}

}  // namespace vetset
