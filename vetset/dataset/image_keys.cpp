#include "vetset/dataset/image_keys.h"

#include <algorithm>

#include "vetset/base/json.h"

namespace vetset {
namespace {

/// The scalar that comes next, as text; skips anything else.
std::string scalar(JsonCursor& in) {
  switch (in.type()) {
    case JsonType::string: return std::string(in.read_string());
    case JsonType::number:
    case JsonType::boolean: return std::string(in.skip());
    case JsonType::null:
    case JsonType::array:
    case JsonType::object: break;
  }
  in.skip();
  return {};
}

std::vector<std::vector<std::string>> record_values(const Dataset& d, Owner owner, std::size_t records,
                                                    std::span<const std::string_view> keys) {
  std::vector<std::vector<std::string>> values(keys.size(), std::vector<std::string>(records));
  for (const Residue& residue : d.residues) {
    if (residue.owner != owner) continue;
    JsonCursor in(d.text(residue.json));
    for (in.enter_object(); in.next_member();) {
      const auto key = std::find(keys.begin(), keys.end(), in.key());
      if (key == keys.end())
        in.skip();
      else
        values[static_cast<std::size_t>(key - keys.begin())][residue.index] = scalar(in);
    }
  }
  for (const Attribute& attribute : d.attributes) {
    if (attribute.owner != owner) continue;
    const auto key = std::find(keys.begin(), keys.end(), d.text(attribute.key));
    if (key == keys.end()) continue;
    JsonCursor in(d.text(attribute.value));
    values[static_cast<std::size_t>(key - keys.begin())][attribute.index] = scalar(in);
  }
  return values;
}

}  // namespace

std::vector<std::vector<std::string>> image_values(const Dataset& d, std::span<const std::string_view> keys) {
  return record_values(d, Owner::image, d.images.size(), keys);
}

std::vector<std::vector<std::string>> annotation_values(const Dataset& d, std::span<const std::string_view> keys) {
  return record_values(d, Owner::annotation, d.annotations.size(), keys);
}

}  // namespace vetset
