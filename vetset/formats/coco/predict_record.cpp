// One record of results by all the rules of JSON: keys that repeat, ids of any kind, masks in each of COCO's spellings.
// What makes a record useless is told with what stands there.
#include <cmath>

#include "vetset/formats/coco/predict.h"

namespace vetset::coco_results_parts {
namespace {

using Seen = PredictedRecord;

std::string shown(std::string_view json) {
  constexpr std::size_t most = 40;
  return json.size() <= most ? std::string(json) : std::string(json.substr(0, most)) + "…";
}

class RecordReader {
 public:
  RecordReader(JsonCursor& in, std::string_view text, PredictedPiece& piece, PredictedRecord& record,
               const Limits& limits)
      : in_(in), text_(text), piece_(piece), record_(record), limits_(limits) {}

  std::optional<PredictedFault> read() {
    if (in_.type() != JsonType::object) {
      const std::string_view json = in_.skip();
      return PredictedFault{"FMT401", "expected an object, found " + shown(json)};
    }
    for (in_.enter_object(); in_.next_member();) {
      switch (coco_key(in_.key())) {
        case CocoKey::image_id: read_id(Seen::seen_image, "image_id", record_.image, record_.image_token); break;
        case CocoKey::category_id:
          read_id(Seen::seen_category, "category_id", record_.category, record_.category_token);
          break;
        case CocoKey::score: read_score(); break;
        case CocoKey::bbox: box_ = in_.skip(); break;
        case CocoKey::segmentation: shape_ = in_.skip(); break;
        case CocoKey::keypoints: points_ = in_.skip(); break;
        case CocoKey::file_name: read_name(); break;
        default: in_.skip();
      }
    }
    if (in_.failed()) return fault_;
    // Of keys that repeat the last holds, so these are looked at once it is known which.
    read_box();
    read_shape();
    read_points();
    require(Seen::seen_image, "image_id");
    require(Seen::seen_category, "category_id");
    require(Seen::seen_score, "score");
    if ((record_.seen & (Seen::seen_box | Seen::seen_shape | Seen::seen_points)) == 0)
      refuse("FMT401", "the record has neither a bbox nor a segmentation nor keypoints");
    return fault_;
  }

 private:
  /// The first fault is the one that is told.
  void refuse(std::string_view code, std::string what) {
    if (!fault_) fault_ = PredictedFault{code, std::move(what)};
  }
  void require(std::uint32_t key, std::string_view name) {
    if ((record_.seen & key) == 0) refuse("FMT401", "the record has no " + std::string(name));
  }
  void set(std::uint32_t key, bool is_there) { record_.seen = is_there ? record_.seen | key : record_.seen & ~key; }

  void read_id(std::uint32_t key, std::string_view name, std::int64_t& id, std::string& token) {
    const JsonType type = in_.type();
    const std::string_view json = in_.skip();
    set(key, type == JsonType::number || type == JsonType::string);
    if ((record_.seen & key) == 0)
      refuse("FMT401", "the " + std::string(name) + " is " + shown(json) + ", expected a number or a string");
    const std::optional<std::int64_t> whole = type == JsonType::number ? coco_integer(json) : std::nullopt;
    id = whole && *whole > Ids::odd ? *whole : Ids::odd;
    token = id == Ids::odd ? std::string(json) : std::string();
  }

  void read_score() {
    const bool number = in_.type() == JsonType::number;
    set(Seen::seen_score, number);
    if (number) {
      record_.score = in_.read_number().value;
      return;
    }
    const std::string_view json = in_.skip();
    refuse("FMT401", "the score is " + shown(json) + ", expected a number");
  }

  void read_name() {
    const bool text = in_.type() == JsonType::string;
    const std::string_view json = in_.skip();
    const bool plain = text && json.size() >= 2 && json.find('\\') == std::string_view::npos;
    set(Seen::seen_name, plain);
    if (plain)
      record_.name = {static_cast<std::uint32_t>(json.data() + 1 - text_.data()),
                      static_cast<std::uint32_t>(json.size() - 2)};
  }

  static bool says_nothing(std::string_view json) {
    if (json.empty() || json == "null") return true;
    JsonCursor in(json);
    if (in.type() != JsonType::array) return false;
    in.enter_array();
    return !in.next_element();
  }

