#include "vetset/dataset/instances.h"

#include <algorithm>
#include <cmath>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/dataset/instance_masks.h"

namespace vetset {
namespace {

/// Rows of one piece of work: large enough to be worth a call, small enough that masks share the threads evenly.
constexpr std::size_t grain = 1024;
constexpr std::uint64_t most_keypoint_bytes = 8ULL << 30;

void set(std::uint8_t& bits, Said bit) { bits |= static_cast<std::uint8_t>(bit); }
void set(std::uint8_t& bits, Mark bit) { bits |= static_cast<std::uint8_t>(bit); }

/// What COCO's records say under keys that the model does not have.
struct OddKeys {
  bool says_crowd = false, crowd = false, ignore = false;
  std::optional<double> keypoints;
};

/// Whether Python takes a value for true.
bool is_true(JsonCursor& in) {
  switch (in.type()) {
    case JsonType::boolean: return in.read_bool();
    case JsonType::number: return in.read_number().value != 0;
    default: in.skip(); return false;
  }
}

void read_odd_keys(std::string_view json, OddKeys& odd) {
  if (json.find("\"ignore\"") == std::string_view::npos && json.find("\"iscrowd\"") == std::string_view::npos &&
      json.find("\"num_keypoints\"") == std::string_view::npos)
    return;
  JsonCursor in(json);
  if (in.type() != JsonType::object) return;
  for (in.enter_object(); in.next_member();) {
    const std::string key(in.key());
    if (key == "ignore") {
      odd.ignore = is_true(in);
    } else if (key == "iscrowd") {
      odd.says_crowd = in.type() == JsonType::boolean || in.type() == JsonType::number;
      odd.crowd = is_true(in);
    } else if (key == "num_keypoints" && in.type() == JsonType::number) {
      odd.keypoints = in.read_number().value;
    } else {
      in.skip();
    }
  }
}

/// Numbers of a point in a shape's list: x y, or x y v.
std::size_t step_of(const Shape& keypoints) { return keypoints.two ? 2 : 3; }

const Shape* keypoints_of(const Dataset& d, const Annotation& a) {
  return a.shape == none<ShapeIndex> ? nullptr : d.find_shape(a, ShapeKind::keypoints);
}

class InstanceReader {
 public:
  InstanceReader(const Dataset& d, const InstancesWanted& wanted) : d_(d), wanted_(wanted) {}

  Result<Instances> read(const Pool& pool, Findings& findings) {
    VETSET_DO(make_room());
    choose_images();
    const std::size_t count = d_.annotations.size();
    std::vector<Piece> pieces((count + grain - 1) / grain);
    pool.for_each(pieces.size(), [&](std::size_t p) {
      MaskDrawer drawer(d_);
      for (std::size_t i = p * grain; i < std::min(count, (p + 1) * grain); ++i) read_row(i, drawer, pieces[p]);
    });
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      for (std::size_t i = p * grain; wanted_.masks && i < std::min(count, (p + 1) * grain); ++i)
        out_.mask[i].begin += out_.mask_text.size();
      out_.mask_text.append({pieces[p].text.data(), pieces[p].text.size()});
      std::string().swap(pieces[p].text);
      for (Finding& finding : pieces[p].findings) findings.add(std::move(finding));
    }
    return std::move(out_);
  }

 private:
  /// What one piece of work makes besides its rows.
  struct Piece {
    std::string text;
    std::vector<Finding> findings;
  };

  Result<void> make_room() {
    const std::size_t count = d_.annotations.size();
    out_.image.resize(count, no_number);
    out_.category.resize(count, no_number);
    out_.box.resize(count);
    out_.area.resize(count, unstated());
    if (!d_.scores.empty()) out_.score.resize(count, unstated());
    if (!d_.annotation_ids.numbers.empty()) out_.id.resize(count, Ids::absent);
    out_.said.resize(count);
    out_.marks.resize(count);
    if (wanted_.masks) out_.mask.resize(count);
    if (!wanted_.keypoints) return {};
    for (const Annotation& a : d_.annotations)
      if (const Shape* const points = keypoints_of(d_, a); points != nullptr)
        out_.points = std::max(out_.points, static_cast<std::uint32_t>(points->count / step_of(*points)));
    if (out_.points > most_keypoint_bytes / (3 * sizeof(double)) / std::max<std::size_t>(count, 1))
      return Error{Code::limit, std::to_string(out_.points) + " keypoints in one of " + std::to_string(count) +
                                    " annotations are more than are compared"};
    out_.keypoints.resize(3 * std::size_t{out_.points} * count);
    return {};
  }

  void choose_images() {
    if (wanted_.splits.empty()) return;
    chosen_.resize(d_.images.size());
    for (const SplitIndex s : wanted_.splits)
      for (const Membership& m : d_.members(s)) chosen_[to_size(m.image)] = true;
  }

