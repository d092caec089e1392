// A first contract from the data: what varies, in bins that mean something, with needs a little below what is there. It
// is drafted without limits, measured, written with limits, and measured again: what would not pass is left as a
// comment.
#include <algorithm>
#include <cmath>

#include "vetset/base/number.h"
#include "vetset/base/yaml.h"
#include "vetset/check/contract_parse.h"
#include "vetset/vetset_contract.h"

namespace vetset {
namespace {

std::string number_text(double value) {
  std::string out;
  append_number(out, value);
  return out;
}
std::string yaml_text(std::string_view text) {
  std::string out;
  append_yaml_string(out, text);
  return out;
}

/// Down to two digits and a little: 137 → 120, 24 → 21, 5 → 4, 1 → 1.
std::uint64_t a_little_below(std::uint64_t count) {
  if (count <= 1) return count;
  auto below = static_cast<std::uint64_t>(static_cast<double>(count) * 0.9);
  std::uint64_t step = 1;
  while (below / step >= 100) step *= 10;
  return std::max<std::uint64_t>(1, below / step * step);
}
double down(double share) { return std::floor(share * 100 + 1e-9) / 100; }
double up(double share) { return std::min(1.0, std::ceil(share * 100 - 1e-9) / 100); }

struct DraftBin {
  std::string level;
  double low = 0, high = 0;
};
struct DraftFactor {
  std::string name, from, comment;
  std::vector<DraftBin> bins = {};
  std::vector<std::string> levels = {};
  bool geohash = false, many = false, of_objects = false;
  double unknown = 0;  // share
};

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Bins that mean something to people, for factors that most sets have.
struct KnownBins {
  std::string_view from, name, comment;
  std::vector<DraftBin> bins;
};
const std::vector<KnownBins>& known_bins() {
  static const std::vector<KnownBins> all = {
      {"pixel.luma_p50",
       "light",
       "brightness of the median pixel, 0 black to 1 white",
       {{"dark", -infinity, 0.18}, {"dim", 0.18, 0.35}, {"bright", 0.35, infinity}}},
      {"exif.solar_hour",
       "hour",
       "hour by the sun, from place and time",
       {{"0..6", 0, 6}, {"6..10", 6, 10}, {"10..16", 10, 16}, {"16..20", 16, 20}, {"20..24", 20, 24}}},
      {"exif.hour",
       "hour",
       "hour by the camera's clock",
       {{"0..6", 0, 6}, {"6..10", 6, 10}, {"10..16", 10, 16}, {"16..20", 16, 20}, {"20..24", 20, 24}}},
      {"image.objects",
       "density",
       "objects in the image",
       {{"none", -infinity, 1}, {"few", 1, 5}, {"some", 5, 20}, {"many", 20, infinity}}},
      {"box.sqrt_area_px",
       "size",
       "side of the box in pixels: root of its area",
       {{"xs", -infinity, 16}, {"s", 16, 32}, {"m", 32, 96}, {"l", 96, infinity}}},
  };
  return all;
}

/// Bins that hold less than a hundredth of what is known join their neighbour.
std::vector<DraftBin> merged(const Factor& f, std::vector<DraftBin> bins) {
  const auto count_of = [&](const DraftBin& bin) {
    return std::count_if(f.numbers.begin(), f.numbers.end(), [&](double v) { return v >= bin.low && v < bin.high; });
  };
  const auto known = std::count_if(f.numbers.begin(), f.numbers.end(), [](double v) { return !std::isnan(v); });
  const auto least = std::max<std::ptrdiff_t>(1, known / 100);
  for (std::size_t k = 0; k < bins.size() && bins.size() > 1;) {
    if (count_of(bins[k]) >= least) {
      ++k;
      continue;
    }
    if (k + 1 < bins.size())
      bins[k + 1].low = bins[k].low;
    else
      bins[k - 1].high = bins[k].high;
    bins.erase(bins.begin() + static_cast<std::ptrdiff_t>(k));
    k = 0;
  }
  return bins;
}

double unknown_share(const Factor& f) {
  std::uint64_t unknown = 0;
  for (std::size_t i = 0; i < f.size(); ++i) unknown += f.known(i) ? 0U : 1U;
  return f.size() == 0 ? 1 : static_cast<double>(unknown) / static_cast<double>(f.size());
}

/// A name that YAML and people like: letters, digits, '_'.
std::string plain_name(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c
           : c >= 'A' && c <= 'Z'                           ? static_cast<char>(c - 'A' + 'a')
                                                            : '_';
  return out.empty() ? "factor" : out;
}

class Draft {
 public:
  Draft(const FactorSources& from, std::string name) : from_(from), name_(std::move(name)) {
    add_binned();
    add_levels();
    add_places();
  }

