// A coverage contract: what a dataset has to hold, in one file beside it, so that "enough data" is a statement that can
// be checked. The clauses, and what they came to. docs/guide/contract.md is its page, docs/schema/contract-v1.json its
// schema.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/expr.h"
#include "vetset/base/statistics.h"
#include "vetset/dataset/factors.h"
#include "vetset/dataset/finding.h"

namespace vetset {

/// A factor as a contract names it: where it comes from and which levels it has.
struct ContractFactor {
  /// Half-open, ascending, none over another. Several may be of one level: night is before 6 and from 20 on.
  struct Bin {
    std::uint32_t level = 0;
    double low = 0, high = 0;
  };
  enum class Other : std::uint8_t { unknown, level, error };  // what a value outside of all levels is

  std::string name, from;           // "light"; "pixel.luma_p50", as factor() takes it
  std::vector<Bin> bins = {};       // empty: levels by name
  std::vector<std::string> levels;  // in the order of the file; empty: those that the data has
  Other other = Other::unknown;
  std::optional<double> most_unknown = {};  // share of the images or objects
  std::uint32_t line = 0;
};

/// A combination that cannot be: all of its parts together. Each part names some levels of a factor.
struct ContractConstraint {
  struct Part {
    std::string factor;
    std::vector<std::string> levels;
  };
  std::vector<Part> parts;
  std::uint32_t line = 0;
};

enum class ClauseKind : std::uint8_t {
  unknown,       // a factor: share of unknown values
  other,         // a factor: values outside of its levels
  impossible,    // a constraint: rows that are what cannot be
  bins,          // every combination of the factors' levels: so many groups
  pair,          // every class with every level: so many objects
  t_way,         // combinations of t factors
  sdcc,          // combinations of one split that another lacks
  balance,       // the largest share of one level
  negatives,     // the share of images without objects
  embedding,     // a reference, reached in an embedding
  metric_power,  // objects of each class for a firm number
  ratios,        // sizes of splits
  labels,        // what holds of every image or object
};
std::string_view name(ClauseKind);

struct Clause {
  ClauseKind kind{};
  std::string code;                       // of the rule that reports it: "COV205"; of own rules "X001"
  std::vector<std::string> factors = {};  // by their names here; "*": all
  unsigned t = 2;
  double min = 1;           // of each combination
  bool of_objects = false;  // `min` counts objects, else units
  std::optional<double> at_least = {}, at_most = {}, max_share = {}, max_hhi = {}, half_width = {};
  bool report_only = false;
  std::string split = {}, minus = {};
  std::string reference = {}, model = {};  // embedding
  unsigned neighbours = 5;                 // embedding: k
  bool against_null = false;               // embedding: at_least is the null's first percentile
  std::vector<double> ratios = {};         // ratios: of train, val, test
  bool of_images = false;                  // labels: else of annotations
  std::optional<Expr> where = {};          // labels: what must not be
  std::string message = {}, fix = {};      // labels
  std::optional<Severity> severity = {};   // labels
  std::size_t index = 0;                   // unknown, other, impossible: of the factor or constraint
  std::uint32_t line = 0;

  /// "t_way light × weather × camera, t 2, min 5": what it asks, in the words of the file.
  std::string text() const;
};

struct ContractWaiver {
  std::string rule;                                             // code, beginning of codes, or name
  std::vector<std::pair<std::string, std::string>> where = {};  // factor and level; empty: the whole rule
  std::string reason, by, until;                                // until: YYYY-MM-DD, empty: no end
  std::uint32_t line = 0;
};

struct Contract {
  std::string file;     // as it was named
  std::string dataset;  // what it is about
  bool of_groups = true;
  std::vector<ContractFactor> factors;
  std::vector<ContractConstraint> constraints;
  std::vector<Clause> clauses;  // in the order of the file, those of factors and constraints first
  std::string split_policy = {};
  std::vector<std::string> group_by = {}, stratify = {};
  std::vector<std::pair<std::string, std::optional<Severity>>> severities;  // rule; empty: off
  std::vector<ContractWaiver> waivers;
  std::string canonical;  // canonical JSON of the file: comments and layout are not in it
  Digest digest;          // SHA-256 of that

  const ContractFactor* find(std::string_view factor) const;
  /// Whether it asks for what only decoded images tell.
  bool needs_pixels() const;
};

enum class ClauseOutcome : std::uint8_t { pass, fail, undecided, told };  // told: measured, nothing asked
std::string_view name(ClauseOutcome);

/// A combination of levels: factor and level by name.
using LevelTuple = std::vector<std::pair<std::string, std::string>>;
/// "weather=snow, camera=C"
std::string to_string(const LevelTuple& tuple);

/// One combination of levels that is short.
struct ShortCell {
  LevelTuple tuple;
  std::uint64_t have = 0, need = 0;
  bool waived = false;
};

struct ClauseResult {
  std::size_t clause = 0;  // in Contract::clauses
  ClauseOutcome outcome{};
  std::optional<double> measured = {};
  std::optional<Interval> interval = {};  // of 95 %, over units; none: a count, exact
  std::optional<double> limit = {};
  bool limit_is_most = false;  // measured must not exceed the limit; else must reach it
  bool is_share = false;       // measured, interval and limit are shares: 0.25 reads 25 %
  std::uint64_t n = 0;         // units, images or objects that it was measured on
  std::uint64_t unknown = 0;   // of them, those with a value that is not known
  std::string said;            // one line: "38 of 40 combinations; 2 are short"
  std::vector<ShortCell> shorts = {};
  std::uint64_t short_count = 0;    // of them that are not waived
  std::optional<double> null = {};  // what random rows would come to
  std::vector<Where> places = {};   // labels: the records, up to 10,000
  std::uint64_t place_count = 0;
  const ContractWaiver* waived = nullptr;  // of the whole clause; points into the contract
};

/// What to collect so that all clauses pass: so many units or objects of that kind.
struct ToCollect {
  LevelTuple tuple;
  std::uint64_t count = 0;
  bool objects = false;
  std::uint64_t serves = 0;  // combinations that are short and gain by it
};

struct ContractReport {
  const Contract* contract = nullptr;
  std::vector<ClauseResult> clauses;  // one a clause, in their order
  std::vector<ToCollect> order;
  std::uint64_t images = 0, units = 0;
  std::string unit_said;  // "812 groups of 1,024 images: near-duplicates, sequences, key site"
  std::uint64_t passed = 0, failed = 0, undecided = 0, told = 0, waived = 0;

  ClauseOutcome outcome() const {
    return failed > 0 ? ClauseOutcome::fail : undecided > 0 ? ClauseOutcome::undecided : ClauseOutcome::pass;
  }
};

}  // namespace vetset
