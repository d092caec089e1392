// XML as a tree, for annotation files of one image: strict about form, bounded in size, count and depth. Document types
// are skipped and their entities never expanded: "&name;" stays as it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "vetset/base/limits.h"
#include "vetset/base/result.h"

namespace vetset {

/// One element, as a view into its Xml. A node that is not there answers with nothing.
class XmlNode {
 public:
  XmlNode() = default;
  explicit operator bool() const { return element_ != nullptr; }
  std::string_view name() const { return element_ != nullptr ? element_->name : std::string_view(); }
  /// The character data that comes first in it, references resolved; empty where there is none.
  std::string_view text() const { return element_ != nullptr ? element_->text : std::string_view(); }
  /// The first child element of that name.
  XmlNode child(std::string_view name) const;
  bool has_elements() const { return static_cast<bool>(first()); }
  /// Where its "<" stands in the text that was parsed.
  std::size_t offset() const { return element_ != nullptr ? element_->offset : 0; }

  XmlNode first() const { return XmlNode(element_ != nullptr && element_->parent ? element_ + 1 : nullptr); }  // child
  XmlNode next() const {  // sibling
    return XmlNode(element_ != nullptr && element_->next > 0 ? element_ + element_->next : nullptr);
  }
  /// for (const XmlNode child : node.elements())
  class Elements;
  Elements elements() const;
  /// Calls with the name and the value of each attribute.
  template <class Visit>
  void each_attribute(Visit visit) const {
    if (element_ == nullptr || element_->node == nullptr) return;
    for (Attribute a = first_attribute(); a.at != nullptr; a = next_attribute(a)) visit(a.name, a.value);
  }

 private:
  friend class Xml;
  /// Elements lie in one array as they begin: the first child of a parent comes right behind it.
  struct Element {
    std::string_view name, text;
    const void* node = nullptr;  // of the library; null: it has no attributes
    std::size_t offset = 0;
    std::uint32_t next = 0;  // how far the next sibling is; 0: there is none
    bool parent = false;     // of elements
    bool has_text = false;
  };
  struct Attribute {
    const void* at = nullptr;
    std::string_view name, value;
  };
  explicit XmlNode(const Element* element) : element_(element) {}
  Attribute first_attribute() const;
  static Attribute next_attribute(const Attribute& after);

  const Element* element_ = nullptr;
};

class XmlNode::Elements {
 public:
  class Iterator {
   public:
    explicit Iterator(XmlNode at) : at_(at) {}
    XmlNode operator*() const { return at_; }
    Iterator& operator++() {
      at_ = at_.next();
      return *this;
    }
    bool operator!=(std::default_sentinel_t) const { return static_cast<bool>(at_); }

   private:
    XmlNode at_;
  };
  explicit Elements(XmlNode parent) : parent_(parent) {}
  Iterator begin() const { return Iterator(parent_.first()); }
  std::default_sentinel_t end() const { return {}; }

 private:
  XmlNode parent_;
};
inline XmlNode::Elements XmlNode::elements() const { return Elements(*this); }
inline XmlNode XmlNode::child(std::string_view wanted) const {
  for (const XmlNode at : elements())
    if (at.name() == wanted) return at;
  return {};
}

class Xml {
 public:
  /// The text must live as long as its nodes are looked at. An error names line and column.
  static Result<Xml> parse(std::string_view text, const Limits& = {});
  /// The same in the place of what was there before: many small files take the same room.
  Result<void> read(std::string_view text, const Limits& = {});
  Xml();
  Xml(Xml&&) noexcept;
  Xml& operator=(Xml&&) noexcept;
  ~Xml();
  /// The one top-level element.
  XmlNode root() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Text as character data: "&", "<" and ">" as references, and what a reader would take for the end of a line.
void append_xml_text(std::string& out, std::string_view text);
/// The same within the quotes of an attribute.
void append_xml_attribute(std::string& out, std::string_view text);
/// Whether XML can hold the text: UTF-8 without control characters but tab, line feed and carriage return.
bool fits_xml(std::string_view text);
/// Whether that can be the name of an element or an attribute.
bool is_xml_name(std::string_view text);

}  // namespace vetset
