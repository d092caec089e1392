// Findings as a table: what each is about, by row, by name, and by the fingerprint that reports show.
#include "python/src/report.h"
#include "vetset/check/about.h"
#include "vetset/dataset/columns.h"

namespace vetset::python {
namespace {

template <class Index>
std::optional<std::uint32_t> row(Index index) {
  return index == none<Index> ? std::nullopt : std::optional(static_cast<std::uint32_t>(index));
}

FoundRows of_annotation(AnnotationIndex a, const Dataset& d) {
  return {.image = row(d[a].image), .annotation = row(a), .category = row(d[a].category)};
}

/// A place of a finding: the rows that are there.
struct PlaceRow {
  std::uint32_t finding = 0;
  std::uint8_t place = 0;
  FoundRows rows;
};

/// The records of a pair are two places.
std::vector<PlaceRow> places_of_findings(const Checked& check, const std::vector<std::uint32_t>& chosen,
                                         bool by_place) {
  const Dataset& d = check.source->dataset;
  std::vector<PlaceRow> places;
  for (const std::uint32_t n : chosen) {
    const Finding& finding = check.report.findings[n];
    const Where& where = finding.where;
    const auto* annotations = std::get_if<AnnotationPair>(&where);
    const auto* images = std::get_if<ImagePair>(&where);
    if (by_place && annotations != nullptr) {
      places.push_back({n, 0, of_annotation(annotations->first, d)});
      places.push_back({n, 1, of_annotation(annotations->second, d)});
    } else if (by_place && images != nullptr) {
      places.push_back({n, 0, {.image = row(images->first), .annotation = {}, .category = {}}});
      places.push_back({n, 1, {.image = row(images->second), .annotation = {}, .category = {}}});
    } else if (const auto* one = std::get_if<AnnotationIndex>(&where); by_place && one != nullptr) {
      places.push_back({n, 0, of_annotation(*one, d)});
    } else {
      places.push_back({n, 0, row_of(finding, d)});
    }
  }
  return places;
}

/// Of all findings, as reports count them.
std::vector<std::string> fingerprints_of(const Checked& check) {
  Fingerprints fingerprints;
  std::vector<std::string> made;
  for (const Finding& finding : check.report.findings)
    made.push_back(fingerprints.next(finding.code, about(check.source->dataset, finding).identity));
  return made;
}

std::vector<std::uint32_t> all_rows(std::size_t count) {
  std::vector<std::uint32_t> rows(count);
  for (std::size_t n = 0; n < count; ++n) rows[n] = static_cast<std::uint32_t>(n);
  return rows;
}

}  // namespace

FoundRows row_of(const Finding& finding, const Dataset& d) {
  const Where& where = finding.where;
  if (const auto* i = std::get_if<ImageIndex>(&where)) return {.image = row(*i), .annotation = {}, .category = {}};
  if (const auto* pair = std::get_if<ImagePair>(&where))
    return {.image = row(pair->first), .annotation = {}, .category = {}};
  if (const auto* c = std::get_if<CategoryIndex>(&where)) return {.image = {}, .annotation = {}, .category = row(*c)};
  FoundRows rows;
  if (const auto* a = std::get_if<AnnotationIndex>(&where)) rows = of_annotation(*a, d);
  if (const auto* pair = std::get_if<AnnotationPair>(&where)) rows = of_annotation(pair->second, d);
  rows.category.reset();
  return rows;
}

Frame findings_table(const SharedCheck& check, std::optional<std::vector<std::uint32_t>> chosen, bool by_place) {
  const auto rows = std::make_shared<const std::vector<PlaceRow>>(
      places_of_findings(*check, chosen ? *chosen : all_rows(check->report.findings.size()), by_place));
  const auto prints = std::make_shared<const std::vector<std::string>>(fingerprints_of(*check));
  const auto number = [rows](std::size_t i) { return std::size_t{(*rows)[i].finding}; };
  const auto finding = [check, number](std::size_t i) -> const Finding& { return check->report.findings[number(i)]; };
  const auto place = [check, number](std::size_t i) -> const Place& { return check->places[number(i)]; };
  const auto of = [check, rows](auto name_of) {
    return [check, rows, name_of](std::size_t i) { return name_of(check->source->dataset, (*rows)[i].rows); };
  };
  const auto stated = [](std::string_view text) { return text.empty() ? std::nullopt : std::optional(text); };
  const auto counted = [](std::uint32_t n) { return n == 0 ? std::nullopt : std::optional(n); };
  std::vector<Maker> makers;
  if (by_place) {
    makers.push_back(
        plain<std::uint32_t>("finding", [rows](std::size_t i) { return std::optional((*rows)[i].finding); }));
    makers.push_back(plain<std::uint32_t>(
        "place", [rows](std::size_t i) { return std::optional(std::uint32_t{(*rows)[i].place}); }));
  }
  makers.push_back(words("code", [finding](std::size_t i) { return std::optional(finding(i).code); }));
  makers.push_back(words("rule", [check, finding, stated](std::size_t i) {
    const Rule* rule = rule_of(check->report, finding(i).code);
    return stated(rule == nullptr ? std::string_view() : rule->name);
  }));
  makers.push_back(words("severity", [finding](std::size_t i) { return std::optional(name(finding(i).severity)); }));
  makers.push_back(words("evidence", [finding](std::size_t i) { return std::optional(name(finding(i).evidence)); }));
  makers.push_back(words("message", [finding](std::size_t i) { return std::optional(finding(i).message); }));
  makers.push_back(words("fix", [finding, stated](std::size_t i) { return stated(finding(i).fix); }));
  makers.push_back(plain<double>("score", [finding](std::size_t i) { return finding(i).score; }));
  makers.push_back(words("file", [place, stated](std::size_t i) { return stated(place(i).file); }));
  makers.push_back(plain<std::uint32_t>("line", [place, counted](std::size_t i) { return counted(place(i).line); }));
  makers.push_back(
      plain<std::uint32_t>("column", [place, counted](std::size_t i) { return counted(place(i).column); }));
  makers.push_back(plain<std::uint32_t>("image", of([](const Dataset&, const FoundRows& r) { return r.image; })));
  makers.push_back(
      plain<std::uint32_t>("annotation", of([](const Dataset&, const FoundRows& r) { return r.annotation; })));
  makers.push_back(plain<std::uint32_t>("category", of([](const Dataset&, const FoundRows& r) { return r.category; })));
  makers.push_back(words("image_path", of([](const Dataset& d, const FoundRows& r) {
                           return r.image ? std::optional(d.path(to_index<ImageIndex>(*r.image))) : std::nullopt;
                         })));
  makers.push_back(words("category_name", [check, rows, finding](std::size_t i) -> std::optional<std::string> {
    const Dataset& d = check->source->dataset;
    if (const auto c = (*rows)[i].rows.category) return d[to_index<CategoryIndex>(*c)].name;
    std::string name = about(d, finding(i)).category;
    return name.empty() ? std::nullopt : std::optional(std::move(name));
  }));
  makers.push_back(words("fingerprint", [prints, number](std::size_t i) {
    return std::optional(std::string_view((*prints)[number(i)]));
  }));
  return {table_of(rows->size(), std::move(makers))};
}

}  // namespace vetset::python
