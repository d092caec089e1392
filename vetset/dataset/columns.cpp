#include "vetset/dataset/columns.h"

#include "vetset/base/json.h"
#include "vetset/dataset/geometry.h"

namespace vetset {

std::optional<std::string> attributes_json(const Dataset& d, Owner owner, std::size_t index) {
  const auto rows = d.attributes_of(owner, index);
  if (rows.empty()) return std::nullopt;
  std::string json;
  JsonWriter w(json);
  w.begin_object();
  for (const Attribute& a : rows) w.key(d.text(a.key)).raw(d.text(a.value));
  w.end_object();
  return json;
}

void add_boxes(std::vector<Maker>& makers, const Dataset& d) {
  const auto side = [&](std::string_view name, double Box::* member) {
    makers.push_back(plain<double>(name, [&d, member](std::size_t i) {
      const Annotation& a = d.annotations[i];
      const bool placed = a.box_origin == Origin::stated || a.box_origin == Origin::derived;
      return placed ? std::optional(a.box.*member) : std::nullopt;
    }));
  };
  side("x", &Box::x);
  side("y", &Box::y);
  side("width", &Box::width);
  side("height", &Box::height);
}

void add_masks(std::vector<Maker>& makers, const Dataset& d) {
  const auto mask = [&d](std::size_t i) -> const Mask* {
    const Shape* s = d.find_shape(d.annotations[i], ShapeKind::mask);
    return s == nullptr || s->count == 0 ? nullptr : &d.masks[s->begin];
  };
  const auto side = [&](std::string_view name, std::uint32_t Mask::* member) {
    makers.push_back(plain<std::uint32_t>(name, [mask, member](std::size_t i) {
      const Mask* m = mask(i);
      return m == nullptr ? std::nullopt : std::optional(m->*member);
    }));
  };
  side("mask_height", &Mask::height);
  side("mask_width", &Mask::width);
  makers.push_back(words("mask_counts", [&d, mask](std::size_t i) {
    const Mask* m = mask(i);
    return m == nullptr ? std::nullopt : std::optional(coco_string_of(d.counts_of(*m)));
  }));
}

}  // namespace vetset
