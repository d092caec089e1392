// Façade: that one sample is in a package, shown without the package.
#pragma once

#include <string>

#include "vetset/package/proof_of_inclusion.h"
#include "vetset/vetset.h"

namespace vetset {

/// Proves that a package has a sample (by its sample_id, which is its path), with its annotations and its image.
Result<InclusionProof> prove(const std::string& path, const std::string& sample, const Common& common = {});
Result<void> write_proof(const InclusionProof& proof, const std::string& target);
/// Holds a proof's file to a manifest's (`vetset.json`), whose signature is another question. An error says what is
/// wrong (Code::untrusted where it does not hold).
Result<InclusionProof> check_proof(const std::string& path, const std::string& manifest);

}  // namespace vetset
