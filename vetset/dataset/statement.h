// Documents that carry a claim and what a stranger needs to check it. Here: the proof of a conversion.
// Schema: docs/schema/proof-v1.json. Later claims (split, evaluation) join it in this file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/dataset/compare.h"

namespace vetset {

/// One file that a claim speaks of.
struct FileDigest {
  std::string path;
  std::uint64_t bytes = 0;
  Digest digest;
};

/// A name that the target could not hold as it was, and the one it has now.
struct Renaming {
  std::string from, to;
  std::string reason;  // "flattened", "case", "characters"
};

/// A question that the target asked of some records, and the answer that was given.
struct Decided {
  Decision decision{};
  Policy policy = Policy::unset;  // unset: not answered, so nothing was written
  std::uint64_t count = 0;
  std::string first = {};  // "a/img.jpg, annotation 7"
  std::string why = {};
  std::vector<Policy> possible = {};
};

struct Counts {
  std::uint64_t images = 0, annotations = 0, categories = 0, splits = 0;
  bool operator==(const Counts&) const = default;
};
/// Splits of one name count once.
Counts counts_of(const Dataset& d);

/// Something that was done to the dataset before it was written. Its document is a file beside the proof, which names
/// it by digest.
struct Step {
  std::string name;      // "fix", "split", "transform", "combine"
  std::string summary;   // for people: "12 repairs", "80/10/10 by group, seed 7"
  std::string document;  // JSON object that says it record by record
};

/// What a conversion kept, lost and invented, measured by reading the result back.
struct Proof {
  static constexpr int version = 1;
  std::string program;   // "vetset 0.1.0"
  std::string from, to;  // format ids
  std::string task = {};
  std::string judge = {};                // the outside reader the target is held to; empty: self-consistent only
  std::vector<Step> steps = {};          // what was done to the source first, in order
  std::string source_name, target_name;  // base names, never paths of a machine
  std::vector<FileDigest> source_files, target_files;  // label files and documents; sorted by path
  Counts before, after;
  std::vector<Decided> decisions;
  std::vector<Difference> lines;  // in the order of fields.def
  std::vector<Renaming> names;
  bool dry_run = false;                // measured on output that was not published
  std::uint64_t files = 0, bytes = 0;  // written, images included; not part of the document

  bool exact() const;       // every line is `kept`
  bool undeclared() const;  // some line is a defect of ours
  bool undecided() const;   // some decision has no answer
};

/// What a proof amounts to, worst first: an undeclared loss, an open decision, declared losses only, none at all.
enum class Verdict : std::uint8_t { exact, declared, undecided, undeclared };
std::string_view name(Verdict);
Verdict verdict(const Proof& proof);

/// Canonical JSON (RFC 8785). Files are listed one by one up to `listed_files`; beyond that their number, their bytes
/// and the root of the Merkle tree (RFC 6962) over the lines "<hex digest> <bytes> <path>" speak for them.
inline constexpr std::size_t listed_files = 1000;
std::string to_json(const Proof& proof);
/// That root; also of lists that are written out.
Digest root_of(const std::vector<FileDigest>& files);

}  // namespace vetset
