// What verbs share that make claims about a package: attest, and pack with --evidence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "vetset/vetset.h"

namespace vetset {
class JsonWriter;
}

namespace vetset::cli {

struct ClaimFlags {
  std::vector<std::string> select, ignore, group_by, steps;
  std::string fail_on, lock, near, earlier, model;
  int radius = -1;
  bool pixels = false, no_cache = false;
};
/// Declares how claims are found out; `lineage` is what the flag is called that names an earlier version.
void define_claims(Arguments& arguments, ClaimFlags& flags, std::string_view lineage);
Result<ClaimOptions> claim_options(const ClaimFlags& flags);
/// Member "claims".
void write_claims(JsonWriter& out, const std::vector<ClaimMade>& claims);
std::string told_claims(const Terminal& t, const std::vector<ClaimMade>& claims);

}  // namespace vetset::cli
