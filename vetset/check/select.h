// Rules as people name them: by code, by the beginning of codes, or by name.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset {

/// Whether `wanted` ("FMT407", "LBL1", "box-outside-image") means the rule of that code.
bool names_rule(std::string_view wanted, std::string_view code);
bool names_rule(std::span<const std::string> wanted, std::string_view code);
/// An error where it means no rule at all. What may name rules of a contract ("X001") or a team's own ("TEAM001",
/// "TEAM") passes.
Result<void> check_rule_name(std::string_view wanted);
/// The letters of a code: "FMT" of "FMT407".
std::string_view family_of(std::string_view code);

}  // namespace vetset
