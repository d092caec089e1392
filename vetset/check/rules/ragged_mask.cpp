#include "vetset/check/outline_parts.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

void check_ragged_mask(const Evidence& evidence, const Report& report) {
  constexpr double ragged = 4;
  const Dataset& d = evidence.dataset;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (a.shape == none<ShapeIndex> || a.flags.is(Flag::crowd) || a.flags.is(Flag::group_of)) continue;
    const OutlineParts parts = outline_parts(d, a);
    std::string message;
    const auto say = [&](const std::string& text) { message += (message.empty() ? "outline has " : " and ") + text; };
    if (parts.specks > 0)
      say(counted(parts.specks, "speck", "specks") + " of " + (parts.specks > 1 ? "up to " : "") +
          measure(parts.largest_speck) + " px beside its body");
    if (parts.pinholes > 0) say(counted(parts.pinholes, "pinhole", "pinholes"));
    if (parts.raggedness > ragged) say("an edge " + measure(parts.raggedness) + " times as long as that of its box");
    if (!message.empty())
      report.scored(static_cast<double>(parts.specks + parts.pinholes) + parts.raggedness, to_index<AnnotationIndex>(n),
                    message, "drop what is no part of the object");
  }
}

}  // namespace

extern const Rule ragged_mask{.code = "LBL141",
                              .name = "ragged-mask",
                              .title = "an outline has specks, pinholes, or a ragged edge",
                              .severity = Severity::note,
                              .evidence = EvidenceClass::hint,
                              .check = check_ragged_mask};

}  // namespace vetset
