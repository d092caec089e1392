// --sheet: what belongs together, as pictures.
#pragma once

#include <string>

#include "cli/arguments.h"
#include "cli/terminal.h"
#include "vetset/vetset.h"

namespace vetset::cli {

/// Declares --sheet FILE.
void define_sheet(Arguments& arguments, std::string& file);
/// Whether a sheet can be drawn to a file of that name; to be asked before the work is done.
Result<void> check_sheet(const std::string& file);
/// Draws it, and says so on stderr.
Result<void> draw_sheet(Terminal& t, const Source& source, const Links& links, const std::string& file,
                        const SheetOptions& options, const Common& common);

}  // namespace vetset::cli
