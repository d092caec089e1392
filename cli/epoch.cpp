#include "cli/epoch.h"

#include <cstdlib>

#include "vetset/base/number.h"

namespace vetset::cli {

Result<std::optional<std::int64_t>> epoch_of(const std::string& told) {
  const char* const environment = std::getenv("SOURCE_DATE_EPOCH");
  const std::string text = !told.empty() ? told : environment == nullptr ? "" : environment;
  if (text.empty()) return std::optional<std::int64_t>();
  const NumberText seconds = read_number(text);
  constexpr std::int64_t largest = 9'007'199'254'740'991;  // what a manifest can hold
  if (seconds.length == text.size() && seconds.fits_int64 && seconds.whole >= 0 && seconds.whole <= largest)
    return std::optional(seconds.whole);
  return Error{Code::usage, (told.empty() ? "SOURCE_DATE_EPOCH" : "--epoch") + std::string(" is '") + text +
                                "', expected whole seconds since 1970"};
}

}  // namespace vetset::cli
