// card, as people read it: what is in it, how it was checked, what is not known, whose it is, how to check again.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/check/words.h"
#include "vetset/vetset_card.h"

namespace vetset {
namespace {

constexpr std::size_t most_classes = 100, most_sizes = 8, most_splits = 6;

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return part > 0 && share < 0.1 ? "<0.1 %"
                                 : measure(static_cast<double>(static_cast<int>(share * 10 + 0.5)) / 10) + " %";
}

double share_of(std::uint64_t part, std::uint64_t most) {
  return most == 0 ? 0 : static_cast<double>(part) / static_cast<double>(most);
}

Line counted_line(std::uint64_t count) { return {plain(grouped(count))}; }

Line split_name(const std::string& name) { return name.empty() ? Line{plain("in no split")} : Line{code(name)}; }

Line licence_line(const std::vector<CardLicence>& licences) {
  Line line;
  for (const CardLicence& l : licences) {
    if (!line.empty()) line.push_back(plain(", "));
    line.push_back(l.spdx.empty() ? plain(flowing(l.name))
                                  : link(l.spdx, "https://spdx.org/licenses/" + l.spdx + ".html"));
  }
  return line;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

void add_glance(Page& page, const Card& c) {
  const Stats& s = c.stats;
  std::vector<std::vector<Line>> rows;
  rows.push_back({{plain("images")}, counted_line(s.counts.images)});
  rows.push_back({{plain("objects")}, counted_line(s.counts.annotations)});
  rows.push_back({{plain("classes")}, counted_line(s.counts.categories)});
  std::uint64_t files = 0, bytes = 0;
  for (const CardFiles& f : c.files) {
    files += f.files;
    bytes += f.bytes;
  }
  rows.push_back({{plain("files")}, {plain(grouped(files) + ", " + grouped(bytes) + " bytes")}});
  if (!c.format.empty()) rows.push_back({{plain("labels came as")}, {plain(c.format)}});
  if (!c.media.empty())
    rows.push_back({{plain("images lie")},
                    {plain(c.media == "shards"     ? "in tar files (shards)"
                           : c.media == "external" ? "elsewhere: the package holds labels and their digests"
                                                   : "as files")}});
  const std::vector<CardLicence> licences = licence_of(c);
  rows.push_back({{plain("licence")}, licences.empty() ? Line{plain("not said")} : licence_line(licences)});
  if (!c.dataset_id.empty()) rows.push_back({{code("dataset_id")}, {code(c.dataset_id)}});
  if (!c.labels_id.empty()) rows.push_back({{code("labels_id")}, {code(c.labels_id)}});
  if (!c.package_id.empty()) rows.push_back({{code("package_id")}, {code(c.package_id)}});
  page.table({"at a glance", ""}, std::move(rows));
}

void add_splits(Page& page, const Card& c) {
  if (c.stats.splits.empty()) return;
  std::uint64_t most = 0;
  for (const SplitStats& s : c.stats.splits) most = std::max(most, s.images);
  std::vector<std::vector<Line>> rows;
  for (const SplitStats& s : c.stats.splits)
    rows.push_back({split_name(s.name),
                    counted_line(s.images),
                    counted_line(s.empty_images),
                    counted_line(s.objects),
                    counted_line(s.classes),
                    {plain(percent(s.images, c.stats.counts.images))},
                    {bar(share_of(s.images, most))}});
  page.heading("Splits", 3);
  page.table({"split", ">images", ">without objects", ">objects", ">classes", ">share", ""}, std::move(rows));
}

void add_classes(Page& page, const Card& c) {
  const Stats& s = c.stats;
  if (s.classes.empty()) return;
  std::vector<const ClassStats*> order;
  for (const ClassStats& one : s.classes) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(),
                   [](const ClassStats* a, const ClassStats* b) { return a->objects > b->objects; });
  const bool by_split = s.splits.size() > 1 && s.splits.size() <= most_splits;
  std::vector<std::string> head = {"class", ">objects", ">images"};
  if (by_split)
    for (const SplitStats& split : s.splits)
      head.push_back(">" + (split.name.empty() ? "no split" : printable(split.name)));
  head.insert(head.end(), {">share", ""});
  std::vector<std::vector<Line>> rows;
  for (std::size_t i = 0; i < std::min(order.size(), most_classes); ++i) {
    const ClassStats& one = *order[i];
    std::vector<Line> row = {{code(one.name)}, counted_line(one.objects), counted_line(one.images)};
    if (by_split)
      for (const std::uint64_t count : one.by_split) row.push_back(counted_line(count));
    row.push_back({plain(percent(one.objects, s.counts.annotations))});
    row.push_back({bar(share_of(one.objects, order.front()->objects))});
    rows.push_back(std::move(row));
  }
  page.heading("Classes", 3);
  if (by_split) page.paragraph("Objects of each class, in all and in each split.");
  page.table(std::move(head), std::move(rows));
  if (order.size() > most_classes)
    page.paragraph("And " + counted(order.size() - most_classes, "class", "classes") + " with fewer objects.");
}

void add_objects(Page& page, const Card& c) {
  const Stats& s = c.stats;
  if (s.counts.images == 0) return;
  page.heading("Objects and images", 3);
  std::vector<Line> items;
  std::string kinds;
  for (const auto& [kind, count] : s.kinds)
    if (count > 0) kinds += (kinds.empty() ? "" : ", ") + kind + " " + grouped(count);
  if (!kinds.empty()) items.push_back({plain("What objects are: " + kinds + ".")});
  if (s.objects_spread.count > 0)
    items.push_back({plain("Objects an image: median " + measure(s.objects_spread.median) + ", mean " +
                           measure(s.objects_spread.mean) + ", most " + measure(s.objects_spread.most) + ".")});
  if (const std::uint64_t boxes = s.small + s.medium + s.large; boxes > 0)
    items.push_back(
        {plain("Boxes by area, as COCO parts them: small (below 32×32 pixels) " + percent(s.small, boxes) +
               ", medium (below 96×96) " + percent(s.medium, boxes) + ", large " + percent(s.large, boxes) + ".")});
  std::string sizes;
  for (std::size_t i = 0; i < std::min(s.image_sizes.size(), most_sizes); ++i) {
    const auto& [size, images] = s.image_sizes[i];
    sizes += (sizes.empty() ? "" : ", ") + std::to_string(size.first) + "×" + std::to_string(size.second) + " (" +
             grouped(images) + ")";
  }
  if (s.image_sizes.size() > most_sizes) sizes += " and " + grouped(s.image_sizes.size() - most_sizes) + " others";
  if (!sizes.empty()) items.push_back({plain("Sizes of images: " + sizes + ".")});
  page.list(std::move(items));
}

void add_checks(Page& page, const Card& c) {
  page.heading("How it was checked");
  if (!c.evidence.empty()) {
    page.paragraph({plain("Statements that lie in it. Whose signatures they bear, and whether they hold, "),
                    code("vetset verify"), plain(" says.")});
    std::vector<std::vector<Line>> rows;
    for (const CardEvidence& e : c.evidence)
      rows.push_back({{code(e.kind)},
                      {plain(e.result.empty() ? "-" : e.result)},
                      {plain(e.says.empty() ? "-" : e.says)},
                      {code(e.hint.substr(0, 16))},
                      {code(e.recheck)}});
    page.table({"statement", "result", "what it says", "key it names", "check it again"}, std::move(rows));
  } else if (c.draft) {
    page.paragraph({plain("When it was packed, every field was read back and compared. What rules find, and statements "
                          "that were made "
                          "since, are in the card that "),
                    code("vetset card " + c.called), plain(" writes.")});
  } else if (!c.package_id.empty()) {
    page.paragraph("No statement about it lies in it.");
  }
  if (!c.checked) return;
  if (c.found.empty()) {
    page.paragraph(grouped(c.rules_ran) + " rules looked at the labels and found nothing.");
  } else {
    page.paragraph(grouped(c.rules_ran) + " rules looked at the labels; " + grouped(c.found.size()) +
                   (c.found.size() == 1 ? " of them found something." : " of them found something."));
    std::vector<std::vector<Line>> rows;
    for (const CardRule& r : c.found)
      rows.push_back({{code(r.code)},
                      {plain(r.title)},
                      {plain(r.severity)},
                      counted_line(r.count),
                      {code("vetset check " + c.called + " --no-images --select " + r.code)}});
    page.table({"rule", "looks for", "severity", ">found", "check it again"}, std::move(rows));
  }
}

void add_answers(Page& page, const Card& c, std::initializer_list<std::string_view> sections) {
  for (const std::string_view section : sections) {
    std::vector<std::vector<Line>> rows;
    for (const Question& q : questions())
      if (section_of(q) == section && !c.answers.of(q.key).empty())
        rows.push_back({{plain(q.ask)}, {plain(flowing(c.answers.text(q.key)))}});
    if (rows.empty()) continue;
    page.heading(section_title(section), 3);
    page.table({"question", "answer of its makers"}, std::move(rows));
  }
}

void add_rights(Page& page, const Card& c) {
  page.heading("Licences and rights");
  if (c.licences.empty() && c.answers.text("rights.licence").empty())
    page.paragraph("Nobody has said under which licence it may be used.");
  std::vector<std::vector<Line>> rows;
  for (const NamedLicence& l : c.licences)
    rows.push_back({{l.url.empty() ? plain(flowing(l.name)) : link(l.name.empty() ? l.url : flowing(l.name), l.url)},
                    {l.spdx.empty() ? plain("not known") : code(l.spdx)},
                    counted_line(l.images)});
  page.table({"licence that the source names", "SPDX", ">images"}, std::move(rows));
  add_answers(page, c, {"rights", "people"});
}

void add_origin(Page& page, const Card& c) {
  if (c.said.empty() && c.steps.empty() && c.manifest.parents.empty() && !c.answers.any()) return;
  page.heading("Where it comes from");
  std::vector<std::vector<Line>> rows;
  for (const auto& [key, value] : c.said) rows.push_back({{code(key)}, {plain(flowing(value))}});
  page.table({"the source says of itself", ""}, std::move(rows));
  rows.clear();
  for (const Parent& p : c.manifest.parents)
    rows.push_back({{plain(p.role)}, {code(p.dataset_id.text())}, {code(p.package_id.text())}});
  page.table({"made from", "dataset_id", "package_id"}, std::move(rows));
  std::vector<Line> steps;
  for (const auto& [name, summary] : c.steps) steps.push_back({code(name), plain(": " + summary)});
  page.list(std::move(steps));
  add_answers(page, c, {"dataset", "collection", "annotation", "use", "upkeep"});
}

void add_verify(Page& page, const Card& c) {
  page.heading("How to check it yourself");
  if (c.kind == "dataset") {
    page.paragraph("The labels are those of this card if they have its id:");
    page.commands("vetset identity " + c.called);
    return;
  }
  page.paragraph("With vetset: files, digests, labels and signatures.");
  page.commands("vetset verify " + c.called);
  const std::string manifest(paths_of(c.manifest.form).manifest);
  page.paragraph({plain("Without it, in the folder of the package: every file by its digest. "), code("jq"),
                  plain(" and "), code("sha256sum"), plain(" are enough.")});
  page.commands("jq -r '.files[] | \"\\(.sha256)  \\(.path)\"' " + manifest + " | sha256sum --quiet -c");
}

/// By section, the keys under which card.toml would hold them.
void add_unanswered(Page& page, const Card& c) {
  std::vector<Line> open;
  std::string_view section;
  for (const Question& q : questions()) {
    if (!c.answers.of(q.key).empty()) continue;
    const bool more = section_of(q) == section;
    section = section_of(q);
    if (!more) open.push_back({plain(std::string(section_title(section)) + ": ")});
    if (more) open.back().push_back(plain(", "));
    open.back().push_back(code(q.key.substr(section.size() + 1)));
  }
  if (open.empty()) return;
  page.heading("Not answered");
  page.paragraph({plain("What only its makers can say, and have not ("), code("vetset card --questions"),
                  plain(" prints the questions):")});
  page.list(std::move(open));
}

}  // namespace

