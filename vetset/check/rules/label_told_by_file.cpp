#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "vetset/base/random.h"
#include "vetset/base/statistics.h"
#include "vetset/check/auc.h"
#include "vetset/check/file_traits.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/image_classes.h"
#include "vetset/dataset/links.h"

namespace vetset {
namespace {

constexpr std::uint32_t folds = 5;
constexpr std::uint64_t fewest = 20;       // images of a class, and of the others
constexpr std::size_t most_classes = 200;  // the largest ones
constexpr CategoryIndex unlabelled = none<CategoryIndex>;

/// Classes of enough images to be judged, the largest ones, in their order.
std::vector<CategoryIndex> judged_classes(const Dataset& d, const std::vector<CategoryIndex>& of) {
  std::vector<std::uint64_t> counts(d.categories.size());
  std::uint64_t all = 0;
  for (const CategoryIndex c : of)
    if (c != unlabelled) ++counts[to_size(c)], ++all;
  std::vector<CategoryIndex> classes;
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] >= fewest && all - counts[c] >= fewest) classes.push_back(to_index<CategoryIndex>(c));
  if (classes.size() <= most_classes) return classes;
  std::stable_sort(classes.begin(), classes.end(),
                   [&](CategoryIndex a, CategoryIndex b) { return counts[to_size(a)] > counts[to_size(b)]; });
  classes.resize(most_classes);
  std::sort(classes.begin(), classes.end());
  return classes;
}

std::string not_run_label_told_by_file(const Evidence& evidence) {
  return judged_classes(evidence.dataset, classes_of_images(evidence.dataset)).empty()
             ? "needs " + std::to_string(fewest) + " images a class"
             : "";
}

struct Image5 {
  std::size_t image = 0;
  std::uint32_t group = 0;
  std::uint32_t fold = 0;  // which fifth it is tried in
  bool positive = false;
};

/// What is tied together counts once, and is tried together: else images tell of each other.
std::vector<std::uint32_t> groups_of(const Evidence& evidence) {
  const std::size_t n = evidence.dataset.images.size();
  if (evidence.links != nullptr) return components(*evidence.links, n).of;
  std::vector<std::uint32_t> each(n);
  std::iota(each.begin(), each.end(), 0U);
  return each;
}

/// Log-odds of the class in each bin of a trait, learnt from the other four fifths.
using LogOdds = std::array<std::array<double, 16>, folds>;

LogOdds learn(const FileTrait& trait, const std::vector<Image5>& images) {
  std::array<std::array<std::array<double, 2>, 16>, folds> counts{};
  std::array<std::array<double, 2>, 16> whole{};
  for (const Image5& i : images) {
    ++counts[i.fold][trait.bins[i.image]][i.positive];
    ++whole[trait.bins[i.image]][i.positive];
  }
  LogOdds odds{};
  for (std::size_t f = 0; f < folds; ++f) {
    double positive = 0, negative = 0;
    for (std::size_t b = 0; b < trait.bin_count; ++b) {
      positive += whole[b][1] - counts[f][b][1];
      negative += whole[b][0] - counts[f][b][0];
    }
    for (std::size_t b = 0; b < trait.bin_count; ++b)
      odds[f][b] = std::log((whole[b][1] - counts[f][b][1] + 1) / (positive + trait.bin_count)) -
                   std::log((whole[b][0] - counts[f][b][0] + 1) / (negative + trait.bin_count));
  }
  return odds;
}

/// How well the traits tell a class, each fifth of the images judged by what the others teach (naive Bayes).
double area_of(std::span<const FileTrait* const> traits, const std::vector<Image5>& images) {
  std::vector<Scored> scored(images.size());
  for (std::size_t k = 0; k < images.size(); ++k) (images[k].positive ? scored[k].positive : scored[k].negative) = 1;
  for (const FileTrait* trait : traits) {
    const LogOdds odds = learn(*trait, images);
    for (std::size_t k = 0; k < images.size(); ++k)
      scored[k].score += odds[images[k].fold][trait->bins[images[k].image]];
  }
  return area_under_curve(scored);
}

