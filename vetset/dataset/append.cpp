// Dataset::append_annotations: joins what a reader's threads made of one slice each. Big columns move as bytes, or
// whole where the target has none yet; only what holds positions is touched again.
#include <algorithm>
#include <utility>

#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// Puts `from` behind `to` and says where it begins.
template <class T>
std::size_t move_behind(Column<T>& to, Column<T>& from) {
  const std::size_t begin = to.size();
  if (begin == 0 && !to.shares()) {
    to = std::move(from);
  } else {
    to.append(std::span<const T>(from.data(), from.size()));
    from = {};
  }
  return begin;
}

/// The same for a column that is empty or has one value a record: what one side lacks is filled up.
template <class T>
std::size_t move_dense(Column<T>& to, Column<T>& from, std::size_t before, std::size_t added, T missing) {
  if (to.empty() && from.empty()) return before;
  if (to.empty()) to.resize(before, missing);
  move_behind(to, from);
  to.resize(before + added, missing);
  return before;
}

template <class Index>
void shift(Index& index, std::size_t by) {
  if (index != none<Index>) index = to_index<Index>(to_size(index) + by);
}

void shift(Text& text, std::size_t by) {
  if (!text.empty()) text.begin += by;
}

/// Rows of annotations go behind those of tracks only where there are tracks with rows: then order is made again.
template <class Row>
void sort_from(Column<Row>& rows, std::size_t begin) {
  const auto before = [](const Row& a, const Row& b) {
    return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
  };
  if (begin == 0 || begin == rows.size() || !before(rows[begin], rows[begin - 1])) return;
  std::stable_sort(rows.begin(), rows.end(), before);
}

/// Gives the names of `part` a place among those of `to`; says which.
std::vector<std::uint16_t> join_layers(std::vector<std::string>& to, std::vector<std::string>& part) {
  std::vector<std::uint16_t> place;
  if (part.empty()) return place;
  if (to.empty()) to.emplace_back();
  for (std::string& layer : part) {
    const auto found = std::find(to.begin(), to.end(), layer);
    VETSET_ASSERT(found != to.end() || to.size() < 0x10000, "a reader refuses more layers than 16 bits count");
    place.push_back(static_cast<std::uint16_t>(found - to.begin()));
    if (found == to.end()) to.push_back(std::move(layer));
  }
  return place;
}

/// The offsets by which positions in the part move.
struct Offsets {
  std::size_t texts, annotations, shapes, rings, coordinates, masks, runs, tracks;
};

void append_shapes(Dataset& to, Dataset& part, const Offsets& by) {
  move_behind(to.coordinates, part.coordinates);
  move_behind(to.runs, part.runs);
  move_behind(to.rings, part.rings);
  if (by.coordinates != 0)
    for (std::size_t i = by.rings; i < to.rings.size(); ++i) to.rings[i].begin += by.coordinates;
  move_behind(to.masks, part.masks);
  if (by.runs != 0)
    for (std::size_t i = by.masks; i < to.masks.size(); ++i) to.masks[i].begin += by.runs;
  move_behind(to.shapes, part.shapes);
  for (std::size_t i = by.shapes; i < to.shapes.size(); ++i) {
    Shape& shape = to.shapes[i];
    shift(shape.next, by.shapes);
    switch (shape.kind) {
      case ShapeKind::nothing: break;
      case ShapeKind::polygon:
      case ShapeKind::polyline: shape.begin += by.rings; break;
      case ShapeKind::mask: shape.begin += by.masks; break;
      case ShapeKind::keypoints:
      case ShapeKind::numbers:
      case ShapeKind::raster: shape.begin += by.coordinates; break;
    }
  }
}

void shift_texts(Column<Text>& column, std::size_t begin, std::size_t by) {
  for (std::size_t i = std::min(begin, column.size()); i < column.size(); ++i) shift(column[i], by);
}

