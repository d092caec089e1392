#include "vetset/base/nearest.h"

#include <algorithm>
#include <vector>

namespace vetset {
namespace {

/// Letters to add, drop or change (or two to swap) between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  const std::string* best = nullptr;
  std::size_t least = 3;
  for (const std::string& k : known)
    if (const std::size_t d = distance(word.substr(0, 40), k); d < least && d < k.size() / 2 + 1) {
      least = d;
      best = &k;
    }
  return best == nullptr ? "" : " (did you mean '" + *best + "'?)";
}

}  // namespace vetset
