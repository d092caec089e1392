// One XML file: what it says of its image, and its objects. Nothing is repaired; what cannot be held is a finding with
// its place, and stays in the file's residue or bytes.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/dataset/rotated.h"
#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
namespace {

std::string_view without_blanks(std::string_view text) {
  if (!text.empty() && text.front() > ' ' && text.back() > ' ') return text;
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

std::optional<double> number_in(XmlNode node) {
  const std::string_view text = without_blanks(node.text());
  const NumberText n = read_loose_number(text);
  if (n.length == 0 || n.length != text.size()) return std::nullopt;
  return n.value;
}

/// The children of an object that the model may have a place for, found in one look at them.
class Parts {
 public:
  enum Which : std::uint8_t { name, bndbox, robndbox, truncated, difficult, occluded, pose, attributes, polygon };
  static constexpr std::array<std::string_view, 9> names = {
      "name", "bndbox", "robndbox", "truncated", "difficult", "occluded", "pose", "attributes", "polygon"};

  explicit Parts(XmlNode object) {
    for (const XmlNode child : object.elements()) {
      const std::size_t k = place_of(child.name());
      if (k == names.size() || first_[k])
        others_ = true;
      else
        first_[k] = child;
    }
    object.each_attribute([&](std::string_view, std::string_view) { others_ = true; });
  }

  XmlNode operator[](Which which) const { return first_[which]; }
  void model(Which which) { modelled_[which] = true; }
  /// Whether all that the object says is modelled.
  bool all_modelled() const {
    for (std::size_t k = 0; k < names.size(); ++k)
      if (first_[k] && !modelled_[k]) return false;
    return !others_;
  }
  bool is_modelled(std::size_t k) const { return modelled_[k]; }

 private:
  static std::size_t place_of(std::string_view said) {
    for (std::size_t k = 0; k < names.size(); ++k)
      if (said.size() == names[k].size() && said[0] == names[k][0] && said == names[k]) return k;
    return names.size();
  }

  std::array<XmlNode, names.size()> first_;
  std::array<bool, names.size()> modelled_{};
  bool others_ = false;  // a second one of a name, one of no name that is known, an attribute
};

class FileParser {
 public:
  FileParser(const XmlFile& source, Image& image, Parsed& into, const Limits& limits)
      : source_(source), image_(image), into_(into), part_(into.part), limits_(limits) {}

  Head parse() {
    Head head;
    if (const Result<void> read = into_.xml.read(source_.bytes, limits_); !read) {
      report_broken(read.error());
      head.broken = true;
      return head;
    }
    const XmlNode root = into_.xml.root();
    if (const auto bad = invalid_utf8(source_.bytes))
      report("FMT401", Severity::error, *bad, "has bytes that are not UTF-8");
    read_head(root, head);
    for (const XmlNode child : root.elements())
      if (child.name() == "object") read_object(child, head.objects++);
    return head;
  }

 private:
  void report(std::string_view code, Severity severity, std::size_t offset, std::string message, std::string fix = {}) {
    into_.findings.add({.code = code,
                        .severity = severity,
                        .where = vetset::Place{.file = std::string(source_.path), .offset = offset},
                        .message = std::move(message),
                        .fix = std::move(fix)});
  }
  void report_broken(const Error& error) {
    into_.findings.add(
        {.code = "FMT401",
         .severity = Severity::error,
         .where = vetset::Place{.file = std::string(source_.path), .line = error.line, .column = error.column},
         .message = error.message + ": nothing of this file is read",
         .fix = "mend the file"});
  }

  void read_head(XmlNode root, Head& head) {
    head.filename = without_blanks(root.child("filename").text());
    head.folder = without_blanks(root.child("folder").text());
    const std::string_view database = without_blanks(root.child("source").child("database").text());
    into_.vote.count_file(database, static_cast<bool>(root.child("path")));
    read_size(root);
    static constexpr std::string_view modelled[] = {"filename", "object", "size"};
    std::string residue = residue_json(root, modelled, limits_.depth);
    if (const XmlNode size = root.child("size")) add_size(size, residue);
    if (!residue.empty()) head.residue = part_.add_text(residue);
  }
  /// What it says beyond the size of the image.
  void add_size(XmlNode size, std::string& residue) const {
    const bool stated = image_.size_origin == SizeOrigin::stated;
    static constexpr std::string_view sides[] = {"width", "height"};
    const std::string rest = residue_json(size, std::span(sides).first(stated ? 2 : 0), limits_.depth);
    if (rest.empty()) return;
    if (residue.empty()) residue = "{}";
    residue.pop_back();
    residue += (residue == "{" ? "\"size\":" : ",\"size\":") + rest + "}";
  }

  void read_size(XmlNode root) {
    const XmlNode size = root.child("size");
    if (!size) {
      report("FMT405", Severity::warning, root.offset(), "says no size of its image", "write the size of the image");
      return;
    }
    const auto side = [&](std::string_view name, std::uint32_t& to) {
      const XmlNode node = size.child(name);
      const auto value = node ? number_in(node) : std::nullopt;
      const bool whole = value && *value == std::floor(*value) && *value >= 0 && *value <= 0xffffffffU;
      if (whole) to = static_cast<std::uint32_t>(*value);
      if (!whole && node)
        report("FMT401", Severity::error, node.offset(),
               std::string(name) + " is '" + std::string(node.text().substr(0, 40)) + "', expected a whole number");
      return whole;
    };
    const bool has_width = side("width", image_.width), has_height = side("height", image_.height);
    const bool said = has_width && has_height;
    if (said && image_.width > 0 && image_.height > 0) {
      image_.size_origin = SizeOrigin::stated;
    } else {
      if (said)
        report("FMT405", Severity::warning, size.offset(),
               "says that its image is " + std::to_string(image_.width) + "×" + std::to_string(image_.height),
               "write the size of the image");
      image_.width = image_.height = 0;
    }
  }

  // Objects.

  void read_object(XmlNode object, std::uint32_t order) {
    const auto index = to_index<AnnotationIndex>(part_.annotations.size());
    Annotation a{.image = source_.image, .kind = Kind::box, .order = order};
    Parts parts(object);
    parts.model(Parts::name);
    read_name(object, parts, a);
    if (read_box(object, parts, a)) parts.model(Parts::bndbox);
    read_flags(parts, a);
    read_pose(parts, index);
    read_attributes(parts, index);
    read_rotated(parts, a);
    read_polygon(parts, a);
    part_.annotations.push_back(a);
    part_.annotation_positions.push_back(Position::at(source_.file, object.offset()));
    if (parts.all_modelled()) return;
    modelled_.clear();
    for (std::size_t k = 0; k < Parts::names.size(); ++k)
      if (parts.is_modelled(k)) modelled_.push_back(Parts::names[k]);
    if (std::string json = residue_json(object, modelled_, limits_.depth); !json.empty())
      part_.residues.push_back({Owner::annotation, static_cast<std::uint32_t>(index), part_.add_text(json)});
  }

  void read_name(XmlNode object, const Parts& parts, Annotation& a) {
    const XmlNode node = parts[Parts::name];
    const std::string_view name = trimmed(node.text());
    if (name.empty()) {
      report("FMT402", Severity::error, object.offset(), "the object has no name", "write the name of its class");
      return;
    }
    if (const CategoryIndex* const known = into_.categories.find(name)) {
      a.category = *known;
      return;
    }
    a.category = to_index<CategoryIndex>(into_.names.size());
    into_.categories.try_emplace(into_.names.emplace_back(name), a.category);
  }

  bool read_box(XmlNode object, const Parts& parts, Annotation& a) {
    const XmlNode box = parts[Parts::bndbox];
    if (!box) {
      if (!parts[Parts::robndbox])
        report("FMT401", Severity::error, object.offset(), "the object has no bndbox", "write its box");
      return false;
    }
    constexpr std::string_view names[] = {"xmin", "ymin", "xmax", "ymax"};
    double numbers[4] = {};
    bool all = true, plain = true;
    XmlNode sides[4];
    for (const XmlNode child : box.elements()) {
      const auto slot = std::find(std::begin(names), std::end(names), child.name()) - std::begin(names);
      plain = plain && slot < 4;
      if (slot < 4 && !sides[slot]) sides[slot] = child;
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const XmlNode node = sides[k];
      const auto value = node ? number_in(node) : std::nullopt;
      if (value) {
        numbers[k] = *value;
        continue;
      }
      all = false;
      report("FMT401", Severity::error, (node ? node : box).offset(),
             node ? std::string(names[k]) + " is '" + std::string(node.text().substr(0, 40)) + "', expected a number"
                  : "the box has no " + std::string(names[k]));
    }
    if (!all) return false;
    a.box = {numbers[0], numbers[1], numbers[2], numbers[3]};
    a.box_origin = Origin::stated;
    into_.vote.count({numbers[0], numbers[1], numbers[2], numbers[3]}, image_.width, image_.height);
    return plain;
  }

  void read_flags(Parts& parts, Annotation& a) {
    constexpr std::pair<Parts::Which, Flag> flags[] = {
        {Parts::truncated, Flag::truncated}, {Parts::difficult, Flag::difficult}, {Parts::occluded, Flag::occluded}};
    for (const auto& [which, flag] : flags) {
      const XmlNode node = parts[which];
      const std::string_view text = without_blanks(node.text());
      if (!node || (text != "0" && text != "1")) continue;
      a.flags.set(flag, text == "1");
      parts.model(which);
    }
  }

  void read_pose(Parts& parts, AnnotationIndex index) {
    const XmlNode node = parts[Parts::pose];
    if (!node || node.has_elements()) return;
    parts.model(Parts::pose);
    const std::string_view text = trimmed(node.text());
    if (!text.empty() && text != "Unspecified") attribute(index, "pose", json_text(text));
  }

  static std::string json_text(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
  }
  void attribute(AnnotationIndex index, std::string_view key, std::string_view json) {
    part_.attributes.push_back(
        {Owner::annotation, static_cast<std::uint32_t>(index), part_.add_text(key), part_.add_text(json)});
  }

  /// <attributes><attribute><name>…</name><value>…</value></attribute></attributes>, as CVAT and Datumaro write it. A
  /// value that is JSON is taken for it: numbers, true and false.
  void read_attributes(Parts& parts, AnnotationIndex index) {
    const XmlNode list = parts[Parts::attributes];
    if (!list) return;
    for (const XmlNode one : list.elements())
      if (one.name() != "attribute" || !one.child("name") || !one.child("value") || one.child("value").has_elements())
        return;  // of another shape: residue
    parts.model(Parts::attributes);
    for (const XmlNode one : list.elements()) {
      const std::string_view text = one.child("value").text();
      JsonCursor json(text);
      json.skip();
      const bool is_json = json.at_end() && !json.failed() && json.odd_numbers() == 0;
      attribute(index, one.child("name").text(), is_json ? std::string(without_blanks(text)) : json_text(text));
    }
  }

  /// The turned box of roLabelImg: centre, sides and radians, clockwise on the screen.
  void read_rotated(Parts& parts, Annotation& a) {
    const XmlNode box = parts[Parts::robndbox];
    if (!box) return;
    constexpr std::string_view names[] = {"cx", "cy", "w", "h", "angle"};
    double n[5] = {};
    for (std::size_t k = 0; k < 5; ++k) {
      const XmlNode node = box.child(names[k]);
      const auto value = node ? number_in(node) : std::nullopt;
      if (!value) {
        report("FMT401", Severity::error, box.offset(), "the turned box has no number " + std::string(names[k]));
        return;
      }
      n[k] = *value;
    }
    n[4] = n[4] * 180 / std::numbers::pi;
    parts.model(Parts::robndbox);
    a.kind = Kind::rotated_box;
    add_numbers(a, n);
    if (a.box_origin == Origin::stated) return;
    const auto around = envelope(vetset::corners_of(RotatedBox{n[0], n[1], n[2], n[3], n[4]}));
    if (!around) return;
    a.box = {around->x, around->y, around->x + around->width, around->y + around->height};
    a.box_origin = Origin::derived;
  }
  void add_numbers(Annotation& a, std::span<const double> numbers) {
    a.shape = to_index<ShapeIndex>(part_.shapes.size());
    part_.shapes.push_back({.begin = part_.coordinates.size(),
                            .count = static_cast<std::uint32_t>(numbers.size()),
                            .kind = ShapeKind::numbers});
    for (const double n : numbers) part_.coordinates.push_back(n);
  }

  /// The outline of Roboflow's exports: x1, y1, x2, y2 … in turn.
  void read_polygon(Parts& parts, Annotation& a) {
    const XmlNode polygon = parts[Parts::polygon];
    if (!polygon || a.shape != none<ShapeIndex>) return;
    std::vector<double> points;
    for (const XmlNode child : polygon.elements()) {
      const bool x = points.size() % 2 == 0;
      const std::string expected = (x ? "x" : "y") + std::to_string(points.size() / 2 + 1);
      const auto value = number_in(child);
      if (child.name() != expected || !value) return;  // of another shape: residue
      points.push_back(*value);
    }
    if (points.size() < 2 || points.size() % 2 != 0) return;
    parts.model(Parts::polygon);
    a.kind = Kind::polygon;
    a.shape = to_index<ShapeIndex>(part_.shapes.size());
    part_.shapes.push_back({.begin = part_.rings.size(), .count = 1, .kind = ShapeKind::polygon});
    part_.rings.push_back({.begin = part_.coordinates.size(), .count = static_cast<std::uint32_t>(points.size())});
    for (const double n : points) part_.coordinates.push_back(n);
  }

  const XmlFile& source_;
  Image& image_;
  Parsed& into_;
  Dataset& part_;
  const Limits& limits_;
  std::vector<std::string_view> modelled_;  // children of the object at hand that the model has a place for
};

}  // namespace

Head parse_file(const XmlFile& source, Image& image, File& file, Parsed& into, const Limits& limits) {
  std::string_view text = source.bytes;
  file.bom = text.starts_with("\xef\xbb\xbf");
  file.crlf = text.find("\r\n") != std::string_view::npos;
  file.final_newline = text.empty() || text.back() == '\n';
  if (source.keep_bytes) file.bytes = into.part.add_text(text);
  return FileParser(source, image, into, limits).parse();
}

}  // namespace vetset::voc_parts
