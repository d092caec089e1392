#include <algorithm>
#include <cmath>
#include <limits>

#include "vetset/base/digest.h"
#include "vetset/base/nearest.h"
#include "vetset/check/contract_reader.h"

namespace vetset {
namespace {

/// The rule that speaks for the balance of a factor: time, place, device and source have their own.
std::string balance_code(const ContractFactor* f) {
  if (f == nullptr) return "COV204";
  for (const std::string_view time :
       {"exif.hour", "exif.solar_hour", "exif.weekday", "exif.month", "exif.year", "exif.date"})
    if (f->from == time) return "COV214";
  if (f->from.starts_with("exif.geohash.") || f->from == "exif.latitude" || f->from == "exif.longitude")
    return "COV215";
  for (const std::string_view device : {"exif.model", "exif.make", "exif.serial", "exif.software", "host", "annotator"})
    if (f->from == device) return "COV216";
  return "COV204";
}

}  // namespace

Result<void> ContractReader::known_factor(const Yaml& value, std::string_view name) const {
  if (name == "class" || name == "split" || contract_.find(name) != nullptr) return {};
  std::vector<std::string> known = {"class", "split"};
  for (const ContractFactor& f : contract_.factors) known.push_back(f.name);
  return at(value, "no factor here is called '" + std::string(name) + "'" + did_you_mean(name, known) +
                       "; 'factors' declares them");
}

Result<void> ContractReader::factor_names(const Yaml& value, Clause& c) const {
  if (value.type == Yaml::Type::scalar && value.text == "*") {
    c.factors = {"*"};
    return {};
  }
  VETSET_DO(word_or_words(value, "factors", c.factors));
  for (std::size_t k = 0; k < c.factors.size(); ++k)
    VETSET_DO(known_factor(value.type == Yaml::Type::sequence ? value.items[k] : value, c.factors[k]));
  return {};
}

Result<void> ContractReader::coverage(const Yaml& list) {
  if (list.type != Yaml::Type::sequence) return at(list, "coverage: expected a list of clauses, '- t_way: {…}'");
  for (const Yaml& item : list.items) {
    if (item.type != Yaml::Type::mapping || item.entries.size() != 1)
      return at(item, "coverage: expected one clause an entry, '- t_way: {…}'");
    VETSET_DO(clause(item.entries.front().first, item.entries.front().second));
  }
  return {};
}

Result<void> ContractReader::clause(const Yaml& word, const Yaml& value) {
  Clause c{.code = "COV204", .line = word.line};
  const Take factors_here = [&](const Yaml& v) { return factor_names(v, c); };
  const Take report = [&](const Yaml& v) { return truth(v, "report", c.report_only); };
  const Take objects = [&](const Yaml& v) {
    c.of_objects = true;
    return counts("min_objects", c.min)(v);
  };
  const Take strength = [&](const Yaml& v) -> Result<void> {
    double t = 0;
    VETSET_DO(number(v, "t", 1, 4, t));
    if (t != std::floor(t)) return at(v, "t: expected 1, 2, 3 or 4, found " + v.text);
    c.t = static_cast<unsigned>(t);
    return {};
  };
  const std::string where = "'" + word.text + "'";
  /// A clause that asks nothing of the numbers it makes is one to report alone.
  const auto ask_or_report = [&](bool asks, std::string_view how) -> Result<void> {
    if (asks || c.report_only) return {};
    return at(word, word.text + ": expected " + std::string(how));
  };
  const auto either = [&](bool first, bool second, std::string_view both) -> Result<void> {
    if (!first || !second) return {};
    return at(word, word.text + ": expected " + std::string(both) + "; make two clauses of them");
  };
  const auto at_most_one_factor = [&](std::string_view as) -> Result<void> {
    if (c.factors.size() < 2 && (c.factors.empty() || c.factors.front() != "*")) return {};
    return at(word, word.text + ": expected one factor" + std::string(as));
  };
  if (word.text == "bins") {
    c.kind = ClauseKind::bins;
    c.at_least = 1;
    VETSET_DO(each(value, where,
                   {{"factors", factors_here},
                    {"min_groups", counts("min_groups", c.min)},
                    {"min_objects", objects},
                    {"mostly", shares("mostly", c.at_least)}}));
  } else if (word.text == "pair") {
    c.kind = ClauseKind::pair;
    c.at_least = 1;
    VETSET_DO(each(value, where,
                   {{"class",
                     [&](const Yaml& v) -> Result<void> {
                       if (v.text == "each") return {};
                       return at(v, "class: expected each, found '" + v.text + "'");
                     }},
                    {"with", factors_here},
                    {"min_objects", objects},
                    {"min_groups", counts("min_groups", c.min)},
                    {"mostly", shares("mostly", c.at_least)}}));
  } else if (word.text == "t_way") {
    c.kind = ClauseKind::t_way;
    c.code = "COV205";
    VETSET_DO(each(value, where,
                   {{"factors", factors_here},
                    {"t", strength},
                    {"min", counts("min", c.min)},
                    {"at_least", shares("at_least", c.at_least)},
                    {"report", report}}));
    VETSET_DO(ask_or_report(c.at_least.has_value(), "at_least: 0.98, or report: true"));
  } else if (word.text == "sdcc") {
    c.kind = ClauseKind::sdcc;
    c.code = "COV205";
    VETSET_DO(each(value, where,
                   {{"from", texts("from", c.split)},
                    {"minus", texts("minus", c.minus)},
                    {"factors", factors_here},
                    {"t", strength},
                    {"at_most", shares("at_most", c.at_most)},
                    {"report", report}}));
    if (c.split.empty() || c.minus.empty()) return at(word, "sdcc: expected two splits, {from: test, minus: train}");
    if (c.factors.empty()) c.factors = {"*"};
    VETSET_DO(ask_or_report(c.at_most.has_value(), "at_most: 0.02, or report: true"));
  } else if (word.text == "balance") {
    c.kind = ClauseKind::balance;
    VETSET_DO(each(value, where,
                   {{"factor", factors_here},
                    {"max_share", shares("max_share", c.max_share)},
                    {"max_hhi", shares("max_hhi", c.max_hhi)},
                    {"report", report}}));
    if (c.factors.size() == 1 && c.factors.front() != "*") c.code = balance_code(contract_.find(c.factors.front()));
    VETSET_DO(at_most_one_factor(""));
    VETSET_DO(ask_or_report(c.max_share || c.max_hhi, "max_share: 0.25 or max_hhi: 0.25"));
    VETSET_DO(either(c.max_share.has_value(), c.max_hhi.has_value(), "max_share or max_hhi"));
  } else if (word.text == "negatives") {
    c.kind = ClauseKind::negatives;
    c.code = "COV217";
    VETSET_DO(each(value, where,
                   {{"at_least", shares("at_least", c.at_least)},
                    {"at_most", shares("at_most", c.at_most)},
                    {"per", factors_here},
                    {"report", report}}));
    VETSET_DO(ask_or_report(c.at_least || c.at_most, "at_least: 0.05 or at_most: 0.5"));
    VETSET_DO(either(c.at_least.has_value(), c.at_most.has_value(), "at_least or at_most"));
    VETSET_DO(at_most_one_factor(" as per"));
  } else if (word.text == "embedding") {
    c.kind = ClauseKind::embedding;
    VETSET_DO(embedding(value, c));
    if (c.reference.empty()) return at(word, "embedding: expected ref: FILE, the rows that should be reached");
    VETSET_DO(ask_or_report(c.at_least || c.against_null, "at_least: null-q01 or a share"));
  } else if (word.text == "metric_power") {
    c.kind = ClauseKind::metric_power;
    VETSET_DO(each(value, where,
                   {{"per",
                     [&](const Yaml& v) -> Result<void> {
                       if (v.text == "class") return {};
                       return at(v, "per: expected class, found '" + v.text + "'");
                     }},
                    {"split", texts("split", c.split)},
                    {"half_width", shares("half_width", c.half_width)}}));
    if (!c.half_width || *c.half_width <= 0) return at(word, "metric_power: expected half_width: 0.05, above 0");
  } else {
    const std::vector<std::string> known = {"bins",    "pair",      "t_way",     "sdcc",
                                            "balance", "negatives", "embedding", "metric_power"};
    return at(word, "CFG001: no clause is called '" + word.text + "'" + did_you_mean(word.text, known) +
                        "; known are bins, pair, t_way, sdcc, balance, negatives, embedding, metric_power");
  }
  const bool needs_factors = c.kind == ClauseKind::bins || c.kind == ClauseKind::pair || c.kind == ClauseKind::t_way ||
                             c.kind == ClauseKind::balance;
  if (needs_factors && c.factors.empty())
    return at(word, where + ": expected " +
                        (c.kind == ClauseKind::pair      ? "with"
                         : c.kind == ClauseKind::balance ? "factor"
                                                         : "factors"));
  if (c.kind == ClauseKind::t_way && c.factors.front() != "*" && c.factors.size() < c.t)
    return at(word, "t_way: expected at least t = " + std::to_string(c.t) + " factors, found " +
                        std::to_string(c.factors.size()));
  contract_.clauses.push_back(std::move(c));
  return {};
}

Result<void> ContractReader::embedding(const Yaml& value, Clause& c) const {
  double k = 5;
  const Keys keys = {{"ref", texts("ref", c.reference)},
                     {"model",
                      [&](const Yaml& v) -> Result<void> {
                        VETSET_DO(text(v, "model", c.model));
                        if (auto digest = parse_digest(c.model); !digest)
                          return at(v, "model: expected sha256: and 64 digits, found '" + c.model + "'");
                        return {};
                      }},
                     {"coverage_at", counts("coverage_at", k)},
                     {"at_least",
                      [&](const Yaml& v) -> Result<void> {
                        c.against_null = v.text == "null-q01";
                        return c.against_null ? Result<void>() : share(v, "at_least", c.at_least);
                      }},
                     {"report", [&](const Yaml& v) { return truth(v, "report", c.report_only); }}};
  VETSET_DO(each(value, "'embedding'", keys));
  if (k > 100) return at(value, "coverage_at: expected a number of neighbours from 1 to 100");
  c.neighbours = static_cast<unsigned>(k);
  return {};
}

Result<void> ContractReader::split(const Yaml& mapping) {
  Clause c{.kind = ClauseKind::ratios, .code = "COV204", .line = mapping.line};
  const Keys keys = {{"policy",
                      [&](const Yaml& v) -> Result<void> {
                        if (v.text != "grouped" && v.text != "temporal" && v.text != "random")
                          return at(v, "policy: expected grouped, temporal or random, found '" + v.text + "'");
                        contract_.split_policy = v.text;
                        return {};
                      }},
                     {"ratios",
                      [&](const Yaml& v) -> Result<void> {
                        if (v.type != Yaml::Type::sequence || v.items.size() < 2 || v.items.size() > 3)
                          return at(v, "ratios: expected shares of train, val and test, like [0.8, 0.1, 0.1]");
                        double sum = 0;
                        for (const Yaml& item : v.items) {
                          VETSET_DO(number(item, "ratios", 0, 1, c.ratios.emplace_back()));
                          sum += c.ratios.back();
                        }
                        if (std::abs(sum - 1) > 1e-6) return at(v, "ratios: expected shares that add up to 1");
                        return {};
                      }},
                     {"tolerance", shares("tolerance", c.at_most)},
                     {"group_by", [&](const Yaml& v) { return word_or_words(v, "group_by", contract_.group_by); }},
                     {"stratify", [&](const Yaml& v) { return word_or_words(v, "stratify", contract_.stratify); }}};
  VETSET_DO(each(mapping, "split", keys));
  if (c.ratios.empty()) return {};
  if (!c.at_most) c.at_most = 0.02;
  contract_.clauses.push_back(std::move(c));
  return {};
}

}  // namespace vetset
