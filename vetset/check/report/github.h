// A check as workflow commands of GitHub Actions: each finding becomes an annotation of its file and line. GitHub shows
// ten of each level a step, so the gravest come first.
#pragma once

#include <string>

#include "vetset/check/report/reported.h"

namespace vetset {

struct Source;
struct CheckReport;

std::string github_report(const Reported& report);
/// `prefix` stands before paths: GitHub looks from the root of the repository.
std::string github_report(const Source& source, const CheckReport& report, std::string prefix);

}  // namespace vetset
