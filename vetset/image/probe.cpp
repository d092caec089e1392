#include "vetset/image/probe.h"

#include <algorithm>
#include <array>
#include <functional>

#include "vetset/image/exif.h"
#include "vetset/image/headers.h"

namespace vetset {
namespace {

Header read_header(std::string_view b) {
  Header h;
  if (b.size() < 12) {
    h.facts.status = b.empty() ? Facts::Status::not_image : Facts::Status::broken;
    h.facts.reason = b.empty() ? "is empty" : "is too short to be an image";
    h.needs = 12;
    return h;
  }
  const std::string_view four = b.substr(0, 4);
  if (b.substr(0, 3) == "\xff\xd8\xff")
    read_jpeg_header(b, h);
  else if (b.substr(0, 8) == "\x89PNG\r\n\x1a\n")
    read_png_header(b, h);
  else if (b.substr(0, 6) == "GIF87a" || b.substr(0, 6) == "GIF89a")
    read_gif_header(b, h);
  else if (b.substr(0, 2) == "BM")
    read_bmp_header(b, h);
  else if (four == "RIFF" && b.substr(8, 4) == "WEBP")
    read_webp_header(b, h);
  else if (four == std::string_view("II*\0", 4) || four == std::string_view("MM\0*", 4) ||
           four == std::string_view("II+\0", 4) || four == std::string_view("MM\0+", 4))
    read_tiff_header(b, h);
  else if (b.substr(4, 4) == "ftyp") {
    constexpr std::array<std::string_view, 9> brands = {"avif", "avis", "heic", "heix", "hevc",
                                                        "heim", "heis", "mif1", "msf1"};
    if (std::find(brands.begin(), brands.end(), b.substr(8, 4)) != brands.end())
      read_heif_header(b, h);
    else
      h.facts.status = Facts::Status::not_image, h.facts.reason = "is a video or another ISO media file";
  } else if (b.substr(4, 8) == "jP  \r\n\x87\n" || four == "\xff\x4f\xff\x51")
    read_jp2_header(b, h);
  else if (b[0] == 'P' && b[1] >= '1' && b[1] <= '6' && (b[2] == '#' || b[2] == ' ' || (b[2] >= '\t' && b[2] <= '\r')))
    read_pnm_header(b, h);
  else if (four == std::string_view("\0\0\1\0", 4))
    read_ico_header(b, h);
  else
    h.facts.status = Facts::Status::not_image, h.facts.reason = "begins like no image type that is known";
  return h;
}

void cut_off(Facts& facts, std::string reason) {
  facts.status = Facts::Status::truncated;
  facts.reason = std::move(reason);
}

using ReadRange = std::function<Result<Bytes>(Range)>;

/// Sets whether the image is whole, and what follows it.
void look_at_tail(const ReadRange& read, std::uint64_t stated_length, Facts& facts) {
  constexpr std::uint64_t largest = 256ULL << 20;  // a file beyond this is judged by its last bytes alone
  const bool jpeg = facts.type == ImageType::jpeg || facts.type == ImageType::mpo;
  if (jpeg || facts.type == ImageType::png) {
    const std::string_view end =
        jpeg ? std::string_view("\xff\xd9") : std::string_view("\0\0\0\0IEND\xae\x42\x60\x82", 12);
    const Result<Bytes> last = read({facts.bytes - std::min<std::uint64_t>(facts.bytes, end.size()), end.size()});
    if (last && last->text() == end) return;
    std::uint64_t found = 0;
    if (facts.bytes <= largest)
      if (const Result<Bytes> all = read({})) found = jpeg ? jpeg_end(*all) : png_end(*all);
    if (found > 0)
      facts.trailing_bytes = facts.bytes - found;
    else
      cut_off(facts, jpeg ? "has no end-of-image marker" : "has no IEND chunk");
  } else if (facts.type == ImageType::gif) {
    std::uint64_t size = facts.bytes;
    const std::uint64_t window = std::min<std::uint64_t>(size, 4096);
    const Result<Bytes> last = read({size - window, window});
    const std::size_t at = last ? last->text().find_last_not_of('\0') : std::string_view::npos;
    if (at == std::string_view::npos || last->text()[at] != ';') return cut_off(facts, "has no GIF trailer");
    facts.trailing_bytes = window - at - 1;
  } else if (stated_length > facts.bytes) {
    cut_off(facts, "has " + std::to_string(facts.bytes) + " bytes, its header states " + std::to_string(stated_length));
  } else if (stated_length > 0) {
    facts.trailing_bytes = facts.bytes - stated_length;
  }
}

}  // namespace

Facts probe_header(std::string_view bytes, std::uint64_t* needs) {
  Header h = read_header(bytes);
  if (needs != nullptr) *needs = h.needs;
  h.facts.bytes = bytes.size();
  return std::move(h.facts);
}

Facts probe_image(const Tree& tree, std::string_view path, ProbeOptions options) {
  Facts facts;
  constexpr std::uint64_t first_window = 4096, second_window = 65536;
  std::uint64_t window = first_window;
  Header h;
  for (;;) {
    const Result<Bytes> bytes = tree.read(path, {0, window});
    if (!bytes) {
      facts.status = bytes.error().code == Code::not_found ? Facts::Status::absent : Facts::Status::unreadable;
      facts.reason = bytes.error().message;
      return facts;
    }
    h = read_header(*bytes);
    if (h.needs <= bytes->size() || bytes->size() < window) break;  // enough was read, or there is no more
    window = std::max({h.needs, second_window, 2 * window});
  }
  facts = std::move(h.facts);
  if (!options.tail) return facts;
  const Result<std::uint64_t> size = tree.size(path);
  if (!size) return facts;
  facts.bytes = *size;
  if (facts.status == Facts::Status::ok)
    look_at_tail([&](Range range) { return tree.read(path, range); }, h.length, facts);
  return facts;
}

Facts probe_bytes(const Bytes& bytes, Capture* capture) {
  Header h = read_header(bytes);
  if (capture != nullptr) *capture = exif_capture(h.exif);
  Facts facts = std::move(h.facts);
  facts.bytes = bytes.size();
  const auto part = [&](Range range) -> Result<Bytes> {
    const std::string_view text =
        bytes.text().substr(static_cast<std::size_t>(range.offset), static_cast<std::size_t>(range.size));
    return Bytes(nullptr, text.data(), text.size());  // within `bytes`, whose padding it has
  };
  if (facts.status == Facts::Status::ok) look_at_tail(part, h.length, facts);
  return facts;
}

bool has_image_extension(std::string_view path) {
  constexpr std::array<std::string_view, 16> known = {"jpg", "png",  "jpeg", "bmp", "tif", "tiff", "webp", "avif",
                                                      "jp2", "heic", "heif", "mpo", "dng", "ppm",  "pgm",  "gif"};
  const std::size_t dot = path.rfind('.');  // a '/' behind it makes it none of those known
  if (dot == std::string_view::npos || dot == 0 || path[dot - 1] == '/') return false;
  const std::string_view extension = path.substr(dot + 1);
  if (extension.empty() || extension.size() > 4) return false;
  char lower[4];
  std::transform(extension.begin(), extension.end(), lower,
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(known.begin(), known.end(), std::string_view(lower, extension.size())) != known.end();
}

}  // namespace vetset
