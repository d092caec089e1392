#include "vetset/package/attestation.h"

namespace vetset {
namespace {

constexpr std::string_view before = "urn:vetset:attestation:", after = ":v1";

}  // namespace

std::string predicate_of(std::string_view kind) { return std::string(before) + std::string(kind) + std::string(after); }

std::string_view kind_of(std::string_view type) {
  if (type.size() <= before.size() + after.size() || !type.starts_with(before) || !type.ends_with(after)) return {};
  return type.substr(before.size(), type.size() - before.size() - after.size());
}

}  // namespace vetset
