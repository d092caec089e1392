// Annotations and what hangs on them: tracks and relations.
#include <algorithm>
#include <vector>

#include "vetset/dataset/package_shapes.h"
#include "vetset/dataset/package_state.h"

namespace vetset {

void PackageReader::State::texts_of(Rows& r, AnnotationIndex index, std::optional<std::string_view> json) {
  if (!json) return;
  JsonCursor in(*json);
  for (in.enter_array(); in.next_element();) {
    in.enter_array();
    if (!in.next_element()) return r.fail("texts", row_, "expected [role,text]");
    const auto role = named(in.read_string(), TextRole::comment);
    if (!role || !in.next_element()) return r.fail("texts", row_, "expected [role,text]");
    d.text_rows.push_back({index, *role, d.add_text(canonical_text(in))});
    if (in.next_element()) return r.fail("texts", row_, "expected [role,text]");
  }
  if (in.failed() || !in.at_end()) r.fail("texts", row_, "expected a list of [role,text]");
}

void PackageReader::State::dangling_of(Rows& r, AnnotationIndex index, std::optional<std::string_view> json) {
  if (!json) return;
  JsonCursor in(*json);
  for (in.enter_array(); in.next_element();) {
    in.enter_array();
    if (!in.next_element()) return r.fail("dangling", row_, "expected [table,token]");
    const auto target = named(in.read_string(), Owner::track);
    if (!target || !in.next_element()) return r.fail("dangling", row_, "expected [table,token]");
    d.dangling.push_back({index, *target, d.add_text(in.skip())});
    if (in.next_element()) return r.fail("dangling", row_, "expected [table,token]");
  }
  if (in.failed() || !in.at_end()) r.fail("dangling", row_, "expected a list of [table,token]");
}

namespace {

/// The columns of annotations that hold shapes.
class ShapeCells {
 public:
  explicit ShapeCells(Rows& rows)
      : rows_(rows),
        polygon_(rows, "polygon", "lists of numbers"),
        polyline_(rows, "polyline", "lists of numbers"),
        keypoints_(rows, "keypoints", "numbers"),
        numbers_(rows, "numbers", "numbers"),
        holes_(rows, "holes", "whole numbers"),
        height_(rows, "mask_height"),
        width_(rows, "mask_width"),
        counts_(rows, "mask_counts"),
        shapes_(rows, "shapes"),
        two_(rows, "two") {}

  void take(Dataset& d, Annotation& a, std::size_t i) {
    if (const auto json = shapes_[i]) {
      if (const auto done = take_shapes(d, a, *json); !done) rows_.fail("shapes", i, done.error().message);
      return;
    }
    ShapeChain chain(d, a);
    if (const auto place = polygon_[i]) {
      const Shape shape = rings(d, polygon_.values(), *place, ShapeKind::polygon);
      if (const auto holes = holes_[i])
        for (std::size_t k = holes->begin; k < holes->end; ++k) {
          const std::int64_t ring = holes_.values()[k];
          if (ring < 0 || ring >= shape.count) return rows_.fail("holes", i, "there is no such ring");
          d.rings[shape.begin + static_cast<std::size_t>(ring)].role = RingRole::hole;
        }
      chain.add(shape);
    }
    if (const auto place = polyline_[i]) chain.add(rings(d, polyline_.values(), *place, ShapeKind::polyline));
    if (const auto counts = counts_[i]) {
      const auto mask = take_mask(d, height_[i].value_or(0), width_[i].value_or(0), *counts);
      if (!mask) return rows_.fail("mask_counts", i, mask.error().message);
      chain.add(*mask);
    }
    if (const auto place = keypoints_[i])
      chain.add(numbers(d, keypoints_.values(), *place, ShapeKind::keypoints)).two = two_[i].value_or(false);
    if (const auto place = numbers_[i]) chain.add(numbers(d, numbers_.values(), *place, ShapeKind::numbers));
  }