  /// Measures, and writes what the dataset meets.
  std::string text(const std::function<ContractReport(const Contract&)>& evaluate) {
    const Contract open = parsed(draft_clauses());
    const ContractReport measured = evaluate(open);
    std::vector<std::string> limited;
    for (const ClauseResult& result : measured.clauses) {
      const Clause& clause = open.clauses[result.clause];
      if (clause.kind != ClauseKind::unknown) limited.push_back(with_limit(clause, result));
    }
    const Contract closed = parsed(limited);
    const ContractReport again = evaluate(closed);
    std::size_t k = 0;
    std::string lines;
    for (const ClauseResult& result : again.clauses) {
      const Clause& clause = closed.clauses[result.clause];
      if (clause.kind == ClauseKind::unknown) continue;
      const bool holds = result.outcome == ClauseOutcome::pass || result.outcome == ClauseOutcome::told;
      lines += comment_of(clause);
      lines += (holds ? "  - " : "  # - ") + limited[k++] + (holds ? "" : "  # now: " + result.said) + "\n";
    }
    return head(again.unit_said) + factor_lines() + tail(lines);
  }

 private:
  bool has_name(const std::string& name) const {
    return name == "class" || name == "split" ||
           std::any_of(factors_.begin(), factors_.end(), [&](const DraftFactor& f) { return f.name == name; });
  }
  void add(DraftFactor f) {
    constexpr std::size_t most = 10;
    if (factors_.size() >= most) return;
    if (has_name(f.name)) f.name += "_2";
    if (!has_name(f.name)) factors_.push_back(std::move(f));
  }

  void add_binned() {
    for (const KnownBins& known : known_bins()) {
      if (has_name(std::string(known.name))) continue;
      const auto f = factor(from_, known.from);
      if (!f || unknown_share(*f) > 0.5) continue;
      auto bins = merged(*f, known.bins);
      if (bins.size() < 2) continue;
      add({.name = std::string(known.name),
           .from = std::string(known.from),
           .comment = std::string(known.comment),
           .bins = std::move(bins),
           .of_objects = f->of == FactorOf::annotation,
           .unknown = unknown_share(*f)});
    }
  }

  void add_levels() {
    std::vector<std::pair<std::string, std::string>> wanted = {{"header.orientation", "orientation"},
                                                               {"exif.model", "camera"},
                                                               {"host", "source"},
                                                               {"box.border", "border"},
                                                               {"occluded", "occluded"}};
    for (const Factor& f : factors(from_)) {
      for (const std::string_view prefix : {"image.attribute.", "object.attribute."})
        if (f.name.starts_with(prefix)) wanted.emplace_back(f.name, plain_name(f.name.substr(prefix.size())));
    }
    for (const auto& [from, name] : wanted) {
      auto f = factor(from_, from);
      if (!f || f->numeric || unknown_share(*f) > 0.5) continue;
      std::vector<std::uint64_t> counts(f->names.size());
      for (const std::uint32_t level : f->levels)
        if (level != Factor::unknown) ++counts[level];
      std::vector<std::string> levels;
      for (std::size_t k = 0; k < counts.size(); ++k)
        if (counts[k] * 200 >= f->size()) levels.push_back(f->names[k]);  // what is rarer is no level to count on
      constexpr std::size_t most_levels = 12;
      // A level or two an image is a name, not a condition.
      if (levels.size() < 2 || levels.size() > most_levels || levels.size() * 3 > f->size()) continue;
      const auto kind = std::find_if(factor_kinds().begin(), factor_kinds().end(),
                                     [&](const FactorKind& k) { return k.name == from; });
      add({.name = name,
           .from = from,
           .comment = kind == factor_kinds().end() ? "an attribute" : std::string(kind->what),
           .levels = std::move(levels),
           .of_objects = f->of == FactorOf::annotation,
           .unknown = unknown_share(*f)});
    }
  }

  void add_places() {
    if (const auto f = factor(from_, "exif.geohash.5"); f && f->names.size() >= 2 && unknown_share(*f) <= 0.5)
      add({.name = "place",
           .from = "exif.gps",
           .comment = "cells of about 5 km",
           .geohash = true,
           .many = true,
           .unknown = unknown_share(*f)});
    if (const auto f = factor(from_, "exif.date"); f && f->names.size() >= 2 && unknown_share(*f) <= 0.5)
      add({.name = "day",
           .from = "exif.date",
           .comment = "the day it was taken",
           .many = true,
           .unknown = unknown_share(*f)});
  }

