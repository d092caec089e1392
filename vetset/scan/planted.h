// Copies made of a dataset's own images and put to its own search: what share of them it finds, transform by transform.
// What a statement of no near-duplicates is worth is known only with this.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/scan/links_by_fingerprint.h"

namespace vetset {

/// A change that makes a copy of a picture; the same copy for the same draws, on every machine.
struct PlantedTransform {
  std::string_view name;  // "cropped to 0.9 of its side"
  Plane (*make)(const Plane& luma, Random& random);
};
std::span<const PlantedTransform> planted_transforms();

/// Which images copies are made of: `most` subjects by the hashes of their pixels, whatever order the dataset has.
Subjects planted_subjects(std::span<const PixelFacts> pixels, const Subjects& subjects, std::size_t most);

/// Copies of each of `chosen`, searched as the dataset was: the same views, radius, corners and confirmation. A copy is
/// found where the search links it to its original. Copies are made of the picture at a long side of 512 at most.
Result<std::vector<PlantedCopies>> search_planted(std::span<const PixelFacts> pixels, const Subjects& chosen,
                                                  const NearSearch& near, const Confirmation& confirmation,
                                                  const Pool& pool, const Progress& progress);

}  // namespace vetset
