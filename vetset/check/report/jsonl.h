// A check as lines of JSON: one finding a line, as it stands in the list "findings" of docs/schema/check-v1.json.
#pragma once

#include <string>

#include "vetset/check/report/reported.h"

namespace vetset {

struct Source;
struct CheckReport;

std::string jsonl_report(const Reported& report);
std::string jsonl_report(const Source& source, const CheckReport& report);

}  // namespace vetset
