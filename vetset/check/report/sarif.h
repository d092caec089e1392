// A check as SARIF 2.1.0 (OASIS), which code scanning services read: rules with their pages, findings with places and
// fingerprints.
#pragma once

#include <string>

#include "vetset/check/report/reported.h"

namespace vetset {

struct Source;
struct CheckReport;

/// Laid out with two spaces a level; ends in '\n'. No time, nothing of the machine.
std::string sarif_report(const Reported& report);
/// `prefix` stands before paths, which are relative to %SRCROOT%, the root of the repository.
std::string sarif_report(const Source& source, const CheckReport& report, std::string prefix);

}  // namespace vetset
