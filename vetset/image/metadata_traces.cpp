// What EXIF, XMP and IPTC tell of people and places, by the names of their fields.
#include <algorithm>
#include <array>
#include <iterator>

#include "vetset/base/number.h"
#include "vetset/base/private_text.h"
#include "vetset/image/exif.h"
#include "vetset/image/headers.h"
#include "vetset/image/metadata_parts.h"

namespace vetset {
namespace {

using Kind = PrivateTrace::Kind;

std::string shown(std::string_view text) {
  constexpr std::size_t most = 120;
  const std::size_t first = text.find_first_not_of(std::string_view(" \t\r\n\0", 5));
  if (first == std::string_view::npos) return {};
  text = text.substr(first);
  text = text.substr(0, text.find('\0'));
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  return std::string(text.substr(0, most)) + (text.size() > most ? "…" : "");
}

void add(std::vector<PrivateTrace>& traces, Kind kind, std::string where, std::string value) {
  if (!value.empty()) traces.push_back({kind, std::move(where), std::move(value)});
}

/// A text of Windows' own tags: UTF-16 of little ends. What is beyond Latin is shown as '?'.
std::string windows_text(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const std::uint32_t unit = little16(bytes, i);
    if (unit == 0) break;
    text += unit < 0x80 ? static_cast<char>(unit) : '?';
  }
  return text;
}

struct Tag {
  std::uint16_t number;
  std::string_view name;
  Kind kind;
};
constexpr Tag first_tags[] = {
    {0x013b, "Artist", Kind::person}, {0x8298, "Copyright", Kind::person}, {0x013c, "HostComputer", Kind::device}};
constexpr Tag inner_tags[] = {{0xa430, "CameraOwnerName", Kind::person},
                              {0xa431, "BodySerialNumber", Kind::device},
                              {0xa435, "LensSerialNumber", Kind::device},
                              {0xa420, "ImageUniqueID", Kind::device}};

std::string place_of(const TiffDirectory& gps) {
  std::string value;
  const std::array<std::uint16_t, 2> numbers = {2, 4};
  for (const std::uint16_t tag : numbers) {
    const auto degrees = gps.fraction(tag, 0);
    if (!degrees) continue;
    const double whole = *degrees + gps.fraction(tag, 1).value_or(0) / 60 + gps.fraction(tag, 2).value_or(0) / 3600;
    const std::string_view reference = gps.text(static_cast<std::uint16_t>(tag - 1));
    const bool minus = reference.starts_with('S') || reference.starts_with('W');
    const double rounded = static_cast<double>(static_cast<std::int64_t>(whole * 100000 + 0.5)) / 100000;
    value += value.empty() ? "" : ", ";
    append_number(value, minus ? -rounded : rounded);
  }
  return value;
}

/// Names of XMP properties, behind their prefix.
struct Property {
  std::string_view name;
  Kind kind;
};
constexpr Property properties[] = {
    {"GPSLatitude", Kind::place},     {"Location", Kind::place},          {"City", Kind::place},
    {"creator", Kind::person},        {"Author", Kind::person},           {"Artist", Kind::person},
    {"OwnerName", Kind::person},      {"CameraOwnerName", Kind::person},  {"PersonDisplayName", Kind::person},
    {"PersonInImage", Kind::person},  {"CaptionWriter", Kind::person},    {"AuthorsPosition", Kind::person},
    {"Credit", Kind::person},         {"rights", Kind::person},           {"CiTelWork", Kind::person},
    {"SerialNumber", Kind::device},   {"BodySerialNumber", Kind::device}, {"LensSerialNumber", Kind::device},
    {"DeviceSerialNo", Kind::device}, {"Thumbnails", Kind::thumbnail},
};

/// The text of an element without the elements in it.
std::string text_of(std::string_view element) {
  std::string text;
  for (std::size_t at = 0; at < element.size();) {
    const std::size_t open = std::min(element.find('<', at), element.size());
    text += element.substr(at, open - at);
    at = std::min(element.find('>', open), element.size() - 1) + 1;
    if (open == element.size()) break;
  }
  return shown(text);
}

/// What stands behind `:name` in a packet, as an attribute or an element; empty where nothing does.
std::string property_of(std::string_view packet, std::string_view name) {
  const std::string colon = ":" + std::string(name);
  for (std::size_t at = 0; (at = packet.find(colon, at)) != std::string_view::npos; at += colon.size()) {
    std::string_view rest = packet.substr(at + colon.size());
    if (rest.starts_with("=\"") || rest.starts_with("='")) {
      const std::string value = shown(rest.substr(2, rest.find(rest[1], 2) - 2));
      if (!value.empty()) return value;
    }
    if (!rest.starts_with('>') && !rest.starts_with(' ')) continue;
    const std::size_t begin = rest.find('>'), end = rest.find(colon + ">");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) continue;
    rest = rest.substr(begin + 1, end - begin - 1);
    rest = rest.substr(0, rest.rfind('<'));
    if (name == "Thumbnails") return "a picture in the packet";
    if (std::string value = text_of(rest); !value.empty()) return value;
  }
  return {};
}

