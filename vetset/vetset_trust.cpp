// Keys and trust policies: the façade over package/, with the disk.
#include <filesystem>

#include "vetset/base/json.h"
#include "vetset/base/publish.h"
#include "vetset/package/key_file.h"
#include "vetset/package/trust_policy.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

constexpr std::uint64_t policy_limit = 16U << 20;  // bytes of a signed one

}  // namespace

Result<KeyFacts> show_key(const std::string& path, const std::string& passphrase) {
  VETSET_TRY(std::string pem, read_key_file(path));
  if (pem.find("PRIVATE KEY") != std::string::npos) {
    VETSET_TRY(pem, read_private_key(path));
  }
  auto facts = read_key(pem, passphrase);
  if (!facts) return std::move(facts).error().in(path);
  return facts;
}

Result<TrustPolicy> new_policy(const std::string& path, const std::string& name, const std::vector<PolicyKey>& keys) {
  if (keys.empty()) return Error{Code::usage, "expected a key at least: --add ROLE=FILE"};
  TrustPolicy policy{.name = name};
  for (const PolicyKey& k : keys) {
    VETSET_TRY(std::vector<PublicKey> read, read_public_keys({k.path}));
    const std::string of_file = std::filesystem::path(k.path).filename().string();
    TrustedKey key{.key = std::move(read.front()), .name = of_file.substr(0, of_file.find('.')), .roles = {k.role}};
    bool known = false;
    for (TrustedKey& other : policy.keys)
      if (other.key.hint == key.key.hint) {
        other.roles.push_back(k.role);
        known = true;
      }
    if (!known) policy.keys.push_back(std::move(key));
  }
  policy.signatures.push_back({.role = keys.front().role});
  const std::string json = to_json(policy);
  if (auto sound = parse_trust_policy(json); !sound) return std::move(sound).error().in(path);
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) return Error{Code::refused, "is there already", path};
  VETSET_DO(write_file_atomically(path, pretty_json(json) + "\n"));
  return policy;
}

Result<PolicyFile> sign_policy(const std::string& path, const std::string& target, const SignPolicyOptions& options) {
  VETSET_TRY(const std::string json, read_key_file(path, policy_limit));
  auto policy = parse_trust_policy(json);
  if (!policy) return std::move(policy).error().in(path);
  VETSET_TRY(const std::string key, read_private_key(options.key));
  auto made = sign_trust_policy(*policy, key, options.passphrase);
  if (!made) return std::move(made).error().in(options.key);
  std::error_code failed;
  if (!options.overwrite && std::filesystem::exists(target, failed))
    return Error{Code::refused, "is there already; --overwrite replaces it", target};
  VETSET_DO(write_file_atomically(target, made->json));
  return PolicyFile{*std::move(policy), made->hint, true};
}

Result<PolicyFile> read_policy(const std::string& path, const std::vector<std::string>& keys) {
  VETSET_TRY(const std::string text, read_key_file(path, policy_limit));
  const auto envelope = parse_envelope(text);
  if (!keys.empty()) {
    VETSET_TRY(const std::vector<PublicKey> roots, read_public_keys(keys));
    auto policy = open_trust_policy(text, roots);
    if (!policy) return std::move(policy).error().in(path);
    return PolicyFile{*std::move(policy), roots[signers_of(*envelope, roots).front()].hint, true};
  }
  auto policy = parse_trust_policy(envelope ? std::string_view(envelope->payload) : std::string_view(text));
  if (!policy) return std::move(policy).error().in(path);
  return PolicyFile{*std::move(policy), envelope ? envelope->hint : std::string(), false};
}

}  // namespace vetset
