#include "vetset/check/repair.h"

namespace vetset {

#define VETSET_REPAIR(name) extern const Repair name;
#include "vetset/check/repairs.def"
#undef VETSET_REPAIR

std::span<const Repair* const> repairs() {
  static constexpr const Repair* all[] = {
#define VETSET_REPAIR(name) &name,
#include "vetset/check/repairs.def"
#undef VETSET_REPAIR
  };
  return all;
}

}  // namespace vetset
