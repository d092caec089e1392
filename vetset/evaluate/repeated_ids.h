// Records that share an id with a later one, which takes their place in pycocotools: its index keeps the last.
#pragma once

#include <cstdint>
#include <vector>

#include "vetset/dataset/instances.h"

namespace vetset {

struct RepeatedId {
  std::uint32_t row = 0, last = 0;  // a record, and the last one of the same id
};
/// By row. Nothing where there are no ids.
std::vector<RepeatedId> repeated_ids(const InstancesView& rows);

}  // namespace vetset
