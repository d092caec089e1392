// One thing found wrong with the data, by a reader or by a rule: what, how certain, how grave, and where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

enum class Severity : std::uint8_t { note, warning, error };
/// How certain a finding is: a proved fact, an estimate with an error rate, or a hint.
enum class EvidenceClass : std::uint8_t { proof, calibrated, hint };
std::string_view name(Severity);
std::string_view name(EvidenceClass);

/// A place in the input that has no record to point at. `offset` counts bytes; line and column from 1, 0: not known
/// (then they are computed from the offset when the finding is shown).
struct Place {
  std::string file;
  std::optional<std::uint64_t> offset = {};
  std::uint32_t line = 0, column = 0;
  bool operator==(const Place&) const = default;
};
struct AnnotationPair {
  AnnotationIndex first{}, second{};
};
struct ImagePair {
  ImageIndex first{}, second{};
};
/// The dataset as a whole; a place; a record; a pair.
using Where =
    std::variant<std::monostate, Place, ImageIndex, CategoryIndex, AnnotationIndex, AnnotationPair, ImagePair>;

/// Codes are those of the catalogue ("FMT407"); readers and rules share them. `code` points into the program.
struct Finding {
  std::string_view code;
  Severity severity = Severity::error;
  EvidenceClass evidence = EvidenceClass::proof;
  std::uint8_t revision = 1;
  Where where;
  std::string message;  // lower case, no full stop: what was found, what was expected
  std::optional<double> score = {};
  std::string fix = {};  // what would mend it; empty where only a person knows
};

/// The findings of one reading, bounded: beyond `limit` of a code they are counted and not kept.
class Findings {
 public:
  explicit Findings(std::uint32_t limit = 100'000) : limit_(limit) {}
  void add(Finding finding);
  const std::vector<Finding>& all() const { return all_; }
  std::vector<Finding> take() && { return std::move(all_); }
  /// How many of each code were seen, kept or not, by code.
  std::vector<std::pair<std::string_view, std::uint64_t>> counts() const;
  void append(Findings&& other);

 private:
  std::uint32_t limit_;
  std::vector<Finding> all_;
  std::vector<std::pair<std::string_view, std::uint64_t>> counts_;  // sorted by code
};

}  // namespace vetset
