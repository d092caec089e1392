// diff and stats from Python: documents, and the differences as a table.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/dataset/columns.h"

namespace vetset::python {
namespace {

using Words = std::vector<std::string>;

/// One difference: a record that came, went or is another, and the field where it is one.
struct Line {
  std::string_view record, change;
  std::string where, name;
  std::string_view was, is, field;
  std::string_view before, after;
};

struct Compared {
  Diff diff;
  std::string json, markdown;
  std::vector<Line> lines;  // look into `diff`
};
using SharedDiff = std::shared_ptr<const Compared>;

std::string_view change_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::added: return "added";
    case Outcome::lost: return "removed";
    case Outcome::kept:
    case Outcome::changed: break;
  }
  return "changed";
}

/// A line a field, or one of the record where it came or went.
void add_lines(std::vector<Line>& lines, const Line& of, Outcome outcome,
               const std::vector<Diff::FieldChange>& fields) {
  for (const Diff::FieldChange& f : fields) {
    Line line = of;
    line.change = change_of(f.outcome);
    line.field = name(f.field);
    line.before = f.before;
    line.after = f.after;
    lines.push_back(std::move(line));
  }
  if (outcome != Outcome::added && outcome != Outcome::lost) return;
  lines.push_back(of);
  lines.back().change = change_of(outcome);
}

/// A line of a record that has no field of its own: "renamed", "moved", "media".
void add_line(std::vector<Line>& lines, const Line& of, std::string_view change, std::string_view before,
              std::string_view after) {
  lines.push_back(of);
  lines.back().change = change;
  lines.back().before = before;
  lines.back().after = after;
}

std::vector<Line> lines_of(const Diff& diff) {
  std::vector<Line> lines;
  for (const Diff::ClassChange& c : diff.classes) {
    const Line line{.record = "class", .name = c.name};
    add_lines(lines, line, c.outcome, c.fields);
    if (!c.renamed_to.empty()) add_line(lines, line, "renamed", c.name, c.renamed_to);
  }
  for (const Diff::ImageChange& c : diff.images) {
    const Line line{.record = "image", .where = c.path, .name = c.path};
    add_lines(lines, line, c.outcome, c.fields);
    if (!c.renamed_to.empty()) add_line(lines, line, "renamed", c.path, c.renamed_to);
    if (c.moved) add_line(lines, line, "moved", c.splits_before, c.splits_after);
    if (c.media) add_line(lines, line, "media", {}, {});
    for (const Diff::ObjectChange& o : c.objects) {
      Line object{.record = "object", .where = c.path, .name = o.name, .was = o.was, .is = o.is};
      if (o.outcome == Outcome::added) object.after = o.box;
      if (o.outcome == Outcome::lost) object.before = o.box;
      add_lines(lines, object, o.outcome, o.fields);
    }
  }
  for (const Diff::OtherChange& o : diff.others)
    add_lines(lines, {.record = "other", .where = o.where, .name = o.where}, Outcome::changed, {o.change});
  return lines;
}

Frame lines_table(const SharedDiff& compared) {
  const auto of = [compared](auto Line::* member) {
    return [compared, member](std::size_t i) {
      const std::string_view text = compared->lines[i].*member;
      return text.empty() ? std::nullopt : std::optional(text);
    };
  };
  std::vector<Maker> makers;
  makers.push_back(words("record", of(&Line::record)));
  makers.push_back(words("change", of(&Line::change)));
  makers.push_back(words("image", of(&Line::where)));
  makers.push_back(words("name", of(&Line::name)));
  makers.push_back(words("class_before", of(&Line::was)));
  makers.push_back(words("class_after", of(&Line::is)));
  makers.push_back(words("field", of(&Line::field)));
  makers.push_back(words("before", of(&Line::before)));
  makers.push_back(words("after", of(&Line::after)));
  return {table_of(compared->lines.size(), std::move(makers))};
}

struct PyDiff {
  SharedDiff compared;
};

PyDiff diff_sources(const Opened& before, const Opened& after, const std::string& name_before,
                    const std::string& name_after, const Words& only, const Words& ignore, double tolerance,
                    bool images, unsigned threads, const nb::object& progress) {
  DiffOptions options{.only = only, .ignore = ignore, .tolerance = tolerance, .images = images, .common = {}};
  options.common.threads = threads;
  return {run(progress, [&](const Progress& p) -> Result<SharedDiff> {
    options.common.progress = p;
    auto made = std::make_shared<Compared>();
    VETSET_TRY(made->diff, diff(*before.source, *after.source, options));
    made->json = to_json(made->diff, name_before, name_after);
    made->markdown = to_markdown(made->diff, name_before, name_after);
    made->lines = lines_of(made->diff);
    return SharedDiff(std::move(made));
  })};
}

std::string stats_of_source(const Opened& d, unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<std::string> {
    Common common;
    common.threads = threads;
    common.progress = p;
    VETSET_TRY(const Stats seen, stats(*d.source, common));
    const std::string_view format = d.source->format == nullptr ? std::string_view() : d.source->format->id;
    return to_json(seen, "vetset " + std::string(version()), d.source->tree->name(), format);
  });
}

}  // namespace

void bind_diff(nb::module_& m) {
  nb::class_<PyDiff>(m, "Compared", "What is not the same in two datasets.")
      .def_prop_ro(
          "json", [](const PyDiff& d) { return text(d.compared->json); }, nb::sig("def json(self) -> str"))
      .def_prop_ro(
          "markdown", [](const PyDiff& d) { return text(d.compared->markdown); }, nb::sig("def markdown(self) -> str"))
      .def_prop_ro("equal", [](const PyDiff& d) { return d.compared->diff.equal; })
      .def_prop_ro("table", [](const PyDiff& d) { return lines_table(d.compared); });
  m.def("diff", &diff_sources, nb::arg("before"), nb::arg("after"), nb::arg("name_before"), nb::arg("name_after"),
        nb::arg("only"), nb::arg("ignore"), nb::arg("tolerance"), nb::arg("images"), nb::arg("threads"),
        nb::arg("progress").none());
  m.def("stats", &stats_of_source, nb::arg("source"), nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
