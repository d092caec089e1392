// Writing tar archives that are the same bytes whoever writes them: ustar members with mode 0644, no owner, no time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset {

inline constexpr std::uint64_t tar_block = 512;

/// The header of a file. Names of more than 255 bytes, or that ustar cannot cut in two, and files of 8 GiB and more are
/// errors.
Result<std::string> tar_header(std::string_view name, std::uint64_t size);
/// What stands behind a file of that size, up to a whole block.
std::string tar_padding(std::uint64_t size);
/// Two blocks of zeros.
std::string tar_end();

}  // namespace vetset
