// What a split, and a check of one, is told as.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "vetset/vetset.h"

namespace vetset::cli {

/// A split for people: what cannot be even, the table of splits, who belongs together, how that was searched.
std::string told(const Terminal& t, const SplitReport& report);
/// A check of splits for people: the clusters that leak, each with a pair; what the lock says; what was searched.
std::string told(const Terminal& t, const SplitCheck& check, const Source& source);

/// "tier views: pairs within 31 of 256 bits in 20 views and 8 symmetries, confirmed on pixels".
std::string search_told(const NearSearch& near);
/// What share of copies, made on purpose, the search finds: "of 64 images each, found: all with half the size,
/// noise (94–100 %); cropped to 0.75 5 (3–17 %)".
std::string planted_told(const NearSearch& near);
/// "2 undecodable, 1 flat"; empty where nothing was set aside.
std::string aside_told(const std::array<std::uint64_t, 4>& aside);

}  // namespace vetset::cli
