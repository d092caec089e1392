// One finding as people read it: its place with the lines around it, the numbers that it rests on, what is said of its
// record, and how to let it stand.
#pragma once

#include <string>

#include "cli/command.h"
#include "vetset/check/about.h"
#include "vetset/check/rule.h"
#include "vetset/dataset/canonical.h"
#include "vetset/vetset.h"

namespace vetset::cli {

/// How wide text for reading is set.
std::size_t text_width(const Terminal& t);
/// "FMT407 box-outside-image  warning, proved"
void print_heading(Terminal& t, const Rule& rule, Severity severity, EvidenceClass evidence);

void print_finding(Terminal& t, const Source& source, const CheckReport& report, const CanonicalRows& rows,
                   const Finding& finding, const Place& place, const std::string& fingerprint);

}  // namespace vetset::cli
