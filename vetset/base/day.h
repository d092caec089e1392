// Days as text, "2026-02-28".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vetset {

/// Whether a text is a day of the calendar, "2026-02-28". Such texts order as their days do.
bool is_date(std::string_view text);

/// The day so many days after one, or before it.
std::string day_after(std::string_view day, int days);

/// The day in UTC of a moment, in seconds since 1970.
std::string day_of(std::int64_t seconds);

/// Today in UTC. For the façade, where nobody says a day: nothing below it knows a clock.
std::string today();

}  // namespace vetset
