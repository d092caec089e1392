#include "vetset/dataset/predictions.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/dataset/instance_masks.h"

namespace vetset {
namespace {

constexpr std::size_t grain = 1024;

/// Records of one kind that rows name, in the order in which they appear.
class Names {
 public:
  Names(const Dataset& d, const Ids& ids, std::size_t records) : d_(d), ids_(ids), position_(records, no_number) {}

  /// The position of a record; `name` gives its name where it is new.
  template <class Name>
  std::uint32_t of(std::size_t record, std::size_t row, const Name& name) {
    std::uint32_t& position = position_[record];
    if (position == no_number) {
      position = add(row);
      names_.back().id = ids_[record];
      if (names_.back().id == Ids::odd) names_.back().token = d_.id_json(ids_, record);
      names_.back().name = name();
    }
    return position;
  }
  /// The position of a record that is not there, by what was written of it.
  std::uint32_t of(std::string_view json, std::size_t row) {
    const auto [known, is_new] = dangling_.try_emplace(std::string(json), no_number);
    if (is_new) {
      known->second = add(row);
      const NumberText number = read_number(json);
      const bool whole = number.length == json.size() && number.fits_int64 && number.whole > Ids::odd;
      names_.back().id = whole ? number.whole : Ids::odd;
      if (!whole) names_.back().token = json;
    }
    return known->second;
  }
  std::vector<PredictedName> take() && { return std::move(names_); }

 private:
  std::uint32_t add(std::size_t row) {
    names_.push_back({.first = row});
    if (!d_.annotation_positions.empty() && d_.annotation_positions[row].known()) {
      const Position at = d_.annotation_positions[row];
      names_.back().where = {.file = std::string(d_.path(at.file())), .offset = at.offset()};
    }
    return static_cast<std::uint32_t>(names_.size() - 1);
  }

  const Dataset& d_;
  const Ids& ids_;
  std::vector<std::uint32_t> position_;
  std::map<std::string, std::uint32_t, std::less<>> dangling_;
  std::vector<PredictedName> names_;
};

/// Rows name what they are of by positions in lists.
void name_rows(const Dataset& d, Predictions& p) {
  Names images(d, d.image_ids, d.images.size()), categories(d, d.category_ids, d.categories.size());
  for (std::size_t i = 0; i < p.rows.size(); ++i) {
    std::uint32_t &image = p.rows.image[i], &category = p.rows.category[i];
    if (image != no_number) image = images.of(image, i, [&] { return std::string(d.text(d.images[image].path)); });
    if (category != no_number) category = categories.of(category, i, [&] { return d.categories[category].name; });
    if (d.dangling.empty() || p.rows.said[i] == 0) continue;
    for (const Dangling& lost : d.dangling_of(to_index<AnnotationIndex>(i))) {
      if (lost.target == Owner::image) image = images.of(d.text(lost.json), i);
      if (lost.target == Owner::category) category = categories.of(d.text(lost.json), i);
    }
  }
  p.images = std::move(images).take();
  p.categories = std::move(categories).take();
}

/// Outer rings as COCO has polygons; nothing where one is a hole, which COCO's do not have, or has an odd number.
std::string outline_of(const Dataset& d, const Annotation& a) {
  std::string json;
  for (ShapeIndex s = a.shape; s != none<ShapeIndex>; s = d[s].next) {
    if (d[s].kind != ShapeKind::polygon) continue;
    for (const Ring& ring : d.rings_of(d[s])) {
      if (ring.role == RingRole::hole) return {};
      json += json.empty() ? "[[" : ",[";
      const std::span<const double> numbers = d.coordinates_of(ring);
      for (std::size_t n = 0; n < numbers.size(); ++n) {
        if (!std::isfinite(numbers[n])) return {};
        if (n > 0) json += ',';
        append_number(json, numbers[n]);
      }
      json += ']';
    }
  }
  return json.empty() ? json : json + ']';
}

/// Masks as they are, polygons as text: they belong to images of the truth, whose size may not be known here.
class ShapeReader {
 public:
  ShapeReader(const Dataset& d, Predictions& p) : d_(d), p_(p) {}

  void read(const Pool& pool) {
    const std::size_t count = p_.rows.size();
    if (d_.shapes.empty()) return;
    p_.rows.mask.resize(count);
    std::vector<Piece> pieces((count + grain - 1) / grain);
    pool.for_each(pieces.size(), [&](std::size_t k) {
      MaskDrawer drawer(d_);
      for (std::size_t i = k * grain; i < std::min(count, (k + 1) * grain); ++i) read_row(i, drawer, pieces[k]);
    });
    for (std::size_t k = 0; k < pieces.size(); ++k) {
      const std::uint64_t begin = p_.rows.mask_text.size();
      for (std::size_t i = k * grain; i < std::min(count, (k + 1) * grain); ++i) p_.rows.mask[i].begin += begin;
      for (PredictedOutline& outline : pieces[k].outlines) {
        outline.begin += begin;
        p_.outlines.push_back(outline);
      }
      p_.rows.mask_text.append({pieces[k].text.data(), pieces[k].text.size()});
      for (Finding& finding : pieces[k].findings) p_.findings.push_back(std::move(finding));
      pieces[k] = {};
    }
  }

 private:
  struct Piece {
    std::string text;
    std::vector<PredictedOutline> outlines;
    std::vector<Finding> findings;
  };

  void read_row(std::size_t i, MaskDrawer& drawer, Piece& piece) {
    const Annotation& a = d_.annotations[i];
    std::string text = is_outline(d_, a) ? outline_of(d_, a) : std::string();
    if (!text.empty()) {
      piece.outlines.push_back({.row = i, .begin = piece.text.size(), .size = static_cast<std::uint32_t>(text.size())});
    } else {
      MaskDrawer::Drawn drawn = drawer.draw(a);
      if (drawn.height == 0 || drawn.width == 0) {
        if (!drawn.fault.empty()) piece.findings.push_back(finding_of(i, std::move(drawn.fault)));
        return;
      }
      text = coco_string_of(drawer.counts());
      p_.rows.mask[i] = {.begin = piece.text.size(),
                         .size = static_cast<std::uint32_t>(text.size()),
                         .height = drawn.height,
                         .width = drawn.width};
    }
    piece.text += text;
    std::uint8_t& said = p_.rows.said[i];
    said |= static_cast<std::uint8_t>(Said::mask);
  }

  Finding finding_of(std::size_t row, std::string what) const {
    return {.code = "FMT412",
            .severity = Severity::error,
            .where = to_index<AnnotationIndex>(row),
            .message = std::move(what)};
  }

  const Dataset& d_;
  Predictions& p_;
};

}  // namespace

Result<Predictions> predictions_of(const Dataset& d, const Pool& pool) {
  Findings findings;
  VETSET_TRY(Instances rows, instances_of(d, {.masks = false, .keypoints = true}, pool, findings));
  Predictions p{.rows = std::move(rows), .images = {}, .categories = {}};
  p.format = d.format;
  p.records = d.annotations.size();
  if (p.rows.score.empty()) p.rows.score.resize(p.rows.size(), unstated());
  ShapeReader(d, p).read(pool);
  name_rows(d, p);
  for (const File& file : d.files) p.files.push_back({.path = std::string(d.text(file.path))});
  if (p.rows.size() > 0) p.first_said = p.rows.said[0];
  return p;
}

}  // namespace vetset
