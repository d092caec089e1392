// One annotation as CVAT draws it: an element, or several of one group where its parts are drawn one by one.
#include <algorithm>
#include <cmath>

#include "vetset/base/json.h"
#include "vetset/formats/cvat/cvat.h"

namespace vetset::cvat_parts {
namespace {

class ShapeWriter {
 public:
  ShapeWriter(std::string& out, const Dataset& d, AnnotationIndex i, Plan& plan, const Policies& policies)
      : out_(out), d_(d), i_(i), a_(d[i]), plan_(plan), policies_(policies) {}

  std::size_t write() {
    switch (written_form(d_, i_)) {
      case ToolForm::none:
      case ToolForm::caption: return 0;
      case ToolForm::tag: begin("tag"); return end(false);
      case ToolForm::box: return write_box(*drawn_box(d_, a_), 0);
      case ToolForm::rotated: {
        const RotatedBox r = *drawn_rotated(d_, a_);
        return write_box({r.x - r.width / 2, r.y - r.height / 2, r.width, r.height}, r.degrees);
      }
      case ToolForm::polygon: return write_rings();
      case ToolForm::polyline: return write_points("polyline", drawn_line(d_, a_));
      case ToolForm::point: return write_points("points", numbers(ShapeKind::numbers));
      case ToolForm::points: return write_points("points", numbers(ShapeKind::keypoints));
      case ToolForm::skeleton: return write_skeleton();
      case ToolForm::ellipse: return write_ellipse(*drawn_ellipse(d_, a_));
      case ToolForm::mask: return write_mask();
      case ToolForm::cuboid: return write_cuboid();
    }
    return 0;
  }

 private:
  std::span<const double> numbers(ShapeKind kind) const { return d_.numbers_of(*d_.find_shape(a_, kind)); }

  void text(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    append_xml_attribute(out_, value);
    out_ += '"';
  }
  template <class Number>
  void number(std::string_view name, Number value) {
    out_.append(" ").append(name).append("=\"");
    append_number(out_, value);
    out_ += '"';
  }

  std::string_view kept() const {
    const auto rows = d_.residues_of(Owner::annotation, to_size(i_));
    return is_native(d_) && !rows.empty() ? d_.text(rows.front().json) : std::string_view();
  }

  void begin(std::string_view element) {
    element_ = element;
    out_.append("    <").append(element);
    text("label", a_.category == none<CategoryIndex> ? std::string_view()
                                                     : std::string_view(plan_.class_names[to_size(a_.category)]));
    bool source = false, z_order = element == "tag";
    if (const Result<Json> rest = kept().empty() ? Result<Json>(Json()) : Json::parse(kept()); rest)
      for (const auto& [key, value] : rest->members()) {
        if (!is_xml_name(key)) continue;
        text(key, value.text());
        source = source || key == "source";
        z_order = z_order || key == "z_order";
      }
    if (!source) text("source", is_unstated(d_.score(i_)) ? "manual" : "auto");
    const Tristate occluded = a_.flags[Flag::occluded];
    if (element != "tag" && (occluded != Tristate::not_said || !is_native(d_)))
      text("occluded", occluded == Tristate::yes ? "1" : "0");
    if (!z_order) text("z_order", "0");
    if (const std::uint64_t group = parts_group_ > 0 ? parts_group_ : group_of(d_, i_).value_or(0); group > 0)
      number("group_id", group);
  }
  std::size_t end(bool opened) {
    std::string inside;
    const auto one = [&](std::string_view name, std::string_view value) {
      inside += "      <attribute name=\"";
      append_xml_attribute(inside, name);
      inside += "\">";
      append_xml_text(inside, value);
      inside += "</attribute>\n";
    };
    for (const Attribute& row : d_.attributes_of(Owner::annotation, to_size(i_)))
      one(d_.text(row.key), text_of_json(d_.text(row.value)));
    if (d_.annotation_ids[to_size(i_)] != Ids::absent)
      one(id_name, key_text(d_.id_json(d_.annotation_ids, to_size(i_))));
    if (const double score = d_.score(i_); std::isfinite(score)) {
      std::string digits;
      append_number(digits, score);
      one(score_name, digits);
    }
    if (a_.layer != 0 && a_.layer < d_.layers.size() && !d_.layers[a_.layer].empty()) {
      std::string json;
      append_json_string(json, d_.layers[a_.layer]);
      one(layer_name, text_of_json(json));
    }
    if (const std::string marks = text_of_marks(a_.flags, element_ != "tag"); !marks.empty()) one(marks_name, marks);
    if (!d_.track_ids.empty() && !d_.track_ids[to_size(i_)].empty())
      one(track_name, key_text(d_.text(d_.track_ids[to_size(i_)])));
    if (!opened && inside.empty()) {
      out_ += "/>\n";
      return 1;
    }
    if (!opened) out_ += ">\n";
    out_.append(inside).append("    </").append(element_).append(">\n");
    return 1;
  }

  /// An attribute without text says nothing, so a key that is empty is spelled out.
  static std::string key_text(std::string_view json) { return json == "\"\"" ? std::string(json) : text_of_json(json); }

