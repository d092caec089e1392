#include "vetset/check/label_slices.h"

#include <algorithm>

#include "vetset/check/conditions.h"
#include "vetset/check/labelled.h"

namespace vetset {
namespace {

constexpr std::size_t most_judged = 20'000;  // independent items that tests count

bool is_labelled(const Annotation& a) {
  return a.image != none<ImageIndex> && a.category != none<CategoryIndex> && !a.flags.is(Flag::crowd);
}

SlicedItems items_of(const Dataset& d, bool of_objects) {
  SlicedItems items{.of_objects = of_objects, .record = {}, .image = {}};
  const std::size_t records = of_objects ? d.annotations.size() : d.images.size();
  for (std::size_t k = 0; k < records; ++k) {
    if (of_objects && !is_labelled(d.annotations[k])) continue;
    items.record.push_back(static_cast<std::uint32_t>(k));
    items.image.push_back(of_objects ? d.annotations[k].image : to_index<ImageIndex>(k));
  }
  return items;
}

void keep(SlicedItems& items, const std::vector<bool>& stay) {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < items.record.size(); ++k) {
    if (!stay[k]) continue;
    items.record[kept] = items.record[k];
    items.image[kept++] = items.image[k];
  }
  items.record.resize(kept);
  items.image.resize(kept);
}

/// Objects of a class; images that show one, and those that show none at all.
std::vector<ItemMark> marks_of_classes(const Dataset& d, const SlicedItems& items) {
  std::vector<ItemMark> marks;
  for (const Category& c : d.categories) marks.push_back({c.name, std::vector<std::uint8_t>(items.record.size())});
  if (items.of_objects) {
    for (std::size_t k = 0; k < items.record.size(); ++k)
      marks[to_size(d.annotations[items.record[k]].category)].of[k] = ItemMark::yes;
  } else {
    std::vector<std::uint32_t> place(d.images.size(), 0xffffffffU);
    for (std::size_t k = 0; k < items.record.size(); ++k) place[items.record[k]] = static_cast<std::uint32_t>(k);
    ItemMark empty{"", std::vector<std::uint8_t>(items.record.size(), ItemMark::yes)};  // without any object
    for (const Annotation& a : d.annotations) {
      if (a.image == none<ImageIndex> || place[to_size(a.image)] == 0xffffffffU) continue;
      empty.of[place[to_size(a.image)]] = ItemMark::no;
      if (is_labelled(a)) marks[to_size(a.category)].of[place[to_size(a.image)]] = ItemMark::yes;
    }
    marks.push_back(std::move(empty));
  }
  // What all have or none has is nowhere commoner.
  std::erase_if(marks, [](const ItemMark& m) {
    return std::all_of(m.of.begin(), m.of.end(), [&](std::uint8_t one) { return one == m.of.front(); });
  });
  return marks;
}

void add_splits(const SlicedItems& items, std::span<const SplitPair> pairs, UnevenItems& made) {
  for (const SplitPair& pair : pairs) {
    ItemMark mark{std::string(pair.other), {}};
    for (const ImageIndex i : items.image) {
      const Side side = pair.side[to_size(i)];
      mark.of.push_back(side == Side::from ? ItemMark::yes : side == Side::minus ? ItemMark::no : ItemMark::not_asked);
    }
    made.splits.push_back(std::move(mark));
    made.bases.emplace_back(pair.base);
  }
}

/// One of each group that stands on either side: what is in two splits speaks for neither alone.
std::vector<std::uint32_t> judged_items(const SlicedItems& items, const IndependentGroups& groups) {
  return one_a_group(groups, items.record.size(), most_judged, 1, [&](std::size_t k) { return items.image[k]; });
}

UnevenItems uneven_items(const Evidence& evidence, bool of_objects, const IndependentGroups& groups,
                         std::span<const SplitPair> pairs, const LabelSliceSettings& settings, ThinSlices* thin) {
  SlicedItems items = items_of(evidence.dataset, of_objects);
  UnevenItems made{.of_objects = of_objects, .items = 0, .of_all = items.record.size()};
  keep(items, drawn_items(items.image, groups));
  made.items = items.record.size();
  made.factors = factors_of_items(
      evidence, items,
      [&](const FactorKind& kind) {
        if (!of_objects) return is_image_condition(kind);
        return (is_image_condition(kind) && kind.name != "image.objects") ||
               (is_object_condition(kind) && kind.name != "kind");
      },
      settings.factors);
  // A class tells of itself, and how many objects there are tells whether there is one: these only drift.
  const auto is_label = [](const Factor& f) { return f.name == "class" || f.name == "image.objects"; };
  const auto first_label =
      std::stable_partition(made.factors.begin(), made.factors.end(), [&](const Factor& f) { return !is_label(f); });
  const auto not_labels = static_cast<std::size_t>(first_label - made.factors.begin());
  std::size_t own = 0;
  while (of_objects && own < made.factors.size() && made.factors[own].of == FactorOf::image) ++own;
  made.classes = marks_of_classes(evidence.dataset, items);
  add_splits(items, pairs, made);
  const std::vector<std::uint32_t> judged = judged_items(items, groups);
  UnevenQuestion question{.factors = std::span(made.factors).first(not_labels),
                          .own = own,
                          .marks = made.classes,
                          .judged = judged,
                          .least = settings.least,
                          .depth = std::min(settings.depth, 2U),
                          .best = settings.best};
  made.labels = uneven_slices(question);
  if (thin != nullptr) *thin = thin_slices(question);
  question.factors = made.factors;
  question.marks = made.splits;
  made.drift = uneven_slices(question);
  return made;
}

}  // namespace

LabelSlices find_label_slices(const Evidence& evidence, const LabelSliceSettings& settings) {
  const IndependentGroups groups = independent_groups(evidence);
  const std::vector<SplitPair> pairs = split_pairs(evidence.dataset);
  LabelSlices made{.of = {}, .thin = {}, .unit = groups.word()};
  made.of.push_back(uneven_items(evidence, false, groups, pairs, settings, &made.thin));
  if (!labelled(evidence.dataset).whole_images)
    made.of.push_back(uneven_items(evidence, true, groups, pairs, settings, nullptr));
  return made;
}

}  // namespace vetset
