// A check as Python sees it: findings with their places, counts, and the two reports that the program prints.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/report.h"
#include "python/src/running.h"
#include "vetset/check/report/github.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/jsonl.h"
#include "vetset/check/report/junit.h"
#include "vetset/check/report/markdown.h"
#include "vetset/check/report/sarif.h"
#include "vetset/check/report/text.h"

namespace vetset::python {
namespace {

struct PyFinding {
  SharedCheck check;
  std::size_t n = 0;
  const Finding& finding() const { return check->report.findings[n]; }
  const Place& place() const { return check->places[n]; }
};
nb::object position(std::uint32_t number) {
  return number == 0 ? nb::object(nb::none()) : nb::object(nb::int_(number));
}

nb::object finding_repr(const PyFinding& f) {
  std::string line(f.place().file);
  if (f.place().line != 0) line += ":" + std::to_string(f.place().line) + ":" + std::to_string(f.place().column);
  if (!line.empty()) line += ": ";
  return text(line + std::string(name(f.finding().severity)) + " " + std::string(f.finding().code) + ": " +
              f.finding().message);
}

nb::object findings_of(PyReport& r) {
  if (!r.findings.is_valid()) {
    nb::list made;
    for (std::size_t n = 0; n < r.report().findings.size(); ++n) made.append(PyFinding{r.check, n});
    r.findings = nb::module_::import_("vetset._findings").attr("Findings")(nb::tuple(made), PyReport{r.check, {}});
  }
  return r.findings;
}

nb::dict counts_of_rules(const PyReport& r) {
  nb::dict counts;
  for (const RuleResult& result : r.report().rules)
    if (result.count != 0) counts[text(result.rule->code)] = result.count;
  return counts;
}

nb::dict rules_not_run(const PyReport& r) {
  nb::dict reasons;
  for (const RuleResult& result : r.report().rules)
    if (!result.not_run.empty()) reasons[text(result.rule->code)] = text(result.not_run);
  return reasons;
}

nb::list trainer_lines(const PyReport& r) {
  nb::list lines;
  for (const ConsumerView& view : r.report().consumers) lines.append(text(view.line()));
  return lines;
}

std::string printed(const PyReport& r, bool all, unsigned width) {
  return run(nb::none(), [&](const Progress&) -> Result<std::string> {
    return text_report(*r.check->source, r.report(), {.width = width, .all = all});
  });
}

struct PyResult {
  SharedCheck check;
  std::size_t n = 0;
  const RuleResult& result() const { return check->report.rules[n]; }
};

nb::list results_of(const PyReport& r) {
  nb::list results;
  for (std::size_t n = 0; n < r.report().rules.size(); ++n) results.append(PyResult{r.check, n});
  return results;
}

/// A report in one of the forms that the program writes.
template <class Make>
nb::object rendered(const PyReport& r, Make make) {
  return text(run(nb::none(), [&](const Progress&) -> Result<std::string> { return make(*r.check); }));
}

nb::dict taken_out(const PyReport& r) {
  nb::dict counts;
  counts["path"] = r.report().by_path;
  counts["waived"] = r.report().waived;
  counts["baseline"] = r.report().in_baseline;
  return counts;
}

}  // namespace

void bind_reports(nb::module_& m) {
  nb::class_<PyFinding>(m, "Finding", "One thing found wrong with the data: what, how grave, and where.")
      .def_prop_ro(
          "code", [](const PyFinding& f) { return std::string(f.finding().code); }, "Of its rule: \"FMT407\".")
      .def_prop_ro(
          "rule",
          [](const PyFinding& f) {
            const Rule* rule = rule_of(f.check->report, f.finding().code);
            return std::string(rule == nullptr ? std::string_view() : rule->name);
          },
          "Its name: \"box-outside-image\".")
      .def_prop_ro(
          "severity", [](const PyFinding& f) { return std::string(name(f.finding().severity)); },
          "error, warning or note.")
      .def_prop_ro(
          "evidence", [](const PyFinding& f) { return std::string(name(f.finding().evidence)); },
          "How certain it is: proof, calibrated or hint.")
      .def_prop_ro(
          "message", [](const PyFinding& f) { return text(f.finding().message); }, nb::sig("def message(self) -> str"))
      .def_prop_ro(
          "fix", [](const PyFinding& f) { return text_or_none(f.finding().fix); },
          nb::sig("def fix(self) -> str | None"), "What would mend it; None where only a person knows.")
      .def_prop_ro(
          "score", [](const PyFinding& f) { return f.finding().score; }, "How far it is off, where that is a number.")
      .def_prop_ro(
          "file", [](const PyFinding& f) { return text_or_none(f.place().file); },
          nb::sig("def file(self) -> str | None"), "Path in the dataset.")
      .def_prop_ro(
          "line", [](const PyFinding& f) { return position(f.place().line); }, nb::sig("def line(self) -> int | None"))
      .def_prop_ro(
          "column", [](const PyFinding& f) { return position(f.place().column); },
          nb::sig("def column(self) -> int | None"))
      .def_prop_ro(
          "image", [](const PyFinding& f) { return row_of(f.finding(), f.check->source->dataset).image; },
          "Row of the image it concerns.")
      .def_prop_ro(
          "annotation", [](const PyFinding& f) { return row_of(f.finding(), f.check->source->dataset).annotation; },
          "Row of the annotation it concerns.")
      .def_prop_ro(
          "category", [](const PyFinding& f) { return row_of(f.finding(), f.check->source->dataset).category; },
          "Row of the category it concerns.")
      .def("__repr__", &finding_repr, nb::sig("def __repr__(self) -> str"));

  nb::class_<PyReport>(m, "CheckReport", "What a check found. Prints as the program's report does.")
      .def_prop_ro("findings", &findings_of, nb::sig("def findings(self) -> vetset._findings.Findings"),
                   "By severity, code and place: a sequence, and tables.")
      .def_prop_ro("counts", &counts_of_rules, nb::sig("def counts(self) -> dict[str, int]"),
                   "How many findings, by code.")
      .def_prop_ro("not_run", &rules_not_run, nb::sig("def not_run(self) -> dict[str, str]"),
                   "Why rules did not run, by code.")
      .def_prop_ro("trainers", &trainer_lines, nb::sig("def trainers(self) -> list[str]"),
                   "What each trainer's loader reads of it, one line a trainer.")
      .def_prop_ro("errors", [](const PyReport& r) { return r.report().errors; })
      .def_prop_ro("warnings", [](const PyReport& r) { return r.report().warnings; })
      .def_prop_ro("notes", [](const PyReport& r) { return r.report().notes; })
      .def_prop_ro(
          "ok", [](const PyReport& r) { return !r.report().failed; },
          "Whether nothing was found from the severity of `fail_on` on.")
      .def_prop_ro(
          "fail_on",
          [](const PyReport& r) {
            return std::string(r.report().fail_on ? name(*r.report().fail_on) : std::string_view("never"));
          },
          "Severity from which on `ok` is False: error, warning, note or never.")
      .def_prop_ro("results", &results_of, nb::sig("def results(self) -> list[RuleResult]"),
                   "Every rule and what came of it, in the order of the catalogue.")
      .def_prop_ro(
          "not_compared", [](const PyReport& r) { return texts(r.check->notes); },
          nb::sig("def not_compared(self) -> list[str]"),
          "What could not be held against an earlier dataset, a line each.")
      .def_prop_ro("_source", [](const PyReport& r) { return Opened{r.check->source}; })
      .def(
          "_table",
          [](const PyReport& r, const std::optional<std::vector<std::uint32_t>>& chosen, bool by_place) {
            return findings_table(r.check, chosen, by_place);
          },
          nb::arg("chosen").none(), nb::arg("by_place"))
      .def_prop_ro("taken_out", &taken_out, nb::sig("def taken_out(self) -> dict[str, int]"),
                   "Findings that do not count: by path, waived, in the baseline.")
      .def_prop_ro(
          "table", [](const PyReport& r) { return findings_table(r.check, {}, false); },
          "The findings as a table: code, rule, severity, message, file, line, rows and names of what they are about.")
      .def(
          "to_arrow", [](PyReport& r) { return findings_of(r).attr("to_arrow")(); },
          nb::sig("def to_arrow(self) -> typing.Any"), "The findings as a pyarrow.Table; needs pyarrow.")
      .def(
          "to_pandas", [](PyReport& r) { return findings_of(r).attr("to_pandas")(); },
          nb::sig("def to_pandas(self) -> typing.Any"), "The findings as a pandas.DataFrame; needs pandas and pyarrow.")
      .def(
          "to_polars", [](PyReport& r) { return findings_of(r).attr("to_polars")(); },
          nb::sig("def to_polars(self) -> typing.Any"), "The findings as a polars.DataFrame; needs polars.")
      .def(
          "to_sarif",
          [](const PyReport& r) {
            return rendered(
                r, [](const Checked& c) { return sarif_report(*c.source, c.report, path_prefix(*c.source, c.path)); });
          },
          nb::sig("def to_sarif(self) -> str"),
          "The report as SARIF 2.1.0; paths are seen from the root of the repository.")
      .def(
          "to_junit",
          [](const PyReport& r) {
            return rendered(r, [](const Checked& c) { return junit_report(*c.source, c.report); });
          },
          nb::sig("def to_junit(self) -> str"), "The report as JUnit XML, a test case a rule.")
      .def(
          "to_github",
          [](const PyReport& r) {
            return rendered(
                r, [](const Checked& c) { return github_report(*c.source, c.report, path_prefix(*c.source, c.path)); });
          },
          nb::sig("def to_github(self) -> str"), "The report as annotations of GitHub's workflows.")
      .def(
          "to_jsonl",
          [](const PyReport& r) {
            return rendered(r, [](const Checked& c) { return jsonl_report(*c.source, c.report); });
          },
          nb::sig("def to_jsonl(self) -> str"), "The report as JSON Lines, a finding a line.")
      .def(
          "to_markdown",
          [](const PyReport& r) {
            return rendered(r, [](const Checked& c) { return markdown_report(*c.source, c.report, ""); });
          },
          nb::sig("def to_markdown(self) -> str"), "The report for a pull request, of bounded length.")
      .def(
          "to_html",
          [](const PyReport& r, bool pictures) {
            return text(run(nb::none(), [&](const Progress& progress) -> Result<std::string> {
              HtmlOptions options{.pictures = pictures, .settings = r.check->settings};
              options.common.progress = progress;
              return html_report(*r.check->source, r.report(), options);
            }));
          },
          nb::kw_only(), nb::arg("pictures") = true, nb::sig("def to_html(self, *, pictures: bool = True) -> str"),
          "The report as one HTML page that needs nothing else, below 5 MB.")
      .def(
          "save",
          [](const PyReport& r, const std::filesystem::path& path, bool pictures) {
            run(nb::none(), [&](const Progress& progress) -> Result<bool> {
              HtmlOptions options{.pictures = pictures, .settings = r.check->settings};
              options.common.progress = progress;
              VETSET_DO(write_html_report(path.string(), *r.check->source, r.report(), options));
              return true;
            });
          },
          nb::arg("path"), nb::kw_only(), nb::arg("pictures") = true,
          nb::sig("def save(self, path: str | os.PathLike[str], *, pictures: bool = True) -> None"),
          "Writes that page to a file, whole or not at all.")
      .def(
          "write_baseline",
          [](const PyReport& r, const std::filesystem::path& path) {
            run(nb::none(), [&](const Progress&) -> Result<bool> {
              VETSET_DO(write_baseline(path.string(), *r.check->source, r.report()));
              return true;
            });
          },
          nb::arg("path"), nb::sig("def write_baseline(self, path: str | os.PathLike[str]) -> None"),
          "Takes these findings as known, for later checks with `baseline=path`.")
      .def(
          "_repr_html_",
          [](const nb::object& self) { return nb::module_::import_("vetset._html").attr("check")(self); },
          nb::sig("def _repr_html_(self) -> str"))
      .def(
          "__iter__", [](PyReport& r) { return nb::iter(findings_of(r)); },
          nb::sig("def __iter__(self) -> collections.abc.Iterator[Finding]"))
      .def(
          "to_json",
          [](const PyReport& r) {
            return run(nb::none(), [&](const Progress&) -> Result<std::string> {
              return json_report(*r.check->source, r.report());
            });
          },
          "The report as JSON (docs/schema/check-v1.json), canonical.")
      .def(
          "to_text", [](const PyReport& r, bool all, unsigned width) { return text(printed(r, all, width)); },
          nb::kw_only(), nb::arg("all") = false, nb::arg("width") = 100,
          nb::sig("def to_text(self, *, all: bool = False, width: int = 100) -> str"),
          "A screenful, or every finding in a line.")
      .def(
          "__str__", [](const PyReport& r) { return text(printed(r, false, 100)); },
          nb::sig("def __str__(self) -> str"))
      .def(
          "__repr__", [](const PyReport& r) { return text(printed(r, false, 100)); },
          nb::sig("def __repr__(self) -> str"));

  nb::class_<PyResult>(m, "RuleResult", "A rule, and what came of it in a check.")
      .def_prop_ro("code", [](const PyResult& r) { return std::string(r.result().rule->code); })
      .def_prop_ro("name", [](const PyResult& r) { return std::string(r.result().rule->name); })
      .def_prop_ro("title", [](const PyResult& r) { return std::string(r.result().rule->title); })
      .def_prop_ro(
          "severity", [](const PyResult& r) { return std::string(name(r.result().severity)); },
          "The rule's own, or as the check was told.")
      .def_prop_ro(
          "count", [](const PyResult& r) { return r.result().count; }, "Of findings that count.")
      .def_prop_ro(
          "not_run", [](const PyResult& r) { return text_or_none(r.result().not_run); },
          nb::sig("def not_run(self) -> str | None"), "Why it did not run; None where it ran.")
      .def_prop_ro(
          "broken", [](const PyResult& r) { return r.result().broken; },
          "Whether that was because something went wrong in the rule itself.")
      .def("__repr__", [](const PyResult& r) {
        return "<vetset.RuleResult " + std::string(r.result().rule->code) + " " +
               (r.result().not_run.empty() ? std::to_string(r.result().count) : "not run") + ">";
      });
}

}  // namespace vetset::python
