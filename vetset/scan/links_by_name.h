// What the files that link by names share.
#pragma once

#include <span>
#include <vector>

#include "vetset/scan/alike.h"
#include "vetset/scan/find_links.h"
#include "vetset/scan/links_by_name_grammar.h"

namespace vetset {

struct NameEvidence {
  const Dataset& d;
  const Tree& media;
  std::span<const Facts> facts;
  std::span<const PixelFacts> pixels;
  std::vector<NameGrammar> names = {};  // by image
  std::vector<bool> is_tile = {};       // by image
  Strangers usual = {};
};

/// Chains the frames of series that are sequences by content: consecutive frames are far more alike than strangers and
/// than frames far apart are, or show one view in which things move. Files that are only numbered are none.
Result<void> link_sequences(const NameEvidence& e, const Pool& pool, const Progress& progress, Links& out);

}  // namespace vetset
