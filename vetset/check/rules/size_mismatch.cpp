#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {
namespace {

std::string size_text(std::uint32_t width, std::uint32_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

/// What the header says; where it says nothing, what was decoded, which is as a viewer shows it.
Facts measured(const Evidence& evidence, std::size_t i) {
  Facts facts = evidence.facts[i];
  if (facts.width != 0 || i >= evidence.pixels.size()) return facts;
  facts.width = evidence.pixels[i].width;
  facts.height = evidence.pixels[i].height;
  facts.orientation = 0;
  return facts;
}

void check_size_mismatch(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const Image& image = d.images[i];
    const Facts facts = measured(evidence, i);
    if (image.size_origin != SizeOrigin::stated || facts.width == 0) continue;
    if (image.width == facts.width && image.height == facts.height) continue;
    // The size that a viewer shows is a right one too; what comes of it is FMT406's question.
    if (image.width == facts.shown_width() && image.height == facts.shown_height()) continue;
    const bool swapped = image.width == facts.height && image.height == facts.width;
    report(to_index<ImageIndex>(i),
           "says " + size_text(image.width, image.height) + ", the file is " + size_text(facts.width, facts.height) +
               (swapped ? ": width and height are swapped" : ""),
           "state the file's size; check that the annotations were made on this file");
  }
}

}  // namespace

extern const Rule size_mismatch{.code = "FMT405",
                                .name = "size-mismatch",
                                .title = "the stated size of an image is not that of its file",
                                .severity = Severity::warning,
                                .evidence = EvidenceClass::proof,
                                .needs = Needs::headers,
                                .check = check_size_mismatch};

}  // namespace vetset
