// Factors of EXIF: when, where and with what it was taken.
#include <cmath>

#include "vetset/dataset/factor_values.h"

namespace vetset {
namespace {

using From = const FactorSources&;
using Rest = std::string_view;

template <std::string_view (*text)(const Capture&)>
void take_camera(From from, Rest, Factor& f) {
  std::vector<std::string_view> texts(f.size());
  for (std::size_t i = 0; i < texts.size() && i < from.pixels.size(); ++i) texts[i] = text(from.pixels[i].capture);
  set_levels(f, texts);
}

constexpr std::int64_t hour_ms = 3'600'000, day_ms = 24 * hour_ms;

std::int64_t days_since_1970(std::int64_t ms) { return (ms >= 0 ? ms : ms - day_ms + 1) / day_ms; }
double hour_of_day(double ms) {
  const double hours = ms / static_cast<double>(hour_ms);
  return hours - 24 * std::floor(hours / 24);
}

/// 0, 0 is what a receiver writes that knows nothing.
bool has_place(const Capture& c) { return c.latitude && c.longitude && (*c.latitude != 0 || *c.longitude != 0); }

void take_hour(From from, Rest, Factor& f) {
  for (std::size_t i = 0; i < f.numbers.size() && i < from.pixels.size(); ++i)
    if (const Capture& c = from.pixels[i].capture; c.time_ms)
      f.numbers[i] = hour_of_day(static_cast<double>(*c.time_ms));
}

/// Mean solar time. A clock whose zone is not stated is taken to keep that of its longitude, so it may be off by the
/// hour or two that borders and summer time make.
void take_solar_hour(From from, Rest, Factor& f) {
  for (std::size_t i = 0; i < f.numbers.size() && i < from.pixels.size(); ++i) {
    const Capture& c = from.pixels[i].capture;
    if (!c.time_ms || !has_place(c)) continue;
    const double zone_minutes = c.utc_offset_minutes ? *c.utc_offset_minutes : 60 * std::round(*c.longitude / 15);
    const double utc_ms = static_cast<double>(*c.time_ms) - 60'000 * zone_minutes;
    f.numbers[i] = hour_of_day(utc_ms + *c.longitude / 15 * static_cast<double>(hour_ms));
  }
}

void take_weekday(From from, Rest, Factor& f) {
  f.names = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  for (std::size_t i = 0; i < f.levels.size() && i < from.pixels.size(); ++i)
    if (const auto ms = from.pixels[i].capture.time_ms)  // 1970-01-01 was a Thursday
      f.levels[i] = static_cast<std::uint32_t>(((days_since_1970(*ms) + 3) % 7 + 7) % 7);
}

struct Day {
  std::int64_t year = 0;
  unsigned month = 0, day = 0;
};
/// Of the Gregorian calendar, by eras of 400 years that begin in March.
Day day_of_calendar(std::int64_t days) {
  days += 719'468;  // since 0000-03-01
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t of_era = days - era * 146'097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const auto march_month = static_cast<unsigned>((5 * of_year + 2) / 153);
  const unsigned month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {.year = year + era * 400 + (month <= 2 ? 1 : 0),
          .month = month,
          .day = static_cast<unsigned>(of_year - (153 * march_month + 2) / 5 + 1)};
}

template <double (*number)(const Day&)>
void take_day(From from, Rest, Factor& f) {
  for (std::size_t i = 0; i < f.numbers.size() && i < from.pixels.size(); ++i)
    if (const auto ms = from.pixels[i].capture.time_ms) f.numbers[i] = number(day_of_calendar(days_since_1970(*ms)));
}

void take_date(From from, Rest, Factor& f) {
  std::vector<std::string> texts(f.size());
  for (std::size_t i = 0; i < texts.size() && i < from.pixels.size(); ++i) {
    const auto ms = from.pixels[i].capture.time_ms;
    if (!ms) continue;
    const Day day = day_of_calendar(days_since_1970(*ms));
    const auto two = [](unsigned n) { return (n < 10 ? "-0" : "-") + std::to_string(n); };
    texts[i] = std::to_string(day.year) + two(day.month) + two(day.day);
  }
  set_levels(f, std::vector<std::string_view>(texts.begin(), texts.end()));
}

template <bool north>
void take_degrees(From from, Rest, Factor& f) {
  for (std::size_t i = 0; i < f.numbers.size() && i < from.pixels.size(); ++i)
    if (const Capture& c = from.pixels[i].capture; has_place(c)) f.numbers[i] = north ? *c.latitude : *c.longitude;
}

/// Niemeyer's geohash: bits of longitude and latitude in turn, five a character.
std::string geohash(double latitude, double longitude, std::size_t characters) {
  constexpr std::string_view alphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
  double low[2] = {-180, -90}, high[2] = {180, 90};
  const double value[2] = {longitude, latitude};
  std::string text;
  for (std::size_t bit = 0, axis = 0, digit = 0; text.size() < characters; axis = 1 - axis) {
    const double middle = (low[axis] + high[axis]) / 2;
    const bool upper = value[axis] >= middle;
    (upper ? low : high)[axis] = middle;
    digit = digit * 2 + (upper ? 1 : 0);
    if (++bit < 5) continue;
    text += alphabet[digit];
    bit = digit = 0;
  }
  return text;
}

void take_geohash(From from, Rest digits, Factor& f) {
  const bool is_digit = digits.size() == 1 && digits[0] >= '1' && digits[0] <= '9';
  const std::size_t characters = is_digit ? static_cast<std::size_t>(digits[0] - '0') : 5;
  std::vector<std::string> texts(f.size());
  for (std::size_t i = 0; i < texts.size() && i < from.pixels.size(); ++i)
    if (const Capture& c = from.pixels[i].capture; has_place(c))
      texts[i] = geohash(*c.latitude, *c.longitude, characters);
  set_levels(f, std::vector<std::string_view>(texts.begin(), texts.end()));
}

constexpr FactorOf image = FactorOf::image;
constexpr bool number = true, levels = false;

constexpr FactorSource sources[] = {
    {{"exif.model", image, levels, "", "model of the camera", true},
     take_camera<[](const Capture& c) { return std::string_view(c.model); }>},
    {{"exif.make", image, levels, "", "make of the camera", true},
     take_camera<[](const Capture& c) { return std::string_view(c.make); }>},
    {{"exif.serial", image, levels, "", "serial number of the camera", true},
     take_camera<[](const Capture& c) { return std::string_view(c.serial); }>},
    {{"exif.software", image, levels, "", "program that wrote the file", true},
     take_camera<[](const Capture& c) { return std::string_view(c.software); }>},
    {{"exif.hour", image, number, "0 to 24", "hour by the camera's clock", true}, take_hour},
    {{"exif.solar_hour", image, number, "0 to 24", "hour by the sun, of place and time", true}, take_solar_hour},
    {{"exif.weekday", image, levels, "", "Mon to Sun", true}, take_weekday},
    {{"exif.month", image, number, "1 to 12", "month", true},
     take_day<[](const Day& d) { return static_cast<double>(d.month); }>},
    {{"exif.year", image, number, "", "year", true},
     take_day<[](const Day& d) { return static_cast<double>(d.year); }>},
    {{"exif.date", image, levels, "", "day, 2027-03-31", true}, take_date},
    {{"exif.latitude", image, number, "degrees", "north positive", true}, take_degrees<true>},
    {{"exif.longitude", image, number, "degrees", "east positive", true}, take_degrees<false>},
    {{"exif.geohash.*", image, levels, "", "cell of so many characters: 5 is about 5 km", true}, take_geohash},
};

}  // namespace

std::span<const FactorSource> factors_of_capture() { return sources; }

}  // namespace vetset
