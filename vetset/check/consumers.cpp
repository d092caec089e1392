#include "vetset/check/consumer.h"

namespace vetset {

extern const Consumer ultralytics;
extern const Consumer pycocotools;
extern const Consumer torchvision;

namespace {

constexpr const Consumer* all_consumers[] = {&ultralytics, &pycocotools, &torchvision};

std::string part_of(std::uint64_t read, std::uint64_t all, std::string_view what) {
  return std::to_string(read) + "/" + std::to_string(all) + " " + std::string(what);
}

}  // namespace

std::string ConsumerView::line() const {
  if (!refused.empty()) return consumer + " does not start: " + refused;
  return consumer + " reads " + part_of(images_read, images, "images") + ", " +
         part_of(objects_read, objects, "objects");
}

std::span<const Consumer* const> consumers() { return all_consumers; }

}  // namespace vetset
