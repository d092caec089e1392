#include "vetset/dataset/listed_row.h"

#include <cmath>

#include "vetset/dataset/package_state.h"

namespace vetset {

std::string text_of(std::string_view json) {
  if (json.empty()) return {};
  JsonCursor in(json);
  return canonical_text(in);
}
std::uint32_t count_of(std::string_view json) {
  if (json.empty()) return 0;
  JsonCursor in(json);
  const NumberText n = in.read_number();
  return n.fits_int64 && n.whole >= 0 && n.whole < 0xffffffffU ? static_cast<std::uint32_t>(n.whole) : 0xffffffffU;
}

bool nearly_equal(std::string_view a, std::string_view b) {
  constexpr double moved = 1e-3;  // pixels
  while (!a.empty() && !b.empty()) {
    const NumberText x = read_number(a), y = read_number(b);
    if (x.length > 0 && y.length > 0) {
      if (!(std::abs(x.value - y.value) <= moved)) return false;
      a.remove_prefix(x.length);
      b.remove_prefix(y.length);
      continue;
    }
    if (a.front() != b.front()) return false;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() && b.empty();
}

}  // namespace vetset
