// Dataset::inconsistency: whether every index points to something, every column has its length, and every sparse table
// is sorted. The first thing that does not hold is named with its place.
#include <limits>
#include <string>
#include <string_view>

#include "vetset/base/json.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

using Problem = std::optional<std::string>;

Problem broken(std::string_view column, std::size_t i, std::string_view what) {
  return std::string(column) + "[" + std::to_string(i) + "]: " + std::string(what);
}

template <class Index>
bool points(Index index, std::size_t size) {
  return to_size(index) < size;
}
template <class Index>
bool points_or_none(Index index, std::size_t size) {
  return index == none<Index> || points(index, size);
}

bool within(std::uint64_t begin, std::uint64_t count, std::size_t size) {
  return begin <= size && count <= size - begin;
}

template <class Enum>
bool known(Enum value, Enum last) {
  return static_cast<unsigned>(value) <= static_cast<unsigned>(last);
}

class Checker {
 public:
  explicit Checker(const Dataset& d) : d_(d) {}

  Problem check() const {
    for (const auto part : {&Checker::files, &Checker::splits, &Checker::categories, &Checker::images,
                            &Checker::annotations, &Checker::shapes, &Checker::shape_parts, &Checker::all_ids,
                            &Checker::dense, &Checker::owned, &Checker::annotated, &Checker::unread, &Checker::tracks})
      if (Problem problem = (this->*part)()) return problem;
    return {};
  }

 private:
  bool holds(Text text) const { return text.empty() || within(text.begin, text.size, d_.texts.size()); }
  bool json(Text text) const { return holds(text) && json(d_.text(text)); }
  static bool json(std::string_view text) {
    JsonCursor in(text);
    in.skip();
    return in.at_end();
  }
  static bool object(std::string_view text) { return JsonCursor(text).type() == JsonType::object && json(text); }

  std::size_t owners(Owner owner) const {
    switch (owner) {
      case Owner::dataset: return 1;
      case Owner::split: return d_.splits.size();
      case Owner::licence: return d_.licences.size();
      case Owner::category: return d_.categories.size();
      case Owner::image: return d_.images.size();
      case Owner::annotation: return d_.annotations.size();
      case Owner::track: return d_.tracks.size();
    }
    return 0;
  }

  Problem files() const {
    for (std::size_t i = 0; i < d_.files.size(); ++i) {
      if (!holds(d_.files[i].path)) return broken("files", i, "its path lies outside of texts");
      if (!holds(d_.files[i].bytes)) return broken("files", i, "its bytes lie outside of texts");
      if (!points_or_none(d_.files[i].split, d_.splits.size())) return broken("files", i, "there is no such split");
    }
    return {};
  }

  Problem splits() const {
    for (std::size_t i = 0; i < d_.splits.size(); ++i) {
      const Split& split = d_.splits[i];
      if (!points_or_none(split.file, d_.files.size())) return broken("splits", i, "there is no such file");
      if (!known(split.role, SplitRole::other)) return broken("splits", i, "there is no such role");
      if (!known(split.origin, SplitOrigin::key)) return broken("splits", i, "there is no such origin");
      if (!split.info.empty() && !json(split.info)) return broken("splits", i, "its info is not JSON");
      if (!split.residue.empty() && !object(split.residue)) return broken("splits", i, "its residue is no JSON object");
    }
    for (std::size_t i = 0; i < d_.memberships.size(); ++i) {
      const Membership& row = d_.memberships[i];
      if (!points(row.split, d_.splits.size())) return broken("memberships", i, "there is no such split");
      if (!points(row.image, d_.images.size())) return broken("memberships", i, "there is no such image");
      if (i == 0) continue;
      const Membership& last = d_.memberships[i - 1];
      if (row.split < last.split || (row.split == last.split && row.order < last.order))
        return broken("memberships", i, "it stands before the row above it, by split and order");
    }
    for (std::size_t i = 0; i < d_.category_listings.size(); ++i) {
      const CategoryListing& row = d_.category_listings[i];
      if (!points(row.split, d_.splits.size())) return broken("category_listings", i, "there is no such split");
      if (!points(row.category, d_.categories.size()))
        return broken("category_listings", i, "there is no such category");
    }
    for (std::size_t i = 0; i < d_.licences.size(); ++i)
      if (!points_or_none(d_.licences[i].split, d_.splits.size()))
        return broken("licences", i, "there is no such split");
    return {};
  }

