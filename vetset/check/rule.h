// A rule looks at the evidence and reports findings. One `Rule` value per rule, in one file; rules.def lists them.
// Rules are pure: no files, no threads, no clock. Scan, then facts, then judge.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/tree.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/finding.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

struct Groups;
struct Links;
struct MaskFile;
struct Predictions;
struct Embeddings;
struct Contract;
struct ContractReport;
struct Probabilities;
struct PredictedObjects;
struct Suspects;
struct Previous;
struct Compared;
struct Proof;

/// What a user may set for the rules (vetset.toml, flags). Where each number comes from is said on the page of its
/// rule.
struct CheckSettings {
  std::string today = {};                             // YYYY-MM-DD; empty: not said
  std::uint32_t image_size = 640;                     // the longer side that a trainer resizes to, in pixels
  std::vector<std::string> group_by = {};             // LEA311: keys of images whose equal values belong into one split
  double two_class_iou = 0.95;                        // LBL103: boxes of two classes that overlap more are one box
  double duplicate_iou = 0.90;                        // LBL104: boxes of one class that overlap more are one object
  double tiny_side = 2, small_side = 8;               // LBL112: pixels at image_size; warned of, counted
  double outlier_deviations = 5;                      // LBL113: robust standard deviations
  double whole_image_iou = 0.98;                      // LBL114
  std::vector<std::string> whole_image_classes = {};  // LBL114: classes that may fill their image
  double class_imbalance = 50;                        // COV201: largest class over smallest
  double recall_half_width = 0.05;                    // COV202: of a recall of 0.9, at 95 %
  double drift_px = 0.5;                              // FMT415
  double label_agreement = 0.8;                       // LBL102: F1 of boxes at an IoU of a half
  double file_label_auc = 0.6;                        // LEA315
  std::vector<std::string> raters_by = {};            // LBL150 …: "layer", "attribute:KEY"; empty: what the data say
  std::vector<std::string> split_policy = {};         // LEA316: "temporal"
  double blur_quantile = 0.01, blur_edge_width = 4;   // IMG501: share of images; pixels of 512
  double dark_luma = 0.32, bright_luma = 0.95;        // IMG502, IMG503: of white
  double least_entropy = 3;                           // IMG504: bits
  double least_aspect = 0.35;                         // IMG505: shorter side over longer
  double least_quality = 50;                          // IMG507: of a JPEG, 1 to 100
  double least_upper_band = 0.001;                    // IMG508: share of energy
  double border_share = 0.02;                         // IMG509: of a side
  std::uint32_t placeholder_copies = 3;               // IMG510
};

/// The paths of the tree that was read, sorted.
using Listing = std::span<const std::string_view>;

struct Evidence {
  const Dataset& dataset;
  Listing files;
  std::span<const Finding> reading;  // what the reader found
  std::span<const Facts> facts;      // one an image; empty: not scanned
  const CheckSettings& settings;
  const Groups* groups = nullptr;
  const Predictions* predictions = nullptr;
  const Embeddings* embeddings = nullptr;
  const Contract* contract = nullptr;
  const Previous* previous = nullptr;
  const Proof* proof = nullptr;
  std::span<const MaskFile> masks = {};          // with their headers; empty: none, or not looked at
  std::span<const PixelFacts> pixels = {};       // one an image; empty: pixels were not looked at
  const Links* links = nullptr;                  // what ties images together; null: not searched
  const Dataset* earlier = nullptr;              // an earlier version of it
  std::string_view earlier_name = {};            // what messages call that
  const Links* hints = nullptr;                  // where `embeddings` were searched; `links` too, where they were
  const Probabilities* probabilities = nullptr;  // of classes, by image or annotation
  const PredictedObjects* predicted = nullptr;   // `predictions`, by this dataset's images and classes
  const Suspects* suspects = nullptr;            // what those two make suspect, ranked once for all rules of it
  const ContractReport* clauses = nullptr;       // what the clauses of `contract` came to
  const Compared* compared = nullptr;            // overlays, objects, lists of known pictures; null: not searched
};

/// What a rule cannot do without; a rule that lacks it is NOT RUN, never passed.
enum class Needs : std::uint16_t {
  labels = 0,
  files = 1,
  headers = 2,
  digests = 4,
  pixels = 8,
  predictions = 16,
  embeddings = 32,
  contract = 64,
  raters = 128,
  links = 256,
  probabilities = 512
};
constexpr Needs operator|(Needs a, Needs b) {
  return static_cast<Needs>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool operator&(Needs a, Needs b) { return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0; }

struct Report;

struct Rule {
  std::string_view code;   // "FMT407", never reused
  std::string_view name;   // "box-outside-image": reads well after "allow"
  std::string_view title;  // one line for tables: "a box reaches past its image"
  Severity severity;
  EvidenceClass evidence;
  Needs needs = Needs::labels;
  void (*check)(const Evidence&, const Report&) = nullptr;
  /// Why it cannot look at this dataset, beyond `needs` ("needs a proof"); empty: it can. Null: it always can.
  std::string (*not_run)(const Evidence&) = nullptr;
  /// Whether it knows images by their bytes here, so that every file must be read; null: it never does. `needs` asks
  /// for digests only where files may be copies.
  bool (*every_digest)(const Evidence&) = nullptr;
  std::uint8_t revision = 1;
  bool by_reader = false;  // its findings come from readers alone; `check` is null
  bool ranks = false;      // it reads `Evidence::suspects`
};

/// Where a rule puts what it finds. Code, revision, severity and evidence class are the rule's, unless a finding says
/// otherwise.
struct Report {
  const Rule& rule;
  const std::function<void(Finding)>& add;

  void operator()(Where where, std::string message, std::string fix = {}) const;
  void with(Severity severity, EvidenceClass evidence, Where where, std::string message, std::string fix = {}) const;
  /// With how far it is off, in the unit of the message, so that the worst can be shown first.
  void scored(double score, Where where, std::string message, std::string fix = {}) const;
};

/// Every rule, by code.
std::span<const Rule* const> rules();
const Rule* find_rule(std::string_view code_or_name);

}  // namespace vetset
