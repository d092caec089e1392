#include "cli/html_report.h"

#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

/// "812 kB", "3.4 MB".
std::string size_text(std::uint64_t bytes) {
  if (bytes < 1'000'000) return std::to_string((bytes + 999) / 1000) + " kB";
  const std::uint64_t tenths = (bytes + 50'000) / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

}  // namespace

void define_html_report(Arguments& arguments, HtmlFlags& flags) {
  arguments
      .option("--report", flags.file, "FILE", "write all of it as one HTML file with pictures, to read and hand on")
      .flag("--no-pictures", flags.no_pictures, "of --report: without pictures of the data");
}

Result<void> check_html_report(const HtmlFlags& flags) {
  if (flags.file.empty()) {
    if (flags.no_pictures) return Error{Code::usage, "--no-pictures is of --report FILE; give both"};
    return {};
  }
  const std::string lower = fold(flags.file);
  if (lower.ends_with(".html") || lower.ends_with(".htm")) return {};
  return Error{Code::usage, "--report: expected a name that ends in .html, found '" + printable(flags.file) +
                                "'; --output writes the other forms: json, sarif, junit, github, jsonl, text"};
}

Result<void> write_html_report(Terminal& t, const HtmlFlags& flags, const Source& source, const CheckReport& report,
                               const CheckOptions& options) {
  if (flags.file.empty()) return {};
  VETSET_TRY(const std::uint64_t bytes, write_html_report(flags.file, source, report,
                                                          {.pictures = !flags.no_pictures && options.images,
                                                           .settings = options.settings,
                                                           .common = options.common}));
  t.say(flags.file + ": the report, " + size_text(bytes));
  return {};
}

}  // namespace vetset::cli
