// Who labelled what: by layer, by a key of the records, or by dataset.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

/// Something that annotations can be told apart by: who made them, in which batch.
struct Makers {
  static constexpr std::uint32_t nobody = 0xffffffffU;
  std::string by = {};                  // "layer", "attribute:annotator", "dataset"; empty: nothing is said
  std::vector<std::string> names = {};  // sorted
  std::vector<std::uint32_t> of = {};   // by annotation: index into `names`, or nobody

  /// Whether two annotations are one maker's, or nobody's.
  bool of_one(AnnotationIndex a, AnnotationIndex b) const { return of.empty() || of[to_size(a)] == of[to_size(b)]; }
};
/// All that there is: layers, and the usual keys of annotators and batches, of annotations or of their images. Only
/// what tells two apart.
std::vector<Makers> makers_of(const Dataset& d);

/// The raters of a dataset. An annotation without a rater beside others that have one is what the dataset ships: a
/// consensus, a gold label.
struct Raters : Makers {
  std::vector<std::uint32_t> begin = {}, seen = {};  // flat: the raters that looked at image i, ascending

  /// Who looked at an image: who labelled anything in it, or whose dataset lists it.
  std::span<const std::uint32_t> of_image(ImageIndex i) const {
    return std::span(seen).subspan(begin[to_size(i)], begin[to_size(i) + 1] - begin[to_size(i)]);
  }
  /// Images that two or more looked at.
  std::uint64_t shared_images() const;
  /// Says who looked at which image: pairs of image and rater, in any order.
  void set_seen(std::size_t images, std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs);
};

/// `by`: "layer", "attribute:KEY" (an attribute or another key of an annotation's record), or empty for what the
/// dataset has: layers, else the first of some usual keys ("annotator", "rater", "worker" …); no names where it has
/// none. Errors: another word, a key that no annotation has.
Result<Raters> raters_by(const Dataset& d, std::string_view by = {});
/// The same where `by` may hold no error: then nobody.
Raters raters_or_nobody(const Dataset& d, std::span<const std::string> by);

}  // namespace vetset