 private:
  template <class Place>
  static Shape rings(Dataset& d, const NumberLists& lists, const Place& place, ShapeKind kind) {
    const Shape shape{
        .begin = d.rings.size(), .count = static_cast<std::uint32_t>(place.end - place.begin), .kind = kind};
    for (std::size_t k = place.begin; k < place.end; ++k) {
      const std::size_t begin = k == 0 ? 0 : lists.ends[k - 1];
      const std::span<const double> ring = std::span(lists.values).subspan(begin, lists.ends[k] - begin);
      d.rings.push_back({.begin = d.coordinates.size(),
                         .count = static_cast<std::uint32_t>(ring.size()),
                         .closed = kind == ShapeKind::polygon});
      d.coordinates.append(ring);
    }
    return shape;
  }
  template <class Place>
  static Shape numbers(Dataset& d, const std::vector<double>& values, const Place& place, ShapeKind kind) {
    const std::span<const double> own = std::span(values).subspan(place.begin, place.end - place.begin);
    const Shape shape{.begin = d.coordinates.size(), .count = static_cast<std::uint32_t>(own.size()), .kind = kind};
    d.coordinates.append(own);
    return shape;
  }

  Rows& rows_;
  ListCells<NumberLists> polygon_, polyline_;
  ListCells<std::vector<double>> keypoints_, numbers_;
  ListCells<std::vector<std::int64_t>> holes_;
  CountCells height_, width_;
  TextCells counts_, shapes_;
  TruthCells two_;
};

std::optional<Origin> origin_of(std::string_view word) {
  if (word == "stated") return Origin::stated;
  if (word == "derived") return Origin::derived;
  if (word == "unplaced") return Origin::unplaced;
  return std::nullopt;
}

}  // namespace

void PackageReader::State::annotation_rows(Rows& r) {
  TextCells key_cells(r, "ann_id"), sample(r, "sample_id"), category(r, "category_id"), kind(r, "kind"),
      origin(r, "box_origin"), authored(r, "authored"), group(r, "group"), track(r, "track"), layer(r, "layer"),
      text_cells(r, "texts"), dangling(r, "dangling"), id_cells(r, "id"), spelling(r, "spelling");
  const NumberCells x(r, "x"), y(r, "y"), width(r, "width"), height(r, "height"), area(r, "area"), score(r, "score");
  const CountCells order(r, "order"), document(r, "document");
  const Cells<std::int64_t> offset(r, "offset", "whole numbers");
  std::vector<TruthCells> flags;
  for (unsigned f = 0; f < flag_count; ++f) flags.emplace_back(r, name(static_cast<Flag>(f)));
  ShapeCells shapes(r);
  Extras extras(r);
  const auto token = [&](std::string_view column, Column<Text>& out, std::optional<std::string_view> text, bool json) {
    const Text value = text ? d.add_text(*text) : Text{};
    append_said(out, d.annotations.size() - 1, !value.empty(), value, Text{});
    if (text && json) json_cell(r, column, *text);
  };
  const auto measure = [&](Column<double>& out, std::optional<double> value) {
    append_said(out, d.annotations.size() - 1, value.has_value(), value.value_or(unstated()), unstated());
  };
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    const std::size_t i = row_;
    const auto index = to_index<AnnotationIndex>(d.annotations.size());
    key(r, annotations, "ann_id", key_cells, i);
    Annotation a;
    a.image = reference<ImageIndex>(r, samples, "sample_id", "samples", sample[i]);
    a.category = reference<CategoryIndex>(r, categories, "category_id", "categories", category[i]);
    if (const auto word = kind[i]) {
      const auto known = named(*word, Kind::relation);
      if (!known) return r.fail("kind", i, "'" + std::string(*word) + "' is no kind of annotation");
      a.kind = *known;
    }
    if (const auto word = origin[i]) {
      const auto known = origin_of(*word);
      if (!known) return r.fail("box_origin", i, "expected stated, derived or unplaced");
      a.box_origin = *known;
      if (a.box_origin == Origin::unplaced && !authored[i])
        return r.fail("authored", i, "an unplaced box needs what was authored");
    }
    if (a.box_origin == Origin::stated || a.box_origin == Origin::derived)
      a.box = {x[i].value_or(0), y[i].value_or(0), width[i].value_or(0), height[i].value_or(0)};
    for (unsigned f = 0; f < flag_count; ++f) a.flags.set(static_cast<Flag>(f), tristate(flags[f][i]));
    if (const auto name_of = layer[i]) {
      const auto found = layers.find(std::string(*name_of));
      if (found == layers.end()) return r.fail("layer", i, "'" + std::string(*name_of) + "' is none of the layers");
      a.layer = found->second;
    }
    a.order = order[i].value_or(0);
    shapes.take(d, a, i);
    append_one(d.annotations, a);
    measure(d.areas, area[i]);
    measure(d.scores, score[i]);
    token("authored", d.authored, authored[i], false);
    token("group", d.group_ids, group[i], true);
    token("track", d.track_ids, track[i], true);
    id(r, d.annotation_ids, id_cells[i]);
    texts_of(r, index, text_cells[i]);
    dangling_of(r, index, dangling[i]);
    if (const auto json = spelling[i])
      if (const auto done = take_spelling(d, index, *json, expected); !done)
        r.fail("spelling", i, done.error().message);
    const FileIndex stands_in = file(r, "document", document[i]);
    append_one(
        d.annotation_positions,
        stands_in == none<FileIndex>
            ? Position{}
            : Position::at(stands_in, static_cast<std::uint64_t>(std::max<std::int64_t>(offset[i].value_or(0), 0))));
    extras.take(*this, Owner::annotation, to_size(index), i);
  }
}

