// What EXIF says of a picture's time, place and camera; blocks are built here, value by value.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/random.h"
#include "vetset/image/exif.h"
#include "vetset/image/probe.h"

using namespace vetset;

namespace {

/// A TIFF structure with a first directory, an EXIF and a GPS directory, in either byte order.
class ExifBlock {
 public:
  explicit ExifBlock(bool big = false) : big_(big) {}

  ExifBlock& text(int directory, std::uint16_t tag, std::string value) {
    value += '\0';
    const auto count = static_cast<std::uint32_t>(value.size());
    return add(directory, tag, 2, count, std::move(value));
  }
  ExifBlock& number(int directory, std::uint16_t tag, std::uint16_t value) {
    return add(directory, tag, 3, 1, u16(value));
  }
  ExifBlock& fractions(int directory, std::uint16_t tag, std::vector<std::pair<std::uint32_t, std::uint32_t>> values) {
    std::string bytes;
    for (const auto& [above, under] : values) bytes += u32(above) + u32(under);
    return add(directory, tag, 5, static_cast<std::uint32_t>(values.size()), std::move(bytes));
  }
  ExifBlock& taken(std::string time) { return text(1, 0x9003, std::move(time)); }
  ExifBlock& place(std::string north, std::uint32_t latitude, std::string east, std::uint32_t longitude) {
    text(2, 1, std::move(north)).fractions(2, 2, {{latitude, 1}, {30, 1}, {0, 1}});
    return text(2, 3, std::move(east)).fractions(2, 4, {{longitude, 1}, {15, 1}, {36, 1}});
  }

  std::string bytes() const {
    // Directories one behind the other, then the values that are too long for their entries.
    std::size_t begin[3], at = 8;
    for (int d = 0; d < 3; ++d) {
      begin[d] = at;
      at += 2 + 12 * (entries_[d].size() + (d == 0 ? 2 : 0)) + 4;
    }
    std::string heads = (big_ ? "MM" : "II") + u16(42) + u32(8), values;
    for (int d = 0; d < 3; ++d) {
      std::vector<Entry> own = entries_[d];
      if (d == 0) {
        own.push_back({0x8769, 4, 1, u32(static_cast<std::uint32_t>(begin[1]))});
        own.push_back({0x8825, 4, 1, u32(static_cast<std::uint32_t>(begin[2]))});
      }
      heads += u16(static_cast<std::uint16_t>(own.size()));
      for (const Entry& entry : own) {
        heads += u16(entry.tag) + u16(entry.type) + u32(entry.count);
        if (entry.value.size() <= 4) {
          heads += entry.value + std::string(4 - entry.value.size(), '\0');
        } else {
          heads += u32(static_cast<std::uint32_t>(at + values.size()));
          values += entry.value;
        }
      }
      heads += u32(0);
    }
    return heads + values;
  }

 private:
  struct Entry {
    std::uint16_t tag = 0, type = 0;
    std::uint32_t count = 0;
    std::string value;
  };
  ExifBlock& add(int directory, std::uint16_t tag, std::uint16_t type, std::uint32_t count, std::string value) {
    entries_[directory].push_back({tag, type, count, std::move(value)});
    return *this;
  }
  std::string u16(std::uint16_t v) const {
    const char high = static_cast<char>(v >> 8), low = static_cast<char>(v);
    return big_ ? std::string{high, low} : std::string{low, high};
  }
  std::string u32(std::uint32_t v) const {
    const auto high = static_cast<std::uint16_t>(v >> 16), low = static_cast<std::uint16_t>(v);
    return big_ ? u16(high) + u16(low) : u16(low) + u16(high);
  }

