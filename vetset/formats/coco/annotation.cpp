// Annotations of one slice of a COCO document: instances, keypoints and captions. What the model cannot hold stays in
// the record's residue as it was written, under its own key.
#include <algorithm>

#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

constexpr auto no_record = none<ImageIndex>;

/// Sizes to go back to, where a record must be read again.
struct Mark {
  std::size_t residues, attributes, text_rows, lexemes, references, notes, tokens;
};

class AnnotationReader {
 public:
  AnnotationReader(const JsonSlice& slice, FileIndex file, const CocoStyles& styles, const Limits& limits)
      : slice_(slice), file_(file), styles_(styles), limits_(limits), record_(part_, slice, limits) {
    d_.annotations.reserve(slice.text.size() / 400 + 8);
    d_.coordinates.reserve(slice.text.size() / 8);
  }

  CocoPart read() {
    JsonCursor& in = record_.in();
    while (in.next_record()) {
      record_.set_index(index());
      if (in.type() != JsonType::object) {
        record_.begin();
        record_.set_index(0xffffffffU);
        in.skip();
        record_.note("FMT401", Severity::error, "expected an object, found another value; it is left out");
        continue;
      }
      const std::size_t begin = in.offset();
      const Mark mark = here();
      read_record(in);
      if (in.failed()) break;
      if (record_.repeated()) read_again(slice_.text.substr(begin, in.offset() - begin), mark);
      finish();
    }
    if (in.failed()) record_.fail();
    return std::move(part_);
  }

 private:
  std::uint32_t index() const { return static_cast<std::uint32_t>(d_.annotations.size()); }
  NumberStyle style(StyledField field) const { return styles_[static_cast<std::size_t>(field)]; }
  Mark here() const {
    return {d_.residues.size(),
            d_.attributes.size(),
            d_.text_rows.size(),
            d_.lexemes.size(),
            part_.references.size(),
            part_.notes.size(),
            d_.annotation_ids.tokens.size()};
  }

  void read_again(std::string_view raw, const Mark& mark) {
    d_.attributes.resize(mark.attributes);
    d_.text_rows.resize(mark.text_rows);
    d_.lexemes.resize(mark.lexemes);
    d_.annotation_ids.tokens.resize(mark.tokens);
    if (d_.annotation_ids.numbers.size() > index()) d_.annotation_ids.numbers.resize(index());
    part_.references.resize(mark.references);
    part_.notes.resize(mark.notes);
    const std::string text = CocoRecord::last_members(raw, limits_);
    JsonCursor in(text, limits_.depth);
    JsonCursor& outer = record_.in();
    record_.restart(in);
    read_record(in);
    record_.note("FMT401", Severity::error, "a key stands more than once in the record; the last one holds");
    record_.restart(outer);
  }

  void read_record(JsonCursor& in) {
    record_.begin();
    a_ = {};
    segmentation_ = {};
    keypoints_ = {};
    area_ = score_ = unstated();
    track_ = {};
    captioned_ = false;
    for (in.enter_object(); in.next_member();) {
      const CocoKey key = coco_key(in.key());
      record_.again(key);
      switch (key) {
        case CocoKey::id: record_.read_id(d_.annotation_ids, index()); break;
        case CocoKey::image_id: a_.image = static_cast<ImageIndex>(read_reference(in, Owner::image)); break;
        case CocoKey::category_id: a_.category = static_cast<CategoryIndex>(read_reference(in, Owner::category)); break;
        case CocoKey::bbox: read_box(in); break;
        case CocoKey::area: area_ = read_scalar(in, StyledField::area); break;
        case CocoKey::score: score_ = read_scalar(in, StyledField::score); break;
        case CocoKey::iscrowd: read_crowd(in); break;
        case CocoKey::segmentation: read_segmentation(in); break;
        case CocoKey::keypoints: read_keypoints(in); break;
        case CocoKey::caption: read_caption(in); break;
        case CocoKey::attributes: read_attributes(in); break;
        case CocoKey::track_id: read_track(in); break;
        default: record_.skip_member();
      }
    }
  }

  /// A record number that fits an index waits there; all else waits in `references`.
  std::uint32_t read_reference(JsonCursor& in, Owner target) {
    const bool number = in.type() == JsonType::number;
    const std::string_view json = in.skip();
    std::optional<std::int64_t> whole;
    if (number) {
      const NumberText n = read_number(json);
      if (n.fits_int64 && n.whole >= 0 && n.whole < static_cast<std::int64_t>(to_size(no_record)))
        return static_cast<std::uint32_t>(n.whole);
      whole = coco_integer(json);
      if (whole && !n.integer) record_.keep_member();
    }
    if (!in.failed()) part_.references.push_back({index(), target, std::string(json), whole});
    return static_cast<std::uint32_t>(no_record);
  }

