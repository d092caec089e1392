// Taking a package apart: is the manifest whole (L0), are the files its files (L1), do the labels say what it says
// (L2), who signed it (L3), and does that satisfy the receiver's policy (L4). Each line says where, what was expected
// and what was found.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"
#include "vetset/package/allowed_signers.h"
#include "vetset/package/sign.h"
#include "vetset/package/trust_policy.h"

namespace vetset {

/// One line of a verification: "L1 E_DIGEST images/a.jpg expected=… actual=…".
struct VerifyLine {
  std::string level;  // "L0" … "L5"
  std::string code;   // "E_DIGEST", "W_LITTER", "OK"
  std::string where = {};
  std::string expected = {}, actual = {};
  std::string words = {};
};
struct Verification {
  enum class Verdict : std::uint8_t { intact, verified, broken, untrusted, against_policy, partial, unsupported };
  Verdict verdict = Verdict::broken;
  std::vector<VerifyLine> lines;  // in the order of levels, then of paths
  std::vector<std::string> not_checked;
  std::string package_id, dataset_id, labels_id, name, version;  // as recomputed; empty where that was not possible
  std::vector<std::string> signers = {};                         // hints of the trusted keys that signed the package
  std::uint64_t files = 0, bytes = 0;                            // that were looked at
};
std::string_view name(Verification::Verdict verdict);  // "INTACT"

/// What to verify, and against whom.
struct VerifyRequest {
  std::vector<PublicKey> keys = {};             // trusted; with a policy, none
  std::vector<AllowedSigner> ssh_signers = {};  // whose SSH signatures are trusted; with a policy, none
  const TrustPolicy* policy = nullptr;          // whose keys are trusted, and which asks for more (L4)
  std::string today = {};                       // "2026-11-22": keys and evidence are held to it
  std::vector<std::string> only = {};           // paths, or folders ending in '/': digests of these alone are compared
  double share = 1;                             // of the files whose digests are compared: the same ones in every run
  bool strict = false;                          // warnings about the file system (hard links) are errors
  /// What is wrong with the headers and the ends of images, by path; of a shard, of its members. Empty: not asked for.
  std::function<std::vector<VerifyLine>(const Tree&, std::span<const std::string_view>)> look_at_images = {};
};

/// Verifies the package or the sealed folder in a tree. Without trusted keys the best verdict is `intact`.
Result<Verification> verify_package(const Tree& tree, const VerifyRequest& request, const Pool& pool,
                                    const Progress& progress);

}  // namespace vetset
