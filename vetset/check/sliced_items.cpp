#include "vetset/check/sliced_items.h"

#include <algorithm>

#include "vetset/check/conditions.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

/// "exif.geohash.5" is of the kind "exif.geohash.*".
bool is_of_kind(std::string_view name, std::string_view kind) {
  return kind.ends_with('*') ? name.starts_with(kind.substr(0, kind.size() - 1)) : name == kind;
}

}  // namespace

std::vector<bool> drawn_items(std::span<const ImageIndex> image, const IndependentGroups& groups, std::size_t most) {
  std::vector<bool> stay(image.size(), true);
  if (image.size() <= most) return stay;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  std::vector<std::uint32_t> sizes(groups.count);
  for (const ImageIndex i : image) ++sizes[groups.of[to_size(i)]];
  for (std::uint32_t g = 0; g < groups.count; ++g)
    if (sizes[g] > 0) order.emplace_back(Random(g).bits(), g);
  std::sort(order.begin(), order.end());
  std::vector<bool> stays(groups.count);
  std::size_t items = 0;
  for (const auto& [key, g] : order) {
    if (items + sizes[g] > most) break;
    items += sizes[g];
    stays[g] = true;
  }
  for (std::size_t k = 0; k < image.size(); ++k) stay[k] = stays[groups.of[to_size(image[k])]];
  return stay;
}

std::vector<Factor> factors_of_items(const Evidence& evidence, const SlicedItems& items,
                                     const std::function<bool(const FactorKind&)>& wanted,
                                     const std::vector<std::string>& only) {
  const auto is_wanted = [&](const FactorKind& kind) {
    if (only.empty()) return wanted(kind);
    return (items.of_objects || kind.of == FactorOf::image || wanted(kind)) &&
           std::any_of(only.begin(), only.end(), [&](const std::string& name) { return is_of_kind(name, kind.name); });
  };
  std::vector<Factor> all;
  for (Condition& one : conditions(evidence, {.bins = 4, .most_levels = 30}, is_wanted)) {
    Factor& f = one.factor;
    if (!only.empty() && std::find(only.begin(), only.end(), f.name) == only.end()) continue;
    std::vector<std::uint32_t> levels;
    if (f.of == FactorOf::annotation && !items.of_objects) {  // the class of an image labelled as a whole
      std::vector<std::uint32_t> of_image(evidence.dataset.images.size(), Factor::unknown);
      for (std::size_t n = 0; n < f.levels.size(); ++n)
        if (const ImageIndex i = evidence.dataset.annotations[n].image; i != none<ImageIndex>)
          of_image[to_size(i)] = f.levels[n];
      for (const std::uint32_t i : items.record) levels.push_back(of_image[i]);
    } else {
      for (std::size_t k = 0; k < items.record.size(); ++k)
        levels.push_back(f.levels[f.of == FactorOf::image ? to_size(items.image[k]) : items.record[k]]);
    }
    f.levels = std::move(levels);
    all.push_back(std::move(f));
  }
  std::stable_partition(all.begin(), all.end(), [](const Factor& f) { return f.of == FactorOf::image; });
  return all;
}

std::string slice_name(const std::vector<FactorLevel>& levels, std::span<const Factor> factors) {
  std::string name;
  for (const FactorLevel& level : levels)
    name += (name.empty() ? "" : " with ") + factors[level.factor].name + " " +
            quoted(factors[level.factor].names[level.level]);
  return name;
}

}  // namespace vetset
