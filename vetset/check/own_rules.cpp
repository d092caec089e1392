#include "vetset/check/own_rules.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/check/config.h"
#include "vetset/check/select.h"

namespace vetset {
namespace {

constexpr std::string_view unread_family = "OWN";  // of files, not of rules
constexpr std::size_t fewest_letters = 3, most_letters = 8, fewest_digits = 3, most_digits = 4;

Error malformed(std::string what) { return {Code::malformed, "rules of your own: " + std::move(what)}; }

Result<std::uint32_t> row_of(const Json& value, std::size_t count, std::string_view what, const OwnRule& rule) {
  const double number = value.type() == JsonType::number ? value.number() : -1;
  if (number >= 0 && number < static_cast<double>(count) && std::floor(number) == number)
    return static_cast<std::uint32_t>(number);
  return malformed(rule.code + ": there is no row " + std::string(value.text()) + " of " + std::string(what) +
                   ", only " + std::to_string(count));
}

template <class Index>
Result<Index> index_of(const Json& value, std::size_t count, std::string_view what, const OwnRule& rule) {
  VETSET_TRY(const std::uint32_t row, row_of(value, count, what, rule));
  return to_index<Index>(row);
}

Result<Where> where_of(const Json& found, const Dataset& d, const OwnRule& rule) {
  const std::size_t images = d.images.size(), annotations = d.annotations.size();
  if (const Json* row = found.find("annotation")) {
    VETSET_TRY(const auto one, index_of<AnnotationIndex>(*row, annotations, "annotations", rule));
    const Json* other = found.find("other");
    if (other == nullptr) return Where(one);
    VETSET_TRY(const auto second, index_of<AnnotationIndex>(*other, annotations, "annotations", rule));
    return Where(AnnotationPair{std::min(one, second), std::max(one, second)});
  }
  if (const Json* row = found.find("image")) {
    VETSET_TRY(const auto one, index_of<ImageIndex>(*row, images, "images", rule));
    const Json* other = found.find("other");
    if (other == nullptr) return Where(one);
    VETSET_TRY(const auto second, index_of<ImageIndex>(*other, images, "images", rule));
    return Where(ImagePair{std::min(one, second), std::max(one, second)});
  }
  if (const Json* row = found.find("category")) {
    VETSET_TRY(const auto one, index_of<CategoryIndex>(*row, d.categories.size(), "categories", rule));
    return Where(one);
  }
  const std::string_view file = found.text_or("file", "");
  if (file.empty()) return Where();
  const double line = found.at("line").number();
  return Where(
      Place{.file = std::string(file), .line = line >= 1 && line < 4e9 ? static_cast<std::uint32_t>(line) : 0});
}

Result<Severity> severity_of(std::string_view word, const OwnRule& rule) {
  auto parsed = parse_severity(word);
  if (parsed && *parsed) return **parsed;
  return malformed(rule.code + ": expected error, warning or note, found '" + std::string(word) + "'");
}

Result<Finding> finding_of(const Json& found, const Dataset& d, const OwnRule& rule) {
  Finding finding{.code = rule.code,
                  .severity = rule.severity,
                  .evidence = rule.evidence,
                  .where = {},
                  .message = std::string(found.text_or("message", rule.title)),
                  .fix = std::string(found.text_or("fix", ""))};
  VETSET_TRY(finding.where, where_of(found, d, rule));
  if (const Json* severity = found.find("severity")) {
    VETSET_TRY(finding.severity, severity_of(severity->text(), rule));
  }
  if (const Json* score = found.find("score"); score != nullptr && score->type() == JsonType::number)
    finding.score = score->number();
  return finding;
}

/// What tells two findings at one place apart, whatever order a rule went in.
void sort_by_place(std::vector<Finding>& findings) {
  const auto key = [](const Finding& f) {
    std::uint64_t first = 0, second = 0;
    std::string_view file;
    if (const auto* i = std::get_if<ImageIndex>(&f.where)) first = to_size(*i);
    if (const auto* c = std::get_if<CategoryIndex>(&f.where)) first = to_size(*c);
    if (const auto* a = std::get_if<AnnotationIndex>(&f.where)) first = to_size(*a);
    if (const auto* p = std::get_if<AnnotationPair>(&f.where)) {
      first = to_size(p->second);
      second = to_size(p->first);
    }
    if (const auto* p = std::get_if<ImagePair>(&f.where)) {
      first = to_size(p->first);
      second = to_size(p->second);
    }
    if (const auto* p = std::get_if<Place>(&f.where)) {
      file = p->file;
      first = p->line;
    }
    return std::tuple(f.where.index(), file, first, second, std::string_view(f.message));
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
}

Result<OwnRule> rule_of(const Json& said) {
  OwnRule rule{.code = std::string(said.text_or("code", "")),
               .name = std::string(said.text_or("name", "")),
               .title = std::string(said.text_or("title", "")),
               .page = std::string(said.text_or("page", "")),
               .origin = std::string(said.text_or("origin", "")),
               .not_run = std::string(said.text_or("not_run", "")),
               .broken = said.at("broken").boolean()};
  if (const std::string why = why_not_own_code(rule.code); !why.empty()) return malformed(why);
  if (rule.name.empty() || find_rule(rule.name) != nullptr)
    return malformed(rule.code + ": '" + rule.name + "' is the name of a rule of the catalogue, expected another");
  VETSET_TRY(rule.severity, severity_of(said.text_or("severity", "warning"), rule));
  for (const EvidenceClass known : {EvidenceClass::proof, EvidenceClass::calibrated, EvidenceClass::hint})
    if (said.text_or("evidence", "proof") == name(known)) rule.evidence = known;
  return rule;
}

Result<std::vector<OwnRule>> rules_in(const Json& list) {
  std::vector<OwnRule> rules;
  for (const Json& said : list.elements()) {
    VETSET_TRY(OwnRule rule, rule_of(said));
    for (const OwnRule& other : rules)
      if (other.code == rule.code || other.name == rule.name)
        return malformed((other.code == rule.code ? rule.code : "'" + rule.name + "'") +
                         " is there twice: " + other.origin + " and " + rule.origin);
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::shared_ptr<OwnRules> made_of(std::vector<OwnRule> rules) {
  auto own = std::make_shared<OwnRules>();
  own->rules = std::move(rules);
  std::stable_sort(own->rules.begin(), own->rules.end(),
                   [](const OwnRule& a, const OwnRule& b) { return a.code < b.code; });
  for (const OwnRule& rule : own->rules)
    own->as_rules.push_back({.code = rule.code,
                             .name = rule.name,
                             .title = rule.title,
                             .severity = rule.severity,
                             .evidence = rule.evidence});
  return own;
}

}  // namespace

const OwnRule* OwnRules::find(std::string_view code) const {
  const auto at = std::find_if(rules.begin(), rules.end(), [&](const OwnRule& rule) { return rule.code == code; });
  return at == rules.end() ? nullptr : &*at;
}

std::string why_not_own_code(std::string_view code) {
  const std::string_view family = family_of(code), digits = code.substr(family.size());
  const bool shaped = family.size() >= fewest_letters && family.size() <= most_letters &&
                      digits.size() >= fewest_digits && digits.size() <= most_digits &&
                      digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (!shaped)
    return "'" + std::string(code) + "' is no code for a rule: expected three to eight capital letters and three or " +
           "four digits, as TEAM001";
  if (family == unread_family)
    return "'" + std::string(code) + "' is what a file of rules is called that was not run: take other letters, as " +
           "TEAM001";
  for (const Rule* rule : rules())
    if (family.starts_with(family_of(rule->code)))
      return "'" + std::string(code) + "' is a code of the catalogue, whose codes begin with " +
             std::string(family_of(rule->code)) + ": take other letters, as TEAM001";
  return {};
}

bool may_name_own_rules(std::string_view word) {
  const std::string_view family = family_of(word), digits = word.substr(family.size());
  return family.size() >= fewest_letters && family.size() <= most_letters && digits.size() <= most_digits &&
         digits.find_first_not_of("0123456789") == std::string_view::npos &&
         std::none_of(rules().begin(), rules().end(),
                      [&](const Rule* rule) { return family.starts_with(family_of(rule->code)); });
}

Result<std::shared_ptr<const OwnRules>> read_own_rules(std::string_view document, const Dataset& d) {
  VETSET_TRY(const Json root, Json::parse(document));
  if (root.at("vetset-own-rules").number() != OwnRules::version) return malformed("not what was expected");
  const std::pair<std::string_view, std::size_t> counts[] = {
      {"images", d.images.size()}, {"annotations", d.annotations.size()}, {"categories", d.categories.size()}};
  for (const auto& [what, count] : counts)
    if (const double said = root.at(what).number(); said != static_cast<double>(count))
      return malformed("they looked at " + std::string(root.at(what).text()) + " " + std::string(what) +
                       ", and the dataset has " + std::to_string(count));
  VETSET_TRY(std::vector<OwnRule> rules, rules_in(root.at("rules")));
  std::shared_ptr<OwnRules> own = made_of(std::move(rules));
  for (const Json& said : root.at("rules").elements()) {
    OwnRule& rule = *std::find_if(own->rules.begin(), own->rules.end(),
                                  [&](const OwnRule& r) { return r.code == said.text_or("code", ""); });
    for (const Json& found : said.at("findings").elements()) {
      VETSET_TRY(Finding finding, finding_of(found, d, rule));
      rule.findings.push_back(std::move(finding));
    }
    sort_by_place(rule.findings);
  }
  return std::shared_ptr<const OwnRules>(std::move(own));
}

Result<std::shared_ptr<const OwnRules>> own_rules_of(const Json& rules) {
  VETSET_TRY(std::vector<OwnRule> made, rules_in(rules));
  return std::shared_ptr<const OwnRules>(made_of(std::move(made)));
}

std::shared_ptr<const OwnRules> unread_own_rules(const std::vector<std::string>& files, const std::string& why,
                                                 bool broken) {
  std::vector<OwnRule> rules;
  for (const std::string& file : files) {
    const std::string number = std::to_string(rules.size() + 1), called(base_name(file));
    rules.push_back(
        {.code = std::string(unread_family) + std::string(3 - std::min<std::size_t>(number.size(), 3), '0') + number,
         .name = "rules-of-your-own",
         .title = "rules of " + called,
         .origin = file,
         .not_run = called + " " + why,
         .broken = broken});
  }
  std::shared_ptr<OwnRules> own = made_of(std::move(rules));
  own->unread = files;
  return own;
}

}  // namespace vetset
