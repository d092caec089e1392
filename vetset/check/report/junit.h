// A check as JUnit XML, which every CI server reads: each rule is a test case. One that found something from the gate's
// severity on has failed; one that could not look is skipped.
#pragma once

#include <string>

#include "vetset/check/report/reported.h"

namespace vetset {

struct Source;
struct CheckReport;

std::string junit_report(const Reported& report);
std::string junit_report(const Source& source, const CheckReport& report);

}  // namespace vetset
