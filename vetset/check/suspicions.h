// How rules report what was ranked for all of them (Evidence::suspects).
#pragma once

#include <functional>
#include <string>

#include "vetset/check/rule.h"
#include "vetset/dataset/suspects.h"

namespace vetset {

/// Reports every flagged suspect of the rule, as a hint where predictions are not attested to be out of fold.
void report_suspects(const Evidence& evidence, const Report& report,
                     const std::function<std::string(const Suspect&)>& message, const std::string& fix);
/// The class's name in backquotes; "nothing" for none.
std::string class_name(const Dataset& d, CategoryIndex category);

/// "30x40 at 10,20", in pixels
std::string box_text(const Box& box);

/// Why rules of classes, of tags, of boxes, of masks cannot look at this dataset; empty where they can.
std::string no_single_class(const Evidence& evidence);
std::string no_tags(const Evidence& evidence);
std::string no_predicted_masks(const Evidence& evidence);

}  // namespace vetset
