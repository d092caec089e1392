// Annotations that say the same as another of their image, and images that are the same file.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// Whether two annotations say the same to the last digit: class, box, shapes, flags, score, text, attributes. Ids do
/// not count.
bool same_annotation(const Dataset& d, AnnotationIndex i, AnnotationIndex j);

/// Calls `found(first, second)` for every annotation that says what one of its image said before.
void for_each_repeated(const Dataset& d, const Dataset::ImageAnnotations& annotations,
                       const std::function<void(AnnotationIndex, AnnotationIndex)>& found);

/// Images that are byte for byte the same, each group of at least two in dataset order, groups by digest. Images
/// without a digest are in none.
std::vector<std::vector<ImageIndex>> equal_files(std::span<const Facts> facts);
/// The same of images whose pixels are the same as shown, however they are stored, by their hash.
std::vector<std::vector<ImageIndex>> equal_pixels(std::span<const PixelFacts> pixels);
/// The same of images that are equal in one of both ways, groups by first image; `pixels` may be empty.
std::vector<std::vector<ImageIndex>> equal_images(std::span<const Facts> facts, std::span<const PixelFacts> pixels);

}  // namespace vetset
