#include <cmath>
#include <string>

#include "vetset/check/conventions.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_wrong_convention(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const auto percent = [](double share) { return measure(std::floor(share * 1000) / 10) + " %"; };
  for (const Misread& m : misread_boxes(d)) {
    const std::string message = percent(m.share_declared) + " of " + counted(m.boxes, "box is", "boxes are") +
                                " a box inside the image when read as " + m.declared->name + ", " +
                                percent(m.share_fitting) + " when read as " + m.fitting->name;
    Where where;
    if (m.file != none<FileIndex>) where = Place{.file = std::string(d.path(m.file))};
    report(where, message, "write the numbers as the format has them");
  }
}

}  // namespace

extern const Rule wrong_convention{.code = "FMT409",
                                   .name = "wrong-convention",
                                   .title = "boxes make sense under another convention than the format's",
                                   .severity = Severity::warning,
                                   .evidence = EvidenceClass::calibrated,
                                   .check = check_wrong_convention};

}  // namespace vetset
