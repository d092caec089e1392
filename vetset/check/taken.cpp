#include "vetset/check/taken.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "vetset/base/number.h"
#include "vetset/check/words.h"
#include "vetset/dataset/image_keys.h"

namespace vetset {
namespace {

constexpr std::array<std::string_view, 9> usual_keys = {
    "date_captured", "captured_at", "capture_time", "taken_at", "timestamp", "datetime", "date_time", "time", "date"};

/// The number that `width` digits give; -1 where they are none.
int digits_at(std::string_view text, std::size_t begin, std::size_t width) {
  if (begin + width > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(begin, width)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Minutes east of Greenwich that stand at the end: "Z", "+02:00", "-0530"; nothing at all is 0.
std::optional<int> zone_of(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z" || text == " UTC") return 0;
  if (text[0] != '+' && text[0] != '-') return {};
  const int hours = digits_at(text, 1, 2);
  const bool colon = text.size() > 3 && text[3] == ':';
  const int minutes = text.size() == 3 ? 0 : digits_at(text, colon ? 4 : 3, 2);
  if (hours < 0 || minutes < 0) return {};
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

std::optional<std::int64_t> since_1970(std::string_view text) {
  const NumberText number = read_number(text);
  if (number.length == 0 || number.length != text.size()) return {};
  constexpr double least = 1e8, milliseconds = 1e11, most = 1e14;
  if (!(number.value >= least && number.value < most)) return {};
  return static_cast<std::int64_t>(std::llround(number.value < milliseconds ? number.value * 1000 : number.value));
}

TakenTimes by_exif(const Evidence& evidence) {
  TakenTimes times{.by = "EXIF", .of = {}};
  const bool zones = std::all_of(evidence.pixels.begin(), evidence.pixels.end(), [](const PixelFacts& p) {
    return !p.capture.time_ms || p.capture.utc_offset_minutes;
  });
  for (const PixelFacts& p : evidence.pixels) {
    std::optional<std::int64_t> at = p.capture.time_ms;
    if (at && zones) *at -= std::int64_t{60'000} * *p.capture.utc_offset_minutes;
    times.of.push_back(at);
  }
  return times;
}

std::size_t known(const TakenTimes& times) {
  return static_cast<std::size_t>(
      std::count_if(times.of.begin(), times.of.end(), [](const auto& at) { return at.has_value(); }));
}

}  // namespace

std::optional<std::int64_t> read_time(std::string_view text) {
  using namespace std::chrono;
  if (const auto number = since_1970(text)) return number;
  const int y = digits_at(text, 0, 4), m = digits_at(text, 5, 2), d = digits_at(text, 8, 2);
  if (y < 0 || m < 0 || d < 0 || text[4] != text[7] || std::string_view("-:/").find(text[4]) == std::string_view::npos)
    return {};
  const year_month_day day{year(y), month(static_cast<unsigned>(m)), std::chrono::day(static_cast<unsigned>(d))};
  if (!day.ok() || y == 0) return {};
  milliseconds at = sys_days(day).time_since_epoch();
  if (text.size() == 10) return at.count();
  const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2);
  if ((text[10] != ' ' && text[10] != 'T') || hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[13] != ':')
    return {};
  at += hours(hour) + minutes(minute);
  std::size_t end = 16;
  if (text.size() > 16 && text[16] == ':') {
    const int second = digits_at(text, 17, 2);
    if (second < 0 || second > 60) return {};
    at += seconds(second);
    end = 19;
    if (text.size() > 19 && text[19] == '.') {
      std::int64_t unit = 100;
      for (++end; end < text.size() && text[end] >= '0' && text[end] <= '9'; ++end, unit /= 10)
        at += milliseconds(unit * (text[end] - '0'));
    }
  }
  const std::optional<int> zone = zone_of(text.substr(end));
  if (!zone) return {};
  return (at - minutes(*zone)).count();
}

std::string time_text(std::int64_t at) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(at)};
  const sys_days midnight = floor<days>(time);
  const year_month_day day(midnight);
  const auto second = duration_cast<seconds>(time - midnight).count();
  const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(day.year())) + "-" + two(static_cast<unsigned>(day.month())) + "-" +
         two(static_cast<unsigned>(day.day())) + " " + two(second / 3600) + ":" + two(second / 60 % 60) + ":" +
         two(second % 60);
}

TakenTimes taken_times(const Evidence& evidence, std::string_view key) {
  std::vector<std::string_view> keys(usual_keys.begin(), usual_keys.end());
  if (!key.empty()) keys = {key};
  const std::vector<std::vector<std::string>> values = image_values(evidence.dataset, keys);
  TakenTimes best;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    TakenTimes times{.by = quoted(keys[k]), .of = {}};
    for (const std::string& value : values[k]) times.of.push_back(read_time(value));
    if (known(times) > known(best)) best = std::move(times);
  }
  if (key.empty() && !evidence.pixels.empty())
    if (TakenTimes times = by_exif(evidence); known(times) > known(best)) best = std::move(times);
  return best;
}

}  // namespace vetset