std::vector<std::string> gaps_of(const Card& c) {
  std::vector<std::string> gaps;
  const Stats& s = c.stats;
  const auto is_are = [](std::uint64_t n) { return n == 1 ? std::string(" is") : std::string(" are"); };
  if (licence_of(c).empty()) gaps.emplace_back("Nobody has said under which licence it may be used.");
  if (c.images_missing > 0)
    gaps.push_back(counted(c.images_missing, "image", "images") + " of " + grouped(s.counts.images) +
                   is_are(c.images_missing) + " not in it, labels alone.");
  if (s.unsized_images > 0)
    gaps.push_back("The size of " + counted(s.unsized_images, "image", "images") + is_are(1) + " not known.");
  if (c.images_unlabelled > 0)
    gaps.push_back(counted(c.images_unlabelled, "image", "images") + is_are(c.images_unlabelled) + " not labelled.");
  std::vector<std::string> unused, absent;
  for (const ClassStats& one : s.classes) {
    if (one.objects == 0) unused.push_back(printable(one.name));
    for (std::size_t i = 0; i < one.by_split.size() && i < s.splits.size(); ++i)
      if (one.objects > 0 && one.by_split[i] == 0 && s.splits[i].images > 0 && !s.splits[i].name.empty())
        absent.push_back(printable(one.name) + " (" + printable(s.splits[i].name) + ")");
  }
  constexpr std::size_t most = 12;
  const auto listed = [&](std::vector<std::string> names) {
    const std::size_t all = names.size();
    if (all > most) names.resize(most);
    return joined(names) + (all > most ? " and " + grouped(all - most) + " more" : "");
  };
  if (!unused.empty())
    gaps.push_back(counted(unused.size(), "class has", "classes have") + " no object: " + listed(unused) + ".");
  if (!absent.empty()) gaps.push_back("Classes without an object in a split: " + listed(absent) + ".");
  if (s.splits.empty() || (s.splits.size() == 1 && s.splits[0].name.empty())) gaps.emplace_back("It has no splits.");
  const auto attested = [&](std::string_view kind) {
    return std::any_of(c.evidence.begin(), c.evidence.end(), [&](const CardEvidence& e) { return e.kind == kind; });
  };
  if (!attested("split") && s.splits.size() > 1 && !c.draft)
    gaps.emplace_back("No statement says that its splits are free of copies and look-alikes of each other.");
  if (!attested("audit") && c.checked)
    gaps.emplace_back(
        "The images were not looked at for this card: neither whether they open, nor whether they repeat.");
  if (!attested("audit") && !c.checked && !c.draft)
    gaps.emplace_back("No statement says that its labels were checked.");
  for (const CardEvidence& e : c.evidence)
    if (e.result == "FAILED") gaps.push_back("The statement of kind " + e.kind + " says that its checks failed.");
  if (c.answers.of("people.personal_data").empty())
    gaps.emplace_back("Nobody has said whether people in it can be recognised.");
  return gaps;
}

