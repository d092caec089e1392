#include "vetset/dataset/finding.h"

#include <algorithm>
#include <utility>

namespace vetset {
namespace {

using CodeCount = std::pair<std::string_view, std::uint64_t>;

std::uint64_t& count_of(std::vector<CodeCount>& counts, std::string_view code) {
  auto at = std::lower_bound(counts.begin(), counts.end(), code,
                             [](const CodeCount& count, std::string_view wanted) { return count.first < wanted; });
  if (at == counts.end() || at->first != code) at = counts.insert(at, {code, 0});
  return at->second;
}

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "error";
}

std::string_view name(EvidenceClass evidence) {
  switch (evidence) {
    case EvidenceClass::proof: return "proof";
    case EvidenceClass::calibrated: return "calibrated";
    case EvidenceClass::hint: return "hint";
  }
  return "hint";
}

void Findings::add(Finding finding) {
  if (count_of(counts_, finding.code)++ < limit_) all_.push_back(std::move(finding));
}

std::vector<CodeCount> Findings::counts() const { return counts_; }

void Findings::append(Findings&& other) {
  std::vector<CodeCount> unkept = std::move(other.counts_);
  for (Finding& finding : other.all_) {
    --count_of(unkept, finding.code);
    add(std::move(finding));
  }
  for (const auto& [code, count] : unkept) count_of(counts_, code) += count;
  other.all_.clear();
  other.counts_.clear();
}

}  // namespace vetset
