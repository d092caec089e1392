#include "vetset/base/xml.h"

#include <algorithm>
#include <cstring>
#include <pugixml.hpp>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

/// Elements and the rest of one document together: a file of "<a/><a/>…" costs a hundred times its size in memory.
constexpr std::size_t most_nodes = std::size_t{1} << 22;

pugi::xml_node node_of(const void* node) {
  return pugi::xml_node(static_cast<pugi::xml_node_struct*>(const_cast<void*>(node)));
}

const void* element_from(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node.internal_object();
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

/// Whether elements nest no deeper than that.
bool is_shallow(pugi::xml_node root, std::uint32_t limit) {
  std::uint32_t depth = 1;
  for (pugi::xml_node at = root; at;) {
    if (depth > limit) return false;
    if (at.first_child()) {
      at = at.first_child();
      ++depth;
      continue;
    }
    while (at && at != root && !at.next_sibling()) {
      at = at.parent();
      --depth;
    }
    if (at == root) break;
    at = at.next_sibling();
  }
  return true;
}

}  // namespace

struct Xml::State {
  pugi::xml_document document;
};

Xml::Xml(std::unique_ptr<State> state) : state_(std::move(state)) {}
Xml::Xml(Xml&&) noexcept = default;
Xml& Xml::operator=(Xml&&) noexcept = default;
Xml::~Xml() = default;

Result<Xml> Xml::parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.value_bytes)
    return Error{Code::limit, "has " + std::to_string(text.size()) + " bytes, expected at most " +
                                  std::to_string(limits.value_bytes)};
  if (static_cast<std::size_t>(std::count(text.begin(), text.end(), '<')) > most_nodes)
    return Error{Code::limit, "has more than " + std::to_string(most_nodes) + " tags"};
  auto state = std::make_unique<State>();
  const pugi::xml_parse_result read = state->document.load_buffer(text.data(), text.size(), pugi::parse_default);
  if (!read) {
    if (read.status == pugi::status_out_of_memory) return Error{Code::limit, "needs more memory than there is"};
    return malformed_xml(text, static_cast<std::size_t>(std::max<std::ptrdiff_t>(read.offset, 0)),
                         what_of(read.status));
  }
  const pugi::xml_node root = state->document.document_element();
  if (const void* second = element_from(root.next_sibling()))
    return malformed_xml(text, XmlNode(second).offset(), "found a second top-level element");
  if (!is_shallow(root, limits.depth))
    return Error{Code::limit, "nests deeper than " + std::to_string(limits.depth) + " elements"};
  return Xml(std::move(state));
}

XmlNode Xml::root() const { return XmlNode(state_->document.document_element().internal_object()); }

std::string_view XmlNode::name() const { return node_of(node_).name(); }
std::string_view XmlNode::text() const { return node_of(node_).child_value(); }
XmlNode XmlNode::child(std::string_view wanted) const {
  for (const XmlNode at : elements())
    if (at.name() == wanted) return at;
  return {};
}
bool XmlNode::has_elements() const { return static_cast<bool>(first()); }
std::size_t XmlNode::offset() const {
  const std::ptrdiff_t at = node_of(node_).offset_debug();  // of the name behind "<"
  return at > 0 ? static_cast<std::size_t>(at - 1) : 0;
}
XmlNode XmlNode::first() const { return XmlNode(element_from(node_of(node_).first_child())); }
XmlNode XmlNode::next() const { return XmlNode(element_from(node_of(node_).next_sibling())); }

XmlNode::Attribute XmlNode::first_attribute() const {
  const pugi::xml_attribute a = node_of(node_).first_attribute();
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
