// One shape, tag or skeleton of a document as an annotation. What cannot be held is a finding with its place.
#include <algorithm>
#include <cmath>
#include <span>

#include "vetset/base/json.h"
#include "vetset/formats/cvat/cvat.h"

namespace vetset::cvat_parts {
namespace {

/// The attributes of one element, and which of them have been taken.
class Said {
 public:
  explicit Said(XmlNode element) : offset_(element.offset()) {
    element.each_attribute([&](std::string_view name, std::string_view value) { all_.push_back({name, value}); });
  }
  std::optional<std::string_view> take(std::string_view name) {
    for (One& one : all_)
      if (one.name == name && !one.taken) {
        one.taken = true;
        return one.value;
      }
    return std::nullopt;
  }
  /// Nothing, and what is wrong in `fault`, where it is not there or no number.
  std::optional<double> number(std::string_view name, std::string& fault) {
    const auto text = take(name);
    if (text)
      if (const NumberText n = read_loose_number(*text); n.length > 0 && n.length == text->size()) return n.value;
    if (fault.empty())
      fault = text ? std::string(name) + " is '" + std::string(text->substr(0, 40)) + "', expected a number"
                   : "has no " + std::string(name);
    return std::nullopt;
  }
  std::size_t offset() const { return offset_; }
  template <class Visit>
  void each_left(Visit visit) const {
    for (const One& one : all_)
      if (!one.taken) visit(one.name, one.value);
  }

 private:
  struct One {
    std::string_view name, value;
    bool taken = false;
  };
  std::vector<One> all_;
  std::size_t offset_;
};

/// "x,y;x,y": nothing where a piece is no number.
std::optional<std::vector<double>> points_in(std::string_view text) {
  std::vector<double> points;
  for (char expected = ','; !text.empty(); expected = expected == ',' ? ';' : ',') {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    const NumberText n = read_loose_number(text);
    if (n.length == 0) return std::nullopt;
    points.push_back(n.value);
    text.remove_prefix(n.length);
    if (text.empty()) break;
    if (text.front() != expected) return std::nullopt;
    text.remove_prefix(1);
  }
  if (points.size() % 2 != 0) return std::nullopt;
  return points;
}

class ShapeReader {
 public:
  ShapeReader(XmlNode element, std::string_view label, const Frame& frame, const Skeletons& skeletons,
              const Limits& limits, Parsed& into)
      : element_(element),
        said_(element),
        track_label_(label),
        frame_(frame),
        skeletons_(skeletons),
        limits_(limits),
        into_(into),
        d_(into.part) {}

  bool read() {
    label_ = std::string(track_label_);
    if (const auto own = said_.take("label")) label_ = *own;
    if (label_.empty())
      report(into_.findings, "FMT402", Severity::error, frame_, said_.offset(),
             "the " + std::string(element_.name()) + " has no label", "write the name of its class");
    const std::size_t shapes = d_.shapes.size(), rings = d_.rings.size(), numbers = d_.coordinates.size();
    const std::size_t masks = d_.masks.size(), runs = d_.runs.size();
    if (!read_geometry()) {
      d_.shapes.resize(shapes);
      d_.rings.resize(rings);
      d_.coordinates.resize(numbers);
      d_.masks.resize(masks);
      d_.runs.resize(runs);
      report(into_.findings, "FMT401", Severity::error, frame_, said_.offset(),
             "the " + std::string(element_.name()) + " " + fault_ + ": it is not read",
             "mend the shape, or take it out");
      return false;
    }
    finish();
    return true;
  }

 private:
  bool wrong(std::string why) {
    if (fault_.empty()) fault_ = std::move(why);
    return false;
  }

  bool read_geometry() {
    const std::string_view name = element_.name();
    a_.image = frame_.image;
    if (name == "tag") {
      a_.kind = Kind::tag;
      return true;
    }
    if (name == "box") return read_box();
    if (name == "ellipse") return read_ellipse();
    if (name == "cuboid") return read_cuboid();
    if (name == "mask") return read_mask();
    if (name == "skeleton") return read_skeleton();
    const auto text = said_.take("points");
    if (!text) return wrong("has no points");
    const auto points = points_in(*text);
    if (!points) return wrong("has points '" + std::string(text->substr(0, 40)) + "', expected x,y;x,y");
    if (points->empty()) return wrong("has no points");
    if (name == "points") return take_points(*points);
    const bool polygon = name == "polygon";
    a_.kind = polygon ? Kind::polygon : Kind::polyline;
    d_.rings.push_back({.begin = d_.coordinates.size(),
                        .count = static_cast<std::uint32_t>(points->size()),
                        .role = RingRole::outer,
                        .closed = polygon});
    d_.coordinates.append(*points);
    shape(polygon ? ShapeKind::polygon : ShapeKind::polyline, d_.rings.size() - 1, 1);
    return derive_box();
  }

