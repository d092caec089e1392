#include "vetset/check/labelled.h"

#include <algorithm>

#include "vetset/base/statistics.h"
#include "vetset/dataset/image_classes.h"

namespace vetset {

Labelled labelled(const Dataset& d) {
  Labelled all;
  const std::vector<CategoryIndex> of = classes_of_images(d);
  const auto classed = static_cast<std::size_t>(
      std::count_if(of.begin(), of.end(), [](CategoryIndex c) { return c != none<CategoryIndex>; }));
  all.whole_images = classed > 0 && classed * 2 > of.size();
  const auto add = [&](std::size_t record, CategoryIndex label, ImageIndex image) {
    all.record.push_back(static_cast<std::uint32_t>(record));
    all.label.push_back(label);
    all.image.push_back(image);
  };
  if (all.whole_images) {
    for (std::size_t i = 0; i < of.size(); ++i)
      if (of[i] != none<CategoryIndex>) add(i, of[i], to_index<ImageIndex>(i));
    return all;
  }
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (a.image != none<ImageIndex> && a.category != none<CategoryIndex> && !a.flags.is(Flag::crowd))
      add(n, a.category, a.image);
  }
  return all;
}

Labelled one_a_group(const Labelled& all, const IndependentGroups& groups, std::size_t most) {
  Labelled few{.whole_images = all.whole_images};
  for (const std::uint32_t k :
       one_a_group(groups, all.image.size(), most, 1, [&](std::size_t n) { return all.image[n]; })) {
    few.record.push_back(all.record[k]);
    few.label.push_back(all.label[k]);
    few.image.push_back(all.image[k]);
  }
  return few;
}

Paired paired(const Labelled& labelled, const Factor& factor, const IndependentGroups& groups, std::size_t classes) {
  Paired pairs{.levels = factor.names.size(), .classes = classes};
  const bool by_image = factor.of == FactorOf::image;
  for (std::size_t k = 0; k < labelled.record.size(); ++k) {
    const std::uint32_t level = factor.levels[by_image ? to_size(labelled.image[k]) : labelled.record[k]];
    if (level == Factor::unknown) continue;
    pairs.level.push_back(level);
    pairs.label.push_back(static_cast<std::uint32_t>(to_size(labelled.label[k])));
    pairs.fold.push_back(static_cast<std::uint8_t>(Random(groups.of[to_size(labelled.image[k])]).below(folds)));
  }
  return pairs;
}

double skill_of(const Paired& pairs) {
  const std::size_t row = pairs.classes, fold = pairs.levels * row;
  std::vector<std::uint32_t> counts(folds * fold), whole(fold), others(row);
  for (std::size_t k = 0; k < pairs.level.size(); ++k)
    ++counts[pairs.fold[k] * fold + pairs.level[k] * row + pairs.label[k]];
  for (std::size_t k = 0; k < counts.size(); ++k) whole[k % fold] += counts[k];
  std::uint64_t right = 0, commonest_right = 0;
  for (std::size_t f = 0; f < folds; ++f) {
    const std::uint32_t* own = &counts[f * fold];
    std::fill(others.begin(), others.end(), 0U);
    for (std::size_t k = 0; k < fold; ++k) others[k % row] += whole[k] - own[k];
    const auto commonest = static_cast<std::size_t>(std::max_element(others.begin(), others.end()) - others.begin());
    for (std::size_t l = 0; l < pairs.levels; ++l) {
      std::size_t best = commonest;
      std::uint32_t most = 0;
      for (std::size_t c = 0; c < row; ++c)
        if (const std::uint32_t count = whole[l * row + c] - own[l * row + c]; count > most) most = count, best = c;
      right += own[l * row + best];
      commonest_right += own[l * row + commonest];
    }
  }
  const auto all = static_cast<double>(pairs.level.size()), base = static_cast<double>(commonest_right);
  return all > base ? (static_cast<double>(right) - base) / (all - base) : 0;
}

double association_of(const Paired& pairs) {
  std::vector<double> counts(pairs.levels * pairs.classes);
  for (std::size_t k = 0; k < pairs.level.size(); ++k) ++counts[pairs.level[k] * pairs.classes + pairs.label[k]];
  return association(counts, pairs.classes);
}

}  // namespace vetset
