// The parity verb of the façade: a model with its contract against a record of what training did.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vetset/infer/parity.h"
#include "vetset/vetset_infer.h"

namespace vetset {

struct ParityRequest {
  ModelChoice model = {};
  std::string record = {};  // a folder or archive
  ParityLimits limits = {};
  Common common = {};
};
struct ParityOutcome {
  std::shared_ptr<const Model> model;
  std::vector<std::string> notes = {};  // what was guessed of the contract
  std::string record = {};              // its digest
  std::vector<std::pair<std::string, std::string>> made_with = {};
  ParityReport report = {};
};
Result<ParityOutcome> parity(const ParityRequest& request);

/// docs/schema/parity-v1.json.
std::string to_json(const ParityOutcome& outcome);

/// Images of a folder or dataset that differ in what decoders and resizers do with them: kinds of files, EXIF turns,
/// depths, channels, odd and extreme sizes. What few others have comes first; the rest is taken evenly.
struct GoldenImage {
  std::string path = {};                 // on the disk
  std::vector<std::string> covers = {};  // "exif 6", "grey"
};
Result<std::vector<GoldenImage>> golden_set(const std::string& path, std::size_t most, const Common& common = {});

}  // namespace vetset
