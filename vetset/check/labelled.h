// The labels that a property could give away: of images that have one class each, or of objects. And how well a
// property of few levels tells them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/units.h"
#include "vetset/dataset/factors.h"

namespace vetset {

struct Labelled {
  bool whole_images = false;          // each image has one class, said of it as a whole
  std::vector<std::uint32_t> record;  // image or annotation
  std::vector<CategoryIndex> label;   // beside it
  std::vector<ImageIndex> image;      // beside it
  std::string_view word() const { return whole_images ? "image" : "object"; }
};
Labelled labelled(const Dataset& d);
/// One a group, at most `most`.
Labelled one_a_group(const Labelled& all, const IndependentGroups& groups, std::size_t most);

inline constexpr std::uint32_t folds = 5;
/// Levels of a property beside labels; records whose level is not known are left out.
struct Paired {
  std::size_t levels = 0, classes = 0;
  std::vector<std::uint32_t> level, label;
  std::vector<std::uint8_t> fold;  // that it is tried in; one for a group
};
Paired paired(const Labelled& labelled, const Factor& factor, const IndependentGroups& groups, std::size_t classes);

/// How much more often the commonest class of a record's level is right than the commonest class of all, each fifth
/// judged by the other four, over how much more often it could be: 0 or less where the property says nothing, 1 where
/// all is told.
double skill_of(const Paired& pairs);
/// Cramér's V without its bias.
double association_of(const Paired& pairs);

}  // namespace vetset
