// Verifying: the façade over package/'s levels, with the disk.
#include "vetset/vetset_verify.h"
#include "vetset/base/day.h"
#include "vetset/package/key_file.h"

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
  const Pool pool(options.common.threads);
  const Limits& limits = options.common.limits;
  if (options.strict)
    request.look_at_images = [&](const Tree& tree, std::span<const std::string_view> paths) {
      return suspicious_images(tree, paths, limits, pool);
    };
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_tree(path, {.limits = limits, .audit = true}));
  VETSET_TRY(Verification seen, verify_package(*tree, request, pool, options.common.progress));
  if (!options.against.empty()) VETSET_DO(tell_differences(path, options.against, options.common, seen));
  return seen;
}

}  // namespace vetset
