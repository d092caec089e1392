// What is asked of a split, as it is typed.
#include <algorithm>
#include <set>

#include "vetset/base/number.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/split/split.h"

namespace vetset {

Result<std::vector<std::uint32_t>> parse_ratios(std::string_view text) {
  std::vector<std::uint32_t> ratios;
  std::uint64_t sum = 0;
  const Error wrong{Code::usage, "'" + std::string(text) +
                                     "' are no ratios: expected numbers like 80/10/10 or 0.8/0.1/0.1, of at most three "
                                     "decimals, that are not all 0"};
  for (std::string_view rest = text;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    const NumberText number = read_loose_number(part);
    if (part.empty() || number.length != part.size() || !(number.value >= 0) || number.value > 1000) return wrong;
    const double thousandths = number.value * 1000;
    const auto whole = static_cast<std::uint32_t>(thousandths + 0.5);
    if (thousandths - whole > 1e-6 || whole - thousandths > 1e-6) return wrong;
    ratios.push_back(whole);
    sum += whole;
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (sum == 0 || sum > 1'000'000) return wrong;
  const bool plain = std::all_of(ratios.begin(), ratios.end(), [](std::uint32_t r) { return r % 1000 == 0; });
  if (plain)
    for (std::uint32_t& ratio : ratios) ratio /= 1000;
  return ratios;
}

Result<void> check_names(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    const bool plain = !name.empty() && !path_problem(name) && name.find('/') == std::string::npos && name[0] != '.';
    if (!plain)
      return Error{Code::usage,
                   "'" + printable(name) + "' is no name for a split: expected one that a folder can have"};
    if (!seen.insert(fold(name)).second) return Error{Code::usage, "two splits are called '" + name + "'"};
  }
  return {};
}

}  // namespace vetset
