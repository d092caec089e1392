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

/// Images of two datasets that know nothing of each other: by path, then by the unique end of it that is longest.
Column<ImageIndex> join_image_names(const Dataset& before, const Dataset& after);
/// `join_by_key` with images that are joined already.
Join join_with_images(const Dataset& before, const Dataset& after, Column<ImageIndex> images);

}  // namespace vetset
