#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/mask_files.h"

namespace vetset {
namespace {

std::string size_text(std::uint32_t width, std::uint32_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

std::string not_run_invalid_mask_image(const Evidence& evidence) {
  if (evidence.masks.empty() && !mask_files(evidence.dataset).empty()) return "needs images: not looked at";
  return {};
}

void check_invalid_mask_image(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for (const MaskFile& mask : evidence.masks) {
    const Facts& facts = mask.facts;
    const auto say = [&](std::string message, std::string fix) {
      report(mask.image, "mask " + quoted(mask.path) + " " + std::move(message), std::move(fix));
    };
    if (facts.status == Facts::Status::absent) {
      say("is not there", "add the file, or drop its name");
      continue;
    }
    if (facts.width == 0) {
      say("cannot be read" + (facts.reason.empty() ? "" : ": " + facts.reason), "write it again");
      continue;
    }
    if (facts.type == ImageType::jpeg)
      say("is a JPEG: compression changes the numbers of classes at every edge", "write it as PNG from the source");
    else if (facts.channels >= 3)
      say("has " + std::to_string(facts.channels) + " channels: colours where numbers of classes are expected",
          "write one channel, or a palette");
    const Facts* image = evidence.facts.empty() ? nullptr : &evidence.facts[to_size(mask.image)];
    const std::uint32_t width = image != nullptr && image->width != 0 ? image->width : d[mask.image].width;
    const std::uint32_t height = image != nullptr && image->width != 0 ? image->height : d[mask.image].height;
    if (width != 0 && height != 0 && (facts.width != width || facts.height != height))
      say("is " + size_text(facts.width, facts.height) + ", its image is " + size_text(width, height),
          "make it at the size of its image");
  }
}

}  // namespace

// What headers tell; colours that are no class's need the pixels, which nothing looks at yet.
extern const Rule invalid_mask_image{.code = "FMT421",
                                     .name = "invalid-mask-image",
                                     .title = "a mask file is lossy, coloured, or not its image's size",
                                     .severity = Severity::warning,
                                     .evidence = EvidenceClass::proof,
                                     .check = check_invalid_mask_image,
                                     .not_run = not_run_invalid_mask_image};

}  // namespace vetset
