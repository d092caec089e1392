#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vetset/check/image_types.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {
namespace {

/// How an image is stored: by what was decoded, else by its header. 0: not known.
struct Mode {
  std::uint8_t channels = 0, bits = 0;
  bool palette = false, cmyk = false;
  std::uint32_t frames = 0;
};

Mode mode_of(const Evidence& evidence, std::size_t n) {
  const Facts& f = evidence.facts[n];
  Mode mode{.channels = f.channels, .bits = f.bits, .cmyk = f.type == ImageType::jpeg && f.channels == 4};
  if (n >= evidence.pixels.size()) return mode;
  const PixelFacts& p = evidence.pixels[n];
  if (p.decoded()) {
    mode.channels = p.channels;
    mode.bits = p.bits;
  }
  mode.palette = p.palette;
  mode.cmyk = mode.cmyk || p.cmyk;
  mode.frames = p.frames;
  return mode;
}

/// The value that at least nine of ten images have; nothing where they differ, or are few.
template <class Value>
std::optional<Value> usual(const std::vector<Mode>& modes, Value Mode::* member) {
  std::map<Value, std::size_t> counts;
  std::size_t known = 0;
  for (const Mode& mode : modes)
    if (mode.channels != 0) {
      ++counts[mode.*member];
      ++known;
    }
  if (known < 10) return {};
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most->second * 10 < known * 9) return {};
  return most->first;
}

const char* channels_text(std::uint8_t channels) {
  switch (channels) {
    case 1: return "grey";
    case 2: return "grey with transparency";
    case 3: return "coloured";
    case 4: return "coloured with transparency";
    default: return "of another kind";
  }
}

constexpr std::string_view alike = "store all images alike";

void judge_mode(ImageIndex i, const Mode& mode, std::optional<std::uint8_t> channels, std::optional<std::uint8_t> bits,
                std::optional<bool> palette, const Report& report) {
  const auto note = [&](std::string message) {
    report.with(Severity::note, EvidenceClass::proof, i, std::move(message), std::string(alike));
  };
  if (mode.frames > 1)
    report(i, "has " + grouped(mode.frames) + " frames; readers show the first, the last, or none",
           "store the one that was labelled");
  if (mode.cmyk)
    report(i, "is in CMYK, whose colours readers turn into RGB in different ways", "store it as RGB");
  else if (channels && mode.channels != 0 && mode.channels != *channels)
    note("is " + std::string(channels_text(mode.channels)) + " (" + counted(mode.channels, "channel", "channels") +
         "), most others are " + channels_text(*channels) + " (" + std::to_string(*channels) + ")");
  if (bits && mode.bits > 8 && mode.bits != *bits)
    report(i, "has " + std::to_string(mode.bits) + " bits a channel, most others have " + std::to_string(*bits),
           std::string(alike));
  if (palette && !*palette && mode.palette) note("stores its colours in a palette, most others do not");
}

void check_wrong_image_type(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  std::vector<Mode> modes;
  for (std::size_t n = 0; n < evidence.facts.size(); ++n) modes.push_back(mode_of(evidence, n));
  const auto channels = usual(modes, &Mode::channels), bits = usual(modes, &Mode::bits);
  const auto palette = usual(modes, &Mode::palette);
  for (std::size_t n = 0; n < evidence.facts.size(); ++n) {
    const Facts& facts = evidence.facts[n];
    if (facts.type == ImageType::unknown) continue;
    const auto i = to_index<ImageIndex>(n);
    const ImageType promised = promised_type(d.text(d.images[n].media));
    if (promised != ImageType::unknown && !same_type(promised, facts.type))
      report(i, "is named as " + std::string(name(promised)) + ", its bytes are " + std::string(name(facts.type)),
             "rename it, or store it as what its name says");
    judge_mode(i, modes[n], channels, bits, palette, report);
  }
}

}  // namespace

extern const Rule wrong_image_type{.code = "FMT420",
                                   .name = "wrong-image-type",
                                   .title = "an image is not of the type or mode it seems to be",
                                   .severity = Severity::warning,
                                   .evidence = EvidenceClass::proof,
                                   .needs = Needs::headers,
                                   .check = check_wrong_image_type};

}  // namespace vetset
