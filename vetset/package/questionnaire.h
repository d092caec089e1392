// What only the people who made a dataset can say of it: questions, and their answers in a file (card.toml). Cards,
// Croissant (RAI 1.0), SPDX, CycloneDX and the manifest's rights take their words from here; nothing is made up.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"

namespace vetset {

/// The name that the answers have in a package.
inline constexpr std::string_view answers_path = "card.toml";

enum class Asked : std::uint8_t { text, list, choice, date, period };

struct Question {
  std::string_view key;  // "collection.process"
  std::string_view ask;  // as people read it
  Asked asked = Asked::text;
  std::string_view choices = {};  // of a choice: "none present unknown"
  std::string_view rai = {};      // the property of Croissant RAI 1.0 that holds it; empty: none
  bool one = false;               // that property takes one text
};
/// All questions, by section.
std::span<const Question> questions();
/// What a section's questions are about: "collection" → "How it was collected".
std::string_view section_title(std::string_view section);
std::string_view section_of(const Question& question);

class Answers {
 public:
  Answers();
  /// The values of a question: one of a text, any number of a list; empty: unanswered.
  const std::vector<std::string>& of(std::string_view key) const;
  /// They in one text, with "; " between; empty: unanswered.
  std::string text(std::string_view key) const;
  bool any() const;

 private:
  friend Result<Answers> read_answers(std::string_view toml, std::string_view file);
  std::vector<std::vector<std::string>> values_;  // beside questions()
};

/// `file` stands in errors, which say line and column: questions that there are not, answers of another type.
Result<Answers> read_answers(std::string_view toml, std::string_view file);

/// A file of all questions without an answer, for people to fill in.
std::string questionnaire();

}  // namespace vetset
