// When images were taken, by what their records say or by EXIF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/check/rule.h"

namespace vetset {

struct TakenTimes {
  std::string by = {};                               // "EXIF", "`date_captured`"; empty: nothing says when
  std::vector<std::optional<std::int64_t>> of = {};  // milliseconds since 1970, by image
};
/// By the key that is asked for; else by that of a few usual keys, or EXIF, that most images have. One source for all,
/// as two clocks do not agree.
TakenTimes taken_times(const Evidence& evidence, std::string_view key = {});

/// "2024-05-03 10:00:00", "2024:05:03 10:00:00", "2024-05-03T10:00:00.5+02:00", "2024-05-03", seconds or milliseconds
/// since 1970. Times without a zone are taken as they are.
std::optional<std::int64_t> read_time(std::string_view text);
/// "2024-05-03 10:00:00"
std::string time_text(std::int64_t milliseconds);

}  // namespace vetset
