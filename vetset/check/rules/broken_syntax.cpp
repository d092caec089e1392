#include "vetset/check/rule.h"

namespace vetset {

// Only a reader sees how a file is spelled: JSON that ends early, a byte that is not UTF-8, a key that stands twice.
extern const Rule broken_syntax{.code = "FMT401",
                                .name = "broken-syntax",
                                .title = "a file breaks the rules of its own format",
                                .severity = Severity::error,
                                .evidence = EvidenceClass::proof,
                                .by_reader = true};

}  // namespace vetset
