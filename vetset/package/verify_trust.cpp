// Level 3: who signed it.
#include <algorithm>

#include "vetset/package/levels.h"

namespace vetset {
namespace {

/// What was said of a package besides who made it: level 4 holds it to the manifest and to the policy.
Attestation evidence_of(std::string_view path, const Bundle& bundle, const std::vector<PublicKey>& trusted,
                        Ledger& out) {
  Attestation said{.path = std::string(path), .bundle = bundle};
  for (const PublicKey& key : trusted) {
    if (signed_by(bundle, key))
      said.signers.push_back(key.hint);
    else if (key.hint == bundle.hint)
      out.distrust({"L3", "E_SIG", said.path, {}, {}, "the signature is not valid"});
  }
  std::sort(said.signers.begin(), said.signers.end());
  return said;
}

}  // namespace

std::vector<Attestation> check_signatures(const Subject& subject, Ledger& out) {
  const Tree& tree = subject.tree;
  const Digest& package = subject.package;
  const std::vector<PublicKey>& trusted = subject.request.keys;
  std::vector<Attestation> all;
  std::size_t bundles = 0;
  std::string hints;
  for (const std::string_view path : tree.list(paths_of(subject.manifest.form).attestations)) {
    const auto bytes = tree.read(path);
    if (!bytes) {
      out.error({"L3", "E_READ", std::string(path), {}, {}, to_string(bytes.error())});
      continue;
    }
    const auto bundle = parse_bundle(*bytes);
    if (!bundle) {
      const std::string& message = bundle.error().message;
      const bool coded = message.starts_with("E_");
      out.error({"L3",
                 coded ? message.substr(0, message.find(' ')) : "E_ATTEST_FOREIGN",
                 std::string(path),
                 {},
                 {},
                 coded ? message.substr(std::min(message.find(' ') + 1, message.size())) : message});
      continue;
    }
    if (const std::string_view kind = kind_of(bundle->statement.predicate_type); !kind.empty() && kind != "package") {
      all.push_back(evidence_of(path, *bundle, trusted, out));
      continue;
    }
    ++bundles;
    if (bundle->statement.subject != package) {
      out.distrust({"L3", "E_SIG_SUBJECT", std::string(path), bundle->statement.subject.text(), package.text(),
                    "the manifest is not the one that was signed"});
      continue;
    }
    if (bundle->statement.predicate_type != package_predicate) {
      out.distrust({"L3",
                    "E_PREDICATE",
                    std::string(path),
                    std::string(package_predicate),
                    bundle->statement.predicate_type,
                    {}});
      continue;
    }
    hints += (hints.empty() ? "" : ", ") + bundle->hint.substr(0, 16) + "…";
    if (trusted.empty()) continue;
    const auto signer =
        std::find_if(trusted.begin(), trusted.end(), [&](const PublicKey& k) { return signed_by(*bundle, k); });
    if (signer != trusted.end()) {
      out.v.signers.push_back(signer->hint);
      all.push_back({.path = std::string(path), .bundle = *bundle, .signers = {signer->hint}});
      out.ok("L3", "key=" + signer->hint.substr(0, 16) + "… (P-256)");
      continue;
    }
    const bool known =
        std::any_of(trusted.begin(), trusted.end(), [&](const PublicKey& k) { return k.hint == bundle->hint; });
    out.distrust({"L3",
                  known ? "E_SIG" : "E_UNTRUSTED_KEY",
                  std::string(path),
                  {},
                  {},
                  known ? "the signature is not valid"
                        : "signed by key " + bundle->hint.substr(0, 16) + "…, which is not one of those given"});
  }
  if (!trusted.empty() && bundles == 0)
    out.distrust({"L3", "E_UNSIGNED", {}, {}, {}, "a key was given and there is no signature"});
  if (trusted.empty())
    out.v.not_checked.push_back(bundles == 0 ? "who made it: there is no signature"
                                             : "who made it: signed by key " + hints + " (give it with --key)");
  return all;
}

}  // namespace vetset
