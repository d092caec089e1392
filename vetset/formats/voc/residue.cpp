// What a file says beyond the model, as JSON and back: {"folder":"VOC2007","source":{"database":"…"},"part":[{…},{…}]}.
// Attributes are "@name", text beside elements is "#text".
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void append_value(JsonWriter& json, XmlNode node, std::uint32_t depth);

/// Elements of one name are together, where the first of them stands.
void append_members(JsonWriter& json, XmlNode parent, std::span<const std::string_view> modelled, std::uint32_t depth) {
  std::vector<std::string_view> kept, written;  // kept: of those that the model has a place for, the first only
  const auto next_of_name = [](XmlNode child) {
    const std::string_view name = child.name();
    for (child = child.next(); child && child.name() != name;) child = child.next();
    return child;
  };
  for (const XmlNode child : parent.elements()) {
    const std::string_view name = child.name();
    if (contains(modelled, name) && !contains(kept, name)) {
      if (name != "object") kept.push_back(name);
      continue;
    }
    if (contains(written, name)) continue;
    written.push_back(name);
    json.key(name);
    const XmlNode second = next_of_name(child);
    if (second) json.begin_array();
    append_value(json, child, depth);
    for (XmlNode more = second; more; more = next_of_name(more)) append_value(json, more, depth);
    if (second) json.end_array();
  }
}

void append_attributes(JsonWriter& json, XmlNode node) {
  node.each_attribute(
      [&](std::string_view name, std::string_view value) { json.key("@" + std::string(name)).value(value); });
}

bool has_attributes(XmlNode node) {
  bool any = false;
  node.each_attribute([&](std::string_view, std::string_view) { any = true; });
  return any;
}

void append_value(JsonWriter& json, XmlNode node, std::uint32_t depth) {
  if (!node.has_elements() && !has_attributes(node)) {
    json.value(node.text());
    return;
  }
  json.begin_object();
  append_attributes(json, node);
  if (!is_blank(node.text())) json.key("#text").value(node.text());
  if (depth > 0) append_members(json, node, {}, depth - 1);
  json.end_object();
}

void append_element(std::string& out, std::string_view name, const Json& value, std::string_view indent) {
  if (!is_xml_name(name)) return;
  if (value.type() == JsonType::array) {
    for (const Json& one : value.elements()) append_element(out, name, one, indent);
    return;
  }
  out.append(indent).append("<").append(name);
  if (value.type() != JsonType::object) {
    out += '>';
    append_xml_text(out, value.text());
    out.append("</").append(name).append(">\n");
    return;
  }
  bool elements = false;
  for (const auto& [key, member] : value.members()) {
    if (!key.starts_with('@')) {
      elements = elements || key != "#text";
      continue;
    }
    if (!is_xml_name(std::string_view(key).substr(1))) continue;
    out.append(" ").append(key, 1).append("=\"");
    append_xml_attribute(out, member.text());
    out += '"';
  }
  out += '>';
  append_xml_text(out, value.text_or("#text", ""));
  if (elements) {
    out += '\n';
    for (const auto& [key, member] : value.members())
      if (!key.starts_with('@') && key != "#text") append_element(out, key, member, std::string(indent) + "\t");
    out.append(indent);
  }
  out.append("</").append(name).append(">\n");
}

/// Whether all that an element says has a place in the model: no attributes, and of elements only those, each once.
bool says_no_more(XmlNode parent, std::span<const std::string_view> modelled) {
  std::uint64_t met = 0;
  for (const XmlNode child : parent.elements()) {
    const auto place = std::find(modelled.begin(), modelled.end(), child.name()) - modelled.begin();
    if (static_cast<std::size_t>(place) >= std::min<std::size_t>(modelled.size(), 64)) return false;
    const std::uint64_t bit = std::uint64_t{1} << place;
    if ((met & bit) != 0 && child.name() != "object") return false;
    met |= bit;
  }
  return !has_attributes(parent);
}

}  // namespace

std::string residue_json(XmlNode parent, std::span<const std::string_view> modelled, std::uint32_t depth) {
  if (says_no_more(parent, modelled)) return {};
  std::string out;
  out.reserve(120);  // folder, source and segmented, as most files have them
  JsonWriter json(out);
  json.begin_object();
  append_attributes(json, parent);
  append_members(json, parent, modelled, depth);
  json.end_object();
  return out == "{}" ? std::string() : out;
}

void append_residue_xml(std::string& out, std::string_view json, std::string_view indent, std::string_view inside) {
  if (json.empty()) return;
  const Result<Json> parsed = Json::parse(json);
  if (!parsed) return;
  const Json* from = &*parsed;
  if (!inside.empty()) from = parsed->find(inside);
  if (from == nullptr) return;
  for (const auto& [key, value] : from->members())
    if (!key.starts_with('@') && !key.starts_with('#') && (!inside.empty() || key != "size"))
      append_element(out, key, value, indent);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find_last_not_of(" \t\r\n") + 1;
  const bool lines = text.substr(0, begin).find('\n') != std::string_view::npos ||
                     text.substr(end).find('\n') != std::string_view::npos;
  return lines ? text.substr(begin, end - begin) : text;
}

}  // namespace vetset::voc_parts