  const char* at(JsonCursor& in) { return in.text().data() + in.offset(); }
  static const char* end(const JsonCursor& in) { return in.text().data() + in.text().size(); }

  void file_odd(StyledField field) {
    for (const CocoNumbers::Odd& odd : numbers_.odd)
      d_.lexemes.push_back({to_index<AnnotationIndex>(index()), field, odd.slot, d_.add_text(odd.text)});
    numbers_.odd.clear();
  }
  void start_numbers(StyledField field) {
    numbers_.style = style(field);
    numbers_.slot = 0;
    numbers_.odd.clear();
  }

  double read_scalar(JsonCursor& in, StyledField field) {
    if (in.type() != JsonType::number) {
      record_.skip_member();
      return unstated();
    }
    start_numbers(field);
    double value = 0;
    if (const char* const done = numbers_.read_one(at(in), end(in), value)) {
      in.advance(static_cast<std::size_t>(done - at(in)));
    } else {
      value = in.read_number().value;
    }
    file_odd(field);
    return value;
  }

  /// A list of numbers, NaN allowed, appended to the coordinates; nothing, with them as they were, where it is none.
  bool read_numbers(JsonCursor& in, StyledField field) {
    const std::size_t before = d_.coordinates.size();
    start_numbers(field);
    if (in.type() == JsonType::array) {
      if (const char* const done = numbers_.read_list(at(in), end(in), d_.coordinates)) {
        in.advance(static_cast<std::size_t>(done - at(in)));
        return true;
      }
    }
    d_.coordinates.resize(before);
    start_numbers(field);
    const bool list = in.type() == JsonType::array;
    const std::string_view json = in.skip();
    if (!list || in.failed()) return false;
    const std::size_t rings = d_.rings.size();
    const CocoSegmentation found = read_coco_segmentation(json, d_, numbers_, limits_);
    const bool flat = found.shape && found.shape->spelling == Spelling::flat_list;
    d_.rings.resize(rings);
    if (flat) return true;
    d_.coordinates.resize(before);
    numbers_.odd.clear();
    return false;
  }

  void read_box(JsonCursor& in) {
    const std::size_t before = d_.coordinates.size();
    const bool list = read_numbers(in, StyledField::box);
    if (list && d_.coordinates.size() == before + 4) {
      const double* const v = d_.coordinates.data() + before;
      a_.box = {v[0], v[1], v[2], v[3]};
      a_.box_origin = Origin::stated;
      file_odd(StyledField::box);
    } else {
      record_.keep_member();
      record_.note("FMT401", Severity::error, "the bbox is not a list of four numbers");
    }
    d_.coordinates.resize(before);
  }

  void read_crowd(JsonCursor& in) {
    const JsonType type = in.type();
    const std::string_view json = in.skip();
    if (json == "0" || json == "1") return a_.flags.set(Flag::crowd, json == "1");
    record_.keep_member();
    if (type == JsonType::boolean) a_.flags.set(Flag::crowd, json == "true");
    if (type != JsonType::null)
      record_.note("FMT413", Severity::warning, "iscrowd is " + std::string(json.substr(0, 40)) + ", expected 0 or 1");
  }

  void read_segmentation(JsonCursor& in) {
    start_numbers(StyledField::coordinates);
    if (in.type() == JsonType::array && read_polygon(in)) return file_odd(StyledField::coordinates);
    start_numbers(StyledField::coordinates);
    const std::string_view json = in.skip();
    if (in.failed()) return;
    const CocoSegmentation found = read_coco_segmentation(json, d_, numbers_, limits_);
    segmentation_ = found.shape;
    if (found.verbatim) record_.keep_member();
    if (!found.code.empty())
      record_.note(found.code, found.code == "FMT412" ? Severity::error : Severity::warning, found.what);
    file_odd(StyledField::coordinates);
  }

  /// The usual case, read at once: a list of lists of plain numbers.
  bool read_polygon(JsonCursor& in) {
    const std::size_t rings = d_.rings.size();
    const std::size_t coordinates = d_.coordinates.size();
    const char* p = at(in) + 1;
    const char* const stop = end(in);
    const auto space = [&] {
      while (p != stop && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) ++p;
    };
    for (space(); p != stop && *p == '['; space()) {
      const std::size_t begin = d_.coordinates.size();
      p = numbers_.read_list(p, stop, d_.coordinates);
      if (p == nullptr) break;
      d_.rings.push_back({.begin = begin, .count = static_cast<std::uint32_t>(d_.coordinates.size() - begin)});
      space();
      if (p == stop || *p != ',') break;
      ++p;
    }
    const auto count = static_cast<std::uint32_t>(d_.rings.size() - rings);
    if (p == nullptr || p == stop || *p != ']' || count == 0) {
      d_.rings.resize(rings);
      d_.coordinates.resize(coordinates);
      return false;
    }
    const auto length = static_cast<std::size_t>(p + 1 - at(in));
    in.advance(length);
    segmentation_ = Shape{.begin = rings, .count = count, .kind = ShapeKind::polygon};
    return true;
  }

