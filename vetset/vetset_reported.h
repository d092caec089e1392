// A check as reports show it, for the façade's own files that make one.
#pragma once

#include "vetset/check/report/reported.h"
#include "vetset/vetset.h"

namespace vetset {

/// Every finding with its place. Points into the report.
Reported reported_whole(const Source& source, const CheckReport& report);

/// Why rules of a team's own that were asked for did not run; none: they ran, or there are none.
std::vector<std::string> own_not_run(const CheckReport& report);

}  // namespace vetset
