// What a source says of an image or an annotation beyond what the model holds: attributes and keys of its record, by
// name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// The value of each image under each key, as text: `values[key][image]`, empty where it has none. A key names an
/// attribute or a key of the record. Numbers and truth values come as they are written, arrays and objects not at all.
std::vector<std::vector<std::string>> image_values(const Dataset& d, std::span<const std::string_view> keys);
/// The same for annotations.
std::vector<std::vector<std::string>> annotation_values(const Dataset& d, std::span<const std::string_view> keys);

}  // namespace vetset