Page card_page(const Card& c) {
  const std::string title = c.answers.text("dataset.title");
  Page page((title.empty() ? c.name : flowing(title)) + (c.version.empty() ? "" : " " + c.version));
  if (const std::string said = c.answers.text("dataset.description"); !said.empty()) page.paragraph(flowing(said));
  add_glance(page, c);
  page.heading("What is in it");
  add_splits(page, c);
  add_classes(page, c);
  add_objects(page, c);
  add_checks(page, c);
  page.heading("Known gaps");
  std::vector<Line> gaps;
  for (const std::string& gap : gaps_of(c)) gaps.push_back({plain(gap)});
  page.list(std::move(gaps));
  page.paragraph(
      "No check can show that labels are right, that the data represent the world, or that nobody in them objects.");
  add_rights(page, c);
  add_origin(page, c);
  add_verify(page, c);
  add_unanswered(page, c);
  page.paragraph("Written by " + c.program +
                 ". Counts are of the labels as they stand; ids are as docs/identity.md defines them.");
  return page;
}

std::string card_json(const Card& c) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("vetset-card").value(1).key("program").value(c.program);
  w.key("name").value(printable(c.name)).key("version").value(c.version).key("kind").value(c.kind);
  w.key("format").value(c.format).key("media").value(c.media);
  w.key("package_id").value(c.package_id).key("dataset_id").value(c.dataset_id).key("labels_id").value(c.labels_id);
  w.key("files").begin_array();
  for (const CardFiles& f : c.files)
    w.begin_object().key("role").value(f.role).key("files").value(f.files).key("bytes").value(f.bytes).end_object();
  w.end_array().key("stats").raw(to_json(c.stats, c.program, printable(c.called), c.format));
  w.key("licences").begin_array();
  for (const NamedLicence& l : c.licences) {
    w.begin_object().key("name").value(printable(l.name)).key("url").value(printable(l.url));
    w.key("spdx").value(l.spdx).key("images").value(l.images).end_object();
  }
  w.end_array().key("said").begin_array();
  for (const auto& [key, value] : c.said)
    w.begin_object().key("key").value(printable(key)).key("value").value(printable(value)).end_object();
  w.end_array().key("evidence").begin_array();
  for (const CardEvidence& e : c.evidence) {
    w.begin_object().key("kind").value(e.kind).key("path").value(e.path).key("key").value(e.hint);
    w.key("result").value(e.result).key("recheck").value(e.recheck).end_object();
  }
  w.end_array().key("check").begin_object().key("ran").value(c.rules_ran).key("found").begin_array();
  for (const CardRule& r : c.found) {
    w.begin_object().key("code").value(r.code).key("name").value(r.name);
    w.key("severity").value(r.severity).key("count").value(r.count).end_object();
  }
  w.end_array().key("not_run").begin_array();
  for (const auto& [why, count] : c.rules_not_run)
    w.begin_object().key("why").value(why).key("rules").value(count).end_object();
  w.end_array().end_object().key("gaps").begin_array();
  for (const std::string& gap : gaps_of(c)) w.value(gap);
  w.end_array().key("answers").begin_object();
  for (const Question& q : questions()) {
    if (c.answers.of(q.key).empty()) continue;
    w.key(q.key).begin_array();
    for (const std::string& value : c.answers.of(q.key)) w.value(value);
    w.end_array();
  }
  w.end_object().key("unanswered").begin_array();
  for (const Question& q : questions())
    if (c.answers.of(q.key).empty()) w.value(q.key);
  w.end_array().end_object();
  return out;
}

}  // namespace vetset
