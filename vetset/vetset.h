// The façade: what the program and the Python module call. The only place where the verbs meet.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/check/consumer.h"
#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/finding.h"
#include "vetset/dataset/statement.h"
#include "vetset/formats/format.h"
#include "vetset/package/verify.h"

namespace vetset {

std::string_view version();  // "0.1.0"

/// What all verbs take.
struct Common {
  unsigned threads = 0;  // 0: what the machine has
  Limits limits = {};
  Progress progress = {};
};

struct OpenOptions {
  std::string from = {};        // format id, or id:dialect where data alone cannot tell; empty: detect
  std::string images_dir = {};  // where to look for images first
  bool probe_images = true;     // read image headers where sizes are needed
  Common common = {};
};

/// A dataset that was opened: the tree it lies in, what was read, and how.
struct Source {
  std::unique_ptr<Tree> tree;
  std::unique_ptr<Tree> images;  // of --images-dir; null: `tree`
  std::string only = {};         // the one annotation file that was named; empty: all
  const Format* format = nullptr;
  Detection detection;
  Dataset dataset;
  std::vector<Finding> findings;  // of the reader
  std::vector<std::pair<std::string_view, std::uint64_t>> finding_counts;
  std::vector<std::string> notes;
  std::vector<Step> steps = {};  // what was done to the dataset since it was read: fix, split, transform, combine

  const Tree& media() const { return images ? *images : *tree; }
};

/// Which formats a path could be, best first, without reading it. A path is a dataset's root, one annotation file, or
/// an archive.
struct DetectReport {
  std::string path;
  std::uint64_t files = 0;
  std::vector<Detected> candidates;
  std::vector<TreeProblem> problems;
};
Result<DetectReport> detect(const std::string& path, const OpenOptions& options = {});

Result<Source> open(const std::string& path, const OpenOptions& options = {});

struct CheckOptions {
  std::vector<std::string> select = {}, ignore = {};  // rule codes, prefixes ("LBL1") or names
  bool images = true;                                 // look at the image files
  CheckSettings settings = {};
  Common common = {};
};
/// A rule and what came of it.
struct RuleResult {
  const Rule* rule = nullptr;
  std::string not_run = {};  // why: "needs images"; empty: it ran
  std::uint64_t count = 0;
};
struct CheckReport {
  std::vector<Finding> findings;  // by severity, code, place
  std::vector<RuleResult> rules;  // all, in catalogue order
  std::vector<Facts> facts;
  std::vector<ConsumerView> consumers;
  Counts counts;
  std::uint64_t errors = 0, warnings = 0, notes = 0;
  double seconds = 0;  // wall; for people, never in JSON
};
Result<CheckReport> check(const Source& source, const CheckOptions& options = {});
/// Line and column of a finding, read from the tree where they are not known yet.
Place place_of(const Source& source, const Finding& finding);
/// The same for many findings, reading each file once at most.
std::vector<Place> places_of(const Source& source, std::span<const Finding> findings);

struct ConvertOptions {
  std::string to;           // format id
  std::string task = {};    // empty: what the data hold
  std::string accept = {};  // "crowd=drop,parts=bridge", "all"
  ImagesMode images = ImagesMode::copy;
  int digits = -1;
  bool dry_run = false;         // measure, publish nothing
  bool overwrite = false;       // replace what is at the target
  std::string proof_path = {};  // empty: "<target>.proof.json" beside the target
  Common common = {};
};
struct Conversion {
  Proof proof;
  Verdict verdict = Verdict::exact;
  std::string target = {};  // what was published; empty: nothing
  std::string proof_path = {};
  std::vector<std::string> step_paths = {};  // documents of the source's steps, beside the proof
  std::string accept = {};             // for `undecided`: what most people choose, as --accept takes it
  std::uint64_t bytes = 0, files = 0;  // written
};
Result<Conversion> convert(const Source& source, const std::string& target, const ConvertOptions& options);

/// Makes the folder that people train on the package itself: `.vetset/` gets the manifest of every file, the identities
/// and, with a key, a signature. Nothing else is touched. Sealing again replaces the seal.
struct SealOptions {
  std::string key = {};                 // PEM file of a P-256 private key; empty: not signed
  std::string passphrase = {};          // of an encrypted key
  std::string name = {}, version = {};  // of the package; empty: the folder's name, "0.1.0"
  std::string from = {};                // format id; empty: detect
  Common common = {};
};
struct SealReport {
  std::string package_id, dataset_id, labels_id;  // "sha256:…"
  std::uint64_t files = 0, bytes = 0;
  std::string format = {};
  Counts counts = {};
  std::string key_hint = {};  // SHA-256 of the public key; empty: not signed
  std::vector<std::string> warnings = {};
};
Result<SealReport> seal(const std::string& folder, const SealOptions& options = {});

struct VerifyOptions {
  std::vector<std::string> keys = {};  // PEM files of public keys that are trusted
  Common common = {};
};
/// A sealed folder or a package. No key: at best INTACT. Fails only where it cannot be looked at.
Result<Verification> verify(const std::string& path, const VerifyOptions& options = {});

/// Writes a new P-256 key pair: `path` (private, mode 0600, encrypted where a passphrase is given) and `path`.pub.
struct NewKey {
  std::string private_path, public_path, hint;
};
Result<NewKey> new_key(const std::string& path, const std::string& passphrase = {});

/// labels_id of a source, and dataset_id where the images are at hand; `rows` gets the canonical text form.
struct Identities {
  std::string labels_id, dataset_id;  // "sha256:…"; dataset_id empty where images are missing
  std::string labels_document, dataset_document;
  std::uint64_t media = 0, media_missing = 0;
};
Result<Identities> identities(const Source& source, const Common& common,
                              const std::function<void(std::string_view table, std::string_view row)>& row = {});

}  // namespace vetset
