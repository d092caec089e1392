// Values as labelling tools hold them: as plain text, which a reader has to tell from JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vetset/dataset/dataset.h"

namespace vetset {

/// A text that reads as JSON is that JSON ("2.40", "true"), else it is a JSON string.
std::string json_of_text(std::string_view text);
/// The other way, to the byte: JSON that is a string goes out without its quotes where it is read as that string again.
std::string text_of_json(std::string_view json);
/// An id as `Ids` has it: its number, `odd` for any other JSON, `absent` for no text.
std::int64_t number_of_id(std::string_view json);

/// Marks that a tool has no place for, as one text: "difficult, truncated: no"; empty where nothing is said. Crowds are
/// left out, and `occluded` where the tool has that.
std::string text_of_marks(Flags flags, bool has_occluded);
/// Sets the marks that such a text says.
void read_marks(std::string_view text, Flags& flags);
inline constexpr std::string_view marks_name = "vetset_marks";

}  // namespace vetset
