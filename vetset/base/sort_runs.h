// Sorting what is mostly in order: names as a file system lists them, files as they were written.
#pragma once

#include <algorithm>
#include <vector>

namespace vetset {

/// As std::stable_sort; one pass where there are only few runs that rise or fall throughout.
template <class Iterator, class Before>
void sort_runs(Iterator begin, Iterator end, Before before) {
  constexpr std::size_t most_runs = 32;
  std::vector<Iterator> bounds{begin};
  for (Iterator at = begin; at != end; at = bounds.back()) {
    if (bounds.size() > most_runs) return std::stable_sort(begin, end, before);
    Iterator next = at + 1;
    const bool falls = next != end && before(*next, *at);
    while (next != end && before(*next, *(next - 1)) == falls) ++next;
    if (falls) std::reverse(at, next);  // none of them equal: still stable
    bounds.push_back(next);
  }
  while (bounds.size() > 2) {
    std::vector<Iterator> fewer{begin};
    for (std::size_t k = 2; k < bounds.size(); k += 2) {
      if (before(*bounds[k - 1], *(bounds[k - 1] - 1)))
        std::inplace_merge(bounds[k - 2], bounds[k - 1], bounds[k], before);
      fewer.push_back(bounds[k]);
    }
    if (fewer.back() != end) fewer.push_back(end);
    bounds = std::move(fewer);
  }
}

}  // namespace vetset
