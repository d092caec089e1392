// Keys of what a queue hands over. For queue and review, which both make them from the same labels.
#pragma once

#include <string>
#include <vector>

#include "vetset/check/about.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// By annotation, of those on marked images; else empty. They stay the same while the record does.
std::vector<std::string> annotation_keys(const Dataset& d, const std::vector<bool>& images);
/// Of something that has no annotation.
std::string proposal_key(Fingerprints& fingerprints, const Dataset& d, ImageIndex image, std::string_view code,
                         const Box& box);

}  // namespace vetset
