// What was said about a package: the signed statements that lie in its attestation folder, each about its manifest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/package/manifest.h"
#include "vetset/package/sign.h"

namespace vetset {

/// Predicate types: "urn:vetset:attestation:<kind>:v1". Kinds: package (who made it), audit, conversion, split,
/// lineage, evaluation.
std::string predicate_of(std::string_view kind);
/// The kind of a predicate type; empty where it is none of ours.
std::string_view kind_of(std::string_view predicate_type);

/// One statement, taken apart, and whose it is.
struct Attestation {
  std::string path;                       // of its file, in the package
  Bundle bundle;                          // the statement, whose predicate is canonical JSON
  std::vector<std::string> signers = {};  // hints of the trusted keys that signed it, each once, sorted
};

/// The statements of ours in a package's attestation folder, by path; nobody's signature is checked (`signers` stays
/// empty), and what is no statement of ours is left out: verification tells of it.
Result<std::vector<Attestation>> read_attestations(const Tree& tree, Form form);

}  // namespace vetset