  Shape& shape(ShapeKind kind, std::size_t begin, std::size_t count) {
    a_.shape = to_index<ShapeIndex>(d_.shapes.size());
    d_.shapes.push_back({.begin = begin, .count = static_cast<std::uint32_t>(count), .kind = kind});
    return d_.shapes.back();
  }
  Shape& numbers(std::span<const double> values, ShapeKind kind = ShapeKind::numbers) {
    const std::size_t begin = d_.coordinates.size();
    d_.coordinates.append(values);
    return shape(kind, begin, values.size());
  }
  bool derive_box() {
    if (const auto around = shape_box(d_, a_)) box(*around);
    return true;
  }
  void box(const Box& b) {
    a_.box = b;
    a_.box_origin = Origin::derived;
  }

  /// Numbers of so many attributes.
  template <std::size_t count>
  bool take(const std::string_view (&names)[count], double (&values)[count]) {
    for (std::size_t k = 0; k < count; ++k) {
      const auto n = said_.number(names[k], fault_);
      if (!n) return false;
      values[k] = *n;
    }
    return true;
  }
  /// Degrees; 0 where it does not turn.
  std::optional<double> rotation() {
    const auto text = said_.take("rotation");
    if (!text) return 0;
    const NumberText n = read_loose_number(*text);
    if (n.length == text->size() && n.length > 0) return n.value;
    wrong("has the rotation '" + std::string(text->substr(0, 40)) + "', expected degrees");
    return std::nullopt;
  }

  bool read_box() {
    double n[4];
    if (!take({"xtl", "ytl", "xbr", "ybr"}, n)) return false;
    const auto degrees = rotation();
    if (!degrees) return false;
    const Box upright{n[0], n[1], n[2] - n[0], n[3] - n[1]};
    a_.kind = Kind::box;
    if (*degrees == 0) {
      a_.box = upright;
      a_.box_origin = Origin::stated;
      return true;
    }
    a_.kind = Kind::rotated_box;
    const double five[] = {n[0] + upright.width / 2, n[1] + upright.height / 2, upright.width, upright.height,
                           *degrees};
    numbers(five);
    return derive_box();
  }

  bool read_ellipse() {
    double n[4];
    if (!take({"cx", "cy", "rx", "ry"}, n)) return false;
    const auto degrees = rotation();
    if (!degrees) return false;
    a_.kind = Kind::ellipse;
    const double five[] = {n[0], n[1], n[2], n[3], *degrees};
    numbers(std::span(five, *degrees == 0 ? 4 : 5));
    box(box_of(DrawnEllipse{n[0], n[1], n[2], n[3], *degrees}));
    return true;
  }

  bool read_cuboid() {
    double n[16];
    if (!take({"xtl1", "ytl1", "xbl1", "ybl1", "xtr1", "ytr1", "xbr1", "ybr1", "xtl2", "ytl2", "xbl2", "ybl2", "xtr2",
               "ytr2", "xbr2", "ybr2"},
              n))
      return false;
    a_.kind = Kind::cuboid_2d;
    numbers(n);
    if (const auto around = envelope(n)) box(*around);
    return true;
  }

  bool take_points(const std::vector<double>& points) {
    a_.kind = points.size() == 2 ? Kind::point : Kind::keypoints;
    numbers(points, points.size() == 2 ? ShapeKind::numbers : ShapeKind::keypoints).two = points.size() > 2;
    return derive_box();
  }

