// Classes that probabilities speak against: one class an image or an object (LBL120, LBL122), or several tags (LBL123).
#include <algorithm>
#include <cmath>
#include <map>

#include "vetset/base/statistics.h"
#include "vetset/check/confident.h"
#include "vetset/check/suspects.h"

namespace vetset {
namespace {

constexpr double least_score = 0.5;  // below it the given class is the more probable one

/// What is judged: a label with its row, and where it stands.
struct Item {
  ImageIndex image{};
  AnnotationIndex annotation = none<AnnotationIndex>;
  std::uint32_t column = 0, row = 0;
};

bool is_region(const Annotation& a) {
  return a.flags.is(Flag::crowd) || a.flags.is(Flag::group_of) || a.flags.is(Flag::ignore) ||
         a.flags.is(Flag::negative);
}

std::vector<Item> items_of_annotations(const Dataset& d, const Probabilities& p) {
  std::vector<Item> items;
  for (std::size_t n = 0; n < d.annotations.size(); ++n) {
    const Annotation& a = d.annotations[n];
    if (p.row_of[n] == Probabilities::no_row || a.category == none<CategoryIndex> || is_region(a)) continue;
    items.push_back({a.image, to_index<AnnotationIndex>(n), p.column_of[to_size(a.category)], p.row_of[n]});
  }
  return items;
}

std::vector<Item> items_of_images(const Dataset& d, const Probabilities& p) {
  const ImageClasses classes = image_classes(d);
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::vector<Item> items;
  for (std::size_t n = 0; n < d.images.size(); ++n) {
    if (p.row_of[n] == Probabilities::no_row || classes.of(n).size() != 1) continue;
    const auto of_image = annotations.of(to_index<ImageIndex>(n));
    items.push_back({to_index<ImageIndex>(n), of_image.size() == 1 ? of_image.front() : none<AnnotationIndex>,
                     p.column_of[to_size(classes.of(n).front())], p.row_of[n]});
  }
  return items;
}

/// Which group each image is of: those that links tie are one.
std::vector<std::uint32_t> groups_of(const SuspectSources& sources) {
  const std::size_t count = sources.dataset.images.size();
  if (sources.links != nullptr) return components(*sources.links, count).of;
  std::vector<std::uint32_t> of(count);
  for (std::size_t i = 0; i < count; ++i) of[i] = static_cast<std::uint32_t>(i);
  return of;
}

/// What other pictures of the same thing and neighbours in an embedding are labelled, as a vote: each image's label, by
/// column; where items are images.
class Votes {
 public:
  Votes(const SuspectSources& sources, std::span<const Item> items) : sources_(sources) {
    if (sources.probabilities->of != ProbabilitiesOf::images) return;
    label_.assign(sources.dataset.images.size(), Probabilities::no_row);
    for (const Item& item : items) label_[to_size(item.image)] = item.column;
    if (sources.links == nullptr) return;
    for (const Link& link : sources.links->links) {
      if (link.cut || !has(copies, link.kind)) continue;
      tied_[to_size(link.first)].push_back(link.second);
      tied_[to_size(link.second)].push_back(link.first);
    }
  }

  /// The score with what they say: odds times (votes for the other + 1) / (votes for the given + 1).
  double weighed(const Item& item, std::uint32_t proposed, double score) const {
    if (label_.empty()) return score;
    double given = 1, other = 1;
    const auto hear = [&](std::uint32_t column, double weight) {
      if (column == item.column) given += weight;
      if (column == proposed) other += weight;
    };
    if (const auto tied = tied_.find(to_size(item.image)); tied != tied_.end())
      for (const ImageIndex i : tied->second) hear(label_[to_size(i)], copy_weight);
    if (sources_.neighbours != nullptr)
      for (std::size_t k = 0; k < sources_.neighbours->count; ++k)
        if (const std::uint32_t i = sources_.neighbours->of[to_size(item.image) * sources_.neighbours->count + k];
            i != NearestRows::none)
          hear(label_[i], 1);
    if (given == other || score >= 1) return score;
    const double odds = score / (1 - score) * other / given;
    return odds / (1 + odds);
  }

 private:
  static constexpr double copy_weight = 10;  // one picture of the same says as much as ten that resemble it
  static constexpr LinkKinds copies =
      LinkKind::bytes | LinkKind::pixels | LinkKind::coefficients | LinkKind::near | LinkKind::flipped;

