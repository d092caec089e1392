// What one round of edits on a workbench came to: each with the canonical rows of both sides, and the proof that
// nothing else changed. For fix and dedup.
#pragma once

#include <vector>

#include "vetset/base/json.h"
#include "vetset/dataset/workbench.h"
#include "vetset/vetset.h"

namespace vetset {

struct RoundEdits {
  std::vector<Edit> edits, consequences;
};
/// An error (Code::defect) where something changed that no edit names.
Result<RoundEdits> logged_round(const Dataset& before, const Workbench::Finished& result,
                                const std::vector<Workbench::Edit>& made, unsigned round, const Pool& pool);

/// As lists of edits have it (docs/schema/fix-v1.json).
void write_edit(JsonWriter& out, const Edit& edit);

/// What dedup does to an image; no rule asks for it, so it stands in no list of repairs.
extern const Repair leave_out_copy;
/// Likewise: what a person said in a review.
extern const Repair review_answer;

}  // namespace vetset
