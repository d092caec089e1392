// fix, split, transform and combine from Python: each makes a new dataset of a copy, and says what it did.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/running.h"
#include "vetset/dataset/columns.h"

namespace vetset::python {
namespace {

using Words = std::vector<std::string>;

/// What an edit came to. The source is the one that was given where nothing was changed.
struct Edited {
  Opened source;
  std::string document;  // of the step; empty: nothing was done
};
struct Fixed : Edited {
  std::shared_ptr<const FixReport> report;
};
struct Placed : Edited {
  std::shared_ptr<const SplitReport> report;
};

std::string_view record_of(Owner owner) {
  if (owner == Owner::dataset) return "file";
  return owner == Owner::split ? "membership" : name(owner);
}

/// Edits, one a row; records are canonical rows as JSON.
Frame edits_table(const std::shared_ptr<const FixReport>& report) {
  const auto of = [report](auto value) {
    return [report, value](std::size_t i) { return std::optional(value(report->edits[i])); };
  };
  const auto stated = [report](std::string Edit::* member) {
    return [report, member](std::size_t i) {
      const std::string& text = report->edits[i].*member;
      return text.empty() ? std::nullopt : std::optional(std::string_view(text));
    };
  };
  std::vector<Maker> makers;
  makers.push_back(words("code", of([](const Edit& e) { return e.repair->code; })));
  makers.push_back(words("repair", of([](const Edit& e) { return e.repair->name; })));
  makers.push_back(plain<std::uint32_t>("round", of([](const Edit& e) { return std::uint32_t{e.round}; })));
  makers.push_back(words("record", of([](const Edit& e) { return record_of(e.owner); })));
  makers.push_back(words("where", stated(&Edit::where)));
  makers.push_back(words("what", stated(&Edit::what)));
  makers.push_back(words("before", stated(&Edit::before)));
  makers.push_back(words("after", stated(&Edit::after)));
  makers.push_back(words("authored", stated(&Edit::authored)));
  return {table_of(report->edits.size(), std::move(makers))};
}

nb::dict repair_counts(const std::vector<std::pair<const Repair*, std::uint64_t>>& counts) {
  nb::dict found;
  for (const auto& [repair, count] : counts) found[text(repair->name)] = count;
  return found;
}

Fixed fix_source(const Opened& d, const Words& select, const Words& ignore, bool unsafe, bool files, unsigned threads,
                 const nb::object& progress) {
  FixOptions options{
      .select = select, .ignore = ignore, .unsafe = unsafe, .files = files, .settings = {}, .common = {}};
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<Fixed> {
    options.common.progress = p;
    Held copy = copy_of(*d.source);
    VETSET_TRY(FixReport report, fix(copy, options));
    auto kept = std::make_shared<const FixReport>(std::move(report));
    return Fixed{{{std::make_shared<const Held>(hold_again(std::move(copy)))}, kept->document}, kept};
  });
}

/// The dataset as it was repaired from, and whether it is that to the record.
std::tuple<Opened, std::uint64_t, bool> undo_source(const Opened& d, const std::string& document,
                                                    const std::filesystem::path& originals, unsigned threads,
                                                    const nb::object& progress) {
  Common common;
  common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<std::tuple<Opened, std::uint64_t, bool>> {
    common.progress = p;
    Held copy = copy_of(*d.source);
    VETSET_TRY(const UndoReport report, unfix(copy, document, common, originals.string()));
    if (!copy.steps.empty() && copy.steps.back().document == document) copy.steps.pop_back();
    return std::tuple(Opened{std::make_shared<const Held>(hold_again(std::move(copy)))}, report.edits, report.exact);
  });
}

/// The dataset with images that tell nothing beside their pixels, and files whose metadata could not be removed.
std::pair<Opened, Words> strip_copy(const Opened& d, unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<std::pair<Opened, Words>> {
    Common common;
    common.threads = threads;
    common.progress = p;
    Held copy = copy_of(*d.source);
    VETSET_TRY(StripReport report, strip_in_place(copy, common));
    return std::pair(Opened{std::make_shared<const Held>(hold_again(std::move(copy)))}, std::move(report.left));
  });
}

std::pair<bool, std::string> check_split_of(const Opened& d, const std::filesystem::path& lock, const Words& group_by,
                                            const std::string& near, std::optional<unsigned> radius, unsigned margin,
                                            bool cache, unsigned threads, const nb::object& progress) {
  SplitCheckOptions options{.lock = lock.string(),
                            .group_by = group_by,
                            .near = near_tier(near),
                            .radius = radius,
                            .margin = margin,
                            .scan = {.cache = cache},
                            .common = {}};
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<std::pair<bool, std::string>> {
    options.common.progress = p;
    VETSET_TRY(const SplitCheck check, check_split(*d.source, options));
    return std::pair(check.holds(), to_json(check, d.source->dataset, "vetset " + std::string(version())));
  });
}

Placed split_source(const Opened& d, const std::string& ratios, const Words& names, std::optional<std::uint32_t> seed,
                    const Words& group_by, const std::optional<Words>& stratify, const std::filesystem::path& contract,
                    std::uint32_t folds, std::int32_t fold, const std::filesystem::path& lock,
                    const std::filesystem::path& pins, const std::string& near, std::optional<unsigned> radius,
                    bool cache, unsigned threads, const nb::object& progress) {
  SplitOptions options{.ratios = ratios,
                       .names = names,
                       .seed = seed,
                       .group_by = group_by,
                       .stratify = stratify,
                       .contract = contract.string(),
                       .pins = pins.string(),
                       .folds = folds,
                       .fold = fold,
                       .lock = lock.string(),
                       .near = near_tier(near),
                       .radius = radius,
                       .scan = {.cache = cache},
                       .common = {}};
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<Placed> {
    options.common.progress = p;
    Held copy = copy_of(*d.source);
    VETSET_TRY(SplitReport report, split(copy, options));
    auto kept = std::make_shared<const SplitReport>(std::move(report));
    copy.placed = kept;
    std::string document = copy.steps.back().document;
    return Placed{{{std::make_shared<const Held>(std::move(copy))}, std::move(document)}, kept};
  });
}