  /// Runs along the rows of the mask's box, zeros first, as runs down the columns of the whole image.
  bool read_mask() {
    double n[4];
    if (!take({"left", "top", "width", "height"}, n)) return false;
    const auto text = said_.take("rle");
    if (!text) return wrong("has no rle");
    const auto whole = [](double v) { return v >= 0 && v <= 0x7fffffff && v == std::floor(v); };
    if (!std::all_of(std::begin(n), std::end(n), whole)) return wrong("has a box that is no whole pixels");
    const auto left = static_cast<std::uint64_t>(n[0]), top = static_cast<std::uint64_t>(n[1]);
    const auto width = static_cast<std::uint64_t>(n[2]), height = static_cast<std::uint64_t>(n[3]);
    if (frame_.width == 0 || frame_.height == 0) return wrong("needs the size of its image");
    if (left + width > frame_.width || top + height > frame_.height)
      return wrong("reaches past its image of " + std::to_string(frame_.width) + "×" + std::to_string(frame_.height));
    if (std::uint64_t{frame_.width} * frame_.height > limits_.mask_pixels) return wrong("is larger than masks may be");
    const std::uint64_t pixels = width * height;
    // Ones of each column, as spans of rows: rows come in order, so columns stay sorted.
    std::vector<std::uint8_t> ones(pixels, 0);
    std::uint64_t at = 0;
    bool one = false;
    for (std::string_view rest = *text; !rest.empty();) {
      while (!rest.empty() && (rest.front() == ' ' || rest.front() == ',')) rest.remove_prefix(1);
      if (rest.empty()) break;
      const NumberText run = read_number(rest);
      if (run.length == 0 || !run.fits_int64 || run.whole < 0) return wrong("has an rle that is no list of counts");
      rest.remove_prefix(run.length);
      if (static_cast<std::uint64_t>(run.whole) > pixels - at)
        return wrong("has an rle of more than its " + std::to_string(pixels) + " pixels");
      if (one) std::fill_n(ones.begin() + static_cast<std::ptrdiff_t>(at), run.whole, std::uint8_t{1});
      at += static_cast<std::uint64_t>(run.whole);
      one = !one;
    }
    if (at != pixels)
      return wrong("has an rle of " + std::to_string(at) + " pixels, expected " + std::to_string(pixels));
    add_mask(ones, {left, top, width, height});
    return true;
  }
  void add_mask(std::span<const std::uint8_t> ones, const PixelBox& where) {
    a_.kind = Kind::mask;
    append_mask(d_, a_, ones, where, frame_.width, frame_.height);
    derive_box();
  }