/// Data sets of IPTC's record 2.
struct DataSet {
  std::uint32_t number;
  std::string_view name;
  Kind kind;
};
constexpr DataSet data_sets[] = {{80, "By-line", Kind::person},  {85, "By-line Title", Kind::person},
                                 {110, "Credit", Kind::person},  {116, "Copyright", Kind::person},
                                 {118, "Contact", Kind::person}, {122, "Writer", Kind::person},
                                 {90, "City", Kind::place},      {92, "Sub-location", Kind::place},
                                 {95, "State", Kind::place},     {101, "Country", Kind::place}};

}  // namespace

std::string_view name(PrivateTrace::Kind kind) {
  switch (kind) {
    case Kind::place: return "place";
    case Kind::device: return "device";
    case Kind::person: return "person";
    case Kind::thumbnail: return "thumbnail";
    case Kind::address: return "address";
    case Kind::user_path: return "user path";
    case Kind::unread: break;
  }
  return "unread";
}

void text_traces(std::string_view where, std::string_view text, std::vector<PrivateTrace>& traces) {
  for (PrivateText& found : private_texts(text))
    traces.push_back({found.kind == PrivateText::Kind::address ? Kind::address : Kind::user_path, std::string(where),
                      std::move(found.text)});
}

void exif_traces(std::string_view block, std::uint32_t width, std::uint32_t height, std::vector<PrivateTrace>& traces) {
  const std::string_view structure = exif_structure(block);
  const TiffDirectory first(structure);
  if (!first.valid()) return;
  const TiffDirectory inner = first.below(0x8769), gps = first.below(0x8825);
  if (gps.valid()) add(traces, Kind::place, "EXIF GPS", place_of(gps));
  for (const Tag& tag : first_tags)
    add(traces, tag.kind, "EXIF " + std::string(tag.name), shown(first.text(tag.number)));
  add(traces, Kind::person, "EXIF XPAuthor", windows_text(first.raw(0x9c9d)));
  text_traces("EXIF ImageDescription", first.text(0x010e), traces);
  if (inner.valid()) {
    for (const Tag& tag : inner_tags)
      add(traces, tag.kind, "EXIF " + std::string(tag.name), shown(inner.text(tag.number)));
    text_traces("EXIF UserComment", inner.raw(0x9286), traces);
    if (const std::string_view note = inner.raw(0x927c); !note.empty())
      add(traces, Kind::unread, "EXIF MakerNote", std::to_string(note.size()) + " bytes that only its maker reads");
  }
  const TiffDirectory thumbnail = first.next();
  const auto at = thumbnail.valid() ? thumbnail.value(0x0201) : std::nullopt;
  const auto size = thumbnail.valid() ? thumbnail.value(0x0202) : std::nullopt;
  if (!at || !size || *at >= structure.size()) return;
  Header small;
  read_jpeg_header(structure.substr(*at, *size), small);
  std::string value = std::to_string(small.facts.width) + "x" + std::to_string(small.facts.height);
  const double shape = static_cast<double>(small.facts.width) * height,
               other = static_cast<double>(small.facts.height) * width;
  const bool differs = width != 0 && height != 0 && (shape > 1.05 * other || other > 1.05 * shape);
  add(traces, Kind::thumbnail, "EXIF thumbnail",
      value + (differs ? ", of another shape than the image: it may show what was cut away" : ""));
}

void xmp_traces(std::string_view packet, std::vector<PrivateTrace>& traces) {
  for (const Property& property : properties)
    add(traces, property.kind, "XMP " + std::string(property.name), property_of(packet, property.name));
  text_traces("XMP", packet, traces);
}

void iptc_traces(std::string_view block, std::vector<PrivateTrace>& traces) {
  // Each data set: 0x1c, the record, the number, two bytes of length.
  for (std::size_t at = 0; (at = block.find('\x1c', at)) != std::string_view::npos; ++at) {
    if (at + 5 > block.size() || byte_at(block, at + 1) != 2) continue;
    const std::size_t length = big16(block, at + 3);
    if (length > block.size() - at - 5) continue;
    for (const DataSet& set : data_sets)
      if (set.number == byte_at(block, at + 2))
        add(traces, set.kind, "IPTC " + std::string(set.name), shown(block.substr(at + 5, length)));
  }
  text_traces("IPTC", block, traces);
}

}  // namespace vetset
