// Records of a dataset in another order, with all that hangs on them.
#pragma once

#include <span>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// Lets annotations come in the order in which `sequence` names them; those that it does not name go. What pointed to
/// annotation i points to `instead[i]`, also an old index; relations and tracks of one that is named stay.
void arrange_annotations(Dataset& d, std::span<const AnnotationIndex> sequence,
                         std::span<const AnnotationIndex> instead);

/// The file that a record stands in: that of its position, else that of its image.
FileIndex file_of(const Dataset& d, AnnotationIndex i);

/// Puts an empty licence at a place; those behind it move up.
void insert_licence(Dataset& d, LicenceIndex at);

}  // namespace vetset
