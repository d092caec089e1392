// One object on both sides of a split, where the pictures around it are different ones: crops of boxes are compared as
// whole images are, by fingerprints and then on pixels. What is alike by nature (mass products, signs) is known by its
// twins inside one split.
#pragma once

#include <span>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/compared.h"
#include "vetset/dataset/links.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// Boxes of 48 pixels a side and more that are not nearly the whole image, of one class. Images that links tie together
/// are left to the rules of those links. Every image with such a box is decoded once more.
Result<ObjectSearch> find_shared_objects(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                                         std::span<const PixelFacts> pixels, const Links& links, const Pool& pool,
                                         const Progress& progress);

}  // namespace vetset