  Problem categories() const {
    for (std::size_t i = 0; i < d_.categories.size(); ++i) {
      const Category& category = d_.categories[i];
      if (!category.keypoints.empty() && !category.has_keypoints)
        return broken("categories", i, "it has keypoints and says that it has none");
      if (!category.skeleton.empty() && !category.has_skeleton)
        return broken("categories", i, "it has a skeleton and says that it has none");
    }
    if (!d_.layers.empty() && !d_.layers[0].empty()) return broken("layers", 0, "the first layer is the unnamed one");
    if (d_.layers.size() > 0x10000) return "layers: there are more than 65536";
    return {};
  }

  Problem images() const {
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const Image& image = d_.images[i];
      if (!holds(image.path)) return broken("images", i, "its path lies outside of texts");
      if (!holds(image.media)) return broken("images", i, "its media path lies outside of texts");
      if (!points_or_none(image.file, d_.files.size())) return broken("images", i, "there is no such file");
      if (!points_or_none(image.licence, d_.licences.size())) return broken("images", i, "there is no such licence");
      if (!known(image.state, ImageState::skipped)) return broken("images", i, "there is no such state");
      if (!known(image.size_origin, SizeOrigin::header)) return broken("images", i, "there is no such size origin");
      if (image.size_origin == SizeOrigin::none && (image.width != 0 || image.height != 0))
        return broken("images", i, "it has a size and says that it has none");
    }
    return {};
  }

  Problem annotations() const {
    for (std::size_t i = 0; i < d_.annotations.size(); ++i) {
      const Annotation& a = d_.annotations[i];
      if (!points_or_none(a.image, d_.images.size())) return broken("annotations", i, "there is no such image");
      if (!points_or_none(a.category, d_.categories.size()))
        return broken("annotations", i, "there is no such category");
      if (!points_or_none(a.shape, d_.shapes.size())) return broken("annotations", i, "there is no such shape");
      if (!known(a.kind, Kind::relation)) return broken("annotations", i, "there is no such kind");
      if (!known(a.box_origin, Origin::unplaced)) return broken("annotations", i, "there is no such box origin");
      if (a.box_origin == Origin::none && a.box != Box{}) return broken("annotations", i, "it has a box of no origin");
      if (a.layer != 0 && a.layer >= d_.layers.size()) return broken("annotations", i, "there is no such layer");
      for (unsigned f = 0; f < flag_count; ++f)
        if (!known(a.flags[static_cast<Flag>(f)], Tristate::yes))
          return broken("annotations", i, "a flag has no state");
    }
    return {};
  }

  /// Every shape stands in one chain at most, so no chain has a loop.
  Problem shapes() const {
    std::vector<std::uint8_t> owned(d_.shapes.size());
    const auto claim = [&](ShapeIndex i) { return i == none<ShapeIndex> || owned[to_size(i)]++ == 0; };
    for (std::size_t i = 0; i < d_.annotations.size(); ++i)
      if (!claim(d_.annotations[i].shape)) return broken("annotations", i, "its shape is another's too");
    for (std::size_t i = 0; i < d_.shapes.size(); ++i) {
      const Shape& shape = d_.shapes[i];
      if (!points_or_none(shape.next, d_.shapes.size())) return broken("shapes", i, "there is no such next shape");
      if (!claim(shape.next)) return broken("shapes", i, "its next shape is another's too");
      std::size_t room = 0;
      switch (shape.kind) {
        case ShapeKind::nothing: break;
        case ShapeKind::polygon:
        case ShapeKind::polyline: room = d_.rings.size(); break;
        case ShapeKind::mask: room = d_.masks.size(); break;
        case ShapeKind::keypoints:
        case ShapeKind::numbers:
        case ShapeKind::raster: room = d_.coordinates.size(); break;
        default: return broken("shapes", i, "there is no such kind");
      }
      if (shape.count != 0 && !within(shape.begin, shape.count, room))
        return broken("shapes", i, "its " + std::string(name(shape.kind)) + " lies outside of its column");
      if (shape.kind == ShapeKind::mask && shape.count != 1) return broken("shapes", i, "a mask shape has one mask");
      if (!known(shape.spelling, Spelling::integers)) return broken("shapes", i, "there is no such spelling");
    }
    return {};
  }

  Problem shape_parts() const {
    for (std::size_t i = 0; i < d_.rings.size(); ++i) {
      const Ring& ring = d_.rings[i];
      if (!within(ring.begin, ring.count, d_.coordinates.size()))
        return broken("rings", i, "it lies outside of coordinates");
      if (!known(ring.role, RingRole::hole)) return broken("rings", i, "there is no such role");
    }
    for (std::size_t i = 0; i < d_.masks.size(); ++i)
      if (!within(d_.masks[i].begin, d_.masks[i].count, d_.runs.size()))
        return broken("masks", i, "it lies outside of runs");
    return {};
  }

  Problem ids(std::string_view column, const Ids& ids, std::size_t records) const {
    if (!ids.numbers.empty() && ids.numbers.size() != records)
      return std::string(column) + ": has " + std::to_string(ids.numbers.size()) + " values for " +
             std::to_string(records) + " records";
    std::size_t next = 0;
    for (std::size_t i = 0; i < ids.numbers.size(); ++i) {
      if (ids.numbers[i] != Ids::odd) continue;
      if (next == ids.tokens.size() || ids.tokens[next].owner != i) return broken(column, i, "its token is not there");
      if (!json(ids.tokens[next].json)) return broken(column, i, "its token is not JSON");
      ++next;
    }
    if (next != ids.tokens.size()) return broken(column, next, "there is a token that no record needs");
    return {};
  }
  Problem all_ids() const {
    if (Problem problem = ids("licence_ids", d_.licence_ids, d_.licences.size())) return problem;
    if (Problem problem = ids("category_ids", d_.category_ids, d_.categories.size())) return problem;
    if (Problem problem = ids("image_ids", d_.image_ids, d_.images.size())) return problem;
    return ids("annotation_ids", d_.annotation_ids, d_.annotations.size());
  }

  Problem length(std::string_view column, std::size_t size, std::size_t records) const {
    if (size == 0 || size == records) return {};
    return std::string(column) + ": has " + std::to_string(size) + " values for " + std::to_string(records) +
           " records";
  }
  Problem positions(std::string_view column, const Column<Position>& rows) const {
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].known() && !points(rows[i].file(), d_.files.size()))
        return broken(column, i, "there is no such file");
    return {};
  }
  Problem dense() const {
    const std::size_t n = d_.annotations.size();
    if (Problem problem = length("image_positions", d_.image_positions.size(), d_.images.size())) return problem;
    if (Problem problem = length("annotation_positions", d_.annotation_positions.size(), n)) return problem;
    if (Problem problem = length("areas", d_.areas.size(), n)) return problem;
    if (Problem problem = length("scores", d_.scores.size(), n)) return problem;
    if (Problem problem = length("authored", d_.authored.size(), n)) return problem;
    if (Problem problem = length("track_ids", d_.track_ids.size(), n)) return problem;
    if (Problem problem = length("group_ids", d_.group_ids.size(), n)) return problem;
    if (Problem problem = positions("image_positions", d_.image_positions)) return problem;
    if (Problem problem = positions("annotation_positions", d_.annotation_positions)) return problem;
    for (std::size_t i = 0; i < d_.authored.size(); ++i)
      if (!holds(d_.authored[i])) return broken("authored", i, "its text lies outside of texts");
    for (std::size_t i = 0; i < d_.track_ids.size(); ++i)
      if (!d_.track_ids[i].empty() && !json(d_.track_ids[i])) return broken("track_ids", i, "it is not JSON");
    for (std::size_t i = 0; i < d_.group_ids.size(); ++i)
      if (!d_.group_ids[i].empty() && !json(d_.group_ids[i])) return broken("group_ids", i, "it is not JSON");
    for (std::size_t i = 0; i < n; ++i)
      if (d_.annotations[i].box_origin == Origin::unplaced && d_.authored_text(to_index<AnnotationIndex>(i)).empty())
        return broken("annotations", i, "it is unplaced, and what was authored is not there");
    return {};
  }

  template <class Row>
  Problem owned_rows(std::string_view column, const Column<Row>& rows) const {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!known(rows[i].owner, Owner::track)) return broken(column, i, "there is no such owner");
      if (rows[i].index >= owners(rows[i].owner))
        return broken(column, i, "there is no such " + std::string(name(rows[i].owner)));
      if (i > 0 && std::pair(rows[i].owner, rows[i].index) < std::pair(rows[i - 1].owner, rows[i - 1].index))
        return broken(column, i, "it stands before the row above it, by owner");
    }
    return {};
  }
  Problem owned() const {
    if (Problem problem = owned_rows("residues", d_.residues)) return problem;
    if (Problem problem = owned_rows("attributes", d_.attributes)) return problem;
    for (std::size_t i = 0; i < d_.residues.size(); ++i)
      if (!holds(d_.residues[i].json) || !object(d_.text(d_.residues[i].json)))
        return broken("residues", i, "it is no JSON object");
    for (std::size_t i = 0; i < d_.attributes.size(); ++i) {
      if (!holds(d_.attributes[i].key)) return broken("attributes", i, "its key lies outside of texts");
      if (!json(d_.attributes[i].value)) return broken("attributes", i, "its value is not JSON");
    }
    return {};
  }

  template <class Row>
  Problem annotated_rows(std::string_view column, const Column<Row>& rows, Text Row::* text) const {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!points(rows[i].annotation, d_.annotations.size())) return broken(column, i, "there is no such annotation");
      if (!holds(rows[i].*text)) return broken(column, i, "its text lies outside of texts");
      if (i > 0 && rows[i].annotation < rows[i - 1].annotation)
        return broken(column, i, "it stands before the row above it, by annotation");
    }
    return {};
  }
  Problem annotated() const {
    if (Problem problem = annotated_rows("text_rows", d_.text_rows, &TextRow::text)) return problem;
    if (Problem problem = annotated_rows("dangling", d_.dangling, &Dangling::json)) return problem;
    if (Problem problem = annotated_rows("lexemes", d_.lexemes, &Lexeme::text)) return problem;
    for (std::size_t i = 0; i < d_.text_rows.size(); ++i)
      if (!known(d_.text_rows[i].role, TextRole::comment)) return broken("text_rows", i, "there is no such role");
    for (std::size_t i = 0; i < d_.dangling.size(); ++i) {
      if (!known(d_.dangling[i].target, Owner::track)) return broken("dangling", i, "there is no such target");
      if (!json(d_.dangling[i].json)) return broken("dangling", i, "its token is not JSON");
    }
    for (std::size_t i = 0; i < d_.lexemes.size(); ++i)
      if (d_.lexemes[i].field >= StyledField::count) return broken("lexemes", i, "there is no such field");
    return {};
  }

  Problem unread() const {
    for (std::size_t i = 0; i < d_.unread.size(); ++i) {
      if (!points(d_.unread[i].file, d_.files.size())) return broken("unread", i, "there is no such file");
      if (!holds(d_.unread[i].text)) return broken("unread", i, "its text lies outside of texts");
      if (i > 0 && d_.unread[i].file < d_.unread[i - 1].file)
        return broken("unread", i, "it stands before the row above it, by file");
    }
    return {};
  }

  Problem tracks() const {
    for (std::size_t i = 0; i < d_.tracks.size(); ++i) {
      const Track& track = d_.tracks[i];
      if (!track.id.empty() && !json(track.id)) return broken("tracks", i, "its id is not JSON");
      if (!points_or_none(track.category, d_.categories.size()))
        return broken("tracks", i, "there is no such category");
      if (!points_or_none(track.video, d_.images.size())) return broken("tracks", i, "there is no such video");
    }
    for (std::size_t i = 0; i < d_.track_states.size(); ++i) {
      const TrackState& state = d_.track_states[i];
      if (!points(state.track, d_.tracks.size())) return broken("track_states", i, "there is no such track");
      if (!points_or_none(state.annotation, d_.annotations.size()))
        return broken("track_states", i, "there is no such annotation");
      if (!known(state.keyframe, Tristate::yes) || !known(state.outside, Tristate::yes))
        return broken("track_states", i, "a flag has no state");
      if (i > 0 && state.track < d_.track_states[i - 1].track)
        return broken("track_states", i, "it stands before the row above it, by track");
    }
    for (std::size_t i = 0; i < d_.relations.size(); ++i) {
      const Relation& relation = d_.relations[i];
      if (!points(relation.from, d_.annotations.size()) || !points(relation.to, d_.annotations.size()))
        return broken("relations", i, "there is no such annotation");
      if (!holds(relation.type)) return broken("relations", i, "its type lies outside of texts");
      if (i > 0 && relation.from < d_.relations[i - 1].from)
        return broken("relations", i, "it stands before the row above it, by its first annotation");
    }
    return {};
  }

  const Dataset& d_;
};

}  // namespace

std::optional<std::string> Dataset::inconsistency() const { return Checker(*this).check(); }

}  // namespace vetset
