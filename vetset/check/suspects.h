// Fills the ranked list of suspects from a model's predictions, once for all rules about them (LBL120 … LBL140).
#pragma once

#include <span>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/result.h"
#include "vetset/dataset/links.h"
#include "vetset/dataset/nearest_embedded.h"
#include "vetset/dataset/predicted_objects.h"
#include "vetset/dataset/probabilities.h"
#include "vetset/dataset/suspects.h"

namespace vetset {

/// An image's nearest ones in an embedding, and whether they are worth a vote.
struct NearestRows {
  static constexpr std::uint32_t none = no_neighbour;
  std::size_t count = 0;               // an image at most
  std::vector<std::uint32_t> of = {};  // images × count, nearest first; none: fewer are there
};

struct SuspectSources {
  const Dataset& dataset;
  const Probabilities* probabilities = nullptr;
  const PredictedObjects* predicted = nullptr;
  const Links* links = nullptr;             // copies vote, and intervals count groups
  const NearestRows* neighbours = nullptr;  // in embeddings
};
/// Each source gives what it can tell of; one that is missing tells nothing.
Result<Suspects> suspects_of(const SuspectSources& sources, const Pool& pool);

// What that consists of, one source each. They add rows and count what they looked at.
void doubt_classes(const SuspectSources& sources, Suspects& made, const Pool& pool);
void doubt_boxes(const SuspectSources& sources, Suspects& made, const Pool& pool);
Result<void> doubt_masks(const SuspectSources& sources, Suspects& made, const Pool& pool);
void ask_neighbours(const SuspectSources& sources, Suspects& made);

}  // namespace vetset