void PackageReader::State::track_states(Rows& r, std::string_view json) {
  JsonCursor in(json);
  for (in.enter_array(); in.next_element();) {
    TrackState state{.track = to_index<TrackIndex>(d.tracks.size())};
    for (in.enter_object(); in.next_member();) {
      if (in.key() == "ann_id") {
        const std::string key = canonical_text(in);
        state.annotation = reference<AnnotationIndex>(r, annotations, "states", "annotations", key);
      } else if (in.key() == "frame") {
        const NumberText n = in.read_number();
        if (n.fits_int64 && n.whole >= 0 && n.whole <= 0xffffffff)
          state.frame = static_cast<std::uint32_t>(n.whole);
        else
          in.fail("expected a frame number");
      } else if (in.key() == "keyframe") {
        state.keyframe = tristate(in.read_bool());
      } else if (in.key() == "outside") {
        state.outside = tristate(in.read_bool());
      } else {
        in.fail("expected ann_id, frame, keyframe or outside");
        break;
      }
    }
    if (in.failed()) break;
    d.track_states.push_back(state);
  }
  if (in.failed() || !in.at_end()) r.fail("states", row_, "expected a list of states: " + in.error_text());
}

void PackageReader::State::track_rows(Rows& r) {
  TextCells key_cells(r, "track_id"), id_cells(r, "id"), category(r, "category_id"), video(r, "video_id"),
      states(r, "states");
  Extras extras(r);
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    const std::size_t i = row_;
    key(r, tracks, "track_id", key_cells, i);
    Track track;
    if (const auto json = id_cells[i]) {
      json_cell(r, "id", *json);
      track.id = d.add_text(*json);
    }
    track.category = reference<CategoryIndex>(r, categories, "category_id", "categories", category[i]);
    track.video = reference<ImageIndex>(r, samples, "video_id", "samples", video[i]);
    if (const auto json = states[i]) track_states(r, *json);
    extras.take(*this, Owner::track, d.tracks.size(), i);
    d.tracks.push_back(track);
  }
}

void PackageReader::State::relation_rows(Rows& r) {
  TextCells from(r, "from_id"), to(r, "to_id"), type(r, "type");
  const TruthCells directed(r, "directed");
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    Relation relation{.from = reference<AnnotationIndex>(r, annotations, "from_id", "annotations", from[row_]),
                      .to = reference<AnnotationIndex>(r, annotations, "to_id", "annotations", to[row_]),
                      .directed = directed[row_].value_or(true)};
    if (relation.from == none<AnnotationIndex> || relation.to == none<AnnotationIndex>)
      return r.fail("from_id", row_, "a relation needs both its annotations");
    if (const auto text = type[row_]) relation.type = d.add_text(*text);
    d.relations.push_back(relation);
  }
}

}  // namespace vetset
