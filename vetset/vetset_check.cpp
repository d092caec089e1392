// check: what the reader found, what the rules find, and what a trainer will see.
#include <algorithm>
#include <chrono>
#include <set>
#include <tuple>
#include <unordered_set>

#include "vetset/base/day.h"
#include "vetset/base/nearest.h"
#include "vetset/check/consumer.h"
#include "vetset/check/report/reported.h"
#include "vetset/check/rule.h"
#include "vetset/check/select.h"
#include "vetset/scan/scan.h"
#include "vetset/vetset.h"
#include "vetset/vetset_compared.h"
#include "vetset/vetset_contract.h"
#include "vetset/vetset_evidence.h"

namespace vetset {
namespace {

/// A rule's name, where it is one of a team's own, as its code; codes that only a team can have made must be there.
Result<void> look_up(std::string& wanted, const OwnRules* own) {
  std::vector<std::string> known;
  if (own != nullptr) {
    for (const OwnRule& rule : own->rules) {
      if (rule.name == wanted) wanted = rule.code;
      if (names_rule(wanted, rule.code) || !own->unread.empty()) return {};
      known.insert(known.end(), {rule.code, rule.name});
    }
  }
  auto in_catalogue = check_rule_name(wanted);
  const bool own_code = may_name_own_rules(wanted);
  if (in_catalogue && !own_code) return {};
  const std::string near = did_you_mean(wanted, known);
  if (near.empty() && !own_code) return in_catalogue;
  return Error{Code::usage, "no rule is called '" + wanted + "'" + near +
                                (known.empty() ? "; a team's own come from files that vetset.toml names: rules = "
                                                 "[\"team_rules.py\"]"
                                               : "")};
}

/// Everything that names rules, for rules that there are. What vetset.toml says of a team's own may be of some that
/// this check was not given.
Result<void> look_up_names(CheckOptions& options) {
  const OwnRules* own = options.own.get();
  for (std::vector<std::string>* words : {&options.select, &options.ignore})
    for (std::string& wanted : *words) VETSET_DO(look_up(wanted, own));
  const auto look_up_said = [&](std::string& wanted) -> Result<void> {
    auto known = look_up(wanted, own);
    if (!known && may_name_own_rules(wanted)) return {};
    return known;
  };
  for (SeverityChoice& choice : options.severities) VETSET_DO(look_up_said(choice.rule));
  for (Waiver& waiver : options.exceptions.waivers)
    if (auto known = look_up_said(waiver.rule); !known) return std::move(known).error().in(waiver.origin);
  for (PathIgnore& ignore : options.exceptions.paths)
    for (std::string& wanted : ignore.rules) VETSET_DO(look_up_said(wanted));
  return {};
}

/// The last choice that names a rule; null where none does.
const SeverityChoice* choice_of(const CheckOptions& options, std::string_view code) {
  const SeverityChoice* chosen = nullptr;
  for (const SeverityChoice& choice : options.severities)
    if (names_rule(choice.rule, code)) chosen = &choice;
  return chosen;
}

bool is_selected(const Rule& rule, const CheckOptions& options) {
  if (!options.consumer.empty()) return false;
  if (const SeverityChoice* choice = choice_of(options, rule.code); choice != nullptr && !choice->severity)
    return false;
  return (options.select.empty() || names_rule(options.select, rule.code)) && !names_rule(options.ignore, rule.code);
}

bool has_images(const Dataset& d) {
  return std::any_of(d.images.begin(), d.images.end(), [](const Image& image) { return !image.media.empty(); });
}

/// Why a rule cannot run here; empty where it can.
std::string missing_need(const Rule& rule, const Evidence& evidence, bool images_found, const CheckOptions& options) {
  if (rule.needs & (Needs::files | Needs::headers | Needs::digests | Needs::pixels)) {
    if (!images_found) return "needs images: none found";
    if (!options.images && !(rule.needs & Needs::files)) return "needs images: not looked at";
  }
  if ((rule.needs & (Needs::pixels | Needs::links)) && !options.pixels) return "needs --pixels";
  if ((rule.needs & Needs::predictions) && evidence.predicted == nullptr) return "needs --predictions";
  if ((rule.needs & Needs::probabilities) && evidence.probabilities == nullptr) return "needs --probabilities";
  if ((rule.needs & Needs::embeddings) && evidence.embeddings == nullptr) return "needs --embeddings";
  if ((rule.needs & Needs::contract) && evidence.contract == nullptr) return "needs a contract";
  return rule.not_run == nullptr ? std::string() : rule.not_run(evidence);
}

Result<std::vector<Facts>> facts_for(const Source& source, const Evidence& evidence, std::span<const RuleResult> rules,
                                     const Pool& pool, const CheckOptions& options) {
  bool headers = false, digests = false, all = false;
  for (const RuleResult& result : rules) {
    if (!result.not_run.empty()) continue;
    headers = headers || (result.rule->needs & Needs::headers);
    digests = digests || (result.rule->needs & Needs::digests);
    all = all || (options.images && result.rule->every_digest != nullptr && result.rule->every_digest(evidence));
  }
  if (!headers && !digests && !all) return std::vector<Facts>();
  return scan(source.dataset, source.media(), pool, options.common.progress,
              {.digests = all       ? Digests::all
                          : digests ? Digests::where_equal_size
                                    : Digests::none,
               .headers = headers});
}

/// Whether a rule that is asked for looks at pixels, at the links that are found by them, or at images at all: what
/// only decoding tells is taken where it is there.
bool asks_for_pixels(const Dataset& d, const CheckOptions& options) {
  if (!options.pixels || !options.images || !has_images(d)) return false;
  constexpr Needs looks = Needs::headers | Needs::digests | Needs::pixels | Needs::links;
  return std::any_of(rules().begin(), rules().end(), [&](const Rule* rule) {
    // Rules of coverage judge labels alone, too, and take light, camera and links where they are there.
    return ((rule->needs & looks) || rule->code.starts_with("COV")) && is_selected(*rule, options);
  });
}

/// Whether a rule that is asked for looks at embeddings that are given.
bool asks_for_embeddings(const CheckOptions& options) {
  return options.embeddings != nullptr && std::any_of(rules().begin(), rules().end(), [&](const Rule* rule) {
           return (rule->needs & Needs::embeddings) && is_selected(*rule, options);
         });
}

/// Whether a rule that is asked for ranks labels by what is given: predictions, probabilities, neighbours.
bool asks_for_suspects(const CheckOptions& options) {
  return std::any_of(rules().begin(), rules().end(), [&](const Rule* rule) {
    if (!is_selected(*rule, options) || !rule->ranks) return false;
    return ((rule->needs & Needs::predictions) && options.predicted != nullptr) ||
           ((rule->needs & Needs::probabilities) && options.probabilities != nullptr) ||
           ((rule->needs & Needs::embeddings) && options.embeddings != nullptr);
  });
}

/// What rules that are asked for need beside links: overlays, objects, known pictures.
Result<Compared> compare_for(const Source& source, const CheckOptions& options, const CheckReport& report,
                             std::span<const KnownImages> known) {
  const auto is_asked = [&](std::string_view code) {
    const Rule* rule = find_rule(code);
    return rule != nullptr && is_selected(*rule, options);
  };
  return compare_pictures(source, report.scan, *report.links,
                          {.overlays = is_asked("IMG509"),
                           .objects = options.objects && is_asked("LEA313"),
                           .known = is_asked("LEA317") ? known : std::span<const KnownImages>(),
                           .common = options.common});
}

/// What embeddings alone tie: no file is read for it, so it is no evidence for rules of links.
Result<void> look_at_embeddings(const Source& source, const CheckOptions& options, CheckReport& report,
                                Evidence& evidence) {
  const LinkSettings settings{
      .near = NearTier::none, .sequences = false, .capture = false, .embeddings = options.embeddings};
  VETSET_TRY(report.links, find_links(source.dataset, source.media(), {}, {}, nullptr, settings,
                                      Pool(options.common.threads), options.common.progress));
  evidence.hints = &*report.links;
  return {};
}

/// One scan of all pixels and the links that follow from it, for the report and the rules.
Result<void> look_at_pixels(const Source& source, const Background& background, const CheckOptions& options,
                            CheckReport& report, Evidence& evidence) {
  ScanRequest request = options.scan;
  request.common = options.common;
  VETSET_TRY(report.scan, scan(source, request));
  const Pool pool(options.common.threads);
  LinkSettings settings;
  settings.near = options.near;
  if (asks_for_embeddings(options)) settings.embeddings = options.embeddings;
  VETSET_TRY(report.links,
             find_links(source.dataset, source.media(), report.scan.facts, report.scan.pixels,
                        background.groups ? &*background.groups : nullptr, settings, pool, options.common.progress));
  evidence.pixels = report.scan.pixels;
  evidence.links = &*report.links;
  if (settings.embeddings != nullptr) evidence.hints = evidence.links;
  return {};
}

/// The paths that the rules judge: those of the tree; with one annotation file named, or after an edit, only what the
/// dataset speaks of, as the rest of the tree belongs to others.
std::vector<std::string_view> listing_of(const Source& source) {
  std::vector<std::string_view> paths;
  if (source.only.empty() && source.steps.empty()) {
    for (const Tree* tree : {source.tree.get(), source.images.get()})
      if (tree != nullptr) paths.insert(paths.end(), tree->list().begin(), tree->list().end());
  } else {
    if (!source.only.empty()) paths.push_back(source.only);
    if (source.only.empty())
      for (const File& file : source.dataset.files)
        if (!file.path.empty()) paths.push_back(source.dataset.text(file.path));
    for (const Image& image : source.dataset.images)
      if (!image.media.empty()) paths.push_back(source.dataset.text(image.media));
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

/// What readers have said already, so that a rule that sees the same in the dataset does not say it again.
class Said {
 public:
  Said(const Dataset& d, std::span<const Finding> findings) : d_(d) {
    for (const Finding& f : findings) {
      if (const auto* a = std::get_if<AnnotationIndex>(&f.where)) annotations_.insert({f.code, *a});
      if (const auto* i = std::get_if<ImageIndex>(&f.where)) images_.insert({f.code, *i});
      if (const auto* place = std::get_if<Place>(&f.where)) {
        files_.insert({f.code, place->file});
        if (place->offset) offsets_.insert({f.code, place->file, *place->offset});
      }
    }
  }

  bool has(const Finding& f) const {
    if (const auto* i = std::get_if<ImageIndex>(&f.where)) {
      if (images_.contains({f.code, *i})) return true;
      const FileIndex labels = d_[*i].file;
      return labels != none<FileIndex> && is_of_one_image(d_.path(labels)) &&
             files_.contains({f.code, d_.path(labels)});
    }
    const auto* a = std::get_if<AnnotationIndex>(&f.where);
    if (a == nullptr) return false;
    if (annotations_.contains({f.code, *a})) return true;
    if (d_.annotation_positions.empty() || !d_.annotation_positions[to_size(*a)].known()) return false;
    const Position position = d_.annotation_positions[to_size(*a)];
    const std::string_view file = d_.path(position.file());
    if (is_label_file(file)) return files_.contains({f.code, file});
    return offsets_.contains({f.code, file, position.offset()});
  }

 private:
  /// A label file speaks of one image, and its reader has judged it whole.
  static bool is_label_file(std::string_view path) { return extension_of(path) == "txt"; }
  /// So does an XML file; but what is said of one of its objects stands at that object.
  static bool is_of_one_image(std::string_view path) { return is_label_file(path) || extension_of(path) == "xml"; }

  const Dataset& d_;
  std::set<std::pair<std::string_view, AnnotationIndex>> annotations_;
  std::set<std::pair<std::string_view, ImageIndex>> images_;
  std::set<std::pair<std::string_view, std::string_view>> files_;
  std::set<std::tuple<std::string_view, std::string_view, std::uint64_t>> offsets_;
};

void run_rules(const Evidence& evidence, std::span<const RuleResult> results, std::span<Findings> found,
               const Pool& pool) {
  const Said said(evidence.dataset, evidence.reading);
  pool.for_each(results.size(), [&](std::size_t k) {
    const Rule& rule = *results[k].rule;
    if (!results[k].not_run.empty() || rule.check == nullptr) return;
    const std::function<void(Finding)> add = [&](Finding finding) {
      if (!said.has(finding)) found[k].add(std::move(finding));
    };
    rule.check(evidence, Report{rule, add});
  });
}

/// What rules of a team's own found when they were run.
void add_own(const OwnRules& own, std::span<const RuleResult> results, std::span<Findings> found) {
  for (std::size_t k = 0; k < results.size(); ++k)
    if (const OwnRule* rule = own.find(results[k].rule->code); rule != nullptr && results[k].not_run.empty())
      for (const Finding& finding : rule->findings) found[k].add(finding);
}

/// What a finding is sorted by, once: its file (or image), and where in it.
struct Sorted {
  Severity severity{};
  std::string_view code;
  double rank = 0;  // of a rule that ranks: the highest score first
  std::string_view file;
  std::uint64_t offset = 0;
  std::uint64_t index = 0;  // of the record
  std::size_t finding = 0;

  auto key() const { return std::tuple(-static_cast<int>(severity), code, rank, file, offset, index, finding); }
};

Sorted sort_key(const Dataset& d, const Finding& f, std::size_t n) {
  Sorted key{.severity = f.severity, .code = f.code, .finding = n};
  const auto annotation = [&](AnnotationIndex a) {
    key.index = to_size(a);
    if (d.annotation_positions.empty() || !d.annotation_positions[key.index].known()) return;
    key.file = d.path(d.annotation_positions[key.index].file());
    key.offset = d.annotation_positions[key.index].offset();
  };
  if (const auto* place = std::get_if<Place>(&f.where)) {
    key.file = place->file;
    key.offset = place->offset.value_or(0);
    key.index = place->line;
  } else if (const auto* a = std::get_if<AnnotationIndex>(&f.where)) {
    annotation(*a);
  } else if (const auto* pair = std::get_if<AnnotationPair>(&f.where)) {
    annotation(pair->second);
  } else if (const auto* i = std::get_if<ImageIndex>(&f.where)) {
    key.file = d.path(*i);
  } else if (const auto* images = std::get_if<ImagePair>(&f.where)) {
    key.file = d.path(images->first);
  } else if (const auto* c = std::get_if<CategoryIndex>(&f.where)) {
    key.index = to_size(*c);
  }
  return key;
}

std::vector<Finding> sorted(const Dataset& d, std::vector<Finding> findings) {
  std::vector<Sorted> keys;
  keys.reserve(findings.size());
  std::vector<std::string_view> ranked;
  for (const Rule* rule : rules())
    if (rule->ranks) ranked.push_back(rule->code);
  for (std::size_t n = 0; n < findings.size(); ++n) {
    keys.push_back(sort_key(d, findings[n], n));
    if (findings[n].score && std::find(ranked.begin(), ranked.end(), findings[n].code) != ranked.end())
      keys.back().rank = -*findings[n].score;
  }
  std::sort(keys.begin(), keys.end(), [](const Sorted& a, const Sorted& b) { return a.key() < b.key(); });
  std::vector<Finding> result;
  result.reserve(findings.size());
  for (const Sorted& key : keys) result.push_back(std::move(findings[key.finding]));
  return result;
}

std::uint64_t& total_of(CheckReport& report, Severity severity) {
  switch (severity) {
    case Severity::error: return report.errors;
    case Severity::warning: return report.warnings;
    case Severity::note: break;
  }
  return report.notes;
}

/// How many findings of a rule its baseline counted and did not keep.
std::uint64_t known_beyond(const CheckOptions& options, std::string_view code) {
  if (!options.exceptions.baseline) return 0;
  for (const auto& [of, count] : options.exceptions.baseline->beyond)
    if (of == code) return count;
  return 0;
}

/// Findings that were counted and not kept are of their rule's severity; a baseline may know some of them.
void count_unkept(CheckReport& report, RuleResult& result, std::uint64_t kept, const CheckOptions& options) {
  if (result.count <= kept) return;
  const std::uint64_t known = std::min(result.count - kept, known_beyond(options, result.rule->code));
  report.in_baseline += known;
  result.count -= known;
  total_of(report, result.severity) += result.count - kept;
}

void gather(const Source& source, std::vector<Findings> found, CheckReport& report, const CheckOptions& options) {
  std::vector<Finding> all;
  for (const Finding& f : source.findings) {
    const Rule* rule = find_rule(f.code);
    if (rule == nullptr ? options.select.empty() && options.consumer.empty() : is_selected(*rule, options))
      all.push_back(f);
  }
  for (std::size_t k = 0; k < found.size(); ++k) {
    RuleResult& result = report.rules[k];
    if (!is_selected(*result.rule, options)) continue;
    const auto is_own = [&](const auto& counted) { return counted.first == result.rule->code; };
    const auto read = std::find_if(source.finding_counts.begin(), source.finding_counts.end(), is_own);
    std::uint64_t kept = static_cast<std::uint64_t>(
        std::count_if(all.begin(), all.end(), [&](const Finding& f) { return f.code == result.rule->code; }));
    result.count = std::max(kept, read == source.finding_counts.end() ? 0 : read->second);
    for (const auto& [code, count] : found[k].counts()) result.count += count;
    kept += found[k].all().size();
    count_unkept(report, result, kept, options);
    if (result.count > 0 && !result.not_run.empty()) result.not_run.clear();  // its reader saw enough to speak
    std::vector<Finding> own = std::move(found[k]).take();
    std::move(own.begin(), own.end(), std::back_inserter(all));
  }
  if (!options.severities.empty())
    for (Finding& f : all)
      if (const SeverityChoice* choice = choice_of(options, f.code); choice != nullptr && choice->severity)
        f.severity = *choice->severity;
  report.findings = sorted(source.dataset, std::move(all));
}

/// Takes out what is known already, and counts the rest.
void apply_exceptions(const Source& source, CheckReport& report, const CheckOptions& options, std::string_view today) {
  const auto result_of = [&](std::string_view code) {
    return std::find_if(report.rules.begin(), report.rules.end(),
                        [&](const RuleResult& r) { return r.rule->code == code; });
  };
  Sifted sifted =
      sift(source.dataset, std::move(report.findings), options.exceptions, today, [&](std::string_view code) {
        const auto result = result_of(code);
        return result != report.rules.end() && result->not_run.empty();
      });
  for (const auto& [code, count] : sifted.taken)
    if (const auto result = result_of(code); result != report.rules.end()) result->count -= count;
  report.findings = std::move(sifted.findings);
  report.by_path = sifted.by_path;
  report.waived = sifted.waived;
  report.in_baseline += sifted.in_baseline;
  report.has_baseline = options.exceptions.baseline.has_value();
  if (report.has_baseline) report.since = options.exceptions.baseline->called;
  report.waivers = std::move(sifted.waivers);
  report.gone = std::move(sifted.gone);
  for (const Finding& f : report.findings) ++total_of(report, f.severity);
}

bool is_failed(const CheckReport& report, const CheckOptions& options) {
  if (!options.consumer.empty())
    return std::any_of(report.consumers.begin(), report.consumers.end(),
                       [](const ConsumerView& v) { return !v.whole(); });
  if (!options.fail_on) return false;
  if (std::any_of(report.rules.begin(), report.rules.end(), [](const RuleResult& r) { return r.broken; })) return true;
  return report.errors > 0 || (*options.fail_on <= Severity::warning && report.warnings > 0) ||
         (*options.fail_on == Severity::note && report.notes > 0);
}

/// What one trainer will see. One that fails to look says so in its place.
ConsumerView view_of(const Consumer& consumer, const Source& source, const Pool& pool, const Progress& progress) {
  auto view = consumer.view(*source.tree, pool, progress);
  if (view) return *std::move(view);
  return {.consumer = std::string(consumer.id) + " " + std::string(consumer.release),
          .task = {},
          .refused = to_string(view.error())};
}

bool takes(const Consumer& consumer, const Source& source) {
  return source.format != nullptr && consumer.takes(source.format->id);
}

/// Of the one that was asked for, or of all that take this format.
Result<std::vector<ConsumerView>> ask_consumers(const Source& source, const Pool& pool, const CheckOptions& options) {
  if (!source.steps.empty()) {  // a loader reads files, and those are as they were before
    if (options.consumer.empty()) return std::vector<ConsumerView>();
    return Error{Code::usage, "a trainer reads files: convert what was edited first, then ask for " + options.consumer};
  }
  std::vector<ConsumerView> views;
  std::vector<std::string> known;
  for (const Consumer* consumer : consumers()) {
    known.emplace_back(consumer->id);
    if (!options.consumer.empty() && consumer->id != options.consumer) continue;
    if (takes(*consumer, source)) {
      views.push_back(view_of(*consumer, source, pool, options.common.progress));
    } else if (!options.consumer.empty()) {
      return Error{Code::usage,
                   options.consumer + " does not read " +
                       std::string(source.format == nullptr ? "what was made by hand" : source.format->title) +
                       "; convert it to what it reads"};
    }
  }
  if (options.consumer.empty() || !views.empty()) return views;
  std::string list;
  for (const std::string& id : known) list += (list.empty() ? "" : ", ") + id;
  return Error{Code::usage, "no trainer is called '" + options.consumer + "'" + did_you_mean(options.consumer, known) +
                                "; known are: " + list};
}

/// Whether rules in files that could not be read may be among those that are asked for: nobody knows their codes.
bool may_be_asked_for(const OwnRules& own, const CheckOptions& options) {
  if (own.unread.empty() || !options.consumer.empty()) return false;
  return std::any_of(options.select.begin(), options.select.end(),
                     [](const std::string& wanted) { return may_name_own_rules(wanted) || !check_rule_name(wanted); });
}

}  // namespace

bool is_asked_for(const OwnRule& rule, const CheckOptions& options) {
  const Rule as_rule{
      .code = rule.code, .name = rule.name, .title = rule.title, .severity = rule.severity, .evidence = rule.evidence};
  const auto by_name = [&](const std::vector<std::string>& words) {
    return std::find(words.begin(), words.end(), rule.name) != words.end();
  };
  if (by_name(options.ignore)) return false;
  if (!by_name(options.select)) return is_selected(as_rule, options);
  CheckOptions all = {.ignore = options.ignore, .severities = options.severities};
  return options.consumer.empty() && is_selected(as_rule, all);
}

const Rule* rule_of(const CheckReport& report, std::string_view code) {
  for (const RuleResult& result : report.rules)
    if (result.rule->code == code) return result.rule;
  return find_rule(code);
}

Result<CheckReport> check(const Source& source, const CheckOptions& asked) {
  const auto start = std::chrono::steady_clock::now();
  CheckOptions options = asked;
  VETSET_TRY(std::unique_ptr<ContractRun> contract, contract_for(options));
  VETSET_DO(look_up_names(options));
  CheckSettings settings = options.settings;
  if (settings.today.empty()) settings.today = vetset::today();
  const Dataset& d = source.dataset;
  const Pool pool(options.common.threads);

  CheckReport report;
  report.counts = {.images = d.images.size(),
                   .annotations = d.annotations.size(),
                   .categories = d.categories.size(),
                   .splits = d.splits.size()};
  const std::vector<std::string_view> files = listing_of(source);
  Evidence evidence{.dataset = d, .files = files, .reading = source.findings, .facts = {}, .settings = settings};
  VETSET_TRY(const Background background, read_background(source, options));
  background.show(evidence);
  // A contract asks for what only pixels tell, and for groups.
  const bool pixels = asks_for_pixels(d, options) || (contract && options.pixels && options.images && has_images(d));
  evidence.embeddings = options.embeddings;
  std::optional<Compared> compared;
  if (pixels) {
    VETSET_TRY(const std::vector<KnownImages> known, read_known(options.known));
    options.scan.pdq = options.scan.pdq || needs_pdq(known);
    VETSET_DO(look_at_pixels(source, background, options, report, evidence));
    VETSET_TRY(compared, compare_for(source, options, report, known));
    evidence.compared = &*compared;
  }
  if (!pixels && asks_for_embeddings(options)) VETSET_DO(look_at_embeddings(source, options, report, evidence));
  evidence.probabilities = options.probabilities;
  evidence.predicted = options.predicted;
  if (options.predicted != nullptr) evidence.predictions = options.predicted->given;
  if (asks_for_suspects(options)) {
    VETSET_TRY(report.suspects, suspects(source, {.probabilities = options.probabilities,
                                                  .predicted = options.predicted,
                                                  .embeddings = options.embeddings,
                                                  .links = evidence.links,
                                                  .common = options.common}));
    evidence.suspects = &*report.suspects;
  }
  if (contract) evidence.contract = &contract->contract;
  const bool images_found = has_images(d);
  std::vector<const Rule*> all_rules(rules().begin(), rules().end());
  if (contract)
    for (const Rule& own : contract->rules) all_rules.push_back(&own);
  if (options.own)
    for (const Rule& own : options.own->as_rules) all_rules.push_back(&own);
  for (const Rule* rule : all_rules) {
    std::string not_run =
        is_selected(*rule, options) ? missing_need(*rule, evidence, images_found, options) : std::string(not_selected);
    const SeverityChoice* choice = choice_of(options, rule->code);
    const bool chosen = choice != nullptr && choice->severity;
    const OwnRule* own = options.own ? options.own->find(rule->code) : nullptr;
    const bool unasked = not_run == not_selected && !(own != nullptr && may_be_asked_for(*options.own, options));
    if (own != nullptr && !unasked) not_run = own->not_run;
    report.rules.push_back({.rule = rule,
                            .not_run = std::move(not_run),
                            .severity = chosen ? *choice->severity : rule->severity,
                            .broken = own != nullptr && own->broken && !unasked});
  }
  if (pixels) {
    report.facts = report.scan.facts;
  } else {
    VETSET_TRY(report.facts, facts_for(source, evidence, report.rules, pool, options));
  }
  evidence.facts = report.facts;
  if (contract) {
    evaluate(*contract, source, report.facts, evidence.pixels, evidence.links, options.embeddings, settings.today);
    evidence.clauses = &contract->report;
    report.contract = std::move(contract);
  }

  std::vector<Findings> found(report.rules.size(), Findings(options.common.limits.findings_per_code));
  run_rules(evidence, report.rules, found, pool);
  if (options.own) add_own(*options.own, report.rules, found);
  report.own = options.own;
  if (options.common.progress.stopped()) return Error{Code::cancelled, "stopped while checking"};
  gather(source, std::move(found), report, options);
  apply_exceptions(source, report, options, settings.today);
  if (!options.consumer.empty() || (options.images && source.only.empty() && options.select.empty())) {
    VETSET_TRY(report.consumers, ask_consumers(source, pool, options));
  }
  report.one_consumer = !options.consumer.empty();
  report.fail_on = options.fail_on;
  report.failed = is_failed(report, options);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace vetset
