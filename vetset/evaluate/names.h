// Which image and which class of the truth a prediction speaks of. The truth's are numbered in the order in which
// pycocotools goes through them; predictions name them by id, path or name. Nothing is guessed: what could be two is an
// error, and what is none has no number.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/predictions.h"

namespace vetset {

/// The images or classes that are compared, in the order of their ids: numbers by value, then other ids by their text,
/// then what has none. Records of one document that share an id are one.
struct NumberedNames {
  std::vector<std::uint32_t> number;  // of each record of the dataset; no_number: not compared
  std::vector<std::uint32_t> record;  // of each number, the first
  std::size_t size() const { return record.size(); }
};
/// Of some splits; no splits: of all.
NumberedNames number_images(const Dataset& d, std::span<const SplitIndex> splits);
NumberedNames number_categories(const Dataset& d, std::span<const SplitIndex> splits);

struct MatchedNames {
  std::string by;  // "id", "path", "name", "stem", "index", "index1"; empty: there is nothing to match
  std::vector<std::uint32_t> number;  // of each predicted name; no_number: the truth has no such one
};
/// `by`: "auto" takes the first way that knows all, else that which knows most.
Result<MatchedNames> match_images(const Dataset& d, const NumberedNames& truth, std::span<const PredictedName> names,
                                  std::string_view by);
/// `renamed`: a predicted class, and the truth's that it is; each by its name or its id.
Result<MatchedNames> match_categories(const Dataset& d, const NumberedNames& truth,
                                      std::span<const PredictedName> names, std::string_view by,
                                      std::span<const std::pair<std::string, std::string>> renamed);

/// "42", "a7", "images/a.jpg": as a person would call it.
std::string text_of(const PredictedName& name);
/// The same for messages: a text that reads as a number is quoted, "100" is not 100.
std::string quoted_text_of(const PredictedName& name);

}  // namespace vetset
