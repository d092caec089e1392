// vetset explain: a rule in words, or one finding with its place, the lines around it and the numbers behind it.
#include <algorithm>

#include "cli/explain_json.h"
#include "cli/judging.h"
#include "vetset/base/nearest.h"
#include "vetset/base/unicode.h"
#include "vetset/check/about.h"
#include "vetset/check/report/json.h"
#include "vetset/check/rule_page.h"
#include "vetset/check/words.h"

namespace vetset::cli {
namespace {

struct ExplainFlags {
  std::string what, src, from, images_dir;
  JudgingFlags judging;
  unsigned threads = 0;
  bool json = false;
};

Ink ink_of(Severity severity) {
  return severity == Severity::error ? Ink::red : severity == Severity::warning ? Ink::yellow : Ink::cyan;
}

std::string_view certainty(EvidenceClass evidence) {
  switch (evidence) {
    case EvidenceClass::proof: return "proved";
    case EvidenceClass::calibrated: return "measured";
    case EvidenceClass::hint: break;
  }
  return "a hint";
}

std::size_t text_width(const Terminal& t) { return std::min<std::size_t>(t.width(), 100); }

void print_heading(Terminal& t, const Rule& rule, Severity severity, EvidenceClass evidence) {
  t.out(t.ink(Ink::bold, rule.code) + " " + t.ink(Ink::bold, rule.name) + "  " +
        t.ink(ink_of(severity), name(severity)) + t.ink(Ink::dim, ", " + std::string(certainty(evidence))) + "\n");
}

/// The thresholds that a rule heeds, as they are here.
void print_thresholds(Terminal& t, const Rule& rule, const Judging& judged) {
  bool first = true;
  for (const Setting& setting : settings()) {
    if (setting.rules.find(rule.code) == std::string_view::npos) continue;
    if (first) t.out("\n" + t.ink(Ink::bold, "Thresholds") + "\n");
    first = false;
    const std::string now = setting_text(judged.options.settings, setting);
    const std::string otherwise = setting_text(CheckSettings{}, setting);
    std::string line = "  " + std::string(setting.name) + " = " + (now.empty() ? "(none)" : printable(now));
    if (now != otherwise) line += " (default " + (otherwise.empty() ? "none" : otherwise) + ")";
    t.out(line + "\n");
    t.out("    " + wrapped(setting.what, 4, text_width(t)));
  }
  if (!first)
    t.out("  " + t.ink(Ink::dim, "set in vetset.toml below [check.thresholds], by VETSET_…, or with --set") + "\n");
}

int explain_rule(Terminal& t, const Rule& rule, const ExplainFlags& f) {
  const auto judged = judging(f.src.empty() ? "." : f.src, f.judging, false);
  if (!judged) return t.fail(judged.error());
  if (f.json) {
    t.out(explained_json(&rule, judged->options.settings, {}) + "\n");
    return Exit::yes;
  }
  print_heading(t, rule, rule.severity, rule.evidence);
  t.out(wrapped(rule.title, 0, text_width(t)));
  bool with_thresholds = false;
  for (const PageSection& section : page_sections(rule_page(rule.code))) {
    if (section.heading == "Source") {
      print_thresholds(t, rule, *judged);
      with_thresholds = true;
    }
    t.out("\n" + t.ink(Ink::bold, section.heading) + "\n");
    for (const std::string& line : section.lines) {
      const bool block = line.starts_with("    ");
      t.out(block ? t.ink(Ink::dim, line) + "\n" : "  " + wrapped(line, 2, text_width(t)));
    }
  }
  if (!with_thresholds) print_thresholds(t, rule, *judged);
  return Exit::yes;
}

/// A finding that was asked for: by its fingerprint, or by rule and place.
struct Wanted {
  const Rule* rule = nullptr;  // null: any
  std::string fingerprint;     // else
  std::string path;            // of image or file, or the end of one
  std::uint32_t line = 0;
};

bool is_fingerprint(std::string_view text) {
  const std::string_view hex = text.substr(0, text.find('-'));
  return hex.size() == 32 && hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// "FMT407:labels/a.txt:5"; nothing where it does not begin with a rule and ':'.
std::optional<Wanted> wanted_of(const std::string& text) {
  if (is_fingerprint(text)) return Wanted{.fingerprint = text, .path = {}};
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  Wanted wanted{.rule = find_rule(text.substr(0, colon)), .fingerprint = {}, .path = text.substr(colon + 1)};
  if (wanted.rule == nullptr) return std::nullopt;
  const std::size_t last = wanted.path.rfind(':');
  if (last != std::string::npos && last + 1 < wanted.path.size() && wanted.path.size() - last < 10 &&
      wanted.path.find_first_not_of("0123456789", last + 1) == std::string::npos) {
    wanted.line = static_cast<std::uint32_t>(std::stoul(wanted.path.substr(last + 1)));
    wanted.path.resize(last);
  }
  return wanted;
}

bool ends_path(std::string_view path, std::string_view end) {
  return !end.empty() && (path == end || (path.ends_with(end) && path[path.size() - end.size() - 1] == '/'));
}

/// The lines around a place; long ones are cut around its column.
void print_source(Terminal& t, const Source& source, const Place& place) {
  if (place.line == 0) return;
  constexpr std::uint64_t around = 4096, whole = 64U << 20;
  std::uint64_t begin = 0;
  Range range{.offset = 0, .size = whole};
  if (place.offset) {
    begin = *place.offset > around ? *place.offset - around : 0;
    range = {.offset = begin, .size = 2 * around};
  }
  const auto bytes = source.tree->read(place.file, range);
  if (!bytes) return;
  const std::string_view text = *bytes;
  // Where the line begins in what was read.
  std::size_t start = 0;
  if (place.offset) {
    const auto at = static_cast<std::size_t>(*place.offset - begin);
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    start = before == std::string_view::npos ? 0 : before + 1;
  } else {
    for (std::uint32_t line = 1; line < place.line && start < text.size(); ++line)
      start = std::min(text.find('\n', start), text.size() - 1) + 1;
  }
  std::uint32_t line = place.line;
  for (int above = 0; above < 2 && start > 1; ++above, --line) {
    const std::size_t before = text.rfind('\n', start - 2);
    if (before == std::string_view::npos && begin != 0) break;
    start = before == std::string_view::npos ? 0 : before + 1;
  }
  const std::size_t number_width = std::to_string(place.line + 2).size();
  const std::size_t room = text_width(t) > number_width + 8 ? text_width(t) - number_width - 8 : 24;
  t.out("\n");
  for (; start < text.size() && line <= place.line + 2; ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string_view shown = text.substr(start, end - start);
    if (shown.ends_with('\r')) shown.remove_suffix(1);
    const bool here = line == place.line;
    // A long line is shown from a little before the place.
    const std::size_t column = here && place.offset ? static_cast<std::size_t>(*place.offset - begin) - start : 0;
    const bool cut_left = shown.size() > room && column > room / 3;
    if (cut_left) shown.remove_prefix(column - room / 3);
    while (cut_left && !shown.empty() && (static_cast<unsigned char>(shown.front()) & 0xC0U) == 0x80U)
      shown.remove_prefix(1);
    const bool cut_right = shown.size() > room;
    if (cut_right) shown = shown.substr(0, room);
    while (cut_right && !shown.empty() && invalid_utf8(shown) && shown.size() > room - 4) shown.remove_suffix(1);
    const std::string number = std::to_string(line);
    const std::string head =
        std::string(here ? "  > " : "    ") + std::string(number_width - number.size(), ' ') + number;
    const std::string body = (cut_left ? "…" : "") + printable(shown) + (cut_right ? "…" : "");
    t.out(t.ink(here ? Ink::bold : Ink::dim, head) + t.ink(Ink::dim, " │ ") + (here ? body : t.ink(Ink::dim, body)) +
          "\n");
    start = end + 1;
  }
}

class FindingPrinter {
 public:
  FindingPrinter(Terminal& t, const Source& source, const CheckReport& report)
      : t_(t), source_(source), d_(source.dataset), report_(report) {}

  void print(const Finding& f, const About& named, const Place& place, const std::string& fingerprint) {
    const Rule* rule = find_rule(f.code);
    if (rule != nullptr) print_heading(t_, *rule, f.severity, f.evidence);
    std::string where = printable(place.file);
    if (place.line != 0) where += ":" + std::to_string(place.line);
    if (place.line != 0 && place.column > 1) where += ":" + std::to_string(place.column);
    if (!where.empty()) t_.out(where + "\n");
    t_.out("  " + wrapped(printable(f.message), 2, text_width(t_)));
    if (!f.fix.empty()) t_.out("  → " + wrapped(printable(f.fix), 4, text_width(t_)));
    print_source(t_, source_, place);
    t_.out("\n" + t_.ink(Ink::bold, "Evidence") + "\n");
    if (const auto* i = std::get_if<ImageIndex>(&f.where)) image("image", *i);
    if (const auto* pair = std::get_if<ImagePair>(&f.where)) {
      image("image", pair->first);
      image("other image", pair->second);
    }
    if (const auto* a = std::get_if<AnnotationIndex>(&f.where)) annotation("object", *a, true);
    if (const auto* pair = std::get_if<AnnotationPair>(&f.where)) {
      annotation("object", pair->first, false);
      annotation("and", pair->second, true);
    }
    if (!named.category.empty()) line("class", quoted(named.category));
    if (f.score) line("off by", measure(*f.score));
    line("fingerprint", fingerprint);
  }

 private:
  void line(std::string_view what, const std::string& text) {
    t_.out("  " + t_.ink(Ink::dim, padded(what, 13)) + wrapped(text, 15, text_width(t_)));
  }

  static std::string size_text(std::uint32_t width, std::uint32_t height) {
    return std::to_string(width) + "x" + std::to_string(height);
  }

  void image(std::string_view what, ImageIndex i) {
    const Image& image = d_[i];
    std::string text = printable(d_.path(i));
    if (image.width != 0) {
      text += ", " + size_text(image.width, image.height);
      text += image.size_origin == SizeOrigin::stated ? " as stated" : " by its header";
    }
    line(what, text);
    if (report_.facts.size() != d_.images.size()) return;
    const Facts& facts = report_.facts[to_size(i)];
    if (facts.status == Facts::Status::absent) return line("its file", "not here");
    std::string file = std::string(name(facts.type)) + ", " + byte_size(facts.bytes);
    if (facts.width != 0) file += ", stored " + size_text(facts.width, facts.height);
    if (facts.orientation > 1)
      file += ", EXIF orientation " + std::to_string(facts.orientation) + ": shown " +
              size_text(facts.shown_width(), facts.shown_height());
    if (!facts.reason.empty()) file += "; " + printable(facts.reason);
    line("its file", file);
    if (facts.has_digest) line("SHA-256", facts.digest.hex());
  }

  void annotation(std::string_view what, AnnotationIndex i, bool with_image) {
    const Annotation& a = d_[i];
    const std::string id = d_.id_json(d_.annotation_ids, to_size(i));
    std::string text = std::string(name(a.kind));
    if (!id.empty()) text = "annotation " + printable(id) + ", " + text;
    if (a.category != none<CategoryIndex>) text += " of class " + quoted(d_[a.category].name);
    line(what, text);
    if (a.box_origin == Origin::stated || a.box_origin == Origin::derived)
      line("box", "x " + measure(a.box.x) + ", y " + measure(a.box.y) + ", " + measure(a.box.width) + " wide, " +
                      measure(a.box.height) + " high (px)" +
                      (a.box_origin == Origin::derived ? ", from its shape" : ""));
    if (!is_unstated(d_.area(i))) line("area", measure(d_.area(i)) + " as stated");
    if (const auto area = shape_area(d_, a)) line("shape", measure(*area) + " px in area");
    if (const std::string_view row = d_.authored_text(i); !row.empty())
      line("written as", printable(row.substr(0, 200)));
    if (with_image && a.image != none<ImageIndex>) image("image", a.image);
  }

  Terminal& t_;
  const Source& source_;
  const Dataset& d_;
  const CheckReport& report_;
};

/// A finding as `check --json` has it.
std::string as_json(const Finding& finding, About named, Place place, std::string fingerprint) {
  const Rule* const rule = find_rule(finding.code);
  return finding_json({.finding = &finding,
                       .rule = rule == nullptr ? std::string_view() : rule->name,
                       .place = std::move(place),
                       .image = std::move(named.image),
                       .other = std::move(named.other),
                       .annotation = std::move(named.annotation),
                       .category = std::move(named.category),
                       .fingerprint = std::move(fingerprint)});
}

int explain_finding(Terminal& t, const Wanted& wanted, const ExplainFlags& f) {
  const std::string src = f.src.empty() ? "." : f.src;
  auto judged = judging(src, f.judging, false);
  if (!judged) return t.fail(judged.error());
  CheckOptions& options = judged->options;
  options.exceptions = {};  // what is waived can be explained, too
  options.common.threads = f.threads;
  options.common.progress = t.progress();
  if (wanted.rule != nullptr) {
    options.select = {std::string(wanted.rule->code)};
    options.ignore.clear();
  }
  const auto source =
      open(src, {.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = options.common});
  if (!source) return t.fail(source.error());
  const auto report = check(*source, options);
  if (!report) return t.fail(report.error());

  Fingerprints fingerprints;
  FindingPrinter printer(t, *source, *report);
  std::vector<std::string> documents;
  const Rule* rule = wanted.rule;
  std::size_t found = 0;
  constexpr std::size_t most = 5;
  for (const Finding& finding : report->findings) {
    const About named = about(source->dataset, finding);
    const std::string fingerprint = fingerprints.next(finding.code, named.identity);
    if (!wanted.fingerprint.empty() && fingerprint != wanted.fingerprint) continue;
    Place place = rough_place(source->dataset, finding);
    if (wanted.fingerprint.empty() && !ends_path(named.image, wanted.path) && !ends_path(named.other, wanted.path) &&
        !ends_path(place.file, wanted.path) && named.category != wanted.path)
      continue;
    place = place_of(*source, finding);
    if (wanted.line != 0 && place.line != wanted.line) continue;
    ++found;
    if (f.json) {
      rule = find_rule(finding.code);
      documents.push_back(as_json(finding, named, place, fingerprint));
      continue;
    }
    if (found > most) continue;
    if (found > 1) t.out("\n");
    printer.print(finding, named, place, fingerprint);
  }
  if (f.json && found > 0) {
    t.out(explained_json(rule, options.settings, documents) + "\n");
    return Exit::yes;
  }
  if (found > most) t.out("\nand " + with_commas(found - most) + " more there; a line (CODE:FILE:LINE) picks one\n");
  if (found > 0) {
    if (wanted.rule == nullptr || found == 1)
      t.out("\n" +
            t.ink(Ink::dim, "what the rule is about: vetset explain " +
                                std::string(wanted.rule == nullptr ? "CODE" : wanted.rule->code)) +
            "\n");
    return Exit::yes;
  }
  const std::size_t all = report->findings.size();
  const std::string elsewhere =
      all == 0 ? "there is none in " + src : counted(all, "finding is", "findings are") + " elsewhere in " + src;
  if (wanted.rule == nullptr)
    return t.fail({Code::not_found, "no finding has the fingerprint " + wanted.fingerprint + "; " + elsewhere});
  std::string place = "'" + wanted.path + "'";
  if (wanted.line != 0) place += ", line " + std::to_string(wanted.line);
  return t.fail({Code::not_found, std::string(wanted.rule->code) + " finds nothing at " + place + "; " + elsewhere});
}

int run_explain(Terminal& t, const ExplainFlags& f) {
  if (const Rule* rule = find_rule(f.what)) return explain_rule(t, *rule, f);
  if (const auto wanted = wanted_of(f.what)) return explain_finding(t, *wanted, f);
  std::vector<std::string> known;
  for (const Rule* rule : rules()) {
    known.emplace_back(rule->code);
    known.emplace_back(rule->name);
  }
  return t.fail({Code::usage, "expected a rule (FMT407), a place (FMT407:images/a.jpg) or a fingerprint, found '" +
                                  f.what + "'" + did_you_mean(f.what, known)});
}

constexpr Example examples[] = {
    {"vetset explain FMT407", "what the rule looks for, why, and how to mend it"},
    {"vetset explain FMT407:labels/train/a.txt street", "that finding, with the lines around it"},
    {"vetset explain 7b1c0e4f2a9d… street", "the finding with this fingerprint"},
};

}  // namespace

extern const Command explain_command;
const Command explain_command{
    .name = "explain",
    .summary = "tell what a rule is about, or what stands behind a finding",
    .about = "Every report names findings by rule and place; those for machines also by fingerprint.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ExplainFlags>();
      a.positional("WHAT", f->what, "a rule's code or name; CODE:FILE or CODE:FILE:LINE; or a fingerprint")
          .positional("SRC", f->src, "the dataset of a finding; this folder if not said", false)
          .list("--set", f->judging.set, "NAME=VALUE", "a threshold, as check takes it")
          .option("--config", f->judging.config, "FILE", "settings instead of the nearest vetset.toml; none for none")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_explain(t, *f); };
    }};

}  // namespace vetset::cli
