// The labelling config: which labels there are, in order, and which member of a task is its image. What the tool has no
// word for stands in attributes that it looks past: vetset_points, vetset_edges, supercategory.
#include <algorithm>

#include "vetset/base/xml.h"
#include "vetset/formats/labelstudio/labelstudio.h"

namespace vetset::labelstudio_parts {
namespace {

std::string attribute(XmlNode node, std::string_view wanted) {
  std::string found;
  node.each_attribute([&](std::string_view name, std::string_view value) {
    if (name == wanted) found = value;
  });
  return found;
}
bool has_attribute(XmlNode node, std::string_view wanted) {
  bool found = false;
  node.each_attribute([&](std::string_view name, std::string_view) { found = found || name == wanted; });
  return found;
}

Config::Label read_label(XmlNode node) {
  Config::Label label{.name = attribute(node, "value")};
  if (const std::string id = attribute(node, "category"); !id.empty())
    if (const NumberText n = read_number(id); n.fits_int64 && n.length == id.size()) label.id = n.whole;
  if (has_attribute(node, "supercategory")) label.supercategory = attribute(node, "supercategory");
  if (const std::string text = attribute(node, "vetset_points"); !text.empty()) {
    label.has_points = true;
    label.points = texts_in(text);
  }
  if (const std::string text = attribute(node, "vetset_edges"); !text.empty()) {
    label.has_edges = true;
    if (const Result<Json> json = Json::parse(text))
      for (const Json& pair : json->elements())
        if (pair.elements().size() == 2 && std::abs(pair.elements()[0].number()) < 1e9 &&
            std::abs(pair.elements()[1].number()) < 1e9)
          label.edges.emplace_back(static_cast<std::int64_t>(pair.elements()[0].number()),
                                   static_cast<std::int64_t>(pair.elements()[1].number()));
  }
  return label;
}

/// Controls in document order, with the labels or choices inside them.
struct Control {
  std::string tag;
  bool of_regions = false;  // perRegion="true"
  std::vector<Config::Label> labels;
};
void collect(XmlNode node, std::vector<Control>& controls, Config& config) {
  for (const XmlNode child : node.elements()) {
    const std::string_view tag = child.name();
    if (tag == "Image" && config.image_key.empty()) {
      const std::string value = attribute(child, "value");
      if (value.starts_with('$')) config.image_key = value.substr(1);
    }
    if (tag == "Label" || tag == "Choice") {
      if (!controls.empty() && has_attribute(child, "value")) controls.back().labels.push_back(read_label(child));
      continue;
    }
    if (tag.ends_with("Labels") || tag == "Choices")
      controls.push_back(
          {.tag = std::string(tag), .of_regions = attribute(child, "perRegion") == "true", .labels = {}});
    collect(child, controls, config);
  }
}

void append_label(std::string& out, std::string_view tag, const Config::Label& label) {
  const auto one = [&](std::string_view name, std::string_view value) {
    out.append(" ").append(name).append("=\"");
    append_xml_attribute(out, value);
    out += '"';
  };
  out.append("    <").append(tag);
  one("value", label.name);
  if (label.id) one("category", std::to_string(*label.id));
  if (label.supercategory) one("supercategory", *label.supercategory);
  std::string json;
  if (label.has_points) {
    JsonWriter writer(json);
    writer.begin_array();
    for (const std::string& point : label.points) writer.value(point);
    writer.end_array();
    one("vetset_points", json);
  }
  json.clear();
  if (label.has_edges) {
    JsonWriter writer(json);
    writer.begin_array();
    for (const auto& [from, to] : label.edges) writer.begin_array().value(from).value(to).end_array();
    writer.end_array();
    one("vetset_edges", json);
  }
  out += "/>\n";
}

/// What is drawn decides which controls people see.
struct Used {
  bool box = false, polygon = false, ellipse = false, brush = false, points = false, tag = false, caption = false;
};
Used used_of(const Dataset& d) {
  Used used;
  for (std::size_t i = 0; i < d.annotations.size(); ++i) {
    const auto index = to_index<AnnotationIndex>(i);
    switch (written_form(d, index)) {
      case ToolForm::polygon:
      case ToolForm::polyline: used.polygon = true; break;
      case ToolForm::ellipse: used.ellipse = true; break;
      case ToolForm::mask: used.brush = true; break;
      case ToolForm::point: used.points = true; break;
      case ToolForm::tag: used.tag = true; break;
      case ToolForm::caption: used.caption = true; break;
      default: used.box = true;
    }
  }
  used.box = used.box || !(used.polygon || used.ellipse || used.brush || used.points || used.tag || used.caption);
  return used;
}

}  // namespace

std::optional<Config> read_config(std::string_view text, const Limits& limits) {
  const Result<Xml> xml = Xml::parse(text, limits);
  if (!xml || xml->root().name() != "View") return std::nullopt;
  Config config;
  std::vector<Control> controls;
  collect(xml->root(), controls, config);
  const auto add = [&](const Control& control) {
    for (const Config::Label& label : control.labels) {
      const auto same = [&](const Config::Label& other) { return other.name == label.name; };
      if (std::none_of(config.labels.begin(), config.labels.end(), same)) config.labels.push_back(label);
    }
  };
  for (const Control& control : controls)
    if (control.tag != "KeyPointLabels" && control.tag != "Choices") add(control);
  for (const Control& control : controls)
    if (control.tag == "Choices" && !control.of_regions) add(control);
  // Points of objects are no classes.
  for (Control& control : controls) {
    if (control.tag != "KeyPointLabels") continue;
    std::erase_if(control.labels, [&](const Config::Label& point) {
      return std::any_of(config.labels.begin(), config.labels.end(), [&](const Config::Label& label) {
        return label.name != point.name &&
               std::find(label.points.begin(), label.points.end(), point.name) != label.points.end();
      });
    });
    add(control);
  }
  return config;
}

std::vector<Config::Label> labels_of(const Dataset& d, const Plan& plan) {
  std::vector<Config::Label> labels;
  for (std::size_t c = 0; c < d.categories.size(); ++c) {
    const Category& category = d.categories[c];
    Config::Label label{.name = plan.class_names[c], .supercategory = category.supercategory};
    const std::int64_t id = d.category_ids[c];
    if (id != Ids::absent && id != Ids::odd) label.id = id;
    label.points = plan.points[c];
    label.has_points = category.has_keypoints || !label.points.empty();
    label.edges = category.skeleton;
    label.has_edges = category.has_skeleton || !label.edges.empty();
    labels.push_back(std::move(label));
  }
  return labels;
}

std::string config_text(const Dataset& d, const Plan& plan) {
  const std::vector<Config::Label> labels = labels_of(d, plan);
  if (is_native(d) && !d.residue.empty())
    if (const Result<Json> own = Json::parse(d.residue))
      if (const std::string_view kept = own->text_or("config", ""); !kept.empty())
        if (const auto config = read_config(kept, {}); config && config->labels == labels) return std::string(kept);
  const Used used = used_of(d);
  std::string out = "<View>\n  <Image name=\"image\" value=\"$";
  append_xml_attribute(out, plan.image_key);
  out += "\"/>\n";
  const auto control = [&](std::string_view tag, std::string_view name) {
    out.append("  <").append(tag).append(" name=\"").append(name).append("\" toName=\"image\">\n");
    for (const Config::Label& label : labels) append_label(out, tag == "Choices" ? "Choice" : "Label", label);
    out.append("  </").append(tag).append(">\n");
  };
  if (used.box) control("RectangleLabels", "label");
  if (used.polygon) control("PolygonLabels", "polygon");
  if (used.ellipse) control("EllipseLabels", "ellipse");
  if (used.brush) control("BrushLabels", "brush");
  if (used.tag) control("Choices", "class");
  std::vector<std::string_view> points;
  for (const Config::Label& label : labels)
    for (const std::string& point : label.points)
      if (std::find(points.begin(), points.end(), point) == points.end()) points.push_back(point);
  if (used.points || !points.empty()) {
    out += "  <KeyPointLabels name=\"keypoint\" toName=\"image\">\n";
    if (used.points)
      for (const Config::Label& label : labels) append_label(out, "Label", label);
    for (const std::string_view point : points)
      if (!used.points || std::none_of(labels.begin(), labels.end(), [&](const auto& l) { return l.name == point; }))
        append_label(out, "Label", {.name = std::string(point)});
    out += "  </KeyPointLabels>\n";
  }
  if (used.caption) out += "  <TextArea name=\"caption\" toName=\"image\"/>\n";
  for (const TextRole role : {TextRole::caption, TextRole::transcription, TextRole::description, TextRole::prefix,
                              TextRole::suffix, TextRole::turn, TextRole::comment}) {
    const bool said = std::any_of(d.text_rows.begin(), d.text_rows.end(), [&](const TextRow& row) {
      return row.role == role && written_form(d, row.annotation) != ToolForm::caption;
    });
    if (said)
      out.append("  <TextArea name=\"region_").append(name(role)).append("\" toName=\"image\" perRegion=\"true\"/>\n");
  }
  return out + "</View>\n";
}

}  // namespace vetset::labelstudio_parts
