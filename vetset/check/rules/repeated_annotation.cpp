#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/repeated.h"

namespace vetset {
namespace {

void check_repeated_annotation(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for_each_repeated(d, d.image_annotations(), [&](AnnotationIndex first, AnnotationIndex second) {
    report(AnnotationPair{first, second}, "says the same as another annotation of this image, to the last digit",
           "drop one of the two");
  });
}

}  // namespace

extern const Rule repeated_annotation{.code = "LBL105",
                                      .name = "repeated-annotation",
                                      .title = "one object is written down twice",
                                      .severity = Severity::error,
                                      .evidence = EvidenceClass::proof,
                                      .check = check_repeated_annotation};

}  // namespace vetset
