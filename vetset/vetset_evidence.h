// What rules may look at besides the dataset and its images: an earlier split, the proof of the conversion that made
// the dataset, keys that a user named, mask files. For check.
#pragma once

#include <optional>
#include <vector>

#include "vetset/dataset/groups.h"
#include "vetset/dataset/mask_files.h"
#include "vetset/dataset/previous.h"
#include "vetset/dataset/proof_read.h"
#include "vetset/vetset.h"

namespace vetset {

struct Background {
  std::optional<ReadProof> proof = {};
  std::optional<Previous> previous = {};
  std::optional<Groups> groups = {};
  std::vector<MaskFile> masks = {};
  std::optional<Source> earlier = {};
  std::string earlier_name = {};

  /// Lets the rules see it; must outlive the evidence.
  void show(Evidence& evidence) const;
};

/// Reads what the options name, and what lies where it is looked for: `<dataset>.proof.json` beside the dataset, where
/// it speaks of these files, and
/// `split.lock` in it or `<dataset>.split.lock` beside it.
Result<Background> read_background(const Source& source, const CheckOptions& options);

}  // namespace vetset
