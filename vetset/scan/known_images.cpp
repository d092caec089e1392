#include "vetset/scan/known_images.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "vetset/base/csv.h"
#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/image/fingerprint.h"
#include "vetset/scan/alike.h"
#include "vetset/scan/neighbours.h"

namespace vetset {
namespace {

constexpr unsigned radius = 31;  // that PDQ is matched with, and well below what strangers are apart
constexpr std::uint32_t most_neighbours = 10'000;

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

/// Bytes of hexadecimal digits; nothing where they are not as many as expected.
std::optional<std::vector<std::uint8_t>> bytes_of_hex(std::string_view text, std::size_t count) {
  if (text.size() != 2 * count) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  for (std::size_t k = 0; k < text.size(); k += 2) {
    const auto high = digit_of(text[k]), low = digit_of(text[k + 1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return bytes;
}

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t word = 0;
  for (const std::uint8_t byte : bytes) word = word << 8 | byte;
  return word;
}

/// As pdq_hex writes them: bit 255 first.
std::optional<Bits256> bits_of(std::string_view text) {
  const auto bytes = bytes_of_hex(text, 32);
  if (!bytes) return std::nullopt;
  Bits256 bits;
  for (std::size_t w = 0; w < 4; ++w) bits.words[3 - w] = big_endian(std::span(*bytes).subspan(8 * w, 8));
  return bits;
}

/// One row of a list, taken cell by cell.
class Row {
 public:
  /// Whether the cell is what its column holds; columns that do not count take anything.
  bool take(std::string_view column, std::string_view text) {
    if (text.empty()) return true;
    if (column == "path") {
      image_.path = text;
    } else if (column == "sha256") {
      const auto bytes = bytes_of_hex(text.starts_with("sha256:") ? text.substr(7) : text, 32);
      if (!bytes) return false;
      std::copy(bytes->begin(), bytes->end(), image_.bytes.emplace().bytes.begin());
    } else if (column == "pixels") {
      const auto bytes = bytes_of_hex(text, 16);
      if (!bytes) return false;
      image_.pixels =
          Hash128{.high = big_endian(std::span(*bytes).first(8)), .low = big_endian(std::span(*bytes).last(8))};
    } else if (column == "fingerprint" || column == "fingerprint_trimmed") {
      const auto bits = bits_of(text);
      if (!bits) return false;
      prints_.push_back(*bits);
    } else if (column == "pdq") {
      image_.pdq = bits_of(text);
      return image_.pdq.has_value();
    } else if (column == "texture") {
      const auto texture = Json::parse(text);
      if (!texture || texture->type() != JsonType::number) return false;
      recognisable_ = texture->number() >= recognisable_texture;
    }
    return true;
  }

  KnownImage image() && {
    if (recognisable_) {
      if (prints_.size() == 2 && prints_[0] == prints_[1]) prints_.pop_back();
      image_.fingerprints = std::move(prints_);
    } else {
      image_.pdq.reset();
    }
    return std::move(image_);
  }

 private:
  KnownImage image_;
  std::vector<Bits256> prints_;
  bool recognisable_ = true;
};

bool says_something(const KnownImage& image) {
  return image.bytes || image.pixels || !image.fingerprints.empty() || image.pdq;
}

Result<void> read_lines(const std::string& file, std::string_view text, KnownImages& out) {
  std::uint32_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.find_first_not_of(" \t\r") == row.npos) continue;
    auto json = Json::parse(row);
    if (!json || json->type() != JsonType::object)
      return Error{Code::malformed, "expected a JSON object a line, as vetset scan -o writes them", file, line};
    Row taken;
    for (const auto& [column, value] : json->members())
      if (value.type() == JsonType::string || value.type() == JsonType::number)
        if (!taken.take(column, value.text()))
          return Error{Code::malformed, "'" + std::string(value.text()) + "' is no " + column, file, line};
    out.images.push_back(std::move(taken).image());
  }
  return {};
}

Result<void> read_table(const std::string& file, std::string_view text, KnownImages& out) {
  CsvReader rows(text);
  std::vector<std::string> heading, row;
  if (!rows.next(heading)) return {};
  while (rows.next(row)) {
    if (rows.broken()) return Error{Code::malformed, "a quote is opened and not closed", file, rows.line()};
    Row taken;
    for (std::size_t k = 0; k < std::min(heading.size(), row.size()); ++k)
      if (!taken.take(heading[k], row[k]))
        return Error{Code::malformed, "'" + row[k] + "' is no " + heading[k], file, rows.line()};
    out.images.push_back(std::move(taken).image());
  }
  return {};
}

/// Fingerprints of one sort: of the dataset's images, and of a list in every symmetry that the sort has.
struct Prints {
  std::vector<Bits256> ours, listed;
  std::vector<std::uint32_t> image, entry;
  std::vector<std::uint8_t> symmetry;
};

Prints own_prints(std::span<const PixelFacts> pixels, const std::vector<KnownImage>& listed, bool pdq) {
  Prints prints;
  for (std::uint32_t i = 0; i < pixels.size(); ++i) {
    const PixelFacts& p = pixels[i];
    if (!has_content(p)) continue;
    const auto add = [&](const Bits256& bits) { prints.ours.push_back(bits), prints.image.push_back(i); };
    if (pdq) {
      if (p.pdq) add(*p.pdq);
      continue;
    }
    add(p.fingerprint.views[0]);
    if (p.fingerprint.has_borders) add(p.fingerprint.views[1]);
  }
  for (std::uint32_t e = 0; e < listed.size(); ++e) {
    const auto add = [&](const Bits256& bits, std::uint8_t symmetry) {
      prints.listed.push_back(bits), prints.entry.push_back(e), prints.symmetry.push_back(symmetry);
    };
    if (pdq) {
      if (listed[e].pdq) add(*listed[e].pdq, 1);
      continue;
    }
    for (const Bits256& print : listed[e].fingerprints)
      for (std::uint8_t s = 1; s <= symmetry_count; ++s) add(turned(print, s), s);
  }
  return prints;
}

class KnownFinder {
 public:
  KnownFinder(const Dataset& d, std::span<const Facts> facts, std::span<const PixelFacts> pixels, const Pool& pool,
              const Progress& progress)
      : d_(d), pixels_(pixels), pool_(pool), progress_(progress) {
    for (std::uint32_t i = 0; i < d_.images.size(); ++i) {
      if (facts[i].has_digest) by_bytes_[facts[i].digest].push_back(i);
      if (pixels[i].decoded()) by_pixels_[pixels[i].pixels].push_back(i);
      if (!has_content(pixels[i])) ++out_.not_searched;
    }
  }

