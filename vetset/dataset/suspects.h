// Labels that are worth a second look, ranked: what rules about predictions, raters and neighbours find, what a review
// queue hands to people, and what they answered. No verdicts: a score orders, and only answers say how many are wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"

namespace vetset {

struct Suspect {
  std::string_view code;                               // of the rule: "LBL130"
  ImageIndex image = none<ImageIndex>;                 //
  AnnotationIndex annotation = none<AnnotationIndex>;  // none: something that has no annotation (LBL130), or the image
  double score = 0;                                    // 0 to 1; the higher, the more worth a look
  CategoryIndex proposed = none<CategoryIndex>;        // the class that the evidence speaks for
  Box box = {};                                        // of what is proposed; no area: none
  double confidence = 0;                               // of the prediction that speaks for it, where there is one
  CategoryIndex given = none<CategoryIndex>;           // the class that it is labelled with; none: it has no label
  bool flagged = true;    // the rule reports it; else it is only ranked, for queues that look further down
  std::uint64_t row = 0;  // of the predictions that speak for it (boxes), for their masks
};

/// By falling score; equal ones by code, image, annotation. Every rule's own scores are comparable among themselves.
struct Suspects {
  std::vector<Suspect> rows;
  /// Whether the predictions were made without having seen these labels: attested by fold ids, else they are a hint.
  bool out_of_fold = false;
  std::uint64_t looked_at = 0;  // labels that could have become suspects

  /// Two classes of which one is given where the other is meant (LBL122): of `labels` of the first, about `estimate`,
  /// and in what interval the share lies (95 %, by groups of images).
  struct ClassPair {
    CategoryIndex given{}, meant{};
    std::uint64_t labels = 0;
    double estimate = 0;
    double low = 0, high = 1;
  };
  std::vector<ClassPair> pairs = {};    // by falling share
  std::vector<std::string> notes = {};  // what a reader of the scores should know, sentences
};

}  // namespace vetset
