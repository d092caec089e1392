// The tags of an XML text one by one, without building anything: to find where elements stand in a file that is too
// large for a tree, or that is to be kept as it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace vetset {

/// Steps from tag to tag; comments, CDATA, instructions and document types are stepped over. Checks nothing: what is
/// cut out with it is read by `Xml`.
class XmlTags {
 public:
  explicit XmlTags(std::string_view xml, std::size_t from = 0) : xml_(xml), at_(from) {}

  struct Tag {
    std::size_t begin = 0, end = 0;  // of "<name …>" in the text
    std::string_view name;
    bool closes = false, empty = false;  // "</name>", "<name/>"
  };
  /// False where there is no further tag, or one that does not end.
  bool next(Tag& tag);

 private:
  bool skip_past(std::string_view end);
  bool read(Tag& tag);

  std::string_view xml_;
  std::size_t at_ = 0;
};

}  // namespace vetset
