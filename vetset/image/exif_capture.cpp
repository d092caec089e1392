// When, where and with what: the tags of EXIF 2.32 and its GPS directory that tie pictures together.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "vetset/image/exif.h"

namespace vetset {
namespace {

constexpr std::uint16_t tag_make = 0x010f, tag_model = 0x0110, tag_software = 0x0131, tag_exif = 0x8769,
                        tag_gps = 0x8825, tag_serial = 0xa431;
constexpr std::uint16_t gps_latitude_ref = 1, gps_latitude = 2, gps_longitude_ref = 3, gps_longitude = 4;

/// The tags of one moment: the day and time, fractions of its second, the offset from UTC.
struct MomentTags {
  std::uint16_t time, fraction, offset;
};
/// When the shutter opened, and else when a scanner or sensor made numbers of it. The time of the file's last change
/// (0x0132) is an editor's, and is not asked.
constexpr MomentTags moments[] = {{0x9003, 0x9291, 0x9011}, {0x9004, 0x9292, 0x9012}};

constexpr std::size_t longest_text = 128;

/// Text for tables and messages: bytes beyond ASCII and control characters as '?'; EXIF's texts are ASCII.
std::string plain_text(std::string_view text) {
  std::string plain(text.substr(0, longest_text));
  for (char& c : plain)
    if (c < ' ' || c > '~') c = '?';
  return plain;
}

void drop(Capture& capture, const std::string& what) {
  capture.dropped += (capture.dropped.empty() ? "" : ", ") + what;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Two or four digits at `at`; −1 where there are none.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int number = 0;
  for (const char c : text.substr(at, count)) {
    if (!is_digit(c)) return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

/// "2021:06:30 14:05:09", also with '-', '/' or '.' in the date and 'T' in the middle; milliseconds since 1970.
std::optional<std::int64_t> time_of(std::string_view text) {
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  // Photography is not older, and no clock of a camera reaches further.
  if (year < 1826 || year > 2099 || month < 1 || day < 1) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60'000 + std::int64_t{second} * 1000;
}

/// Whether the text only says that nobody knows: blanks and zeros, as cameras without a clock write it.
bool says_nothing(std::string_view text) { return text.find_first_not_of(" 0:-/.T") == std::string_view::npos; }

/// Milliseconds of "5", "52", "523", "523901": digits behind the point.
std::int64_t milliseconds(std::string_view fraction) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i < fraction.size() && !is_digit(fraction[i])) return 0;
    value = value * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  return value;
}

/// Minutes of "+02:00".
std::optional<std::int16_t> offset_of(std::string_view text) {
  if (text == "Z") return std::int16_t{0};
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
  return static_cast<std::int16_t>((text[0] == '-' ? -1 : 1) * (hours * 60 + minutes));
}

void read_moment(const TiffDirectory& exif, Capture& capture) {
  for (const MomentTags& tags : moments) {
    const std::string_view text = exif.text(tags.time);
    if (says_nothing(text)) continue;
    capture.time_ms = time_of(text);
    if (!capture.time_ms) {
      drop(capture, "the time '" + plain_text(text.substr(0, 24)) + "'");
      continue;
    }
    *capture.time_ms += milliseconds(exif.text(tags.fraction));
    capture.utc_offset_minutes = offset_of(exif.text(tags.offset));
    return;
  }
}

/// Degrees of a coordinate in degrees, minutes and seconds, of which the latter may be missing; nothing where it is no
/// number.
std::optional<double> degrees_of(const TiffDirectory& gps, std::uint16_t tag) {
  const std::optional<double> degrees = gps.fraction(tag, 0);
  if (!degrees) return std::nullopt;
  return *degrees + gps.fraction(tag, 1).value_or(0) / 60 + gps.fraction(tag, 2).value_or(0) / 3600;
}

void read_place(const TiffDirectory& gps, Capture& capture) {
  std::optional<double> latitude = degrees_of(gps, gps_latitude), longitude = degrees_of(gps, gps_longitude);
  if (!latitude || !longitude) return;
  const std::string_view north = gps.text(gps_latitude_ref), east = gps.text(gps_longitude_ref);
  if ((north != "N" && north != "S") || (east != "E" && east != "W"))
    return drop(capture, "a place that says neither north nor south, or neither east nor west");
  if (!(*latitude >= 0 && *latitude <= 90 && *longitude >= 0 && *longitude <= 180))
    return drop(capture, "a place beyond the poles or the date line");
  if (*latitude == 0 && *longitude == 0) return drop(capture, "the place 0, 0: what receivers say without a fix");
  capture.latitude = north == "S" ? -*latitude : *latitude;
  capture.longitude = east == "W" ? -*longitude : *longitude;
}

}  // namespace

Capture exif_capture(std::string_view block) {
  Capture capture;
  const TiffDirectory directory(exif_structure(block));
  if (!directory.valid()) return capture;
  capture.make = plain_text(directory.text(tag_make));
  capture.model = plain_text(directory.text(tag_model));
  capture.software = plain_text(directory.text(tag_software));
  const TiffDirectory exif = directory.below(tag_exif);
  if (exif.valid()) {
    capture.serial = plain_text(exif.text(tag_serial));
    read_moment(exif, capture);
  }
  if (const TiffDirectory gps = directory.below(tag_gps); gps.valid()) read_place(gps, capture);
  return capture;
}

}  // namespace vetset
