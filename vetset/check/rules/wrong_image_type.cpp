#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "vetset/base/tree.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {
namespace {

/// The type that an extension promises; unknown for extensions that promise none.
ImageType promised_type(std::string_view path) {
  constexpr std::pair<std::string_view, ImageType> promises[] = {
      {"jpg", ImageType::jpeg},  {"jpeg", ImageType::jpeg}, {"jpe", ImageType::jpeg},  {"jfif", ImageType::jpeg},
      {"png", ImageType::png},   {"gif", ImageType::gif},   {"bmp", ImageType::bmp},   {"dib", ImageType::bmp},
      {"webp", ImageType::webp}, {"tif", ImageType::tiff},  {"tiff", ImageType::tiff}, {"avif", ImageType::avif},
      {"heic", ImageType::heic}, {"heif", ImageType::heic}, {"jp2", ImageType::jp2},   {"mpo", ImageType::mpo},
      {"pgm", ImageType::pnm},   {"ppm", ImageType::pnm},   {"pbm", ImageType::pnm},   {"pnm", ImageType::pnm},
      {"ico", ImageType::ico}};
  std::string extension(extension_of(path));
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& [name, type] : promises)
    if (extension == name) return type;
  return ImageType::unknown;
}

/// An MPO is a JPEG with more behind it; cameras write it under either name.
bool same_type(ImageType a, ImageType b) {
  const auto plain = [](ImageType t) { return t == ImageType::mpo ? ImageType::jpeg : t; };
  return plain(a) == plain(b);
}

/// The value that at least nine of ten images have, or 0.
std::uint8_t usual(std::span<const Facts> facts, std::uint8_t Facts::* member) {
  std::array<std::size_t, 256> counts{};
  std::size_t known = 0;
  for (const Facts& f : facts)
    if (f.*member != 0) {
      ++counts[f.*member];
      ++known;
    }
  const auto most = std::max_element(counts.begin(), counts.end());
  return known >= 10 && *most * 10 >= known * 9 ? static_cast<std::uint8_t>(most - counts.begin()) : std::uint8_t{0};
}

void check_wrong_image_type(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const std::uint8_t channels = usual(evidence.facts, &Facts::channels), bits = usual(evidence.facts, &Facts::bits);
  for (std::size_t n = 0; n < evidence.facts.size(); ++n) {
    const Facts& facts = evidence.facts[n];
    if (facts.type == ImageType::unknown) continue;
    const auto i = to_index<ImageIndex>(n);
    const ImageType promised = promised_type(d.text(d.images[n].media));
    if (promised != ImageType::unknown && !same_type(promised, facts.type))
      report(i, "is named as " + std::string(name(promised)) + ", its bytes are " + std::string(name(facts.type)),
             "rename it, or store it as what its name says");
    if (facts.type == ImageType::jpeg && facts.channels == 4)
      report(i, "is a JPEG in CMYK, whose colours readers turn into RGB in different ways", "store it as RGB");
    else if (channels != 0 && facts.channels != 0 && facts.channels != channels)
      report.with(
          Severity::note, EvidenceClass::proof, i,
          "has " + counted(facts.channels, "channel", "channels") + ", most others have " + std::to_string(channels),
          "store all images alike");
    if (bits != 0 && facts.bits > 8 && facts.bits != bits)
      report(i, "has " + std::to_string(facts.bits) + " bits a channel, most others have " + std::to_string(bits),
             "store all images alike");
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