  std::vector<std::string> draft_clauses() const {
    std::vector<std::string> clauses;
    std::string few, of_objects;
    std::size_t counted = 0;
    for (const DraftFactor& f : factors_) {
      if (f.many) {
        clauses.push_back("balance: {factor: " + f.name + ", report: true}");
        continue;
      }
      clauses.push_back("bins: {factors: [" + f.name + "], min_groups: 1000000000}");
      few += (few.empty() ? "" : ", ") + f.name;
      if (f.of_objects) of_objects += (of_objects.empty() ? "" : ", ") + f.name;
      ++counted;
      if (f.name == "camera" || f.name == "source")
        clauses.push_back("balance: {factor: " + f.name + ", report: true}");
    }
    const bool has_class = from_.dataset.categories.size() >= 2 && !from_.dataset.annotations.empty();
    if (has_class && !of_objects.empty())
      clauses.push_back("pair: {class: each, with: [" + of_objects + "], min_objects: 10, mostly: 0}");
    if (counted >= 2) clauses.push_back("t_way: {factors: [" + few + "], t: 2, min: 1, report: true}");
    if (counted >= 3) clauses.push_back("t_way: {factors: [" + few + "], t: 3, min: 1, report: true}");
    std::string train, test;
    for (const Split& split : from_.dataset.splits) {
      if (split.role == SplitRole::train && train.empty()) train = split.name;
      if (split.role == SplitRole::test || (split.role == SplitRole::val && test.empty())) test = split.name;
    }
    if (!train.empty() && !test.empty() && counted >= 2)
      clauses.push_back("sdcc: {from: " + yaml_text(test) + ", minus: " + yaml_text(train) + ", factors: [" + few +
                        "], t: 2, report: true}");
    if (!test.empty() && has_class)
      clauses.push_back("metric_power: {per: class, split: " + yaml_text(test) + ", half_width: 0.05}");
    clauses.emplace_back("negatives: {at_most: 1}");
    return clauses;
  }

  /// The clause again, with a limit a little beyond what was measured.
  std::string with_limit(const Clause& clause, const ClauseResult& r) const {
    std::string list;
    for (const std::string& f : clause.factors) list += (list.empty() ? "" : ", ") + f;
    switch (clause.kind) {
      case ClauseKind::bins: {
        std::uint64_t least = ~std::uint64_t{0};
        for (const ShortCell& cell : r.shorts) least = std::min(least, cell.have);
        const std::uint64_t min = r.shorts.empty() ? 1 : std::max<std::uint64_t>(1, a_little_below(least));
        return "bins: {factors: [" + list + "], min_groups: " + std::to_string(min) + "}";
      }
      case ClauseKind::pair:
        return "pair: {class: each, with: [" + list +
               "], min_objects: 10, mostly: " + number_text(down(r.measured.value_or(0))) + "}";
      case ClauseKind::t_way:
        if (clause.t == 3) return "t_way: {factors: [" + list + "], t: 3, min: 1, report: true}";
        return "t_way: {factors: [" + list + "], t: 2, min: 1, at_least: " + number_text(down(r.measured.value_or(0))) +
               "}";
      case ClauseKind::sdcc:
        return "sdcc: {from: " + yaml_text(clause.split) + ", minus: " + yaml_text(clause.minus) + ", factors: [" +
               list + "], t: 2, at_most: " + number_text(up(r.measured.value_or(1))) + "}";
      case ClauseKind::balance:
        return "balance: {factor: " + list + ", max_share: " + number_text(up(r.interval ? r.interval->high : 1)) + "}";
      case ClauseKind::metric_power:
        return "metric_power: {per: class, split: " + yaml_text(clause.split) + ", half_width: " +
               number_text(r.outcome == ClauseOutcome::pass ? 0.05 : up(std::max(0.05, r.measured.value_or(0.5)))) +
               "}";
      case ClauseKind::negatives:
        return "negatives: {at_most: " + number_text(up(r.interval ? r.interval->high : 1)) + "}";
      default: break;
    }
    return {};
  }

  static std::string comment_of(const Clause& clause) {
    switch (clause.kind) {
      case ClauseKind::pair: return "  # Of every class, in every size: so many objects, in most of the cells.\n";
      case ClauseKind::t_way:
        return clause.t == 3
                   ? "  # Three at a time: only told, until you ask for a share.\n"
                   : "  # Every two conditions together, like dark × small: how many of the pairs are seen.\n";
      case ClauseKind::sdcc: return "  # Conditions that the test has and training never saw.\n";
      case ClauseKind::metric_power:
        return "  # Enough objects of each class that a recall of 0.9 is known to within ± half_width.\n";
      case ClauseKind::negatives: return "  # Images without objects, as a share of all.\n";
      case ClauseKind::balance: return "  # No one level may be most of the data.\n";
      default: return {};
    }
  }

