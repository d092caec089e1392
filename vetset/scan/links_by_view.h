// Images of one standpoint whose names say nothing of an order: a tripod, a conveyor belt, a surveillance camera.
#pragma once

#include "vetset/scan/find_links.h"

namespace vetset {

/// Three or more images that show one view in which things have moved are one sequence. What `links` calls near
/// duplicates among them becomes part of it: they are alike, but not copies. Adds to `links`.
Result<void> link_views(const Dataset& d, const Tree& media, std::span<const Facts> facts,
                        std::span<const PixelFacts> pixels, const Pool& pool, const Progress& progress, Links& links);

}  // namespace vetset
