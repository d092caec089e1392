// card --annex-iv: the same facts under the headings that an auditor looks for (Regulation (EU) 2024/1689, Annex IV
// 2(d) and Article 10). Every number has the command that measures it again; every answer is its provider's own.
#include <algorithm>

#include "vetset/base/unicode.h"
#include "vetset/check/words.h"
#include "vetset/vetset_card.h"

namespace vetset {
namespace {

/// Rows of "what, value, command".
class Figures {
 public:
  explicit Figures(const Card& card) : card_(card) {}
  Figures& stat(std::string_view what, std::uint64_t value, const std::string& jq) {
    return add(Line{plain(what)}, Line{plain(grouped(value))},
               "vetset stats " + card_.called + " --json | jq '" + jq + "'");
  }
  Figures& stat(Line what, std::uint64_t value, const std::string& jq) {
    return add(std::move(what), Line{plain(grouped(value))},
               "vetset stats " + card_.called + " --json | jq '" + jq + "'");
  }
  Figures& add(Line what, Line value, const std::string& command) {
    rows_.push_back({std::move(what), std::move(value), {code(command)}});
    return *this;
  }
  void put(Page& page) { page.table({"what", "value", "measured again by"}, std::move(rows_)); }

 private:
  const Card& card_;
  std::vector<std::vector<Line>> rows_;
};

void answers(Page& page, const Card& c, std::initializer_list<std::string_view> keys) {
  std::vector<std::vector<Line>> rows;
  for (const Question& q : questions()) {
    if (std::find(keys.begin(), keys.end(), q.key) == keys.end()) continue;
    const std::string said = flowing(c.answers.text(q.key));
    rows.push_back(
        {{plain(q.ask)}, said.empty() ? Line{strong("not answered"), plain(" "), code(q.key)} : Line{plain(said)}});
  }
  page.table({"question", "answer of the provider"}, std::move(rows));
}

void identification(Page& page, const Card& c) {
  page.heading("1. Which data this is about");
  Figures figures(c);
  const std::string manifest(paths_of(c.manifest.form).manifest);
  const bool package = c.kind != "dataset";
  const std::string ids = "vetset identity " + c.called;
  figures.add({plain("name and version")}, {plain(c.name + (c.version.empty() ? "" : " " + c.version))},
              package ? "vetset verify " + c.called : ids);
  if (!c.package_id.empty())
    figures.add({plain("bytes of the manifest ("), code("package_id"), plain(")")}, {code(c.package_id)},
                "vetset verify " + c.called + " --json | jq -r .package_id");
  if (!c.dataset_id.empty())
    figures.add({plain("labels and images ("), code("dataset_id"), plain(")")}, {code(c.dataset_id)}, ids);
  figures.add({plain("labels ("), code("labels_id"), plain(")")}, {code(c.labels_id)}, ids);
  for (const CardFiles& f : c.files) {
    const std::string command =
        "vetset card " + c.called + " --as json | jq '.files[] | select(.role==\"" + f.role + "\")'";
    figures.add({plain("files of role " + f.role)}, {plain(grouped(f.files) + ", " + grouped(f.bytes) + " bytes")},
                command);
  }
  figures.put(page);
}

void characteristics(Page& page, const Card& c) {
  page.heading("4. Scope and main characteristics (Annex IV 2(d); Article 10(3))");
  const Stats& s = c.stats;
  Figures figures(c);
  figures.stat("images", s.counts.images, ".counts.images")
      .stat("objects", s.counts.annotations, ".counts.annotations");
  figures.stat("classes", s.counts.categories, ".counts.categories");
  figures.stat("objects of no known class", s.unclassed, ".unclassed");
  figures.stat("images of unknown size", s.unsized_images, ".unsized_images");
  figures.stat("boxes below 32×32 pixels", s.small, ".box_sizes.small");
  figures.stat("boxes from there to below 96×96 pixels", s.medium, ".box_sizes.medium")
      .stat("larger boxes", s.large, ".box_sizes.large");
  figures.put(page);
  if (!s.splits.empty()) page.heading("Training, validation and testing parts", 3);
  Figures splits(c);
  for (std::size_t i = 0; i < s.splits.size(); ++i) {
    const std::string at = ".splits[" + std::to_string(i) + "]";
    const Span named = s.splits[i].name.empty() ? plain("no split") : code(s.splits[i].name);
    splits.stat(Line{plain("images in "), named}, s.splits[i].images, at + ".images");
    splits.stat(Line{plain("objects in "), named}, s.splits[i].objects, at + ".objects");
    splits.stat(Line{plain("classes in "), named}, s.splits[i].classes, at + ".classes");
  }
  splits.put(page);
  if (!s.classes.empty()) page.heading("Classes", 3);
  Figures classes(c);
  for (std::size_t i = 0; i < s.classes.size(); ++i)
    classes.stat(Line{plain("objects of "), code(s.classes[i].name)}, s.classes[i].objects,
                 ".classes[" + std::to_string(i) + "].objects");
  classes.put(page);
}

void labelling(Page& page, const Card& c) {
  page.heading("5. Labelling procedures (Annex IV 2(d); Article 10(2)(c))");
  answers(page, c,
          {"annotation.process", "annotation.tools", "annotation.machine_tools", "annotation.annotators",
           "annotation.per_item", "annotation.quality"});
  Figures figures(c);
  for (const auto& [kind, count] : c.stats.kinds)
    if (count > 0) figures.stat("objects labelled as " + kind, count, ".kinds[\"" + kind + "\"]");
  figures.put(page);
}

void cleaning(Page& page, const Card& c) {
  page.heading("6. Preparation and cleaning (Annex IV 2(d); Article 10(2)(c))");
  answers(page, c, {"collection.preparation"});
  if (!c.checked) return;
  Figures figures(c);
  const std::string all = "vetset check " + c.called + " --no-images --json";
  figures.add({plain("rules that looked at the labels")}, {plain(grouped(c.rules_ran))},
              all + " | jq '[.rules[] | select(.not_run == null)] | length'");
  for (const CardRule& r : c.found)
    figures.add({code(r.code), plain(" " + r.title + " (" + r.severity + ")")}, {plain(grouped(r.count))},
                all + " | jq '.rules[] | select(.code == \"" + r.code + "\").count'");
  figures.put(page);
  if (c.found.empty()) page.paragraph("No rule found anything.");
}

void evidence(Page& page, const Card& c) {
  page.heading("10. Statements and how to check them");
  if (c.evidence.empty()) {
    page.paragraph("No signed statement lies with the data.");
  } else {
    std::vector<std::vector<Line>> rows;
    for (const CardEvidence& e : c.evidence)
      rows.push_back({{code(e.kind)},
                      {plain(e.result.empty() ? "-" : e.result)},
                      {code(e.path)},
                      {code(e.hint)},
                      {code(e.recheck)}});
    page.table({"statement", "result", "file", "key it names", "checked again by"}, std::move(rows));
  }
  page.paragraph("A signature shows who said something and that nobody changed it since; not that it is true.");
}

}  // namespace

Page annex_page(const Card& c) {
  Page page("Data of " + c.name + (c.version.empty() ? "" : " " + c.version) + ": Annex IV 2(d) and Article 10(2)");
  page.paragraph(
      {plain("Technical documentation of a dataset under Regulation (EU) 2024/1689. Numbers were measured by "),
       plain(c.program),
       plain(" on the data that section 1 names; beside each stands the command that measures it again. Answers are "
             "those that the provider gave in "),
       code(answers_path), plain("; what nobody answered is told as not answered.")});
  identification(page, c);
  page.heading("2. General description (Annex IV 2(d))");
  answers(page, c,
          {"dataset.title", "dataset.description", "dataset.creators", "dataset.contact", "dataset.published",
           "use.intended", "use.not_intended"});
  page.heading("3. Provenance: how the data were obtained and selected (Annex IV 2(d); Article 10(2)(b))");
  answers(page, c,
          {"collection.process", "collection.kinds", "collection.sources", "collection.period",
           "collection.original_purpose", "collection.selection"});
  std::vector<std::vector<Line>> said;
  for (const auto& [key, value] : c.said) said.push_back({{code(key)}, {plain(flowing(value))}});
  page.table({"the source says of itself", ""}, std::move(said));
  characteristics(page, c);
  labelling(page, c);
  cleaning(page, c);
  page.heading("7. Design choices, assumptions, suitability (Article 10(2)(a), (d), (e))");
  answers(page, c, {"use.design_choices", "use.assumptions", "use.suitability"});
  page.heading("8. Biases, and what was done about them (Article 10(2)(f), (g))");
  answers(page, c, {"use.biases", "use.bias_measures", "use.social_impact"});
  page.heading("9. Gaps and shortcomings (Article 10(2)(h))");
  answers(page, c, {"use.limitations", "use.gaps", "collection.missing"});
  std::vector<Line> gaps;
  for (const std::string& gap : gaps_of(c)) gaps.push_back({plain(gap)});
  page.list(std::move(gaps));
  evidence(page, c);
  page.heading("11. Personal data and rights (Article 10(2)(b), 10(5))");
  answers(page, c,
          {"people.personal_data", "people.personal_kinds", "people.sensitive", "people.consent_basis",
           "people.anonymisation", "rights.licence", "rights.attribution", "rights.ai_training", "rights.data_mining"});
  page.heading("12. Upkeep");
  answers(page, c, {"upkeep.plan"});
  return page;
}

}  // namespace vetset