  bool big_;
  std::vector<Entry> entries_[3];
};

std::string big_number(std::size_t size, unsigned bytes) {
  std::string text;
  for (unsigned i = bytes; i-- > 0;) text += static_cast<char>(size >> (8 * i));
  return text;
}

std::string jpeg_with(const std::string& exif) {
  const std::string body = std::string("Exif\0\0", 6) + exif;
  const std::string frame("\xff\xc0\x00\x11\x08\x00\x10\x00\x20\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01", 19);
  return "\xff\xd8\xff\xe1" + big_number(body.size() + 2, 2) + body + frame + "\xff\xd9";
}

std::string png_with(const std::string& exif) {
  const std::string header("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x20\0\0\0\x10\x08\x02\0\0\0\0\0\0\0", 33);
  return header + big_number(exif.size(), 4) + "eXIf" + exif + std::string(4, '\0') +
         std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12);
}

std::string box(const std::string& type, const std::string& body) {
  return big_number(body.size() + 8, 4) + type + body;
}

/// A HEIC file of a header and an EXIF item behind it.
std::string heic_with(const std::string& exif) {
  const std::string item = std::string(4, '\0') + exif;
  const std::string whole(4, '\0'), ftyp = box("ftyp", "heic" + whole + "mif1");
  const std::string infe = box("infe", std::string("\x02\0\0\0\0\x07\0\0", 8) + "Exif" + std::string(1, '\0'));
  const std::string iinf = box("iinf", whole + std::string("\0\x01", 2) + infe);
  const std::string ispe = box("ispe", whole + big_number(32, 4) + big_number(16, 4));
  const std::string iprp = box("iprp", box("ipco", ispe));
  const auto meta = [&](std::size_t offset) {
    const std::string iloc = box("iloc", whole + std::string("\x44\0\0\x01\0\x07\0\0\0\x01", 10) +
                                             big_number(offset, 4) + big_number(item.size(), 4));
    return box("meta", whole + iinf + iloc + iprp);
  };
  const std::size_t offset = ftyp.size() + meta(0).size();
  return ftyp + meta(offset) + item;
}

Capture captured(const std::string& file, Facts* facts = nullptr) {
  Capture capture;
  const Facts probed = probe_bytes(Bytes::from(file), &capture);
  if (facts != nullptr) *facts = probed;
  return capture;
}

ExifBlock whole_block(bool big = false) {
  ExifBlock block(big);
  block.text(0, 0x010f, "Canon ").text(0, 0x0110, "EOS R5").text(0, 0x0131, "a program").number(0, 274, 6);
  block.taken("2021:06:30 14:05:09").text(1, 0x9291, "52").text(1, 0x9011, "+02:00").text(1, 0xa431, "0123");
  block.place("S", 33, "E", 151);
  return block;
}

}  // namespace

TEST_CASE("EXIF says when, where and with what, in every container and byte order") {
  for (const bool big : {false, true}) {
    const std::string block = whole_block(big).bytes();
    const std::string riff = "WEBPVP8X" + std::string("\x0a\0\0\0\x08\0\0\0\x1f\0\0\x0f\0\0", 14) + "EXIF" +
                             std::string{static_cast<char>(block.size() & 255), static_cast<char>(block.size() >> 8)} +
                             std::string(2, '\0') + block;
    const std::string webp = "RIFF" +
                             std::string{static_cast<char>(riff.size() & 255), static_cast<char>(riff.size() >> 8)} +
                             std::string(2, '\0') + riff;
    for (const std::string& file : {jpeg_with(block), png_with(block), webp, heic_with(block), block}) {
      Facts facts;
      const Capture c = captured(file, &facts);
      CAPTURE(std::string(name(facts.type)));
      CAPTURE(big);
      CHECK(c.make == "Canon");
      CHECK(c.model == "EOS R5");
      CHECK(c.serial == "0123");
      CHECK(c.software == "a program");
      REQUIRE(c.time_ms);
      CHECK(*c.time_ms == 1625061909520);  // date -u -d '2021-06-30 14:05:09' +%s, and 0.52 s
      CHECK(c.utc_offset_minutes == std::int16_t{120});
      REQUIRE(c.latitude);
      CHECK(*c.latitude == doctest::Approx(-33.5));
      CHECK(*c.longitude == doctest::Approx(151.26));
      CHECK(c.dropped.empty());
    }
  }
}

