// What a card tells of a dataset or a package, collected once; pages, JSON and bills of materials are views of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/page.h"
#include "vetset/package/licence_names.h"
#include "vetset/package/manifest.h"
#include "vetset/package/questionnaire.h"
#include "vetset/package/seal.h"
#include "vetset/vetset.h"

namespace vetset {

/// One statement that lies in a package. Whose it is, verification says.
struct CardEvidence {
  std::string kind, path, hint;  // "audit", its file, the key that it names
  std::string result;            // "PASSED"; empty: its kind has none
  std::string recheck;           // the command that derives it again
  std::string says;              // "38 checks ran: 0 errors, 2 warnings, 5 notes"
};
struct CardRule {
  std::string code, name, title, severity;
  std::uint64_t count = 0;
};
struct CardFiles {
  std::string role;
  std::uint64_t files = 0, bytes = 0;
};

struct Card {
  std::string program;                            // "vetset 0.1.0"
  std::string today;                              // of what states when it was made itself: SPDX
  std::string built;                              // the manifest\'s epoch, "2026-11-23T10:00:00Z"; empty: it has none
  std::string called;                             // the path as it was called, as a shell takes it
  std::string name, version;                      // version empty: no package
  std::string kind;                               // "package", "sealed folder", "dataset"
  std::string media;                              // of a package: "files", "shards", "external"
  std::string format;                             // title of the format that the labels were in when they came
  std::string package_id, dataset_id, labels_id;  // empty: not known
  Manifest manifest;  // of a package or sealed folder; else the label files and their digests
  std::vector<CardFiles> files;
  Stats stats;
  std::uint64_t images_missing = 0, images_unlabelled = 0;
  std::vector<NamedLicence> licences;
  std::vector<std::pair<std::string, std::string>> said;   // what the source says of itself
  std::vector<std::pair<std::string, std::string>> steps;  // what was done since it was read
  Answers answers;
  std::vector<CardEvidence> evidence;
  bool draft = false;    // of a package in the making: what is said of it later is in no card of its own
  bool checked = false;  // the rules that need labels alone were asked
  std::uint64_t rules_ran = 0;
  std::vector<CardRule> found;                                       // rules that found something, gravest first
  std::vector<std::pair<std::string, std::uint64_t>> rules_not_run;  // why, and how many
};

/// `path`: as it was called.
Result<Card> card_of(const Source& source, const std::string& path, const CardOptions& options);
/// Of a package that is being made: `dataset` and manifest, before there is a file of it.
Card card_of(const Dataset& dataset, const Manifest& manifest, const Answers& answers, const std::vector<Step>& steps);

/// card.toml as it was written, and what it says.
struct AnswerFile {
  std::string text;  // empty: there is none
  Answers answers;
};
/// `path` may be empty: no answers.
Result<AnswerFile> read_answer_file(const std::string& path);
/// What a package or a sealed folder gets for its readers: the answers, Croissant metadata, and a package a README.md.
std::vector<AddedFile> files_for_readers(const Manifest& draft, const Dataset& dataset, const AnswerFile& answers,
                                         const std::vector<Step>& steps);

/// What a reader should know to be missing, a sentence each: of the data, and of what was checked.
std::vector<std::string> gaps_of(const Card& card);

Page card_page(const Card& card);
/// By the headings of Annex IV 2(d) and Article 10(2) of the EU's AI Act.
Page annex_page(const Card& card);
/// Canonical JSON (docs/schema/card-v1.json).
std::string card_json(const Card& card);
/// CycloneDX 1.7, one component of type "data".
std::string cyclonedx_json(const Card& card);
/// SPDX 3.0.1, one DatasetPackage, as JSON-LD.
std::string spdx_json(const Card& card);

/// Text of people in one line.
std::string flowing(std::string_view text);
/// The licence of the whole: as answered, else what the dataset names; SPDX where that is sure. Empty: nobody said.
struct CardLicence {
  std::string spdx, name;
};
std::vector<CardLicence> licence_of(const Card& card);

}  // namespace vetset
