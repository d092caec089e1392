// A repair of copies of one picture that are labelled in several ways: what more than half of them say holds for all.
#include <algorithm>
#include <optional>
#include <vector>

#include "vetset/check/agreement.h"
#include "vetset/check/repair.h"
#include "vetset/check/words.h"
#include "vetset/dataset/overlap.h"
#include "vetset/dataset/repeated.h"

namespace vetset {
namespace {

using Labels = std::span<const AnnotationIndex>;

bool agree(const Dataset& d, Labels a, Labels b) {
  if (classes_of(d, a) != classes_of(d, b)) return false;
  const BoxAgreement boxes = compare_boxes(d, a, b);
  return boxes.whole && boxes.first == boxes.second && boxes.matched == boxes.first;
}

/// The copy whose labels more than half of all have; none where no labels are those of most.
std::optional<std::size_t> of_most(const Dataset& d, const std::vector<Labels>& labels) {
  for (std::size_t k = 0; k < labels.size(); ++k) {
    const auto same = static_cast<std::size_t>(
        std::count_if(labels.begin(), labels.end(), [&](const Labels& other) { return agree(d, labels[k], other); }));
    if (same * 2 > labels.size()) return k;
  }
  return {};
}

/// How well one object stands for another: 1 for classes of the whole image.
double overlap_of(const Dataset& d, AnnotationIndex a, AnnotationIndex b) {
  const std::optional<Box> one = box_of(d, d[a]), other = box_of(d, d[b]);
  if (!one || !other) return one.has_value() == other.has_value() ? 1 : 0;
  return iou(*one, *other);
}

/// Objects that `right` has, too, stay as they are; those in its place get its class; all others go, and what is
/// missing is drawn.
void take_labels(const Dataset& d, Labels right, Labels wrong, ImageIndex image, const std::string& why,
                 Workbench& bench) {
  constexpr double same_place = 0.5;
  std::vector<bool> taken(wrong.size(), false);
  std::vector<AnnotationIndex> missing;
  const auto take = [&](AnnotationIndex r, bool any_class) {
    std::size_t best = wrong.size();
    double most = 0;
    for (std::size_t k = 0; k < wrong.size(); ++k) {
      if (taken[k] || (!any_class && d[wrong[k]].category != d[r].category)) continue;
      const double overlap = overlap_of(d, r, wrong[k]);
      if (overlap >= same_place && overlap > most) best = k, most = overlap;
    }
    if (best < wrong.size()) taken[best] = true;
    return best;
  };
  for (const AnnotationIndex r : right)
    if (take(r, false) == wrong.size()) missing.push_back(r);
  for (const AnnotationIndex r : missing) {
    const std::size_t k = take(r, true);
    if (k < wrong.size())
      bench.set_category(wrong[k], d[r].category,
                         (d[wrong[k]].category == none<CategoryIndex> ? std::string("no class")
                                                                      : quoted(d[d[wrong[k]].category].name)) +
                             " became " + quoted(d[d[r].category].name) + why);
    else
      bench.add(r, image, std::nullopt, "drawn" + why);
  }
  for (std::size_t k = 0; k < wrong.size(); ++k)
    if (!taken[k]) bench.drop(wrong[k], "dropped" + why);
}

void follow_most_copies(const Evidence& evidence, std::span<const Finding> findings, Workbench& bench) {
  if (findings.empty()) return;
  const Dataset& d = evidence.dataset;
  const Dataset::ImageAnnotations annotations = d.image_annotations();
  for (const std::vector<ImageIndex>& images : equal_images(evidence.facts, evidence.pixels)) {
    if (images.size() < 3) continue;
    std::vector<Labels> labels;
    for (const ImageIndex i : images) labels.push_back(annotations.of(i));
    const bool plain = std::all_of(images.begin(), images.end(), [&](ImageIndex i) {
      const bool placed = std::none_of(annotations.of(i).begin(), annotations.of(i).end(), [&](AnnotationIndex a) {
        return d[a].box_origin == Origin::unplaced || d[a].category == none<CategoryIndex> || bench.is_dropped(a);
      });
      return placed && !bench.is_dropped(i) && d[i].width == d[images[0]].width && d[i].height == d[images[0]].height;
    });
    const auto right = plain ? of_most(d, labels) : std::nullopt;
    if (!right) continue;
    for (std::size_t k = 0; k < images.size(); ++k)
      if (!agree(d, labels[*right], labels[k]))
        take_labels(d, labels[*right], labels[k], images[k],
                    ", as most of " + grouped(images.size()) + " copies of this picture are labelled", bench);
  }
}

}  // namespace

extern const Repair labels_of_most_copies{"LBL101", "labels-of-most-copies",
                                          "label copies of a picture as most of three or more are", false,
                                          follow_most_copies};

}  // namespace vetset
