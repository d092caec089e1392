// vetset explain: a rule in words, or one finding with its place, the lines around it and the numbers behind it.
#include <algorithm>

#include "cli/explain_finding.h"
#include "cli/explain_json.h"
#include "cli/judging.h"
#include "cli/own_rules.h"
#include "vetset/base/nearest.h"
#include "vetset/base/unicode.h"
#include "vetset/check/about.h"
#include "vetset/check/report/json.h"
#include "vetset/check/rule_page.h"
#include "vetset/check/words.h"
#include "vetset/dataset/canonical.h"

namespace vetset::cli {
namespace {

struct ExplainFlags {
  std::string what, src, from, images_dir;
  JudgingFlags judging;
  unsigned threads = 0;
  bool json = false;
  std::string in;

  std::string dataset() const { return !in.empty() ? in : src.empty() ? "." : src; }
};

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

std::string_view page_of(const Rule& rule, const OwnRules* own) {
  const OwnRule* made = own == nullptr ? nullptr : own->find(rule.code);
  return made == nullptr ? rule_page(rule.code) : std::string_view(made->page);
}

int explain_rule(Terminal& t, const Rule& rule, std::string_view page, const ExplainFlags& f) {
  const auto judged = judging(f.dataset(), f.judging, false);
  if (!judged) return t.fail(judged.error());
  if (f.json) {
    t.out(explained_json(&rule, page, judged->options.settings, {}) + "\n");
    return Exit::yes;
  }
  print_heading(t, rule, rule.severity, rule.evidence);
  t.out(wrapped(rule.title, 0, text_width(t)));
  bool with_thresholds = false;
  for (const PageSection& section : page_sections(page)) {
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

/// One of the catalogue, or of a team's own; null: neither.
const Rule* rule_called(std::string_view word, const OwnRules* own) {
  if (own != nullptr)
    for (const Rule& rule : own->as_rules)
      if (rule.code == word || rule.name == word) return &rule;
  return find_rule(word);
}

/// A finding that was asked for: by its fingerprint, or by rule and place.
struct Wanted {
  const Rule* rule = nullptr;  // null: any
  std::string fingerprint;     // else, or its beginning
  std::string path;            // of image or file, or the end of one
  std::uint32_t line = 0;
};

/// A fingerprint, or the first digits of one: "7b1c0e4f2a", "7b1c0e4f2a-2".
bool is_fingerprint(std::string_view text) {
  constexpr std::size_t fewest = 6, whole = 32;
  const std::size_t dash = std::min(text.find('-'), text.size());
  const std::string_view hex = text.substr(0, dash);
  return hex.size() >= fewest && hex.size() <= whole &&
         hex.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         text.find_first_not_of("0123456789", dash + 1) == std::string_view::npos;
}

/// Whether a finding is meant by what was given of its fingerprint.
bool is_meant(std::string_view fingerprint, std::string_view given) {
  const std::size_t dash = std::min(given.find('-'), given.size());
  if (!fingerprint.starts_with(given.substr(0, dash))) return false;
  return dash == given.size() || fingerprint.ends_with(given.substr(dash));
}

/// "FMT407:labels/a.txt:5"; nothing where it does not begin with a rule and ':'.
std::optional<Wanted> wanted_of(const std::string& text, const OwnRules* own) {
  if (is_fingerprint(text)) return Wanted{.fingerprint = text, .path = {}};
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  Wanted wanted{.rule = rule_called(text.substr(0, colon), own), .fingerprint = {}, .path = text.substr(colon + 1)};
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

/// A finding as `check --json` has it.
std::string as_json(const CheckReport& report, const Finding& finding, About named, Place place,
                    std::string fingerprint) {
  const Rule* const rule = rule_of(report, finding.code);
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
  const std::string src = f.dataset();
  auto judged = judging(src, f.judging, false);
  if (!judged) return t.fail(judged.error());
  CheckOptions& options = judged->options;
  options.exceptions = {};  // what is waived can be explained, too
  options.common.threads = f.threads;
  options.common.progress = t.progress();
  if (wanted.rule != nullptr) {
    options.select = {std::string(wanted.rule->code)};
    options.ignore.clear();
    options.pixels = options.pixels || wanted.rule->needs & (Needs::pixels | Needs::links);
  }
  const auto source =
      open(src, {.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = options.common});
  if (!source) return t.fail(source.error());
  const auto own = run_own_rules(
      *judged, {.src = src, .from = f.from, .images_dir = f.images_dir, .diff_from = {}, .threads = f.threads}, *source,
      nullptr);
  if (!own) return t.fail(own.error());
  options.own = own->now;
  const auto report = check(*source, options);
  if (!report) return t.fail(report.error());

  Fingerprints fingerprints;
  const CanonicalRows rows(source->dataset, Pool(f.threads));
  std::vector<std::string> documents;
  const Rule* rule = wanted.rule;
  std::size_t found = 0;
  constexpr std::size_t most = 5;
  for (const Finding& finding : report->findings) {
    const About named = about(source->dataset, finding);
    const std::string fingerprint = fingerprints.next(finding.code, named.identity);
    if (!wanted.fingerprint.empty() && !is_meant(fingerprint, wanted.fingerprint)) continue;
    Place place = rough_place(source->dataset, finding);
    if (wanted.fingerprint.empty() && !ends_path(named.image, wanted.path) && !ends_path(named.other, wanted.path) &&
        !ends_path(place.file, wanted.path) && named.category != wanted.path)
      continue;
    place = place_of(*source, finding);
    if (wanted.line != 0 && place.line != wanted.line) continue;
    ++found;
    rule = rule_of(*report, finding.code);
    if (f.json) {
      documents.push_back(as_json(*report, finding, named, place, fingerprint));
      continue;
    }
    if (found > most) continue;
    if (found > 1) t.out("\n");
    print_finding(t, *source, *report, rows, finding, place, fingerprint);
  }
  if (found > 1 && wanted.rule == nullptr && rule != nullptr && !f.json) rule = nullptr;  // they may be of several
  if (f.json && found > 0) {
    t.out(explained_json(rule, rule == nullptr ? std::string_view() : page_of(*rule, report->own.get()),
                         options.settings, documents) +
          "\n");
    return Exit::yes;
  }
  if (found > most) t.out("\nand " + with_commas(found - most) + " more there; a line (CODE:FILE:LINE) picks one\n");
  if (found > 0) {
    if (wanted.rule == nullptr || found == 1)
      t.out("\n" +
            t.ink(Ink::dim,
                  "what the rule is about: vetset explain " + std::string(rule == nullptr ? "CODE" : rule->code)) +
            "\n");
    return Exit::yes;
  }
  const std::size_t all = report->findings.size();
  const std::string elsewhere =
      all == 0 ? "there is none in " + src : counted(all, "finding is", "findings are") + " elsewhere in " + src;
  if (wanted.rule == nullptr)
    return t.fail(
        {Code::not_found, "no finding has the fingerprint " + wanted.fingerprint + "; " + elsewhere +
                              (options.pixels ? "" : "; rules that look at pixels were not asked: --pixels")});
  std::string place = "'" + wanted.path + "'";
  if (wanted.line != 0) place += ", line " + std::to_string(wanted.line);
  return t.fail({Code::not_found, std::string(wanted.rule->code) + " finds nothing at " + place + "; " + elsewhere});
}

int run_explain(Terminal& t, const ExplainFlags& f) {
  if (!f.in.empty() && !f.src.empty())
    return t.fail({Code::usage, "the dataset is named twice: '" + f.src + "', and --in '" + f.in + "'"});
  std::shared_ptr<const OwnRules> own;
  if (find_rule(std::string_view(f.what).substr(0, f.what.find(':'))) == nullptr && !is_fingerprint(f.what)) {
    const auto judged = judging(f.dataset(), f.judging, false);
    if (!judged) return t.fail(judged.error());
    auto described = describe_own_rules(*judged);
    if (!described) return t.fail(described.error());
    own = *std::move(described);
  }
  if (const Rule* rule = rule_called(f.what, own.get())) return explain_rule(t, *rule, page_of(*rule, own.get()), f);
  if (const auto wanted = wanted_of(f.what, own.get())) return explain_finding(t, *wanted, f);
  std::vector<std::string> known;
  if (own)
    for (const OwnRule& rule : own->rules) known.insert(known.end(), {rule.code, rule.name});
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
    {"vetset explain 7b1c0e4f2a --in street", "the finding whose fingerprint begins so"},
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
          .option("--in", f->in, "SRC", "the same")
          .flag("--pixels", f->judging.pixels, "look for it by rules that decode the images, too")
          .flag("--no-cache", f->judging.no_cache, "measure all images again")
          .list("--rules", f->judging.rules, "FILE", "rules of your own; those that vetset.toml names if not said")
          .list("--set", f->judging.set, "NAME=VALUE", "a threshold, as check takes it")
          .option("--config", f->judging.config, "FILE", "settings instead of the nearest vetset.toml; none for none")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_explain(t, *f); };
    }};

}  // namespace vetset::cli