  /// Numbers of a list, NaN among them; nothing where it is no such list.
  std::optional<std::vector<double>> numbers(std::string_view json) const {
    std::vector<double> values;
    JsonCursor in(json, limits_.depth);
    if (in.type() != JsonType::array) return {};
    for (in.enter_array(); in.next_element();) {
      if (in.type() != JsonType::number) return {};
      values.push_back(in.read_number().value);
    }
    return in.failed() ? std::nullopt : std::optional(std::move(values));
  }

  void read_box() {
    set(Seen::seen_box, false);
    if (says_nothing(box_)) return;
    const auto values = numbers(box_);
    if (!values || values->size() != 4)
      return refuse("FMT401", "the bbox is " + shown(box_) + ", expected four numbers");
    for (const double value : *values)
      if (!std::isfinite(value)) return refuse("FMT408", "the bbox is " + shown(box_) + ", expected finite numbers");
    record_.box = {(*values)[0], (*values)[1], (*values)[2], (*values)[3]};
    set(Seen::seen_box, true);
  }

  /// A compressed mask is taken as it is: whoever draws it says whether it can be drawn.
  bool take_compressed() {
    JsonCursor in(shape_, limits_.depth);
    if (in.type() != JsonType::object) return false;
    std::vector<double> size;
    std::optional<std::string> counts;
    for (in.enter_object(); in.next_member();) {
      if (in.key() == "size") {
        size = numbers(in.skip()).value_or(std::vector<double>());
      } else if (in.key() == "counts" && in.type() == JsonType::string) {
        counts = in.read_string();
      } else {
        in.skip();
      }
    }
    const auto is_side = [](double side) { return side >= 0 && side <= 0xffffffffU && side == std::floor(side); };
    if (!counts || size.size() != 2 || !is_side(size[0]) || !is_side(size[1])) return false;
    if (size[0] * size[1] > static_cast<double>(limits_.mask_pixels)) return false;
    keep_mask(*counts, static_cast<std::uint32_t>(size[0]), static_cast<std::uint32_t>(size[1]));
    return true;
  }

  void keep_mask(std::string_view counts, std::uint32_t height, std::uint32_t width) {
    Column<char>& text = piece_.rows.mask_text;
    record_.mask = {
        .begin = text.size(), .size = static_cast<std::uint32_t>(counts.size()), .height = height, .width = width};
    text.append(counts);
    set(Seen::seen_shape, true);
  }

  void read_shape() {
    set(Seen::seen_shape, false);
    if (says_nothing(shape_) || take_compressed()) return;
    Dataset drawn;
    CocoNumbers spelled;
    const CocoSegmentation found = read_coco_segmentation(shape_, drawn, spelled, limits_);
    if (!found.shape) return refuse(found.code, found.what);
    if (found.shape->kind == ShapeKind::mask) {
      const Mask& mask = drawn.masks[static_cast<std::size_t>(found.shape->begin)];
      return keep_mask(coco_string_of(drawn.counts_of(mask)), mask.height, mask.width);
    }
    if (found.shape->kind != ShapeKind::polygon || found.shape->count == 0) return;
    if (found.shape->spelling == Spelling::flat_list)
      return refuse("FMT411", "the segmentation is one list of numbers, expected a list of polygons");
    record_.outline = static_cast<std::uint32_t>(shape_.size());
    piece_.rows.mask_text.append(shape_);
    set(Seen::seen_shape, true);
  }

  void read_points() {
    set(Seen::seen_points, false);
    if (says_nothing(points_)) return;
    const auto values = numbers(points_);
    if (!values) return refuse("FMT414", "keypoints are " + shown(points_) + ", expected a list of numbers");
    piece_.rows.keypoints.append(*values);
    set(Seen::seen_points, true);
  }

  JsonCursor& in_;
  std::string_view text_;
  PredictedPiece& piece_;
  PredictedRecord& record_;
  const Limits& limits_;
  std::string_view box_, shape_, points_;
  std::optional<PredictedFault> fault_;
};

}  // namespace

std::optional<PredictedFault> read_predicted_record(JsonCursor& in, std::string_view text, PredictedPiece& piece,
                                                    PredictedRecord& record, const Limits& limits) {
  return RecordReader(in, text, piece, record, limits).read();
}

}  // namespace vetset::coco_results_parts
