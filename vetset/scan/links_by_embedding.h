// What is near in an embedding that a user gives: each image outside training with its nearest one of training, where
// it is nearer than training images usually are to each other. No cosine means the same in two embeddings, so the
// bound is a quantile of this one's own distances. Hints: such links join no groups.
#pragma once

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/embeddings.h"
#include "vetset/dataset/links.h"

namespace vetset {

/// Links of kind `embedding`, one an image at most, with their cosine as score; and how they were searched. Where no
/// split is called train, all images are searched among each other. What `known` says of copies and near-duplicates
/// (whole, flipped, cropped, augmented) is neither measured by nor said again: their own rules tell of them. Nor does a
/// copy in training (cosine above 1 − 10⁻⁶) say how near two pictures are.
Result<Links> links_by_embedding(const Dataset& d, const Embeddings& embeddings, const Links& known, const Pool& pool,
                                 const Progress& progress);

}  // namespace vetset
