// Splitting without leaks: images that are the same file, or that share a key, go together; the groups are placed so
// that every split gets its share of every class; what an earlier split.lock placed stays. Ends in a statement that
// says what was made sure, and what was not.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/dataset/facts.h"
#include "vetset/split/assign.h"
#include "vetset/split/keys.h"
#include "vetset/split/lock.h"

namespace vetset {

struct SplitSettings {
  std::vector<std::string> names;
  std::vector<std::uint32_t> ratios;  // parts of their sum
  std::uint64_t seed = 0;
  bool stratify = true;
  std::uint32_t folds = 0;  // above 0: names are the folds
};
/// "80/10/10", "0.8/0.1/0.1", "70/30": parts of their sum, of three decimals at most.
Result<std::vector<std::uint32_t>> parse_ratios(std::string_view text);
/// Whether names can be those of splits: some, each once, each good for a folder.
Result<void> check_names(const std::vector<std::string>& names);

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
  std::uint64_t images = 0, groups = 0, grouped_images = 0;  // grouped: those in groups of several
  std::uint64_t identical_images = 0;                        // that are the same file as another
  std::uint64_t without_file = 0;
  struct KeyUse {
    std::string key;
    std::uint64_t images = 0, without = 0, values = 0, unused_rows = 0;
  };
  std::vector<KeyUse> keys;
  struct Largest {
    Digest id;
    std::uint64_t images = 0;
    std::string example;
    std::vector<std::string> linked_by;  // "identical files", "folder clip_1", ten at most
  };
  Largest largest;
  bool locked = false;                             // an earlier lock was kept
  std::uint64_t kept = 0, placed = 0, absent = 0;  // images that a lock knew; that are new; that it knew and are gone
  struct Quarantined {
    ImageIndex image;
    std::string path;
    std::uint32_t from = 0, against = 0;  // its split, and that of the image it belongs to
    bool now = false;                     // found in this run; else it was before
  };
  std::vector<Quarantined> quarantined;                 // by path
  Digest assignment;                                    // root over "<split> <digest> <path>", by path
  std::uint64_t crossing_files = 0, crossing_keys = 0;  // measured on the result: none, or it is our defect
  std::vector<std::string> notes;                       // what the new splits could not take over
  SplitLock lock;                                       // to be written beside the result
  std::vector<Facts> facts;                             // of the images, as they were looked at
};

/// Places every image; changes nothing. `facts` one an image, with digests where there are files; `before` may be null.
Result<SplitReport> plan_split(const Dataset& d, std::span<const Facts> facts, std::span<const Keys> keys,
                               const SplitSettings& settings, const SplitLock* before);

/// The dataset with these splits in place of its own, without what is in quarantine; appends to `report.notes` what the
/// documents said that no split can take over.
Dataset with_splits(Dataset d, SplitReport& report);

/// Counts pairs that cross splits of `d`, which stands for the images of a report: identical files, equal keys.
void measure_crossings(const Dataset& d, std::span<const Facts> facts, std::span<const Keys> keys, SplitReport& report);

/// The split statement: canonical JSON, schema docs/schema/split-v1.json.
std::string statement_of(const SplitReport& report, std::string_view program);
/// "80/10/10 by group, stratified, seed 7".
std::string summary_of(const SplitReport& report);

}  // namespace vetset
