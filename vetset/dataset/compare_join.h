// What both ways of joining need. For the joins only.
#pragma once

#include "vetset/dataset/compare.h"

namespace vetset {

/// Copies of each annotation, from pairs (of `before`, of `after`), in the order given.
struct AnnotationPairs {
  Column<AnnotationIndex> before, after;
};
void set_annotations(Join& join, std::size_t count_before, const AnnotationPairs& pairs);
/// The sources of images, where nothing else is known: the join turned round.
void set_image_sources(Join& join, std::size_t count_after);
/// Licences by what they say, within their splits; those left over in turn.
void join_licences(Join& join, const Dataset& before, const Dataset& after);

}  // namespace vetset
