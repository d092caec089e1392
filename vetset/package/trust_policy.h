// A trust policy: whose word counts, for how long, and what must have been said about a package. A JSON document of the
// receiver's (docs/schema/trust-v1.json) that is relied on only where a key of the receiver's own signed it.
#pragma once

#include <cstdint>
#include <span>
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

  bool has_role(std::string_view role) const;  // every key has the role ""
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
  std::vector<TrustedKey> keys;  // no two of the same key or name
  std::vector<RequiredSignatures> signatures;
  std::vector<RequiredEvidence> evidence;
  std::vector<Digest> revoked_packages;  // package_ids
  std::vector<std::string> licences;     // SPDX ids that are allowed; empty: any

  const TrustedKey* find(std::string_view hint) const;  // null where the policy has no such key
};

/// Reads a policy; an error names the place and what was expected. Members that a policy does not have are errors: a
/// rule that is passed over protects nobody.
Result<TrustPolicy> parse_trust_policy(std::string_view json);
/// Its one spelling: canonical JSON.
std::string to_json(const TrustPolicy& policy);

/// Signs a policy: a DSSE envelope of this type in a Sigstore bundle, as statements have it.
inline constexpr std::string_view trust_payload = "application/vnd.vetset.trust.v1+json";
Result<SignedBundle> sign_trust_policy(const TrustPolicy& policy, std::string_view private_pem,
                                       std::string_view passphrase);
/// Opens a signed policy. One that is not signed, or by none of these keys, is an error (Code::untrusted).
Result<TrustPolicy> open_trust_policy(std::string_view bundle, std::span<const PublicKey> keys);

}  // namespace vetset
