// Places in the text of a kept file, so that it can be written again with as little changed as need be.
#include "vetset/base/xml_tags.h"
#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
std::vector<Span> object_spans(std::string_view xml) {
  std::vector<Span> spans;
  XmlTags tags(xml);
  XmlTags::Tag tag;
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
  XmlTags tags(xml);
  XmlTags::Tag tag;
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