void append_dense(Dataset& to, Dataset& part, const Offsets& by) {
  const std::size_t before = by.annotations, added = to.annotations.size() - before;
  move_dense(to.annotation_ids.numbers, part.annotation_ids.numbers, before, added, Ids::absent);
  std::size_t begin = move_behind(to.annotation_ids.tokens, part.annotation_ids.tokens);
  for (std::size_t i = begin; i < to.annotation_ids.tokens.size(); ++i) {
    to.annotation_ids.tokens[i].owner += static_cast<std::uint32_t>(before);
    shift(to.annotation_ids.tokens[i].json, by.texts);
  }
  move_dense(to.annotation_positions, part.annotation_positions, before, added, Position{});
  move_dense(to.areas, part.areas, before, added, unstated());
  move_dense(to.scores, part.scores, before, added, unstated());
  for (const auto column : {&Dataset::authored, &Dataset::track_ids, &Dataset::group_ids})
    shift_texts(to.*column, move_dense(to.*column, part.*column, before, added, Text{}), by.texts);
}

template <class Row>
void append_owned(Column<Row>& to, Column<Row>& part, const Offsets& by, void (*move_texts)(Row&, std::size_t)) {
  const std::size_t begin = move_behind(to, part);
  for (std::size_t i = begin; i < to.size(); ++i) {
    VETSET_ASSERT(to[i].owner == Owner::annotation || to[i].owner == Owner::track,
                  "a part holds annotations and what hangs on them");
    to[i].index += static_cast<std::uint32_t>(to[i].owner == Owner::annotation ? by.annotations : by.tracks);
    move_texts(to[i], by.texts);
  }
  sort_from(to, begin);
}

template <class Row>
void append_annotated(Column<Row>& to, Column<Row>& part, const Offsets& by, Text Row::* text) {
  const std::size_t begin = move_behind(to, part);
  for (std::size_t i = begin; i < to.size(); ++i) {
    shift(to[i].annotation, by.annotations);
    shift(to[i].*text, by.texts);
  }
}

void append_sparse(Dataset& to, Dataset& part, const Offsets& by) {
  append_owned<Residue>(to.residues, part.residues, by,
                        [](Residue& row, std::size_t texts) { shift(row.json, texts); });
  append_owned<Attribute>(to.attributes, part.attributes, by, [](Attribute& row, std::size_t texts) {
    shift(row.key, texts);
    shift(row.value, texts);
  });
  append_annotated(to.text_rows, part.text_rows, by, &TextRow::text);
  append_annotated(to.dangling, part.dangling, by, &Dangling::json);
  append_annotated(to.lexemes, part.lexemes, by, &Lexeme::text);

  std::size_t begin = move_behind(to.unread, part.unread);
  for (std::size_t i = begin; i < to.unread.size(); ++i) shift(to.unread[i].text, by.texts);
  begin = move_behind(to.tracks, part.tracks);
  for (std::size_t i = begin; i < to.tracks.size(); ++i) shift(to.tracks[i].id, by.texts);
  begin = move_behind(to.track_states, part.track_states);
  for (std::size_t i = begin; i < to.track_states.size(); ++i) {
    shift(to.track_states[i].track, by.tracks);
    shift(to.track_states[i].annotation, by.annotations);
  }
  begin = move_behind(to.relations, part.relations);
  for (std::size_t i = begin; i < to.relations.size(); ++i) {
    shift(to.relations[i].from, by.annotations);
    shift(to.relations[i].to, by.annotations);
    shift(to.relations[i].type, by.texts);
  }
}

}  // namespace

void Dataset::append_annotations(Dataset&& part) {
  VETSET_ASSERT(part.images.empty() && part.categories.empty() && part.files.empty() && part.splits.empty(),
                "a part holds annotations and what hangs on them");
  const Offsets by{.texts = texts.size(),
                   .annotations = annotations.size(),
                   .shapes = shapes.size(),
                   .rings = rings.size(),
                   .coordinates = coordinates.size(),
                   .masks = masks.size(),
                   .runs = runs.size(),
                   .tracks = tracks.size()};
  VETSET_ASSERT(annotations.size() + part.annotations.size() < 0xffffffffU, "an index has 32 bits");
  VETSET_ASSERT(shapes.size() + part.shapes.size() < 0xffffffffU, "an index has 32 bits");
  move_behind(texts, part.texts);
  move_behind(annotations, part.annotations);
  const std::vector<std::uint16_t> layer_place = join_layers(layers, part.layers);
  for (std::size_t i = by.annotations; i < annotations.size(); ++i) {
    shift(annotations[i].shape, by.shapes);
    if (annotations[i].layer < layer_place.size()) annotations[i].layer = layer_place[annotations[i].layer];
  }
  append_shapes(*this, part, by);
  append_dense(*this, part, by);
  append_sparse(*this, part, by);
}

}  // namespace vetset
