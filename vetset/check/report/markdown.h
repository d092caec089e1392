// A check for a pull request: what is new and what is gone, by rule, with the first places.
#pragma once

#include <string>

#include "vetset/check/report/reported.h"

namespace vetset {

struct Source;
struct CheckReport;

std::string markdown_report(const Reported& report);
/// GitHub's Markdown. `data` is added: what became of the data, as `to_markdown` of a diff says it.
std::string markdown_report(const Source& source, const CheckReport& report, std::string_view data = {});

}  // namespace vetset