  std::string head(const std::string& units) const {
    return "# What this dataset has to hold. 'vetset contract check' says whether it does; so does 'vetset check', "
           "where\n"
           "# this file lies beside vetset.toml. Written from the data by 'vetset contract init': each number is a "
           "little\n"
           "# below what is there. Raise them to what your product needs.\n"
           "vetset: 1\n" +
           (name_.empty() ? std::string() : "dataset: " + yaml_text(name_) + "\n") +
           "unit: group   # counts are of groups of images that belong together (frames of one clip count once)\n"
           "#               now: " +
           units + "\n";
  }

  std::string factor_lines(bool comments = true) const {
    if (factors_.empty())
      return comments ? "# Nothing varies that can be seen here; 'factors:' would name what should.\n" : "";
    std::string out = "factors:\n";
    for (const DraftFactor& f : factors_) {
      out += "  " + f.name + ": {from: " + yaml_text(f.from);
      if (f.geohash) out += ", geohash: 5";
      if (!f.bins.empty()) {
        out += ", bins: {";
        for (std::size_t k = 0; k < f.bins.size(); ++k) {
          const DraftBin& b = f.bins[k];
          const std::string range = std::isinf(b.low)    ? "<" + number_text(b.high)
                                    : std::isinf(b.high) ? ">=" + number_text(b.low)
                                                         : number_text(b.low) + ".." + number_text(b.high);
          out += (k == 0 ? "" : ", ") + yaml_text(b.level) + ": \"" + range + "\"";
        }
        out += "}";
      }
      if (!f.levels.empty()) {
        out += ", levels: [";
        for (std::size_t k = 0; k < f.levels.size(); ++k) out += (k == 0 ? "" : ", ") + yaml_text(f.levels[k]);
        out += "]";
      }
      const double limit = up(f.unknown);
      if (limit > 0) out += ", unknown: allow<=" + number_text(std::round(limit * 100)) + "%";
      out += "}" + (comments ? "   # " + f.comment : "") + "\n";
    }
    return out;
  }

  static std::string tail(const std::string& clauses) {
    return "coverage:\n" + clauses +
           "# More that a contract can say (docs/guide/contract.md):\n"
           "#   constraints: [{not: {hour: \"0..6\", light: bright}}]   what cannot be, and so is not asked for\n"
           "#   labels: [{implies: {class: rider, needs: bicycle}}]      what holds of every image or object\n"
           "#   rules: [{code: X001, where: \"box.width < 4\", message: is too thin to see}]\n"
           "#   waivers: [{rule: COV204, where: {light: dark}, reason: …, by: …, until: 2027-03-31}]\n";
  }

  Contract parsed(const std::vector<std::string>& clauses) const {
    std::string text = "vetset: 1\n" + factor_lines(false) + "coverage:\n";
    for (const std::string& clause : clauses) text += "  - " + clause + "\n";
    auto contract = parse_contract(text, "draft");
    if (!contract) VETSET_ASSERT(false, to_string(contract.error()).c_str());
    return *std::move(contract);
  }

  const FactorSources& from_;
  std::string name_;
  std::vector<DraftFactor> factors_;
};

}  // namespace

Result<std::string> contract_init(const Source& source, const ContractInitOptions& options) {
  Scan seen;
  std::optional<Links> links;
  const bool any = std::any_of(source.dataset.images.begin(), source.dataset.images.end(),
                               [](const Image& image) { return !image.media.empty(); });
  if (options.pixels && any) {
    ScanRequest request = options.scan;
    request.common = options.common;
    VETSET_TRY(seen, scan(source, request));
    LinkSettings settings;
    settings.near = options.near;
    VETSET_TRY(links, find_links(source.dataset, source.media(), seen.facts, seen.pixels, nullptr, settings,
                                 Pool(options.common.threads), options.common.progress));
  }
  const FactorSources from{source.dataset, seen.facts, seen.pixels};
  Draft draft(from, options.name);
  return draft.text([&](const Contract& contract) {
    return evaluate_contract({.contract = contract,
                              .dataset = source.dataset,
                              .facts = seen.facts,
                              .pixels = seen.pixels,
                              .links = links ? &*links : nullptr});
  });
}

}  // namespace vetset
