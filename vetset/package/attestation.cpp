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

Result<std::vector<Attestation>> read_attestations(const Tree& tree, Form form) {
  std::vector<Attestation> all;
  for (const std::string_view path : tree.list(paths_of(form).attestations)) {
    VETSET_TRY(const Bytes bytes, tree.read(path));
    auto bundle = parse_bundle(bytes);
    if (bundle && !kind_of(bundle->statement.predicate_type).empty())
      all.push_back({.path = std::string(path), .bundle = *std::move(bundle)});
  }
  return all;
}

}  // namespace vetset
