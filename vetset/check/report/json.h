// A check as programs read it. Schema: docs/schema/check-v1.json.
#pragma once

#include <string>

#include "vetset/check/report/reported.h"

namespace vetset {

struct Source;
struct CheckReport;

/// Canonical JSON (RFC 8785), without a line end. No times, nothing of the machine.
std::string json_report(const Reported& report);
/// One finding, as it stands in the report.
std::string finding_json(const ReportedFinding& finding);
std::string json_report(const Source& source, const CheckReport& report);

}  // namespace vetset
