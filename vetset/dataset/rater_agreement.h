// How far several raters agree about a dataset, in one report: of classes, of objects, of boxes; each with its
// interval, by class, by pair and by rater. Schema: docs/schema/agreement-v1.json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/coefficients.h"
#include "vetset/dataset/consensus.h"

namespace vetset {

/// What an agreement allows to conclude, after Krippendorff: his limits are .800 and .667. The interval decides.
enum class Reliance : std::uint8_t {
  firm,       // above .800 as a whole
  tentative,  // above .667 as a whole
  undecided,  // too few units to say
  too_low,    // below .667 as a whole
  unknown,    // no coefficient: fewer than two values were given
};
inline constexpr double firm_alpha = 0.800, tentative_alpha = 0.667;
std::string_view name(Reliance);
/// `images`: that the interval was drawn from; of fewer than ten it says too little.
Reliance reliance(double alpha, const Interval& interval, std::uint64_t images);

/// One class against all others.
struct ClassAgreement {
  std::uint32_t value = 0;
  std::string name;
  double ratings = 0;  // of it, among those that have a partner
  double alpha = no_agreement, raw = no_agreement;
  Interval interval = {};
};

/// Agreement about one thing.
struct AgreementOf {
  std::string_view what;  // "image class", "image tag", "object class", "object", "box"
  std::uint64_t units = 0, images = 0;
  double alpha = no_agreement, raw = no_agreement;  // raw: share of pairs that are equal; of boxes mean IoU
  Interval interval = {};                           // of alpha, 95 %, by image
  FleissKappa fleiss = {};
  Reliance reliance = Reliance::unknown;
  std::vector<ClassAgreement> classes = {};
};

struct RaterReport {
  std::string name;
  std::uint64_t images = 0, annotations = 0;
  RaterStanding standing;
  double right = 0;  // Dawid and Skene: how likely they say what is probably true
};

/// A shipped label that the raters' consensus does not bear out.
struct Contradicted {
  ImageIndex image{};
  AnnotationIndex given = none<AnnotationIndex>;    // none: nothing is shipped where the raters have an object
  CategoryIndex proposed = none<CategoryIndex>;     // none: there is nothing
  AnnotationIndex example = none<AnnotationIndex>;  // of a rater who says so
  CategoryIndex of = none<CategoryIndex>;           // RatedBy::tag: the class in question
  double probability = 0;                           // of what is given
  double proposed_probability = 0;
  std::uint32_t raters = 0;  // that looked
};
/// Where what is shipped is true with less than a half, by what `consensus` says of `ratings`.
std::vector<Contradicted> contradicted(const Ratings& ratings, const Consensus& consensus);

struct RaterAgreement {
  std::string by;
  std::uint64_t images = 0, shared_images = 0;  // that anybody looked at; that two or more did
  double least_iou = 0.5;
  unsigned draws = 0;
  bool shipped = false;  // whether there are labels beside those of raters
  std::vector<AgreementOf> about;
  std::vector<RaterReport> raters;
  std::vector<PairAgreement> pairs;  // of the first of `about` that pairs are counted of
  std::string_view pairs_of;
  std::vector<Contradicted> contradictions;  // of all that are shipped
  std::uint64_t compared = 0;                // shipped labels that raters looked at
};

struct AgreementSettings {
  double least_iou = 0.5;
  unsigned draws = 1000;  // of the bootstrap
  bool details = true;    // pairs, raters and consensus, too
};
RaterAgreement rater_agreement(const Dataset& d, const Raters& raters, const AgreementSettings& settings = {});

std::string to_json(const RaterAgreement& a, const Dataset& d, std::string_view program, std::string_view source);

}  // namespace vetset
