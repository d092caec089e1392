#include "vetset/evaluate/repeated_ids.h"

#include <algorithm>
#include <functional>

#include "vetset/base/column.h"

namespace vetset {

std::vector<RepeatedId> repeated_ids(const InstancesView& rows) {
  const std::span<const std::int64_t> ids = rows.id;
  std::vector<RepeatedId> repeated;
  if (std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end()) return repeated;
  Column<std::uint32_t> order(ids.size());
  for (std::uint32_t row = 0; row < ids.size(); ++row) order[row] = row;
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return ids[a] != ids[b] ? ids[a] < ids[b] : a < b; });
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && ids[order[end]] == ids[order[begin]]) ++end;
    for (std::size_t i = begin; i + 1 < end; ++i) repeated.push_back({order[i], order[end - 1]});
  }
  std::sort(repeated.begin(), repeated.end(), [](const RepeatedId& a, const RepeatedId& b) { return a.row < b.row; });
  return repeated;
}

}  // namespace vetset
