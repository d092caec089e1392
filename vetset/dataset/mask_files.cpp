#include "vetset/dataset/mask_files.h"

#include "vetset/base/json.h"

namespace vetset {

std::vector<MaskFile> mask_files(const Dataset& d) {
  std::vector<MaskFile> files;
  for (const Attribute& attribute : d.attributes) {
    if (attribute.owner != Owner::image) continue;
    const std::string_view key = d.text(attribute.key);
    if (key != "segmentation_class" && key != "segmentation_object") continue;
    JsonCursor in(d.text(attribute.value));
    if (in.type() == JsonType::string)
      files.push_back({.image = ImageIndex{attribute.index},
                       .path = std::string(in.read_string()),
                       .of_objects = key == "segmentation_object"});
  }
  return files;
}

}  // namespace vetset
