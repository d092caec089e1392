// --report: a check as one HTML file.
#pragma once

#include <string>

#include "cli/arguments.h"
#include "cli/terminal.h"
#include "vetset/vetset.h"

namespace vetset::cli {

struct HtmlFlags {
  std::string file;
  bool no_pictures = false;
};
/// Declares --report FILE and --no-pictures.
void define_html_report(Arguments& arguments, HtmlFlags& flags);
/// Whether they make sense; to be asked before the work is done.
Result<void> check_html_report(const HtmlFlags& flags);
/// Writes it, where it was asked for, and says so on stderr.
Result<void> write_html_report(Terminal& t, const HtmlFlags& flags, const Source& source, const CheckReport& report,
                               const CheckOptions& options);

}  // namespace vetset::cli