  void read_row(std::size_t i, MaskDrawer& drawer, Piece& piece) {
    const Annotation& a = d_.annotations[i];
    const auto index = to_index<AnnotationIndex>(i);
    if (!out_.id.empty()) out_.id[i] = d_.annotation_ids[i];
    const bool boxed = read_box(a, i);
    const bool masked = wanted_.masks && read_mask(a, i, drawer, piece);
    const bool pointed = read_keypoints(a, i);
    const bool shaped = a.shape != none<ShapeIndex> && (d_.find_shape(a, ShapeKind::polygon) != nullptr ||
                                                        d_.find_shape(a, ShapeKind::mask) != nullptr);
    if (const bool placed = boxed || masked || pointed || shaped; !placed) return;
    if (a.image != none<ImageIndex> && (chosen_.empty() || chosen_[to_size(a.image)]))
      out_.image[i] = static_cast<std::uint32_t>(a.image);
    out_.category[i] = static_cast<std::uint32_t>(a.category);
    read_area(a, index);
    if (const double score = d_.score(index); !is_unstated(score)) {
      out_.score[i] = score;
      set(out_.said[i], Said::score);
    }
    read_marks(a, index, pointed);
  }

  bool read_box(const Annotation& a, std::size_t i) {
    std::optional<Box> box;
    if (a.box_origin == Origin::stated || a.box_origin == Origin::derived) box = a.box;
    if (a.box_origin == Origin::stated) set(out_.said[i], Said::box);
    if (!box && a.shape != none<ShapeIndex>) box = shape_box(d_, a);
    if (box) out_.box[i] = *box;
    return box.has_value();
  }

  bool read_mask(const Annotation& a, std::size_t i, MaskDrawer& drawer, Piece& piece) {
    if (is_of_four(d_, a)) set(out_.marks[i], Mark::polygon_of_four);
    MaskDrawer::Drawn drawn = drawer.draw(a);
    if (!drawn.fault.empty())
      piece.findings.push_back({.code = "FMT412",
                                .severity = Severity::error,
                                .where = to_index<AnnotationIndex>(i),
                                .message = std::move(drawn.fault)});
    if (drawn.height == 0 || drawn.width == 0) return false;
    const std::string text = coco_string_of(drawer.counts());
    out_.mask[i] = {.begin = piece.text.size(),
                    .size = static_cast<std::uint32_t>(text.size()),
                    .height = drawn.height,
                    .width = drawn.width};
    piece.text += text;
    set(out_.said[i], Said::mask);
    return true;
  }

  bool read_keypoints(const Annotation& a, std::size_t i) {
    const Shape* const points = keypoints_of(d_, a);
    if (points == nullptr || points->count == 0) return false;
    set(out_.said[i], Said::keypoints);
    if (!wanted_.keypoints) return true;
    const std::span<const double> numbers = d_.numbers_of(*points);
    double* to = out_.keypoints.data() + 3 * std::size_t{out_.points} * i;
    const std::size_t step = step_of(*points);
    for (std::size_t n = 0; n + step <= numbers.size(); n += step, to += 3) {
      to[0] = numbers[n];
      to[1] = numbers[n + 1];
      to[2] = points->two ? 2 : numbers[n + 2];
    }
    return true;
  }

  void read_area(const Annotation& a, AnnotationIndex index) {
    double& area = out_.area[to_size(index)];
    area = d_.area(index);
    if (!is_unstated(area)) return set(out_.said[to_size(index)], Said::area);
    const Box& box = out_.box[to_size(index)];
    area = shape_area(d_, a).value_or(box.width * box.height);
  }

  void read_marks(const Annotation& a, AnnotationIndex index, bool pointed) {
    OddKeys odd;
    if (!d_.residues.empty())
      for (const Residue& row : d_.residues_of(Owner::annotation, to_size(index)))
        read_odd_keys(d_.text(row.json), odd);
    std::uint8_t& marks = out_.marks[to_size(index)];
    if (a.flags[Flag::crowd] != Tristate::not_said || odd.says_crowd) set(out_.said[to_size(index)], Said::crowd);
    if (a.flags.is(Flag::crowd) || odd.crowd) set(marks, Mark::crowd);
    if (a.flags.is(Flag::ignore) || odd.ignore) set(marks, Mark::ignore);
    if (!odd.keypoints) odd.keypoints = pointed ? labelled_points(a) : 0;
    if (*odd.keypoints == 0) set(marks, Mark::no_keypoints);
  }

  double labelled_points(const Annotation& a) const {
    const Shape& points = *keypoints_of(d_, a);
    const std::span<const double> numbers = d_.numbers_of(points);
    if (points.two) return static_cast<double>(numbers.size() / 2);
    double labelled = 0;
    for (std::size_t n = 2; n < numbers.size(); n += 3) labelled += numbers[n] > 0 ? 1 : 0;
    return labelled;
  }

  const Dataset& d_;
  const InstancesWanted& wanted_;
  std::vector<bool> chosen_;  // images of the wanted splits; empty: all
  Instances out_;
};

}  // namespace

InstancesView Instances::view() const {
  return {.count = image.size(),
          .image = image,
          .category = category,
          .box = box,
          .area = area,
          .score = score,
          .id = id,
          .said = said,
          .marks = marks,
          .mask = mask,
          .mask_text = mask_text,
          .keypoints = keypoints,
          .points = points};
}

Result<Instances> instances_of(const Dataset& d, const InstancesWanted& wanted, const Pool& pool, Findings& findings) {
  return InstanceReader(d, wanted).read(pool, findings);
}

}  // namespace vetset