Edited transform_source(const Opened& d, const std::string& where, const std::string& images_where, const Words& rename,
                        const Words& merge, const Words& drop, const Words& keep, const Words& order,
                        const std::filesystem::path& classes_from, bool drop_empty, const std::string& sample,
                        std::uint64_t seed, unsigned threads, const nb::object& progress) {
  TransformOptions options;
  options.rules = {.classes = {rename, merge, drop, keep, order},
                   .where = where,
                   .images_where = images_where,
                   .drop_empty = drop_empty,
                   .seed = seed};
  options.classes_from = classes_from.string();
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<Edited> {
    options.common.progress = p;
    if (!sample.empty()) {
      VETSET_TRY(options.rules.sample, parse_sample(sample));
    }
    Held copy = copy_of(*d.source);
    VETSET_TRY(TransformReport report, transform(copy, options));
    return Edited{{std::make_shared<const Held>(std::move(copy))}, std::move(report.document)};
  });
}

Edited combine_sources(const std::vector<Opened>& sources, const Words& rename, const std::filesystem::path& map,
                       bool split_from_source, bool drop_copies, unsigned threads, const nb::object& progress) {
  CombineOptions options{.rename = rename,
                         .map = map.string(),
                         .split_from_source = split_from_source,
                         .drop_copies = drop_copies,
                         .common = {}};
  options.common.threads = threads;
  return run(progress, [&](const Progress& p) -> Result<Edited> {
    options.common.progress = p;
    std::vector<Source> copies;
    for (const Opened& d : sources) copies.push_back(copy_of(*d.source));
    VETSET_TRY(Combination made, combine(std::move(copies), options));
    return Edited{{std::make_shared<const Held>(hold(std::move(made.source)))}, std::move(made.document)};
  });
}

}  // namespace

void bind_edits(nb::module_& m) {
  nb::class_<Edited>(m, "Edited", "A new dataset, and the document of what was done.")
      .def_prop_ro("source", [](const Edited& e) { return e.source; })
      .def_prop_ro("json", [](const Edited& e) { return text(e.document); }, nb::sig("def json(self) -> str"));
  nb::class_<Fixed, Edited>(m, "Fixed", "A repaired dataset.")
      .def_prop_ro("table", [](const Fixed& f) { return edits_table(f.report); })
      .def_prop_ro(
          "counts", [](const Fixed& f) { return repair_counts(f.report->counts); },
          nb::sig("def counts(self) -> dict[str, int]"))
      .def_prop_ro(
          "unsafe", [](const Fixed& f) { return repair_counts(f.report->unsafe); },
          nb::sig("def unsafe(self) -> dict[str, int]"));
  nb::class_<Placed, Edited>(m, "Placed", "A dataset with other splits.")
      .def_prop_ro(
          "summary", [](const Placed& s) { return text(summary_of(*s.report)); }, nb::sig("def summary(self) -> str"))
      .def_prop_ro(
          "lock", [](const Placed& s) { return text(to_json(s.report->lock)); }, nb::sig("def lock(self) -> str"));

  m.def("fix", &fix_source, nb::arg("source"), nb::arg("select"), nb::arg("ignore"), nb::arg("unsafe"),
        nb::arg("files"), nb::arg("threads"), nb::arg("progress").none());
  m.def("undo", &undo_source, nb::arg("source"), nb::arg("document"), nb::arg("originals"), nb::arg("threads"),
        nb::arg("progress").none());
  m.def("strip", &strip_copy, nb::arg("source"), nb::arg("threads"), nb::arg("progress").none());
  m.def("split", &split_source, nb::arg("source"), nb::arg("ratios"), nb::arg("names"), nb::arg("seed").none(),
        nb::arg("group_by"), nb::arg("stratify").none(), nb::arg("contract"), nb::arg("folds"), nb::arg("fold_index"),
        nb::arg("lock"), nb::arg("pins"), nb::arg("near"), nb::arg("radius").none(), nb::arg("cache"),
        nb::arg("threads"), nb::arg("progress").none());
  m.def("check_split", &check_split_of, nb::arg("source"), nb::arg("lock"), nb::arg("group_by"), nb::arg("near"),
        nb::arg("radius").none(), nb::arg("margin"), nb::arg("cache"), nb::arg("threads"), nb::arg("progress").none());
  m.def("transform", &transform_source, nb::arg("source"), nb::arg("where"), nb::arg("images_where"), nb::arg("rename"),
        nb::arg("merge"), nb::arg("drop_classes"), nb::arg("keep_classes"), nb::arg("order"), nb::arg("classes_from"),
        nb::arg("drop_empty"), nb::arg("sample"), nb::arg("seed"), nb::arg("threads"), nb::arg("progress").none());
  m.def("combine", &combine_sources, nb::arg("sources"), nb::arg("rename"), nb::arg("map"),
        nb::arg("split_from_source"), nb::arg("drop_copies"), nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
