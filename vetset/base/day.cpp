#include "vetset/base/day.h"

#include <algorithm>
#include <chrono>

namespace vetset {
namespace {

/// Some decimal digits; −1 where one is none.
int number_at(std::string_view text, std::size_t begin, std::size_t size) {
  int number = 0;
  for (std::size_t i = begin; i < begin + size; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

}  // namespace

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int days[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return day <= days[month - 1];
}

std::string day_of(std::int64_t seconds) {
  const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(moment)};
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  const std::string year = std::to_string(static_cast<int>(day.year()));
  return std::string(4 - std::min<std::size_t>(4, year.size()), '0') + year + "-" +
         two(static_cast<unsigned>(day.month())) + "-" + two(static_cast<unsigned>(day.day()));
}

std::string day_after(std::string_view day, int days) {
  const std::chrono::year_month_day from{std::chrono::year(number_at(day, 0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number_at(day, 5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number_at(day, 8, 2)))};
  const std::chrono::sys_seconds moment = std::chrono::sys_days(from) + std::chrono::days(days);
  return day_of(moment.time_since_epoch().count());
}

std::string today() {
  return day_of(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count());
}

}  // namespace vetset
