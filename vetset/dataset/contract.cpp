#include "vetset/dataset/contract.h"

#include "vetset/base/number.h"

namespace vetset {
namespace {

std::string number_text(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

}  // namespace

std::string_view name(ClauseKind kind) {
  switch (kind) {
    case ClauseKind::unknown: return "unknown";
    case ClauseKind::other: return "other";
    case ClauseKind::impossible: return "impossible";
    case ClauseKind::bins: return "bins";
    case ClauseKind::pair: return "pair";
    case ClauseKind::t_way: return "t_way";
    case ClauseKind::sdcc: return "sdcc";
    case ClauseKind::balance: return "balance";
    case ClauseKind::negatives: return "negatives";
    case ClauseKind::embedding: return "embedding";
    case ClauseKind::metric_power: return "metric_power";
    case ClauseKind::ratios: return "ratios";
    case ClauseKind::labels: return "labels";
  }
  return "";
}

std::string_view name(ClauseOutcome outcome) {
  switch (outcome) {
    case ClauseOutcome::pass: return "pass";
    case ClauseOutcome::fail: return "fail";
    case ClauseOutcome::undecided: return "undecided";
    case ClauseOutcome::told: return "told";
  }
  return "";
}

std::string to_string(const LevelTuple& tuple) {
  std::string out;
  for (const auto& [factor, level] : tuple) out += (out.empty() ? "" : ", ") + factor + "=" + level;
  return out;
}

std::string Clause::text() const {
  std::string list;
  for (const std::string& f : factors)
    list += (list.empty() ? "" : " × ") + (f == "*" ? std::string("all factors") : f);
  switch (kind) {
    case ClauseKind::unknown: return "unknown " + list;
    case ClauseKind::other: return "other " + list;
    case ClauseKind::impossible: return "not " + list;
    case ClauseKind::bins: return "bins " + list;
    case ClauseKind::pair:
      return "pair class × " + [&] {
        std::string each;
        for (const std::string& f : factors) each += (each.empty() ? "" : ", ") + f;
        return each;
      }();
    case ClauseKind::t_way:
      return std::to_string(t) + "-way " + list + (min > 1 ? ", min " + number_text(min) : std::string());
    case ClauseKind::sdcc: return std::to_string(t) + "-way in " + split + ", not in " + minus;
    case ClauseKind::balance: return "balance " + list + (max_hhi ? " (HHI)" : "");
    case ClauseKind::negatives: return "negatives" + (list.empty() ? list : " per " + list);
    case ClauseKind::embedding: return "embedding " + reference;
    case ClauseKind::metric_power: return "metric_power" + (split.empty() ? split : " " + split);
    case ClauseKind::ratios: return "split ratios";
    case ClauseKind::labels: return code == "LBL107" ? "labels: " + message : code + " " + message;
  }
  return {};
}

const ContractFactor* Contract::find(std::string_view factor) const {
  for (const ContractFactor& f : factors)
    if (f.name == factor) return &f;
  return nullptr;
}

bool Contract::needs_pixels() const {
  for (const ContractFactor& f : factors)
    for (const FactorKind& kind : factor_kinds())
      if (kind.pixels && (kind.name == f.from ||
                          (kind.name.ends_with('*') && f.from.starts_with(kind.name.substr(0, kind.name.size() - 1)))))
        return true;
  return false;
}

}  // namespace vetset
