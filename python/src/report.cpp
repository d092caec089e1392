// A check as Python sees it: findings with their places, counts, and the two reports that the program prints.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/check/report/json.h"
#include "vetset/check/report/text.h"

namespace vetset::python {
namespace {

/// A check and the dataset it is of; findings of it keep it alive.
struct Checked {
  Shared source;
  CheckReport report;
  std::vector<Place> places;  // of findings
};
using SharedCheck = std::shared_ptr<const Checked>;

struct PyFinding {
  SharedCheck check;
  std::size_t n = 0;
  const Finding& finding() const { return check->report.findings[n]; }
  const Place& place() const { return check->places[n]; }
};
struct PyReport {
  SharedCheck check;
  nb::object findings;  // made when first asked for
  const CheckReport& report() const { return check->report; }
};

nb::object row(std::size_t index) { return nb::int_(index); }

/// The row of an image, annotation or category that a finding is about; None where it is about none.
nb::object image_row(const PyFinding& f) {
  const auto of = [&](AnnotationIndex a) -> nb::object {
    const ImageIndex image = f.check->source->dataset[a].image;
    return image == none<ImageIndex> ? nb::object(nb::none()) : row(to_size(image));
  };
  const Where& where = f.finding().where;
  if (const auto* i = std::get_if<ImageIndex>(&where)) return row(to_size(*i));
  if (const auto* pair = std::get_if<ImagePair>(&where)) return row(to_size(pair->first));
  if (const auto* a = std::get_if<AnnotationIndex>(&where)) return of(*a);
  if (const auto* pair = std::get_if<AnnotationPair>(&where)) return of(pair->second);
  return nb::none();
}
nb::object annotation_row(const PyFinding& f) {
  if (const auto* a = std::get_if<AnnotationIndex>(&f.finding().where)) return row(to_size(*a));
  if (const auto* pair = std::get_if<AnnotationPair>(&f.finding().where)) return row(to_size(pair->second));
  return nb::none();
}
nb::object category_row(const PyFinding& f) {
  if (const auto* c = std::get_if<CategoryIndex>(&f.finding().where)) return row(to_size(*c));
  return nb::none();
}
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
    r.findings = nb::tuple(made);
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

PyReport check_dataset(const Shared& source, const std::vector<std::string>& select,
                       const std::vector<std::string>& ignore, bool images, unsigned threads,
                       const nb::object& progress) {
  CheckOptions options{.select = select, .ignore = ignore, .images = images, .settings = {}, .common = {}};
  options.common.threads = threads;
  auto checked = std::make_shared<Checked>();
  checked->source = source;
  run(progress, [&](const Progress& p) -> Result<bool> {
    options.common.progress = p;
    VETSET_TRY(checked->report, check(*source, options));
    checked->places = places_of(*source, checked->report.findings);
    return true;
  });
  return {std::move(checked), {}};
}

}  // namespace

void bind_reports(nb::module_& m) {
  nb::class_<PyFinding>(m, "Finding", "One thing found wrong with the data: what, how grave, and where.")
      .def_prop_ro(
          "code", [](const PyFinding& f) { return std::string(f.finding().code); }, "Of its rule: \"FMT407\".")
      .def_prop_ro(
          "rule",
          [](const PyFinding& f) {
            const Rule* rule = find_rule(f.finding().code);
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
      .def_prop_ro("image", &image_row, nb::sig("def image(self) -> int | None"), "Row of the image it concerns.")
      .def_prop_ro("annotation", &annotation_row, nb::sig("def annotation(self) -> int | None"),
                   "Row of the annotation it concerns.")
      .def_prop_ro("category", &category_row, nb::sig("def category(self) -> int | None"),
                   "Row of the category it concerns.")
      .def("__repr__", &finding_repr, nb::sig("def __repr__(self) -> str"));

  nb::class_<PyReport>(m, "CheckReport", "What a check found. Prints as the program's report does.")
      .def_prop_ro("findings", &findings_of, nb::sig("def findings(self) -> tuple[Finding, ...]"),
                   "By severity, code and place.")
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
          "ok", [](const PyReport& r) { return r.report().errors == 0; }, "Whether there are no errors.")
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

  m.def(
      "check",
      [](const Opened& d, const std::vector<std::string>& select, const std::vector<std::string>& ignore, bool images,
         unsigned threads,
         const nb::object& progress) { return check_dataset(d.source, select, ignore, images, threads, progress); },
      nb::arg("source"), nb::arg("select"), nb::arg("ignore"), nb::arg("images"), nb::arg("threads"),
      nb::arg("progress").none());
}

}  // namespace vetset::python