  std::size_t write_box(const Box& b, double degrees) {
    begin("box");
    number("xtl", b.x);
    number("ytl", b.y);
    number("xbr", b.x + b.width);
    number("ybr", b.y + b.height);
    if (degrees != 0) number("rotation", degrees);
    return end(false);
  }

  std::size_t write_points(std::string_view element, std::span<const double> points) {
    begin(element);
    out_ += " points=\"";
    for (std::size_t k = 0; k + 1 < points.size(); k += 2) {
      if (k > 0) out_ += ';';
      append_number(out_, points[k]);
      out_ += ',';
      append_number(out_, points[k + 1]);
    }
    out_ += '"';
    return end(false);
  }

  std::size_t write_rings() {
    const auto rings = drawn_rings(d_, a_, policies_);
    if (rings.size() > 1) parts_group_ = group_of(d_, i_) ? *group_of(d_, i_) : plan_.next_group++;
    std::size_t written = 0;
    for (const std::vector<double>& ring : rings) written += write_points("polygon", ring);
    return written;
  }

  std::size_t write_skeleton() {
    const Shape& shape = *d_.find_shape(a_, ShapeKind::keypoints);
    const auto values = d_.numbers_of(shape);
    const std::size_t step = shape.two ? 2 : 3;
    begin("skeleton");
    out_ += ">\n";
    const std::vector<std::string>& names = plan_.points[to_size(a_.category)];
    for (std::size_t k = 0; k * step < values.size(); ++k) {
      const double v = shape.two ? 2 : values[k * step + 2];
      out_ += "      <points";
      text("label", names[k]);
      text("source", is_unstated(d_.score(i_)) ? "manual" : "auto");
      text("outside", v > 0 ? "0" : "1");
      text("occluded", v > 0 && v < 1.5 ? "1" : "0");
      out_ += " points=\"";
      append_number(out_, values[k * step]);
      out_ += ',';
      append_number(out_, values[k * step + 1]);
      out_ += "\"/>\n";
    }
    return end(true);
  }

  std::size_t write_ellipse(const DrawnEllipse& e) {
    begin("ellipse");
    number("cx", e.x);
    number("cy", e.y);
    number("rx", e.rx);
    number("ry", e.ry);
    if (e.degrees.value_or(0) != 0) number("rotation", *e.degrees);
    return end(false);
  }

  /// Runs along the rows of the smallest box around the ones.
  std::size_t write_mask() {
    const Mask& mask = d_.masks[d_.find_shape(a_, ShapeKind::mask)->begin];
    const auto counts = d_.counts_of(mask);
    const Box box = box_of_mask(counts, mask.height);
    const PixelBox where{static_cast<std::uint64_t>(box.x), static_cast<std::uint64_t>(box.y),
                         std::max<std::uint64_t>(1, static_cast<std::uint64_t>(box.width)),
                         std::max<std::uint64_t>(1, static_cast<std::uint64_t>(box.height))};
    const std::vector<std::uint8_t> ones = ones_within(counts, mask.height, where);
    begin("mask");
    out_ += " rle=\"";
    std::uint64_t run = 0;
    std::uint8_t value = 0;
    const auto flush = [&] {
      if (out_.back() != '"') out_ += ", ";
      append_number(out_, run);
      run = 0;
    };
    for (const std::uint8_t one : ones) {
      if (one != value) flush(), value = one;
      ++run;
    }
    flush();
    out_ += '"';
    number("left", where.left);
    number("top", where.top);
    number("width", where.width);
    number("height", where.height);
    return end(false);
  }

  std::size_t write_cuboid() {
    constexpr std::string_view names[] = {"xtl1", "ytl1", "xbl1", "ybl1", "xtr1", "ytr1", "xbr1", "ybr1",
                                          "xtl2", "ytl2", "xbl2", "ybl2", "xtr2", "ytr2", "xbr2", "ybr2"};
    const auto values = numbers(ShapeKind::numbers);
    begin("cuboid");
    for (std::size_t k = 0; k < 16; ++k) number(names[k], values[k]);
    return end(false);
  }

  std::string& out_;
  const Dataset& d_;
  AnnotationIndex i_;
  const Annotation& a_;
  Plan& plan_;
  const Policies& policies_;
  std::string_view element_;
  std::uint64_t parts_group_ = 0;  // of the rings of one object
};

}  // namespace

ToolForm written_form(const Dataset& d, AnnotationIndex i) {
  const ToolForm form = form_of(d, i);
  if (form == ToolForm::caption) return ToolForm::none;
  const bool named = d[i].category != none<CategoryIndex>;
  if (named || (is_native(d) && form != ToolForm::skeleton)) return form;
  return ToolForm::none;
}

std::optional<std::uint64_t> group_of(const Dataset& d, AnnotationIndex i) {
  if (d.group_ids.empty()) return std::nullopt;
  const std::string_view token = d.text(d.group_ids[to_size(i)]);
  const NumberText n = read_number(token);
  if (n.length == 0 || n.length != token.size() || !n.fits_int64 || n.whole <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(n.whole);
}

std::size_t append_shapes(std::string& out, const Dataset& d, AnnotationIndex i, Plan& plan, const Policies& policies) {
  return ShapeWriter(out, d, i, plan, policies).write();
}

}  // namespace vetset::cvat_parts