  bool read_skeleton() {
    const auto known =
        std::find_if(skeletons_.begin(), skeletons_.end(), [&](const Label& label) { return label.name == label_; });
    std::vector<double> values;
    std::size_t next = 0;
    for (const XmlNode child : element_.elements()) {
      if (child.name() != "points") continue;
      Said point(child);
      const auto label = point.take("label");
      const auto text = point.take("points");
      const auto place = text ? points_in(*text) : std::nullopt;
      if (!place || place->size() != 2) return wrong("has a point that is no x,y");
      std::size_t slot = next++;
      if (known != skeletons_.end() && label)
        if (const auto at = std::find(known->points.begin(), known->points.end(), *label); at != known->points.end())
          slot = static_cast<std::size_t>(at - known->points.begin());
      if (slot >= 100'000) return wrong("has too many points");
      if (values.size() < 3 * slot + 3) values.resize(3 * slot + 3, 0);
      const bool outside = point.take("outside") == "1", occluded = point.take("occluded") == "1";
      values[3 * slot] = (*place)[0];
      values[3 * slot + 1] = (*place)[1];
      values[3 * slot + 2] = outside ? 0 : occluded ? 1 : 2;
    }
    if (values.empty()) return wrong("has no points");
    a_.kind = Kind::keypoints;
    numbers(values, ShapeKind::keypoints);
    return derive_box();
  }

  // What an annotation says beside its shape.

  void finish() {
    const auto index = static_cast<std::uint32_t>(d_.annotations.size());
    if (!label_.empty()) a_.category = category();
    if (a_.kind != Kind::tag)
      if (const auto occluded = said_.take("occluded")) a_.flags.set(Flag::occluded, *occluded == "1");
    if (const auto outside = said_.take("outside"); outside == "1") a_.flags.set(Flag::outside, true);
    double score = unstated();
    std::string id, track;
    for (const XmlNode child : element_.elements()) {
      if (child.name() != "attribute") continue;
      std::string name;
      child.each_attribute([&](std::string_view key, std::string_view value) {
        if (key == "name") name = value;
      });
      const std::string json = json_of_text(child.text());
      if (name == marks_name) {
        read_marks(child.text(), a_.flags);
        continue;
      }
      if (name == layer_name) {
        a_.layer = layer(json);
        continue;
      }
      if (name == id_name || name == track_name) {
        if (!child.text().empty()) (name == id_name ? id : track) = json;
        continue;
      }
      if (name == score_name) {
        const NumberText n = read_number(json);
        if (n.length > 0 && n.length == json.size() && std::isfinite(n.value)) score = n.value;
        continue;
      }
      d_.attributes.push_back({Owner::annotation, index, d_.add_text(name), d_.add_text(json)});
    }
    Text group;
    if (const auto text = said_.take("group_id")) {
      const NumberText n = read_number(*text);
      if (n.fits_int64 && n.length == text->size() && n.whole > 0) group = d_.add_text(*text);
    }
    a_.order = index;
    d_.annotations.push_back(a_);
    d_.annotation_positions.push_back(Position::at(frame_.file, frame_.offset + said_.offset()));
    add_id(id);
    fill(d_.scores, unstated()).back() = score;
    fill(d_.track_ids, Text{}).back() = track.empty() ? Text{} : d_.add_text(track);
    fill(d_.group_ids, Text{}).back() = group;
    keep_rest(index, !is_unstated(score));
  }
  template <class Value>
  Column<Value>& fill(Column<Value>& column, Value value) {
    column.push_back(value);
    return column;
  }
  void add_id(const std::string& json) {
    const std::int64_t number = number_of_id(json);
    if (number == Ids::odd)
      d_.annotation_ids.tokens.push_back(
          {static_cast<std::uint32_t>(d_.annotation_ids.numbers.size()), d_.add_text(json)});
    d_.annotation_ids.numbers.push_back(number);
  }
  CategoryIndex category() {
    if (const CategoryIndex* const known = into_.categories.find(label_)) return *known;
    const auto index = to_index<CategoryIndex>(into_.names.size());
    into_.categories.try_emplace(into_.names.emplace_back(label_), index);
    return index;
  }
  std::uint16_t layer(std::string_view json) {
    JsonCursor in(json);
    const std::string name(in.type() == JsonType::string ? in.read_string() : json);
    if (name.empty()) return 0;
    auto at = std::find(into_.layers.begin(), into_.layers.end(), name);
    if (at == into_.layers.end()) at = into_.layers.insert(into_.layers.end(), name);
    return static_cast<std::uint16_t>(std::min<std::ptrdiff_t>(at - into_.layers.begin() + 1, 0xffff));
  }

  /// What the model has no place for; source and z_order where they say more than that a person drew it at the bottom.
  void keep_rest(std::uint32_t index, bool scored) {
    std::string json;
    JsonWriter writer(json);
    bool any = false;
    const auto keep = [&](std::string_view name, std::string_view value) {
      const bool usual = (name == "source" && value == (scored ? "auto" : "manual")) ||
                         (name == "z_order" && value == "0") || (name == "group_id" && value == "0");
      if (usual) return;
      if (!any) writer.begin_object(), any = true;
      writer.key(name).value(value);
    };
    said_.each_left(keep);
    if (!any) return;
    writer.end_object();
    d_.residues.push_back({Owner::annotation, index, d_.add_text(json)});
  }

  XmlNode element_;
  Said said_;
  std::string_view track_label_;
  const Frame& frame_;
  const Skeletons& skeletons_;
  const Limits& limits_;
  Parsed& into_;
  Dataset& d_;
  Annotation a_;
  std::string label_, fault_;
};

}  // namespace

void report(Findings& findings, std::string_view code, Severity severity, const Frame& frame, std::size_t offset,
            std::string message, std::string fix) {
  findings.add({.code = code,
                .severity = severity,
                .where = vetset::Place{.file = std::string(frame.path), .offset = frame.offset + offset},
                .message = std::move(message),
                .fix = std::move(fix)});
}

bool is_shape(std::string_view element) {
  constexpr std::string_view names[] = {"box",  "polygon", "polyline", "points", "ellipse",
                                        "mask", "cuboid",  "skeleton", "tag"};
  return std::find(std::begin(names), std::end(names), element) != std::end(names);
}

bool read_shape(XmlNode element, std::string_view label, const Frame& frame, const Skeletons& skeletons,
                const Limits& limits, Parsed& into) {
  return ShapeReader(element, label, frame, skeletons, limits, into).read();
}

}  // namespace vetset::cvat_parts
