// The fields that are compared, and what outcomes and verbs are called.
#include "vetset/dataset/compare.h"

namespace vetset {

std::span<const FieldInfo> fields() {
  static constexpr FieldInfo all[] = {
#define VETSET_FIELD(id, text, owner, unit) {Field::id, text, Owner::owner, unit},
#include "vetset/dataset/fields.def"
#undef VETSET_FIELD
  };
  return all;
}

std::string_view name(Field field) { return fields()[static_cast<std::size_t>(field)].name; }

std::string_view name(Outcome outcome) {
  static constexpr std::string_view words[] = {"kept", "changed", "lost", "added"};
  return words[static_cast<std::size_t>(outcome)];
}

std::string_view name(Verb verb) {
  static constexpr std::string_view words[] = {"exact",   "quantised", "rekeyed",    "encoded", "split",
                                               "derived", "defaulted", "aggregated", "dropped", "refused"};
  return words[static_cast<std::size_t>(verb)];
}

}  // namespace vetset
