// Verifying: the façade over package/'s levels, with the disk.
#include "vetset/base/day.h"
#include "vetset/package/key_file.h"
#include "vetset/vetset.h"

namespace vetset {

Result<Verification> verify(const std::string& path, const VerifyOptions& options) {
  VerifyRequest request{.today = options.today, .only = options.only, .share = options.share, .strict = options.strict};
  VETSET_TRY(request.keys, read_public_keys(options.keys));
  if (request.today.empty()) request.today = today();
  PolicyFile policy;
  if (options.policy.empty() != options.policy_keys.empty())
    return Error{Code::usage, options.policy.empty() ? "a policy's key is given, and no policy"
                                                     : "expected the key that signed the policy: --policy-key FILE"};
  if (!options.policy.empty()) {
    VETSET_TRY(policy, read_policy(options.policy, options.policy_keys));
    request.policy = &policy.policy;
  }
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_tree(path, {.limits = options.common.limits}));
  return verify_package(*tree, request, Pool(options.common.threads), options.common.progress);
}

}  // namespace vetset