  const SuspectSources& sources_;
  std::vector<std::uint32_t> label_;
  std::map<std::size_t, std::vector<ImageIndex>> tied_;
};

/// Counts of one class by group, and what an interval of a share of it needs.
struct ClassGroups {
  std::map<std::uint32_t, double> labels;  // by group
  double squares = 0;
};

/// The interval of the share `hits / n` where labels of one group are not independent: that of as many independent ones
/// as would be as uncertain.
Interval grouped_interval(const std::map<std::uint32_t, double>& hits, const ClassGroups& of, double n) {
  double all = 0;
  for (const auto& [group, count] : hits) all += count;
  const double share = all / n;
  double variance = share * share * of.squares;
  for (const auto& [group, count] : hits) {
    const double labels = of.labels.at(group), off = count - share * labels;
    variance += off * off - share * labels * share * labels;
  }
  const double simple = n * share * (1 - share);
  const double effect = simple > 0 ? std::max(1.0, variance / simple) : 1;
  return wilson_interval(all / effect, n / effect);
}

void list_pairs(const SuspectSources& sources, std::span<const Item> items, const ConfidentLearning& learnt,
                std::span<const std::uint32_t> meant, Suspects& made) {
  const Probabilities& p = *sources.probabilities;
  const std::vector<std::uint32_t> group = groups_of(sources);
  std::map<std::uint32_t, ClassGroups> classes;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::map<std::uint32_t, double>> hits;
  for (std::size_t k = 0; k < items.size(); ++k)
    if (meant[k] != ConfidentInput::unlabelled && meant[k] != items[k].column)
      hits[{items[k].column, meant[k]}][group[to_size(items[k].image)]] += 1;
  for (const auto& [pair, of_pair] : hits) classes[pair.first];
  for (std::size_t k = 0; k < items.size(); ++k)
    if (const auto found = classes.find(items[k].column);
        found != classes.end() && meant[k] != ConfidentInput::unlabelled)
      found->second.labels[group[to_size(items[k].image)]] += 1;
  for (auto& [column, of] : classes)
    for (const auto& [in, count] : of.labels) of.squares += count * count;
  for (const auto& [pair, of_pair] : hits) {
    double n = 0;
    for (const auto& [in, count] : classes[pair.first].labels) n += count;
    const Interval range = grouped_interval(of_pair, classes[pair.first], n);
    made.pairs.push_back({.given = p.category_of[pair.first],
                          .meant = p.category_of[pair.second],
                          .labels = learnt.labels[pair.first],
                          .estimate = learnt.joint[pair.first * learnt.width + pair.second],
                          .low = range.low,
                          .high = range.high});
  }
  std::stable_sort(made.pairs.begin(), made.pairs.end(), [](const auto& a, const auto& b) {
    return a.estimate * static_cast<double>(b.labels) > b.estimate * static_cast<double>(a.labels);
  });
}

void doubt_one_class(const SuspectSources& sources, Suspects& made, const Pool& pool) {
  const Probabilities& p = *sources.probabilities;
  const std::vector<Item> items =
      p.of == ProbabilitiesOf::images ? items_of_images(sources.dataset, p) : items_of_annotations(sources.dataset, p);
  std::vector<std::uint32_t> label, row;
  for (const Item& item : items) label.push_back(item.column), row.push_back(item.row);
  const ConfidentLearning learnt =
      learn_confidently({.values = p.values, .width = p.width, .label = label, .row = row}, pool);
  made.looked_at += items.size();
  const Votes votes(sources, items);
  for (std::size_t k = 0; k < items.size(); ++k) {
    const LabelDoubt& doubt = learnt.doubts[k];
    const double score = votes.weighed(items[k], doubt.proposed, doubt.score);
    if (score < least_score || p.width < 2) continue;
    made.rows.push_back({.code = "LBL120",
                         .image = items[k].image,
                         .annotation = items[k].annotation,
                         .score = score,
                         .proposed = p.category_of[doubt.proposed],
                         .confidence = double{doubt.other},
                         .given = p.category_of[items[k].column],
                         .flagged = doubt.flagged,
                         .row = items[k].row});
  }
  list_pairs(sources, items, learnt, learnt.meant, made);
}

/// Images whose tags were looked at: those with any, and those that are said to have none.
bool is_tagged(const Dataset& d, const ImageClasses& classes, std::size_t image) {
  return !classes.of(image).empty() || d.images[image].state == ImageState::labelled_empty ||
         d.images[image].state == ImageState::labelled;
}

/// The annotation that gives an image its tag, where it is one alone.
AnnotationIndex annotation_of(const Dataset& d, std::span<const AnnotationIndex> annotations, CategoryIndex tag) {
  AnnotationIndex found = none<AnnotationIndex>;
  for (const AnnotationIndex a : annotations) {
    if (d[a].category != tag) continue;
    if (found != none<AnnotationIndex>) return none<AnnotationIndex>;
    found = a;
  }
  return found;
}

void doubt_tags(const SuspectSources& sources, Suspects& made, const Pool& pool) {
  const Dataset& d = sources.dataset;
  const Probabilities& p = *sources.probabilities;
  const ImageClasses classes = image_classes(d);
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  std::vector<std::uint32_t> images;
  for (std::size_t i = 0; i < d.images.size(); ++i)
    if (p.row_of[i] != Probabilities::no_row && is_tagged(d, classes, i))
      images.push_back(static_cast<std::uint32_t>(i));
  made.looked_at += images.size() * p.width;
  std::vector<std::vector<Suspect>> found(p.width);
  pool.for_each(p.width, [&](std::size_t column) {
    const CategoryIndex tag = p.category_of[column];
    std::vector<float> probability;
    std::vector<bool> given;
    for (const std::uint32_t i : images) {
      const auto of = classes.of(i);
      probability.push_back(p.row(p.row_of[i])[column]);
      given.push_back(std::binary_search(of.begin(), of.end(), tag));
    }
    const TagDoubts doubts = doubt_tag(probability, given);
    for (std::size_t k = 0; k < images.size(); ++k) {
      const LabelDoubt& doubt = doubts.doubts[k];
      if (doubt.score < least_score) continue;
      const auto image = to_index<ImageIndex>(images[k]);
      found[column].push_back(
          {.code = "LBL123",
           .image = image,
           .annotation = given[k] ? annotation_of(d, annotations.of(image), tag) : none<AnnotationIndex>,
           .score = doubt.score,
           .proposed = given[k] ? none<CategoryIndex> : tag,
           .confidence = double{doubt.other},
           .given = given[k] ? tag : none<CategoryIndex>,
           .flagged = doubt.flagged,
           .row = p.row_of[images[k]]});
    }
  });
  for (std::vector<Suspect>& of : found) made.rows.insert(made.rows.end(), of.begin(), of.end());
}

}  // namespace

void doubt_classes(const SuspectSources& sources, Suspects& made, const Pool& pool) {
  if (sources.probabilities->several) return doubt_tags(sources, made, pool);
  doubt_one_class(sources, made, pool);
}

}  // namespace vetset
