// Taking a seal apart: is the manifest whole (L0), are the files its files (L1), do the labels say what it says (L2),
// and who signed it (L3). Each line says where, what was expected and what was found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/tree.h"
#include "vetset/package/sign.h"

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
  enum class Verdict : std::uint8_t { intact, verified, broken, untrusted, unsupported };
  Verdict verdict = Verdict::broken;
  std::vector<VerifyLine> lines;  // in the order of levels, then of paths
  std::vector<std::string> not_checked;
  std::string package_id, dataset_id, labels_id, name, version;  // as recomputed; empty where that was not possible
  std::string signer = {};                                       // hint of the key that verified it
  std::uint64_t files = 0, bytes = 0;
};

/// Verifies the seal in a tree. Without trusted keys the best verdict is `intact`.
Result<Verification> verify_seal(const Tree& tree, const std::vector<PublicKey>& trusted, const Pool& pool,
                                 const Progress& progress);

}  // namespace vetset
