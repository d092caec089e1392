#include "vetset/package/questionnaire.h"

#include <algorithm>

#include "vetset/base/day.h"
#include "vetset/base/nearest.h"
#include "vetset/base/result.h"
#include "vetset/base/toml.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

constexpr Question all_questions[] = {
    {"dataset.title", "What is the dataset called?"},
    {"dataset.description", "What is in it, in two or three sentences?"},
    {"dataset.creators", "Who made it: people or organisations?", Asked::list},
    {"dataset.contact", "Whom does one write to about it?"},
    {"dataset.homepage", "Where is it described (URL)?"},
    {"dataset.citation", "How is it cited (BibTeX)?"},
    {"dataset.published", "When was this version published?", Asked::date},

    {"collection.process",
     "How were the images obtained: by whom, with which devices, under which conditions?",
     Asked::text,
     {},
     "dataCollection",
     true},
    {"collection.kinds",
     "Which kinds of collection is that: own recordings, web crawl, an earlier dataset, synthesis?",
     Asked::list,
     {},
     "dataCollectionType"},
    {"collection.sources",
     "Where do the images come from: places, sites, earlier datasets?",
     Asked::text,
     {},
     "dataCollectionRawData",
     true},
    {"collection.period", "From which day to which day?", Asked::period, {}, "dataCollectionTimeframe"},
    {"collection.original_purpose", "Of personal data: for which purpose was it first collected?"},
    {"collection.selection", "How was it decided what goes in, and what was left out?"},
    {"collection.missing", "What should be there and is not?", Asked::text, {}, "dataCollectionMissingData", true},
    {"collection.preparation",
     "What was done to the images: filtering, resizing, cleaning, enrichment?",
     Asked::list,
     {},
     "dataPreprocessingProtocol"},

    {"annotation.process",
     "How were labels made: by which instructions, in which steps?",
     Asked::list,
     {},
     "dataAnnotationProtocol"},
    {"annotation.tools", "With which labelling tools?", Asked::list, {}, "dataAnnotationPlatform"},
    {"annotation.machine_tools",
     "Which models or programs made labels beforehand?",
     Asked::list,
     {},
     "machineAnnotationTools"},
    {"annotation.annotators",
     "Who labelled: how many people, with which training, from where?",
     Asked::list,
     {},
     "annotatorDemographics"},
    {"annotation.per_item", "How many people labelled each image?", Asked::text, {}, "annotationsPerItem", true},
    {"annotation.quality",
     "How was the quality of labels measured, and what came of it?",
     Asked::list,
     {},
     "dataAnnotationAnalysis"},

    {"use.design_choices", "Which design choices of the system shaped the dataset?"},
    {"use.intended", "What is it meant for?", Asked::list, {}, "dataUseCases"},
    {"use.not_intended", "What must it not be used for?", Asked::list},
    {"use.assumptions", "What are the data supposed to measure and represent?"},
    {"use.suitability", "Why are these data enough in number and fit for that?"},
    {"use.limitations", "What does it not cover?", Asked::list, {}, "dataLimitations"},
    {"use.biases", "Which biases are known or likely, and whom could they harm?", Asked::list, {}, "dataBiases"},
    {"use.bias_measures", "What was done to find, prevent and lessen them?"},
    {"use.gaps", "Which gaps stand in the way of the rules that the system must follow, and what is done about them?"},
    {"use.social_impact", "What could its use do to people?", Asked::text, {}, "dataSocialImpact", true},

    {"people.personal_data", "Are people in it recognisable, or otherwise identifiable?", Asked::choice,
     "none present unknown"},
    {"people.personal_kinds",
     "Which personal or sensitive data: faces, number plates, health, age?",
     Asked::list,
     {},
     "personalSensitiveInformation"},
    {"people.sensitive", "Are data among them that the law protects specially (health, religion, biometrics)?",
     Asked::choice, "none present unknown"},
    {"people.consent_basis", "On which legal basis: consent, contract, legitimate interest, public task?"},
    {"people.anonymisation", "How were people made unrecognisable?", Asked::list},

    {"rights.licence", "Under which licence (SPDX, as CC-BY-4.0)?"},
    {"rights.attribution", "Who must be named?"},
    {"rights.ai_training", "May models be trained on it?", Asked::choice, "allowed notAllowed constrained"},
    {"rights.data_mining", "May it be mined?", Asked::choice, "allowed notAllowed constrained"},
    {"rights.confidentiality", "How confidential is it (clear: public, red: named people only)?", Asked::choice,
     "clear green amber red"},

    {"upkeep.plan",
     "Who keeps it, how long, and how are faults reported and mended?",
     Asked::text,
     {},
     "dataReleaseMaintenancePlan",
     true},
};

struct Section {
  std::string_view name, title;
};
constexpr Section sections[] = {
    {"dataset", "What it is, and whose"},
    {"collection", "How it was collected"},
    {"annotation", "How it was labelled"},
    {"use", "What it is for"},
    {"people", "People in it"},
    {"rights", "Rights"},
    {"upkeep", "Upkeep"},
};

std::size_t slot_of(std::string_view key) {
  const auto found =
      std::find_if(std::begin(all_questions), std::end(all_questions), [&](const Question& q) { return q.key == key; });
  VETSET_ASSERT(found != std::end(all_questions), "every key that is asked for is a question");
  return static_cast<std::size_t>(found - std::begin(all_questions));
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string all;
  for (const std::string& word : words) (all += all.empty() ? "" : between) += word;
  return all;
}