struct Told {
  CategoryIndex category{};
  std::uint64_t positive = 0, negative = 0;
  double chance = 1, chance_of_content = 1;
  double area = 0.5;  // by traits that the content does not move
  double best = 0.5;  // by the best of them alone
  std::string_view by;
  double content = 0.5;  // by what the content moves, too
  std::string_view by_content;
};

Told judge(const std::vector<FileTrait>& traits, CategoryIndex category, std::vector<Image5>& images,
           const std::vector<CategoryIndex>& of) {
  Told told{.category = category};
  std::vector<bool> seen[2] = {std::vector<bool>(of.size()), std::vector<bool>(of.size())};  // groups
  std::uint64_t groups[2] = {};
  for (Image5& i : images) {
    i.positive = of[i.image] == category;
    ++(i.positive ? told.positive : told.negative);
    if (seen[i.positive][i.group]) continue;
    seen[i.positive][i.group] = true;
    ++groups[i.positive];
  }
  std::vector<const FileTrait*> firm;
  for (const FileTrait& trait : traits) {
    const FileTrait* one = &trait;
    const double area = area_of(std::span(&one, 1), images);
    if (trait.moved_by_content) {
      if (area > told.content) told.content = area, told.by_content = trait.name;
      continue;
    }
    firm.push_back(one);
    if (area > told.best) told.best = area, told.by = trait.name;
  }
  if (!firm.empty()) told.area = area_of(firm, images);
  told.chance = chance_of(told.area, groups[1], groups[0]);
  told.chance_of_content = chance_of(told.content, groups[1], groups[0]);
  return told;
}

void check_label_told_by_file(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  if (evidence.facts.empty()) return;
  const std::vector<CategoryIndex> of = classes_of_images(d);
  const std::vector<FileTrait> traits = file_traits(evidence);
  const std::vector<std::uint32_t> groups = groups_of(evidence);
  std::vector<Image5> images;
  for (std::size_t i = 0; i < of.size(); ++i)
    if (of[i] != unlabelled && evidence.facts[i].width != 0)
      images.push_back({i, groups[i], Random(groups[i]).below(folds)});
  std::vector<Told> all;
  std::vector<double> chances, chances_of_content;
  for (const CategoryIndex category : judged_classes(d, of)) {
    all.push_back(judge(traits, category, images, of));
    chances.push_back(all.back().chance);
    chances_of_content.push_back(all.back().chance_of_content);
  }
  const std::vector<bool> held = hold_together(chances), content_held = hold_together(chances_of_content);
  const double limit = evidence.settings.file_label_auc;
  const double firm = (1 + limit) / 2;  // for what the picture moves, too: trousers are photographed upright
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Told& told = all[k];
    const std::string who = quoted(d[told.category].name) + " (" + grouped(told.positive) + " of " +
                            counted(told.positive + told.negative, "image", "images") + ")";
    if (held[k] && told.area > limit)
      report.scored(told.area, told.category,
                    who + " is told from the others without a look at the picture: AUC " + measure(told.area) +
                        " by facts of the file, " + measure(told.best) + " by " + std::string(told.by) + " alone",
                    "store all classes in one way: a model learns the shortcut");
    else if (content_held[k] && told.content > firm)
      report.with(Severity::note, EvidenceClass::hint, told.category,
                  who + " is told from the others by " + std::string(told.by_content) + " alone: AUC " +
                      measure(told.content) + "; what the pictures show changes that, too",
                  "look whether its images are stored otherwise");
  }
}

}  // namespace

extern const Rule label_told_by_file{.code = "LEA315",
                                     .name = "label-told-by-file",
                                     .title = "the class of an image can be read from facts of its file",
                                     .severity = Severity::warning,
                                     .evidence = EvidenceClass::calibrated,
                                     .needs = Needs::headers,
                                     .check = check_label_told_by_file,
                                     .not_run = not_run_label_told_by_file};

}  // namespace vetset
