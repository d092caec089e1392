// What a verification is asked for beside its levels; for the façade's own files.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/vetset.h"

namespace vetset {

/// Images whose header asks for more pixels than an image should have (E_IMAGE_BOMB), and those that bytes follow
/// (W_TRAILING_DATA). Reads the beginning and the end of each.
std::vector<VerifyLine> suspicious_images(const Tree& tree, std::span<const std::string_view> paths,
                                          const Limits& limits, const Pool& pool);

/// Adds to `seen`, before level 3, which records differ from an earlier copy or version: lines with the code DIFF,
/// which change no verdict.
Result<void> tell_differences(const std::string& path, const std::string& earlier, const Common& common,
                              Verification& seen);

}  // namespace vetset
