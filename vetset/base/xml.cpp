#include "vetset/base/xml.h"

#include <algorithm>
#include <cstring>
#include <pugixml.hpp>
#include <vector>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

/// Elements and the rest of one document together: a file of "<a/><a/>…" costs a hundred times its size in memory.
constexpr std::size_t most_nodes = std::size_t{1} << 22;

pugi::xml_node node_of(const void* node) {
  return pugi::xml_node(static_cast<pugi::xml_node_struct*>(const_cast<void*>(node)));
}

pugi::xml_node element_from(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

std::size_t offset_of(pugi::xml_node element) {
  const std::ptrdiff_t at = element.offset_debug();  // of the name behind "<"
  return at > 0 ? static_cast<std::size_t>(at - 1) : 0;
}

Error malformed_xml(std::string_view text, std::size_t offset, std::string message) {
  const LineColumn at = line_column(text, std::min(offset, text.size()));
  return Error{Code::malformed, std::move(message), {}, at.line, at.column};
}

std::string what_of(pugi::xml_parse_status status) {
  switch (status) {
    case pugi::status_unrecognized_tag: return "found a '<' that begins no tag";
    case pugi::status_bad_pi: return "found a processing instruction that does not end";
    case pugi::status_bad_comment: return "found a comment that does not end";
    case pugi::status_bad_cdata: return "found a CDATA section that does not end";
    case pugi::status_bad_doctype: return "found a document type that does not end";
    case pugi::status_bad_pcdata: return "found text where none may be";
    case pugi::status_bad_start_element: return "found a broken start tag";
    case pugi::status_bad_attribute: return "found a broken attribute";
    case pugi::status_bad_end_element: return "found a broken end tag";
    case pugi::status_end_element_mismatch: return "an end tag does not match its start tag";
    case pugi::status_no_document_element: return "found no element";
    default: return "invalid XML";
  }
}

}  // namespace

struct Xml::State {
  pugi::xml_document document;
  std::vector<XmlNode::Element> elements;  // as they begin; there is room for all, so they do not move

  /// Takes an element and those inside it; nothing where they nest deeper than that.
  XmlNode::Element* take(pugi::xml_node from, std::uint32_t depth) {
    if (depth == 0) return nullptr;
    XmlNode::Element& to = elements.emplace_back();
    to.name = from.name();
    to.node = from.internal_object();
    const XmlNode::Element** next = &to.first;
    bool has_text = false;
    for (pugi::xml_node child = from.first_child(); child; child = child.next_sibling()) {
      const pugi::xml_node_type type = child.type();
      if (type == pugi::node_element) {
        XmlNode::Element* const inner = take(child, depth - 1);
        if (inner == nullptr) return nullptr;
        *next = inner;
        next = &inner->next;
        continue;
      }
      if (depth == 1) return nullptr;
      if (has_text || (type != pugi::node_pcdata && type != pugi::node_cdata)) continue;
      has_text = true;
      to.text = child.value();
    }
    return &to;
  }
};

Xml::Xml(std::unique_ptr<State> state) : state_(std::move(state)) {}
Xml::Xml(Xml&&) noexcept = default;
Xml& Xml::operator=(Xml&&) noexcept = default;
Xml::~Xml() = default;

Result<Xml> Xml::parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.value_bytes)
    return Error{Code::limit, "has " + std::to_string(text.size()) + " bytes, expected at most " +
                                  std::to_string(limits.value_bytes)};
  const auto tags = static_cast<std::size_t>(std::count(text.begin(), text.end(), '<'));
  if (tags > most_nodes) return Error{Code::limit, "has more than " + std::to_string(most_nodes) + " tags"};
  auto state = std::make_unique<State>();
  const pugi::xml_parse_result read = state->document.load_buffer(text.data(), text.size(), pugi::parse_default);
  if (!read) {
    if (read.status == pugi::status_out_of_memory) return Error{Code::limit, "needs more memory than there is"};
    return malformed_xml(text, static_cast<std::size_t>(std::max<std::ptrdiff_t>(read.offset, 0)),
                         what_of(read.status));
  }
  const pugi::xml_node root = state->document.document_element();
  if (const pugi::xml_node second = element_from(root.next_sibling()))
    return malformed_xml(text, offset_of(second), "found a second top-level element");
  state->elements.reserve(tags);
  if (state->take(root, limits.depth) == nullptr)
    return Error{Code::limit, "nests deeper than " + std::to_string(limits.depth) + " elements"};
  return Xml(std::move(state));
}

XmlNode Xml::root() const { return XmlNode(state_->elements.data()); }

std::size_t XmlNode::offset() const { return element_ != nullptr ? offset_of(node_of(element_->node)) : 0; }

XmlNode::Attribute XmlNode::first_attribute() const {
  const pugi::xml_attribute a = node_of(element_ != nullptr ? element_->node : nullptr).first_attribute();
  return {a.internal_object(), a.name(), a.value()};
}
XmlNode::Attribute XmlNode::next_attribute(const Attribute& after) {
  const pugi::xml_attribute a =
      pugi::xml_attribute(static_cast<pugi::xml_attribute_struct*>(const_cast<void*>(after.at))).next_attribute();
  return {a.internal_object(), a.name(), a.value()};
}

namespace {

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t stop = std::min(text.find_first_of(special, at), text.size());
    out.append(text.substr(at, stop - at));
    at = stop;
    if (at == text.size()) return;
    switch (text[at++]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\t': out += "&#9;"; break;
      case '\n': out += "&#10;"; break;
      default: out += "&#13;"; break;
    }
  }
}

}  // namespace

void append_xml_text(std::string& out, std::string_view text) { append_escaped(out, text, "&<>\r"); }
void append_xml_attribute(std::string& out, std::string_view text) { append_escaped(out, text, "&<>\"\t\n\r"); }

bool fits_xml(std::string_view text) {
  const auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; };
  if (std::any_of(text.begin(), text.end(), bad) || invalid_utf8(text)) return false;
  return text.find("\xef\xbf\xbe") == std::string_view::npos && text.find("\xef\xbf\xbf") == std::string_view::npos;
}

bool is_xml_name(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':'; };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), inner) && fits_xml(text);
}

}  // namespace vetset
