#include <string>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"

namespace vetset {
namespace {

const char* fault_of(Facts::Status status) {
  switch (status) {
    case Facts::Status::unreadable: return "cannot be read";
    case Facts::Status::not_image: return "is no image";
    case Facts::Status::broken: return "has a broken header";
    case Facts::Status::truncated: return "is cut off";
    case Facts::Status::absent:
    case Facts::Status::ok: break;
  }
  return nullptr;
}

/// What decoding found that the header does not tell; null where all is well or nobody looked.
const char* fault_of(DecodeStatus status) {
  switch (status) {
    case DecodeStatus::partial: return "decodes in part only";
    case DecodeStatus::broken: return "cannot be decoded";
    case DecodeStatus::refused: return "is larger than a decoder is granted";
    case DecodeStatus::not_decoded:
    case DecodeStatus::ok:
    case DecodeStatus::unsupported: break;
  }
  return nullptr;
}

std::string because(const std::string& reason) { return reason.empty() ? "" : ": " + reason; }

constexpr std::string_view fetch_again = "fetch the file again; some trainers drop it, others stop";

void judge(ImageIndex i, const Facts& facts, const PixelFacts* pixels, const Report& report) {
  if (const char* fault = fault_of(facts.status)) {
    report(i, fault + because(facts.reason), std::string(fetch_again));
    return;
  }
  if (pixels != nullptr) {
    if (const char* fault = fault_of(pixels->status)) {
      report(i, fault + because(pixels->reason), std::string(fetch_again));
      return;
    }
    if (pixels->status == DecodeStatus::unsupported)
      report.with(Severity::note, EvidenceClass::proof, i, "was not decoded" + because(pixels->reason),
                  "store it as what every reader reads");
  }
  if (facts.trailing_bytes > 0 && facts.type != ImageType::mpo)
    report.with(Severity::note, EvidenceClass::proof, i,
                counted(facts.trailing_bytes, "byte follows", "bytes follow") + " the end of the image",
                "look what they are: some trainers write the file anew without them");
}

void check_broken_image(const Evidence& evidence, const Report& report) {
  for (std::size_t n = 0; n < evidence.facts.size(); ++n)
    judge(to_index<ImageIndex>(n), evidence.facts[n], n < evidence.pixels.size() ? &evidence.pixels[n] : nullptr,
          report);
}

}  // namespace

// Without pixels, headers and ends of files only; what only a full decoding finds is then not claimed.
extern const Rule broken_image{.code = "FMT419",
                               .name = "broken-image",
                               .title = "an image file is cut off, broken or no image",
                               .severity = Severity::warning,
                               .evidence = EvidenceClass::proof,
                               .needs = Needs::headers,
                               .check = check_broken_image};

}  // namespace vetset
