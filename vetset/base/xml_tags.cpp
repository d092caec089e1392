#include "vetset/base/xml_tags.h"

#include <algorithm>

namespace vetset {

bool XmlTags::next(Tag& tag) {
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

bool XmlTags::skip_past(std::string_view end) {
  const std::size_t found = xml_.find(end, at_);
  at_ = found == std::string_view::npos ? found : found + end.size();
  return found != std::string_view::npos;
}

bool XmlTags::read(Tag& tag) {
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

}  // namespace vetset