TEST_CASE("days that no calendar has and places that no globe has are dropped and named") {
  const auto of = [](ExifBlock block) { return captured(jpeg_with(block.bytes())); };
  for (const std::string time : {"2021:02:30 12:00:00", "2021:13:01 12:00:00", "2021:06:30 25:00:00",
                                 "1021:06:30 12:00:00", "yesterday", "2021:06:30"}) {
    CAPTURE(time);
    const Capture c = of(ExifBlock().taken(time));
    CHECK(!c.time_ms);
    CHECK(c.dropped == "the time '" + time + "'");
  }
  for (const char* unknown : {"0000:00:00 00:00:00", "    :  :     :  :  ", ""}) {
    const Capture c = of(ExifBlock().taken(unknown));
    CHECK(!c.time_ms);
    CHECK(c.dropped.empty());  // it says that nobody knows
  }
  CHECK(of(ExifBlock().taken("1969:12:31 23:59:59")).time_ms == -1000);
  CHECK(of(ExifBlock().place("N", 91, "E", 10)).dropped == "a place beyond the poles or the date line");
  CHECK(!of(ExifBlock().place("N", 91, "E", 10)).latitude);
  CHECK(of(ExifBlock().place("", 47, "E", 10)).dropped.find("neither north") != std::string::npos);
  ExifBlock nowhere;
  nowhere.text(2, 1, "N").fractions(2, 2, {{0, 1}, {0, 1}, {0, 1}});
  nowhere.text(2, 3, "E").fractions(2, 4, {{0, 1}, {0, 1}, {0, 1}});
  CHECK(of(nowhere).dropped.find("without a fix") != std::string::npos);
  ExifBlock infinite;
  infinite.text(2, 1, "N").fractions(2, 2, {{10, 0}}).text(2, 3, "E").fractions(2, 4, {{10, 1}});
  CHECK(!of(infinite).latitude);
}

TEST_CASE("the second moment is asked where the first says nothing, and the time of the file's change never") {
  const Capture scanned = captured(jpeg_with(ExifBlock().text(1, 0x9004, "1999:01:01 00:00:00").bytes()));
  CHECK(scanned.time_ms == 915148800000);
  CHECK(!captured(jpeg_with(ExifBlock().text(0, 0x0132, "1999:01:01 00:00:00").bytes())).time_ms);
}

TEST_CASE("what EXIF says comes out as printable text") {
  const Capture c = captured(jpeg_with(ExifBlock().text(0, 0x010f, "\x1b[31mred\xff").text(0, 0x0110, "").bytes()));
  CHECK(c.make == "?[31mred?");
  CHECK(c.model.empty());
  CHECK(captured(jpeg_with(ExifBlock().text(0, 0x010f, std::string(60'000, 'x')).bytes())).make.size() == 128);
}

TEST_CASE("hostile EXIF says something or nothing, and ends") {
  const std::string block = whole_block().bytes();
  Random random(7);
  const auto place_in = [&](const std::string& bytes) {
    return random.below(static_cast<std::uint32_t>(bytes.size()));
  };
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = block, heic = heic_with(block);
    for (std::uint32_t changes = random.between(1, 6); changes > 0; --changes)
      bytes[place_in(bytes)] = static_cast<char>(random.below(256));
    if (round % 3 == 0) bytes.resize(place_in(bytes));
    heic[place_in(heic)] = static_cast<char>(random.below(256));
    for (const std::string& file : {jpeg_with(bytes), bytes, heic_with(bytes), heic}) {
      const Capture c = captured(file);
      if (c.latitude) CHECK(std::abs(*c.latitude) <= 90);
      CHECK(c.make.size() <= 128);
    }
  }
}
