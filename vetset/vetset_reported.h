// A check as reports show it, for the façade's own files that make one.
#pragma once

#include "vetset/check/report/reported.h"
#include "vetset/vetset.h"

namespace vetset {

/// Every finding with its place. Points into the report.
Reported reported_whole(const Source& source, const CheckReport& report);

}  // namespace vetset