Error at_value(const Toml& value, std::string message, std::string_view file) {
  return {Code::malformed, std::move(message), std::string(file), value.line, value.column};
}

/// One text, trimmed; a date as TOML spells it.
Result<std::string> one_text(const Toml& value, const Question& q, std::string_view file) {
  const bool dated = q.asked == Asked::date || q.asked == Asked::period;
  if (value.type != Toml::Type::string && !(dated && value.type == Toml::Type::date))
    return at_value(value,
                    std::string(q.key) + ": expected " + (dated ? "a date" : "a string") + ", found " +
                        std::string(name(value.type)),
                    file);
  std::string_view text = value.text;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  if (dated && !text.empty() && !is_date(text))
    return at_value(value, std::string(q.key) + ": expected a day like 2027-03-31, found '" + printable(text) + "'",
                    file);
  if (q.asked == Asked::choice && !text.empty()) {
    const std::vector<std::string> choices = words_of(q.choices);
    if (std::find(choices.begin(), choices.end(), text) == choices.end())
      return at_value(value,
                      std::string(q.key) + ": expected one of " + joined(choices, ", ") + ", found '" +
                          printable(text) + "'" + did_you_mean(text, choices),
                      file);
  }
  return std::string(text);
}

Result<std::vector<std::string>> values_of(const Toml& value, const Question& q, std::string_view file) {
  std::vector<std::string> values;
  const bool many = q.asked == Asked::list || q.asked == Asked::period;
  if (many && value.type == Toml::Type::array) {
    for (const Toml& item : value.items) {
      VETSET_TRY(std::string text, one_text(item, q, file));
      if (!text.empty()) values.push_back(std::move(text));
    }
  } else {
    VETSET_TRY(std::string text, one_text(value, q, file));
    if (!text.empty()) values.push_back(std::move(text));
  }
  if (q.asked == Asked::period && !values.empty() && (values.size() != 2 || values[1] < values[0]))
    return at_value(value, std::string(q.key) + ": expected two days, the earlier first", file);
  return values;
}

}  // namespace

std::span<const Question> questions() { return all_questions; }

std::string_view section_of(const Question& question) { return question.key.substr(0, question.key.find('.')); }

std::string_view section_title(std::string_view section) {
  for (const Section& s : sections)
    if (s.name == section) return s.title;
  return {};
}

Answers::Answers() : values_(std::size(all_questions)) {}

const std::vector<std::string>& Answers::of(std::string_view key) const { return values_[slot_of(key)]; }

std::string Answers::text(std::string_view key) const { return joined(of(key), "; "); }

bool Answers::any() const {
  return std::any_of(values_.begin(), values_.end(), [](const auto& values) { return !values.empty(); });
}

Result<Answers> read_answers(std::string_view toml, std::string_view file) {
  VETSET_TRY(const Toml document, parse_toml(toml, file));
  std::vector<std::string> section_names, keys;
  for (const Section& s : sections) section_names.emplace_back(s.name);
  for (const Question& q : all_questions) keys.emplace_back(q.key);
  Answers answers;
  for (const auto& [section, table] : document.entries) {
    if (std::find(section_names.begin(), section_names.end(), section) == section_names.end())
      return Error{Code::malformed,
                   "no section is called '" + printable(section) + "'" + did_you_mean(section, section_names),
                   std::string(file), table.key_line, table.key_column};
    if (table.type != Toml::Type::table)
      return at_value(table, "expected a table [" + section + "], found " + std::string(name(table.type)), file);
    for (const auto& [key, value] : table.entries) {
      const std::string whole = section + "." + key;
      if (std::find(keys.begin(), keys.end(), whole) == keys.end())
        return Error{Code::malformed, "no question is called '" + printable(whole) + "'" + did_you_mean(whole, keys),
                     std::string(file), value.key_line, value.key_column};
      const std::size_t slot = slot_of(whole);
      VETSET_TRY(answers.values_[slot], values_of(value, all_questions[slot], file));
    }
  }
  return answers;
}

std::string questionnaire() {
  std::string out =
      "# What only you can say about your dataset. Take the # away and answer what you can; what stays\n"
      "# unanswered is told as unanswered. `vetset pack --answers card.toml` puts it into the package.\n";
  std::string_view section;
  for (const Question& q : all_questions) {
    if (section_of(q) != section) {
      section = section_of(q);
      out += "\n# " + std::string(section_title(section)) + "\n[" + std::string(section) + "]\n";
    }
    out += "\n# " + std::string(q.ask) + "\n";
    if (q.asked == Asked::choice) out += "# One of: " + joined(words_of(q.choices), ", ") + "\n";
    out += "# " + std::string(q.key.substr(section.size() + 1)) + " = ";
    switch (q.asked) {
      case Asked::text:
      case Asked::choice: out += "\"\""; break;
      case Asked::list: out += "[\"\", \"\"]"; break;
      case Asked::date: out += "2026-01-31"; break;
      case Asked::period: out += "[2025-04-01, 2025-09-30]"; break;
    }
    out += '\n';
  }
  return out;
}

}  // namespace vetset
