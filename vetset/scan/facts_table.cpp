#include "vetset/scan/facts_table.h"

#include <algorithm>
#include <type_traits>

#include "vetset/dataset/columns.h"
#include "vetset/image/fingerprint.h"

namespace vetset {
namespace {

using FactsSpan = std::span<const Facts>;
using PixelsSpan = std::span<const PixelFacts>;

/// Columns of what the files say, where a file was read.
void add_files(std::vector<Maker>& makers, FactsSpan facts) {
  const auto read = [facts](std::size_t i) {
    return facts[i].status != Facts::Status::absent && facts[i].status != Facts::Status::unreadable;
  };
  const auto number = [&](std::string_view name, auto member) {
    makers.push_back(plain<std::uint32_t>(name, [facts, member](std::size_t i) {
      const auto value = std::uint32_t{facts[i].*member};
      return value == 0 ? std::nullopt : std::optional(value);
    }));
  };
  makers.push_back(words(
      "type", [facts, read](std::size_t i) { return read(i) ? std::optional(name(facts[i].type)) : std::nullopt; }));
  makers.push_back(plain<std::int64_t>("bytes", [facts, read](std::size_t i) {
    return read(i) ? std::optional(static_cast<std::int64_t>(facts[i].bytes)) : std::nullopt;
  }));
  makers.push_back(plain<std::int64_t>("trailing_bytes", [facts, read](std::size_t i) {
    return read(i) ? std::optional(static_cast<std::int64_t>(facts[i].trailing_bytes)) : std::nullopt;
  }));
  makers.push_back(words("sha256", [facts](std::size_t i) {
    return facts[i].has_digest ? std::optional(facts[i].digest.hex()) : std::nullopt;
  }));
  number("orientation", &Facts::orientation);
}

/// What decoding said, and the pixels as a whole.
void add_decoding(std::vector<Maker>& makers, PixelsSpan pixels) {
  const auto of_decoded = [&]<class T>(std::type_identity<T>, std::string_view name, auto value) {
    makers.push_back(plain<T>(name, [pixels, value](std::size_t i) {
      return pixels[i].decoded() ? std::optional<T>(value(pixels[i])) : std::nullopt;
    }));
  };
  constexpr std::type_identity<std::uint32_t> whole;
  constexpr std::type_identity<bool> truth;
  of_decoded(whole, "width", [](const PixelFacts& p) { return p.width; });
  of_decoded(whole, "height", [](const PixelFacts& p) { return p.height; });
  of_decoded(whole, "channels", [](const PixelFacts& p) { return p.channels; });
  of_decoded(whole, "bits", [](const PixelFacts& p) { return p.bits; });
  of_decoded(whole, "frames", [](const PixelFacts& p) { return p.frames; });
  of_decoded(truth, "palette", [](const PixelFacts& p) { return p.palette; });
  of_decoded(truth, "cmyk", [](const PixelFacts& p) { return p.cmyk; });
  of_decoded(truth, "progressive", [](const PixelFacts& p) { return p.progressive; });
  makers.push_back(plain<std::uint32_t>("jpeg_quality", [pixels](std::size_t i) {
    const std::uint32_t quality = pixels[i].quality.jpeg_quality;
    return quality == 0 ? std::nullopt : std::optional(quality);
  }));
}

/// Fingerprints are written as PDQ hashes are: 64 digits, bit 255 first.
void add_hashes(std::vector<Maker>& makers, PixelsSpan pixels) {
  const auto hash = [&](std::string_view name, auto value) {
    makers.push_back(words(name, [pixels, value](std::size_t i) {
      return pixels[i].decoded() ? value(pixels[i]) : std::optional<std::string>();
    }));
  };
  hash("pixels", [](const PixelFacts& p) { return std::optional(p.pixels.hex()); });
  hash("coefficients",
       [](const PixelFacts& p) { return p.coefficients ? std::optional(p.coefficients->hex()) : std::nullopt; });
  hash("fingerprint", [](const PixelFacts& p) { return std::optional(pdq_hex(p.fingerprint.views[0])); });
  hash("fingerprint_trimmed", [](const PixelFacts& p) { return std::optional(pdq_hex(p.fingerprint.views[1])); });
  makers.push_back(plain<std::uint32_t>("texture", [pixels](std::size_t i) {
    return pixels[i].decoded() ? std::optional(std::uint32_t{pixels[i].fingerprint.texture}) : std::nullopt;
  }));
  if (std::none_of(pixels.begin(), pixels.end(), [](const PixelFacts& p) { return p.pdq.has_value(); })) return;
  hash("pdq", [](const PixelFacts& p) { return p.pdq ? std::optional(pdq_hex(*p.pdq)) : std::nullopt; });
  makers.push_back(plain<std::uint32_t>("pdq_quality", [pixels](std::size_t i) {
    return pixels[i].pdq ? std::optional(std::uint32_t{pixels[i].pdq_quality}) : std::nullopt;
  }));
}

void add_quality(std::vector<Maker>& makers, PixelsSpan pixels) {
  const auto number = [&](std::string_view name, float Quality::* member) {
    makers.push_back(plain<double>(name, [pixels, member](std::size_t i) {
      return pixels[i].decoded() ? std::optional(static_cast<double>(pixels[i].quality.*member)) : std::nullopt;
    }));
  };
  const auto element = [&](std::string_view name, auto member, std::size_t n) {
    makers.push_back(plain<std::uint32_t>(name, [pixels, member, n](std::size_t i) {
      return pixels[i].decoded() ? std::optional(std::uint32_t{(pixels[i].quality.*member)[n]}) : std::nullopt;
    }));
  };
  number("sharpness", &Quality::sharpness);
  number("edge_width", &Quality::edge_width);
  constexpr std::string_view percentiles[] = {"luma_p1",  "luma_p5",  "luma_p25", "luma_p50",
                                              "luma_p75", "luma_p95", "luma_p99"};
  for (std::size_t n = 0; n < std::size(percentiles); ++n) element(percentiles[n], &Quality::luma, n);
  number("contrast", &Quality::contrast);
  number("saturation", &Quality::saturation);
  number("entropy", &Quality::entropy);
  number("coloured", &Quality::coloured);
  number("noise", &Quality::noise);
  number("blockiness", &Quality::blockiness);
  number("upper_band", &Quality::upper_band);
  constexpr std::string_view sides[] = {"border_left", "border_top", "border_right", "border_bottom"};
  for (std::size_t n = 0; n < std::size(sides); ++n) element(sides[n], &Quality::borders, n);
}

void add_capture(std::vector<Maker>& makers, PixelsSpan pixels) {
  const auto text = [&](std::string_view name, std::string Capture::* member) {
    makers.push_back(
        words(name, [pixels, member](std::size_t i) { return stated(std::string_view(pixels[i].capture.*member)); }));
  };
  makers.push_back(plain<std::int64_t>("time_ms", [pixels](std::size_t i) { return pixels[i].capture.time_ms; }));
  makers.push_back(plain<std::int64_t>("utc_offset_minutes", [pixels](std::size_t i) {
    const auto offset = pixels[i].capture.utc_offset_minutes;
    return offset ? std::optional(std::int64_t{*offset}) : std::nullopt;
  }));
  makers.push_back(plain<double>("latitude", [pixels](std::size_t i) { return pixels[i].capture.latitude; }));
  makers.push_back(plain<double>("longitude", [pixels](std::size_t i) { return pixels[i].capture.longitude; }));
  text("make", &Capture::make);
  text("model", &Capture::model);
  text("serial", &Capture::serial);
  text("software", &Capture::software);
  text("exif_dropped", &Capture::dropped);
}

}  // namespace

TableRows facts_table(const Dataset& d, std::span<const Facts> facts, std::span<const PixelFacts> pixels) {
  std::vector<Maker> makers;
  makers.push_back(words("path", [&d](std::size_t i) { return std::optional(d.path(to_index<ImageIndex>(i))); }));
  makers.push_back(words("media", [&d](std::size_t i) { return stated(d.text(d.images[i].media)); }));
  makers.push_back(words("status", [pixels](std::size_t i) { return std::optional(name(pixels[i].status)); }));
  makers.push_back(words("reason", [facts, pixels](std::size_t i) {
    return stated(std::string_view(pixels[i].reason.empty() ? facts[i].reason : pixels[i].reason));
  }));
  add_files(makers, facts);
  add_decoding(makers, pixels);
  add_hashes(makers, pixels);
  add_quality(makers, pixels);
  add_capture(makers, pixels);
  return table_of(d.images.size(), std::move(makers));
}

}  // namespace vetset