  Result<void> search(const KnownImages& list) {
    list_ = &list;
    best_.clear();
    for (std::uint32_t e = 0; e < list.images.size(); ++e) {
      const KnownImage& known = list.images[e];
      if (known.bytes)
        if (const auto at = by_bytes_.find(*known.bytes); at != by_bytes_.end())
          for (const std::uint32_t i : at->second) offer(i, e, KnownMatch::How::bytes, 0, 1);
      if (known.pixels)
        if (const auto at = by_pixels_.find(*known.pixels); at != by_pixels_.end())
          for (const std::uint32_t i : at->second) offer(i, e, KnownMatch::How::pixels, 0, 1);
    }
    for (const bool pdq : {false, true}) VETSET_DO(search_prints(own_prints(pixels_, list.images, pdq)));
    KnownSearch::List told{
        .name = stem_name(list.file), .file = list.file, .digest = list.digest.hex(), .images = list.images.size()};
    std::set<std::uint32_t> entries;
    for (const auto& [image, match] : best_) {
      entries.insert(match.second);
      out_.matches.push_back(match.first);
    }
    told.found = entries.size();
    out_.lists.push_back(std::move(told));
    return {};
  }

  KnownSearch finish() && {
    std::sort(out_.matches.begin(), out_.matches.end(), [](const KnownMatch& a, const KnownMatch& b) {
      return std::tuple(a.image, a.list) < std::tuple(b.image, b.list);
    });
    return std::move(out_);
  }

 private:
  static std::string stem_name(const std::string& file) { return file.substr(0, file.rfind('.')); }

  Result<void> search_prints(const Prints& prints) {
    if (prints.ours.empty() || prints.listed.empty()) return {};
    VETSET_TRY(const Neighbours near,
               near_pairs(prints.ours, prints.listed, radius, pool_, progress_, {.degree = most_neighbours}));
    for (const NearPair& pair : near.pairs)
      offer(prints.image[pair.first], prints.entry[pair.second], KnownMatch::How::fingerprint, pair.distance,
            prints.symmetry[pair.second]);
    return {};
  }

  /// Keeps the plainest explanation of an image: bytes, pixels, the nearest fingerprint.
  void offer(std::uint32_t image, std::uint32_t entry, KnownMatch::How how, std::uint16_t distance,
             std::uint8_t symmetry) {
    KnownMatch match{.image = to_index<ImageIndex>(image),
                     .list = static_cast<std::uint32_t>(out_.lists.size()),
                     .path = list_->images[entry].path,
                     .how = how,
                     .distance = distance,
                     .symmetry = symmetry};
    const auto order = [](const std::pair<KnownMatch, std::uint32_t>& m) {
      return std::tuple(m.first.how, m.first.distance, m.first.symmetry, m.second);
    };
    std::pair<KnownMatch, std::uint32_t> offered{std::move(match), entry};
    const auto at = best_.find(image);
    if (at == best_.end())
      best_.emplace(image, std::move(offered));
    else if (order(offered) < order(at->second))
      at->second = std::move(offered);
  }

  const Dataset& d_;
  std::span<const PixelFacts> pixels_;
  const Pool& pool_;
  const Progress& progress_;
  const KnownImages* list_ = nullptr;
  std::map<Digest, std::vector<std::uint32_t>> by_bytes_;
  std::map<Hash128, std::vector<std::uint32_t>> by_pixels_;
  std::map<std::uint32_t, std::pair<KnownMatch, std::uint32_t>> best_;  // by image: and the entry of the list
  KnownSearch out_;
};

}  // namespace

Result<KnownImages> parse_known_images(const std::string& file, std::string_view text) {
  KnownImages out{.file = std::string(base_name(file)), .digest = sha256(text), .images = {}};
  VETSET_DO(extension_of(file) == "csv" ? read_table(file, text, out) : read_lines(file, text, out));
  if (std::none_of(out.images.begin(), out.images.end(), says_something))
    return Error{
        Code::malformed,
        "lists no picture: expected rows with sha256, pixels, fingerprint or pdq, as vetset scan -o writes them", file};
  return out;
}

Result<KnownSearch> find_known_images(const Dataset& d, std::span<const Facts> facts,
                                      std::span<const PixelFacts> pixels, std::span<const KnownImages> lists,
                                      const Pool& pool, const Progress& progress) {
  KnownFinder finder(d, facts, pixels, pool, progress);
  for (const KnownImages& list : lists) VETSET_DO(finder.search(list));
  return std::move(finder).finish();
}

}  // namespace vetset
