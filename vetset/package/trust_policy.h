// A trust policy: whose word counts, for how long, and what must have been said about a package. A signed JSON document
// of the receiver's, docs/schema/trust-v1.json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/result.h"
#include "vetset/package/sign.h"

namespace vetset {

struct TrustedKey {
  PublicKey key;
  std::string name;                               // "release@acme"
  std::vector<std::string> roles;                 // "release", "auditor", …
  std::string valid_from = {}, valid_until = {};  // days, "2026-01-31", both inclusive; empty: no bound
  bool revoked = false;
};

/// How many different keys of a role must have signed the package.
struct RequiredSignatures {
  std::string role;
  unsigned count = 1;
};

/// A statement that must be there.
struct RequiredEvidence {
  std::string kind;    // "audit": predicate_of(kind)
  std::string role;    // of a key that signed it; empty: any trusted key
  std::string result;  // what its predicate's `result` must be: "PASSED"; empty: anything
};

struct TrustPolicy {
  std::string name;
  std::uint64_t version = 1;
  std::vector<TrustedKey> keys;
  std::vector<RequiredSignatures> signatures;
  std::vector<RequiredEvidence> evidence;
  std::vector<Digest> revoked_packages;  // package_ids
  std::vector<std::string> licences;     // SPDX ids that are allowed; empty: any
};

/// Reads a policy; an error names the place and what was expected.
Result<TrustPolicy> parse_trust_policy(std::string_view json);

}  // namespace vetset
