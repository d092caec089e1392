#include "vetset/check/report/github.h"

#include "vetset/base/unicode.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// As the toolkit of GitHub escapes the message of a command, and the values of its properties.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':': out += property ? "%3A" : ":"; break;
      case ',': out += property ? "%2C" : ","; break;
      default: out += c;
    }
  }
  return out;
}

std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: break;
  }
  return "notice";
}

struct Annotated {
  std::string_view level, file;
  std::uint32_t line = 0, column = 0;
  std::string title, message;
};

void add_command(std::string& out, std::string_view prefix, const Annotated& a) {
  (out += "::") += a.level;
  std::string properties;
  const auto add = [&](std::string_view name, std::string_view value) {
    properties += (properties.empty() ? " " : ",") + std::string(name) + "=" + escaped(value, true);
  };
  if (!a.file.empty()) {
    add("file", std::string(prefix) + std::string(a.file));
    if (a.line != 0) add("line", std::to_string(a.line));
    if (a.line != 0 && a.column != 0) add("col", std::to_string(a.column));
  }
  add("title", a.title);
  out += properties + "::" + escaped(a.message, false) + "\n";
}

}  // namespace

std::string github_report(const Reported& report) {
  std::string out;
  for (const ReportedFinding& f : report.findings) {
    std::string title(f.finding->code);
    if (!f.rule.empty()) title += " " + std::string(f.rule);
    std::string message = f.finding->message;
    if (!f.image.empty() && f.image != f.place.file)
      message += " (" + f.image + (f.annotation.empty() ? "" : ", annotation " + f.annotation) + ")";
    if (!f.finding->fix.empty()) message += "; to mend it: " + f.finding->fix;
    add_command(out, report.prefix,
                {level_of(f.finding->severity), f.place.file, f.place.line, f.place.column, std::move(title),
                 std::move(message)});
  }
  if (report.one_consumer)
    for (const ConsumerView& view : report.consumers) {
      for (const Effect& effect : view.effects)
        add_command(out, report.prefix, {"error", effect.file, effect.line, 0, view.consumer, effect.what});
      out += printable(view.line()) + "\n";
    }
  if (!report.one_consumer)
    out += counted(report.errors, "error", "errors") + ", " + counted(report.warnings, "warning", "warnings") + ", " +
           counted(report.notes_found, "note", "notes") + "\n";
  return out;
}

}  // namespace vetset
