// Splitting without leaks: images that are linked (the same file or pixels, near-duplicates, frames, a key) go
// together; the groups are placed so that every split gets its share of every class; what an earlier split.lock placed
// stays. Ends in a statement that says what was made sure, by which search, and what was not.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/factors.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/links.h"
#include "vetset/split/assign.h"
#include "vetset/split/keys.h"
#include "vetset/split/lock.h"

namespace vetset {

struct SplitSettings {
  std::vector<std::string> names;
  std::vector<std::uint32_t> ratios;  // parts of their sum
  std::uint64_t seed = 0;
  bool stratify = true;     // by class
  std::uint32_t folds = 0;  // above 0: names are the folds
};
/// "80/10/10", "0.8/0.1/0.1", "70/30": parts of their sum, of three decimals at most.
Result<std::vector<std::uint32_t>> parse_ratios(std::string_view text);
/// Whether names can be those of splits: some, each once, each good for a folder.
Result<void> check_names(const std::vector<std::string>& names);

/// What is known of the images: in every list one entry an image.
struct SplitInput {
  std::span<const Facts> facts;           // with digests where there are files
  std::span<const Keys> keys = {};        // images of one key stay together
  const Links* links = nullptr;           // linked images do; null: only files and keys are compared
  std::span<const Keys> factors = {};     // every value gets its share in every split, as a class does
  std::span<const Factor> measured = {};  // likewise every level, of images or objects; not numeric
  const Keys* pins = nullptr;             // the name of the split that an image is to be in
  const SplitLock* before = nullptr;
};

struct SplitReport {
  static constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();

  SplitSettings settings;
  std::int32_t fold = -1;         // of `folds`, which one is val here; −1: none
  std::vector<std::uint32_t> of;  // by image of the source: its split; `nowhere` for quarantine
  struct Part {
    std::uint64_t images = 0, groups = 0, objects = 0;
    double mean_deviation = 0;            // relative, over the classes that there are and images without objects
    double worst_deviation = 0;           // of the same
    std::uint32_t worst_class = nowhere;  // the last of `classes` for images without objects
  };
  std::vector<Part> parts;  // by split
  double deviation = 0;     // mean over classes and splits
  std::vector<std::string> classes;
  std::vector<LabelBalance> balances;  // by class; the last one, named "", counts images without objects
  /// What is even besides classes.
  struct Factor {
    std::string key;
    std::uint64_t without = 0;  // images, or objects, that it says nothing of
    bool of_objects = false;
    std::vector<std::string> values;
    std::vector<LabelBalance> balances;  // by value
  };
  std::vector<Factor> factors;
  std::uint64_t images = 0, groups = 0, grouped_images = 0;  // grouped: those in groups of several
  std::uint64_t identical_images = 0;                        // that are the same file as another
  std::uint64_t without_file = 0;
  struct KeyUse {
    std::string key;
    std::uint64_t images = 0, without = 0, values = 0, unused_rows = 0;
  };
  std::vector<KeyUse> keys;
  /// Two images and what joins them, in words.
  struct Joint {
    std::string first, second, how;
    std::uint64_t images = 0;  // of a bridge: those on its smaller side; of a cut: of the group before
    std::string why = {};      // of a cut
  };
  struct Largest {
    Digest id;
    std::uint64_t images = 0;
    std::string example;
    std::vector<std::string> linked_by;  // "identical files", "folder clip_1", ten at most
    std::vector<Joint> bridges = {};     // links without which it would be two groups; ten at most
  };
  Largest largest;
  /// What was searched, and what was found.
  struct Linked {
    NearSearch near;
    Edges edges;                              // between the images that are in splits
    std::array<std::uint64_t, 4> aside = {};  // images that no near-duplicate was searched of, by Aside::Why
    std::uint64_t cuts = 0;
    std::vector<Joint> first_cuts = {};  // a hundred at most
    std::vector<std::string> notes = {};
  };
  std::optional<Linked> linked = {};
  std::uint64_t pinned = 0, unused_pins = 0;       // images that were pinned; rows that name no image
  bool locked = false;                             // an earlier lock was kept
  std::uint64_t kept = 0, placed = 0, absent = 0;  // images that a lock knew; that are new; that it knew and are gone
  struct Quarantined {
    ImageIndex image;
    std::string path;
    std::uint32_t from = 0, against = 0;  // its split, and that of the image it belongs to
    bool now = false;                     // found in this run; else it was before
  };
  std::vector<Quarantined> quarantined;  // by path
  Digest assignment;                     // root over "<split> <digest> <path>", by path
  // Measured on the result: none, or it is our defect. Links that were cut may cross.
  std::uint64_t crossing_files = 0, crossing_keys = 0, crossing_links = 0, crossing_cuts = 0;
  std::vector<std::string> notes;   // what the new splits could not take over
  SplitLock lock;                   // to be written beside the result
  std::vector<Facts> facts;         // of the images, as they were looked at
  std::optional<Links> links = {};  // what ties them, where it was searched
};

/// Places every image; changes nothing.
Result<SplitReport> plan_split(const Dataset& d, const SplitInput& input, const SplitSettings& settings);

/// The dataset with these splits in place of its own, without what is in quarantine; appends to `report.notes` what the
/// documents said that no split can take over.
Dataset with_splits(Dataset d, SplitReport& report);

/// Counts what crosses splits of `d`, which stands for the images of a report: identical files, equal keys, links.
void measure_crossings(const Dataset& d, const SplitInput& input, SplitReport& report);

/// The split statement: canonical JSON, schema docs/schema/split-v2.json.
std::string statement_of(const SplitReport& report, std::string_view program);
/// What the statement says, and what it does not: sentences.
std::string claim_of(const SplitReport& report);
std::vector<std::string> limits_of(const SplitReport& report);
/// "80/10/10 by group, stratified, seed 7".
std::string summary_of(const SplitReport& report);

}  // namespace vetset
