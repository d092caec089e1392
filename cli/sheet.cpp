#include "cli/sheet.h"

namespace vetset::cli {

void define_sheet(Arguments& arguments, std::string& file) {
  arguments.option("--sheet", file, "FILE", "draw what belongs together, training left, the rest right: .html or .png");
}

Result<void> check_sheet(const std::string& file) {
  if (file.empty()) return {};
  if (auto format = sheet_format(file); !format) return std::move(format).error().in("--sheet");
  return {};
}

Result<void> draw_sheet(Terminal& t, const Source& source, const Links& links, const std::string& file,
                        const SheetOptions& options, const Common& common) {
  VETSET_TRY(const std::string shown, write_sheet(source, links, file, options, common));
  t.say(file + ": " + shown);
  return {};
}

}  // namespace vetset::cli