  void read_keypoints(JsonCursor& in) {
    const std::size_t before = d_.coordinates.size();
    const bool list = read_numbers(in, StyledField::keypoints);
    const std::size_t count = d_.coordinates.size() - before;
    if (list && count % 3 == 0) {
      keypoints_ = Shape{.begin = before,
                         .count = static_cast<std::uint32_t>(count),
                         .kind = ShapeKind::keypoints,
                         .spelling = count == 0 ? Spelling::empty_list : Spelling::usual};
      return file_odd(StyledField::keypoints);
    }
    d_.coordinates.resize(before);
    numbers_.odd.clear();
    record_.keep_member();
    record_.note("FMT414", Severity::warning,
                 list ? "keypoints have " + std::to_string(count) + " numbers, expected three a point"
                      : "keypoints are not a list of numbers");
  }

  void read_caption(JsonCursor& in) {
    const auto text = record_.read_text();
    if (!text || in.failed()) return;
    captioned_ = true;
    d_.text_rows.push_back({to_index<AnnotationIndex>(index()), TextRole::caption, d_.add_text(*text)});
  }

  void read_attributes(JsonCursor& in) {
    if (in.type() != JsonType::object) return record_.skip_member();
    bool any = false;
    for (in.enter_object(); in.next_member(); any = true) {
      const Text key = d_.add_text(in.key());
      d_.attributes.push_back({Owner::annotation, index(), key, d_.add_text(in.skip())});
    }
    if (!any && !in.failed()) record_.keep("\"attributes\":{}");
  }

  void read_track(JsonCursor& in) { track_ = d_.add_text(in.skip()); }

  ShapeIndex add_shapes() {
    const auto first = to_index<ShapeIndex>(d_.shapes.size());
    if (segmentation_) d_.shapes.push_back(*segmentation_);
    if (!keypoints_) return segmentation_ ? first : none<ShapeIndex>;
    if (segmentation_) d_.shapes.back().next = to_index<ShapeIndex>(d_.shapes.size());
    d_.shapes.push_back(*keypoints_);
    return first;
  }

  Kind kind() const {
    if (keypoints_ && keypoints_->count > 0) return Kind::keypoints;
    if (captioned_) return Kind::caption;
    if (segmentation_ && segmentation_->kind == ShapeKind::mask) return Kind::mask;
    if (segmentation_ && segmentation_->kind == ShapeKind::polygon) {
      const auto rings = d_.rings.slice(segmentation_->begin, segmentation_->count);
      if (std::any_of(rings.begin(), rings.end(), [](const Ring& r) { return r.count > 0; })) return Kind::polygon;
    }
    if (a_.box_origin == Origin::stated) return Kind::box;
    const bool classified =
        a_.category != none<CategoryIndex> ||
        std::any_of(part_.references.rbegin(), part_.references.rend(),
                    [this](const CocoReference& r) { return r.record == index() && r.target == Owner::category; });
    return classified ? Kind::tag : Kind::unspecified;
  }

  template <class T>
  void push_rare(Column<T>& column, T value, bool said, T absent) {
    if (column.empty() && !said) return;
    column.resize(index(), absent);
    column.push_back(value);
  }

  void finish() {
    if (d_.annotation_ids.numbers.size() <= index() && !d_.annotation_ids.numbers.empty())
      d_.annotation_ids.numbers.resize(index() + 1, Ids::absent);
    push_rare(d_.areas, area_, !is_unstated(area_), unstated());
    push_rare(d_.scores, score_, !is_unstated(score_), unstated());
    push_rare(d_.track_ids, track_, !track_.empty(), Text{});
    record_.end(Owner::annotation, index());
    a_.shape = add_shapes();
    a_.kind = kind();
    d_.annotation_positions.push_back(Position::at(file_, record_.offset()));
    d_.annotations.push_back(a_);
  }

  const JsonSlice& slice_;
  FileIndex file_;
  const CocoStyles& styles_;
  const Limits& limits_;
  CocoPart part_;
  Dataset& d_ = part_.dataset;
  CocoRecord record_;
  CocoNumbers numbers_;
  // The record that is open.
  Annotation a_;
  std::optional<Shape> segmentation_, keypoints_;
  double area_ = 0, score_ = 0;
  Text track_;
  bool captioned_ = false;
};

}  // namespace

CocoPart read_coco_annotations(const JsonSlice& slice, FileIndex file, const CocoStyles& styles, const Limits& limits) {
  return AnnotationReader(slice, file, styles, limits).read();
}

}  // namespace vetset
