// Places in the text of a kept file, so that it can be written again with as little changed as need be.
#include <algorithm>

#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
namespace {

/// Steps from tag to tag; comments, CDATA, instructions and document types are stepped over.
class Tags {
 public:
  explicit Tags(std::string_view xml) : xml_(xml) {}

  struct Tag {
    std::size_t begin = 0, end = 0;
    std::string_view name;
    bool closes = false, empty = false;
  };
  bool next(Tag& tag) {
    for (;;) {
      at_ = xml_.find('<', at_);
      if (at_ == std::string_view::npos) return false;
      const std::string_view rest = xml_.substr(at_);
      if (rest.starts_with("<!--")) {
        if (!skip_past("-->")) return false;
      } else if (rest.starts_with("<![CDATA[")) {
        if (!skip_past("]]>")) return false;
      } else if (rest.starts_with("<?") || rest.starts_with("<!")) {
        if (!skip_past(">")) return false;
      } else {
        return read(tag);
      }
    }
  }

 private:
  bool skip_past(std::string_view end) {
    const std::size_t found = xml_.find(end, at_);
    at_ = found == std::string_view::npos ? found : found + end.size();
    return found != std::string_view::npos;
  }
  bool read(Tag& tag) {
    tag.begin = at_;
    std::size_t end = at_ + 1;
    for (char quote = 0; end < xml_.size(); ++end) {  // a quoted value may hold '>'
      const char c = xml_[end];
      if (quote != 0)
        quote = c == quote ? 0 : quote;
      else if (c == '"' || c == '\'')
        quote = c;
      else if (c == '>')
        break;
    }
    if (end >= xml_.size()) return false;
    tag.end = at_ = end + 1;
    tag.closes = xml_[tag.begin + 1] == '/';
    tag.empty = xml_[end - 1] == '/';
    const std::size_t name = tag.begin + (tag.closes ? 2 : 1);
    tag.name = xml_.substr(name, std::min(xml_.find_first_of(" \t\r\n/>", name), end) - name);
    return true;
  }

  std::string_view xml_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Span> object_spans(std::string_view xml) {
  std::vector<Span> spans;
  Tags tags(xml);
  Tags::Tag tag;
  for (int depth = 0; tags.next(tag);) {
    if (tag.closes) {
      --depth;
      if (depth == 1 && tag.name == "object" && !spans.empty()) spans.back().end = tag.end;
      continue;
    }
    if (depth == 1 && tag.name == "object") spans.push_back({tag.begin, tag.end});
    if (!tag.empty) ++depth;
  }
  return spans;
}

std::optional<Span> child_text(std::string_view xml, std::string_view name) {
  Tags tags(xml);
  Tags::Tag tag;
  for (int depth = 0; tags.next(tag);) {
    if (tag.closes) {
      --depth;
      continue;
    }
    if (depth == 1 && tag.name == name) {
      if (tag.empty) return std::nullopt;
      const std::size_t end = xml.find('<', tag.end);
      if (end == std::string_view::npos || end + 1 >= xml.size() || xml[end + 1] != '/') return std::nullopt;
      return Span{tag.end, end};
    }
    if (!tag.empty) ++depth;
  }
  return std::nullopt;
}

}  // namespace vetset::voc_parts
