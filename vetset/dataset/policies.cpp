// The table of decisions and policies (what a user may --accept), and its text form.
#include <optional>

#include "vetset/dataset/compare.h"

namespace vetset {

namespace {

constexpr std::string_view decision_names[] = {"crowd",     "hole",  "parts", "rotated", "track",
                                               "keypoints", "score", "mask",  "objects", "classes"};
static_assert(std::size(decision_names) == static_cast<std::size_t>(Decision::count));
constexpr std::string_view policy_names[] = {"unset",   "drop",     "object", "fill",    "bridge", "split",
                                             "largest", "envelope", "box",    "polygon", "tag"};

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

template <class Enum>
std::optional<Enum> find(std::span<const std::string_view> words, std::string_view word) {
  for (std::size_t k = 0; k < words.size(); ++k)
    if (words[k] == word) return static_cast<Enum>(k);
  return std::nullopt;
}

}  // namespace

std::string_view name(Decision decision) { return decision_names[static_cast<std::size_t>(decision)]; }
std::string_view name(Policy policy) { return policy_names[static_cast<std::size_t>(policy)]; }

Result<Policies> parse_policies(std::string_view text) {
  Policies policies;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view pair = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos)
      return Error{Code::usage, "found '" + std::string(pair) + "', expected decision=policy, as in crowd=drop"};
    const auto decision = find<Decision>(decision_names, pair.substr(0, equals));
    if (!decision)
      return Error{Code::usage, "there is no decision '" + std::string(pair.substr(0, equals)) + "', expected one of " +
                                    listed(decision_names)};
    const auto policy = find<Policy>(policy_names, pair.substr(equals + 1));
    if (!policy || *policy == Policy::unset)
      return Error{Code::usage, "there is no policy '" + std::string(pair.substr(equals + 1)) + "' for " +
                                    std::string(name(*decision)) + ", expected one of " +
                                    listed(std::span(policy_names).subspan(1))};
    if (policies[*decision] != Policy::unset && policies[*decision] != *policy)
      return Error{Code::usage, std::string(name(*decision)) + " is decided twice: " +
                                    std::string(name(policies[*decision])) + " and " + std::string(name(*policy))};
    policies[*decision] = *policy;
  }
  return policies;
}

}  // namespace vetset
