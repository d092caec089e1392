#include "vetset/check/rule.h"
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

void check_broken_image(const Evidence& evidence, const Report& report) {
  for (std::size_t i = 0; i < evidence.facts.size(); ++i) {
    const Facts& facts = evidence.facts[i];
    const char* fault = fault_of(facts.status);
    if (fault == nullptr) continue;
    report(to_index<ImageIndex>(i), std::string(fault) + (facts.reason.empty() ? "" : ": " + facts.reason),
           "fetch the file again; some trainers drop it, others stop");
  }
}

}  // namespace

// Headers and ends of files only; what a full decoding would find is not claimed.
extern const Rule broken_image{.code = "FMT419",
                               .name = "broken-image",
                               .title = "an image file is cut off, broken or no image",
                               .severity = Severity::warning,
                               .evidence = EvidenceClass::proof,
                               .needs = Needs::headers,
                               .check = check_broken_image};

}  // namespace vetset
