// The head of a document: its labels, skeletons and subsets; and where its pieces stand.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/xml_tags.h"
#include "vetset/formats/cvat/cvat.h"

namespace vetset::cvat_parts {
namespace {

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

std::uint32_t count_in(XmlNode node) {
  const NumberText n = read_number(without_blanks(node.text()));
  return n.integer && n.whole >= 0 && n.whole <= 0xffffffffLL ? static_cast<std::uint32_t>(n.whole) : 0;
}

/// Edges of the drawing that a skeleton label comes with: data-node-from="1" data-node-to="2".
std::vector<std::pair<std::int64_t, std::int64_t>> edges_in(std::string_view svg) {
  std::vector<std::pair<std::int64_t, std::int64_t>> edges;
  constexpr std::string_view from = "data-node-from=\"", to = "data-node-to=\"";
  for (std::size_t at = svg.find(from); at != std::string_view::npos; at = svg.find(from, at + 1)) {
    const std::size_t end = std::min(svg.find('>', at), svg.size());
    const std::size_t other = svg.find(to, at);
    if (other >= end) continue;
    const NumberText a = read_number(svg.substr(at + from.size())), b = read_number(svg.substr(other + to.size()));
    if (a.fits_int64 && b.fits_int64) edges.emplace_back(a.whole, b.whole);
  }
  return edges;
}

void read_labels(XmlNode labels, Meta& meta) {
  struct Point {
    std::string_view parent, name;
  };
  std::vector<Point> points;
  for (const XmlNode node : labels.elements()) {
    if (node.name() != "label") continue;
    const std::string_view name = node.child("name").text();
    if (const XmlNode parent = node.child("parent")) {
      points.push_back({parent.text(), name});
      continue;
    }
    Label label{.name = std::string(name)};
    label.skeleton = without_blanks(node.child("type").text()) == "skeleton";
    if (const XmlNode svg = node.child("svg")) label.edges = edges_in(svg.text());
    const bool known = std::any_of(meta.labels.begin(), meta.labels.end(),
                                   [&](const Label& other) { return other.name == label.name; });
    if (!known && !label.name.empty()) meta.labels.push_back(std::move(label));
  }
  for (const Point& point : points)
    for (Label& label : meta.labels)
      if (label.name == point.parent) label.points.emplace_back(point.name);
}

void append_element(std::string& out, std::string_view indent, std::string_view name, std::string_view text) {
  out.append(indent).append("<").append(name).append(">");
  append_xml_text(out, text);
  out.append("</").append(name).append(">\n");
}

/// A skeleton as CVAT draws it in its label editor: points on a circle, edges between them.
std::string drawing(const std::vector<std::string>& points,
                    const std::vector<std::pair<std::int64_t, std::int64_t>>& edges) {
  constexpr int places[12][2] = {{50, 10}, {70, 15}, {85, 30}, {90, 50}, {85, 70}, {70, 85},
                                 {50, 90}, {30, 85}, {15, 70}, {10, 50}, {15, 30}, {30, 15}};
  const auto place = [&](std::size_t k) {
    const std::size_t ring = k / 12;
    const int shrink = static_cast<int>(ring % 8) * 5;
    const auto toward = [&](int at) { return std::to_string(at + (50 - at) * shrink / 50); };
    return std::pair(toward(places[k % 12][0]), toward(places[k % 12][1]));
  };
  std::string svg;
  for (const auto& [from, to] : edges) {
    const bool known = from >= 1 && to >= 1 && static_cast<std::uint64_t>(from) <= points.size() &&
                       static_cast<std::uint64_t>(to) <= points.size();
    const auto a = place(known ? static_cast<std::size_t>(from - 1) : 0);
    const auto b = place(known ? static_cast<std::size_t>(to - 1) : 0);
    svg += "<line x1=\"" + a.first + "\" y1=\"" + a.second + "\" x2=\"" + b.first + "\" y2=\"" + b.second +
           "\" data-type=\"edge\" data-node-from=\"" + std::to_string(from) + "\" data-node-to=\"" +
           std::to_string(to) + "\"></line>";
  }
  for (std::size_t k = 0; k < points.size(); ++k) {
    const std::string number = std::to_string(k + 1);
    const auto at = place(k);
    svg += "<circle r=\"1.5\" cx=\"" + at.first + "\" cy=\"" + at.second + "\" data-type=\"element node\"" +
           " data-element-id=\"" + number + "\" data-node-id=\"" + number + "\" data-label-name=\"";
    append_xml_attribute(svg, points[k]);
    svg += "\"></circle>";
  }
  return svg;
}

/// What the values of one attribute of one label have in common, as CVAT asks for it.
struct Definition {
  std::string name;
  bool numbers = true, booleans = true;
  std::vector<std::string> values = {};  // different ones, while they are few
};
constexpr std::size_t most_values = 12;

using Definitions = std::vector<std::vector<Definition>>;  // by category

void count_value(std::vector<Definition>& all, std::string_view name, std::string_view json) {
  auto at = std::find_if(all.begin(), all.end(), [&](const Definition& known) { return known.name == name; });
  if (at == all.end()) at = all.insert(all.end(), Definition{.name = std::string(name)});
  const NumberText number = read_number(json);
  at->numbers = at->numbers && number.length == json.size() && number.length > 0;
  at->booleans = at->booleans && (json == "true" || json == "false");
  if (at->values.size() > most_values) return;
  std::string text = text_of_json(json);
  if (std::find(at->values.begin(), at->values.end(), text) == at->values.end()) at->values.push_back(std::move(text));
}

Definitions definitions_of(const Dataset& d) {
  Definitions all(d.categories.size());
  for (std::size_t i = 0; i < d.annotations.size(); ++i) {
    const auto index = to_index<AnnotationIndex>(i);
    const Annotation& a = d.annotations[i];
    if (a.category == none<CategoryIndex> || written_form(d, index) == ToolForm::none) continue;
    std::vector<Definition>& of_class = all[to_size(a.category)];
    for (const Attribute& row : d.attributes_of(Owner::annotation, i))
      count_value(of_class, d.text(row.key), d.text(row.value));
    const auto has = [&](std::string_view name, bool said) {
      const auto same = [&](const Definition& known) { return known.name == name; };
      if (said && std::none_of(of_class.begin(), of_class.end(), same))
        of_class.push_back({.name = std::string(name), .numbers = false, .booleans = false});
    };
    has(id_name, d.annotation_ids[i] != Ids::absent);
    has(score_name, !is_unstated(d.score(index)));
    has(layer_name, a.layer != 0);
    has(marks_name, !text_of_marks(a.flags, a.kind != Kind::tag).empty());
    has(track_name, !d.track_ids.empty() && !d.track_ids[i].empty());
  }
  return all;
}

void append_definition(std::string& out, const Definition& definition) {
  const bool few = definition.values.size() <= most_values && !definition.name.starts_with(own_prefix) &&
                   std::none_of(definition.values.begin(), definition.values.end(),
                                [](const std::string& v) { return v.empty() || v.find('\n') != std::string::npos; });
  const bool select = few && !definition.numbers && !definition.booleans;
  const std::string_view type = definition.booleans ? "checkbox" : select ? "select" : "text";
  out += "            <attribute>\n";
  append_element(out, "              ", "name", definition.name);
  append_element(out, "              ", "mutable", "False");
  append_element(out, "              ", "input_type", type);
  const bool lists = select && !definition.values.empty();
  append_element(out, "              ", "default_value",
                 definition.booleans ? std::string_view("false")
                 : lists             ? definition.values.front()
                                     : "");
  std::string values = definition.booleans ? "false\ntrue" : "";
  if (lists)
    for (const std::string& value : definition.values) values += (values.empty() ? "" : "\n") + value;
  append_element(out, "              ", "values", values);
  out += "            </attribute>\n";
}

void append_labels(std::string& out, const Dataset& d, const Plan& plan) {
  const Definitions definitions = definitions_of(d);
  out += "      <labels>\n";
  for (std::size_t c = 0; c < d.categories.size(); ++c) {
    const Category& category = d.categories[c];
    const bool skeleton = !plan.points[c].empty() || category.has_keypoints;
    out += "        <label>\n";
    append_element(out, "          ", "name", plan.class_names[c]);
    append_element(out, "          ", "type", skeleton ? "skeleton" : "any");
    out += "          <attributes>\n";
    for (const Definition& definition : definitions[c]) append_definition(out, definition);
    out += "          </attributes>\n";
    if (skeleton) append_element(out, "          ", "svg", drawing(plan.points[c], category.skeleton));
    out += "        </label>\n";
    for (const std::string& point : plan.points[c]) {
      out += "        <label>\n";
      append_element(out, "          ", "name", point);
      append_element(out, "          ", "type", "points");
      out += "          <attributes>\n          </attributes>\n";
      append_element(out, "          ", "parent", plan.class_names[c]);
      out += "        </label>\n";
    }
  }
  out += "      </labels>\n";
}

/// Whether the kept head still says what will be written.
bool still_holds(const Dataset& d, const Plan& plan, std::string_view kept) {
  const Result<Xml> xml = Xml::parse(kept);
  if (!xml) return false;
  const Meta meta = read_meta(xml->root());
  if (!meta.subset.empty() || meta.labels.size() != d.categories.size()) return false;
  for (std::size_t c = 0; c < d.categories.size(); ++c) {
    const Label& label = meta.labels[c];
    const bool skeleton = !plan.points[c].empty() || d.categories[c].has_keypoints;
    if (label.name != plan.class_names[c] || label.points != plan.points[c] || label.skeleton != skeleton ||
        label.edges != d.categories[c].skeleton)
      return false;
  }
  return meta.subsets == plan.subsets;
}

}  // namespace

Meta read_meta(XmlNode node) {
  Meta meta;
  for (const std::string_view kind : {"project", "task", "job"}) {
    const XmlNode part = node.child(kind);
    if (!part) continue;
    if (const XmlNode labels = part.child("labels")) read_labels(labels, meta);
    if (kind != "project") meta.subset = without_blanks(part.child("subset").text());
    if (meta.subset == "default") meta.subset.clear();
    std::string_view subsets = part.child("subsets").text();
    while (!subsets.empty()) {
      const std::size_t end = std::min(subsets.find('\n'), subsets.size());
      if (const std::string_view name = without_blanks(subsets.substr(0, end)); !name.empty())
        meta.subsets.emplace_back(name);
      subsets.remove_prefix(std::min(end + 1, subsets.size()));
    }
    if (const XmlNode size = part.child("original_size"); size && meta.width == 0) {
      meta.width = count_in(size.child("width"));
      meta.height = count_in(size.child("height"));
    }
  }
  if (const XmlNode size = node.child("original_size"); size && meta.width == 0) {
    meta.width = count_in(size.child("width"));
    meta.height = count_in(size.child("height"));
  }
  return meta;
}

std::string meta_text(const Dataset& d, const Plan& plan) {
  if (is_native(d) && !d.residue.empty()) {
    const Result<Json> own = Json::parse(d.residue);
    const std::string_view kept = own ? own->text_or("meta", "") : std::string_view();
    if (!kept.empty() && still_holds(d, plan, kept)) return std::string(kept);
  }
  const std::string_view kind = plan.subsets.empty() ? "task" : "project";
  std::string out = "<meta>\n    <" + std::string(kind) + ">\n";
  append_labels(out, d, plan);
  if (!plan.subsets.empty()) {
    out += "      <tasks>\n";
    for (const std::string& name : plan.subsets) {
      out += "        <task>\n";
      append_element(out, "          ", "name", name);
      append_element(out, "          ", "subset", name);
      out += "        </task>\n";
    }
    out += "      </tasks>\n";
    std::string subsets;
    for (const std::string& name : plan.subsets) subsets += (subsets.empty() ? "" : "\n") + name;
    append_element(out, "      ", "subsets", subsets);
  }
  out += "    </" + std::string(kind) + ">\n  </meta>";
  return out;
}

Pieces cut(std::string_view xml) {
  Pieces pieces;
  XmlTags tags(xml);
  XmlTags::Tag tag;
  int depth = 0;
  bool closed = false;
  while (!closed && tags.next(tag)) {
    if (tag.closes) {
      --depth;
      if (depth == 1 && !pieces.all.empty()) pieces.all.back().end = tag.end;
      closed = depth <= 0;
      continue;
    }
    if (depth == 0) pieces.root = tag.name;
    if (depth == 1) pieces.all.push_back({tag.begin, tag.empty ? tag.end : 0, tag.name});
    if (depth == 0 && tag.empty) return pieces;
    if (!tag.empty) ++depth;
  }
  if (!pieces.all.empty() && pieces.all.back().end == 0) {
    pieces.broken = pieces.all.back().begin;
    pieces.all.pop_back();
  } else if (!closed) {
    pieces.broken = xml.size();
  }
  return pieces;
}

}  // namespace vetset::cvat_parts
