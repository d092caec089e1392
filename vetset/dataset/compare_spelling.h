// Whether two records are spelled alike, number by number. For the comparison only.
#pragma once

#include "vetset/dataset/compare_fields.h"

namespace vetset {

/// Numbers with a spelling of their own and shapes spelled in an unusual way, within one format. A document's number
/// style is what its reader inferred from it, and several styles can spell the same numbers: so it is the spelled
/// numbers that are compared wherever styles differ or a lexeme stands beside a number.
Judgement judge_lexemes(const Sides& s, AnnotationIndex before, std::span<const AnnotationIndex> after);
std::string print_lexemes(const Dataset& d, AnnotationIndex i);

}  // namespace vetset
