// Level 4: does what was said about the package satisfy the receiver.
#include <algorithm>

#include "vetset/package/levels.h"

namespace vetset {

void check_policy(const Subject& subject, const std::vector<Attestation>& attestations, Ledger& out) {
  const TrustPolicy* const policy = subject.request.policy;
  if (policy == nullptr) return;
  for (const RequiredEvidence& wanted : policy->evidence) {
    const std::string type = predicate_of(wanted.kind);
    const bool there = std::any_of(attestations.begin(), attestations.end(), [&](const Attestation& a) {
      return a.bundle.statement.predicate_type == type && !a.signers.empty();
    });
    if (!there)
      out.refuse({"L4", "E_ATTEST_MISSING", {}, type, {}, "the policy asks for it, signed by a key it trusts"});
  }
}

}  // namespace vetset
