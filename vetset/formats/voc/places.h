// Which image an XML file speaks of, and by which name the lists know it. For read.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vetset/formats/format.h"

namespace vetset::voc_parts {

/// Where an XML file stands: the folder that holds Annotations/, and its name below that without extension.
struct XmlPlace {
  std::string_view root;  // "" or ending in '/'
  std::string_view id;    // "a", "sub/a"
  bool devkit = false;    // below a folder "Annotations"
};
/// Parts of the path that is given.
XmlPlace place_of(std::string_view xml_path);

/// What was found, and how.
struct FoundImage {
  std::string_view media;  // in the tree; empty: it is not there
  bool in_images = false;  // in the tree of --images-dir
  bool ambiguous = false;  // several files of one name: none is taken
};

class ImageFinder {
 public:
  ImageFinder(const Tree& tree, const ReadOptions& options);
  FoundImage find(std::string_view xml_path, const XmlPlace& place, std::string_view filename, std::string_view folder);
  /// The images "path.*" of the tree.
  std::vector<std::string_view> with_stem(std::string_view path) const;
  /// Where the image would be, were it there.
  std::string absent_path(std::string_view xml_path, const XmlPlace& place, std::string_view filename) const;
  bool any_image() const { return any_image_; }

 private:
  std::string_view unique(const Tree& tree, bool own, std::string_view filename, std::string_view stem,
                          bool& ambiguous);

  using Names = std::unordered_map<std::string_view, std::vector<std::string_view>>;
  const Tree& tree_;
  const ReadOptions& options_;
  bool any_image_ = false;
  Names by_name_[2], by_stem_[2];  // of the tree, of --images-dir; made when first needed
  bool made_[2] = {};
};

}  // namespace vetset::voc_parts
