#include "vetset/base/xml.h"

#include <algorithm>
#include <array>
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

/// What `take_plainly` asks of a byte.
enum : std::uint8_t { blank = 1, name_begin = 2, name_rest = 4, words_end = 8 };
constexpr auto kinds_of_bytes = [] {
  const auto place = [](char c) { return static_cast<unsigned char>(c); };
  std::array<std::uint8_t, 256> kinds{};
  for (const char c : {' ', '\t', '\r', '\n'}) kinds[place(c)] = blank;
  for (unsigned char c = 'a'; c <= 'z'; ++c) kinds[c] = kinds[c - 32] = name_begin | name_rest;
  for (unsigned char c = '0'; c <= '9'; ++c) kinds[c] = name_rest;
  for (const char c : {'-', '.'}) kinds[place(c)] = name_rest;
  for (const char c : {'<', '&', '\0'}) kinds[place(c)] = words_end;
  kinds['_'] = name_begin | name_rest;
  return kinds;
}();
bool is_of(char c, unsigned kind) { return (kinds_of_bytes[static_cast<unsigned char>(c)] & kind) != 0; }
constexpr auto is_blank = [](char c) { return is_of(c, blank); };
constexpr auto continues_name = [](char c) { return is_of(c, name_rest); };
constexpr auto ends_words = [](char c) { return is_of(c, words_end); };

}  // namespace

struct Xml::State {
  std::vector<XmlNode::Element> elements;
  std::unique_ptr<pugi::xml_document> document;  // where the library was asked
  struct Open {
    std::size_t element;
    std::size_t last_child;  // itself: it has none yet
  };
  std::vector<Open> open;

  XmlNode::Element& add(std::string_view name, std::size_t offset) {
    const std::size_t index = elements.size();
    if (!open.empty()) {
      Open& parent = open.back();
      if (parent.last_child == parent.element)
        elements[parent.element].parent = true;
      else
        elements[parent.last_child].next = static_cast<std::uint32_t>(index - parent.last_child);
      parent.last_child = index;
    }
    return elements.emplace_back(XmlNode::Element{.name = name, .text = {}, .offset = offset});
  }
  void enter() { open.push_back({elements.size() - 1, elements.size() - 1}); }
  void add_text(std::string_view text) {
    XmlNode::Element& to = elements[open.back().element];
    if (!to.has_text) to.text = text;
    to.has_text = true;
  }

  bool take_plainly(std::string_view text, std::uint32_t depth);
  bool take(pugi::xml_node from, std::uint32_t depth);
};

/// Takes a text of nothing but elements and characters, as nearly all annotation files are: ASCII names, no attributes,
/// no references, no declarations. False where there is anything else: then the library reads it, and says what is
/// wrong.
bool Xml::State::take_plainly(std::string_view text, std::uint32_t depth) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = std::find_if_not(begin, end, is_blank);
  while (at != end) {
    if (*at != '<' || end - at < 3) return false;
    const char* stop = at + 1;
    if (*stop == '/') {
      if (open.empty()) return false;
      const std::string_view name = elements[open.back().element].name;
      if (!std::string_view(stop + 1, end).starts_with(name)) return false;
      stop += 1 + name.size();
      open.pop_back();
    } else {
      if (open.empty() && !elements.empty()) return false;  // a second root
      if (open.size() + 1 >= depth || elements.size() >= most_nodes || !is_of(*stop, name_begin)) return false;
      stop = std::find_if_not(stop, end, continues_name);
      add({at + 1, stop}, static_cast<std::size_t>(at - begin));
      if (stop != end && *stop == '/')
        ++stop;
      else
        enter();
    }
    if (stop == end || *stop != '>') return false;
    const char* const words = stop + 1;
    at = std::find_if_not(words, end, is_blank);
    if (at == end || *at == '<') continue;
    if (open.empty()) return false;
    at = std::find_if(at, end, ends_words);
    const std::string_view said(words, at);
    if (at == end || *at != '<' || said.find('\r') != std::string_view::npos) return false;
    add_text(said);
  }
  return open.empty() && !elements.empty();
}

/// Takes an element of the library and those inside it; false where they nest deeper than that.
bool Xml::State::take(pugi::xml_node from, std::uint32_t depth) {
  if (depth == 0) return false;
  add(from.name(), offset_of(from)).node = from.internal_object();
  enter();
  for (pugi::xml_node child = from.first_child(); child; child = child.next_sibling()) {
    const pugi::xml_node_type type = child.type();
    if (type == pugi::node_element) {
      if (!take(child, depth - 1)) return false;
      continue;
    }
    if (depth == 1) return false;
    if (type == pugi::node_pcdata || type == pugi::node_cdata) add_text(child.value());
  }
  open.pop_back();
  return true;
}

Xml::Xml() : state_(std::make_unique<State>()) {}
Xml::Xml(Xml&&) noexcept = default;
Xml& Xml::operator=(Xml&&) noexcept = default;
Xml::~Xml() = default;

Result<Xml> Xml::parse(std::string_view text, const Limits& limits) {
  Xml xml;
  VETSET_DO(xml.read(text, limits));
  return xml;
}

Result<void> Xml::read(std::string_view text, const Limits& limits) {
  if (text.size() > limits.value_bytes)
    return Error{Code::limit, "has " + std::to_string(text.size()) + " bytes, expected at most " +
                                  std::to_string(limits.value_bytes)};
  State& state = *state_;
  state.elements.clear();
  state.open.clear();
  if (state.take_plainly(text, limits.depth)) return {};
  state.elements.clear();
  state.open.clear();
  const auto tags = static_cast<std::size_t>(std::count(text.begin(), text.end(), '<'));
  if (tags > most_nodes) return Error{Code::limit, "has more than " + std::to_string(most_nodes) + " tags"};
  if (!state.document) state.document = std::make_unique<pugi::xml_document>();
  const pugi::xml_parse_result read = state.document->load_buffer(text.data(), text.size(), pugi::parse_default);
  if (!read) {
    if (read.status == pugi::status_out_of_memory) return Error{Code::limit, "needs more memory than there is"};
    return malformed_xml(text, static_cast<std::size_t>(std::max<std::ptrdiff_t>(read.offset, 0)),
                         what_of(read.status));
  }
  const pugi::xml_node root = state.document->document_element();
  if (const pugi::xml_node second = element_from(root.next_sibling()))
    return malformed_xml(text, offset_of(second), "found a second top-level element");
  if (state.take(root, limits.depth)) return {};
  return Error{Code::limit, "nests deeper than " + std::to_string(limits.depth) + " elements"};
}

XmlNode Xml::root() const { return XmlNode(state_->elements.empty() ? nullptr : state_->elements.data()); }

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
