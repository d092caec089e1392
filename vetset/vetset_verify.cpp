// Verifying: the façade over package/'s levels, with the disk.
#include "vetset/vetset_verify.h"
#include "vetset/base/day.h"
#include "vetset/package/key_file.h"

namespace vetset {
namespace {

Result<std::vector<AllowedSigner>> read_allowed_signers(const VerifyOptions& options) {
  constexpr std::uint64_t most = 1 << 20;
  if (options.allowed_signers.empty()) {
    if (options.revoked_keys.empty()) return std::vector<AllowedSigner>();
    return Error{Code::usage, "a list of revoked keys goes with --allowed-signers; a policy revokes its own"};
  }
  if (!options.policy.empty())
    return Error{Code::usage, "a policy says whose keys count; leave --allowed-signers out, or the policy"};
  VETSET_TRY(const std::string lines, read_key_file(options.allowed_signers, most));
  auto signers = parse_allowed_signers(lines);
  if (!signers) return std::move(signers).error().in(options.allowed_signers);
  if (options.revoked_keys.empty()) return signers;
  VETSET_TRY(const std::string list, read_key_file(options.revoked_keys, most));
  if (auto done = revoke(*signers, list); !done) return std::move(done).error().in(options.revoked_keys);
  return signers;
}

}  // namespace

Result<Verification> verify(const std::string& path, const VerifyOptions& options) {
  VerifyRequest request{.today = options.today, .only = options.only, .share = options.share, .strict = options.strict};
  VETSET_TRY(request.keys, read_public_keys(options.keys));
  if (request.today.empty()) request.today = today();
  VETSET_TRY(request.ssh_signers, read_allowed_signers(options));
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
